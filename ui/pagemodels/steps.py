"""The steps of a path as values to show: a sentence, what must stand for it, the texts, and where it was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from access.decision import Alternative, Need
from access.removal import command, words
from graph.model import Capability, Certainty, Coverage, CoverageKey, Edge, Outcome
from graph.view import View
from queries.hops import Hop
from ui.drawing.picture import Card, Link, Picture
from ui.pagemodels.words import UNRATED, sensitivity
from ui.reading import Reading
from ui.told import Source, ToldHop

_RELATION = {
    "MEMBER_OF": "member of",
    "HAS_ACCOUNT": "signs in as",
    "RUNS_AS": "runs as",
    "OPENS": "opens",
    "VOUCHES_FOR": "vouches for",
    "YIELDS": "yields",
    "CONTAINS": "contains",
    "PART_OF": "has as part",
    "EXECUTES": "is run by",
    "TRIGGERS": "starts",
    "FOLLOWS": "is deployed by",
    "VERSION_OF": "has version",
    "TRAINED_ON": "trains",
    "STORED_IN": "content of",
    "CALLS": "calls",
}
_ACCESS = {
    Capability.READ: "can read",
    Capability.WRITE: "can change",
    Capability.INVOKE: "can use",
    Capability.PROMOTE: "can approve",
    Capability.CONTROL: "can act as",
    Capability.ADMIN: "administers",
    Capability.HELD: "can join",
    Capability.DELEGATE: "lends access",
}
_BOTH_WAYS = {
    ("SERVES", Capability.WRITE): "is served by",
    ("SERVES", Capability.INVOKE): "answers with",
    ("GROUNDED_ON", Capability.WRITE): "grounds",
    ("GROUNDED_ON", Capability.READ): "draws on",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One alternative of a need: what it is by, how each part is taken away, and on what it depends."""

    parts: tuple[tuple[str, str], ...]  # (words, removal)
    certainty: str
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing that must stand for a step, with the ways in which it does; any one is enough."""

    name: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """A call that a step was read from, or all calls of one operation: how they ended, and the oldest answer."""

    call: str
    outcome: str
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """One hop of a path as it is shown."""

    number: int
    sentence: str
    source: str  # node ids
    target: str
    relation: str
    capability: str
    how: str
    certainty: Certainty
    conditions: tuple[str, ...]
    indirect: bool
    needs: tuple[Standing, ...]
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]
    limits: tuple[str, ...]
    texts: tuple[Source, ...]
    unexplained: str
    origins: tuple[Origin, ...]

    @property
    def last_seen(self) -> datetime | None:
        """When it was last read: the oldest answer that it rests on; None where none is named."""
        times = [origin.oldest for origin in self.origins if origin.oldest is not None]
        return min(times, default=None)


def steps_of(reading: Reading, hops: Iterable[ToldHop]) -> tuple[Step, ...]:
    """The told hops as steps, numbered from 1."""
    calls = reading.remember("calls", lambda: _by_call(reading.coverage))
    return tuple(_step(reading, number, told, calls) for number, told in enumerate(hops, start=1))


def _step(
    reading: Reading, number: int, told: ToldHop, calls: Mapping[CoverageKey, Sequence[Coverage]]
) -> Step:
    hop = told.hop
    return Step(
        number=number,
        sentence=hop.sentence.replace("`", ""),
        source=hop.steps[0].source,
        target=hop.target,
        relation=relation(hop),
        capability=hop.capability.value,
        how=hop.how or "",
        certainty=hop.certainty,
        conditions=hop.conditions,
        indirect=hop.indirect,
        needs=tuple(map(_standing, told.needs)),
        assumptions=told.assumptions,
        notes=told.notes,
        limits=told.limits,
        texts=told.sources,
        unexplained=told.unexplained,
        origins=tuple(_origins(_edges(reading, hop), calls)),
    )


def relation(hop: Hop) -> str:
    """The words on the arrow of a hop."""
    if hop.kind == "access":
        return _ACCESS[hop.capability]
    return _BOTH_WAYS.get((hop.kind, hop.capability)) or _RELATION.get(hop.kind, "leads to")


def _standing(need: Need) -> Standing:
    return Standing(need.name, tuple(map(_way, need.alternatives)))


def _way(alternative: Alternative) -> Way:
    return Way(
        tuple((words(one), command(one)) for one in alternative.revocables),
        alternative.certainty.label,
        tuple(str(condition) for condition in alternative.conditions),
    )


def _edges(reading: Reading, hop: Hop) -> Iterator[Edge]:
    for step in hop.steps:
        yield from (
            edge
            for edge in reading.store.edges(kinds=frozenset({step.kind}), about=step.source)
            if edge.id == step.edge_id
        )


def _origins(
    edges: Iterable[Edge], calls: Mapping[CoverageKey, Sequence[Coverage]]
) -> Iterator[Origin]:
    """The calls behind these edges, each once, those that were not answered last time first."""
    keys = {key for edge in edges for key in edge.inputs | edge.asserted_by}
    rows = (_origin(key, calls[key]) for key in keys if key in calls)
    return iter(sorted(rows, key=lambda row: (row.outcome == "ok", row.call)))


def _origin(key: CoverageKey, rows: Sequence[Coverage]) -> Origin:
    """One call, or all calls of an operation that a conclusion depends on, told as one."""
    missed = sum(row.outcome is not Outcome.OK for row in rows)
    times = [row.last_ok for row in rows if row.last_ok is not None]
    if len(rows) == 1:
        outcome = rows[0].outcome.value
    else:
        outcome = f"{missed:,} of {len(rows):,} not answered" if missed else "ok"
    return Origin(str(key), outcome, min(times, default=None))


def _by_call(coverage: Iterable[Coverage]) -> Mapping[CoverageKey, Sequence[Coverage]]:
    """The calls by their key, and those that are asked per item by their operation as well."""
    found: dict[CoverageKey, list[Coverage]] = {}
    for row in coverage:
        for key in {row.key, replace(row.key, call=row.key.operation)}:
            found.setdefault(key, []).append(row)
    return found


def picture_of(reading: Reading, steps: tuple[Step, ...]) -> Picture:
    """The path as a picture: a card per node, an arrow per step."""
    ids = [steps[0].source, *(step.target for step in steps)] if steps else []
    return Picture(
        cards=tuple(card_of(reading, node, ends=node == ids[-1]) for node in dict.fromkeys(ids)),
        links=tuple(
            Link(
                f"step-{step.number}",
                step.source,
                step.target,
                step.relation,
                step.certainty,
                step.indirect,
            )
            for step in steps
        ),
    )


def selected_step(steps: tuple[Step, ...], chosen: str | None) -> int:
    """The number of the step that a selection in the drawing means: an arrow, or a card that a step leads to; else 0."""
    for step in steps:
        if chosen in {f"step-{step.number}", step.target}:
            return step.number
    return 1 if steps and chosen == steps[0].source else 0


def card_of(reading: Reading, node: str, *, ends: bool = False) -> Card:
    """One node as a card; the end of a path is marked where it is restricted or confidential."""
    view = reading.view
    at = view.find(node)
    if at is None:
        return Card(node, "Dataset", node)
    weight = int(view.nodes.weight[at])
    marked = ends and weight >= 3
    return Card(
        id=node,
        kind=view.kind_of(at),
        label=view.nodes.names[at],
        sub=_second_line(reading, view, at),
        critical=marked,
        word=sensitivity(weight) if marked else "",
    )


def _second_line(reading: Reading, view: View, at: int) -> str:
    weight = int(view.nodes.sensitivity[at])
    rated = sensitivity(weight)
    account = view.account_of(at)
    place = reading.account_names.get(account, account)
    parts = (spaced(view.kind_of(at)), place, "" if rated == UNRATED else rated)
    return " · ".join(filter(None, parts))


def spaced(kind: str) -> str:
    """A kind as words, e.g. `Model version`."""
    text = "".join(f" {char.lower()}" if char.isupper() else char for char in kind).strip()
    return text[:1].upper() + text[1:]
