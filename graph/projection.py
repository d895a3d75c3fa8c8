"""From rows to arrays: the projection that every question is asked of.

The moves come from `graph.moves`; edges whose moves depend on nothing but kinds (and, for ON, on what the Grant
gives) share one pattern, so that the moves are worked out once per pattern and laid out by numpy.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

import numpy as np

from graph.errors import SchemaError, StoreError
from graph.model import Capability, Edge, Node, NodeId
from graph.moves import arcs_of
from graph.projection_cache import load, save, stamp_of
from graph.schema import EdgeKind, Family, Schema, Special, When, is_asset, schema
from graph.store import Store
from graph.view import (
    CODE,
    ArcArrays,
    Bytes,
    EdgeArrays,
    Flag,
    Ints,
    Keep,
    Mask,
    NodeArrays,
    Reasons,
    RevocableText,
    View,
)

__all__ = ["Keep", "View", "project", "view_of"]

T = TypeVar("T")

_ACTORS = frozenset(
    {"User", "Role", "ServiceAccount", "Application", "Person", "Group", "External", "Public"}
)
_UNCOUNTED = frozenset({"PrincipalClass", "Grant", "AssetSet", "Revocable"})
_BY_KIND = frozenset({When.ALWAYS, When.TO_GROUP, When.TO_IDENTITY})
_READS = 3  # how often a store that changes while it is read is read again


def project(nodes: Iterable[Node], edges: Iterable[Edge], *, version: int) -> View:
    """The arrays of these rows; nodes are put in id order, edges keep theirs."""
    rows = sorted(nodes, key=lambda node: node.id)
    index = {node.id: at for at, node in enumerate(rows)}
    if len(index) < len(rows):
        raise SchemaError("two nodes have one id")
    edge_rows = list(edges)
    edge_arrays, columns = _edge_columns(edge_rows, index)
    hows = _Pool[str]()
    for technique in columns.technique:
        if technique is not None:
            hows.add(technique)
    arrays = _node_columns(rows, edge_arrays, hows)
    arcs = _arc_columns(edge_rows, rows, edge_arrays, columns, arrays)
    state_node, state_capability = _states(arrays)
    reasons = _reasons(edge_rows, rows, edge_arrays)
    return View(version, arrays, edge_arrays, state_node, state_capability, arcs, reasons)


def _states(arrays: NodeArrays) -> tuple[Ints, Bytes]:
    """Per state its node and its capability code: every legal one, in the order that the kind declares."""
    declared = schema()
    widths = np.diff(arrays.first)
    node = np.repeat(np.arange(len(widths), dtype=np.int32), widths)
    place = np.arange(len(node)) - arrays.first[node]
    widest = max(len(kind.caps) for kind in declared.nodes.values())
    table = np.zeros((len(arrays.kinds), widest), dtype=np.int8)
    for at, name in enumerate(arrays.kinds):
        caps = declared.node(name).caps
        table[at, : len(caps)] = [CODE[capability] for capability in caps]
    return node, table[arrays.kind[node], place]


def view_of(store: Store, *, cache: Path | None) -> View:
    """The view of the store's last committed run, from the cache folder where it holds this very version."""
    stamp = stamp_of(store)
    if cache is not None:
        found = load(cache, stamp)
        if found is not None:
            return found
    for _ in range(_READS):
        view = project(store.nodes(), store.edges(), version=store.version())
        after = stamp_of(store)
        if after == stamp:
            break
        stamp = after  # a run was committed meanwhile: nodes and edges may be of two versions
    else:
        raise StoreError("the store changes faster than it can be read")
    if cache is not None:
        save(cache, stamp, view)
    return view


class _Pool(Generic[T]):
    """Distinct values with their positions, in order of first use."""

    def __init__(self) -> None:
        self.positions: dict[T, int] = {}

    def add(self, value: T) -> int:
        """The position of the value, added where it is new."""
        return self.positions.setdefault(value, len(self.positions))

    @property
    def values(self) -> tuple[T, ...]:
        return tuple(self.positions)


@dataclass(frozen=True, slots=True)
class _Columns:
    """What the arcs of an edge take over from it."""

    cost: Ints
    indirect: Mask
    technique: tuple[str | None, ...]


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int32)


def _edge_columns(rows: list[Edge], index: dict[NodeId, int]) -> tuple[EdgeArrays, _Columns]:
    kinds = tuple(sorted(schema().edges))
    code = {name: at for at, name in enumerate(kinds)}
    discriminators, conditions = _Pool[str](), _Pool[tuple[str, ...]]()
    discriminators.add("")
    conditions.add(())
    try:
        source = _ints(index[edge.source] for edge in rows)
        target = _ints(index[edge.target] for edge in rows)
        kind = _ints(code[edge.kind] for edge in rows)
    except KeyError as missing:
        raise SchemaError(f"an edge names `{missing.args[0]}`, which is not there") from None
    arrays = EdgeArrays(
        kinds,
        source,
        target,
        kind,
        discriminator=_ints(discriminators.add(edge.discriminator) for edge in rows),
        discriminators=discriminators.values,
        certainty=np.fromiter((int(edge.certainty) for edge in rows), dtype=np.int8),
        condition=_ints(conditions.add(edge.conditions) for edge in rows),
        conditions=conditions.values,
    )
    columns = _Columns(
        cost=_ints(edge.cost for edge in rows),
        indirect=np.fromiter((edge.indirect for edge in rows), dtype=np.bool_),
        technique=tuple(
            (_text(edge.props.get("technique")) or None) if edge.props else None for edge in rows
        ),
    )
    return arrays, columns


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _flags(node: Node, declared: Schema) -> Flag:
    kind = declared.node(node.kind)
    potential = bool(node.props.get("potential", False))
    tests = {
        Flag.PRESENT: node.present,
        Flag.ASSET: is_asset(node),
        Flag.POTENTIAL: potential,
        Flag.LATENT: node.kind == "AssetSet" and bool(node.props.get("latent", False)),
        Flag.ACTOR: node.kind in _ACTORS and node.present,
        Flag.EXTERNAL: node.kind == "External",
        Flag.PUBLIC: node.kind == "Public",
        Flag.DISABLED: kind.family is Family.IDENTITY and node.props.get("enabled") is False,
        Flag.COUNTED: node.kind not in _UNCOUNTED and not potential,
        Flag.VIRTUAL: node.kind == "PrincipalClass" and bool(node.props.get("virtual")),
        Flag.CROWN: node.props.get("tier") == "crown",
    }
    return Flag(sum(flag for flag, holds in tests.items() if holds))


def _sensitivity(node: Node) -> int:
    value = node.props.get("sensitivity")
    return value if isinstance(value, int) else -1


def _tags(node: Node) -> tuple[str, ...]:
    value = node.props.get("tags")
    return tuple(sorted(f"{k}={v}" for k, v in value.items())) if isinstance(value, Mapping) else ()


def _node_columns(rows: list[Node], edges: EdgeArrays, hows: _Pool[str]) -> NodeArrays:
    declared = schema()
    kinds = tuple(sorted(declared.nodes))
    code = {name: at for at, name in enumerate(kinds)}
    accounts, environments = _Pool[str](), _Pool[str]()
    accounts.add("")
    environments.add("")
    tags = _Pool[tuple[str, ...]]()
    tags.add(())
    kind = _ints(code[declared.node(node.kind).name] for node in rows)
    widths = _ints(len(declared.nodes[name].caps) for name in kinds)
    gives = (
        CODE[Capability(str(node.props["capability"]))]
        if node.kind == "Grant" and "capability" in node.props
        else -1
        for node in rows
    )
    how = (_text(node.props.get("how") or node.props.get("technique")) for node in rows)
    sensitivity = _ints(map(_sensitivity, rows))
    return NodeArrays(
        ids=tuple(node.id for node in rows),
        names=tuple(node.name for node in rows),
        kinds=kinds,
        kind=kind,
        account=_ints(accounts.add(_text(node.props.get("account"))) for node in rows),
        accounts=accounts.values,
        environment=_ints(environments.add(_text(node.props.get("environment"))) for node in rows),
        environments=environments.values,
        tag=_ints(tags.add(_tags(node)) for node in rows),
        tags=tags.values,
        sensitivity=sensitivity,
        weight=_weights(sensitivity, edges),
        anchor=_anchors(edges, len(rows)),
        flags=_ints(int(_flags(node, declared)) for node in rows),
        capability=np.fromiter(gives, dtype=np.int8),
        how=_ints(hows.add(text) if text else -1 for text in how),
        hows=hows.values,
        first=np.concatenate(([0], np.cumsum(widths[kind]))).astype(np.int32),
    )


def _anchors(edges: EdgeArrays, nodes: int) -> Ints:
    """Per node the largest dataset that it is part of; in a cycle the one with the smallest id."""
    parent: dict[int, int] = {}
    inside = edges.kind == edges.kinds.index("PART_OF")
    for child, whole in zip(
        edges.source[inside].tolist(), edges.target[inside].tolist(), strict=True
    ):
        if child != whole:
            parent[child] = min(whole, parent.get(child, whole))
    anchor = np.arange(nodes, dtype=np.int32)
    for child in parent:
        seen = [child]
        while seen[-1] in parent and parent[seen[-1]] not in seen:
            seen.append(parent[seen[-1]])
        last = parent.get(seen[-1])
        anchor[child] = seen[-1] if last is None else min(seen[seen.index(last) :])
    return anchor


def _weights(sensitivity: Ints, edges: EdgeArrays) -> Ints:
    """Per node the highest sensitivity of itself and of the datasets around it."""
    inside = edges.kind == edges.kinds.index("PART_OF")
    weight, before = sensitivity.copy(), None
    while before is None or not np.array_equal(weight, before):
        before = weight.copy()
        np.maximum.at(weight, edges.source[inside], before[edges.target[inside]])
    return weight


# One arc of a pattern: whether it starts at the edge's target, the places of its two capabilities, indirect.
_Turn: TypeAlias = tuple[bool, int, int, bool]


class _Moves(Enum):
    """What the moves of an edge of some kind depend on."""

    NONE = "it makes none"
    KINDS = "the kinds of its ends"
    GRANT = "these, and what the Grant at its source gives"
    ALL = "properties of the edge or its ends"


def _depends(kind: EdgeKind) -> _Moves:
    named = {end for move in kind.moves for end in (move.have, move.gain)}
    if not kind.moves:
        return _Moves.NONE
    shared = all(move.when in _BY_KIND or move.when is When.DELEGABLE for move in kind.moves)
    if not shared or named & {Special.OF_EDGE, Special.FROM_EDGE}:
        return _Moves.ALL
    return _Moves.GRANT if Special.OF_GRANT in named else _Moves.KINDS


def _pattern_key(edge: Edge, source: Node, target: Node, depends: _Moves) -> Hashable | None:
    """What the edge's moves depend on, where that is little enough to share; None where it is more."""
    if depends is _Moves.ALL or source is target:
        return None
    key = (edge.kind, source.kind, target.kind, edge.indirect, source.present and target.present)
    if depends is _Moves.KINDS:
        return key
    props = source.props
    gives = props.get("capability"), props.get("delegable") is False, target.props.get("of_kind")
    return key, gives


def _pattern(edge: Edge, source: Node, target: Node, declared: Schema) -> tuple[_Turn, ...]:
    ends = {source.id: declared.node(source.kind).caps, target.id: declared.node(target.kind).caps}
    return tuple(
        (
            arc.source != source.id,
            ends[arc.source].index(arc.have),
            ends[arc.target].index(arc.gain),
            arc.indirect,
        )
        for arc in arcs_of(edge, source, target, declared)
    )


def _patterns(
    edges: list[Edge], nodes: list[Node], ends: EdgeArrays
) -> tuple[Ints, tuple[tuple[_Turn, ...], ...]]:
    """Per edge the position of its pattern, and the patterns."""
    declared = schema()
    pool, known = _Pool[tuple[_Turn, ...]](), dict[Hashable, int]()
    pool.add(())
    depends = {name: _depends(kind) for name, kind in declared.edges.items()}
    chosen = np.zeros(len(edges), dtype=np.int32)
    columns = zip(edges, ends.source.tolist(), ends.target.tolist(), strict=True)
    for at, (edge, from_, to) in enumerate(columns):
        moves = depends[edge.kind]
        if moves is _Moves.NONE:
            continue
        source, target = nodes[from_], nodes[to]
        key = _pattern_key(edge, source, target, moves)
        if key is None:
            chosen[at] = pool.add(_pattern(edge, source, target, declared))
        elif key in known:
            chosen[at] = known[key]
        else:
            known[key] = chosen[at] = pool.add(_pattern(edge, source, target, declared))
    return chosen, pool.values


def _arc_columns(
    rows: list[Edge], nodes: list[Node], edges: EdgeArrays, columns: _Columns, arrays: NodeArrays
) -> ArcArrays:
    return _laid_out(*_patterns(rows, nodes, edges), edges, columns, arrays)


def _laid_out(
    chosen: Ints,
    patterns: tuple[tuple[_Turn, ...], ...],
    edges: EdgeArrays,
    columns: _Columns,
    arrays: NodeArrays,
) -> ArcArrays:
    """The arcs of all edges, each edge by its pattern."""
    turns = np.array([turn for pattern in patterns for turn in pattern], dtype=np.int32)
    turns = turns.reshape(-1, 4)
    length = np.array([len(pattern) for pattern in patterns], dtype=np.int64)
    offset = np.cumsum(length) - length
    per_edge = length[chosen]
    edge = np.repeat(np.arange(len(chosen), dtype=np.int32), per_edge)
    within = np.arange(len(edge)) - np.repeat(np.cumsum(per_edge) - per_edge, per_edge)
    turn = turns[offset[chosen[edge]] + within]
    backward = turn[:, 0] == 1
    ahead, behind = edges.source[edge], edges.target[edge]
    source = arrays.first[np.where(backward, behind, ahead)] + turn[:, 1]
    target = arrays.first[np.where(backward, ahead, behind)] + turn[:, 2]
    grant = np.full(len(edge), -1, dtype=np.int32)
    for name, end in (("HOLDS", behind), ("ON", ahead)):
        of_kind = edges.kind[edge] == edges.kinds.index(name)
        grant[of_kind] = end[of_kind]
    keep = source != target  # a state that leads to itself says nothing
    kept = edge[keep]
    return ArcArrays(
        source=source[keep].astype(np.int32),
        target=target[keep].astype(np.int32),
        cost=columns.cost[kept],
        certainty=edges.certainty[kept],
        indirect=turn[keep, 3] == 1,
        kind=edges.kind[kept],
        edge=kept,
        grant=grant[keep],
        how=_arc_hows(edges, columns, arrays)[kept],
    )


def _arc_hows(edges: EdgeArrays, columns: _Columns, arrays: NodeArrays) -> Ints:
    """Per edge the technique or action that it stands for, as a position in `hows`."""
    position = {text: at for at, text in enumerate(arrays.hows)}
    own = _ints(-1 if name is None else position[name] for name in columns.technique)
    holds, on = (edges.kinds.index(name) for name in ("HOLDS", "ON"))
    of_source = arrays.how[edges.source]
    potential = (arrays.flags[edges.source] & int(Flag.POTENTIAL)) != 0
    inherited = np.select(
        [edges.kind == holds, (edges.kind == on) | potential],
        [arrays.how[edges.target], of_source],
        default=-1,
    )
    return np.where(own >= 0, own, inherited).astype(np.int32)


def _reasons(rows: list[Edge], nodes: list[Node], edges: EdgeArrays) -> Reasons:
    because = np.flatnonzero(edges.kind == edges.kinds.index("BECAUSE"))
    named, place = np.unique(edges.target[because], return_inverse=True)
    return Reasons(
        edge=because.astype(np.int32),
        grant=edges.source[because],
        revocable=place.astype(np.int32),
        need=_ints(_number(rows[at], "need") for at in because.tolist()),
        alternative=_ints(_number(rows[at], "alternative") for at in because.tolist()),
        texts=tuple(_revocable_text(nodes[at]) for at in named.tolist()),
    )


def _number(edge: Edge, prop: str) -> int:
    value = edge.props.get(prop)
    return value if isinstance(value, int) else 0


def _revocable_text(node: Node) -> RevocableText:
    fields = ("kind", "relative", "holder", "document", "statement", "member")
    return RevocableText(node.id, *(_text(node.props.get(name)) for name in fields))
