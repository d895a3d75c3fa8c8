"""The smallest cut where each Grant falls by itself: a bound for estates of any size, in one minimum cut.

It is the answer where every Grant on the way has one Revocable of its own. Where Grants share some, it is what taking
Grants one by one would cost at most: `queries.cut` says what the Revocables themselves come to.

No command and no page asks it: a Grant is nothing that an owner can take away. It is measured with the other questions
(`make bench`), as what a cut costs where an estate is too large for witnesses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from graph.model import NodeId
from graph.view import Keep, View
from queries.attack_paths import entry_states
from queries.fixes import access_states, without_arcs
from queries.kernels.flow import sever
from queries.kernels.search import kept, reached

_ALL = Keep()


@dataclass(frozen=True, slots=True)
class GrantCut:
    """The Grants to take away, what they cost, and the targets that are reached without any Grant."""

    grants: tuple[NodeId, ...]
    cost: int
    open_targets: tuple[NodeId, ...]


def grant_cut(
    view: View,
    entries: Collection[NodeId],
    targets: Collection[NodeId],
    *,
    price: Callable[[NodeId], int] | None = None,
    keep: Keep = _ALL,
) -> GrantCut:
    """The cheapest Grants without which no entry reaches a target, but for those reached without any; 1 each by default.

    One that is enjoyed and serves a workload as well stands for two, and may be told and paid for twice.
    """
    starts = entry_states(view, entries)
    states = np.flatnonzero(view.nodes.kind[view.state_node] == view.nodes.kinds.index("Grant"))
    closed = np.zeros(view.size, dtype=np.bool_)
    closed[states] = True
    arranged = kept(view, keep)
    tail = np.repeat(np.arange(view.size), np.diff(arranged.indptr))
    head = arranged.indices.astype(np.int64)
    ungranted = without_arcs(view, closed[view.arcs.target])
    free = reached(ungranted, keep, starts[~closed[starts]].tolist())
    goals = {target: access_states(view, target) for target in sorted(set(targets))}
    opened = tuple(target for target, ends in goals.items() if free[list(ends)].any())
    ends = [state for target, found in goals.items() if target not in opened for state in found]
    # What no entry reaches, and what leads to no target, cannot matter.
    near = reached(view, keep, starts.tolist()) & reached(view, keep, ends, inward=True)
    if not near.any():
        return GrantCut((), 0, opened)
    asked = np.zeros(view.size, dtype=np.int64)
    asked[states] = 1 if price is None else [price(_id(view, state)) for state in states.tolist()]
    number = np.cumsum(near) - 1
    inside = near[tail] & near[head]
    found = sever(
        int(near.sum()),
        (number[tail[inside]], number[head[inside]]),
        sources=number[starts[near[starts]]].tolist(),
        sinks=number[[state for state in ends if near[state]]].tolist(),
        price=asked[near],
    )
    chosen = np.flatnonzero(near)[found.states]
    return GrantCut(tuple(_id(view, state) for state in chosen.tolist()), found.value, opened)


def _id(view: View, state: int) -> NodeId:
    return view.nodes.ids[int(view.state_node[state])]
