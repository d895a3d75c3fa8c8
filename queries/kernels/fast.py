"""The compiled form of the sweep's loop; needs numba (the extra `fast`). The same integers as the numpy form.

A block is eight words of every row: one cache line a row. Rows that are empty in a block are skipped by a byte each.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from queries.kernels.condense import Condensed
from queries.kernels.layout import Layout, Looks
from queries.kernels.lists import Lists, Longs

WIDTH = 8
THREADS = 2
_WORTH = 2_000_000  # row reads; below, starting threads takes longer than they save


def add_up(
    small: Condensed, layout: Layout, queries: Lists, looks: Looks
) -> tuple[Longs, NDArray[np.bool_]]:
    """The sums per distinct query and the answers to the looks, by `THREADS` threads where there are blocks for them."""
    work = _Work.of(small, layout, queries, looks)
    seen = np.zeros(len(looks.query), dtype=np.bool_)
    shape = len(queries), layout.value.shape[1]
    workers = min(THREADS, work.blocks)
    if workers < 2 or work.blocks * (len(work.successor) + len(work.asked)) < _WORTH:
        return work.added(range(work.blocks), shape, seen), seen
    # Blocks share nothing but what they read, and each writes the looks of its own: the sums are whole numbers, so that
    # the order in which they are added does not matter.
    with ThreadPoolExecutor(workers) as pool:
        parts = [range(first, work.blocks, workers) for first in range(workers)]
        sums = list(pool.map(lambda blocks: work.added(blocks, shape, seen), parts))
    for other in sums[1:]:
        sums[0] += other
    return sums[0], seen


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What the blocks of a sweep read."""

    small: Condensed
    layout: Layout
    queries: Lists
    looks: Looks
    blocks: int
    own: _Split
    look: _Split
    successor: NDArray[np.int32]
    asked: NDArray[np.int32]

    @staticmethod
    def of(small: Condensed, layout: Layout, queries: Lists, looks: Looks) -> _Work:
        blocks = -(-layout.words // WIDTH)
        return _Work(
            small,
            layout,
            queries,
            looks,
            blocks,
            _Split.of(layout.word, blocks),
            _Split.of(looks.word, blocks),
            small.successors.values.astype(np.int32),
            queries.values.astype(np.int32),
        )

    def added(self, blocks: range, shape: tuple[int, int], seen: NDArray[np.bool_]) -> Longs:
        """The sums of these blocks; their looks are answered in `seen`."""
        layout, looks, begin = self.layout, self.looks, self.queries.indptr
        sums = np.zeros(shape, dtype=np.int64)
        rows = len(self.small.successors)
        table, active = np.zeros((rows, WIDTH), dtype=np.uint64), np.zeros(rows, dtype=np.uint8)
        value = _sparse(layout)
        for block in blocks:
            here, some = self.own.of_block(block), self.look.of_block(block)
            found = np.zeros(len(some), dtype=np.bool_)
            _block(
                (layout.row[here], layout.word[here] % WIDTH, layout.bits[here]),
                (self.small.successors.indptr, self.successor),
                (begin, self.asked),
                (layout.pattern[block * WIDTH : (block + 1) * WIDTH], *value),
                (looks.query[some], looks.word[some] % WIDTH, looks.bits[some], found),
                (table, active),
                sums,
            )
            seen[some] = found
        return sums


@dataclass(frozen=True, slots=True, eq=False)
class _Split:
    """Lines ordered by the block of their word; those of block n are `order[begin[n]:begin[n + 1]]`."""

    order: Longs
    begin: Longs

    def of_block(self, block: int) -> Longs:
        """The places of the lines of the block."""
        places: Longs = self.order[self.begin[block] : self.begin[block + 1]]
        return places

    @staticmethod
    def of(word: Longs, blocks: int) -> _Split:
        order = np.argsort(word // WIDTH, kind="stable")
        return _Split(order, np.searchsorted(word[order], np.arange(blocks + 1) * WIDTH))


def _sparse(layout: Layout) -> tuple[Longs, Longs, Longs]:
    """The columns and amounts of each pattern, as lists in three arrays."""
    pattern, column = np.nonzero(layout.value)
    begin = np.searchsorted(pattern, np.arange(len(layout.value) + 1))
    return begin, np.ascontiguousarray(column), layout.value[pattern, column]


@njit(cache=True, nogil=True)
def _ones(word: np.uint64) -> np.uint64:
    """The number of ones in a word."""
    word = word - ((word >> uint64(1)) & uint64(0x5555555555555555))
    word = (word & uint64(0x3333333333333333)) + ((word >> uint64(2)) & uint64(0x3333333333333333))
    word = (word + (word >> uint64(4))) & uint64(0x0F0F0F0F0F0F0F0F)
    return (word * uint64(0x0101010101010101)) >> uint64(56)


@njit(cache=True, nogil=True)
def _set_bits(
    row: Longs,
    word: Longs,
    bits: NDArray[np.uint64],
    table: NDArray[np.uint64],
    active: NDArray[np.uint8],
) -> None:
    """Put the bits of a block into its rows."""
    for at in range(len(row)):
        table[row[at], word[at]] |= bits[at]
        active[row[at]] = 1


@njit(cache=True, nogil=True)
def _spread(
    begin: Longs,
    successor: NDArray[np.int32],
    table: NDArray[np.uint64],
    active: NDArray[np.uint8],
) -> None:
    """Add to each row what its successors hold."""
    for row in range(len(begin) - 1):
        # INVARIANT: successors have lower numbers, so that their rows are finished.
        for at in range(begin[row], begin[row + 1]):
            below = successor[at]
            if active[below]:
                active[row] = 1
                for k in range(WIDTH):
                    table[row, k] |= table[below, k]


@njit(cache=True, nogil=True)
def _count(  # noqa: PLR0917 - flat arrays are what numba compiles and caches
    begin: Longs,
    asked: NDArray[np.int32],
    pattern: Longs,
    value_begin: Longs,
    value_column: Longs,
    value_amount: Longs,
    table: NDArray[np.uint64],
    active: NDArray[np.uint8],
    sums: Longs,
) -> None:
    """Add to each query's sums what the ones in the union of its rows stand for."""
    union = np.zeros(WIDTH, dtype=np.uint64)
    for query in range(len(begin) - 1):
        some = False
        # Eight names and no array: the compiler keeps them in registers.
        a = b = c = d = e = f = g = h = uint64(0)
        for at in range(begin[query], begin[query + 1]):
            row = asked[at]
            if active[row]:
                some = True
                a |= table[row, 0]
                b |= table[row, 1]
                c |= table[row, 2]
                d |= table[row, 3]
                e |= table[row, 4]
                f |= table[row, 5]
                g |= table[row, 6]
                h |= table[row, 7]
        if some:
            union[0], union[1], union[2], union[3] = a, b, c, d
            union[4], union[5], union[6], union[7] = e, f, g, h
            count = np.int64(0)
            for k in range(len(pattern)):
                count += np.int64(_ones(union[k]))
                # Neighbouring words of one pattern are added up before they are multiplied out.
                last = k + 1 == len(pattern) or pattern[k + 1] != pattern[k]
                if last and count:
                    for at in range(value_begin[pattern[k]], value_begin[pattern[k] + 1]):
                        sums[query, value_column[at]] += count * value_amount[at]
                    count = np.int64(0)


@njit(cache=True, nogil=True)
def _look(  # noqa: PLR0917 - as above
    begin: Longs,
    asked: NDArray[np.int32],
    query: Longs,
    word: Longs,
    bits: NDArray[np.uint64],
    table: NDArray[np.uint64],
    found: NDArray[np.bool_],
) -> None:
    """Whether some row of the query holds the bits."""
    for look in range(len(query)):
        for at in range(begin[query[look]], begin[query[look] + 1]):
            if table[asked[at], word[look]] & bits[look]:
                found[look] = True


@njit(cache=True, nogil=True)
def _clear(table: NDArray[np.uint64], active: NDArray[np.uint8]) -> None:
    """Empty the rows that were used."""
    for row in range(len(active)):
        if active[row]:
            active[row] = 0
            for k in range(WIDTH):
                table[row, k] = 0


@njit(cache=True, nogil=True)
def _block(  # noqa: PLR0917 - what numba compiles is called by position
    own: tuple[Longs, Longs, NDArray[np.uint64]],
    successors: tuple[Longs, NDArray[np.int32]],
    queries: tuple[Longs, NDArray[np.int32]],
    values: tuple[Longs, Longs, Longs, Longs],
    looks: tuple[Longs, Longs, NDArray[np.uint64], NDArray[np.bool_]],
    state: tuple[NDArray[np.uint64], NDArray[np.uint8]],
    sums: Longs,
) -> None:
    """All steps of one block: a process that loads the kernels from the cache loads this one alone."""
    table, active = state
    _set_bits(own[0], own[1], own[2], table, active)
    _spread(successors[0], successors[1], table, active)
    _count(
        queries[0],
        queries[1],
        values[0],
        values[1],
        values[2],
        values[3],
        table,
        active,
        sums,
    )
    _look(queries[0], queries[1], looks[0], looks[1], looks[2], table, looks[3])
    _clear(table, active)
