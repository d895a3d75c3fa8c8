"""Lines as paths of SVG: elbows with round corners, arrow heads, loops."""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[float, float]

RADIUS = 10.0
ARROW = 8.0  # the length of an arrow head, and how much shorter its line is
HALF_ARROW = 4.5
LOOP_TOP = 16.0
LOOP_STEP = 20.0
LOOP_HALF = 96.0  # of the outermost loop, which is as wide as the longest word needs


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _at(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _bent(points: Sequence[Point]) -> list[Point]:
    """The points without those that stand on the line between their neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (
            kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]
        ):
            kept.pop()
        kept.append(point)
    return kept


def _toward(start: Point, end: Point, distance: float) -> Point:
    length = abs(end[0] - start[0]) + abs(end[1] - start[1])
    share = distance / length if length else 0.0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def elbows(points: Sequence[Point]) -> str:
    """The path through these points, along the axes, with round corners."""
    bent = _bent(points)
    parts = [f"M{_at(bent[0])}"]
    for before, corner, after in zip(bent, bent[1:], bent[2:], strict=False):
        near = abs(corner[0] - before[0]) + abs(corner[1] - before[1])
        far = abs(after[0] - corner[0]) + abs(after[1] - corner[1])
        radius = min(RADIUS, near / 2, far / 2)
        begin, end = _toward(corner, before, radius), _toward(corner, after, radius)
        parts.append(f"L{_at(begin)}Q{_at(corner)} {_at(end)}")
    parts.append(f"L{_at(bent[-1])}")
    return "".join(parts)


def shortened(points: Sequence[Point], by: float) -> tuple[Point, ...]:
    """The points with the last one drawn back, so that the line ends where its arrow head begins."""
    bent = _bent(points)
    return *bent[:-1], _toward(bent[-1], bent[-2], by)


def arrow_head(points: Sequence[Point]) -> str:
    """The triangle at the end of these points."""
    bent = _bent(points)
    tip = _toward(bent[-1], bent[-2], 1.0)
    x, y = _toward(bent[-1], bent[-2], ARROW + 1)
    across = HALF_ARROW if bent[-1][1] == bent[-2][1] else 0.0
    along = 0.0 if across else HALF_ARROW
    one, other = (x - along, y - across), (x + along, y + across)
    return f"M{_at(tip)}L{_at(one)}L{_at(other)}Z"


def loop_points(middle: float, top: float, level: int, levels: int) -> tuple[Point, ...]:
    """The points of a link from a card to itself, over its upper edge; outer ones are higher and wider."""
    half = LOOP_HALF - min(8.0, 24.0 / levels) * (levels - 1 - level)
    y = top - LOOP_TOP - LOOP_STEP * level
    return (middle - half, top), (middle - half, y), (middle + half, y), (middle + half, top)
