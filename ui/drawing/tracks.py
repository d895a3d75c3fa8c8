"""Tracks: where links between two columns turn, so that two of them lie on each other only where they belong together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ui.drawing.lanes import Lanes, Piece
from ui.drawing.slots import Slots

CLEAR = 8.0  # between two turns on one track
TOO_NEAR = 6.0  # of two levels that must not be taken for one line
ASIDE = 8.0  # how far a level moves where no order of the tracks helps

Net = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """The height at which every piece begins and ends."""

    ends: tuple[tuple[float, float], ...]

    def bends(self, piece: int) -> bool:
        """Whether the piece changes its height."""
        first, last = self.ends[piece]
        return first != last


def levels_of(
    slots: Slots,
    pieces: Sequence[Piece],
    lanes: Lanes,
    y: Sequence[float],
    aside: frozenset[Net] = frozenset(),
) -> Levels:
    """The levels of all pieces; those whose origin is in `aside` are moved a little."""

    def level(number: int, end: int) -> float:
        side = pieces[number].sides[end]
        moved = ASIDE if origin(slots, pieces, lanes, number, end) in aside else 0.0
        if not slots.slots[side[0]].card:
            return y[side[0]] + moved
        return y[side[0]] + lanes.offset(side, lanes.of[number, end]) + moved

    return Levels(tuple((level(number, 0), level(number, 1)) for number in range(len(pieces))))


def origin(slots: Slots, pieces: Sequence[Piece], lanes: Lanes, number: int, end: int) -> Net:
    """What fixes the level of one end of a piece: a lane of a card, or the slot where a link passes."""
    side = pieces[number].sides[end]
    return (side, lanes.of[number, end]) if slots.slots[side[0]].card else (side[0],)


def nets_of(slots: Slots, pieces: Sequence[Piece], lanes: Lanes) -> tuple[Net, ...]:
    """The net of every piece: pieces that share the lane that they leave, or else the one that they enter, turn as one."""
    sharing: dict[Net, int] = defaultdict(int)
    ends = []
    for number, piece in enumerate(pieces):
        both = tuple(origin(slots, pieces, lanes, number, end) for end in (0, 1))
        ends.append(both)
        for end, one in enumerate(both):
            sharing[piece.gap, end, one] += 1
    nets: list[Net] = []
    for number, piece in enumerate(pieces):
        keys: list[Net] = [(piece.gap, end, ends[number][end]) for end in (0, 1)]
        shared = [key for key in keys if sharing[key] > 1]
        nets.append(shared[0] if shared else (piece.gap, 2, number))
    return tuple(nets)


@dataclass(frozen=True, slots=True)
class Tracks:
    """The track of every piece that turns, the number of tracks in each gap, and the pieces that still lie on another."""

    at: Mapping[int, int]
    count: Mapping[int, int]
    clashing: tuple[int, ...]


def tracks_of(pieces: Sequence[Piece], nets: Sequence[Net], levels: Levels) -> Tracks:
    """The tracks of all gaps."""
    by_gap: dict[int, list[int]] = defaultdict(list)
    for number, piece in enumerate(pieces):
        if levels.bends(number):
            by_gap[piece.gap].append(number)
    at: dict[int, int] = {}
    count: dict[int, int] = {}
    clashing: list[int] = []
    for gap, turning in sorted(by_gap.items()):
        placed, clashes = _in_gap(turning, pieces, nets, levels)
        at |= {number: placed[nets[number]] for number in turning}
        count[gap] = max(placed.values()) + 1
        clashing += clashes
    return Tracks(at, count, tuple(clashing))


def _in_gap(
    turning: Sequence[int], pieces: Sequence[Piece], nets: Sequence[Net], levels: Levels
) -> tuple[dict[Net, int], list[int]]:
    spans: dict[Net, tuple[float, float]] = {}
    for number in turning:
        low, high = spans.get(nets[number], (float("inf"), float("-inf")))
        spans[nets[number]] = min(low, *levels.ends[number]), max(high, *levels.ends[number])
    first = _first(turning, pieces, nets, levels)
    order, clashing = _order(turning, nets, levels, first)
    placed: dict[Net, int] = {}
    taken: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for net in order:
        low, high = spans[net]
        track = max((placed.get(other, 0) for other, _ in first[net]), default=0)
        while any(low < end + CLEAR and start < high + CLEAR for start, end in taken[track]):
            track += 1
        placed[net] = track
        taken[track].append((low, high))
    return placed, clashing


def _first(
    turning: Sequence[int], pieces: Sequence[Piece], nets: Sequence[Net], levels: Levels
) -> dict[Net, list[tuple[Net, int]]]:
    """For each net those that must turn left of it, with the piece that says so.

    A line that comes from the left at the level at which another goes on to the right has to turn before it.
    """
    first: dict[Net, list[tuple[Net, int]]] = {nets[number]: [] for number in turning}
    going = [(levels.ends[number][1], number) for number in turning if not pieces[number].turns]
    for number in turning:
        coming = levels.ends[number] if pieces[number].turns else levels.ends[number][:1]
        for level, other in going:
            if nets[other] != nets[number] and any(abs(level - one) < TOO_NEAR for one in coming):
                first[nets[other]].append((nets[number], number))
    return first


def _order(
    turning: Sequence[int],
    nets: Sequence[Net],
    levels: Levels,
    first: Mapping[Net, Iterable[tuple[Net, int]]],
) -> tuple[list[Net], list[int]]:
    """The nets from left to right: lower ones first among those that fall, upper ones first among those that rise."""
    falls: dict[Net, float] = defaultdict(float)
    starts: dict[Net, float] = {}
    for number in turning:
        begin, end = levels.ends[number]
        falls[nets[number]] += end - begin
        starts.setdefault(nets[number], begin)

    def preference(net: Net) -> tuple[bool, float, str]:
        falling = falls[net] >= 0
        return not falling, -starts[net] if falling else starts[net], str(net)

    left = sorted(starts, key=preference)
    order: list[Net] = []
    clashing: list[int] = []
    while left:
        waiting = set(left)
        free = [net for net in left if not any(other in waiting for other, _ in first[net])]
        net = free[0] if free else left[0]
        if not free:
            clashing += [number for other, number in first[net] if other in waiting]
        left.remove(net)
        order.append(net)
    return order, clashing
