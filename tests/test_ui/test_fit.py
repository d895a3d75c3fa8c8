"""Columns of a grid are as wide as their texts, up to a limit."""

from __future__ import annotations

from ui.pagemodels.fit import MOST, cuts, widths
from ui.render.sheet import Sheet

LONG = "AWSReservedSSO_AdministratorAccess_a5f7bf66d345db91"


def test_a_column_is_as_wide_as_its_longest_text_or_its_head() -> None:
    found = widths(Sheet(("Name", "Certainty"), (("claims", "x"), (LONG, "y"))))

    assert found["Name"] > len(LONG) * 6.5
    assert 70 < found["Certainty"] < 100


def test_capitals_need_more_room() -> None:
    sheet = Sheet(("Small", "Large"), (("write control", "WRITE CONTROL"),))

    assert widths(sheet)["Large"] > widths(sheet)["Small"]


def test_one_long_text_does_not_push_the_others_out_of_sight() -> None:
    sheet = Sheet(("Through", "Hops"), (("x" * 500, 3),))

    assert widths(sheet)["Through"] == MOST
    assert cuts(sheet)


def test_numbers_and_nothing_have_a_width_too() -> None:
    sheet = Sheet(("Rows", "Owner"), ((1_234_567_890_123, None),))

    assert widths(sheet)["Rows"] > widths(sheet)["Owner"] > 0
    assert not cuts(sheet)


def test_a_sheet_without_rows_is_as_wide_as_its_heads() -> None:
    assert list(widths(Sheet(("A", "Long head"), ()))) == ["A", "Long head"]
