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
    most = (MOST - PADDING) / LETTER
    texts = (_text(one) for row in sheet.rows for one in row)
    return any(len(one) * CAPITAL > most and _length(one) > most for one in texts)


def _widths(sheet: Sheet) -> Iterator[int]:
    for at, column in enumerate(sheet.columns):
        longest = _longest({_text(row[at]) for row in sheet.rows})
        wanted = max(longest * LETTER, len(column) * HEAD) + PADDING
        yield min(MOST, int(wanted))


def _longest(texts: set[str]) -> float:
    """The length of the longest: only those that could be it are measured letter by letter."""
    longest = 0.0
    for text in sorted(texts, key=len, reverse=True):
        if len(text) * CAPITAL <= longest:
            break
        longest = max(longest, _length(text))
    return longest


def _text(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:,}" if value is not None else ""


def _length(text: str) -> float:
    return sum(CAPITAL if letter.isupper() else 1 for letter in text)
