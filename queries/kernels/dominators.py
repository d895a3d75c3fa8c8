"""What every way to some goals passes: the dominator tree of the graph against the arrows, and who hangs below it.

The tree is that of Cooper, Harvey and Kennedy ("A simple, fast dominance algorithm", 2001): states in the order in
which a walk from the goals leaves them, and each one's dominator settled by walking up from its neighbours until nothing
changes. The loops below are plain Python over anything that is indexed; `queries.kernels.fast_dominators` compiles the
same functions, so that both give the same integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from graph.view import Keep, Mask, View
from queries.kernels.lists import Longs
from queries.kernels.search import kept
from queries.kernels.sweep import has_numba


@dataclass(frozen=True, slots=True, eq=False)
class Hanging:
    """Per state the walkers that have it on every way, those at the state included; and what is next on every way.

    `leading` says whether the state leads to a goal at all. `above` is the nearest state that all its ways pass, -1 where
    there is none.
    """

    sums: Longs
    leading: Mask
    above: Longs


def hanging(
    view: View, keep: Keep, goals: Iterable[int], walkers: Longs, *, fast: bool | None = None
) -> Hanging:
    """How many walkers have each state on every one of their ways to the goals.

    `walkers` is a number per state, those at the state itself count there. States from which no goal is reached count
    nothing; goals end a way, and what all their walkers pass only together is none of theirs.
    """
    inward, outward = kept(view, keep, inward=True), kept(view, keep)
    ways = (inward.indptr, inward.indices, outward.indptr, outward.indices)
    arrays = (*ways, np.fromiter(goals, dtype=np.int64), walkers)
    if has_numba() if fast is None else fast:
        from queries.kernels.fast_dominators import STEPS  # noqa: PLC0415  # numba is an optional extra

        return _told(*_hang(STEPS, arrays, lambda size: np.zeros(size, dtype=np.int64)))
    plain = (number_states, settle, add_below)
    return _told(*_hang(plain, tuple(array.tolist() for array in arrays), lambda size: [0] * size))


def _hang(
    steps: tuple[Callable[..., Any], ...], given: tuple[Any, ...], made: Callable[[int], Any]
) -> tuple[Longs, Longs, Longs, Longs]:
    """The three steps, plain or compiled: numbers and order of states, dominators by number, and the sums."""
    in_first, in_state, out_first, out_state, ends, walkers = given
    number, settled, added = steps
    size = len(walkers)
    numbers, order, sums = made(size), made(size), made(size)
    above, counts = made(size + 1), made(size + 1)
    # A state is at most once on the stack; beside it stands how far it has come.
    count = number(in_first, in_state, ends, numbers, order, made(size + 1), made(size + 1))
    settled(out_first, out_state, ends, numbers, order, count, above)
    added(walkers, order, count, above, counts, sums)
    return (
        np.asarray(numbers, dtype=np.int64),
        np.asarray(order, dtype=np.int64),
        np.asarray(above, dtype=np.int64),
        np.asarray(sums, dtype=np.int64),
    )


def _told(numbers: Longs, order: Longs, above: Longs, sums: Longs) -> Hanging:
    """The tree by state instead of by number."""
    leading = numbers != 0
    count = int(leading.sum())
    by_number = above[count - np.arange(count)]
    found = np.full(len(sums), -1, dtype=np.int64)
    found[order[:count]] = np.where(by_number > 0, order[count - by_number], -1)
    return Hanging(sums, leading, found)


def number_states(  # noqa: PLR0917  # compiled: flat arguments
    in_first: Any, in_state: Any, ends: Any, numbers: Any, order: Any, stack: Any, place: Any
) -> int:
    """Number the states that lead to the ends, 1 for the one that a walk from them leaves last; how many there are.

    0 stays for the root, which stands before all ends. `order` holds the states by number, from the second on.
    """
    count = 0
    for e in range(len(ends)):
        if numbers[ends[e]] != 0:
            continue
        depth = 0
        stack[0] = ends[e]
        place[0] = in_first[ends[e]]
        numbers[ends[e]] = -1  # on the way
        while depth >= 0:
            state = stack[depth]
            if place[depth] < in_first[state + 1]:
                ahead = in_state[place[depth]]
                place[depth] += 1
                if numbers[ahead] == 0:
                    numbers[ahead] = -1
                    depth += 1
                    stack[depth] = ahead
                    place[depth] = in_first[ahead]
            else:
                order[count] = state  # in the order of leaving
                count += 1
                numbers[state] = count
                depth -= 1
    # The last to be left is the first in reverse order.
    for at in range(count):
        numbers[order[at]] = count - at
    return count


def settle(  # noqa: C901, PLR0917  # compiled: flat arguments, and no call to another function
    out_first: Any, out_state: Any, ends: Any, numbers: Any, order: Any, count: int, above: Any
) -> None:
    """The dominator of every numbered state, by number; the root's is itself."""
    for number in range(1, count + 1):
        above[number] = -1
    above[0] = 0
    for e in range(len(ends)):
        above[numbers[ends[e]]] = 0  # the root is one way to each end
    changed = True
    while changed:
        changed = False
        for number in range(1, count + 1):
            state = order[count - number]
            best = above[number] if above[number] == 0 else -1
            if best == 0:
                continue
            for p in range(out_first[state], out_first[state + 1]):
                other = numbers[out_state[p]]
                if other <= 0 or above[other] == -1:
                    continue
                if best == -1:
                    best = other
                    continue
                while best != other:
                    while best > other:
                        best = above[best]
                    while other > best:
                        other = above[other]
            if best != above[number]:
                above[number] = best
                changed = True


def add_below(  # noqa: PLR0917  # compiled: flat arguments
    walkers: Any, order: Any, count: int, above: Any, counts: Any, sums: Any
) -> None:
    """Per state the walkers at it and below it in the tree."""
    for number in range(1, count + 1):
        counts[number] = walkers[order[count - number]]
    for number in range(count, 0, -1):
        sums[order[count - number]] = counts[number]
        if above[number] > 0:
            counts[above[number]] += counts[number]
