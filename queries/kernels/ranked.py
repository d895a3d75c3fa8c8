"""The cheapest loop-free ways in order: a best-first search over prefixes, led by the exact distance that is left.

One search against the arrows gives every state its distance to the goals. A prefix is looked at once: its next sibling
(the next way out of the state before it) and its own best way on are put back. Of a sorted list of ways out no more is
ever made than is asked for, so that the cost hardly depends on the size of the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import TypeAlias

import numpy as np

from graph.view import Keep, View
from queries.kernels.search import STEP, Cheapest, cheapest, kept

Outs: TypeAlias = list[
    tuple[float, int, int]
]  # (arc's weight and what is left after it, next state, arc)


@dataclass(frozen=True, slots=True, eq=False)
class Prefix:
    """The beginning of a way: its last state, the arc that led there (-1 at an entry), and what it weighs so far."""

    state: int
    arc: int
    before: Prefix | None
    weight: float
    place: int  # among the ways out of the state before, or among the entries

    def walked(self) -> Iterator[Prefix]:
        """The prefixes from this one back to the entry."""
        at: Prefix | None = self
        while at is not None:
            yield at
            at = at.before

    @property
    def arcs(self) -> tuple[int, ...]:
        """The arcs in walking order."""
        return tuple(reversed([one.arc for one in self.walked() if one.arc >= 0]))


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """The ways between entries and goals, ready to be told in order."""

    view: View
    keep: Keep
    entries: tuple[int, ...]
    goals: frozenset[int]
    left: Cheapest  # from each state to the goals

    def ways(self, *, most_looked: int) -> Iterator[Prefix | None]:
        """The ways in order of cost and then steps, each loop-free by node; None where the search was given up.

        Several moves in a row may stay at one node (what its administration yields); a node that was left is not
        entered again. The search gives up after `most_looked` prefixes: what it told until then is exact.
        """
        outs: dict[int, Outs] = {}
        starts: Outs = sorted(
            (float(self.left.weight[entry]), entry, -1)
            for entry in set(self.entries)
            if np.isfinite(self.left.weight[entry])
        )
        heap: list[tuple[float, int, Prefix]] = []
        order = count()

        def offer(before: Prefix | None, choices: Outs, place: int) -> None:
            if place < len(choices):
                left, state, arc = choices[place]
                weight = 0.0 if before is None else before.weight
                reached = weight + left - float(self.left.weight[state])
                made = Prefix(state, arc, before, reached if arc >= 0 else 0.0, place)
                heappush(heap, (weight + left, next(order), made))

        offer(None, starts, 0)
        for _ in range(most_looked):
            if not heap:
                return
            _, _, prefix = heappop(heap)
            before = prefix.before
            siblings = starts if before is None else self._outs(before.state, outs)
            offer(before, siblings, prefix.place + 1)
            if self._loops(prefix):
                continue
            if prefix.state in self.goals and before is not None:
                yield prefix
            offer(prefix, self._outs(prefix.state, outs), 0)
        yield None

    def _outs(self, state: int, outs: dict[int, Outs]) -> Outs:
        """The ways out of the state from which some goal is reached, the best first."""
        if state not in outs:
            arranged = kept(self.view, self.keep)
            places = slice(int(arranged.indptr[state]), int(arranged.indptr[state + 1]))
            ahead, arcs = arranged.indices[places], arranged.arc[places]
            whole = self.view.arcs.cost[arcs] * float(STEP) + 1.0 + self.left.weight[ahead]
            some = np.isfinite(whole)
            outs[state] = sorted(
                zip(whole[some].tolist(), ahead[some].tolist(), arcs[some].tolist(), strict=True)
            )
        return outs[state]

    def _loops(self, prefix: Prefix) -> bool:
        """Whether the last step enters a node that was left before, or a state that was passed."""
        owner = self.view.state_node
        node = owner[prefix.state]
        inside = True  # still at the node that the way now ends at
        for one in prefix.walked():
            if one is prefix:
                continue
            if one.state == prefix.state:
                return True
            inside = inside and owner[one.state] == node
            if not inside and owner[one.state] == node:
                return True
        return False


def ranked(view: View, keep: Keep, entries: Iterable[int], goals: Iterable[int]) -> Ranked:
    """The ways from any of the entry states to any of the goal states."""
    ends = frozenset(goals)
    return Ranked(view, keep, tuple(entries), ends, cheapest(view, keep, ends, inward=True))
