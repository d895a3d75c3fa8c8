"""How many walk through each Grant and each edge on their cheapest ways to some targets: what is proposed to be taken away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from graph.view import Keep, View
from queries.kernels.lists import Longs
from queries.layers import Ahead

_ALL = Keep()


@dataclass(frozen=True, slots=True, eq=False)
class Walked:
    """Per node (of Grants only) and per edge how many walkers pass it, a walker once for each target.

    `onward` is where a Grant leads some of them, a set replaced by what lies behind it; -1 where nobody passes.
    """

    grants: Longs
    edges: Longs
    onward: Longs


def walked(view: View, ends: Iterable[tuple[int, ...]], starts: Longs, keep: Keep = _ALL) -> Walked:
    """The cheapest way of each start to each target, one of equal ones, counted; `ends` are the states of each target."""
    nodes = len(view.nodes.ids)
    found = Walked(
        np.zeros(nodes, dtype=np.int64),
        np.zeros(len(view.edges.kind), dtype=np.int64),
        np.full(nodes, -1, dtype=np.int64),
    )
    for states in ends:
        _add_ways(view, states, starts, keep, found)
    return found


def _add_ways(view: View, goals: tuple[int, ...], starts: Longs, keep: Keep, into: Walked) -> None:
    """Add the ways to one target, the longest first, so that each state is left with all who have come to it."""
    way = Ahead.to(view, keep, goals)
    found, ahead, arc = way.found, way.state, way.arc
    walkers = np.zeros(view.size, dtype=np.int64)
    walkers[starts[found.steps[starts] > 0]] = 1
    order = np.argsort(-found.steps, kind="stable")
    steps = -found.steps[order]
    for step in range(int(found.steps.max(initial=0)), 0, -1):
        here = order[np.searchsorted(steps, -step) : np.searchsorted(steps, -step, side="right")]
        np.add.at(walkers, ahead[here], walkers[here])
    owner = view.state_node
    moving = np.flatnonzero((walkers > 0) & (found.steps > 0))
    np.add.at(into.edges, view.arcs.edge[arc[moving]], walkers[moving])
    passed = moving[view.nodes.kind[owner[moving]] == view.nodes.kinds.index("Grant")]
    np.add.at(into.grants, owner[passed], walkers[passed])
    gained = ahead[passed]
    is_set = view.nodes.kind[owner[gained]] == view.nodes.kinds.index("AssetSet")
    into.onward[owner[passed]] = owner[np.where(is_set, ahead[gained], gained)]
