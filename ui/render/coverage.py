"""Coverage as rows: calls by outcome, with what is missing and since when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from graph.model import Coverage, Outcome
from ui.completeness import Completeness, plain_gap
from ui.loading import Remark
from ui.render.sheet import Sheet

COLUMNS = (
    "outcome",
    "platform",
    "scope",
    "region",
    "call",
    "missing permission",
    "last read",
    "detail",
)


def coverage_rows(rows: Iterable[Coverage]) -> list[dict[str, object]]:
    """Every call with how it ended as plain types, for JSON."""
    return [{**plain_gap(row), "items": row.items} for row in rows]


def _row(row: Coverage) -> tuple[str, ...]:
    return (
        row.outcome.value,
        row.key.platform,
        row.key.scope,
        row.key.region,
        row.key.call,
        row.missing_permission or "",
        f"{row.last_ok:%Y-%m-%d %H:%M}" if row.last_ok else "never",
        row.detail,
    )


def coverage_sheet(
    rows: tuple[Coverage, ...], known: Completeness, remarks: tuple[Remark, ...], *, every: bool
) -> Sheet:
    """The calls that were not answered or never made, with `every` the answered ones too; what was odd below."""
    listed = [_row(row) for row in rows if every or row.outcome is not Outcome.OK]
    listed += [
        ("never asked", call.platform, call.scope, "", call.call, call.permission, "never", "")
        for call in known.unasked
    ]
    counts = Counter(row.outcome.value for row in rows)
    told = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(counts.items()))
    return Sheet(
        COLUMNS,
        tuple(listed),
        above=(f"calls: {told or 'none'}",),
        below=tuple(f"{remark.kind}: {remark.where}: {remark.what}" for remark in remarks),
    )
