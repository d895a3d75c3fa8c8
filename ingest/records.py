"""Systems of record, linked: what a file lists, found in the estate; what it lists and nobody found stands as a stub.

What lists it is a call like any other: a record that is read again takes back what it no longer lists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from graph.errors import SourceError, with_advice
from graph.model import Coverage, Edge, Facts, Node, NodeId, Outcome, PropValue, Row
from ingest.aws.asset import referenced
from ingest.aws.names import Arn
from ingest.estate import Estate
from ingest.files.record import PLATFORM
from ingest.source import Link, Mention, Oddity, Shaped

_KINDS = {
    ("sagemaker", "notebook-instance"): "Notebook", ("sagemaker", "space"): "Notebook",
    ("sagemaker", "user-profile"): "Notebook", ("sagemaker", "endpoint"): "Endpoint",
    ("sagemaker", "model"): "ModelVersion", ("sagemaker", "model-package"): "ModelVersion",
    ("sagemaker", "model-package-group"): "Model", ("sagemaker", "pipeline"): "Pipeline",
    ("sagemaker", "domain"): "Workspace", ("sagemaker", "feature-group"): "FeatureStore",
    ("sagemaker", "cluster"): "Cluster", ("bedrock", "agent"): "Agent",
    ("bedrock", "knowledge-base"): "KnowledgeBase", ("bedrock", "guardrail"): "Guardrail",
    ("bedrock", "custom-model"): "ModelVersion", ("s3", ""): "Dataset", ("lambda", "function"): "Function",
    ("iam", "role"): "Role", ("iam", "user"): "User", ("iam", "group"): "Group", ("kms", "key"): "Key",
    ("secretsmanager", "secret"): "Secret", ("ecr", "repository"): "Image", ("ec2", "instance"): "VirtualMachine",
    ("states", "stateMachine"): "Pipeline",
}  # fmt: skip
_SAID = ("address", "owner", "status", "approved_by", "expires")


def kind_of(arn: str) -> str | None:
    """The kind of node that an ARN names; None where the graph keeps none of it."""
    parsed = Arn.parse(arn)
    if parsed is None:
        return None
    form = "" if parsed.service == "s3" else parsed.resource.replace(":", "/").partition("/")[0]
    return _KINDS.get((parsed.service, form))


def refuse_older(rows: Iterable[Shaped], before: Facts) -> None:
    """`SourceError` where a record is older than what was read of it before, by its serial."""
    serials = {row.id: _serial(row) for row in rows if isinstance(row, Node)}
    for held in before.nodes:
        new, old = serials.get(held.id), _serial(held)
        if new is not None and old is not None and new < old:
            error = SourceError(
                f"`{held.name}` was read with serial {old:,}; this is serial {new:,}"
            )
            raise with_advice(error, "give the newest state of this lineage")


def _serial(node: Node) -> int | None:
    """The serial of a record; None where it has none."""
    settings = node.props.get("settings")
    said = settings.get("serial") if isinstance(settings, Mapping) else None
    return int(said) if said and node.props.get("platform") == PLATFORM else None


def renamed(coverage: Iterable[Coverage], known: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """The former names under which the records of this run were read: nothing is said under them any more."""
    read = {
        (row.key.scope, row.key.operation): row.key.call
        for row in coverage
        if row.key.platform == PLATFORM and row.outcome is Outcome.OK
    }
    found: list[Coverage] = []
    for row in known:
        call = read.get((row.key.scope, row.key.operation))
        if row.key.platform == PLATFORM and call is not None and call != row.key.call:
            now = call.partition("/")[2]
            found.append(Coverage(row.key, Outcome.OK, detail=f"read as `{now}` since"))
    return tuple(found)


def recorded(estate: Estate) -> Iterator[Row | Oddity]:
    """MANAGED_BY edges from what records list, and the owner that one names where nothing nearer does."""
    named: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in sorted(estate.nodes.values(), key=lambda row: row.id):
        if not node.props.get("referenced_only"):
            named[node.kind.lower(), node.name].append(node)
    for mention in estate.mentions(Link.LISTED):
        found = _meant(mention, estate, named)
        if not found and "arn" not in mention.props:
            where = f"`{mention.text}` of {mention.props.get('address', 'a record')}"
            yield Oddity(where, "nothing of this name and kind is in the estate")
        for node in found:
            yield from _rows(mention, node)


def _meant(
    mention: Mention, estate: Estate, named: dict[tuple[str, str], list[Node]]
) -> list[Node]:
    """The assets that a row lists: by ARN the one, or a stub of it; by name those of its kind, in its account."""
    if "arn" in mention.props:
        node = estate.nodes.get(NodeId(mention.text))
        kind = kind_of(mention.text)
        if node is None and kind is not None:
            parsed = Arn.parse(mention.text)
            account = parsed.account if parsed else None
            name = mention.text.rpartition("/")[2].rpartition(":")[2]
            node = referenced(mention.text, kind, account=account or None, name=name)
        return [] if node is None else [node]
    account = mention.props.get("account", "")
    same = named.get((mention.props.get("kind", "").lower(), mention.text), [])
    return [node for node in same if not account or node.props.get("account") == account]


def _rows(mention: Mention, node: Node) -> Iterator[Row]:
    keys = mention.asserted_by
    if node.props.get("referenced_only"):
        yield Node(node.id, node.kind, node.props, asserted_by=keys)
    said = {name: mention.props[name] for name in _SAID if mention.props.get(name)}
    yield Edge(
        "MANAGED_BY",
        node.id,
        mention.subject,
        evidence=(mention.props.get("address", ""),),
        props=said,
        asserted_by=keys,
    )
    owner = said.get("owner")
    if owner and node.props.get("owner_basis") in {None, "registry"}:
        told: dict[str, PropValue] = {
            "owner": owner,
            "owner_basis": "registry",
            "owner_known": True,
        }
        yield Node(node.id, node.kind, told, asserted_by=keys)
