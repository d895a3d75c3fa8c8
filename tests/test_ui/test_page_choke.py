"""The page of choke points: what it ranks, what trying a removal tells, and that both counts are held together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from app_stores import A, story, write
from builders import Land, allow

from queries.choke import choke_points
from queries.fixes import people
from ui.pagemodels.choke import ChokeModel, Tried, build_model, trial
from ui.pagemodels.filters import Filters
from ui.pagemodels.question import asked_ends, question_of
from ui.reading import Reading, open_reading


def reading_of(url: str) -> Reading:
    opened = open_reading(url, cache=None)
    assert opened.reading is not None
    return opened.reading


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """A contractor who opens a notebook whose role reads restricted data, and two of a group that reads it too."""
    return reading_of(grouped(tmp_path_factory.mktemp("choke") / "grouped.db"))


def grouped(place: Path) -> str:
    land = Land(A)
    data = land.bucket("claims", sensitivity=10)
    read = allow("s3:GetObject", f"{data}/*", sid="ReadClaims")
    readers = land.group("readers", read)
    for name in ("ann", "ben"):
        land.member(land.user(name), readers)
    land.user("eve", read)
    return write(place, land.batch(), tuple(land.coverage.values()))


def model_of(reading: Reading, **params: str) -> ChokeModel:
    return build_model(reading, params, Filters(), "")


def test_what_cuts_most_stands_first(reading: Reading) -> None:
    model = model_of(reading)

    assert model.pairs == 3
    assert (model.sheet.rows[0][1], model.sheet.rows[0][4]) == (2, "exactly")
    told = {str(row[2]): row[1] for row in model.sheet.rows}
    assert told["Statement ReadClaims of own on readers"] == 2
    assert told["Membership of ann in readers"] == told["Membership of ben in readers"] == 1
    assert told["readers"] == 2


def test_the_ends_are_told_as_they_are_counted(reading: Reading) -> None:
    count = len(people(reading.view))

    assert model_of(reading).notes[0].startswith(f"From {count} ")


def test_every_row_ends_what_resolving_without_it_ends(reading: Reading) -> None:
    model = model_of(reading)

    for id_, row in zip(model.ids, model.sheet.rows, strict=True):
        shown = model_of(reading, id=str(id_), whatif="1").tried
        assert shown is not None
        assert (shown.ended, shown.agrees) == (row[1], True)
        assert f"{row[1]} of the 3 pairs asked about end" in shown.summary


def test_a_trial_names_who_loses_what(reading: Reading) -> None:
    model = model_of(reading)
    names = [str(row[2]) for row in model.sheet.rows]
    chosen = model.ids[names.index("Membership of ann in readers")]

    shown = model_of(reading, id=str(chosen), whatif="1").tried

    assert shown is not None
    assert "remove-user-from-group" in shown.removal
    assert shown.changes.rows
    assert all("ann" in str(row) and "ben" not in str(row) for row in shown.changes.rows)


@pytest.mark.parametrize("exact", [True, False])
def test_a_figure_that_resolving_again_does_not_bear_out_is_never_hidden(
    reading: Reading, exact: bool
) -> None:
    question = question_of({})
    ends = asked_ends(reading, reading.view, question, "")
    assert not isinstance(ends, str)
    found = choke_points(reading.view, ends.targets, evidence=reading.evidence)
    right = replace(found.revocables[0], exact=exact)

    def tried_as(pairs: int) -> Tried:
        return trial(reading, question, ends, replace(right, pairs=pairs))

    assert tried_as(right.pairs).agrees
    assert tried_as(right.pairs + 1).agrees is False
    assert tried_as(right.pairs - 1).agrees is not exact  # a bound may be lower


def test_what_is_no_choke_point_is_not_tried(reading: Reading) -> None:
    model = model_of(reading, id="revocable:none", whatif="1")

    assert (model.chosen, model.tried) == ("", None)


def test_a_node_of_the_story_can_be_tried(tmp_path: Path) -> None:
    reading = reading_of(story(tmp_path / "story.db"))
    model = model_of(reading)
    nodes = [
        id_ for id_, row in zip(model.ids, model.sheet.rows, strict=True) if "node" in str(row[3])
    ]

    assert nodes
    for id_ in nodes:
        shown = model_of(reading, id=str(id_), whatif="1").tried
        assert shown is not None
        assert shown.agrees
