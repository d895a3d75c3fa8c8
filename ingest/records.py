"""Systems of record, linked: what a file lists, found in the estate; what it lists and nobody found stands as a stub.

What lists it is a call like any other: a record that is read again takes back what it no longer lists.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from graph.errors import SourceError, with_advice
from graph.model import Coverage, Edge, Facts, Node, NodeId, Observation, Outcome, PropValue, Row
from ingest.aws.asset import referenced
from ingest.aws.names import Arn
from ingest.estate import Estate
from ingest.files.record import PLATFORM
from ingest.owners import Users
from ingest.source import Link, Mention, Oddity, Shaped

_KINDS = {
    "bedrock": {
        "agent": "Agent", "application-inference-profile": "Endpoint", "custom-model": "ModelVersion",
        "custom-model-deployment": "Endpoint", "flow": "Pipeline", "guardrail": "Guardrail",
        "imported-model": "ModelVersion", "knowledge-base": "KnowledgeBase", "prompt": "Code",
        "provisioned-model": "Endpoint",
    },
    "bedrock-agentcore": {
        "browser-custom": "Service", "code-interpreter-custom": "Service", "gateway": "Agent",
        "memory": "KnowledgeBase", "runtime": "Agent",
    },
    "ec2": {"instance": "VirtualMachine", "launch-template": "VirtualMachine"},
    "ecr": {"repository": "Image"},
    "ecs": {"cluster": "Cluster", "service": "Service"},
    "eks": {"cluster": "Cluster"},
    "glue": {"database": "Schema", "table": "Dataset"},
    "iam": {
        "group": "Group", "oidc-provider": "IdentityProvider", "role": "Role", "saml-provider": "IdentityProvider",
        "user": "User",
    },
    "kms": {"key": "Key"},
    "lambda": {"event-source-mapping": "Schedule", "function": "Function"},
    "s3tables": {"bucket": "Dataset"},
    "s3vectors": {"bucket": "Dataset"},
    "sagemaker": {
        "cluster": "Cluster", "code-repository": "Code", "domain": "Workspace", "endpoint": "Endpoint",
        "feature-group": "FeatureStore", "hub": "Registry", "mlflow-tracking-server": "Service",
        "model": "ModelVersion", "model-package": "ModelVersion", "model-package-group": "Model",
        "monitoring-schedule": "Schedule", "notebook-instance": "Notebook",
        "notebook-instance-lifecycle-config": "Code", "pipeline": "Pipeline", "space": "Notebook",
        "studio-lifecycle-config": "Code", "user-profile": "Notebook",
    },
    "secretsmanager": {"secret": "Secret"},
    "states": {"stateMachine": "Pipeline"},
}  # fmt: skip
"""The kind of node that an ARN names, by service and the word that its resource begins with."""

_DEEP = frozenset(
    {
        "custom-model", "group", "model-package", "oidc-provider", "repository", "role", "saml-provider", "secret",
        "service", "space", "table", "user", "user-profile",
    }
)  # fmt: skip
"""Words whose ARNs have several parts; of others more parts name a part of it: a version, an alias, a run."""

REGISTRY = "registry"  # the basis of an owner whom a record names
_SAID = ("address", "owner", "status", "approved_by", "expires")


STANDINGS = ("matched", "absent", "unkept")


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows a record has, and what the estate holds of them.

    `absent` rows list what no listing holds, or holds any more; `unkept` rows what the graph keeps no nodes of.
    """

    record: str
    flavour: str
    rows: int
    matched: int
    absent: int
    unkept: int


def kind_of(arn: str) -> str | None:
    """The kind of node that an ARN names; None where the graph keeps none of it, such as of a part of something."""
    parsed = Arn.parse(arn)
    if parsed is None:
        return None
    form, _, rest = parsed.resource.replace(":", "/").partition("/")
    if parsed.service == "s3":  # an access point or a bucket, no object
        return "Dataset" if parsed.account or not rest else None
    if "/" in rest and form not in _DEEP:
        return None
    return _KINDS.get(parsed.service, {}).get(form)


def is_record(node: Node) -> bool:
    """Whether the node is a system of record that a file holds."""
    return node.kind == "Registry" and node.props.get("platform") == PLATFORM


def refuse_older(rows: Iterable[Shaped], before: Facts) -> None:
    """`SourceError` where a record is older than what was read of it before, by its serial."""
    records = {row.id: row for row in rows if isinstance(row, Node) and is_record(row)}
    for held in before.nodes if records else ():
        if held.id in records and (told := older(records[held.id], held)):
            raise with_advice(SourceError(told), "give the newest state of this lineage")


def older(record: Node, held: Node) -> str:
    """What to say of a record that is older than the one held, by its serial; empty where it is not."""
    new, old = _serial(record), _serial(held)
    if new is None or old is None or new >= old:
        return ""
    return f"`{held.name}` was read with serial {old:,}; this is serial {new:,}"


def _serial(record: Node) -> int | None:
    """The serial of a record; None where it has none."""
    settings = record.props.get("settings")
    said = settings.get("serial") if isinstance(settings, Mapping) else None
    return int(said) if said else None


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
    """What records say of the estate: MANAGED_BY edges, owners, and when users and people left."""
    listing = _Listing(estate)
    for mention in estate.mentions(Link.LISTED):
        found = listing.meant(mention)
        yield from _remarks(mention, found)
        for node in found:
            yield from _rows(mention, node)
    for mention in estate.mentions(Link.LEFT):
        gone = listing.gone(mention)
        if not gone and len(users := listing.users.called(mention.text)) > 1:
            said = f"{len(users)} users go by this name, and none was taken to have left: give an address or ARN"
            yield Oddity(f"`{mention.text}` of {mention.props['address']}", said)
        for one in gone:
            yield Observation(one, "left", mention.props["left"], mention.asserted_by)


def found_in(rows: Iterable[Shaped], estate: Estate) -> tuple[Found, ...]:
    """How the rows of each record among these stand to the estate, in order of the records' names."""
    listing = _Listing(estate)
    stands: dict[NodeId, dict[str, str]] = defaultdict(dict)
    for mention in (*estate.mentions(Link.LISTED), *estate.mentions(Link.LEFT)):
        held, address = stands[mention.subject], mention.props["address"]
        if (
            held.get(address) != "matched"
        ):  # a row that names someone in two ways is matched by either
            held[address] = listing.standing(mention)
    told: list[Found] = []
    for node in rows:
        if isinstance(node, Node) and is_record(node):
            counts = Counter(stands[node.id].values())
            numbers = (counts.total(), *(counts[word] for word in STANDINGS))
            told.append(Found(node.name, str(node.props["flavour"]), *numbers))
    return tuple(sorted(told, key=lambda one: (one.record, one.flavour)))


class _Listing:
    """The estate by what records call its assets and people."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    @cached_property
    def users(self) -> Users:
        """The users by all that they are called."""
        return Users(self._estate)

    @cached_property
    def _named(self) -> Mapping[tuple[str, str], list[Node]]:
        """What was listed, now or once, by kind and name."""
        found: dict[tuple[str, str], list[Node]] = defaultdict(list)
        for node in sorted(self._estate.everything(), key=lambda row: row.id):
            if not node.props.get("referenced_only"):
                found[node.kind.lower(), node.name].append(node)
        return found

    def meant(self, mention: Mention) -> list[Node]:
        """The assets that a row lists: by ARN the one, or a stub of it; by name those of its kind, in its account.

        Where none of that name is there any more, those that were.
        """
        if "arn" in mention.props:
            node = self._estate.nodes.get(NodeId(mention.text)) or _stub(mention.text)
            return [] if node is None else [node]
        account = mention.props.get("account", "")
        same = self._named.get((mention.props.get("kind", "").lower(), mention.text), [])
        near = [node for node in same if not account or node.props.get("account") == account]
        return [node for node in near if self._there(node)] or near

    def gone(self, mention: Mention) -> list[NodeId]:
        """The users, and the person, who left: all of an address; by a mere name the only one who bears it."""
        users, sure = self.users.called(mention.text), "@" in mention.text or ":" in mention.text
        person = NodeId(f"person:{mention.text}")
        found = [user.id for user in users] if sure or len(users) == 1 else []
        return [*found, *([person] if person in self._estate.nodes else [])]

    def standing(self, mention: Mention) -> str:
        """What the estate holds of a row: one of `STANDINGS`."""
        if mention.link is Link.LEFT:
            return "matched" if self.gone(mention) else "absent"
        found = self.meant(mention)
        if any(map(self._there, found)):
            return "matched"
        return "unkept" if "arn" in mention.props and not found else "absent"

    def _there(self, node: Node) -> bool:
        return node.id in self._estate.nodes and not node.props.get("referenced_only")


def _stub(arn: str) -> Node | None:
    """What an ARN names, as it is known from the ARN alone; None where the graph keeps none of it."""
    kind, parsed = kind_of(arn), Arn.parse(arn)
    if kind is None or parsed is None:
        return None
    return referenced(arn, kind, account=parsed.account or None, name=parsed.name)


def _remarks(mention: Mention, found: list[Node]) -> Iterator[Oddity]:
    """What to say of a row that lists nothing that is known, or more than one thing."""
    where = f"`{mention.text}` of {mention.props['address']}"
    if "arn" in mention.props:
        # A state lists much that no graph of assets keeps: only an id that is no ARN at all is worth a word.
        if not found and Arn.parse(mention.text) is None:
            yield Oddity(where, "nothing of this id is in the estate")
    elif not found:
        yield Oddity(where, "nothing of this name and kind is in the estate")
    elif len(found) > 1:
        yield Oddity(where, f"names {len(found)} assets of this kind; all of them count as listed")


def _rows(mention: Mention, node: Node) -> Iterator[Row]:
    keys = mention.asserted_by
    if node.props.get("referenced_only"):
        yield Node(node.id, node.kind, node.props, asserted_by=keys)
    said = {name: mention.props[name] for name in _SAID if mention.props.get(name)}
    evidence = (mention.props["address"],)
    yield Edge("MANAGED_BY", node.id, mention.subject, evidence=evidence, props=said, asserted_by=keys)  # fmt: skip
    if owner := said.get("owner"):
        # It only names the asset: what lists it has the first word, and without that the asset is gone.
        told: dict[str, PropValue] = {"owner": owner, "owner_basis": REGISTRY, "owner_known": True, "referenced_only": True}  # fmt: skip
        yield Node(node.id, node.kind, told, asserted_by=keys)
