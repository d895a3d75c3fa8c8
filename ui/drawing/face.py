"""The face of a card: which text stands where on it, cut to the room that the marks leave."""

from __future__ import annotations

from dataclasses import dataclass

from ui.drawing.lettering import NAME_SIZE, TEXT_SIZE, cut, width_of
from ui.drawing.picture import Card

ICON_SIZE = 36.0
ICON_X = 14.0
TEXT_X = 60.0
EDGE = 12.0  # between text and the right edge of the card
MARK_HEIGHT = 18.0
MARK_TOP = 9.0
MARK_EDGE = 9.0
MARK_PAD = 6.0
MARK_WIDEST = 64.0
BETWEEN = 6.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on a card: `x` and `y` its baseline's start from the card's corner, `room` its widest width."""

    role: str  # `name`, `sub` or `word`
    text: str
    full: str
    x: float
    y: float
    room: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A rounded mark in the upper right corner of a card: the red badge, or the count."""

    role: str  # `badge` or `count`
    text: str
    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Face:
    """The texts and marks of a card."""

    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    icon: tuple[float, float]


def _marks(card: Card, width: float) -> tuple[Mark, ...]:
    """The marks from right to left."""
    wanted = [("badge", card.badge), ("count", f"\N{MULTIPLICATION SIGN}{card.count:,}")]
    if card.count < 2:
        wanted.pop()
    marks: list[Mark] = []
    right = width - MARK_EDGE
    for role, full in wanted:
        if full:
            text = cut(full, MARK_WIDEST - 2 * MARK_PAD, bold=True)
            across = max(MARK_HEIGHT, width_of(text, TEXT_SIZE, bold=True) + 2 * MARK_PAD)
            marks.append(Mark(role, text, right - across, MARK_TOP, across, MARK_HEIGHT))
            right -= across + BETWEEN
    return tuple(marks)


def face_of(card: Card, width: float, height: float) -> Face:
    """The face of a card of this size: the name above the second line, above the word that says what is wrong."""
    marks = _marks(card, width)
    wanted = [("name", card.label), ("sub", card.sub), ("word", card.word)]
    wanted = [(role, text) for role, text in wanted if text or role == "name"]
    step = 17.0 if len(wanted) == 3 else 19.0
    # The middle of capital letters is 4.5 above their baseline.
    first = height / 2 - step * (len(wanted) - 1) / 2 + 4.5
    beside = min([width - EDGE, *(mark.x - BETWEEN for mark in marks)]) - TEXT_X
    lines = []
    for number, (role, text) in enumerate(wanted):
        y = first + number * step
        meets = any(y - 11 < mark.y + mark.h and y + 3 > mark.y for mark in marks)
        room = beside if meets else width - EDGE - TEXT_X
        bold = role != "sub"
        size = NAME_SIZE if role == "name" else TEXT_SIZE
        lines.append(Line(role, cut(text, room, size, bold=bold), text, TEXT_X, y, room))
    return Face(tuple(lines), marks, (ICON_X, (height - ICON_SIZE) / 2))
