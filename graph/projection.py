"""From rows to arrays: the projection that every question is asked of.

The moves come from `graph.moves`; edges of one class between ends of one class (`graph.moves.edge_class`) share one pattern,
so that the moves are worked out once per pattern and laid out by numpy.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

import numpy as np

from graph.columns import EdgeColumns, LiveRows, live_rows
from graph.errors import StoreError
from graph.model import Capability, Edge, Node
from graph.moves import arcs_of, edge_class, node_class
from graph.projection_cache import load, save, stamp_of
from graph.schema import Family, Schema, is_asset, schema
from graph.store import Store
from graph.view import (
    CODE,
    ArcArrays,
    Bytes,
    EdgeArrays,
    Flag,
    Ints,
    Keep,
    NodeArrays,
    Reasons,
    RevocableText,
    View,
)

__all__ = ["Keep", "View", "project", "projected", "view_of"]

T = TypeVar("T")

_ACTORS = frozenset(
    {"User", "Role", "ServiceAccount", "Application", "Person", "Group", "External", "Public"}
)
_UNCOUNTED = frozenset({"PrincipalClass", "Grant", "AssetSet", "Revocable"})
_READS = 3  # how often a store that changes while it is read is read again


def project(nodes: Iterable[Node], edges: Iterable[Edge], *, version: int) -> View:
    """The arrays of these rows; nodes are put in id order, edges keep theirs."""
    return projected(live_rows(nodes, edges, version=version), as_given=True)


def projected(rows: LiveRows, *, as_given: bool = False) -> View:
    """The arrays of these rows; the edges are put in the order of a store, or stay as they are given."""
    columns = _columns(rows, as_given=as_given)
    shapes = rows.edges.shapes
    edges = _edge_arrays(columns, rows.edges)
    hows = _Pool[str]()
    for shape in shapes:
        if technique := _text(shape.props.get("technique")):
            hows.add(technique)
    nodes = _node_columns(rows.nodes, edges, hows)
    of_shapes = _of_shapes(shapes, nodes)
    arcs = _laid_out(*_patterns(columns, rows), edges, of_shapes.of(columns.shape), nodes)
    state_node, state_capability = _states(nodes)
    reasons = _reasons(columns, rows, edges)
    return View(rows.version, nodes, edges, state_node, state_capability, arcs, reasons)


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
        view = projected(store.live())
        after = stamp_of(store)
        if after == stamp:
            break
        # A run was committed meanwhile: the view may be of the one before it or of it.
        stamp = after
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
    """The columns of the edges as arrays, in the order that the view gives them."""

    source: Ints
    target: Ints
    shape: Ints
    discriminator: Ints


@dataclass(frozen=True, slots=True)
class _Said:
    """What the arcs of an edge take over from it: a row per shape, or per edge."""

    cost: Ints
    how: Ints

    def of(self, shape: Ints) -> _Said:
        """The rows of these shapes."""
        return _Said(self.cost[shape], self.how[shape])


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int32)


def _columns(rows: LiveRows, *, as_given: bool) -> _Columns:
    held = rows.edges
    columns = (held.source, held.target, held.shape, held.discriminator)
    source, target, shape, word = (np.array(column, dtype=np.int32) for column in columns)
    if not as_given:
        kind = _ranks([one.kind for one in held.shapes])[shape]
        order = np.lexsort((_ranks(held.discriminators)[word], kind, target, source))
        source, target, shape, word = source[order], target[order], shape[order], word[order]
    return _Columns(source, target, shape, word)


def _ranks(texts: Sequence[str]) -> Ints:
    """Per text its place among the distinct ones in order."""
    place = {text: at for at, text in enumerate(sorted(set(texts)))}
    return _ints(place[text] for text in texts)


def _edge_arrays(columns: _Columns, held: EdgeColumns) -> EdgeArrays:
    kinds = tuple(sorted(schema().edges))
    code = {name: at for at, name in enumerate(kinds)}
    conditions = _Pool[tuple[str, ...]]()
    conditions.add(())
    kind = _ints(code[shape.kind] for shape in held.shapes)
    certainty = np.fromiter((int(shape.certainty) for shape in held.shapes), dtype=np.int8)
    condition = _ints(conditions.add(shape.conditions) for shape in held.shapes)
    return EdgeArrays(
        kinds,
        columns.source,
        columns.target,
        kind[columns.shape],
        discriminator=columns.discriminator,
        discriminators=tuple(held.discriminators),
        certainty=certainty[columns.shape],
        condition=condition[columns.shape],
        conditions=conditions.values,
    )


def _of_shapes(shapes: Sequence[Edge], nodes: NodeArrays) -> _Said:
    position = {text: at for at, text in enumerate(nodes.hows)}
    return _Said(
        cost=_ints(shape.cost for shape in shapes),
        how=_ints(position.get(_text(shape.props.get("technique")), -1) for shape in shapes),
    )


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


def _node_columns(rows: Sequence[Node], edges: EdgeArrays, hows: _Pool[str]) -> NodeArrays:
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


def _patterns(columns: _Columns, rows: LiveRows) -> tuple[Ints, tuple[tuple[_Turn, ...], ...]]:
    """Per edge the position of its pattern, and the patterns."""
    declared, nodes, shapes = schema(), rows.nodes, rows.edges.shapes
    edge_classes, node_classes = _Pool[Hashable](), _Pool[Hashable]()
    of_shape = _ints(edge_classes.add(edge_class(shape)) for shape in shapes)
    of_node = _ints(node_classes.add(node_class(node)) for node in nodes)
    key = of_shape[columns.shape].astype(np.int64)
    for end in (columns.source, columns.target):
        key = key * len(node_classes.positions) + of_node[end]
    key = key * 2 + (columns.source == columns.target)
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    pool = _Pool[tuple[_Turn, ...]]()
    chosen = []
    for at in first.tolist():
        source, target = nodes[columns.source[at]], nodes[columns.target[at]]
        edge = replace(shapes[columns.shape[at]], source=source.id, target=target.id)
        chosen.append(pool.add(_pattern(edge, source, target, declared)))
    return _ints(chosen)[which.reshape(-1)], pool.values


def _laid_out(
    chosen: Ints,
    patterns: tuple[tuple[_Turn, ...], ...],
    edges: EdgeArrays,
    said: _Said,
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
        cost=said.cost[kept],
        certainty=edges.certainty[kept],
        indirect=turn[keep, 3] == 1,
        kind=edges.kind[kept],
        edge=kept,
        grant=grant[keep],
        how=_arc_hows(edges, said, arrays)[kept],
    )


def _arc_hows(edges: EdgeArrays, said: _Said, arrays: NodeArrays) -> Ints:
    """Per edge the technique or action that it stands for, as a position in `hows`."""
    holds, on = (edges.kinds.index(name) for name in ("HOLDS", "ON"))
    of_source = arrays.how[edges.source]
    potential = (arrays.flags[edges.source] & int(Flag.POTENTIAL)) != 0
    inherited = np.select(
        [edges.kind == holds, (edges.kind == on) | potential],
        [arrays.how[edges.target], of_source],
        default=-1,
    )
    return np.where(said.how >= 0, said.how, inherited).astype(np.int32)


def _reasons(columns: _Columns, rows: LiveRows, edges: EdgeArrays) -> Reasons:
    because = np.flatnonzero(edges.kind == edges.kinds.index("BECAUSE"))
    named, place = np.unique(edges.target[because], return_inverse=True)
    shapes = [rows.edges.shapes[at] for at in columns.shape[because].tolist()]
    return Reasons(
        edge=because.astype(np.int32),
        grant=edges.source[because],
        revocable=place.astype(np.int32),
        need=_ints(_number(shape, "need") for shape in shapes),
        alternative=_ints(_number(shape, "alternative") for shape in shapes),
        texts=tuple(_revocable_text(rows.nodes[at]) for at in named.tolist()),
    )


def _number(edge: Edge, prop: str) -> int:
    value = edge.props.get(prop)
    return value if isinstance(value, int) else 0


def _revocable_text(node: Node) -> RevocableText:
    fields = ("kind", "relative", "holder", "document", "statement", "member")
    return RevocableText(node.id, *(_text(node.props.get(name)) for name in fields))
