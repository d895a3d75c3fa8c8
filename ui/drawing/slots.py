"""Slots: the places of cards, and of links that pass a column, in the order and at the height where they cross least."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ui.drawing.picture import Link, Picture
from ui.drawing.ranks import columns

SWEEPS = 6
BETWEEN_CARDS = 24.0
BETWEEN_OTHERS = 12.0
PASSAGE = 24.0  # the height kept free for a link that passes a column
GRID = 4.0  # all heights are multiples of it, so that straight links are straight


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a column: of a card, or with `card` empty of a link that passes."""

    column: int
    card: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """A link as the slots that it touches, from left to right.

    `back` where it points to the left; where both ends share a column, the first slot is its source.
    """

    link: Link
    slots: tuple[int, ...]
    back: bool = False


@dataclass(frozen=True, slots=True)
class Slots:
    """Every slot, the cards first and by id, and every link through them, by id; a loop has a slot of its own only."""

    slots: tuple[Slot, ...]
    chains: tuple[Chain, ...]
    loops: tuple[tuple[int, Link], ...]
    rows: tuple[tuple[int, ...], ...] = ()  # the slots of each column from top to bottom


def slots_of(picture: Picture) -> Slots:
    """The slots of a picture in their order; links whose ends are not drawn are left out."""
    column = columns(picture)
    made = [Slot(column[card], card) for card in sorted(column)]
    at = {slot.card: index for index, slot in enumerate(made)}
    chains: list[Chain] = []
    loops: list[tuple[int, Link]] = []
    for link in sorted(picture.links, key=lambda link: link.id):
        if link.source == link.target:
            loops.append((at[link.source], link))
            continue
        back = column[link.source] > column[link.target]
        left, right = (link.target, link.source) if back else (link.source, link.target)
        passed = range(column[left] + 1, column[right])
        between = range(len(made), len(made) + len(passed))
        made += [Slot(passing) for passing in passed]
        chains.append(Chain(link, (at[left], *between, at[right]), back))
    unordered = Slots(tuple(made), tuple(chains), tuple(loops))
    return Slots(unordered.slots, unordered.chains, unordered.loops, _ordered(unordered))


def _neighbours(slots: Slots) -> tuple[Mapping[int, list[int]], Mapping[int, list[int]]]:
    """The slots tied to each one in the column before, and in the column after."""
    before: dict[int, list[int]] = defaultdict(list)
    after: dict[int, list[int]] = defaultdict(list)
    for chain in slots.chains:
        for left, right in pairwise(chain.slots):
            if slots.slots[left].column != slots.slots[right].column:
                after[left].append(right)
                before[right].append(left)
    return before, after


def _ordered(slots: Slots) -> tuple[tuple[int, ...], ...]:
    """Each column sorted by the mean place of its neighbours, six times from either side; the best of them all."""
    rows: list[list[int]] = [
        [] for _ in range(max((slot.column for slot in slots.slots), default=-1) + 1)
    ]
    for index, slot in enumerate(slots.slots):
        rows[slot.column].append(index)
    before, after = _neighbours(slots)
    best, fewest = [tuple(row) for row in rows], _crossings(rows, after)
    for sweep in range(SWEEPS):
        ahead = sweep % 2 == 0
        for column in range(len(rows)) if ahead else range(len(rows) - 1, -1, -1):
            _sort(rows, column, before if ahead else after)
        crossings = _crossings(rows, after)
        if crossings < fewest:
            best, fewest = [tuple(row) for row in rows], crossings
    return tuple(best)


def _sort(rows: list[list[int]], column: int, tied: Mapping[int, list[int]]) -> None:
    place = {slot: index / max(1, len(row) - 1) for row in rows for index, slot in enumerate(row)}

    def weight(slot: int) -> float:
        near = tied.get(slot, ())
        return sum(place[one] for one in near) / len(near) if near else place[slot]

    rows[column].sort(key=lambda slot: (weight(slot), place[slot]))


def _crossings(rows: Iterable[Sequence[int]], after: Mapping[int, list[int]]) -> int:
    """How many pairs of links cross between neighbouring columns."""
    place = {slot: index for row in rows for index, slot in enumerate(row)}
    count = 0
    for row in rows:
        seen: list[int] = []
        for slot in row:
            ends = [place[end] for end in after.get(slot, ())]
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def heights(slots: Slots, sizes: Mapping[int, tuple[float, float]]) -> tuple[float, ...]:
    """The height of the middle of every slot, the middle of each column at 0 at first, then pulled to its neighbours.

    `sizes` holds how far each slot reaches above and below its middle.
    """
    y = [0.0] * len(slots.slots)
    gaps = [_gaps(slots, row, sizes) for row in slots.rows]
    for row, apart in zip(slots.rows, gaps, strict=True):
        height = sum(apart)
        top = -height / 2
        for slot, gap in zip(row, (0.0, *apart), strict=True):
            top += gap
            y[slot] = top
    before, after = _neighbours(slots)
    both = {slot: [*before.get(slot, ()), *after.get(slot, ())] for slot in range(len(y))}
    for sweep in range(SWEEPS + 1):
        tied = both if sweep == SWEEPS else (before, after)[sweep % 2]
        order = range(len(slots.rows))
        for column in reversed(order) if sweep % 2 else order:
            _pull(y, slots.rows[column], gaps[column], tied, slots)
    return tuple(round(at / GRID) * GRID for at in y)


def _gaps(
    slots: Slots, row: Sequence[int], sizes: Mapping[int, tuple[float, float]]
) -> tuple[float, ...]:
    apart = []
    for upper, lower in pairwise(row):
        cards = slots.slots[upper].card and slots.slots[lower].card
        apart.append(
            sizes[upper][1] + (BETWEEN_CARDS if cards else BETWEEN_OTHERS) + sizes[lower][0]
        )
    return tuple(apart)


def _pull(
    y: list[float],
    row: Sequence[int],
    apart: Sequence[float],
    tied: Mapping[int, list[int]],
    slots: Slots,
) -> None:
    """Move a column as near to its neighbours as its order and its gaps allow: least squares."""
    offset = 0.0
    blocks: list[tuple[float, float, int]] = []  # mean, weight, slots
    offsets = []
    for slot, gap in zip(row, (0.0, *apart), strict=True):
        offset += gap
        offsets.append(offset)
        near = tied.get(slot, ())
        wish = sum(y[one] for one in near) / len(near) if near else y[slot]
        # A passing link that bends is worse than a card a little off; a card that nothing ties hardly matters.
        weight = (1.0 if slots.slots[slot].card else 2.0) if near else 0.1
        block = (wish - offset, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, other, size = blocks.pop()
            total = other + block[1]
            block = ((mean * other + block[0] * block[1]) / total, total, size + block[2])
        blocks.append(block)
    means = [mean for mean, _, size in blocks for _ in range(size)]
    for slot, mean, offset in zip(row, means, offsets, strict=True):
        y[slot] = mean + offset
