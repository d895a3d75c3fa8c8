"""Sheets of answers as a workbook for spreadsheets: text is never a formula or a link, whatever it says."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from ui.render.sheet import Sheet, Value
from ui.render.text import FORMULA_STARTS, plural, safe

ABOUT = "About"
ROWS = "Rows"
CREATED = datetime(2000, 1, 1, tzinfo=UTC)  # fixed, so that equal rows give equal files
CELL = 32_767  # characters that a cell holds
CUT = " [cut: a cell holds no more]"
LINES = 1_048_576  # rows that a sheet holds, with its header
NAME = 31  # characters of a sheet's name
EXACT = 2**53  # whole numbers above it lose digits in a spreadsheet
WIDEST = 60
MEASURED = 500  # rows that a column's width is taken from
_ILLEGAL = re.compile(r"[\[\]:*?/\\]")
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def as_xlsx(sheets: Mapping[str, Sheet] | Sheet) -> bytes:
    """The workbook: what the rows rest on first, then each sheet under its name."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]  # noqa: PLC0415  # it has no types; only an export pays for it

    named = {ROWS: sheets} if isinstance(sheets, Sheet) else sheets
    names = tuple(sheet_names((ABOUT, *named)))
    target = io.BytesIO()
    with Workbook(target, _OPTIONS) as book:
        book.set_properties({"created": CREATED.replace(tzinfo=None)})
        styles = {
            "head": book.add_format({"bold": True}),
            "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
            # Keeps text that begins like a formula text when somebody edits the cell.
            "quoted": book.add_format({"quote_prefix": True}),
        }
        _about(
            book.add_worksheet(names[0]), dict(zip(names[1:], named.values(), strict=True)), styles
        )
        for name, sheet in zip(names[1:], named.values(), strict=True):
            _rows(book.add_worksheet(name), sheet, styles)
    return target.getvalue()


def sheet_names(wanted: Iterable[str]) -> Iterator[str]:
    """Names that a workbook takes, in this order: short, without what is forbidden there, and each only once."""
    taken = {"history"}  # reserved
    for name in wanted:
        plain = _ILLEGAL.sub("-", safe(name)).strip("' ")[:NAME].rstrip("' ") or ROWS
        told, count = plain, 1
        while told.lower() in taken:
            count += 1
            told = f"{plain[: NAME - len(str(count)) - 1]} {count}"
        taken.add(told.lower())
        yield told


def _about(page: Any, sheets: Mapping[str, Sheet], styles: Mapping[str, Any]) -> None:
    """The lines above and below the rows of every sheet, which say what the rows rest on."""
    page.set_column(0, 0, 2 * WIDEST)
    at = 0
    for name, sheet in sheets.items():
        told = [*sheet.above, plural(len(sheet.rows), "row"), *sheet.below]
        left_out = len(sheet.rows) - (LINES - 1)
        if left_out > 0:
            told.append(f"{plural(left_out, 'row')} left out: a sheet holds no more")
        page.write_string(at, 0, name, styles["head"])
        for line in told:
            at += 1
            page.write_string(at, 0, _text(line), styles["wrapped"])
        at += 2


def _rows(page: Any, sheet: Sheet, styles: Mapping[str, Any]) -> None:
    """The rows under their columns: the header stays in sight and filters."""
    for column, name in enumerate(sheet.columns):
        page.write_string(0, column, _text(name), styles["head"])
    rows = sheet.rows[: LINES - 1]
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write(page, (line, column), value, styles["quoted"])
    for column, width in enumerate(_widths(sheet)):
        page.set_column(column, column, width)
    if sheet.columns:
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, len(rows), len(sheet.columns) - 1)


def _write(page: Any, place: tuple[int, int], value: Value, quoted: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(*place, value)
    elif isinstance(value, str) or not isfinite(value) or abs(value) > EXACT:
        text = _text(str(value))
        risky = text.lstrip().startswith(FORMULA_STARTS)
        page.write_string(*place, text, quoted if risky else None)
    else:
        page.write_number(*place, value)


def _text(value: str) -> str:
    """The text as a cell may hold it: control characters visible, and cut in sight where it is too long."""
    text = safe(value)
    return text if len(text) <= CELL else text[: CELL - len(CUT)] + CUT


def _widths(sheet: Sheet) -> Iterator[int]:
    """How wide each column is to be, in characters."""
    for column, name in enumerate(sheet.columns):
        cells = (row[column] for row in sheet.rows[:MEASURED])
        longest = max((len(str(cell)) for cell in cells if cell is not None), default=0)
        yield min(max(longest, len(name) + 3) + 2, WIDEST)  # the filter's button takes room
