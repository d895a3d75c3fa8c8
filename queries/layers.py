"""The cheapest ways of all states at once: a reach in layers, by the hop that each state is first reached in; the ways ahead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from graph.view import Ints, Keep, Mask, View
from queries.hops import ACCESS, ENTERING
from queries.kernels.search import STEP, Cheapest, Longs, cheapest, kept

NOWHERE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """Per state where it lies in a reach.

    `hop` is its hop on the cheapest way (0 at a start, -1 where none leads), `origin` the state where that hop began (-1
    at a start), `arc` the arc by which it was entered.
    """

    hop: Longs
    origin: Longs
    arc: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """The cheapest ways to some goals: a search against the arrows, with what comes next on the way of each state.

    `state` is the next one, `arc` the arc to it; at a goal, and where no way leads, `state` is -1 and `arc` means nothing.
    """

    found: Cheapest
    state: Longs
    arc: Ints

    @classmethod
    def to(cls, view: View, keep: Keep, goals: Iterable[int]) -> Self:
        """The ways to these states; of equal ones the same that paths are told by."""
        found = cheapest(view, keep, goals, inward=True)
        return cls(found, *entered(view, keep, found, inward=True))

    def arcs(self, state: int) -> Iterator[int]:
        """The arcs of the way from the state, the first one first; none from a goal, or where no way leads."""
        while self.state[state] != NOWHERE:
            yield int(self.arc[state])
            state = int(self.state[state])


def layers(view: View, keep: Keep, found: Cheapest) -> Layers:
    """The layers of a finished search, along the same cheapest ways that paths are told by."""
    before, arc = entered(view, keep, found)
    ends = ends_hop(view)
    hop = np.full(view.size, NOWHERE, dtype=np.int64)
    origin = np.full(view.size, NOWHERE, dtype=np.int64)
    starts = found.steps == 0
    hop[starts] = 0
    whole = starts.copy()  # the states that a hop ended at, or that a walk starts at
    order = np.argsort(found.steps, kind="stable")
    steps = found.steps[order]
    for step in range(1, int(found.steps.max(initial=0)) + 1):
        states = order[np.searchsorted(steps, step) : np.searchsorted(steps, step, side="right")]
        back, last = before[states], ends[arc[states]]
        hop[states] = hop[back] + last
        origin[states] = np.where(whole[back], back, origin[back])
        whole[states] = last
    # Inside a hop nothing has been gained yet: what is passed through belongs to the hop that it is part of.
    return Layers(hop, origin, arc)


def ends_hop(view: View) -> Mask:
    """Per arc whether a hop is over after it: all but those that enter a Grant, or a set on the way to its members."""
    return view.remember("ends hop", lambda: _ends_hop(view))


def _ends_hop(view: View) -> Mask:
    arcs, kinds = view.arcs, view.edges.kinds
    of_set = view.nodes.kind[view.state_node[arcs.target]] == view.nodes.kinds.index("AssetSet")
    entering = np.isin(arcs.kind, [at for at, kind in enumerate(kinds) if kind in ENTERING])
    access = np.isin(arcs.kind, [at for at, kind in enumerate(kinds) if kind in ACCESS])
    inside: Mask = entering | (access & of_set)
    return ~inside


def entered(view: View, keep: Keep, found: Cheapest, *, inward: bool = False) -> tuple[Longs, Ints]:
    """Per state the one before it on its cheapest way (inward: the next one), and the arc between; -1 where none is.

    Of equal ways it is the one that `way_back` takes.
    """
    arranged = kept(view, keep, inward=not inward)
    # Only what is reached has a way: most of a large estate is not.
    reached = np.flatnonzero(np.isfinite(found.weight) & (found.weight > 0)).astype(np.int32)
    places = arranged.places(reached)
    state = np.repeat(reached, np.diff(arranged.indptr)[reached])
    length = view.arcs.cost[arranged.arc[places]] * float(STEP) + 1.0
    tight = found.weight[arranged.indices[places]] + length == found.weight[state]
    # Written backwards, so that of equal ways the first one stands.
    tightest, last = places[tight][::-1], state[tight][::-1]
    before = np.full(view.size, NOWHERE, dtype=np.int64)
    arc = np.zeros(view.size, dtype=np.int32)
    before[last] = arranged.indices[tightest]
    arc[last] = arranged.arc[tightest]
    return before, arc
