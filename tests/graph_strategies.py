"""Hypothesis generators of small graphs that fit the schema: wild in shape, legal in kinds and ends."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from graph.model import Capability, Certainty, Edge, Node, NodeId
from graph.schema import schema
from graph.view import Keep

KINDS = (
    ("User", 3),
    ("Role", 3),
    ("Group", 2),
    ("PrincipalClass", 2),
    ("Grant", 5),
    ("AssetSet", 2),
    ("Dataset", 4),
    ("Notebook", 1),
    ("Job", 1),
    ("Endpoint", 1),
    ("Agent", 1),
    ("ModelVersion", 1),
    ("Model", 1),
    ("Code", 1),
    ("Secret", 1),
    ("Key", 1),
    ("KnowledgeBase", 1),
    ("Account", 1),
    ("Person", 1),
    ("ServiceAccount", 1),
    ("IdentityProvider", 1),
    ("Public", 1),
    ("External", 1),
)
EDGES = (
    ("HOLDS", 6),
    ("ON", 7),
    ("COVERS", 3),
    ("MEMBER_OF", 3),
    ("IN_CLASS", 3),
    ("RUNS_AS", 2),
    ("PART_OF", 2),
    ("STORED_IN", 1),
    ("SERVES", 1),
    ("EXECUTES", 1),
    ("GROUNDED_ON", 1),
    ("TRAINED_ON", 1),
    ("FOLLOWS", 1),
    ("VERSION_OF", 1),
    ("OPENS", 1),
    ("YIELDS", 2),
    ("HAS_ACCOUNT", 1),
    ("VOUCHES_FOR", 1),
    ("CONTAINS", 1),
    ("TRIGGERS", 1),
    ("CALLS", 1),
    ("OWNED_BY", 1),
)
ACCESS = [capability for capability in Capability if capability.value not in {"HELD", "DELEGATE"}]
HOWS = ("s3:GetObject", "trust", "iam-013", "sagemaker-001")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one generated graph."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


class _Maker:
    """Rows made from one seed: hypothesis draws the seed and the sizes, and makes the sizes smaller."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - seeded on purpose
        self.nodes: list[Node] = []
        self.edges: dict[str, Edge] = {}

    def one_in(self, times: int) -> bool:
        return self.random.randrange(times) == 0

    def weighted(self, table: tuple[tuple[str, int], ...]) -> str:
        return self.random.choices([name for name, _ in table], [weight for _, weight in table])[0]

    def node(self, kind: str) -> None:
        pick = self.random.choice
        at = len(self.nodes)
        props: dict[str, object] = {"name": f"{kind.lower()} {at}", "account": pick("12")}
        declared = schema().node(kind)
        if kind == "Grant":
            props["capability"] = pick([*ACCESS, *Capability])
            props["how"] = pick(HOWS)
            if self.one_in(6):
                props["delegable"] = False
        elif kind == "AssetSet":
            props["of_kind"] = pick(["Dataset", "Dataset", "Key", "Role", "any"])
            props["latent"] = self.one_in(2)
        elif declared.asset:
            if self.one_in(2):
                props["sensitivity"] = pick([0, 1, 3, 10])
            if declared.family == "compute":
                props |= {"reruns": self.one_in(2), "technique": "sagemaker-001"}
                props["potential"] = self.one_in(5)
        elif kind == "Account":
            props["platform"] = pick(["aws", "azure", "gcp"])
        elif kind in {"User", "ServiceAccount"}:
            props["enabled"] = not self.one_in(4)
        id_ = NodeId(f"{kind.lower()}:{at:02}")
        self.nodes.append(Node(id_, kind, props, present=not self.one_in(25)))  # type: ignore[arg-type]  # plain values

    def edge(self, name: str, source: Node | None = None, target: Node | None = None) -> None:
        """An edge of this kind between these ends, or legal ones by lot; none where there are no legal ones."""
        kind, pick = schema().edge(name), self.random.choice
        sources = [source] if source else [n for n in self.nodes if n.kind in kind.sources]
        targets = [target] if target else [n for n in self.nodes if n.kind in kind.targets]
        if not sources or not targets:
            return
        from_ = pick(sources)
        to = from_ if name == "YIELDS" else pick(targets)
        props: dict[str, object] = {}
        if name in {"OPENS", "YIELDS"}:
            props["gain"] = pick(schema().node(to.kind).caps or ACCESS)
        if name == "YIELDS":
            props["have"] = pick(schema().node(to.kind).caps or ACCESS)
            props["technique"] = pick(HOWS[2:])
        for prop in kind.props:
            if prop.type == "bool" and self.one_in(2):
                props[prop.name] = not self.one_in(3)
        made = Edge(
            name,
            from_.id,
            to.id,
            discriminator=pick(["", "", "x"]),
            certainty=pick([*Certainty, Certainty.DEFINITE, Certainty.DEFINITE]),
            indirect=self.one_in(6),
            cost=self.random.randrange(4),
            props=props,  # type: ignore[arg-type]  # plain values
        )
        self.edges[made.id] = made

    def frame(self) -> None:
        """The edges without which a Grant, class or set would say nothing."""
        for node in list(self.nodes):
            if node.kind == "Grant":
                self.edge("HOLDS", target=node)
                for _ in range(self.random.randrange(1, 3)):
                    self.edge("ON", source=node)
            elif node.kind == "PrincipalClass":
                self.edge("IN_CLASS", target=node)
                self.edge("HOLDS", source=node)
            elif node.kind == "AssetSet":
                self.edge("ON", target=node)
                for _ in range(self.random.randrange(4)):
                    self.edge("COVERS", source=node)

    def rows(self) -> Rows:
        ordered = sorted(
            self.edges.values(), key=lambda e: (e.source, e.target, e.kind, e.discriminator)
        )
        return Rows(tuple(self.nodes), tuple(ordered))


def make(seed: int, nodes: int, edges: int) -> Rows:
    """The rows of this seed and size."""
    maker = _Maker(seed)
    for kind in ("User", "Grant", "Dataset", "Grant", "Role", "AssetSet", "Grant", "Public"):
        maker.node(kind)
    for _ in range(nodes):
        maker.node(maker.weighted(KINDS))
    maker.frame()
    for _ in range(edges):
        maker.edge(maker.weighted(EDGES))
    return maker.rows()


def estates() -> st.SearchStrategy[Rows]:
    """Graphs of all kinds, with cycles, self loops, moves against the arrow, absent and potential nodes."""
    return st.builds(
        make, seed=st.integers(0, 2**32), nodes=st.integers(0, 30), edges=st.integers(20, 90)
    )


def keeps() -> st.SearchStrategy[Keep]:
    """Filters of every sort."""
    kinds = st.frozensets(st.sampled_from([name for name, _ in EDGES]), min_size=8)
    return st.builds(
        Keep,
        certainty=st.sampled_from([*Certainty]),
        indirect=st.booleans(),
        edge_kinds=st.one_of(st.none(), st.none(), kinds),
        without_techniques=st.sampled_from([frozenset[str](), frozenset({"iam-013"})]),
    )
