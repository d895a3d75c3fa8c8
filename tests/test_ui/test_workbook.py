"""A workbook holds what the rows say as text and numbers, and nothing in it runs or leads anywhere."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as ET

import pytest

from ui.render.sheet import Sheet, Value
from ui.render.workbook import CELL, CUT, NAME, as_xlsx, sheet_names

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\x00=1",
    "a\u202eb",
    "\ud800",
    "http://example.com/",
    "mailto:a@example.com",
    "_x0041_",
    "<b>&amp;</b>",
    "{=1}",
    "",
)


def parts(book: bytes) -> dict[str, str]:
    """Every part of the workbook by its path."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - the workbook under test wrote it


def trees(book: bytes) -> dict[str, ET.Element]:
    """The parsed worksheets by path."""
    return {
        name: parsed(text)
        for name, text in parts(book).items()
        if name.startswith("xl/worksheets/sheet")
    }


def cells(book: bytes, sheet: int) -> dict[str, tuple[str, str]]:
    """Type and value of every cell of a sheet, shared strings looked up."""
    shared = [
        "".join(node.itertext())
        for node in parsed(parts(book)["xl/sharedStrings.xml"]).iter(f"{SPACE}si")
    ]
    found = {}
    for cell in trees(book)[f"xl/worksheets/sheet{sheet}.xml"].iter(f"{SPACE}c"):
        kind, value = cell.get("t", "n"), cell.findtext(f"{SPACE}v") or ""
        found[cell.get("r", "")] = (kind, shared[int(value)] if kind == "s" else value)
    return found


def one(*values: Value) -> Sheet:
    return Sheet(("name",), tuple((value,) for value in values), ("data: run 1",))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(name: str) -> None:
    book = as_xlsx({name: Sheet((name,), ((name,),), (name,), (name,))})

    held = parts(book)
    assert [tree for tree in trees(book).values() if list(tree.iter(f"{SPACE}f"))] == []
    assert [text for text in held.values() if "hyperlink" in text.lower() and "<f>" in text] == []
    assert [tree for tree in trees(book).values() if list(tree.iter(f"{SPACE}hyperlink"))] == []
    assert [name for name in held if "externalLink" in name or "vba" in name.lower()] == []
    assert {kind for sheet in (1, 2) for kind, _ in cells(book, sheet).values()} == {"s"}


def test_every_part_can_be_parsed_whatever_the_names_say() -> None:
    book = as_xlsx({name: one(*HOSTILE) for name in HOSTILE})

    for text in parts(book).values():
        parsed(text)


def test_control_and_reordering_characters_are_shown() -> None:
    told = cells(as_xlsx(one("\x00=1", "a\u202eb", "\ud800", "\t=1")), 2)

    assert [told[place][1] for place in ("A2", "A3", "A4", "A5")] == [
        "\\x00=1",
        "a\\u202eb",
        "\\ud800",
        "\\t=1",
    ]


def test_text_that_looks_like_an_escape_of_the_format_stays_as_it_is_written() -> None:
    # Readers of the format turn `_x0041_` into `A`; the underscore is therefore written as an escape itself.
    assert cells(as_xlsx(one("_x0041_")), 2)["A2"] == ("s", "_x005F_x0041_")


def test_text_like_a_formula_stays_text_when_the_cell_is_edited() -> None:
    book = as_xlsx(one("=1+1", "plain"))

    styles = parsed(parts(book)["xl/styles.xml"])
    quoted = [
        str(at)
        for at, style in enumerate(styles.iter(f"{SPACE}xf"))
        if style.get("quotePrefix") == "1"
    ]
    sheet = trees(book)["xl/worksheets/sheet2.xml"]
    marked = {cell.get("r") for cell in sheet.iter(f"{SPACE}c") if cell.get("s", "0") != "0"}
    assert (len(quoted), marked) == (1, {"A1", "A2"})  # the header is bold


def test_text_that_no_cell_holds_is_cut_in_sight() -> None:
    kind, told = cells(as_xlsx(one("x" * 40_000)), 2)["A2"]

    assert (kind, len(told), told.endswith(CUT)) == ("s", CELL, True)


def test_numbers_and_truth_keep_their_type() -> None:
    told = cells(as_xlsx(one(12, 1.5, True, None, 2**60, float("nan"))), 2)

    assert [told.get(f"A{line}") for line in range(2, 8)] == [
        ("n", "12"),
        ("n", "1.5"),
        ("b", "1"),
        None,
        ("s", str(2**60)),
        ("s", "nan"),
    ]


def test_the_first_sheet_says_what_the_rows_rest_on() -> None:
    book = as_xlsx({"reach": Sheet(("a",), ((1,),), ("data: run 1",), ("and 2 more",))})

    assert [value for _, value in cells(book, 1).values()] == [
        "reach",
        "data: run 1",
        "1 row",
        "and 2 more",
    ]


def test_the_header_stays_in_sight_and_filters() -> None:
    text = parts(as_xlsx(one("a", "b")))["xl/worksheets/sheet2.xml"]

    assert ('state="frozen"' in text, '<autoFilter ref="A1:A3"/>' in text) == (True, True)


def test_equal_rows_give_equal_files() -> None:
    assert as_xlsx(one("a")) == as_xlsx(one("a"))


def test_an_empty_answer_is_a_workbook_too() -> None:
    book = as_xlsx(Sheet((), ()))

    assert cells(book, 1)["A2"] == ("s", "0 rows")


def test_names_of_sheets_are_legal_and_each_only_once() -> None:
    names = tuple(
        sheet_names(("About", "about", "a/b", "a:b", "'x'", "", "History", "y" * 40, "y" * 40))
    )

    assert names == (
        "About",
        "about 2",
        "a-b",
        "a-b 2",
        "x",
        "Rows",
        "History 2",
        "y" * NAME,
        "y" * (NAME - 2) + " 2",
    )
