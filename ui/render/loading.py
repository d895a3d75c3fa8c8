"""A load, told: what was read, what changed, and what was left unread."""

from __future__ import annotations

from collections.abc import Mapping

from graph.model import Outcome
from ingest.load import LoadReport
from ingest.records import Found
from ingest.source import Tally
from ui.loading import remarks_of
from ui.render.sheet import Sheet
from ui.render.text import plural

SHOWN = 20
NAMED = 5


def plain_load(report: LoadReport) -> dict[str, object]:
    """The load as plain types, for JSON."""
    return {
        "source": report.source,
        "run": int(report.written.record.id),
        "started": report.written.record.started.isoformat(),
        "complete": report.complete,
        "interrupted": report.interrupted,
        "calls": {outcome.value: number for outcome, number in sorted(report.outcomes.items())},
        "nodes": dict(report.nodes),
        "edges": dict(report.edges),
        "attachments": report.attachments,
        "documents": report.documents,
        "changed_facts": dict(sorted(report.written.facts.items())),
        "changed_conclusions": dict(sorted(report.written.conclusions.items())),
        "counted": [
            {"about": row.about, "part": row.part, "of": row.whole, "rest": list(row.rest)}
            for row in report.tallies
        ],
        "records": [
            {
                "record": row.record,
                "flavour": row.flavour,
                "rows": row.rows,
                "matched": row.matched,
                "absent": row.absent,
                "unkept": row.unkept,
            }
            for row in report.records
        ],
        "remarks": [remark.plain() for remark in remarks_of(report)],
    }


def _changes(counts: Mapping[str, int]) -> str:
    told = [f"{number:,} {operation}" for operation, number in sorted(counts.items()) if number]
    return ", ".join(told) or "unchanged"


def _counted(row: Tally) -> str:
    """A share, with the first names of the rest; long lists are in the JSON."""
    line = f"{row.about}: {row.part:,} of {row.whole:,} mapped"
    if not row.whole:
        return f"{row.about}: none"
    share = f"{line} ({row.part * 1000 // row.whole / 10:g} %)"  # rounded down: 100 % are all
    named = ", ".join(row.rest[:NAMED]) + (", ..." if len(row.rest) > NAMED else "")
    return f"{share}; kept as events: {named}" if named else share


def _listed(row: Found) -> str:
    """What a system of record lists, and how much of that the estate holds."""
    told = [f"{row.matched:,} in the estate"]
    told += [f"{row.absent:,} not"] if row.absent else []
    told += [f"{row.unkept:,} of kinds that are not kept"] if row.unkept else []
    return f"{row.flavour} `{row.record}`: {plural(row.rows, 'row')}, {', '.join(told)}"


def load_lines(report: LoadReport) -> tuple[str, ...]:
    """The lines that sum up a load."""
    outcomes = report.outcomes
    missed = [
        f"{number:,} {outcome}"
        for outcome, number in sorted(outcomes.items())
        if outcome is not Outcome.OK
    ]
    calls = plural(sum(outcomes.values()), "call")
    nodes, edges = sum(report.nodes.values()), sum(report.edges.values())
    return (
        f"run {report.written.record.id} loaded `{report.source}`",
        f"read: {calls}, " + (f"incomplete: {', '.join(missed)}" if missed else "all answered"),
        *(
            ("the snapshot was interrupted: calls that it does not hold were not made",)
            if report.interrupted
            else ()
        ),
        f"holds: {plural(nodes, 'node')}, {plural(edges, 'edge')}, {plural(report.documents, 'policy document')}",
        *map(_counted, report.tallies),
        *map(_listed, report.records),
        f"facts: {_changes(report.written.facts)}",
        f"conclusions: {_changes(report.written.conclusions)}",
    )


def load_sheet(report: LoadReport) -> Sheet:
    """The load as a table of the calls that were not answered, with its remarks below."""
    missed = tuple(
        (row.outcome.value, str(row.key), row.missing_permission or "", row.detail)
        for row in report.coverage
        if row.outcome is not Outcome.OK
    )
    remarks = remarks_of(report)
    below = [f"{remark.kind}: {remark.where}: {remark.what}" for remark in remarks[:SHOWN]]
    if len(remarks) > SHOWN:
        below.append(f"and {len(remarks) - SHOWN:,} more (see `shadowgraph coverage`)")
    columns = ("outcome", "call", "missing permission", "detail")
    return Sheet(columns, missed, load_lines(report), tuple(below))
