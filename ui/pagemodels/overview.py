"""The overview: what is reachable by whom, what to fix first, what is new, and whether the data can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graph.diff import RowChange, diff
from graph.model import Coverage, Outcome, RunId
from graph.schema import Written, schema
from ui.completeness import Completeness
from ui.outlook import Exposed, FirstFix, Outlook, Way, Wide, kept_outlook
from ui.pagemodels.filters import Filters
from ui.pagemodels.links import Params, number_of
from ui.pagemodels.steps import spaced
from ui.pagemodels.words import instant, sensitivity
from ui.reading import Reading
from ui.render.sheet import Sheet
from ui.render.text import plural

RUNS = 12  # that a trend goes back
SHOWN = 5
WAYS = 10
NEWS = 8


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name, what it was in earlier runs (oldest first), and how it changed."""

    name: str
    value: int
    help: str
    trend: tuple[int, ...]
    worse_up: bool = True

    @property
    def delta(self) -> int | None:
        """The change since the run before; None where there is none to compare with."""
        return self.trend[-1] - self.trend[-2] if len(self.trend) > 1 else None


@dataclass(frozen=True, slots=True)
class News:
    """How many rows of one kind one run added, removed or changed, with a few of them by name."""

    title: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OverviewModel:
    """Everything that the page shows; lists hold the first few, with the number of all."""

    figures: tuple[Figure, ...]
    ways: tuple[Way, ...]
    ways_in_all: int
    widest: tuple[Wide, ...]
    exposed: tuple[Exposed, ...]
    fixes: tuple[FirstFix, ...]
    level: str
    since: str
    news: tuple[News, ...]
    runs: tuple[tuple[str, str], ...]  # that can be compared with: number and words
    coverage: Sheet
    unread: tuple[str, ...]
    sheet: Sheet
    worked_out: bool
    rests_on: Completeness
    compared: str  # the number of the run that was asked for, empty for the one before
    rows: int
    """How many identities and assets there are, whatever the filters."""


def build_model(reading: Reading, params: Params, filters: Filters) -> OverviewModel:
    """The model of the estate in this reading."""
    since = number_of(params, "since", least=1, most=max(1, len(reading.runs)), default=0)
    return reading.remember(
        ("overview", since, filters), lambda: _build(reading, RunId(since), filters)
    )


def _build(reading: Reading, since: RunId, filters: Filters) -> OverviewModel:
    outlook = reading.outlook or Outlook()
    view = reading.view
    ways = tuple(way for way in outlook.ways if filters.keeps(view, way.target))
    widest = tuple(row for row in outlook.widest if filters.keeps(view, row.node))
    exposed = tuple(row for row in outlook.exposed if filters.keeps(view, row.node))
    before = since or (reading.runs[-2].id if len(reading.runs) > 1 else RunId(0))
    return OverviewModel(
        figures=tuple(_figures(reading, outlook)),
        ways=ways[:WAYS],
        ways_in_all=len(ways) if filters.active else outlook.ways_in_all,
        widest=widest[:SHOWN],
        exposed=exposed[:SHOWN],
        fixes=outlook.fixes[:SHOWN],
        level=sensitivity(outlook.figures.level),
        since=_since(reading, before),
        news=tuple(_news(reading, before)) if before else (),
        runs=tuple(
            (str(run.id), f"run {run.id}, {instant(run.started)}") for run in reading.runs[:-1]
        ),
        coverage=_coverage(reading, filters),
        unread=tuple(reading.known.unread()),
        sheet=_sheet(ways),
        worked_out=reading.outlook is not None,
        rests_on=reading.known,
        compared=str(since or ""),
        rows=outlook.figures.identities + outlook.figures.assets,
    )


def _figures(reading: Reading, outlook: Outlook) -> Iterator[Figure]:
    kept = [kept_outlook(reading.store, version=run.version) for run in reading.runs[-RUNS:-1]]
    past = [one.figures for one in kept if one is not None]
    named = (
        ("Identities", "identities", "Users, roles and outside principals that are enabled."),
        (
            "Assets",
            "assets",
            "Datasets, models, endpoints, notebooks, keys and what else is protected.",
        ),
        (
            "Most sensitive assets",
            "sensitive",
            "Assets of the highest level that anything is rated at.",
        ),
        (
            "Ways to them",
            "exposed",
            "Pairs of an identity and one of these assets that it reaches, administrators left out.",
        ),
        (
            "Reached from outside",
            "outside",
            "Of these assets, those that somebody outside the estate reaches.",
        ),
        (
            "Administrators",
            "administrators",
            "Identities that may grant themselves everything that denies, boundaries and SCPs leave.",
        ),
    )
    for name, field, help_ in named:
        trend = tuple(getattr(figures, field) for figures in (*past, outlook.figures))
        yield Figure(name, trend[-1], help_, trend, worse_up=field not in {"identities", "assets"})


def _since(reading: Reading, before: RunId) -> str:
    if not before:
        return "This is the first run: everything in it is new. The next one is compared with it."
    run = next(run for run in reading.runs if run.id == before)
    return f"Since run {before} of {instant(run.started)}"


def _news(reading: Reading, before: RunId) -> Iterator[News]:
    """What changed since that run: things of the estate first, then who may do what."""
    newest = reading.runs[-1].id
    found = diff(reading.store.changes(since=before), old=before, new=newest)
    groups: dict[tuple[bool, str, str, str], list[RowChange]] = {}
    for row in found.rows:
        if row.family == "node" and row.kind not in {"AssetSet", "Revocable", "PrincipalClass"}:
            concluded = schema().nodes[row.kind].written is Written.CONCLUSION
            groups.setdefault((concluded, row.kind, row.op, row.family), []).append(row)
    ordered = sorted(groups.items(), key=lambda one: (one[0][0], -len(one[1]), one[0]))
    for (_, kind, op, _), rows in ordered[:NEWS]:
        names = () if kind == "Grant" else tuple(reading.name(row.text) for row in rows[:3])
        yield News(f"{plural(len(rows), spaced(kind))} {op}", names)


def _coverage(reading: Reading, filters: Filters) -> Sheet:
    """Answered of all calls, by account and service."""
    services: dict[str, dict[str, list[Coverage]]] = {}
    for row in reading.coverage:
        if not filters.account or row.key.scope == filters.account:
            service = row.key.call.partition(".")[0]
            services.setdefault(service, {}).setdefault(row.key.scope, []).append(row)
    scopes = sorted({scope for held in services.values() for scope in held})
    return Sheet(
        ("Service", *(reading.account(scope) for scope in scopes)),
        tuple(
            (service, *(_answered(held.get(scope, ())) for scope in scopes))
            for service, held in sorted(services.items())
        ),
    )


def _answered(rows: Iterable[Coverage]) -> str:
    ends = Counter(row.outcome is Outcome.OK for row in rows)
    total = ends[True] + ends[False]
    if not total:
        return "not asked"
    mark = "✓" if not ends[False] else "⚠"
    return f"{mark} {ends[True]:,} of {total:,}"


def _sheet(ways: tuple[Way, ...]) -> Sheet:
    return Sheet(
        ("identity", "kind", "asset", "asset kind", "capability", "route", "certainty", "outside"),
        tuple(
            (
                way.source_name,
                way.source_kind,
                way.target_name,
                way.target_kind,
                way.capability.value,
                way.route,
                way.certainty,
                way.outside,
            )
            for way in ways
        ),
    )
