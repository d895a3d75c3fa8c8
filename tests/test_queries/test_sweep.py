from __future__ import annotations

from random import Random

import networkx as nx
import numpy as np
import pytest
from examples import RUN, share
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import QueryError
from queries.kernels import layout, lists
from queries.kernels import sweep as sweeping
from queries.kernels.condense import condense
from queries.kernels.layout import Amounts
from queries.kernels.lists import Lists, distinct, equal_lists
from queries.kernels.sweep import Peeks, has_numba, sweep

KERNELS = st.sampled_from([False, True] if has_numba() else [False])
COLUMNS = 3


class Question:
    """A random graph with queries and items, and the answer worked out pair by pair."""

    def __init__(self, seed: int, *, nodes: int, items: int) -> None:
        pick = Random(seed)  # noqa: S311 - seeded on purpose
        self.nodes = nodes
        self.edges = [(pick.randrange(nodes), pick.randrange(nodes)) for _ in range(2 * nodes)]
        self.queries = self._sets(pick, pick.randrange(7))
        self.items = self._sets(pick, items)
        self.adds = [
            (item, pick.randrange(COLUMNS), pick.randrange(1, 12))
            for item in range(items)
            for _ in range(pick.randrange(1, 3))
        ]
        self.pairs = [(q, i) for q in range(len(self.queries)) for i in range(items)][:40]

    def _sets(self, pick: Random, count: int) -> list[set[int]]:
        return [
            {pick.randrange(self.nodes) for _ in range(pick.randrange(4))} for _ in range(count)
        ]

    def reaching(self) -> list[list[bool]]:
        graph = nx.DiGraph(self.edges)
        graph.add_nodes_from(range(self.nodes))
        ahead = {node: nx.descendants(graph, node) | {node} for node in graph}
        return [
            [any(ahead[node] & item for node in query) for item in self.items]
            for query in self.queries
        ]

    def sums(self) -> list[list[int]]:
        table = [[0] * COLUMNS for _ in self.queries]
        for row, reached in zip(table, self.reaching(), strict=True):
            for item, column, amount in self.adds:
                row[column] += amount * reached[item]
        return table

    def answer(self, *, fast: bool) -> sweeping.Swept:
        item, column, amount = (np.array(part, dtype=np.int64) for part in _columns(self.adds, 3))
        query, peeked = (np.array(part, dtype=np.int64) for part in _columns(self.pairs, 2))
        source, target = (np.array(part, dtype=np.int64) for part in _columns(self.edges, 2))
        return sweep(
            self.nodes,
            (source, target),
            queries=as_lists(self.queries),
            items=as_lists(self.items),
            amounts=Amounts(item, column, amount, COLUMNS),
            peeks=Peeks(query, peeked),
            fast=fast,
        )


def _columns(rows: list[tuple[int, ...]], width: int) -> list[list[int]]:
    return [[row[at] for row in rows] for at in range(width)]


def as_lists(sets: list[set[int]]) -> Lists:
    pairs = [(owner, value) for owner, values in enumerate(sets) for value in values]
    owner, value = (np.array(part, dtype=np.int64) for part in _columns(pairs, 2))
    return Lists.of(owner, value, len(sets))


@share(1)
@given(
    fast=KERNELS,
    shared=st.sampled_from([1, 3, 48]),
    seed=st.integers(0, 2**32),
    nodes=st.integers(1, 14),
    items=st.integers(0, 90),
)
def test_a_sweep_adds_up_what_each_query_reaches(
    fast: bool, shared: int, seed: int, nodes: int, items: int
) -> None:
    question = Question(seed, nodes=nodes, items=items)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "SHARED", shared)
        found = question.answer(fast=fast)
    assert found.sums.tolist() == question.sums()
    RUN["sweeps"] += 1


@share(0.5)
@given(fast=KERNELS, seed=st.integers(0, 2**32), nodes=st.integers(1, 14), items=st.integers(1, 30))
def test_a_peek_says_whether_one_query_reaches_one_item(
    fast: bool, seed: int, nodes: int, items: int
) -> None:
    question = Question(seed, nodes=nodes, items=items)
    reached = question.reaching()
    wanted = [reached[query][item] for query, item in question.pairs]
    assert question.answer(fast=fast).peeked.tolist() == wanted
    RUN["peeks"] += 1


@share(0.1)
@given(seed=st.integers(0, 2**32))
def test_small_blocks_give_the_same_sums(seed: int) -> None:
    question = Question(seed, nodes=12, items=200)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweeping, "_BLOCK_BYTES", 64)
        patch.setattr(sweeping, "_GATHER_BYTES", 64)
        found = question.answer(fast=False)
    assert found.sums.tolist() == question.sums()
    RUN["blocks"] += 1


@share(0.5)
@given(seed=st.integers(0, 2**32))
def test_rows_lead_only_to_lower_rows(seed: int) -> None:
    question = Question(seed, nodes=14, items=10)
    source, target = (np.array(part, dtype=np.int64) for part in _columns(question.edges, 2))
    small = condense(
        14, (source, target), queries=as_lists(question.queries), items=as_lists(question.items)
    )
    assert (small.successors.owners > small.successors.values).all()
    RUN["rows"] += 1


@given(st.lists(st.frozensets(st.integers(0, 5), max_size=4), max_size=12))
def test_equal_lists_are_one_group_and_different_ones_are_not(sets: list[frozenset[int]]) -> None:
    groups = equal_lists(as_lists([set(one) for one in sets]))
    told = {
        (a, b) for a in range(len(sets)) for b in range(a) if groups.group[a] == groups.group[b]
    }
    assert told == {(a, b) for a in range(len(sets)) for b in range(a) if sets[a] == sets[b]}


@given(st.lists(st.frozensets(st.integers(0, 5), max_size=4), max_size=12))
def test_lists_with_one_hash_are_still_told_apart(sets: list[frozenset[int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lists, "_hashes", lambda some: np.zeros(len(some), dtype=np.uint64))
        groups = equal_lists(as_lists([set(one) for one in sets]))
    assert len(groups) == len(set(sets))


@given(st.lists(st.integers(-9, 9)))
def test_distinct_values_come_in_order(values: list[int]) -> None:
    assert distinct(np.array(values, dtype=np.int64)).tolist() == sorted(set(values))


def test_a_question_that_is_too_large_says_so_and_what_to_narrow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    question = Question(3, nodes=12, items=20)
    monkeypatch.setattr(sweeping, "MOST_BYTES", 1 << 20)
    with pytest.raises(QueryError, match=r"more than the .* GiB that one question may") as caught:
        question.answer(fast=False)
    assert "ask about fewer nodes" in str(caught.value.__notes__)


def test_many_classes_with_many_columns_are_laid_out_whole() -> None:
    # Found at a million nodes: a class times a contribution did not fit into 64 bits.
    many, columns = 300_000, 40
    each = np.arange(many)
    items = Lists(np.arange(many + 1), each)
    found = layout.lay_out(items, Amounts(each, each % columns, 1 + each % 7, columns))
    total = np.bitwise_count(found.bits) @ found.value[found.pattern[found.word]]
    assert total.sum() == (1 + each % 7).sum()
    assert total.tolist() == np.bincount(each % columns, weights=1 + each % 7).astype(int).tolist()


def test_lists_that_do_not_fit_into_64_bits_are_refused() -> None:
    large = np.array([1 << 50])
    with pytest.raises(OverflowError, match="too many for 64 bits"):
        Lists.of(np.zeros(1, dtype=np.int64), large, 1 << 20)
