"""The state of a page follows from its situation alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ui.pagemodels.state import WITHOUT_CONTENT, PageState, Situation, view_state

GOOD = Situation(answered=10, complete=True, rows=5, shown=5)
OLD = timedelta(hours=37)


CASES = [
    (GOOD, PageState.READY),
    (replace(GOOD, rows=0, shown=0), PageState.EMPTY_GOOD),
    (replace(GOOD, shown=0), PageState.EMPTY_FILTERED),
    (replace(GOOD, complete=False), PageState.PARTIAL),
    (replace(GOOD, age=OLD), PageState.STALE),
    (replace(GOOD, pending=True), PageState.LOADING),
    (replace(GOOD, answered=0, unanswered=3), PageState.INGEST_FAILED),
    (Situation(missing=True), PageState.NOT_CONFIGURED),
    (Situation(broken=True), PageState.ERROR),
]


@pytest.mark.parametrize(("situation", "state"), CASES)
def test_each_state_is_reached_by_its_situation(situation: Situation, state: PageState) -> None:
    assert view_state(situation) is state


def test_every_state_of_the_closed_list_is_reached_by_some_situation() -> None:
    assert {state for _, state in CASES} == set(PageState)


def test_an_empty_answer_of_incomplete_data_is_never_told_as_good() -> None:
    assert view_state(replace(GOOD, rows=0, shown=0, complete=False)) is PageState.PARTIAL


def test_an_empty_answer_of_old_data_is_never_told_as_good() -> None:
    assert view_state(replace(GOOD, rows=0, shown=0, age=OLD)) is PageState.STALE


def test_data_of_exactly_the_allowed_age_is_not_old() -> None:
    assert view_state(replace(GOOD, age=GOOD.stale_after)) is PageState.READY


@given(
    some.builds(
        Situation,
        answered=some.integers(0, 3),
        unanswered=some.integers(0, 3),
        age=some.none() | some.timedeltas(min_value=timedelta(0)),
        stale_after=some.just(timedelta(hours=36)),
        rows=some.integers(0, 3),
        shown=some.integers(0, 3),
    )
)
def test_only_complete_fresh_data_may_be_called_good_or_ready(now: Situation) -> None:
    if view_state(now) in {PageState.READY, PageState.EMPTY_GOOD}:
        assert now.complete
        assert [now.missing, now.broken, now.pending] == [False, False, False]
        assert now.age is None or now.age <= now.stale_after


def test_pages_keep_their_content_under_a_warning() -> None:
    assert {PageState.READY, PageState.STALE, PageState.PARTIAL} == set(PageState) - WITHOUT_CONTENT
