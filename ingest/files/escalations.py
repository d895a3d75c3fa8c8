"""One row of an escalation corpus as the facts that reading its accounts would have given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from graph.merge import united
from graph.model import (
    GLOBAL_REGION,
    Attachment,
    Coverage,
    CoverageKey,
    Document,
    Edge,
    Facts,
    Node,
    NodeId,
    Outcome,
    PropValue,
    Role,
)
from ingest.aws.asset import account_stub
from ingest.aws.iam import shape_details
from ingest.files.authorization_details import OPERATION
from ingest.files.terraform import Workload, workloads
from ingest.source import Answer, Link, Mention, stamped

_BUCKET = "arn:aws:s3:::"


def facts_of(row: Mapping[str, Any]) -> Facts:
    """The facts of the row's accounts; `ValueError`, `KeyError` or `TypeError` where it is no such row."""
    made = _Facts()
    profiles: dict[str, NodeId] = {}
    for account, details in sorted(row["gaad"].items()):
        profiles |= made.account(account, details)
    for user, held in (row.get("credentials") or {}).items():
        made.credentials(user, held)
    policies = row.get("resource_policies") or {}
    resources = list(row.get("resources") or ())
    for bucket, account in _buckets(row, resources, policies):
        made.bucket(bucket, account, policies.get(bucket))
    for workload in workloads(resources, profiles, _named(made.documents.values())):
        made.workload(workload)
    return made.facts()


def _buckets(
    row: Mapping[str, Any], resources: Iterable[Mapping[str, Any]], policies: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Every bucket that the row speaks of, with its account: the only one of the row where nothing says it."""
    found = {
        one["arn"]: str(one.get("account") or "")
        for one in resources
        if one.get("type") == "aws_s3_bucket"
    }
    only = next(iter(row["gaad"])) if len(row["gaad"]) == 1 else ""
    target = row.get("target") or {}
    named = [target["arn"]] if target.get("kind") == "data" and target.get("arn") else []
    for arn in (*policies, *named):
        bucket = str(arn).partition("/")[0]
        if bucket.startswith(_BUCKET):
            found.setdefault(bucket, only)
    yield from sorted(found.items())


def _named(documents: Iterable[Document]) -> tuple[str, ...]:
    """The texts of all policies: what they call a resource is its name where the row's own is made up."""
    return tuple(document.text for document in documents)


class _Facts:
    """Facts in the making."""

    def __init__(self) -> None:
        self.nodes: dict[NodeId, Node] = {}
        self.edges: dict[str, Edge] = {}
        self.attachments: dict[str, Attachment] = {}
        self.documents: dict[str, Document] = {}
        self.coverage: dict[CoverageKey, Coverage] = {}

    def facts(self) -> Facts:
        """All of it; an edge to something that no answer lists is left out."""
        edges = (e for e in self.edges.values() if {e.source, e.target} <= self.nodes.keys())
        return Facts(
            tuple(self.nodes.values()),
            tuple(edges),
            tuple(self.attachments.values()),
            tuple(self.documents.values()),
            tuple(self.coverage.values()),
        )

    def read(self, account: str, call: str, region: str = GLOBAL_REGION) -> frozenset[CoverageKey]:
        """The call, as one that was answered."""
        key = CoverageKey("aws", account, region, call)
        self.coverage[key] = Coverage(key, Outcome.OK)
        return frozenset({key})

    def account(self, account: str, details: Mapping[str, Any]) -> dict[str, NodeId]:
        """The identities of the account; the roles of its instance profiles by ARN and by name."""
        (key,) = self.read(account, OPERATION)
        profiles: dict[str, NodeId] = {}
        for shaped in shape_details(Answer(key, pages=(details,))):
            row = stamped(shaped, key)
            if isinstance(row, Mention) and row.link is Link.PROFILE:
                profiles[row.text] = profiles[row.text.rpartition("/")[2]] = row.subject
            elif isinstance(row, Node):
                self.node(row)
            elif isinstance(row, Edge):
                self.edges[row.id] = row
            elif isinstance(row, Attachment):
                self.attachments[row.id] = row
            elif isinstance(row, Document):
                self.documents[row.hash] = row
        return profiles

    def node(self, row: Node) -> None:
        """The node, with what was said of it before."""
        held = self.nodes.get(row.id)
        if held is not None:
            row = replace(
                row,
                props=united(held.props, row.props),
                asserted_by=held.asserted_by | row.asserted_by,
            )
        self.nodes[row.id] = row

    def credentials(self, user: str, held: Mapping[str, Any]) -> None:
        """How many keys the user has, and whether it may sign in to the console."""
        known = self.nodes.get(NodeId(user))
        if known is None:
            return
        keys, password = held.get("access_keys"), held.get("login_profile")
        account = str(known.props["account"])
        props: dict[str, PropValue] = {}
        if isinstance(keys, int):
            props["access_keys"] = keys
        if isinstance(password, bool):
            props["console_password"] = password
        call = f"iam.list_access_keys/{known.name}"
        self.node(Node(known.id, known.kind, props, asserted_by=self.read(account, call)))

    def bucket(self, arn: str, account: str, policy: object) -> None:
        """The bucket with its policy; the row says that there is no other, and nothing of a key."""
        name = arn.removeprefix(_BUCKET)
        listed = self.read(account, "s3.list_buckets")
        props: dict[str, PropValue] = {
            "name": name,
            "platform": "aws",
            "flavour": "bucket",
            "tags": {},
        }
        if account:
            props["account"] = account
            self.node(replace(account_stub(account), asserted_by=listed))
        self.node(Node(NodeId(arn), "Dataset", props, asserted_by=listed))
        self.read(account, f"s3.get_bucket_encryption/{name}")
        told = self.read(account, f"s3.get_bucket_policy/{name}")
        if policy is not None:
            self.attach(NodeId(arn), Document.of(policy), told)

    def attach(
        self, holder: NodeId, document: Document | None, told: frozenset[CoverageKey]
    ) -> None:
        """The resource's policy; without a document one that exists and was not read."""
        if document is not None:
            self.documents[document.hash] = document
        known = None if document is None else document.hash
        made = Attachment(holder, Role.RESOURCE, document=known, asserted_by=told)
        self.attachments[made.id] = made

    def workload(self, one: Workload) -> None:
        """The workload, and the roles that it runs as."""
        told = self.read(one.account, f"terraform.{one.type}")
        props: dict[str, PropValue] = {
            "name": one.name,
            "platform": "aws",
            "account": one.account,
            "flavour": one.flavour,
            "settings": dict(one.settings),
        }
        self.node(replace(account_stub(one.account), asserted_by=told))
        self.node(Node(NodeId(one.arn), one.kind, props, asserted_by=told))
        for role, doubt in one.roles:
            made = Edge("RUNS_AS", NodeId(one.arn), NodeId(role), asserted_by=told, **doubt)
            self.edges[made.id] = made
        if one.policy_exists:
            self.attach(NodeId(one.arn), None, told)
