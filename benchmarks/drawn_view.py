"""The view of a drawn estate without its rows: equal to the projection of them, which a test holds it to."""

from __future__ import annotations

import numpy as np

from benchmarks.drawn import Drawn
from graph.model import Capability
from graph.projection import (
    _anchors,
    _flags,
    _laid_out,
    _pattern,
    _Said,
    _states,
    _Turn,
    _weights,
)
from graph.schema import schema
from graph.view import EdgeArrays, Ints, NodeArrays, Reasons, RevocableText, View


def view_of_drawn(estate: Drawn, *, version: int = 1) -> View:
    """The arrays of the estate."""
    edges = _edges(estate)
    nodes = _nodes(estate, edges)
    count = len(estate.source)
    said = _Said(cost=_narrow(estate.cost), how=np.full(count, -1, dtype=np.int32))
    arcs = _laid_out(*_patterns(estate, nodes), edges, said, nodes)
    return View(version, nodes, edges, *_states(nodes), arcs, _reasons(edges, nodes))


def _narrow(values: np.ndarray[tuple[int, ...], np.dtype[np.integer]]) -> Ints:
    return values.astype(np.int32)


def _pooled(values: Ints, *, start: int) -> tuple[list[int], Ints]:
    """The distinct values in order of first use, and per value its place among them, counted from `start`."""
    _, first, place = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return values[first[order]].tolist(), rank[place.reshape(-1)] + np.int32(start)


def _edges(estate: Drawn) -> EdgeArrays:
    none = np.zeros(len(estate.source), dtype=np.int32)
    return EdgeArrays(
        kinds=estate.edge_kinds,
        source=_narrow(estate.source),
        target=_narrow(estate.target),
        kind=_narrow(estate.edge_kind),
        discriminators=("",),
        discriminator=none,
        certainty=estate.certainty.astype(np.int8),
        conditions=((),),
        condition=none.copy(),
    )


def _nodes(estate: Drawn, edges: EdgeArrays) -> NodeArrays:
    declared, size = schema(), len(estate.kind)
    ids = tuple(map(estate.id, range(size)))
    accounts, account = _pooled(_narrow(estate.account), start=1)
    grants = estate.gives >= 0
    how = np.full(size, -1, dtype=np.int32)
    gives, how[grants] = _pooled(_narrow(estate.gives[grants]), start=0)
    _, one, kind_of = np.unique(estate.kind, return_index=True, return_inverse=True)
    flags = np.array([int(_flags(estate.node(int(at)), declared)) for at in one], dtype=np.int32)
    widths = np.array([len(declared.nodes[name].caps) for name in estate.kinds])
    sensitivity = _narrow(estate.sensitivity)
    return NodeArrays(
        ids=ids,
        names=tuple(map(str, ids)),
        kinds=estate.kinds,
        kind=_narrow(estate.kind),
        accounts=("", *map(str, accounts)),
        account=account,
        environments=("",),
        environment=np.zeros(size, dtype=np.int32),
        tags=((),),
        tag=np.zeros(size, dtype=np.int32),
        sensitivity=sensitivity,
        weight=_weights(sensitivity, edges),
        anchor=_anchors(edges, size),
        flags=flags[kind_of.reshape(-1)],
        capability=estate.gives.astype(np.int8),
        hows=tuple(f"action:{tuple(Capability)[code]}" for code in gives),
        how=how,
        first=np.concatenate(([0], np.cumsum(widths[estate.kind]))).astype(np.int32),
    )


def _patterns(estate: Drawn, nodes: NodeArrays) -> tuple[Ints, tuple[tuple[_Turn, ...], ...]]:
    """Per edge the position of its pattern: edges of one kind between ends of one kind and gift make the same moves."""
    kinds, gifts = len(nodes.kinds), len(Capability) + 1
    ends = nodes.kind[estate.source].astype(np.int64) * kinds + nodes.kind[estate.target]
    key = (estate.edge_kind * kinds * kinds + ends) * gifts + estate.gives[estate.source] + 1
    _, one, chosen = np.unique(key, return_index=True, return_inverse=True)
    patterns = tuple(
        _pattern(
            estate.edge(at),
            estate.node(int(estate.source[at])),
            estate.node(int(estate.target[at])),
            schema(),
        )
        for at in one.tolist()
    )
    return _narrow(chosen.reshape(-1)), patterns


def _reasons(edges: EdgeArrays, nodes: NodeArrays) -> Reasons:
    because = np.flatnonzero(edges.kind == edges.kinds.index("BECAUSE"))
    named, place = np.unique(edges.target[because], return_inverse=True)
    none = np.zeros(len(because), dtype=np.int32)
    return Reasons(
        edge=_narrow(because),
        grant=edges.source[because],
        revocable=_narrow(place.reshape(-1)),
        need=none,
        alternative=none.copy(),
        texts=tuple(RevocableText(nodes.ids[at], *[""] * 6) for at in named.tolist()),
    )
