"""Reports: what a schedule writes, as a value; every form is drawn from it, so that their totals agree."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from graph.errors import ConfigError, with_advice
from graph.model import RunId, RunRecord, canonical
from graph.store import Store
from queries.context import Context
from queries.rule import Reason
from queries.shadow import PARTS, ShadowAsset, shadow_assets
from ui.auditing import kept_counts, kept_findings, newest
from ui.completeness import Completeness, completeness
from ui.loading import load_notes
from ui.render.sheet import Sheet, Value

NAMES = ("shadow", "privilege")
LAST = "last"
TREND = 12  # versions


class Named(Protocol):
    """Something that a report lists."""

    @property
    def name(self) -> str:
        """What people call it."""


class AnyReport(Protocol):
    """What every report has: which version it is about, its parts with their counts, and its forms' contents."""

    @property
    def name(self) -> str:
        """The name that it is asked for by."""

    @property
    def subject(self) -> str:
        """What it is about, as a heading."""

    @property
    def run(self) -> RunRecord:
        """The run that it is about."""

    @property
    def rests_on(self) -> Completeness:
        """How complete the data behind it is."""

    @property
    def counts(self) -> dict[str, int]:
        """How many each part holds."""

    @property
    def calls_for_action(self) -> int:
        """How many of it somebody has to look at."""

    @property
    def breakdown(self) -> str:
        """The counts once more, by what matters in it."""

    def part(self, name: str) -> Sequence[Named]:
        """What one part holds: new, open, gone, unconfirmed, accepted."""

    def head(self) -> Iterator[str]:
        """The first lines of every form."""

    def sheet(self) -> Sheet:
        """Its rows."""

    def plain_head(self) -> dict[str, object]:
        """It as plain types, for JSON, without the rows."""

    def plain_rows(self) -> tuple[str, Iterator[dict[str, object]]]:
        """The name of the rows in JSON, and each as plain types."""


@dataclass(frozen=True, slots=True)
class Trend:
    """The counts of one earlier version: shadow assets by reason, and all findings by severity."""

    version: int
    started: datetime
    reasons: Mapping[str, int]
    severities: Mapping[str, int]

    @property
    def findings(self) -> int:
        """How many findings stood."""
        return sum(self.severities.values())


@dataclass(frozen=True, slots=True)
class Report:
    """The report on shadow assets of one version.

    `after` is the run that it compares with; None where there is none. `blind` counts per reason the answers that could
    not be given. `sample` says that the estate is made up.
    """

    name: str
    run: RunRecord
    after: RunRecord | None
    read_until: datetime | None
    assets: tuple[ShadowAsset, ...]
    trend: tuple[Trend, ...]
    blind: Mapping[str, int]
    rests_on: Completeness
    sample: bool
    subject: str = "Shadow assets"

    def part(self, name: str) -> tuple[ShadowAsset, ...]:
        """The assets of one part: new, open, gone, unconfirmed, accepted."""
        return tuple(one for one in self.assets if one.became == name)

    @property
    def counts(self) -> dict[str, int]:
        """How many assets each part holds."""
        return {name: len(self.part(name)) for name in PARTS}

    @property
    def reasons(self) -> dict[str, int]:
        """How many assets that are not gone have each reason."""
        held = [one for one in self.assets if one.became != "gone"]
        return {reason.value: sum(reason in one.reasons for one in held) for reason in Reason}

    @property
    def breakdown(self) -> str:
        """The assets by reason."""
        told = ", ".join(f"{name} {count:,}" for name, count in self.reasons.items() if count)
        return f"by reason: {told or 'none'}"

    @property
    def calls_for_action(self) -> int:
        """How many assets somebody has to look at: those that are new, open or unconfirmed."""
        return sum(self.counts[name] for name in ("new", "open", "unconfirmed"))

    def head(self) -> Iterator[str]:
        """The first lines of every form: how complete the data is, what changed, what is left out."""
        yield from self.rests_on.lines()
        if self.read_until is not None:
            yield f"read until {self.read_until:%Y-%m-%d %H:%M} UTC"
        compared = "nothing: this is the first report" if self.after is None else f"run {self.after.id} of {self.after.started:%Y-%m-%d}"  # fmt: skip
        yield f"compared with {compared}"
        yield "; ".join(f"{name}: {count:,}" for name, count in self.counts.items())
        missing = ", ".join(f"{name} {count:,}" for name, count in self.blind.items() if count)
        yield f"answers that could not be given: {missing or 'none'}"

    def sheet(self) -> Sheet:
        """A row per asset, the parts in order, the weightiest first in each."""
        ordered = [one for name in PARTS for one in self.part(name)]
        return Sheet(COLUMNS, tuple(map(_row, ordered, [self] * len(ordered))), tuple(self.head()))

    def plain_rows(self) -> tuple[str, Iterator[dict[str, object]]]:
        """The assets as plain types, one at a time: together they can be large."""
        return "assets", (one.plain() for name in PARTS for one in self.part(name))

    def plain_head(self) -> dict[str, object]:
        """The report as plain types, for JSON, without its assets."""
        return {
            "report": self.name,
            "sample": self.sample,
            "run": int(self.run.id),
            "started": self.run.started.isoformat(),
            "compared_with": None if self.after is None else int(self.after.id),
            "read_until": None if self.read_until is None else self.read_until.isoformat(),
            "completeness": self.rests_on.plain(),
            "counts": self.counts,
            "reasons": self.reasons,
            "not_assessed": dict(self.blind),
            "trend": [
                {
                    "run": one.version,
                    "started": one.started.isoformat(),
                    "reasons": dict(one.reasons),
                    "findings": one.findings,
                }
                for one in self.trend
            ],
        }


COLUMNS = (
    "part", "severity", "asset", "kind", "account", "environment", "reasons", "why", "owner", "action",
    "first seen", "age in days", "score", "id",
)  # fmt: skip


def _row(one: ShadowAsset, report: Report) -> tuple[Value, ...]:
    first = min(finding.first_seen for finding in one.findings)
    return (
        one.became,
        one.severity.label,
        one.name,
        one.kind,
        one.account,
        one.environment,
        ", ".join(reason.value for reason in one.reasons),
        one.why,
        one.owner or "nobody",
        one.action,
        f"{first:%Y-%m-%d}",
        (report.run.started - first).days,
        one.score,
        str(one.asset),
    )


def named_report(
    store: Store, name: str, *, since: str, now: datetime, context: Context
) -> AnyReport:
    """The report of this name on the store's newest version; `since` is `last`, a run, or a day."""
    if name not in NAMES:
        raise with_advice(ConfigError(f"no report `{name}`"), f"one of {', '.join(NAMES)}")
    if name == "privilege":
        from ui.report_privilege import privilege_report  # noqa: PLC0415  # evaluators are paid for by it only

        newest(store)
        after = _compared(store, name, since, store.runs())
        return privilege_report(store, context, after, now=now)
    return report_of(store, name, since=since, now=now)


def report_of(store: Store, name: str, *, since: str, now: datetime) -> Report:
    """The report on shadow assets of the store's newest version."""
    run, runs = newest(store), store.runs()
    after = _compared(store, name, since, runs)
    notes = load_notes(store)
    asked = [note.read_until for note in notes if note.read_until is not None]
    return Report(
        name,
        run,
        after,
        max(asked, default=None),
        shadow_assets(kept_findings(store, now=now), after=None if after is None else after.id),
        tuple(_trend(store, runs)),
        _blind(kept_counts(store)),
        completeness(store),
        any(note.sample for note in notes),
    )


def _blind(held: Mapping[str, object] | None) -> Mapping[str, int]:
    found = dict.fromkeys((reason.value for reason in Reason), 0)
    told = held.get("blind") if held else None
    return {**found, **told} if isinstance(told, dict) else found


def _compared(store: Store, name: str, since: str, runs: tuple[RunRecord, ...]) -> RunRecord | None:
    """The earlier run to compare with: the one of the last report, the one of this number, or the last of that day."""
    earlier = runs[:-1]
    if since == LAST:
        for run in reversed(earlier):
            if store.results(f"report:{name}", version=run.version) is not None:
                return run
        return None
    if since.isascii() and since.isdigit():
        found = next((run for run in earlier if run.id == RunId(int(since))), None)
    else:
        found = next((run for run in reversed(earlier) if f"{run.started:%Y-%m-%d}" <= _day(since)), None)  # fmt: skip
    if found is None:
        raise with_advice(
            ConfigError(f"no earlier run is meant by `{since}`"),
            "say `last`, the number of a run, or a day such as 2026-10-26",
        )
    return found


def _day(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d}"
    except ValueError:
        raise with_advice(
            ConfigError(f"`{text}` is no run and no day"), "say `last`, a run, or 2026-10-26"
        ) from None


def _trend(store: Store, runs: tuple[RunRecord, ...]) -> Iterator[Trend]:
    for run in runs[-TREND:]:
        held = kept_counts(store, version=run.version)
        if held is not None:
            yield Trend(run.version, run.started, held["reason"], held["severity"])


def remember(store: Store, report: AnyReport, files: tuple[str, ...]) -> None:
    """Keep beside the version that it was reported, so that the next report compares with it."""
    from ui.report_privilege import PrivilegeReport, keep_held  # noqa: PLC0415  # as above

    if isinstance(report, PrivilegeReport):
        keep_held(store, report)
    kept = {"run": int(report.run.id), "counts": report.counts, "files": list(files)}
    store.put_results(f"report:{report.name}", canonical(kept))


def past_reports(store: Store, name: str) -> Iterator[tuple[RunRecord, dict[str, object]]]:
    """The versions that were reported, the newest first, with the counts and the files of each."""
    for run in reversed(store.runs()):
        held = store.results(f"report:{name}", version=run.version)
        if held is not None:
            yield run, json.loads(held)
