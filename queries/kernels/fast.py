"""The compiled form of the sweep's loop; needs numba (the extra `fast`). The same integers as the numpy form.

A block is eight words of every row: one cache line a row. Rows that are empty in a block are skipped by a byte each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from queries.kernels.condense import Condensed
from queries.kernels.layout import Layout, Looks
from queries.kernels.lists import Lists, Longs

WIDTH = 8


def add_up(
    small: Condensed, layout: Layout, queries: Lists, looks: Looks
) -> tuple[Longs, NDArray[np.bool_]]:
    """The sums per distinct query and the answers to the looks."""
    sums = np.zeros((len(queries), layout.value.shape[1]), dtype=np.int64)
    seen = np.zeros(len(looks.query), dtype=np.bool_)
    blocks = -(-layout.words // WIDTH)
    rows = len(small.successors)
    table = np.zeros((rows, WIDTH), dtype=np.uint64)
    active = np.zeros(rows, dtype=np.uint8)
    own, look = _Split.of(layout.word, blocks), _Split.of(looks.word, blocks)
    begin, column, amount = _sparse(layout)
    _sweep(
        small.successors.indptr,
        small.successors.values.astype(np.int32),
        queries.indptr,
        queries.values.astype(np.int32),
        own.begin,
        layout.row[own.order].astype(np.int32),
        layout.word[own.order].astype(np.int32),
        layout.bits[own.order],
        layout.pattern,
        begin,
        column,
        amount,
        look.begin,
        look.order,
        looks.query,
        looks.word,
        looks.bits,
        table,
        active,
        sums,
        seen,
    )
    return sums, seen


@dataclass(frozen=True, slots=True, eq=False)
class _Split:
    """Lines ordered by the block of their word; those of block n are `order[begin[n]:begin[n + 1]]`."""

    order: Longs
    begin: Longs

    @staticmethod
    def of(word: Longs, blocks: int) -> _Split:
        order = np.argsort(word // WIDTH, kind="stable")
        return _Split(order, np.searchsorted(word[order], np.arange(blocks + 1) * WIDTH))


def _sparse(layout: Layout) -> tuple[Longs, Longs, Longs]:
    """The columns and amounts of each pattern, as lists in three arrays."""
    pattern, column = np.nonzero(layout.value)
    begin = np.searchsorted(pattern, np.arange(len(layout.value) + 1))
    return begin, column, layout.value[pattern, column]


@njit(cache=True, nogil=True)
def _ones(word: np.uint64) -> np.uint64:
    """The number of ones in a word."""
    word = word - ((word >> uint64(1)) & uint64(0x5555555555555555))
    word = (word & uint64(0x3333333333333333)) + ((word >> uint64(2)) & uint64(0x3333333333333333))
    word = (word + (word >> uint64(4))) & uint64(0x0F0F0F0F0F0F0F0F)
    return (word * uint64(0x0101010101010101)) >> uint64(56)


@njit(cache=True, nogil=True)
def _sweep(  # noqa: PLR0917, C901, PLR0912 - flat arrays are what numba compiles and caches
    row_begin: Longs,
    successor: NDArray[np.int32],
    query_begin: Longs,
    query_row: NDArray[np.int32],
    own_begin: Longs,
    own_row: NDArray[np.int32],
    own_word: NDArray[np.int32],
    own_bits: NDArray[np.uint64],
    pattern: Longs,
    value_begin: Longs,
    value_column: Longs,
    value_amount: Longs,
    look_begin: Longs,
    look_order: Longs,
    look_query: Longs,
    look_word: Longs,
    look_bits: NDArray[np.uint64],
    table: NDArray[np.uint64],
    active: NDArray[np.uint8],
    sums: Longs,
    seen: NDArray[np.bool_],
) -> None:
    rows, queries, words = len(row_begin) - 1, len(query_begin) - 1, len(pattern)
    union = np.zeros(WIDTH, dtype=np.uint64)
    for block in range(len(own_begin) - 1):
        for at in range(own_begin[block], own_begin[block + 1]):
            table[own_row[at], own_word[at] - block * WIDTH] |= own_bits[at]
            active[own_row[at]] = 1
        for row in range(rows):
            # INVARIANT: successors have lower numbers, so that their rows are finished.
            for at in range(row_begin[row], row_begin[row + 1]):
                below = successor[at]
                if active[below]:
                    active[row] = 1
                    for k in range(WIDTH):
                        table[row, k] |= table[below, k]
        for query in range(queries):
            some = False
            for at in range(query_begin[query], query_begin[query + 1]):
                row = query_row[at]
                if active[row]:
                    if not some:
                        union[:] = 0
                        some = True
                    for k in range(WIDTH):
                        union[k] |= table[row, k]
            if some:
                for k in range(min(WIDTH, words - block * WIDTH)):
                    count = np.int64(_ones(union[k]))
                    if count:
                        which = pattern[block * WIDTH + k]
                        for at in range(value_begin[which], value_begin[which + 1]):
                            sums[query, value_column[at]] += count * value_amount[at]
        for place in range(look_begin[block], look_begin[block + 1]):
            look = look_order[place]
            for at in range(query_begin[look_query[look]], query_begin[look_query[look] + 1]):
                if table[query_row[at], look_word[look] - block * WIDTH] & look_bits[look]:
                    seen[look] = True
        for row in range(rows):
            if active[row]:
                active[row] = 0
                for k in range(WIDTH):
                    table[row, k] = 0
