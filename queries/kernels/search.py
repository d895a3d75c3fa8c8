"""Searches over the kept arcs of a view: who is reached at all, and what is cheapest.

Cost comes first, then the number of steps: both live in one exact weight, `cost * STEP + 1`, so that free arcs stay
free and of two equally cheap ways the shorter one wins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from graph.model import Certainty
from graph.view import Ints, Keep, Mask, View
from queries.kernels.lists import distinct

STEP = 1 << 24  # more than a path can have steps; float64 stays exact up to costs of 2**29
UNREACHED = -1
_LARGEST = 1 << 63

Longs: TypeAlias = NDArray[np.int64]
Weights: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The arcs that a filter keeps, one way: by source (outward) or by target (inward), cheapest first, none doubled."""

    indptr: Ints
    indices: Ints  # the state at the other end
    arc: Ints  # positions in the view's arcs

    def neighbours(self, states: Ints) -> Ints:
        """The states one arc away from any of these, with repetitions."""
        return self.indices[self.places(states)]

    def places(self, states: NDArray[np.integer]) -> Longs:
        """The places in `indices` and `arc` that belong to these states."""
        begin, end = self.indptr[states].astype(np.int64), self.indptr[states + 1].astype(np.int64)
        length = end - begin
        shift = np.repeat(begin - (np.cumsum(length) - length), length)
        places: Longs = np.arange(len(shift), dtype=np.int64) + shift
        return places


def kept(view: View, keep: Keep, *, inward: bool = False) -> Kept:
    """The kept arcs, of parallel ones the cheapest, then the surest, then the first; made once per view, filter and way."""
    return view.remember(("kept", keep, inward), lambda: _arrange(view, keep, inward=inward))


def _arrange(view: View, keep: Keep, *, inward: bool) -> Kept:
    arcs = view.arcs
    chosen = np.flatnonzero(keep.mask(view))
    near, far = (arcs.target, arcs.source) if inward else (arcs.source, arcs.target)
    ends = near[chosen].astype(np.int64) * view.size + far[chosen]
    rank = arcs.cost[chosen].astype(np.int64) * len(Certainty) + arcs.certainty[chosen]
    worst = int(rank.max(initial=0)) + 1
    if view.size**2 * worst < _LARGEST:
        order = np.argsort(ends * worst + rank, kind="stable")  # one sort instead of three
    else:
        order = np.lexsort((rank, ends))
    order, ends = chosen[order], ends[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = ends[1:] != ends[:-1]
    order = order[first]
    counts = np.bincount(near[order], minlength=view.size)
    indptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    return Kept(indptr, far[order].astype(np.int32), order.astype(np.int32))


def reached(view: View, keep: Keep, starts: Iterable[int], *, inward: bool = False) -> Mask:
    """Per state whether it is reached from any of the starts (or, inward, reaches any); the starts included."""
    arranged = kept(view, keep, inward=inward)
    seen = np.zeros(view.size, dtype=np.bool_)
    front = distinct(np.fromiter(starts, dtype=np.int32))
    while len(front):
        seen[front] = True
        ahead = arranged.neighbours(front)
        front = distinct(ahead[~seen[ahead]])
    return seen


@dataclass(frozen=True, slots=True, eq=False)
class Cheapest:
    """Least costs and steps from some starts to every state; `cost` and `steps` are -1 where none leads."""

    cost: Longs
    steps: Longs
    weight: NDArray[np.float64]


def cheapest(view: View, keep: Keep, starts: Iterable[int], *, inward: bool = False) -> Cheapest:
    """The least (cost, steps) from any of the starts to each state (inward: from each state to any of them)."""
    from scipy.sparse import csr_array  # noqa: PLC0415  # slow to load; pages that search nothing do without
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415  # as above

    arranged = kept(view, keep, inward=inward)
    weights = view.remember(
        ("weights", keep, inward), lambda: view.arcs.cost[arranged.arc] * float(STEP) + 1.0
    )
    matrix = csr_array((weights, arranged.indices, arranged.indptr), shape=(view.size, view.size))
    first = distinct(np.fromiter(starts, dtype=np.int32))
    if not len(first):
        weight = np.full(view.size, np.inf)
    else:
        weight = np.asarray(dijkstra(matrix, indices=first, min_only=True), dtype=np.float64)
    there = np.isfinite(weight)
    whole = np.where(there, weight, 0.0).astype(np.int64)
    cost = np.where(there, whole // STEP, UNREACHED)
    return Cheapest(cost, np.where(there, whole % STEP, UNREACHED), weight)


def way_back(view: View, keep: Keep, found: Cheapest, target: int) -> tuple[int, ...]:
    """The arcs of the cheapest way to the target, in walking order; of equal ways the one with the earliest states.

    Any step back along an arc that is exactly as long as the difference stays on a cheapest way, and every arc weighs
    at least one, so that this ends; it does not depend on the order in which the search met the states.
    """
    arranged = kept(view, keep, inward=True)
    arcs: list[int] = []
    state = target
    while found.weight[state] > 0:
        places = slice(arranged.indptr[state], arranged.indptr[state + 1])
        before, arc = arranged.indices[places], arranged.arc[places]
        length = view.arcs.cost[arc] * float(STEP) + 1.0
        tight = np.flatnonzero(found.weight[before] + length == found.weight[state])
        arcs.append(int(arc[tight[0]]))
        state = int(before[tight[0]])
    return tuple(reversed(arcs))


def weakest(
    view: View, keep: Keep, starts: Iterable[int], level: NDArray[np.int8], *, inward: bool = False
) -> NDArray[np.int8]:
    """Per state the lowest level that some way from the starts never exceeds; -1 where none leads there.

    `level` is a number per arc, from 0 on. A way of no arcs has level 0.
    """
    arranged = view.remember(("all", keep, inward), lambda: _parallel(view, keep, inward=inward))
    best = np.full(view.size, UNREACHED, dtype=np.int8)
    first = distinct(np.fromiter(starts, dtype=np.int32))
    best[first] = 0
    for bound in distinct(np.append(level[arranged.arc], 0)):
        front = np.flatnonzero(best >= 0)
        while len(front):
            places = arranged.places(front)
            ahead = arranged.indices[places[level[arranged.arc[places]] <= bound]]
            front = distinct(ahead[best[ahead] < 0])
            best[front] = bound
    return best


def _parallel(view: View, keep: Keep, *, inward: bool) -> Kept:
    """The kept arcs with all parallel ones, which may differ in level."""
    chosen = np.flatnonzero(keep.mask(view))
    near, far = view.arcs.source, view.arcs.target
    if inward:
        near, far = far, near
    order = chosen[np.argsort(near[chosen], kind="stable")]
    counts = np.bincount(near[order], minlength=view.size)
    indptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    return Kept(indptr, far[order], order.astype(np.int32))


def best_certainty(
    view: View, keep: Keep, starts: Iterable[int], *, inward: bool = False
) -> NDArray[np.int8]:
    """Per state the certainty of the surest way from the starts: its weakest arc; -1 where none leads."""
    return weakest(view, keep, starts, view.arcs.certainty, inward=inward)
