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
    rows, blocks = len(small.successors), -(-layout.words // WIDTH)
    table, active = np.zeros((rows, WIDTH), dtype=np.uint64), np.zeros(rows, dtype=np.uint8)
    own, look = _Split.of(layout.word, blocks), _Split.of(looks.word, blocks)
    own_row, own_bits = layout.row[own.order].astype(np.int32), layout.bits[own.order]
    own_word = (layout.word[own.order] % WIDTH).astype(np.int32)
    successor = small.successors.values.astype(np.int32)
    asked = queries.values.astype(np.int32)
    value = _sparse(layout)
    for block in range(blocks):
        here = slice(own.begin[block], own.begin[block + 1])
        _set_bits(own_row[here], own_word[here], own_bits[here], table, active)
        _spread(small.successors.indptr, successor, table, active)
        pattern = layout.pattern[block * WIDTH : (block + 1) * WIDTH]
        _count(queries.indptr, asked, pattern, *value, table, active, sums)
        some = look.order[look.begin[block] : look.begin[block + 1]]
        word = looks.word[some] % WIDTH
        found = np.zeros(len(some), dtype=np.bool_)
        _look(queries.indptr, asked, looks.query[some], word, looks.bits[some], table, found)
        seen[some] = found
        _clear(table, active)
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
def _set_bits(
    row: NDArray[np.int32],
    word: NDArray[np.int32],
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
        for at in range(begin[query], begin[query + 1]):
            row = asked[at]
            if active[row]:
                if not some:
                    union[:] = 0
                    some = True
                for k in range(WIDTH):
                    union[k] |= table[row, k]
        if some:
            for k in range(len(pattern)):
                count = np.int64(_ones(union[k]))
                if count:
                    for at in range(value_begin[pattern[k]], value_begin[pattern[k] + 1]):
                        sums[query, value_column[at]] += count * value_amount[at]


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
