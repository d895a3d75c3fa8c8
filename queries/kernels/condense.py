"""From a graph of states to the small acyclic graph that decides who reaches what.

Strong components become one node each. What only passes on (a Grant with one holder, a set that one Grant names) is
merged into its neighbour, and what starts or ends ways is replaced by its neighbours, so that only the rows remain that
a sweep must keep. Rows are numbered so that every edge leads from a higher to a lower one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from queries.kernels.lists import Lists, Longs, distinct

Mask: TypeAlias = NDArray[np.bool_]
Edges: TypeAlias = tuple[Longs, Longs]


@dataclass(frozen=True, slots=True, eq=False)
class Condensed:
    """Rows with their successors (all lower), and the rows that each query asks and each item is set by.

    A query reaches an item exactly if some row of the query leads to, or is, some row of the item.
    """

    successors: Lists
    levels: Longs  # the first row of each level, and the end: rows of one level do not lead to each other
    queries: Lists
    items: Lists


def condense(size: int, edges: Edges, *, queries: Lists, items: Lists) -> Condensed:
    """The condensed form of a graph of `size` nodes for these queries and items (lists of nodes)."""
    from scipy.sparse import csr_array  # noqa: PLC0415  # slow to load; pages that condense nothing do without
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  # as above

    graph = csr_array((np.ones(len(edges[0]), dtype=np.int8), edges), shape=(size, size))
    count, component = connected_components(graph, directed=True, connection="strong")
    label: Longs = component.astype(np.int64)
    between = _distinct(count, (label[edges[0]], label[edges[1]]))
    asked = Lists.of(queries.owners, label[queries.values], len(queries))
    between, setters = _without_leaves(count, between, asked)
    # The items are rewritten once, at the end; until then it is enough to know where some item is set.
    own = _marked(count, setters.values[setters.places(label[items.values])])
    between, up = _merge_up(count, between, asked)
    own = _marked(count, up[own])
    between, asked = _merge_down(count, between, asked, own)
    between, asked = _without_roots(count, between, asked, own)
    begin = label[items.values]
    setting = (
        np.repeat(items.owners, setters.lengths[begin]),
        up[setters.values[setters.places(begin)]],
    )
    return _numbered(count, between, asked, setting, len(items))


def _distinct(count: int, edges: Edges) -> Edges:
    """Each edge once, none from a node to itself."""
    source, target = edges
    apart = source != target
    pairs = distinct(source[apart] * count + target[apart])
    return pairs // count, pairs % count


def _marked(count: int, nodes: Longs) -> Mask:
    marks = np.zeros(count, dtype=np.bool_)
    marks[nodes] = True
    return marks


def _without_leaves(count: int, edges: Edges, asked: Lists) -> tuple[Edges, Lists]:
    """Nodes that lead nowhere and that no query asks: per node those that set its items instead, or itself."""
    source, target = edges
    leaf = ~_marked(count, source) & ~_marked(count, asked.values)
    into = leaf[target]
    stands = np.flatnonzero(~leaf)
    instead = Lists.of(
        np.concatenate((stands, target[into])), np.concatenate((stands, source[into])), count
    )
    return (source[~into], target[~into]), instead


def _follow(pointer: Longs) -> Longs:
    """Where each pointer ends when it is followed to the last."""
    while True:
        further = pointer[pointer]
        if np.array_equal(further, pointer):
            return pointer
        pointer = further


def _merge_up(count: int, edges: Edges, asked: Lists) -> tuple[Edges, Longs]:
    """Nodes with one predecessor, which no query asks: whoever reaches the predecessor reaches them, and no one else.

    Also returns for each node the one that it was merged into.
    """
    source, target = edges
    lone = (np.bincount(target, minlength=count) == 1) & ~_marked(count, asked.values)
    pointer = np.arange(count, dtype=np.int64)
    into = lone[target]
    pointer[target[into]] = source[into]
    pointer = _follow(pointer)
    return _distinct(count, (pointer[source[~into]], target[~into])), pointer


def _merge_down(count: int, edges: Edges, asked: Lists, own: Mask) -> tuple[Edges, Lists]:
    """Nodes with one successor, at which no item is set: they reach what the successor reaches."""
    source, target = edges
    lone = (np.bincount(source, minlength=count) == 1) & ~own
    pointer = np.arange(count, dtype=np.int64)
    out = lone[source]
    pointer[source[out]] = target[out]
    pointer = _follow(pointer)
    moved = Lists.of(asked.owners, pointer[asked.values], len(asked))
    return _distinct(count, (source[~out], pointer[target[~out]])), moved


def _without_roots(count: int, edges: Edges, asked: Lists, own: Mask) -> tuple[Edges, Lists]:
    """Nodes that nothing leads to and at which no item is set: their queries ask their successors."""
    source, target = edges
    root = ~_marked(count, target) & ~own
    out = root[source]
    stands = np.flatnonzero(~root)
    instead = Lists.of(
        np.concatenate((stands, source[out])), np.concatenate((stands, target[out])), count
    )
    return (source[~out], target[~out]), asked.through(instead)


def _levels(count: int, edges: Edges) -> Longs:
    """Per node the length of the longest way from it."""
    source, target = edges
    before = Lists.of(target, source, count)
    open_ends = np.bincount(source, minlength=count)
    level = np.zeros(count, dtype=np.int64)
    front, depth = np.flatnonzero(open_ends == 0), 0
    while len(front):
        level[front] = depth
        depth += 1
        above, times = np.unique(before.values[before.places(front)], return_counts=True)
        open_ends[above] -= times
        front = above[open_ends[above] == 0]
    return level


def _numbered(
    count: int, edges: Edges, asked: Lists, setting: tuple[Longs, Longs], items: int
) -> Condensed:
    """The nodes that are left, numbered by level: what an edge leads to always has the lower number."""
    left = np.flatnonzero(_marked(count, np.concatenate((*edges, asked.values, setting[1]))))
    dense = np.zeros(count, dtype=np.int64)
    dense[left] = np.arange(len(left))
    level = _levels(len(left), (dense[edges[0]], dense[edges[1]]))
    order = np.argsort(level, kind="stable")
    row = np.zeros(count, dtype=np.int64)
    row[left[order]] = np.arange(len(left))
    deepest = int(level.max(initial=-1)) + 1
    return Condensed(
        successors=Lists.of(row[edges[0]], row[edges[1]], len(left)),
        levels=np.searchsorted(level[order], np.arange(deepest + 1)),
        queries=Lists.of(asked.owners, row[asked.values], len(asked)),
        items=Lists.of(setting[0], row[setting[1]], items),
    )
