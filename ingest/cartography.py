"""A Cartography graph as context: its AWS identities and AI assets, as something that another program says.

Its nodes come as named and not listed, and its edges as inferred and conditional: they show what is there before an account
is read, and give way to what is read from AWS itself. Access is never taken from it; whoever may do what is decided from
policies. SOURCE: cartography-cncf/cartography (Apache-2.0), cartography/models/aws, read 2026-11-27.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graph.errors import SourceError, with_advice
from graph.model import (
    Basis,
    Certainty,
    Coverage,
    CoverageKey,
    Edge,
    Node,
    NodeId,
    Outcome,
    PropValue,
)
from graph.schema import schema
from graph.stores.neo4j_link import Link, address
from ingest.aws.names import ACCOUNT_ID, Arn
from ingest.intake import Intake
from ingest.source import Shaped, Skipped

PLATFORM = "cartography"
_PAGE = 5_000
_SAID = ("Cartography says so",)
# Label in its graph, the property that holds the name, and our kind.
_NODES = (
    ("AWSUser", "name", "User"),
    ("AWSRole", "name", "Role"),
    ("AWSGroup", "name", "Group"),
    ("AWSSageMakerNotebookInstance", "notebook_instance_name", "Notebook"),
    ("AWSSageMakerTrainingJob", "training_job_name", "Job"),
    ("AWSSageMakerTransformJob", "transform_job_name", "Job"),
    ("AWSSageMakerModel", "model_name", "ModelVersion"),
    ("AWSSageMakerModelPackage", "model_package_name", "ModelVersion"),
    ("AWSSageMakerModelPackageGroup", "model_package_group_name", "Model"),
    ("AWSSageMakerEndpoint", "endpoint_name", "Endpoint"),
    ("AWSBedrockAgent", "agent_name", "Agent"),
    ("AWSBedrockKnowledgeBase", "name", "KnowledgeBase"),
    ("AWSBedrockGuardrail", "name", "Guardrail"),
    ("AWSBedrockCustomModel", "model_name", "ModelVersion"),
)
# Relationship in its graph, and the kind of our edge from its start to its end.
_EDGES = (("MEMBER_AWS_GROUP", "MEMBER_OF"), ("HAS_EXECUTION_ROLE", "RUNS_AS"))
_ACCOUNTS = "MATCH (a:AWSAccount) RETURN a.id, a.name ORDER BY a.id SKIP $skip LIMIT $most"
_NODE_ROWS = "MATCH (n:`{label}`) RETURN coalesce(n.arn, n.id), n.`{name}` ORDER BY n.id SKIP $skip LIMIT $most"
_EDGE_ROWS = (
    "MATCH (a)-[:`{kind}`]->(b) RETURN coalesce(a.arn, a.id), coalesce(b.arn, b.id) AS target"
    " ORDER BY a.id, target SKIP $skip LIMIT $most"
)
_ANY = "MATCH (a:AWSAccount) RETURN count(a)"


@dataclass(frozen=True, slots=True)
class _Reader:
    link: Link

    def pages(self, statement: str) -> Iterator[list[object]]:
        """The rows of a statement, some thousands at a time."""
        skip = 0
        while rows := self.link.read(statement, skip=skip, most=_PAGE):
            yield from rows
            skip += _PAGE


def cartography_intake(url: str, environment: Mapping[str, str]) -> Intake:
    """What a Cartography graph at this address says of AWS identities and AI assets.

    User and password come from `CARTOGRAPHY_USERNAME` and `CARTOGRAPHY_PASSWORD`, else from those of the store.

    Errors:
        SourceError: it is no Cartography graph.
        StoreError: the server does not answer, or refuses the user.
    """
    own = {
        f"NEO4J_{name}": environment[f"CARTOGRAPHY_{name}"]
        for name in ("USERNAME", "PASSWORD", "DATABASE")
        if environment.get(f"CARTOGRAPHY_{name}")
    }
    link = Link(address(url), {**environment, **own})
    try:
        if not link.read(_ANY)[0][0]:
            raise with_advice(
                SourceError(f"`{url}` holds no Cartography graph: it has no AWSAccount"),
                "name the server that Cartography writes to",
            )
        rows = tuple(_rows(_Reader(link)))
    finally:
        link.close()
    failed = {row.where for row in rows if isinstance(row, Skipped)}
    calls = ["accounts", *(label for label, *_ in _NODES), *(kind for kind, _ in _EDGES)]
    coverage = tuple(
        Coverage(_key(call), Outcome.FAILED if str(_key(call)) in failed else Outcome.OK)
        for call in calls
    )
    skipped = tuple(row for row in rows if isinstance(row, Skipped))
    return Intake(
        url, tuple(row for row in rows if not isinstance(row, Skipped)), coverage, skipped
    )


def _key(call: str) -> CoverageKey:
    return CoverageKey(PLATFORM, "graph", "global", f"cartography.{call}")


def _rows(reader: _Reader) -> Iterator[Shaped]:
    kinds: dict[str, str] = {}
    yield from _accounts(reader)
    for label, name, kind in _NODES:
        key = frozenset({_key(label)})
        for arn, called in reader.pages(_NODE_ROWS.format(label=label, name=name)):
            node = _node(str(arn), kind, called)
            if node is None:
                yield Skipped(str(_key(label)), f"`{arn}` is no ARN")
                continue
            kinds[str(arn)] = kind
            yield Node(node.id, kind, node.props, asserted_by=key)
    for kind_there, kind in _EDGES:
        declared, key = schema().edge(kind), frozenset({_key(kind_there)})
        for start, end in reader.pages(_EDGE_ROWS.format(kind=kind_there)):
            ends = str(start), str(end)
            # What carries a role there, a stack or a task, is no workload of ours.
            if kinds.get(ends[0]) in declared.sources and kinds.get(ends[1]) in declared.targets:
                yield _said(kind, NodeId(ends[0]), NodeId(ends[1]), key)


def _accounts(reader: _Reader) -> Iterator[Shaped]:
    key = frozenset({_key("accounts")})
    for number, name in reader.pages(_ACCOUNTS):
        if not isinstance(number, str) or not ACCOUNT_ID.fullmatch(number):
            yield Skipped(str(_key("accounts")), f"`{number}` is no account")
            continue
        props: dict[str, PropValue] = {
            "platform": "aws",
            "account": number,
            "referenced_only": True,
        }
        if isinstance(name, str) and name:
            props["name"] = name
        yield Node(NodeId(f"aws:account/{number}"), "Account", props, asserted_by=key)


def _node(arn: str, kind: str, called: object) -> Node | None:
    parts = Arn.parse(arn)
    if parts is None:
        return None
    props: dict[str, PropValue] = {
        "name": called if isinstance(called, str) and called else parts.name,
        "platform": "aws",
        "region": parts.region or "global",
        "referenced_only": True,
    }
    if ACCOUNT_ID.fullmatch(parts.account):
        props["account"] = parts.account
    return Node(NodeId(arn), kind, props)


def _said(kind: str, source: NodeId, target: NodeId, key: frozenset[CoverageKey]) -> Edge:
    return Edge(
        kind,
        source,
        target,
        basis=Basis.INFERRED,
        certainty=Certainty.CONDITIONAL,
        conditions=_SAID,
        asserted_by=key,
    )
