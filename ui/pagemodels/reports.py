"""The page of reports: what was reported when, and what a report on this version would say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ui.completeness import Completeness
from ui.pagemodels.metric import Metric
from ui.reading import Reading
from ui.render.sheet import Sheet, Value
from ui.report import LAST, Report, past_reports, report_of

COLUMNS = ("Run", "Of", "New", "Still open", "Gone", "Not confirmed", "Accepted", "Files")
WORDS = {"new": "New", "open": "Still open", "gone": "Gone", "unconfirmed": "Not confirmed", "accepted": "Accepted"}  # fmt: skip
HELP = {
    "new": "Assets that the report before did not list.",
    "open": "Assets that the report before listed too.",
    "gone": "Assets that were listed, and that were assessed to be in the shadow no more.",
    "unconfirmed": "Assets that were listed, and that could not be assessed this time.",
    "accepted": "Assets whose findings somebody accepted until a day; counted apart, never dropped.",
}


@dataclass(frozen=True, slots=True)
class ReportsModel:
    """Everything that the page shows."""

    report: Report
    metrics: tuple[Metric, ...]
    past: Sheet
    head: tuple[str, ...]
    rests_on: Completeness
    command: str


def build_model(reading: Reading, *, now: datetime) -> ReportsModel:
    """The report that this version would give, beside those that were written."""
    report = report_of(reading.store, "shadow", since=LAST, now=now)
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            int(run.id),
            f"{run.started:%Y-%m-%d %H:%M}",
            *(int(held["counts"][name]) for name in WORDS),  # type: ignore[index]  # written by `remember`
            ", ".join(held["files"]),  # type: ignore[arg-type]  # as above
        )
        for run, held in past_reports(reading.store, "shadow")
    )
    return ReportsModel(
        report,
        tuple(
            Metric(WORDS[name], f"{count:,}", HELP[name]) for name, count in report.counts.items()
        ),
        Sheet(COLUMNS, rows),
        tuple(report.head()),
        reading.known,
        "shadowgraph report shadow --since last --out reports",
    )
