"""The page of all attack paths: which there are between attackers and what matters, the worst first."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass

from graph.view import Flag
from queries.attack_paths import AttackPaths, PathGroup, attack_paths
from queries.hops import hops
from queries.routes import Route, routes
from ui.completeness import Completeness
from ui.ends import Ends
from ui.pagemodels.filters import Filters
from ui.pagemodels.links import Link, Params, link
from ui.pagemodels.metric import Metric
from ui.pagemodels.path import new_since, title_of
from ui.pagemodels.question import Question, asked_ends, question_of, told_ends
from ui.pagemodels.words import Severity, severity
from ui.reading import Reading
from ui.render.attack_paths import alike_entries
from ui.render.sheet import Sheet
from ui.render.text import plural

MOST = 500
COLUMNS = (
    "Severity",
    "Path",
    "Route",
    "Certainty",
    "Hops",
    "Gains",
    "Entry",
    "Alike",
    "Target",
    "Marks",
    "New",
)


@dataclass(frozen=True, slots=True)
class PathsModel:
    """Everything that the page shows. `all_rows` is what there is without filters and severity."""

    question: Question
    wrong: str  # why the question cannot be asked, else empty
    severity: str
    route: str
    metrics: tuple[Metric, ...]
    severities: tuple[tuple[str, str], ...]
    routes: tuple[tuple[str, str], ...]
    sheet: Sheet
    leads: tuple[tuple[Link, ...], ...]
    notes: tuple[str, ...]
    all_rows: int
    rests_on: Completeness | None
    command: str
    checked: str


@dataclass(frozen=True, slots=True)
class _Row:
    severity: Severity
    group: PathGroup
    title: str
    hops: int
    new: str
    route: Route
    outside: bool

    @property
    def order(self) -> tuple[int, bool, int, int]:
        """The worst first; of one severity those from outside, then the least plain, then the cheapest."""
        worst = list(Severity).index(self.severity)
        return worst, not self.outside, -int(self.route), self.group.path.cost


def build_model(reading: Reading, params: Params, filters: Filters, crown: str) -> PathsModel:
    """The model of the question that the address asks."""
    question = question_of(params)
    known = ({one.value for one in Severity}, {one.label for one in Route})
    named = (params.get("sev", ""), params.get("route", ""))
    wanted = (named[0] if named[0] in known[0] else "", named[1] if named[1] in known[1] else "")
    return reading.remember(
        ("paths", question, wanted, filters, crown),
        lambda: _build(reading, question, wanted, filters, crown),
    )


def _build(
    reading: Reading,
    question: Question,
    wanted: tuple[str, str],
    filters: Filters,
    crown: str,
) -> PathsModel:
    ends = asked_ends(reading, reading.view, question, crown)
    if isinstance(ends, str):
        return _refused(question, wanted, ends)
    found = reading.remember(
        ("attack paths", question, crown),
        lambda: attack_paths(reading.view, ends.entries, ends.targets, MOST, keep=question.keep),
    )
    rows = [_row(reading, group) for group in found.groups]
    rows.sort(key=lambda row: row.order)
    kept = [row for row in rows if filters.keeps(reading.view, row.group.path.target)]
    counts = Counter(row.severity for row in kept)
    by = Counter(row.route for row in kept)
    shown = [
        row
        for row in kept
        if (not wanted[0] or row.severity.value == wanted[0])
        and (not wanted[1] or row.route.label == wanted[1])
    ]
    grants = {step.grant for row in shown for step in row.group.path.steps if step.grant}
    return PathsModel(
        question=question,
        wrong="",
        severity=wanted[0],
        route=wanted[1],
        metrics=tuple(_metrics(found, rows)),
        severities=tuple(
            (one.value, f"{one.value} ({counts[one]:,})") for one in Severity if counts[one]
        ),
        routes=tuple((one.label, f"{one.label} ({by[one]:,})") for one in Route if by[one]),
        sheet=_sheet(reading, shown),
        leads=tuple(_leads(row) for row in shown),
        notes=tuple(_notes(found, ends)),
        all_rows=len(rows),
        rests_on=Completeness(
            reading.known.run,
            reading.known.calls,
            reading.known.gaps,
            reading.known.unasked,
            reading.assumed(sorted(grants)),
        ),
        command=shlex.join(["shadowgraph", "paths", "--top", str(MOST), *question.words()]),
        checked=f"{ends.from_words} to {ends.to_words}",
    )


def _refused(question: Question, wanted: tuple[str, str], why: str) -> PathsModel:
    return PathsModel(
        question=question,
        wrong=why,
        severity=wanted[0],
        route=wanted[1],
        metrics=(),
        severities=(),
        routes=(),
        sheet=Sheet(COLUMNS, ()),
        leads=(),
        notes=(),
        all_rows=0,
        rests_on=None,
        command="",
        checked="",
    )


def _row(reading: Reading, group: PathGroup) -> _Row:
    view, path = reading.view, group.path
    weight = int(view.nodes.weight[view.position(path.target)])
    steps = hops(view, path)
    title = title_of(reading, path, steps)
    return _Row(
        severity(weight, path.certainty),
        group,
        title,
        len(steps),
        new_since(reading, path),
        Route(max(int(routes(view)[step.arc]) for step in path.steps)),
        bool(view.nodes.flags[view.position(path.source)] & int(Flag.EXTERNAL | Flag.PUBLIC)),
    )


def _metrics(found: AttackPaths, rows: list[_Row]) -> list[Metric]:
    worst = sum(row.severity in {Severity.CRITICAL, Severity.HIGH} for row in rows)
    reached = found.targets - found.unreached
    return [
        Metric(
            "Paths",
            f"{found.groups_in_all:,}",
            "The best path of each pair; entries that go on alike count as one.",
        ),
        Metric("Critical or high", f"{worst:,}", "By what a path ends at and how sure it is."),
        Metric(
            "Pairs that connect",
            f"{found.pairs:,}",
            "Pairs of an attacker and a target that it reaches, by any path.",
        ),
        Metric(
            "Targets reached",
            f"{reached:,} of {found.targets:,}",
            "Targets that at least one of the attackers reaches.",
        ),
    ]


def _sheet(reading: Reading, rows: list[_Row]) -> Sheet:
    return Sheet(
        COLUMNS,
        tuple(
            (
                row.severity.value,
                row.title,
                row.route.label,
                row.group.path.certainty.label,
                row.hops,
                row.group.path.capability.value,
                alike_entries(reading.view, row.group),
                row.group.alike,
                reading.name(row.group.path.target),
                " ".join(
                    word
                    for word, holds in (
                        ("public", row.group.public),
                        ("later", row.group.path.indirect),
                    )
                    if holds
                ),
                row.new,
            )
            for row in rows
        ),
    )


def _leads(row: _Row) -> tuple[Link, ...]:
    path = row.group.path
    gains = path.capability.value
    return (
        link("path", "Open the path", from_=path.source, to=path.target, cap=gains),
        link("choke", "What cuts most of its target", to=path.target),
        link("asset", "Who else reaches its target", id=path.target, tab="in"),
    )


def _notes(found: AttackPaths, ends: Ends) -> list[str]:
    notes = [told_ends(ends)]
    if len(found.groups) < found.groups_in_all:
        notes.append(
            f"Showing the {len(found.groups):,} cheapest of {found.groups_in_all:,}: choose fewer "
            "attackers or targets to see the others."
        )
    if found.unreached:
        notes.append(f"{plural(found.unreached, 'target')} that nobody of these reaches.")
    return notes
