"""The projection as values: immutable arrays of nodes, states, arcs and reasons, and the filters that choose arcs.

A state is (node, capability); an arc leads from one state to another by one move of one edge. Everything that the
questions show (ids, names, kinds, what a Grant gives) stands beside the arrays, so that no question opens a store.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from enum import IntFlag
from typing import TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from graph.errors import QueryError, with_advice
from graph.model import Capability, Certainty, EdgeId, NodeId, digest
from graph.schema import schema

Ints: TypeAlias = NDArray[np.int32]
Bytes: TypeAlias = NDArray[np.int8]
Mask: TypeAlias = NDArray[np.bool_]

T = TypeVar("T")

CAPABILITIES = tuple(Capability)
CERTAINTIES = tuple(Certainty)  # looked up by value: calling the class is slow
CODE = {capability: code for code, capability in enumerate(CAPABILITIES)}
PASSED = frozenset({Capability.HELD, Capability.DELEGATE})  # passed through, never shown as access


class Flag(IntFlag):
    """What a node is, for counting."""

    PRESENT = 1  # still listed by its source
    ASSET = 2  # an asset that reach is counted over; potential workloads are none
    POTENTIAL = 4  # a workload that a technique would create
    LATENT = 8  # an AssetSet without members
    ACTOR = 16  # an identity or group that has a blast radius of its own
    EXTERNAL = 32
    PUBLIC = 64
    DISABLED = 128
    COUNTED = 256  # an asset, identity or scope: what a reach may be said to reach
    VIRTUAL = 512  # a class that stands for an identity widened by a technique
    CROWN = 1024  # a crown jewel, by its tier


@dataclass(frozen=True, slots=True, eq=False)
class NodeArrays:
    """The nodes in id order, a column per property that questions read.

    `sensitivity` is -1 where none is known; `weight` is the highest known one of the node and the datasets that it is
    part of. `environment` is the one stated for the node, empty where none is; `tag` is a position in `tags`, each a set
    of `key=value` in order (empty where none was read). `anchor` is the largest dataset that a prefix lies in, the node
    itself otherwise. `capability` is what a Grant gives (-1 elsewhere) and `how` its action or technique, or the
    technique of a potential workload, as a position in `hows` (-1 elsewhere). The states of node n are `first[n]` to
    `first[n + 1]`.
    """

    ids: tuple[NodeId, ...]
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    kind: Ints
    accounts: tuple[str, ...]
    account: Ints
    environments: tuple[str, ...]
    environment: Ints
    tags: tuple[tuple[str, ...], ...]
    tag: Ints
    sensitivity: Ints
    weight: Ints
    anchor: Ints
    flags: Ints
    capability: Bytes
    hows: tuple[str, ...]
    how: Ints
    first: Ints


@dataclass(frozen=True, slots=True, eq=False)
class EdgeArrays:
    """The edges in store order: ends as node positions, kind, and the texts that paths show."""

    kinds: tuple[str, ...]
    source: Ints
    target: Ints
    kind: Ints
    discriminators: tuple[str, ...]
    discriminator: Ints
    certainty: Bytes
    conditions: tuple[tuple[str, ...], ...]
    condition: Ints


@dataclass(frozen=True, slots=True, eq=False)
class ArcArrays:
    """The arcs by edge position; `grant` is the Grant that the arc enters or leaves, `how` the technique it uses."""

    source: Ints
    target: Ints
    cost: Ints
    certainty: Bytes
    indirect: Mask
    kind: Ints
    edge: Ints
    grant: Ints
    how: Ints


@dataclass(frozen=True, slots=True)
class RevocableText:
    """What a Revocable node says of itself, as far as revoking needs it; empty where it says nothing."""

    id: NodeId
    kind: str
    relative: str
    holder: str
    document: str
    statement: str
    member: str


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """The BECAUSE rows: `edge` is an edge position, `grant` is a node position, `revocable` a position in `texts`, used by an alternative of a need."""

    edge: Ints
    grant: Ints
    revocable: Ints
    need: Ints
    alternative: Ints
    texts: tuple[RevocableText, ...]


INDEX = "index"
"""Where a view remembers `View.index`: a view with copies appended has the one of the view that it was made from."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The whole graph as arrays, at one store version. Never changed once made."""

    version: int
    nodes: NodeArrays
    edges: EdgeArrays
    state_node: Ints
    state_capability: Bytes
    arcs: ArcArrays
    reasons: Reasons
    # Derived arrangements (CSR per filter, lookup of ids), made once on demand; they never change an answer.
    memo: dict[Hashable, object] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for part in (self, self.nodes, self.edges, self.arcs, self.reasons):
            for column in fields(part):
                value = getattr(part, column.name)
                if isinstance(value, np.ndarray):
                    value.flags.writeable = False

    @property
    def size(self) -> int:
        """The number of states."""
        return len(self.state_node)

    def remember(self, key: Hashable, build: Callable[[], T]) -> T:
        """The value that `build` makes, made once per key and view."""
        if key not in self.memo:
            self.memo[key] = build()
        return cast("T", self.memo[key])

    def find(self, node: str) -> int | None:
        """The position of the node with this id; None where there is none."""
        return self.index.get(NodeId(node))

    @property
    def index(self) -> Mapping[NodeId, int]:
        """The position of each id; of nodes with one id (copies that a what-if makes) the first is meant."""
        return self.remember(
            INDEX, lambda: {id_: at for at, id_ in reversed(list(enumerate(self.nodes.ids)))}
        )

    def position(self, node: str) -> int:
        """The position of the node with this id; `QueryError` with near matches where there is none."""
        found = self.find(node)
        if found is None:
            raise _unknown(node, self)
        return found

    def kind_of(self, position: int) -> str:
        """The kind of the node at this position."""
        return self.nodes.kinds[int(self.nodes.kind[position])]

    def account_of(self, position: int) -> str:
        """The account of the node at this position, empty where it has none."""
        return self.nodes.accounts[int(self.nodes.account[position])]

    def environment_of(self, position: int) -> str:
        """The environment stated for the node at this position, empty where none is."""
        return self.nodes.environments[int(self.nodes.environment[position])]

    def tags_of(self, position: int) -> tuple[str, ...]:
        """The tags of the node at this position, each `key=value`, in order."""
        return self.nodes.tags[int(self.nodes.tag[position])]

    def states_of(self, position: int) -> range:
        """The states of the node at this position."""
        return range(int(self.nodes.first[position]), int(self.nodes.first[position + 1]))

    def state(self, position: int, capability: Capability) -> int:
        """The state of this node and capability; `QueryError` where the kind has no such capability."""
        kind = schema().node(self.kind_of(position))
        if capability not in kind.caps:
            legal = ", ".join(sorted(kind.caps)) or "none"
            raise with_advice(
                QueryError(f"`{self.nodes.names[position]}` has no state `{capability}`"),
                f"a {kind.name} may have: {legal}",
            )
        return int(self.nodes.first[position]) + kind.caps.index(capability)

    def capability(self, state: int) -> Capability:
        """The capability of a state."""
        return CAPABILITIES[int(self.state_capability[state])]

    def start(self, position: int, capability: Capability | None = None) -> int:
        """The state where a blast radius of this node starts: of the kind's default, unless one is named."""
        kind = schema().node(self.kind_of(position))
        chosen = capability or kind.start
        if chosen is None:
            if not kind.caps:
                raise QueryError(f"a `{kind.name}` starts nothing")
            raise with_advice(
                QueryError(f"a `{kind.name}` has no default start"), "name a capability"
            )
        return self.state(position, chosen)

    def where(self, flag: Flag) -> Ints:
        """The positions of the nodes that carry the flag."""
        return np.flatnonzero(self.nodes.flags & int(flag)).astype(np.int32)

    def edge_id(self, edge: int) -> EdgeId:
        """The id of the edge at this position."""
        edges = self.edges
        return EdgeId(
            digest(
                "edge",
                edges.kinds[edges.kind[edge]],
                self.nodes.ids[edges.source[edge]],
                self.nodes.ids[edges.target[edge]],
                edges.discriminators[edges.discriminator[edge]],
            )
        )


def _unknown(node: str, view: View) -> QueryError:
    """The error for an id that the graph does not hold, with what was probably meant."""
    names = [
        id_ for id_, name in zip(view.nodes.ids, view.nodes.names, strict=True) if name == node
    ]
    near = names or get_close_matches(node, view.nodes.ids, n=3, cutoff=0.6)
    error = QueryError(f"no node `{node}`")
    if near:
        with_advice(error, "did you mean " + ", ".join(f"`{id_}`" for id_ in near[:3]))
    return error


@dataclass(frozen=True, slots=True)
class Keep:
    """Which arcs a question walks: everything up to this certainty, with or without indirect moves.

    `edge_kinds` None means all; `without_techniques` leaves out arcs of these techniques (or actions, by `how`).
    """

    certainty: Certainty = Certainty.POSSIBLE
    indirect: bool = True
    edge_kinds: frozenset[str] | None = None
    without_techniques: frozenset[str] = frozenset()

    def mask(self, view: View) -> Mask:
        """One truth value per arc: whether it is kept."""
        arcs = view.arcs
        kept: Mask = arcs.certainty <= int(self.certainty)
        if not self.indirect:
            kept = kept & ~arcs.indirect
        if self.edge_kinds is not None:
            for name in self.edge_kinds:
                schema().edge(name)
            kept = kept & _one_of(arcs.kind, view.edges.kinds, self.edge_kinds)
        if self.without_techniques:
            kept = kept & ~_one_of(arcs.how, view.nodes.hows, self.without_techniques)
        return kept


def _one_of(column: Ints, names: tuple[str, ...], wanted: Iterable[str]) -> Mask:
    chosen = set(wanted)
    positions = np.array([at for at, name in enumerate(names) if name in chosen], dtype=np.int32)
    return np.isin(column, positions)
