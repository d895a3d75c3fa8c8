"""The sources page: what was read, what was refused and which permission is missing, and what to do about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.model import Coverage, Outcome, RunRecord
from graph.view import View
from ui.completeness import Completeness, Unasked
from ui.loading import LoadNote, Remark, kept_remarks, odd_remarks
from ui.pagemodels.filters import Filters
from ui.pagemodels.links import Link, Params, link
from ui.pagemodels.metric import Metric
from ui.pagemodels.sources_fix import Fix, Proposal, fix_words, fixes_of, proposals_of
from ui.pagemodels.sources_unread import (
    NEVER_ASKED,
    ORGANIZATION,
    Unread,
    sorted_for_people,
    unread_of,
)
from ui.pagemodels.words import instant
from ui.reading import QUICK, Reading
from ui.render.sheet import Sheet, Value
from ui.render.text import plural

OUTCOMES = (*(one.value for one in Outcome if one is not Outcome.OK), NEVER_ASKED)
MOST_CARDS = 9
MOST_FIXES = 8
MOST_RUNS = 50
COLUMNS = (
    "Outcome",
    "Call",
    "About",
    "Account",
    "Region",
    "Missing permission",
    "What lets it be read",
    "Grants open on it",
    "Last read",
    "Detail",
)
RUNS = (
    "Run",
    "Loaded",
    "Took",
    "Source",
    "Data",
    "Asked from",
    "Asked until",
    "Remarks",
    "Tool",
)


@dataclass(frozen=True, slots=True)
class SourcesAsked:
    """What the address asks: how the listed calls ended, which call, and whether policies are looked through."""

    outcome: str = ""
    call: str = ""
    odd: bool = False


def asked_of(view: View | None, params: Params) -> SourcesAsked:
    """The question of an address; an outcome that does not exist is left out."""
    del view
    outcome = params.get("outcome", "")
    return SourcesAsked(
        outcome=outcome if outcome in OUTCOMES else "",
        call=params.get("call", "")[:200],
        odd=params.get("odd") == "yes",
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """How one account was read, in a word that always stands with an icon."""

    platform: str
    scope: str
    name: str
    word: str  # ok, incomplete or failed
    answered: int
    calls: int
    unasked: int
    regions: tuple[str, ...]
    last_read: datetime | None

    @property
    def told(self) -> str:
        """How many calls were answered, and how many never made."""
        if not self.calls:
            return f"{plural(self.unasked, 'call')} never made"
        never = f", {self.unasked:,} more never made" if self.unasked else ""
        return f"{self.answered:,} of {plural(self.calls, 'call')} answered{never}"


@dataclass(frozen=True, slots=True)
class SourcesModel:
    """Everything that the page shows. `unread` is what the parameters leave, `all_unread` what the filters leave."""

    asked: SourcesAsked
    word: str
    headline: str
    metrics: tuple[Metric, ...]
    scopes: tuple[Scope, ...]
    grid: Sheet
    unread: tuple[Unread, ...]
    all_unread: tuple[Unread, ...]
    fixes: tuple[Fix, ...]
    proposals: tuple[Proposal, ...]
    sheet: Sheet
    leads: tuple[tuple[Link, ...], ...]
    outcomes: tuple[tuple[str, str], ...]  # that can be chosen, with their number
    calls: tuple[tuple[str, str], ...]
    runs: Sheet
    runs_told: str
    remarks: Sheet
    odd: Sheet | None  # None where nobody looked yet
    rows: int
    shown: int
    answered: int
    rests_on: Completeness
    environment_told: str
    command: str = "shadowgraph coverage"
    checked: str = "how every call ended"

    @property
    def complete(self) -> bool:
        """Whether every call that the filters leave was made and answered."""
        return self.shown > 0 and not self.all_unread


def build_model(reading: Reading, asked: SourcesAsked, filters: Filters) -> SourcesModel:
    """The model of how this version of the store was read."""
    return reading.remember(
        ("sources", asked, filters.account, bool(filters.environment)),
        lambda: _build(reading, asked, filters),
    )


def _build(reading: Reading, asked: SourcesAsked, filters: Filters) -> SourcesModel:
    kept = tuple(row for row in reading.coverage if _kept(row.key.scope, filters))
    unasked = tuple(row for row in reading.known.unasked if _kept(row.scope, filters))
    unread = sorted_for_people(row for row in unread_of(reading) if _kept(row.scope, filters))
    known_calls = {row.call for row in unread}
    asked = replace(asked, call=asked.call if asked.call in known_calls else "")
    listed = tuple(row for row in unread if _listed(row, asked))
    scopes = tuple(_scopes(reading, kept, unasked))
    answered = sum(row.outcome is Outcome.OK for row in kept)
    words = {scope.word for scope in scopes}
    return SourcesModel(
        asked=asked,
        word="failed" if words == {"failed"} else "ok" if words <= {"ok"} else "incomplete",
        headline=_headline(answered, len(kept), len(unasked)),
        metrics=tuple(_metrics(kept, unasked)),
        scopes=scopes,
        grid=_grid(reading, kept, unasked),
        unread=listed,
        all_unread=unread,
        fixes=fixes_of(reading, listed),
        proposals=proposals_of(reading, listed),
        sheet=_sheet(reading, listed),
        leads=tuple(_leads(row) for row in listed),
        outcomes=tuple(_counted(row.outcome for row in unread)),
        calls=tuple(_counted(row.call for row in unread)),
        runs=_runs(reading.runs, reading.notes),
        runs_told=_runs_told(len(reading.runs)),
        remarks=_remarks(reading.remember("kept remarks", lambda: kept_remarks(reading.store))),
        odd=_odd(reading) if asked.odd or reading.view.size <= QUICK else None,
        rows=len(reading.coverage) + len(reading.known.unasked),
        shown=len(kept) + len(unasked),
        answered=answered,
        rests_on=reading.known,
        environment_told="Calls are made per account: the environment filter leaves none of them out."
        if filters.environment
        else "",
    )


def _kept(scope: str, filters: Filters) -> bool:
    """Whether a call passes: what is asked once for the organisation concerns every account."""
    return not filters.account or scope in {filters.account, ORGANIZATION}


def _listed(row: Unread, asked: SourcesAsked) -> bool:
    return (not asked.outcome or row.outcome == asked.outcome) and (
        not asked.call or row.call == asked.call
    )


def _headline(answered: int, calls: int, unasked: int) -> str:
    never = f", and {unasked:,} that belong to the estate were never made" if unasked else ""
    return f"{answered:,} of {plural(calls, 'call')} answered{never}"


def _metrics(rows: Sequence[Coverage], unasked: Sequence[Unasked]) -> Iterator[Metric]:
    good = [row for row in rows if row.outcome is Outcome.OK]
    oldest = min((row.last_ok for row in good if row.last_ok is not None), default=None)
    yield Metric("Calls", f"{len(rows):,}", "Calls to the platforms that the newest data rests on.")
    yield Metric("Answered", f"{len(good):,}", "Calls that were read to their end.")
    yield Metric(
        "Not answered",
        f"{len(rows) - len(good):,}",
        "Calls that were refused, failed or were slowed down. What they would say counts as unknown, never as nothing.",
    )
    yield Metric(
        "Never asked",
        f"{len(unasked):,}",
        "Calls that nobody made in an account of the estate, although what they would say belongs to it.",
    )
    yield Metric(
        "Oldest answer",
        "none" if oldest is None else f"{oldest:%d %b %Y}",
        f"The oldest answer that stands is of {instant(oldest)}: when the platform was asked, else when it was loaded."
        if oldest
        else "No call was ever answered.",
    )


def _scopes(
    reading: Reading, rows: Iterable[Coverage], unasked: Iterable[Unasked]
) -> Iterator[Scope]:
    """The accounts, those with something missing first."""
    made: dict[tuple[str, str], list[Coverage]] = defaultdict(list)
    for row in rows:
        made[row.key.platform, row.key.scope].append(row)
    never = Counter((call.platform, call.scope) for call in unasked)
    found = [_scope(reading, place, made.get(place, []), never[place]) for place in {*made, *never}]
    order = ("failed", "incomplete", "ok")
    yield from sorted(found, key=lambda one: (order.index(one.word), one.platform, one.scope))


def _scope(
    reading: Reading, place: tuple[str, str], rows: Sequence[Coverage], unasked: int
) -> Scope:
    platform, scope = place
    answered = sum(row.outcome is Outcome.OK for row in rows)
    whole = answered == len(rows) and not unasked
    failed = bool(rows) and not answered
    times = [row.last_ok for row in rows if row.last_ok is not None]
    return Scope(
        platform=platform,
        scope=scope,
        name=_scope_name(reading, scope),
        word="ok" if whole else "failed" if failed else "incomplete",
        answered=answered,
        calls=len(rows),
        unasked=unasked,
        regions=tuple(sorted({row.key.region for row in rows})),
        last_read=max(times, default=None),
    )


def _scope_name(reading: Reading, scope: str) -> str:
    return "the whole organisation" if scope == ORGANIZATION else reading.account(scope)


def _grid(reading: Reading, rows: Iterable[Coverage], unasked: Iterable[Unasked]) -> Sheet:
    """Answered calls of all, by account and service; a mark stands with every number."""
    good: Counter[tuple[str, str, str]] = Counter()
    whole: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        place = (row.key.platform, row.key.scope, _service(row.key.call))
        whole[place] += 1
        good[place] += row.outcome is Outcome.OK
    for call in unasked:
        whole[call.platform, call.scope, _service(call.call)] += 1
    services = sorted({service for _, _, service in whole})
    scopes = sorted({(platform, scope) for platform, scope, _ in whole})
    return Sheet(
        ("Account", *services),
        tuple(
            (
                f"{platform.upper()} {_scope_name(reading, scope)}",
                *(_cell(good[platform, scope, s], whole[platform, scope, s]) for s in services),
            )
            for platform, scope in scopes
        ),
    )


def _service(call: str) -> str:
    return call.partition(".")[0]


def _cell(good: int, whole: int) -> str:
    if not whole:
        return "no calls"
    if good == whole:
        return f"✓ {good:,} of {whole:,}"
    return f"{'▲' if good else '✕'} {good:,} of {whole:,}"


def _counted(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    for value, number in sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])):
        yield value, f"{value} ({number:,})"


def _sheet(reading: Reading, rows: Iterable[Unread]) -> Sheet:
    return Sheet(
        COLUMNS,
        tuple(
            (
                row.outcome,
                row.call,
                row.what,
                _scope_name(reading, row.scope),
                row.region,
                row.permission,
                fix_words(reading, (row,)),
                row.grants,
                instant(row.last_ok),
                row.detail,
            )
            for row in rows
        ),
    )


def _leads(row: Unread) -> tuple[Link, ...]:
    if row.node is None:
        return (link("sources", f"All calls of {row.call}", call=row.call, outcome=row.outcome),)
    return (
        link("asset", f"Open the {row.what}", id=row.node),
        link("asset", "Who can reach it", id=row.node, tab="in"),
    )


def _runs(runs: Sequence[RunRecord], notes: Sequence[LoadNote]) -> Sheet:
    """The newest runs, with what is known of the load behind each."""
    by_version = {note.version: note for note in notes}
    newest = list(reversed(runs))[:MOST_RUNS]
    return Sheet(RUNS, tuple(_run(run, by_version.get(run.version)) for run in newest))


def _run(run: RunRecord, note: LoadNote | None) -> tuple[Value, ...]:
    took = (run.committed - run.started).total_seconds()
    load: tuple[Value, ...] = ("not known", "not known", "not known", "not known", None)
    if note is not None:
        times = (note.read_from, note.read_until)
        asked = tuple(instant(when) if when else "not known" for when in times)
        load = (note.source, "sample" if note.sample else "real", *asked, note.remarks)
    return (int(run.id), instant(run.started), f"{took:,.1f} s", *load, run.tool_version)


def _runs_told(runs: int) -> str:
    return f"Showing the newest {MOST_RUNS} of {runs:,} runs." if runs > MOST_RUNS else ""


def _remarks(remarks: Iterable[Remark]) -> Sheet:
    kinds: Mapping[str, str] = {"skipped": "not read", "odd": "odd"}
    return Sheet(
        ("What", "Where", "Remark"),
        tuple((kinds.get(one.kind, one.kind), one.where, one.what) for one in remarks),
    )


def _odd(reading: Reading) -> Sheet:
    return _remarks(reading.remember("odd remarks", lambda: odd_remarks(reading.store)))
