"""Conditions of rules in three truth values, held against a table of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from examples import share
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import QueryError
from queries.condition import Condition, Truth

HELD: Mapping[str, Any] = {"yes": "1", "no": "0"}
LEAVES: dict[str, tuple[dict[str, Any], Truth]] = {
    "true": ({"path": "yes", "op": "eq", "value": "1"}, True),
    "false": ({"path": "no", "op": "eq", "value": "1"}, False),
    "unknown": ({"path": "gone", "op": "eq", "value": "1"}, None),
}
TREES = st.recursive(
    st.sampled_from(sorted(LEAVES)),
    lambda inner: st.tuples(st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3))
    | st.tuples(st.just("not"), inner),
    max_leaves=6,
)  # fmt: skip


def written(tree: Any) -> dict[str, Any]:
    if isinstance(tree, str):
        return LEAVES[tree][0]
    op, members = tree
    return {op: written(members) if op == "not" else list(map(written, members))}


def slow(tree: Any, unknown: bool) -> bool:
    """The truth of the tree where everything unknown is this."""
    if isinstance(tree, str):
        truth = LEAVES[tree][1]
        return unknown if truth is None else truth
    op, members = tree
    if op == "not":
        return not slow(members, unknown)
    return (all if op == "all" else any)(slow(one, unknown) for one in members)


def kleene(tree: Any) -> Truth:
    """The truth by the tables of Kleene, written out."""
    if isinstance(tree, str):
        return LEAVES[tree][1]
    op, members = tree
    if op == "not":
        return {True: False, False: True, None: None}[kleene(members)]
    found = {kleene(one) for one in members}
    if op == "all":
        return False if False in found else None if None in found else True
    return True if True in found else None if None in found else False


@share(0.3)
@given(TREES)
def test_a_condition_is_as_true_as_the_tables_say(tree: Any) -> None:
    found = Condition.of(written(tree)).holds(HELD.get, readable=False)

    assert found is kleene(tree)
    if found is not None:
        # what is decided does not hang on what is unknown, as long as one unknown is one thing
        assert slow(tree, unknown=True) is found or slow(tree, unknown=False) is found


@pytest.mark.parametrize(
    ("op", "value", "of", "holds"),
    [
        ("exists", "", "yes", True),
        ("exists", "", "gone", False),
        ("absent", "", "gone", True),
        ("ne", "1", "gone", True),
        ("in", ["1", "2"], "yes", True),
        ("lt", 1, "no", True),
        ("gt", 1, "no", False),
        ("matches", "^[0-9]$", "yes", True),
    ],
)
def test_what_was_read_and_is_not_there_is_absent(
    op: str, value: Any, of: str, holds: bool
) -> None:
    condition = Condition.of({"path": of, "op": op, "value": value})

    assert condition.holds(HELD.get, readable=True) is holds
    if of == "gone":
        assert condition.holds(HELD.get, readable=False) is None


@pytest.mark.parametrize("wrong", [{}, {"path": "x"}, {"op": "eq"}, {"path": "x", "op": "near"}])
def test_what_is_no_condition_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(QueryError, match="is no condition"):
        Condition.of(wrong)
