"""Names written by strangers reach a terminal, a spreadsheet and JSON without doing anything there."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.render.sheet import Sheet, as_csv, as_text
from ui.render.text import FORMULA_STARTS, cell, json_pieces, plural, safe, to_json

HOSTILE = {
    "terminal colour": ("\x1b[31mred", "\\x1b[31mred"),
    "terminal title": ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
    "one-byte sequence": ("\x9b31m", "\\x9b31m"),
    "second line": ("a\nshadowgraph: all clean", "a\\nshadowgraph: all clean"),
    "overwriting": ("evil\rgood", "evil\\rgood"),
    "reordering": ("\u202egnp.exe", "\\u202egnp.exe"),
    "isolates": ("a\u2066b\u2069", "a\\u2066b\\u2069"),
    "zero width": ("ad\u200bmin", "ad\\u200bmin"),
    "line separator": ("a\u2028b", "a\\u2028b"),
    "odd space": ("a\u00a0b", "a\\xa0b"),
    "null": ("a\x00b", "a\\x00b"),
    "surrogate": ("a\ud800b", "a\\ud800b"),
    "tag characters": ("a\U000e0041b", "a\\U000e0041b"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_a_terminal_would_act_on_is_shown_as_an_escape(case: str) -> None:
    given_text, shown = HOSTILE[case]

    assert safe(given_text) == shown


@pytest.mark.parametrize("text", ["claims-prod", "Jörg", "数据", "[bold]x[/bold]", "🚀", "a b", ""])
def test_what_a_terminal_only_prints_is_left_as_it_is(text: str) -> None:
    assert safe(text) == text


@given(st.text())
def test_safe_text_is_always_printable_on_one_line(text: str) -> None:
    assert safe(text).isprintable()


@given(st.text())
def test_safe_text_stays_safe(text: str) -> None:
    assert safe(safe(text)) == safe(text)


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_a_cell_that_begins_like_a_formula_is_text(start: str) -> None:
    assert cell(f'{start}HYPERLINK("http://x","y")').startswith("'")


def test_a_cell_that_begins_like_a_formula_after_blanks_is_text() -> None:
    assert cell("  =1+1") == "'  =1+1"


@pytest.mark.parametrize(
    ("value", "shown"), [(-3, "-3"), (1.5, "1.5"), (True, "true"), (False, "false"), (None, "")]
)
def test_a_number_in_a_cell_stays_a_number(value: float | None, shown: str) -> None:
    assert cell(value) == shown


@given(st.lists(st.tuples(st.text(), st.integers()), max_size=5))
def test_csv_reads_back_as_what_was_shown(rows: list[tuple[str, int]]) -> None:
    written = as_csv(Sheet(("name", "count"), tuple(rows)))

    read = list(csv.reader(io.StringIO(written)))

    assert read == [["name", "count"], *([cell(name), cell(count)] for name, count in rows)]


@given(st.text())
def test_json_is_ascii_and_gives_the_text_back(text: str) -> None:
    written = to_json({"name": text})

    assert written.isascii()
    assert "\x7f" not in written
    assert json.loads(written) == {"name": text}


def test_json_has_sorted_keys() -> None:
    assert to_json({"b": 1, "a": 2}).index('"a"') < to_json({"b": 1, "a": 2}).index('"b"')


def test_a_table_never_reads_a_name_as_markup() -> None:
    sheet = Sheet(("name",), (("[red]x[/red] :rocket:",),))

    assert "[red]x[/red] :rocket:" in as_text(sheet)


def test_a_table_keeps_hostile_names_on_their_row() -> None:
    sheet = Sheet(("name", "kind"), (("a\n\x1b[2Jb", "User"), ("c", "Role")))

    assert as_text(sheet).splitlines() == [
        "NAME         KIND",
        "a\\n\\x1b[2Jb  User",
        "c            Role",
    ]


def test_lines_around_a_table_are_made_safe() -> None:
    sheet = Sheet(("name",), (), above=("about \x1b[2J",), below=("after \u202e",))

    assert as_text(sheet) == "about \\x1b[2J\n\nafter \\u202e\n"


def test_a_wide_table_is_not_cut_where_nobody_watches() -> None:
    long = "arn:aws:iam::111111111111:role/" + "x" * 400

    assert long in as_text(Sheet(("id",), ((long,),)))


def test_a_narrow_terminal_loses_nothing_of_a_name() -> None:
    long = "x" * 100

    shown = as_text(Sheet(("id",), ((long,),)), width=40)

    assert "".join(shown.split("\n")[1:]) == long


def test_counts_are_told_with_their_noun() -> None:
    assert (plural(1, "call"), plural(1204, "identity", "identities")) == (
        "1 call",
        "1,204 identities",
    )


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), PLAIN, max_size=4), st.text(), st.lists(PLAIN, max_size=4))
def test_json_in_pieces_is_the_json_of_the_whole(
    head: dict[str, object], name: str, rows: list[object]
) -> None:
    head.pop(name, None)

    assert "".join(json_pieces(head, name, iter(rows))) == to_json({**head, name: rows})
