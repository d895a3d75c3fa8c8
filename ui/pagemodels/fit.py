"""How wide the columns of a grid must be for their texts to be seen whole."""

from __future__ import annotations

from collections.abc import Iterator

from ui.render.sheet import Sheet, Value

LETTER = 6.8  # pixels of an average letter of a grid
HEAD = 7.4  # of its head
CAPITAL = 1.25  # times as wide
PADDING = 18
MOST = 380  # pixels: one long text does not push all others out of sight


def widths(sheet: Sheet) -> dict[str, int]:
    """The width of each column in pixels."""
    return dict(zip(sheet.columns, _widths(sheet), strict=True))


def cuts(sheet: Sheet) -> bool:
    """Whether some text is longer than its column may become wide."""
    return any(_length(one) * LETTER + PADDING > MOST for row in sheet.rows for one in row)


def _widths(sheet: Sheet) -> Iterator[int]:
    for at, column in enumerate(sheet.columns):
        longest = max((_length(row[at]) for row in sheet.rows), default=0)
        wanted = max(longest * LETTER, len(column) * HEAD) + PADDING
        yield min(MOST, int(wanted))


def _length(value: Value) -> float:
    text = value if isinstance(value, str) else f"{value:,}" if value is not None else ""
    return sum(CAPITAL if letter.isupper() else 1 for letter in text)
