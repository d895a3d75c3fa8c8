"""Findings and decisions in a store: kept beside the graph, and never lost or changed by the next run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from store_rows import USERS, node, ok, run_once

from graph.model import Decision, FindingRow, NodeId, RunId, Status
from graph.store import Store

MADE = datetime(2026, 11, 2, 6, tzinfo=UTC)
ROW = FindingRow(
    "finding:a", "sh-001", NodeId("u"), RunId(1), RunId(1), RunId(1), Status.OPEN, '{"why":"x"}'
)
DECISION = Decision(MADE, "jo@example.com", "finding:a", "accept", "a test bed", "", MADE)
HOSTILE = ["'; DROP TABLE findings; --", "nul\x00inside", "lone \ud800", "=HYPERLINK(1)", "e\u0301"]


def test_findings_come_back_as_they_were_put_in_id_order(store: Store) -> None:
    run_once(store, [node("User", "u")], ok(USERS))
    rows = [replace(ROW, id=f"finding:{letter}") for letter in "cab"]
    gone = replace(rows[0], status=Status.GONE, closed_run=RunId(1))

    store.put_findings([gone, *rows[1:]])

    assert list(store.findings()) == [rows[1], rows[2], gone]


def test_a_finding_takes_the_place_of_the_one_with_its_id(store: Store) -> None:
    run_once(store, [node("User", "u")], ok(USERS))
    store.put_findings([ROW])
    later = replace(ROW, status=Status.UNCONFIRMED, payload='{"why":"y"}')

    store.put_findings([later])

    assert list(store.findings()) == [later]


def test_a_batch_of_findings_of_which_one_cannot_be_kept_leaves_nothing(store: Store) -> None:
    broken = replace(ROW, id="finding:b", first_run=None)  # type: ignore[arg-type]  # what a store must refuse

    with pytest.raises(Exception, match=r"(?i)null"):
        store.put_findings([ROW, broken])

    assert list(store.findings()) == []


def test_decisions_are_numbered_in_the_order_in_which_they_were_made(store: Store) -> None:
    first = store.decide(DECISION)
    second = store.decide(replace(DECISION, what="withdraw", expires=None, value="v"))

    assert store.decisions() == (first, second)
    assert first.number < second.number
    assert replace(second, number=0) == replace(DECISION, what="withdraw", expires=None, value="v")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_findings_and_decisions_comes_back_unchanged(
    store: Store, text: str
) -> None:
    row = replace(ROW, asset=NodeId(text), payload=text)
    made = replace(DECISION, person=text, subject=text, reason=text, value=text)

    store.put_findings([row])
    kept = store.decide(made)

    assert list(store.findings()) == [row]
    assert store.decisions() == (kept,)


def test_a_later_run_leaves_findings_and_decisions_alone(store: Store) -> None:
    run_once(store, [node("User", "u")], ok(USERS))
    store.put_findings([ROW])
    kept = store.decide(DECISION)

    run_once(store, [], ok(USERS), day=1)

    assert list(store.findings()) == [ROW]
    assert store.decisions() == (kept,)
