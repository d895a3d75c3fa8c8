"""A second opinion on every decision row; where it differs, the AWS documentation that decides is on record."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from decision_rows import MEASURED, our_rows, rows_of
from peer_evaluator import Absent, Opinion, installed, opinions, unsaid

ROWS = our_rows() + rows_of(MEASURED)
ASKED = [row for row in ROWS if not unsaid(row)]
DIFFERENT = {
    one["id"]: one
    for one in json.loads(
        (Path(__file__).parents[1] / "cases" / "second-opinion.json").read_text(encoding="utf-8")
    )
}


@pytest.fixture(scope="module")
def opinion() -> dict[str, Opinion]:
    try:
        folder = installed()
    except Absent as absent:
        if os.environ.get("CI") == "true" and not absent.excused:
            pytest.fail(f"no second opinion: {absent}")
        pytest.skip(f"no second opinion: {absent}")
    return opinions(ASKED, folder)


def test_another_evaluator_decides_alike_or_the_difference_is_on_record(
    opinion: dict[str, Opinion],
) -> None:
    theirs = {
        row["id"]: (opinion[row["id"]].error and "refused") or opinion[row["id"]].effect
        for row in ASKED
    }
    differ = {row["id"]: theirs[row["id"]] for row in ASKED if theirs[row["id"]] != row["expected"]}
    assert differ == {name: one["theirs"] for name, one in DIFFERENT.items()}


def test_another_evaluator_leaves_the_same_keys_open(opinion: dict[str, Opinion]) -> None:
    rows = [row for row in ASKED if row["expected"] == "conditional" and row["id"] not in DIFFERENT]
    ours = {row["id"]: {key.lower() for key in row["condition_keys"]} for row in rows}
    assert {name: set(opinion[name].keys) for name in ours} == ours


def test_another_evaluator_takes_every_key_that_a_row_gives(opinion: dict[str, Opinion]) -> None:
    assert {name: one.ignored for name, one in opinion.items() if one.ignored} == {}


def test_few_rows_cannot_be_asked_elsewhere() -> None:
    reasons = {row["id"]: why for row in ROWS if (why := unsaid(row))}
    assert len(reasons) < len(ROWS) // 20, reasons


def test_every_difference_on_record_names_a_row_and_the_page_that_decides() -> None:
    rows = {row["id"]: row for row in ASKED}
    assert set(DIFFERENT) <= set(rows)
    for name, one in DIFFERENT.items():
        assert set(one) == {"id", "ours", "theirs", "source", "why"}
        assert one["ours"] == rows[name]["expected"] != one["theirs"]
        assert one["source"].startswith("https://docs.aws.amazon.com/")
        assert one["why"]
