"""The declared shape of the graph: node kinds, edge kinds with their moves, and the registries of both.

Loaders, checks, the engine, the docs and the app read kinds and moves from here; none of them is written twice.
The kinds themselves are declared in `graph.kinds`, a file per family.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from graph.errors import SchemaError
from graph.model import Capability, Node

SCHEMA_VERSION = 1

READ, WRITE, INVOKE, PROMOTE = (
    Capability.READ,
    Capability.WRITE,
    Capability.INVOKE,
    Capability.PROMOTE,
)
CONTROL, ADMIN, DELEGATE, HELD = (
    Capability.CONTROL,
    Capability.ADMIN,
    Capability.DELEGATE,
    Capability.HELD,
)


class Family(StrEnum):
    """A group of kinds that play the same part."""

    IDENTITY = "identity"
    SCOPE = "scope"
    COMPUTE = "compute"
    ARTEFACT = "artefact"
    DATA = "data"
    ACCESS = "access"


class Written(StrEnum):
    """Which layer writes rows of a kind."""

    FACT = "fact"
    CONCLUSION = "conclusion"


@dataclass(frozen=True, slots=True)
class Prop:
    """A declared property: its type, one sentence, and how the stores treat it.

    `type` is `str`, `int`, `float`, `bool`, `time` (ISO 8601 text, UTC), `list` or `map`. A volatile property goes to
    the observations, outside the hash and the change log; what a move or condition reads is never volatile.
    """

    name: str
    type: str
    doc: str
    index: bool = False
    volatile: bool = False


class Special(StrEnum):
    """A capability of a move that only the edge at hand can name."""

    OF_GRANT = "the Grant's capability"
    OF_EDGE = "the capability that the edge names"
    FROM_EDGE = "the capability that the edge starts from"
    SAME = "the same capability"
    EACH = "each capability of the set"


class When(StrEnum):
    """The closed list of conditions that a move may put on its edge; `graph.moves` decides them."""

    ALWAYS = "always"
    DELEGABLE = "the Grant is READ or WRITE of a Dataset or INVOKE of a Key"
    DESCENDS = "the platform hands ADMIN of this scope down to this member"
    TO_GROUP = "the target is a Group"
    TO_IDENTITY = "the target is no Group"
    RERUNS = "the consumer will run again"
    RETRAINS = "a schedule or pipeline retrains"


@dataclass(frozen=True, slots=True)
class Move:
    """Having `have` at one end of an edge gives `gain` at the other; `back` runs against the arrow."""

    have: Capability | Special
    gain: Capability | Special
    back: bool = False
    indirect: bool = False
    when: When = When.ALWAYS


class FallsBy(StrEnum):
    """What has to be taken away for an edge to fall."""

    STRUCTURAL = "structural"
    ITSELF = "itself"
    BECAUSE = "the Grant's because"
    TRUST_ENTRY = "the trust entry"
    SETTING = "a setting"
    NEVER = "nothing: it makes no move"


@dataclass(frozen=True, slots=True)
class NodeKind:
    """A declared kind of node: what it is, its legal capabilities and the start of its blast radius."""

    name: str
    family: Family
    doc: str
    caps: tuple[Capability, ...]
    start: Capability | None
    props: tuple[Prop, ...] = ()
    written: Written = Written.FACT

    @property
    def asset(self) -> bool:
        """Whether the kind is something an organisation protects, rather than who acts or how."""
        return self.family in {Family.COMPUTE, Family.ARTEFACT, Family.DATA}


@dataclass(frozen=True, slots=True)
class EdgeKind:
    """A declared kind of edge: its legal ends, its moves, and what parallel edges are told apart by."""

    name: str
    doc: str
    sources: frozenset[str]
    targets: frozenset[str]
    moves: tuple[Move, ...] = ()
    falls_by: FallsBy = FallsBy.STRUCTURAL
    discriminator: str = ""
    props: tuple[Prop, ...] = ()
    written: Written = Written.FACT


@dataclass(frozen=True, slots=True)
class Schema:
    """All declared kinds, by name."""

    nodes: dict[str, NodeKind]
    edges: dict[str, EdgeKind]
    asset_props: tuple[Prop, ...]

    def node(self, kind: str) -> NodeKind:
        """The node kind of this name; `SchemaError` where none is declared."""
        try:
            return self.nodes[kind]
        except KeyError:
            raise SchemaError(f"unknown node kind `{kind}`") from None

    def edge(self, kind: str) -> EdgeKind:
        """The edge kind of this name; `SchemaError` where none is declared."""
        try:
            return self.edges[kind]
        except KeyError:
            raise SchemaError(f"unknown edge kind `{kind}`") from None

    def kinds_of(self, *families: Family) -> frozenset[str]:
        """The names of all kinds of these families."""
        return frozenset(kind.name for kind in self.nodes.values() if kind.family in families)

    def props_of(self, kind: str) -> dict[str, Prop]:
        """The declared properties of a node kind, the common ones included, by name."""
        return {prop.name: prop for prop in (*self.asset_props, *self.node(kind).props)}


def _register(kinds: Iterable[NodeKind] | Iterable[EdgeKind], into: dict[str, object]) -> None:
    for kind in kinds:
        if kind.name in into:
            raise SchemaError(f"kind `{kind.name}` is declared twice")
        into[kind.name] = kind


@cache
def schema() -> Schema:
    """The schema, collected by walking `graph.kinds`; two kinds of one name are refused."""
    package = importlib.import_module("graph.kinds")
    nodes: dict[str, NodeKind] = {}
    edges: dict[str, EdgeKind] = {}
    for entry in sorted(pkgutil.iter_modules(package.__path__), key=lambda item: item.name):
        module = importlib.import_module(f"graph.kinds.{entry.name}")
        _register(getattr(module, "NODES", ()), nodes)  # type: ignore[arg-type]  # dict is filled by kind
        _register(getattr(module, "EDGES", ()), edges)  # type: ignore[arg-type]  # dict is filled by kind
    return Schema(nodes, edges, package.ASSET_PROPS)


def capability_of(text: str) -> Capability:
    """The capability of this name, in any case; `SchemaError` where there is none."""
    try:
        return Capability(text.upper())
    except ValueError:
        names = ", ".join(capability.value for capability in Capability)
        raise SchemaError(f"unknown capability `{text}`; one of {names}") from None


def is_asset(node: Node) -> bool:
    """Whether the node is an asset that reach is counted over (potential workloads are not)."""
    return schema().node(node.kind).asset and not node.props.get("potential", False)
