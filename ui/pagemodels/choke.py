"""The page of choke points: what, removed, cuts most, and what its removal would really do."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace

from access.change import facts_without
from access.edit import Edit, edited
from access.removal import command
from graph.errors import EstateError
from graph.model import NodeId
from graph.view import View
from queries.again import Again
from queries.choke import ChokePoint, ChokePoints, choke_points
from queries.pairs import Asked, still_there
from queries.used import USED, used_revocables
from queries.whatif import WhatIf, what_if
from ui.completeness import Completeness
from ui.desk import kernel_for
from ui.ends import Ends
from ui.pagemodels.filters import Filters
from ui.pagemodels.links import Params
from ui.pagemodels.metric import Metric
from ui.pagemodels.question import Question, asked_ends, question_of, told_ends
from ui.reading import Reading
from ui.render.choke import counting, uncounted_words
from ui.render.sheet import Sheet
from ui.render.text import plural
from ui.render.whatif import COLUMNS as CHANGES
from ui.render.whatif import remaining_words, whatif_sheet

RECOUNTED, LARGE = 12, 100_000  # what is counted again; in views with more states, of nodes only
MOST = 100
SHOWN = 200
COLUMNS = (
    "Rank",
    "Pairs cut",
    "Take away",
    "Kind",
    "Counted",
    "Identities",
    "Targets",
    "Marks",
    "Used",
)


@dataclass(frozen=True, slots=True)
class Tried:
    """What the estate would be without one choke point, resolved again.

    `agrees` is whether that ends as many pairs as were counted on the arrays, or no fewer than were told as a bound.
    """

    title: str
    summary: str
    removal: str
    changes: Sheet
    ended: int
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class ChokeModel:
    """Everything that the page shows; `wrong` says why the question cannot be asked."""

    question: Question
    wrong: str
    chosen: str  # the id of the row that is looked at
    metrics: tuple[Metric, ...]
    sheet: Sheet
    ids: tuple[NodeId, ...]
    pairs: int
    notes: tuple[str, ...]
    whatif: bool
    tried: Tried | None
    rests_on: Completeness | None
    command: str
    checked: str

    @property
    def name(self) -> str:
        """What the row that is looked at takes away."""
        names = [str(row[2]) for row in self.sheet.rows]
        return next((n for i, n in zip(self.ids, names, strict=True) if i == self.chosen), "")


def build_model(reading: Reading, params: Params, filters: Filters, crown: str) -> ChokeModel:
    """The model of the question that the address asks."""
    question = question_of(params)
    ends = asked_ends(reading, reading.view, question, crown)
    if isinstance(ends, str):
        return ChokeModel(
            question, ends, "", (), Sheet(COLUMNS, ()), (), 0, (), False, None, None, "", ""
        )
    kept = tuple(node for node in ends.targets if filters.keeps(reading.view, node))
    ends = replace(ends, targets=kept)
    found = reading.remember(
        ("choke", question, crown, filters), lambda: _found(reading, question, ends)
    )
    points = (*found.revocables, *found.nodes)
    chosen = next((point for point in points if point.id == params.get("id")), None)
    whatif = chosen is not None and params.get("whatif") == "1"
    tried = None
    if chosen is not None and whatif:
        tried = reading.remember(
            ("choke tried", question, crown, filters, chosen.id),
            lambda: trial(reading, question, ends, chosen),
        )
    used = reading.remember("used", lambda: _used(reading))
    return ChokeModel(
        question=question,
        wrong="",
        chosen="" if chosen is None else str(chosen.id),
        metrics=tuple(_metrics(found)),
        sheet=Sheet(COLUMNS, tuple(_rows(points, used))),
        ids=tuple(point.id for point in points),
        pairs=found.pairs,
        notes=tuple(_notes(found, ends)),
        whatif=whatif,
        tried=tried,
        rests_on=reading.known,
        command=shlex.join(["shadowgraph", "choke", *question.words()]),
        checked=f"{ends.from_words} to {ends.to_words}",
    )


def _found(reading: Reading, question: Question, ends: Ends) -> ChokePoints:
    with reading.explaining:
        small = reading.view.size <= LARGE
        return choke_points(
            reading.view,
            ends.targets,
            entries=ends.entries if question.source else None,
            passed_over=ends.passed_over,
            evidence=reading.evidence if small and reading.run is not None else None,
            keep=question.keep,
            recount=RECOUNTED,
            most=MOST,
            fast=kernel_for(reading.view),
        )


def _notes(found: ChokePoints, ends: Ends) -> Iterator[str]:
    yield told_ends(counting(found, ends))
    if found.uncounted:
        yield f"{uncounted_words(found)}."


def _used(reading: Reading) -> frozenset[NodeId]:
    told = [row for row in reading.store.observations() if row.name.startswith(f"{USED}|")]
    if not told:
        return frozenset()  # reasons are slow to make ready, and none is asked for
    with reading.explaining:
        return used_revocables(reading.view, told, reading.evidence)


def _rows(
    points: tuple[ChokePoint, ...], used: frozenset[NodeId]
) -> Iterator[tuple[str | int | None, ...]]:
    for rank, point in enumerate(points, start=1):
        yield (
            rank,
            point.pairs,
            point.name[:1].upper() + point.name[1:] if point.revocable else point.name,
            point.kind.replace("_", " ") if point.revocable else f"node: {point.kind}",
            "exactly" if point.exact else "at least",
            point.identities if point.exact else None,
            point.targets if point.exact else None,
            "nobody is left" if point.everybody else "",
            "used" if point.id in used else "not observed",
        )


def _metrics(found: ChokePoints) -> Iterator[Metric]:
    def best(points: tuple[ChokePoint, ...]) -> str:
        return f"{points[0].pairs:,} of {found.pairs:,}" if points else "none"

    yield Metric(
        "Pairs that connect",
        f"{found.pairs:,}",
        "Pairs of an enabled identity and a target that it reaches, by any path.",
    )
    yield Metric(
        "Cut by the best removal",
        best(found.revocables),
        "A statement, membership, attachment or entry, counted again without it.",
    )
    yield Metric(
        "Cut by the best node", best(found.nodes), "A node with all that it can do, counted again."
    )
    yield Metric(
        "Targets",
        f"{found.targets:,}",
        "What is asked about; a target is no choke point of itself.",
    )


def trial(reading: Reading, question: Question, ends: Ends, point: ChokePoint) -> Tried:
    """The facts without it, resolved again; before and after by the same program."""
    run = reading.run
    assert run is not None  # noqa: S101  # there is a row only where something was loaded
    facts = reading.store.facts()
    try:
        left = (
            facts_without(facts, [point.revocable])
            if point.revocable
            else edited(facts, [Edit.of("remove", node=str(point.node))])
        )
    except EstateError as error:
        text = f"It cannot be tried: {error}"
        return Tried(point.name, text, "", Sheet(CHANGES, ()), 0, None)
    with reading.explaining:
        before = reading.remember(
            "resolved again", lambda: Again(facts, run.started, run.version).view
        )
        after = Again(left, run.started, run.version).view
    found = what_if(before, after, keep=question.keep, most=SHOWN)
    now = _connected(before, question, ends)
    ended = sum(entry != point.node for entry, _ in now - _connected(after, question, ends))
    return Tried(
        title=point.name,
        summary=_summary(after, found, len(now), ended),
        removal=command(point.revocable) if point.revocable else "",
        changes=replace(whatif_sheet(after, found, ()), above=()),
        ended=ended,
        agrees=ended == point.pairs if point.exact else ended >= point.pairs,
    )


def _connected(view: View, question: Question, ends: Ends) -> frozenset[tuple[NodeId, NodeId]]:
    """The pairs that are asked about and connect in a view that was resolved again."""
    asked = Asked.of(
        view,
        still_there(view, ends.targets),
        entries=still_there(view, ends.entries) if question.source else None,
        passed_over=ends.passed_over,
    )
    return asked.named(view, question.keep)


def _summary(after: View, found: WhatIf, now: int, ended: int) -> str:
    told = ", ".join(f"{number:,} {word}" for word, number in found.counts if number)
    if told:
        concerned = plural(found.identities, "identity", "identities")
        return (
            f"Resolved again without it: {ended:,} of the {plural(now, 'pair')} asked about end. "
            f"Of all that anybody reaches: {told}, for {concerned} and {plural(found.targets, 'thing')}."
        )
    words = remaining_words(after, found)
    return words[:1].upper() + words[1:] if words else "No effect: nobody reaches more or less."
