"""The exact sweep: for every query the sum of what the items that it reaches add.

Items are bits; the rows of the condensed graph are filled in reverse topological order, a block of words at a time, and
the ones are counted per pattern. With numba installed the compiled loop of `queries.kernels.fast` does the same work;
the sums are integers, so that the answer is the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from graph.errors import QueryError, with_advice
from queries.kernels.condense import Condensed, Edges, condense
from queries.kernels.layout import Amounts, Layout, Looks, lay_out, looks_of
from queries.kernels.lists import Lists, Longs, equal_lists

_BLOCK_BYTES = 24 << 20  # what the rows of one block of words may take
MOST_BYTES = 4 << 30  # what the sums of one question may take
_GATHER_BYTES = 2 << 20  # what is gathered at once: it should stay in the cache


@dataclass(frozen=True, slots=True, eq=False)
class Peeks:
    """Pairs of a query and an item of which is asked whether the one reaches the other."""

    query: Longs
    item: Longs


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """Per query the sums by column; per peek whether the query reaches the item."""

    sums: Longs
    peeked: NDArray[np.bool_]


def has_numba() -> bool:
    """Whether the compiled kernel can be used."""
    return find_spec("numba") is not None


def sweep(
    size: int,
    edges: Edges,
    *,
    queries: Lists,
    items: Lists,
    amounts: Amounts,
    peeks: Peeks,
    fast: bool | None = None,
) -> Swept:
    """What each query (a list of nodes) reaches of the items (lists of nodes, with what each adds).

    A query reaches an item if some node of the one leads to, or is, some node of the other. `fast` None takes the
    compiled kernel where numba is installed.
    """
    small = condense(size, edges, queries=queries, items=items)
    layout = lay_out(small.items, amounts)
    asked = equal_lists(small.queries)
    distinct = small.queries.take(asked.first)
    looks = looks_of(asked.group[peeks.query], layout.bit[peeks.item])
    _fits(len(queries), len(distinct), len(small.successors), amounts.columns)
    if has_numba() if fast is None else fast:
        from queries.kernels.fast import add_up  # noqa: PLC0415 - numba is an optional extra

        sums, seen = add_up(small, layout, distinct, looks)
    else:
        sums, seen = _add_up(small, layout, distinct, looks)
    return Swept(sums[asked.group], seen)


def warm_up() -> bool:
    """Compile the kernel, or load it from the cache, so that no question waits for it; False without numba."""
    if not has_numba():
        return False
    one, none = np.ones(1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    lists = Lists(np.arange(2), np.zeros(1, dtype=np.int64))
    amounts = Amounts(one - 1, one - 1, one, 1)
    sweep(1, (none, none), queries=lists, items=lists, amounts=amounts, peeks=Peeks(none, none))
    return True


def _fits(queries: int, distinct: int, rows: int, columns: int) -> None:
    """`QueryError` where the sums, a line per query, would take more memory than a question may."""
    # The sums of the distinct queries are held once per thread of the compiled kernel, then told to all queries.
    wanted = 8 * columns * (2 * distinct + queries) + _BLOCK_BYTES + 2 * 64 * rows
    if wanted > MOST_BYTES:
        raise with_advice(
            QueryError(
                f"sums for {queries:,} nodes in {columns} columns would take {wanted / 2**30:.1f} GiB,"
                f" more than the {MOST_BYTES / 2**30:g} GiB that one question may"
            ),
            "ask about fewer nodes at a time, or about one of them",
        )


def _add_up(
    small: Condensed, layout: Layout, queries: Lists, looks: Looks
) -> tuple[Longs, NDArray[np.bool_]]:
    """The sums per distinct query and the answers to the looks, by numpy alone."""
    sums = np.zeros((len(queries), layout.value.shape[1]), dtype=np.int64)
    seen = np.zeros(len(looks.query), dtype=np.bool_)
    value = layout.value.astype(np.float64)
    width = max(1, _BLOCK_BYTES // (8 * max(len(small.successors), 1)))
    for begin in range(0, layout.words, width):
        end = min(begin + width, layout.words)
        table = _filled(small, layout, begin, end)
        pattern = layout.pattern[begin:end]
        change = np.flatnonzero(np.diff(pattern, prepend=-1))
        for first, last in _chunks(queries, max(1, _GATHER_BYTES // (8 * (end - begin)))):
            reached = _gathered(table, queries, first, last)
            ones = np.add.reduceat(np.bitwise_count(reached), change, axis=1, dtype=np.float64)
            # Exact: whole numbers far below 2**53.
            sums[first:last] += (ones @ value[pattern[change]]).astype(np.int64)
            _peek(seen, looks, reached, (first, last), (begin, end))
    return sums, seen


def _filled(small: Condensed, layout: Layout, begin: int, end: int) -> NDArray[np.uint64]:
    """The rows of a block of words: what each row leads to, itself included."""
    table = np.zeros((len(small.successors), end - begin), dtype=np.uint64)
    here = (layout.word >= begin) & (layout.word < end)
    table[layout.row[here], layout.word[here] - begin] = layout.bits[here]
    chunk = max(1, _GATHER_BYTES // (8 * (end - begin)))
    for low, high in zip(small.levels[1:-1].tolist(), small.levels[2:].tolist(), strict=True):
        for first, last in _chunks(small.successors, chunk, low, high):
            table[first:last] |= _gathered(table, small.successors, first, last)
    return table


def _chunks(
    lists: Lists, most: int, low: int = 0, high: int | None = None
) -> list[tuple[int, int]]:
    """Ranges of lists that hold about `most` values together."""
    high = len(lists) if high is None else high
    parts: list[tuple[int, int]] = []
    while low < high:
        end = int(np.searchsorted(lists.indptr, lists.indptr[low] + most, side="right")) - 1
        end = min(max(end, low + 1), high)
        parts.append((low, end))
        low = end
    return parts


def _gathered(table: NDArray[np.uint64], lists: Lists, first: int, last: int) -> NDArray[np.uint64]:
    """The union of the rows of each list in the range."""
    begin = lists.indptr[first:last]
    taken = table[lists.values[begin[0] : lists.indptr[last]]]
    some = np.flatnonzero(np.diff(lists.indptr[first : last + 1]))
    joined = np.zeros((last - first, table.shape[1]), dtype=np.uint64)
    if len(some):
        joined[some] = np.bitwise_or.reduceat(taken, begin[some] - begin[0], axis=0)
    return joined


def _peek(
    seen: NDArray[np.bool_],
    looks: Looks,
    reached: NDArray[np.uint64],
    queries: tuple[int, int],
    words: tuple[int, int],
) -> None:
    here = np.flatnonzero(
        (looks.query >= queries[0])
        & (looks.query < queries[1])
        & (looks.word >= words[0])
        & (looks.word < words[1])
    )
    row, word = looks.query[here] - queries[0], looks.word[here] - words[0]
    seen[here] = (reached[row, word] & looks.bits[here]) != 0
