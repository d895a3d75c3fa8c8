"""Which bit stands for what in a sweep: equal items share bits, and every word of bits counts alike.

Items that are set by the same rows are reached together: they form a class whose contributions are added up. A class
whose contributions many classes share gets one bit in a word of such classes. The contributions of the others are
written in binary, a bit per digit, so that counting never needs more than the number of ones in a word.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from queries.kernels.lists import Lists, Longs, equal_lists

WORD = 64
SHARED = 48  # classes that must have equal contributions before these get words of their own
_AMOUNT = 1 << 40  # above every contribution of a class


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """What reaching an item adds: `amount` to `column`, a line each."""

    item: Longs
    column: Longs
    amount: Longs
    columns: int


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The bits by row, the pattern of each word, what one bit of a pattern adds, and a bit of each item.

    `row`, `word` and `bits` say which bits stand in which row from the start. `value` is a matrix of patterns by
    columns. `bit` is -1 for items that no row sets or that add nothing.
    """

    row: Longs
    word: Longs
    bits: NDArray[np.uint64]
    words: int
    pattern: Longs
    value: Longs
    bit: Longs


def lay_out(items: Lists, amounts: Amounts) -> Layout:
    """The layout of these items (lists of rows) and their contributions."""
    groups = equal_lists(items)
    totals = _totals(groups.group[amounts.item], amounts)
    lines = _lines(len(groups), *totals, columns=amounts.columns)
    # Within a pattern by the first row that sets the class: neighbours in a word then share most rows, and more rows
    # stay empty in a block.
    sets = items.take(groups.first)
    first = np.append(sets.values, 0)[sets.indptr[:-1]]
    order = np.lexsort((lines.owner, first[lines.owner], lines.pattern))
    pattern, owner = lines.pattern[order], lines.owner[order]
    place, words = _places(pattern, len(lines.value))
    rows = sets.take(owner)
    bit = np.repeat(place, rows.lengths)
    row, word, bits = _packed(rows.values, bit, max(len(words), 1))
    some = np.full(len(groups), -1, dtype=np.int64)
    some[owner] = place
    some[items.lengths[groups.first] == 0] = -1
    return Layout(row, word, bits, len(words), words, lines.value, some[groups.group])


def _totals(owner: Longs, amounts: Amounts) -> tuple[Longs, Longs, Longs]:
    """The contributions added up per class and column: class, column, amount (none zero)."""
    key, place = np.unique(owner * amounts.columns + amounts.column, return_inverse=True)
    total = np.zeros(len(key), dtype=np.int64)
    np.add.at(total, place.reshape(-1), amounts.amount)
    some = total != 0
    return key[some] // amounts.columns, key[some] % amounts.columns, total[some]


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """One bit each: the class that it stands for and its pattern."""

    owner: Longs
    pattern: Longs
    value: Longs


def _lines(classes: int, owner: Longs, column: Longs, amount: Longs, *, columns: int) -> _Lines:
    # Numbered first: a class times the largest contribution would not fit into 64 bits in a large estate.
    pairs, code = np.unique(column * _AMOUNT + amount, return_inverse=True)
    vectors = Lists.of(owner, code.reshape(-1), classes)
    same = equal_lists(vectors)
    often = np.bincount(same.group, minlength=len(same)) >= SHARED
    often[vectors.lengths[same.first] == 0] = False
    number = np.cumsum(often) - 1
    shared = np.flatnonzero(often[same.group])
    value = np.zeros((int(often.sum()), columns), dtype=np.int64)
    told = vectors.take(same.first[often])
    value[told.owners, pairs[told.values] // _AMOUNT] = pairs[told.values] % _AMOUNT
    alone = ~often[same.group][owner]
    digits = _digits(owner[alone], column[alone], amount[alone])
    single, place = np.unique(np.stack(digits[1:], axis=1), axis=0, return_inverse=True)
    powers = np.zeros((len(single), columns), dtype=np.int64)
    powers[np.arange(len(single)), single[:, 0]] = 1 << single[:, 1]
    return _Lines(
        owner=np.concatenate((shared, digits[0])),
        pattern=np.concatenate((number[same.group[shared]], place.reshape(-1) + len(value))),
        value=np.concatenate((value, powers)),
    )


def _digits(owner: Longs, column: Longs, amount: Longs) -> tuple[Longs, Longs, Longs]:
    """A line per binary one of each amount: owner, column, the power."""
    parts = []
    for power in range(int(amount.max(initial=0)).bit_length()):
        one = (amount >> power) & 1 == 1
        parts.append((owner[one], column[one], np.full(int(one.sum()), power, dtype=np.int64)))
    empty = np.zeros(0, dtype=np.int64)
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)] or [empty] * 3
    return joined[0], joined[1], joined[2]


def _places(pattern: Longs, patterns: int) -> tuple[Longs, Longs]:
    """Per line (in pattern order) its bit, each pattern starting a word of its own; per word its pattern."""
    count = np.bincount(pattern, minlength=patterns)
    words = -(-count // WORD)
    begin = (np.cumsum(words) - words) * WORD
    within = np.arange(len(pattern)) - (np.cumsum(count) - count)[pattern]
    return begin[pattern] + within, np.repeat(np.arange(patterns), words)


def _packed(row: Longs, bit: Longs, words: int) -> tuple[Longs, Longs, NDArray[np.uint64]]:
    """The bits of each (row, word) put together, in that order."""
    place = np.sort(row * (words * WORD) + bit)
    key, ones = place // WORD, np.uint64(1) << (place % WORD).astype(np.uint64)
    first = np.flatnonzero(np.diff(key, prepend=-1))
    bits = np.bitwise_or.reduceat(ones, first) if len(first) else ones
    return key[first] // words, key[first] % words, bits


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Peeks made concrete: (distinct query, word, bits) each; word -1 is never set."""

    query: Longs
    word: Longs
    bits: NDArray[np.uint64]


def looks_of(query: Longs, bit: Longs) -> Looks:
    """The looks for these bits of these queries."""
    ones = np.uint64(1) << (np.maximum(bit, 0) % WORD).astype(np.uint64)
    return Looks(query, np.where(bit < 0, -1, bit // WORD), ones)
