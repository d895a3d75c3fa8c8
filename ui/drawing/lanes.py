"""Lanes: the heights at which links leave and enter cards, so that every relation word has a line of its own.

A link has its word at one end, where it has a lane to itself. At its other end it shares a lane with the links that look
alike and point the same way: the trunk of a fan.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from ui.drawing.lettering import TEXT_SIZE, cut, width_of
from ui.drawing.picture import Link
from ui.drawing.slots import Chain, Slots

LANE = 24.0  # room for a word above a line; its half is on the grid of heights
ON_A_CARD = 3  # lanes that fit on a card of the usual height
WIDEST = 156.0  # of a relation word; a longer one is cut with an ellipsis
WORD_PAD = 5.0
WORD_HEIGHT = 16.0
WORD_ABOVE = 10.0  # the middle of a word is so far above its line
LATER = "later"

Side = tuple[int, str]  # a slot, and `out` for its right edge or `in` for its left one


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a link within one gap between columns. `turns` where both ends are on the gap's left side."""

    chain: int
    gap: int
    left: int
    right: int
    turns: bool = False

    @property
    def sides(self) -> tuple[Side, Side]:
        """Where the piece begins and ends."""
        return (self.left, "out"), (self.right, "out" if self.turns else "in")


def words(link: Link) -> str:
    """What is written on a link: its label, cut to the widest, and whether it shows only later."""
    if not link.indirect:
        return cut(link.label, WIDEST)
    suffix = f" · {LATER}" if link.label else LATER
    return cut(link.label, WIDEST - width_of(suffix)) + suffix


def word_width(link: Link) -> float:
    """How wide the patch behind the word of a link is, 0 without one."""
    text = words(link)
    # Even, so that its middle and both its edges are whole pixels.
    return 2.0 * ceil(width_of(text, TEXT_SIZE) / 2 + WORD_PAD) if text else 0.0


def pieces_of(slots: Slots) -> tuple[Piece, ...]:
    """Every link cut at the columns."""
    pieces = []
    for number, chain in enumerate(slots.chains):
        for left, right in pairwise(chain.slots):
            column = slots.slots[left].column
            turns = column == slots.slots[right].column
            pieces.append(Piece(number, column, left, right, turns))
    return tuple(pieces)


@dataclass(frozen=True, slots=True)
class Wording:
    """Where the word of each link stands: in a gap at its `left` or `right` end, or in the column that it `passes`."""

    place: Mapping[int, str]  # by chain


def wording_of(slots: Slots, pieces: Sequence[Piece]) -> Wording:
    """A place for every word: at the end where fewer links meet; what could stand at both follows the others."""
    ends = Counter(side for piece in pieces for side in piece.sides)
    place: dict[int, str] = {}
    free: list[Piece] = []
    for piece in pieces:
        chain = slots.chains[piece.chain]
        if not words(chain.link):
            continue
        if len(chain.slots) > 2:
            place[piece.chain] = "passes"
            continue
        left, right = (ends[side] for side in piece.sides)
        if left == right == 1 and not piece.turns:
            free.append(piece)
        elif left == 1 or (right > ON_A_CARD and left < right):
            place[piece.chain] = "left"
        else:
            place[piece.chain] = "right"
    used: dict[int, set[str]] = defaultdict(set)
    for piece in pieces:
        used[piece.gap].add(place.get(piece.chain, ""))
    for piece in free:
        taken = used[piece.gap]
        place[piece.chain] = "right" if "right" in taken and "left" not in taken else "left"
    return Wording(place)


Lane = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """The lanes of every side of a card, from top to bottom, and the lane of each piece at its two ends."""

    order: Mapping[Side, tuple[Lane, ...]]
    of: Mapping[tuple[int, int], Lane]  # by piece, and 0 for its left end or 1 for its right one

    def offset(self, side: Side, lane: Lane) -> float:
        """How far below the middle of its card a lane is."""
        order = self.order[side]
        return (order.index(lane) - (len(order) - 1) / 2) * LANE


def _lane(chain: Chain, piece: Piece, end: int, *, own: bool) -> Lane:
    link = chain.link
    if own:
        return ("own", link.id)
    arrow = end == 1 if not chain.back else end == 0
    return ("shared", str(arrow), str(int(link.certainty)), str(link.indirect), str(piece.turns))


def lanes_of(slots: Slots, pieces: Sequence[Piece], wording: Wording) -> Lanes:
    """The lanes at every card, in no order yet: `sorted_lanes` needs to know how high the cards are."""
    pairs = Counter((piece.left, piece.right) for piece in pieces)
    of: dict[tuple[int, int], Lane] = {}
    found: dict[Side, dict[Lane, None]] = defaultdict(dict)
    for number, piece in enumerate(pieces):
        chain = slots.chains[piece.chain]
        parallel = pairs[piece.left, piece.right] > 1
        for end, side in enumerate(piece.sides):
            if not slots.slots[side[0]].card:
                continue
            own = parallel or wording.place.get(piece.chain) == ("left", "right")[end]
            of[number, end] = _lane(chain, piece, end, own=own)
            found[side][of[number, end]] = None
    return Lanes({side: tuple(lanes) for side, lanes in found.items()}, of)


def card_height(lanes: Lanes, slot: int, usual: float) -> float:
    """How high a card is: as usual, or as many lanes need, by eights so that halves stay on the grid."""
    most = max(len(lanes.order.get((slot, side), ())) for side in ("in", "out"))
    return usual if most <= ON_A_CARD else -(-(most * LANE + 4) // 8) * 8


def sorted_lanes(lanes: Lanes, pieces: Sequence[Piece], y: Sequence[float]) -> Lanes:
    """The lanes of each side, sorted by the height that they lead to."""
    reach: dict[tuple[Side, Lane], list[float]] = defaultdict(list)
    for number, piece in enumerate(pieces):
        for end, side in enumerate(piece.sides):
            if (number, end) in lanes.of:
                reach[side, lanes.of[number, end]].append(y[piece.sides[1 - end][0]])

    def ordered(side: Side, row: Iterable[Lane]) -> tuple[Lane, ...]:
        return tuple(
            sorted(row, key=lambda lane: (sum(reach[side, lane]) / len(reach[side, lane]), lane))
        )

    return Lanes({side: ordered(side, row) for side, row in lanes.order.items()}, lanes.of)
