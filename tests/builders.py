"""Hand-made facts of AWS accounts: each method says one thing, and that the call which tells it was read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from graph.model import (
    GLOBAL_REGION,
    Attachment,
    Batch,
    Coverage,
    CoverageKey,
    Document,
    Edge,
    Facts,
    Node,
    NodeId,
    Outcome,
    Role,
)

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
A, B, C = "111111111111", "222222222222", "333333333333"
ORGANIZATION = "o-acme"
MANAGEMENT = "999999999999"
REGION = "eu-west-1"
DETAILS = "iam.get_account_authorization_details"


def allow(action: Any, resource: Any = "*", *, sid: str = "", **more: Any) -> dict[str, Any]:
    """An Allow statement of an identity policy."""
    head = {"Sid": sid} if sid else {}
    return {**head, "Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", *, sid: str = "", **more: Any) -> dict[str, Any]:
    """A Deny statement."""
    return allow(action, resource, sid=sid, **more) | {"Effect": "Deny"}


def to(principal: Any, statement: dict[str, Any]) -> dict[str, Any]:
    """The statement for these principals: `"*"`, ARNs or accounts, or a map of types."""
    named = principal if principal == "*" or isinstance(principal, dict) else {"AWS": principal}
    return {**statement, "Principal": named}


def trusts(*principals: str, sid: str = "Trust", **more: Any) -> dict[str, Any]:
    """A trust statement for ARNs, accounts or services (`x.amazonaws.com`)."""
    services = [name for name in principals if name.endswith(".amazonaws.com")]
    others = [name for name in principals if not name.endswith(".amazonaws.com")]
    named = {
        **({"AWS": others} if others else {}),
        **({"Service": services} if services else {}),
    }
    return {"Sid": sid, "Effect": "Allow", "Principal": named, "Action": "sts:AssumeRole", **more}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def root(account: str) -> str:
    """The ARN by which a policy names the whole account."""
    return f"arn:aws:iam::{account}:root"


class Land:
    """Facts in the making. Methods return the id of what they add."""

    def __init__(self, *accounts: str) -> None:
        self.nodes: dict[NodeId, Node] = {}
        self.edges: dict[str, Edge] = {}
        self.attachments: dict[str, Attachment] = {}
        self.documents: dict[str, Document] = {}
        self.coverage: dict[CoverageKey, Coverage] = {}
        for account in accounts or (A,):
            self.account(account)

    # Rows.

    def key(self, account: str, call: str, region: str = GLOBAL_REGION) -> CoverageKey:
        return CoverageKey("aws", account, region, call)

    def cover(
        self, key: CoverageKey, outcome: Outcome = Outcome.OK, *, last_ok: datetime | None = NOW
    ) -> CoverageKey:
        read = last_ok if outcome is not Outcome.OK else NOW
        self.coverage[key] = Coverage(key, outcome, last_ok=read)
        return key

    def unread(self, account: str, call: str, region: str = GLOBAL_REGION) -> None:
        """The call was refused, in this run and in every other."""
        self.cover(self.key(account, call, region), Outcome.DENIED, last_ok=None)

    def node(
        self, name: str, of_kind: str, /, key: CoverageKey | None = None, **props: Any
    ) -> NodeId:
        keys = frozenset({self.cover(key)} if key else ())
        made = Node(NodeId(name), of_kind, props, asserted_by=keys)
        self.nodes[made.id] = made
        return made.id

    def edge(
        self, kind: str, source: str, target: str, key: CoverageKey | None = None, **more: Any
    ) -> Edge:
        keys = frozenset({self.cover(key)} if key else ())
        made = Edge(kind, NodeId(source), NodeId(target), asserted_by=keys, **more)
        self.edges[made.id] = made
        return made

    def attachment(
        self,
        holder: str,
        role: Role,
        content: dict[str, Any] | str | None,
        *,
        key: CoverageKey,
        **more: Any,
    ) -> Attachment:
        made = None if content is None else Document.of(content)
        if made is not None:
            self.documents[made.hash] = made
        row = Attachment(
            NodeId(holder),
            role,
            document=made.hash if made else None,
            asserted_by=frozenset({self.cover(key)}),
            **more,
        )
        self.attachments[row.id] = row
        return row

    # Accounts and control policies.

    def account(self, account: str, **props: Any) -> NodeId:
        """An account outside any organisation, its block of public access off."""
        key = self.key(account, "s3control.get_public_access_block")
        given = {"name": account, "platform": "aws", "account": account}
        settings: Mapping[str, str] = {"block_public": ""}
        return self.node(
            f"aws:account/{account}", "Account", key, **{**given, "settings": settings, **props}
        )

    def organization(self, *accounts: str) -> None:
        """The accounts below the root of one organisation, whose control policies were listed: none so far."""
        tree = self.key(MANAGEMENT, "organizations.list_accounts_for_parent/r-1")
        top = self.node(f"aws:organization/{ORGANIZATION}", "Organization", tree, platform="aws")
        unit = self.node("aws:ou/r-1", "Folder", tree, platform="aws", name="Root")
        self.edge("CONTAINS", top, unit, tree)
        for account in accounts:
            self.edge("CONTAINS", unit, f"aws:account/{account}", tree)
        for word in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
            self.cover(self.key(MANAGEMENT, f"organizations.list_policies/{word}"))
        self.control("p-FullAWSAccess", "aws:ou/r-1", allow("*"))
        for account in accounts:
            self.control("p-FullAWSAccess", f"aws:account/{account}", allow("*"))

    def control(
        self, name: str, scope: str, *statements: dict[str, Any], role: Role = Role.SCP
    ) -> str:
        """A control policy attached to a root or an account."""
        arn = f"arn:aws:organizations::{MANAGEMENT}:policy/{ORGANIZATION}/{role.value}/{name}"
        read = self.key(MANAGEMENT, f"organizations.describe_policy/{name}")
        targets = self.key(MANAGEMENT, f"organizations.list_targets_for_policy/{name}")
        self.attachment(arn, Role.VERSION, policy(*statements), key=read, name="current")
        self.attachment(scope, role, None, key=targets, policy=arn)
        return arn

    # Identities.

    def user(
        self, name: str, *statements: dict[str, Any], account: str = A, **props: Any
    ) -> NodeId:
        """A user, with these statements as its inline policy `own`."""
        arn = f"arn:aws:iam::{account}:user/{name}"
        return self._identity(arn, "User", name, account, statements, props)

    def role(
        self,
        name: str,
        *statements: dict[str, Any],
        trust: Iterable[dict[str, Any]] = (),
        account: str = A,
        path: str = "",
        **props: Any,
    ) -> NodeId:
        """A role with these trust statements, and `statements` as its inline policy `own`."""
        arn = f"arn:aws:iam::{account}:role/{path}{name}"
        made = self._identity(arn, "Role", name, account, statements, props)
        self.trust(arn, *trust)
        return made

    def trust(self, role: str, *statements: dict[str, Any]) -> None:
        """The role's trust policy, in place of any before."""
        for row in [row for row in self.attachments.values() if row.role is Role.TRUST]:
            if row.holder == role:
                del self.attachments[row.id]
        key = self.key(role.split(":")[4], DETAILS)
        self.attachment(role, Role.TRUST, policy(*statements), key=key)

    def group(self, name: str, *statements: dict[str, Any], account: str = A) -> NodeId:
        """A group, with these statements as its inline policy `own`."""
        arn = f"arn:aws:iam::{account}:group/{name}"
        return self._identity(arn, "Group", name, account, statements, {})

    def _identity(  # noqa: PLR0917  # one call inside the class
        self,
        arn: str,
        kind: str,
        name: str,
        account: str,
        statements: tuple[dict[str, Any], ...],
        props: dict[str, Any],
    ) -> NodeId:
        given = {"name": name, "platform": "aws", "account": account, "region": GLOBAL_REGION}
        if kind != "Group":
            given["tags"] = {}
        made = self.node(arn, kind, self.key(account, DETAILS), **{**given, **props})
        if statements:
            self.inline(arn, "own", *statements)
        return made

    def inline(self, holder: str, name: str, *statements: dict[str, Any]) -> None:
        """An inline policy of the identity or group."""
        key = self.key(holder.split(":")[4], DETAILS)
        self.attachment(holder, Role.IDENTITY, policy(*statements), key=key, name=name)

    def managed(
        self, name: str, *statements: dict[str, Any], account: str = A, vendor: bool = False
    ) -> str:
        """A managed policy with one version; not attached to anything yet."""
        owner = "aws" if vendor else account
        arn = f"arn:aws:iam::{owner}:policy/{name}"
        key = self.key(account, DETAILS)
        self.attachment(arn, Role.VERSION, policy(*statements), key=key, name="v1", vendor=vendor)
        return arn

    def version(self, policy_arn: str, name: str, *statements: dict[str, Any]) -> None:
        """A further version of a managed policy, not in force."""
        key = self.key(policy_arn.split(":")[4], DETAILS)
        text = policy(*statements)
        self.attachment(policy_arn, Role.VERSION, text, key=key, name=name, in_force=False)

    def attach(self, holder: str, *policies: str) -> None:
        """The managed policies attached to the identity or group."""
        key = self.key(holder.split(":")[4], DETAILS)
        for arn in policies:
            vendor = "::aws:policy/" in arn
            self.attachment(holder, Role.IDENTITY, None, key=key, policy=arn, vendor=vendor)

    def boundary(self, holder: str, arn: str) -> None:
        """The managed policy as the identity's permissions boundary, in place of any before."""
        for row in [row for row in self.attachments.values() if row.role is Role.BOUNDARY]:
            if row.holder == holder:
                del self.attachments[row.id]
        key = self.key(holder.split(":")[4], DETAILS)
        self.attachment(holder, Role.BOUNDARY, None, key=key, policy=arn)

    def member(self, identity: str, *groups: str) -> None:
        """The identity in the groups."""
        for group in groups:
            self.edge("MEMBER_OF", identity, group, self.key(identity.split(":")[4], DETAILS))

    # Data and keys.

    def bucket(
        self,
        name: str,
        *statements: dict[str, Any],
        account: str = A,
        encrypted_by: str | None = None,
        **props: Any,
    ) -> NodeId:
        """A bucket with these statements as its policy (none: known to have none), no block of public access."""
        arn = f"arn:aws:s3:::{name}"
        given = {
            "name": name,
            "flavour": "bucket",
            "platform": "aws",
            "account": account,
            "region": REGION,
            "block_public": (),
            "tags": {},
        }
        made = self.node(arn, "Dataset", self.key(account, "s3.list_buckets"), **{**given, **props})
        self.edge("CONTAINS", f"aws:account/{account}", arn, self.key(account, "s3.list_buckets"))
        self._resource(arn, account, f"s3.get_bucket_policy/{name}", GLOBAL_REGION, statements)
        encryption = self.cover(self.key(account, f"s3.get_bucket_encryption/{name}"))
        if encrypted_by:
            self.edge("ENCRYPTED_BY", arn, encrypted_by, encryption)
        return made

    def prefix(self, bucket: str, path: str) -> NodeId:
        """A named prefix (ending in `/`) of the bucket, under the bucket's key."""
        arn = f"{bucket}/{path}"
        holder = self.nodes[NodeId(bucket)]
        inside = ("platform", "account", "region")
        given = {name: holder.props[name] for name in inside}
        (key,) = holder.asserted_by
        made = self.node(arn, "Dataset", key, **given, name=path, flavour="prefix")
        self.edge("PART_OF", arn, bucket, key)
        for edge in list(self.edges.values()):
            if edge.kind == "ENCRYPTED_BY" and edge.source == bucket:
                self.edge("ENCRYPTED_BY", arn, edge.target, key)
        return made

    def kms_key(
        self, name: str, *statements: dict[str, Any], account: str = A, **props: Any
    ) -> NodeId:
        """An enabled customer key; without statements its policy leaves all to the account's own policies."""
        arn = f"arn:aws:kms:{REGION}:{account}:key/{name}"
        given = {"name": name, "platform": "aws", "account": account, "region": REGION}
        key = self.key(account, "kms.list_keys", REGION)
        made = self.node(arn, "Key", key, **{**given, "state": "Enabled", "tags": {}, **props})
        said = statements or (to(root(account), allow("kms:*", sid="Account")),)
        self._resource(arn, account, f"kms.get_key_policy/{name}", REGION, said)
        return made

    def access_point(
        self,
        name: str,
        bucket: str,
        *statements: dict[str, Any],
        account: str = A,
        block_public: tuple[str, ...] = (),
        **settings: str,
    ) -> NodeId:
        """An access point of the bucket with this name, open to the internet unless the settings say otherwise."""
        arn = f"arn:aws:s3:{REGION}:{account}:accesspoint/{name}"
        given = {"bucket": bucket, "bucket_account": account, "network_origin": "Internet"}
        made = self.node(
            arn,
            "Dataset",
            self.key(account, "s3control.list_access_points", REGION),
            name=name,
            flavour="access point",
            platform="aws",
            account=account,
            region=REGION,
            block_public=block_public,
            settings={**given, **settings},
        )
        call = f"s3control.get_access_point_policy/{name}"
        self._resource(arn, account, call, REGION, statements)
        return made

    def key_grant(
        self, key: str, grantee: str, *operations: str, name: str = "g-1", **constraints: Any
    ) -> None:
        """A grant of the key, as its listing tells it; without operations one of decrypting."""
        account = key.split(":")[4]
        told = {
            "GrantId": name,
            "GranteePrincipal": grantee,
            "Operations": list(operations or ("Decrypt",)),
            "Constraints": constraints,
            "RetiringPrincipal": "",
            "IssuingAccount": root(account),
        }
        call = self.key(account, f"kms.list_grants/{key.rpartition('/')[2]}", REGION)
        self.attachment(key, Role.GRANT, told, key=call, name=name)

    def _resource(  # one call inside the class
        self,
        arn: str,
        account: str,
        call: str,
        region: str,
        statements: tuple[dict[str, Any], ...],
    ) -> None:
        key = self.cover(self.key(account, call, region))
        if statements:
            self.attachment(arn, Role.RESOURCE, policy(*statements), key=key)

    def policy_unread(self, resource: str) -> None:
        """The policy of the bucket, key or function was refused, now and ever."""
        for row in [r for r in self.attachments.values() if r.holder == resource]:
            del self.attachments[row.id]
        name = resource.rpartition("/")[2] if ":key/" in resource else resource.rpartition(":")[2]
        for key in list(self.coverage):
            if "policy/" in key.call and key.call.partition("/")[2] == name:
                self.cover(key, Outcome.DENIED, last_ok=None)

    # Workloads and artefacts.

    def workload(
        self, kind: str, arn: str, call: str, *, runs_as: str | None = None, **props: Any
    ) -> NodeId:
        """A workload of any kind, by its ARN, and the role it runs as."""
        account = arn.split(":")[4]
        key = self.key(account, call, REGION)
        given = {"platform": "aws", "account": account, "region": REGION, "tags": {}}
        name = arn.rpartition("/")[2] if "/" in arn else arn.rpartition(":")[2]
        made = self.node(arn, kind, key, **{**given, "name": name, **props})
        if runs_as:
            self.edge("RUNS_AS", arn, runs_as, key)
        return made

    def notebook(
        self, name: str, runs_as: str, *, account: str = A, state: str = "InService", **props: Any
    ) -> NodeId:
        arn = f"arn:aws:sagemaker:{REGION}:{account}:notebook-instance/{name}"
        call = "sagemaker.list_notebook_instances"
        return self.workload("Notebook", arn, call, runs_as=runs_as, state=state, **props)

    def function(
        self, name: str, runs_as: str, *statements: dict[str, Any], account: str = A, **props: Any
    ) -> NodeId:
        arn = f"arn:aws:lambda:{REGION}:{account}:function:{name}"
        call = "lambda.list_functions"
        made = self.workload("Function", arn, call, runs_as=runs_as, state="Active", **props)
        self._resource(arn, account, f"lambda.get_policy/{name}", REGION, statements)
        return made

    def job(self, name: str, runs_as: str, *, account: str = A, reruns: bool = False) -> NodeId:
        arn = f"arn:aws:sagemaker:{REGION}:{account}:training-job/{name}"
        call = "sagemaker.list_training_jobs"
        return self.workload("Job", arn, call, runs_as=runs_as, state="Completed", reruns=reruns)

    def endpoint(
        self, name: str, runs_as: str | None = None, *, account: str = A, **props: Any
    ) -> NodeId:
        arn = f"arn:aws:sagemaker:{REGION}:{account}:endpoint/{name}"
        call = "sagemaker.list_endpoints"
        return self.workload("Endpoint", arn, call, runs_as=runs_as, state="InService", **props)

    def model(self, name: str, stored_in: str | None = None, *, account: str = A) -> NodeId:
        """A model version, its content in the dataset."""
        arn = f"arn:aws:sagemaker:{REGION}:{account}:model/{name}"
        made = self.workload("ModelVersion", arn, "sagemaker.list_models")
        if stored_in:
            self.edge(
                "STORED_IN", arn, stored_in, self.key(account, "sagemaker.list_models", REGION)
            )
        return made

    # What others read.

    def facts(self) -> Facts:
        """Everything so far, as `resolve` reads it."""
        return Facts(
            tuple(self.nodes.values()),
            tuple(self.edges.values()),
            tuple(self.attachments.values()),
            tuple(self.documents.values()),
            tuple(self.coverage.values()),
        )

    def batch(self) -> Batch:
        """Everything so far, as a run of a store takes it."""
        facts = self.facts()
        return Batch(facts.nodes, facts.edges, facts.attachments, facts.documents)


def statement_of(facts: Facts, document: str, position: int) -> dict[str, Any]:
    """The statement at this place of the document with this hash."""
    text = next(row.text for row in facts.documents if row.hash == document)
    found = json.loads(text)["Statement"]
    return dict(found[position] if isinstance(found, list) else found)
