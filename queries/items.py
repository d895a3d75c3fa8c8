"""What a sweep counts: the states, assets, datasets with their sensitivity, and latent sets of a view as items.

The items say in numbers what `queries.tally` says in words; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graph.view import CAPABILITIES, Flag, Mask, View
from queries.kernels.layout import Amounts
from queries.kernels.lists import Lists, Longs, distinct
from queries.tally import Tally, counted, tally_counts


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Which column of the sums holds what: the cells (kind by capability), assets by kind, then the single sums."""

    cells: Longs
    kinds: Longs

    @property
    def sensitivity(self) -> int:
        """The column of the sum of sensitivity; after it anchors reached, those of them that are rated, latent sets."""
        return len(self.cells) + len(self.kinds)

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.sensitivity + 4

    def tally(self, view: View, sums: Longs) -> Tally:
        """The tally that one line of sums stands for."""
        table = np.zeros(len(view.nodes.kinds) * len(CAPABILITIES), dtype=np.int64)
        table[self.cells] = sums[: len(self.cells)]
        per_kind = sums[len(self.cells) : self.sensitivity].tolist()
        sensitivity, anchors, rated, latent = sums[self.sensitivity :].tolist()
        return Tally(
            counts=tally_counts(view, table.tolist()),
            assets=tuple(
                (view.nodes.kinds[kind], number)
                for kind, number in zip(self.kinds.tolist(), per_kind, strict=True)
                if number
            ),
            sensitivity=sensitivity,
            unrated=anchors - rated,
            latent=latent,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """The items as lists of states, what each adds, and for each state its own item (-1: none) with its column."""

    states: Lists
    amounts: Amounts
    columns: Columns
    of_state: Longs
    column: Longs

    def within(self, mask: Mask) -> Items:
        """Only the items that some state of the mask sets, renumbered; each is still set by all of its states."""
        chosen = distinct(self.states.owners[mask[self.states.values]])
        number = np.full(len(self.states) + 1, -1, dtype=np.int64)
        number[chosen] = np.arange(len(chosen))
        kept = number[self.amounts.item] >= 0
        amounts = Amounts(
            number[self.amounts.item[kept]],
            self.amounts.column[kept],
            self.amounts.amount[kept],
            self.amounts.columns,
        )
        return Items(
            self.states.take(chosen), amounts, self.columns, number[self.of_state], self.column
        )


class _Lines:
    """Items being listed: (item, state) pairs and (item, column, amount) lines."""

    def __init__(self) -> None:
        self.count = 0
        self.sets: list[tuple[Longs, Longs]] = []
        self.adds: list[tuple[Longs, Longs, Longs]] = []

    def new(self, count: int) -> int:
        """The number of the first of so many new items."""
        first, self.count = self.count, self.count + count
        return first

    def add(self, item: Longs, column: Longs | int, amount: Longs | int) -> None:
        """Each of these items adds this much to this column."""
        shape = np.zeros(len(item), dtype=np.int64)
        self.adds.append((item, shape + column, shape + amount))


def items_of(view: View, entered: Mask) -> Items:
    """The items of a view; states that no arc enters are left out: nothing but a start is there."""
    states = np.flatnonzero(counted(view) & entered)
    nodes = view.nodes
    owner = view.state_node[states].astype(np.int64)
    cell = nodes.kind[owner].astype(np.int64) * len(CAPABILITIES) + view.state_capability[states]
    asset = (nodes.flags[owner] & int(Flag.ASSET)) != 0
    columns = Columns(distinct(cell), distinct(nodes.kind[owner[asset]]).astype(np.int64))
    lines = _Lines()
    lines.new(len(states))
    each = np.arange(len(states), dtype=np.int64)
    lines.sets.append((each, states))
    column = np.searchsorted(columns.cells, cell)
    lines.add(each, column, 1)
    _list_assets(view, lines, columns, states[asset], owner[asset])
    _list_latent(view, lines, columns, entered)
    item, state = (np.concatenate(part) for part in zip(*lines.sets, strict=True))
    adds = [np.concatenate(part) for part in zip(*lines.adds, strict=True)]
    of_state = np.full(view.size, -1, dtype=np.int64)
    of_state[states] = each
    column_of = np.full(view.size, -1, dtype=np.int64)
    column_of[states] = column
    return Items(
        Lists.of(item, state, lines.count),
        Amounts(adds[0], adds[1], adds[2], columns.width),
        columns,
        of_state,
        column_of,
    )


def _list_assets(view: View, lines: _Lines, columns: Columns, states: Longs, owner: Longs) -> None:
    """An item per asset, and per dataset with its parts (its anchor) an item for each level of sensitivity in it.

    The levels of an anchor add only what they exceed the next lower one by, so that the sum over the levels reached is
    the highest sensitivity reached.
    """
    nodes = view.nodes
    assets, place = np.unique(owner, return_inverse=True)
    first = lines.new(len(assets))
    lines.sets.append((first + place, states))
    kind = np.searchsorted(columns.kinds, nodes.kind[assets])
    lines.add(first + np.arange(len(assets)), len(columns.cells) + kind, 1)
    # A level is a distinct (anchor, weight) among the assets, in that order; -1 is the level of the unrated.
    span = int(nodes.weight.max(initial=0)) + 2
    key = nodes.anchor[assets].astype(np.int64) * span + nodes.weight[assets] + 1
    levels, level = np.unique(key, return_inverse=True)
    anchor, weight = levels // span, levels % span - 1
    lowest = np.flatnonzero(np.diff(anchor, prepend=-1))
    bottom = np.repeat(lowest, np.diff(np.append(lowest, len(levels))))
    top = lines.new(len(levels))
    # A state sets its own level and all lower ones of its anchor.
    own = level[place]
    below = bottom[own]
    depth = own - below + 1
    shift = np.arange(depth.sum()) - np.repeat(np.cumsum(depth) - depth, depth)
    lines.sets.append((top + np.repeat(below, depth) + shift, np.repeat(states, depth)))
    floor = np.where(bottom == np.arange(len(levels)), 0, np.maximum(np.roll(weight, 1), 0))
    every = top + np.arange(len(levels))
    lines.add(every, columns.sensitivity, np.maximum(weight, 0) - floor)
    lines.add(top + lowest, columns.sensitivity + 1, 1)
    rated = np.flatnonzero(weight >= 0)
    rated = rated[np.diff(anchor[rated], prepend=-1) != 0]
    lines.add(top + rated, columns.sensitivity + 2, 1)


def _list_latent(view: View, lines: _Lines, columns: Columns, entered: Mask) -> None:
    latent = np.flatnonzero(((view.nodes.flags[view.state_node] & int(Flag.LATENT)) != 0) & entered)
    sets, place = np.unique(view.state_node[latent], return_inverse=True)
    first = lines.new(len(sets))
    lines.sets.append((first + place, latent))
    lines.add(first + np.arange(len(sets)), columns.sensitivity + 3, 1)
