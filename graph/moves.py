"""The moves of one edge, made concrete: which state at which end leads to which state at the other.

The engine's projection, the oracle and the Neo4j store all take their arcs from here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass

from graph.model import Capability, Edge, Node, NodeId, Props
from graph.schema import Move, Schema, Special, When

# The properties of an edge and of a node at its ends that moves may depend on; the tests hold that no others are read.
_OF_EDGE = ("descends", "reruns", "retrains", "have", "gain")
_OF_NODE = ("platform", "capability", "delegable", "of_kind", "flavour", "reruns")
_ENTRA = "entra:"


@dataclass(frozen=True, slots=True)
class Arc:
    """Having `have` at `source` gives `gain` at `target`; the ends are those of the move, not of the edge."""

    source: NodeId
    have: Capability
    target: NodeId
    gain: Capability
    indirect: bool


def _grant_is_delegable(edge: Edge, source: Node, target: Node) -> bool:
    del edge
    kind = target.props.get("of_kind") if target.kind == "AssetSet" else target.kind
    capability = source.props.get("capability")
    if source.props.get("delegable") is False:
        return False
    return (kind == "Dataset" and capability in {"READ", "WRITE"}) or (
        kind == "Key" and capability == "INVOKE"
    )


def _admin_descends(edge: Edge, source: Node, target: Node) -> bool:
    """Whether ADMIN of a scope is ADMIN of what it contains, by platform (graph model, CONTAINS)."""
    platform = source.props.get("platform")
    if platform == "aws":
        return False
    if "descends" in edge.props:
        return bool(edge.props["descends"])
    if platform == "azure":
        return not target.id.startswith(_ENTRA)
    if platform == "gcp":
        return target.props.get("flavour") != "service agent"
    if platform == "databricks":
        # Service principals follow a workspace setting, which the edge must then state as `descends`.
        return target.kind != "ServiceAccount"
    return False


_WHEN: dict[When, Callable[[Edge, Node, Node], bool]] = {
    When.ALWAYS: lambda _edge, _source, _target: True,
    When.DELEGABLE: _grant_is_delegable,
    When.DESCENDS: _admin_descends,
    When.TO_GROUP: lambda _edge, _source, target: target.kind == "Group",
    When.TO_IDENTITY: lambda _edge, _source, target: target.kind != "Group",
    When.RERUNS: lambda edge, source, _target: bool(
        edge.props.get("reruns", source.props.get("reruns", False))
    ),
    When.RETRAINS: lambda edge, _source, _target: bool(edge.props.get("retrains", False)),
}


def _named(what: Capability | Special, edge: Edge, source: Node) -> tuple[Capability, ...]:
    """The capabilities that one side of a move stands for on this edge."""
    if isinstance(what, Capability):
        return (what,)
    if what is Special.EACH:
        return tuple(Capability)
    holder, prop = (
        (source.props, "capability")
        if what is Special.OF_GRANT
        else (edge.props, "have" if what is Special.FROM_EDGE else "gain")
    )
    name = holder.get(prop)
    return (Capability(name),) if isinstance(name, str) else ()


def _steps(move: Move, edge: Edge, source: Node) -> Iterator[tuple[Capability, Capability]]:
    for have in _named(move.have, edge, source):
        for gain in (have,) if move.gain is Special.SAME else _named(move.gain, edge, source):
            yield have, gain


def arcs_of(edge: Edge, source: Node, target: Node, schema: Schema) -> Iterator[Arc]:
    """The arcs of this edge between legal states; none where an end is no longer present."""
    if not (source.present and target.present):
        return
    kind = schema.edge(edge.kind)
    source_caps, target_caps = schema.node(source.kind).caps, schema.node(target.kind).caps
    for move in kind.moves:
        if not _WHEN[move.when](edge, source, target):
            continue
        indirect = move.indirect or edge.indirect
        for have, gain in _steps(move, edge, source):
            if move.back:
                if have in target_caps and gain in source_caps:
                    yield Arc(target.id, have, source.id, gain, indirect)
            elif have in source_caps and gain in target_caps:
                yield Arc(source.id, have, target.id, gain, indirect)


def edge_class(edge: Edge) -> Hashable:
    """What of an edge its moves depend on: edges of one class between ends of one class make the same moves."""
    return edge.kind, edge.indirect, *_values(edge.props, _OF_EDGE)


def node_class(node: Node) -> Hashable:
    """What of a node the moves of edges at it depend on."""
    return node.kind, node.present, node.id.startswith(_ENTRA), *_values(node.props, _OF_NODE)


def _values(props: Props, names: tuple[str, ...]) -> Iterator[Hashable]:
    """The values of these, told apart by type too, since True is 1; a map has no hash and goes by its items."""
    for name in names:
        value = props.get(name)
        yield value if value is None or type(value) is str else (type(value), _hashed(value))


def _hashed(value: object) -> Hashable:
    return tuple(value.items()) if isinstance(value, Mapping) else value
