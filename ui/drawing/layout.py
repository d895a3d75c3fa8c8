"""Where everything of a picture stands: cards in columns, links around them, each word on its own line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ui.drawing.face import Face, face_of
from ui.drawing.lanes import (
    WORD_ABOVE,
    WORD_HEIGHT,
    Lanes,
    Piece,
    Wording,
    card_height,
    lanes_of,
    pieces_of,
    sorted_lanes,
    word_width,
    wording_of,
    words,
)
from ui.drawing.picture import Card, Link, Picture
from ui.drawing.slots import PASSAGE, Slots, heights, slots_of
from ui.drawing.strokes import (
    ARROW,
    LOOP_STEP,
    LOOP_TOP,
    Point,
    arrow_head,
    elbows,
    loop_points,
    shortened,
)
from ui.drawing.tracks import Levels, Net, Tracks, levels_of, nets_of, origin, tracks_of

CARD_WIDTH = 216.0
CARD_HEIGHT = 64.0
PADDING = 20.0
LEAD = 10.0  # between a card and what is next to it on a line
NARROWEST = 84.0  # gap between two columns
TRACK = 12.0
TURN = 10.0  # room beside the outer tracks, for the corners
TRIES = 3


@dataclass(frozen=True, slots=True)
class Placed:
    """A card with its place and its face: lines of text and marks, placed as well."""

    card: Card
    x: float
    y: float
    w: float
    h: float
    face: Face
    column: int


@dataclass(frozen=True, slots=True)
class Word:
    """The relation word of a link, just above its line; `x` and `y` are its middle."""

    text: str
    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Routed:
    """A link as a path of SVG, its arrow head as another, and its word."""

    link: Link
    d: str
    arrow: str
    points: tuple[Point, ...]
    word: Word | None


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture with everything placed, in pixels at zoom 1."""

    cards: tuple[Placed, ...] = ()
    links: tuple[Routed, ...] = ()
    width: float = 2 * PADDING
    height: float = 2 * PADDING


@dataclass(frozen=True, slots=True)
class _Gap:
    """The room between two columns, from left to right: words, tracks, words."""

    x: float
    left: float
    tracks: int
    right: float

    @property
    def width(self) -> float:
        return 2 * LEAD + self.left + self.right + _channel(self.tracks)

    def track(self, number: int) -> float:
        return self.x + LEAD + self.left + TURN + number * TRACK

    def middle(self, place: str) -> float:
        if place == "left":
            return self.x + LEAD + self.left / 2
        return self.x + self.width - LEAD - self.right / 2


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is decided about a picture before it has coordinates."""

    slots: Slots
    pieces: tuple[Piece, ...]
    wording: Wording
    lanes: Lanes
    heights: tuple[float, ...]  # of the cards
    y: tuple[float, ...]  # middles of the slots
    levels: Levels
    tracks: Tracks


def _channel(tracks: int) -> float:
    return 2 * TURN + (tracks - 1) * TRACK if tracks else 0.0


@dataclass(frozen=True, slots=True)
class _Frame:
    """A plan with its coordinates: left edges of columns, gaps right of them, and what is taken off every height."""

    plan: _Plan
    columns: tuple[float, ...]
    gaps: Mapping[int, _Gap]
    top: float
    bottom: float

    def right_edge(self, column: int) -> float:
        return self.columns[column] + CARD_WIDTH


def layout(picture: Picture) -> Layout:
    """The picture with everything placed; equal pictures give equal layouts, whatever their order."""
    cards = {card.id: card for card in picture.cards}
    links = tuple(link for link in picture.links if link.source in cards and link.target in cards)
    if not cards:
        return Layout()
    plan = _plan(Picture(picture.cards, links, picture.rank))
    frame = _frame(plan)
    placed = _placed(frame, cards)
    last = len(frame.columns) - 1
    beyond = frame.gaps[last].width if last in frame.gaps else 0.0
    return Layout(
        tuple(sorted(placed, key=lambda one: (one.column, one.y, one.card.id))),
        tuple(
            sorted(
                (*_routes(frame), *_loops(plan.slots, placed)), key=lambda routed: routed.link.id
            )
        ),
        frame.right_edge(last) + beyond + PADDING,
        frame.bottom - frame.top,
    )


def _plan(picture: Picture) -> _Plan:
    slots = slots_of(picture)
    pieces = pieces_of(slots)
    wording = wording_of(slots, pieces)
    lanes = lanes_of(slots, pieces, wording)
    high = tuple(card_height(lanes, at, CARD_HEIGHT) for at in range(len(picture.cards)))
    y = heights(slots, _sizes(slots, high))
    lanes = sorted_lanes(lanes, pieces, y)
    nets = nets_of(slots, pieces, lanes)
    aside: frozenset[Net] = frozenset()
    for _ in range(TRIES):
        levels = levels_of(slots, pieces, lanes, y, aside)
        tracks = tracks_of(pieces, nets, levels)
        more = {origin(slots, pieces, lanes, number, 0) for number in tracks.clashing}
        if more <= aside:
            break
        aside |= more
    return _Plan(slots, pieces, wording, lanes, high, y, levels, tracks)


def _sizes(slots: Slots, high: Sequence[float]) -> dict[int, tuple[float, float]]:
    """How far each slot reaches above and below its middle; loops stand above their card."""
    loops: dict[int, int] = defaultdict(int)
    for slot, _ in slots.loops:
        loops[slot] += 1
    sizes = dict.fromkeys(range(len(slots.slots)), (PASSAGE / 2, PASSAGE / 2))
    for at, height in enumerate(high):
        above = LOOP_TOP + LOOP_STEP * loops[at] if loops[at] else 0.0
        sizes[at] = height / 2 + above, height / 2
    return sizes


def _frame(plan: _Plan) -> _Frame:
    reach = _sizes(plan.slots, plan.heights)
    top = min(plan.y[at] - above for at, (above, _) in reach.items()) - PADDING
    bottom = max(plan.y[at] + below for at, (_, below) in reach.items()) + PADDING
    need = _needs(plan)
    turned = {piece.gap for piece in plan.pieces}
    x = PADDING
    columns: list[float] = []
    gaps: dict[int, _Gap] = {}
    for column in range(len(plan.slots.rows)):
        columns.append(x)
        x += CARD_WIDTH
        if column < len(plan.slots.rows) - 1 or column in turned:
            tracks = plan.tracks.count.get(column, 0)
            gaps[column] = _gap(x, need[column, "left"], need[column, "right"], tracks)
            x += gaps[column].width
    return _Frame(plan, tuple(columns), gaps, top, bottom)


def _needs(plan: _Plan) -> dict[tuple[int, str], float]:
    """How wide the words at the left and at the right of each gap are."""
    need: dict[tuple[int, str], float] = defaultdict(float)
    for piece in plan.pieces:
        place = plan.wording.place.get(piece.chain)
        if place in {"left", "right"}:
            zone = "left" if piece.turns else place
            width = word_width(plan.slots.chains[piece.chain].link)
            need[piece.gap, zone] = max(need[piece.gap, zone], width)
    return need


def _placed(frame: _Frame, cards: Mapping[str, Card]) -> tuple[Placed, ...]:
    """The cards in the order of their slots."""
    return tuple(
        Placed(
            cards[slot.card],
            frame.columns[slot.column],
            frame.plan.y[at] - height / 2 - frame.top,
            CARD_WIDTH,
            height,
            face_of(cards[slot.card], CARD_WIDTH, height),
            slot.column,
        )
        for at, (slot, height) in enumerate(
            zip(frame.plan.slots.slots, frame.plan.heights, strict=False)
        )
    )


def _gap(x: float, left: float, right: float, tracks: int) -> _Gap:
    """A gap as wide as its words and tracks need; what a narrow one lacks goes to the words."""
    spare = max(0.0, NARROWEST - 2 * LEAD - left - right - _channel(tracks))
    if left and not right:
        return _Gap(x, left + spare, tracks, right)
    if right and not left:
        return _Gap(x, left, tracks, right + spare)
    return _Gap(x, left + spare / 2, tracks, right + spare / 2)


def _routes(frame: _Frame) -> Iterator[Routed]:
    """The links between different cards."""
    own: dict[int, list[int]] = defaultdict(list)
    for at, piece in enumerate(frame.plan.pieces):
        own[piece.chain].append(at)
    for number, chain in enumerate(frame.plan.slots.chains):
        points = tuple(point for at in own[number] for point in _points(frame, at))
        if chain.back:
            points = points[::-1]
        path = elbows(shortened(points, ARROW))
        yield Routed(
            chain.link, path, arrow_head(points), points, _word(frame, own[number][0], chain.link)
        )


def _points(frame: _Frame, at: int) -> Iterator[Point]:
    """The points of one piece, from left to right."""
    piece = frame.plan.pieces[at]
    begin, end = (level - frame.top for level in frame.plan.levels.ends[at])
    yield frame.right_edge(piece.gap), begin
    if at in frame.plan.tracks.at:
        track = frame.gaps[piece.gap].track(frame.plan.tracks.at[at])
        yield track, begin
        yield track, end
    yield frame.right_edge(piece.gap) if piece.turns else frame.columns[piece.gap + 1], end


def _word(frame: _Frame, at: int, link: Link) -> Word | None:
    """The word of a link whose first piece this is."""
    piece = frame.plan.pieces[at]
    place = frame.plan.wording.place.get(piece.chain)
    if place is None:
        return None
    begin, end = (level - frame.top for level in frame.plan.levels.ends[at])
    if place == "passes":
        x, y = frame.columns[piece.gap + 1] + CARD_WIDTH / 2, end
    else:
        x = frame.gaps[piece.gap].middle("left" if piece.turns else place)
        y = end if place == "right" else begin
    return Word(words(link), x, y - WORD_ABOVE, word_width(link), WORD_HEIGHT)


def _loops(slots: Slots, placed: Sequence[Placed]) -> list[Routed]:
    """The links from a card to itself, one above the other on its upper edge."""
    found: dict[int, list[Link]] = defaultdict(list)
    for slot, link in slots.loops:
        found[slot].append(link)
    routed = []
    for slot, links in found.items():
        one = placed[slot]
        middle = one.x + one.w / 2
        for level, link in enumerate(links):
            width = word_width(link)
            points = loop_points(middle, one.y, level, len(links))
            y = points[1][1] - WORD_ABOVE
            word = Word(words(link), middle, y, width, WORD_HEIGHT) if width else None
            path = elbows(shortened(points, ARROW))
            routed.append(Routed(link, path, arrow_head(points), points, word))
    return routed
