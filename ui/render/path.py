"""A path with its reasons, as lines for people and rows for programs."""

from __future__ import annotations

from collections.abc import Iterator

from access.decision import Alternative, Need
from access.removal import command, words
from queries.paths import Path
from ui.render.sheet import Sheet, Value
from ui.render.text import plural
from ui.told import Source, ToldHop

COLUMNS = (
    "hop",
    "sentence",
    "certainty",
    "need",
    "alternative",
    "alternative certainty",
    "conditions",
    "revocable",
    "kind",
    "removal",
)


def title(path: Path, source: str, target: str, hops: int) -> str:
    """The path in one line: who gains what, and how sure, far and costly that is."""
    later = ", shows only later" if path.indirect else ""
    return (
        f"`{source}` reaches {path.capability} of `{target}`: {plural(hops, 'hop')}, "
        f"cost {path.cost}, {path.certainty.label}{later}"
    )


def path_lines(hops: tuple[ToldHop, ...], *, explain: bool) -> tuple[str, ...]:
    """The hops as numbered sentences, each with what must stand for it."""
    lines: list[str] = []
    for number, told in enumerate(hops, start=1):
        if number > 1:
            lines.append("")
        lines.append(f"{number}. {told.hop.sentence}")
        lines += [f"   {line}" for line in _reasons(told, explain=explain)]
    return tuple(lines)


def _reasons(told: ToldHop, *, explain: bool) -> Iterator[str]:
    hop = told.hop
    if hop.certainty:
        yield f"{hop.certainty.label}: {'; '.join(hop.conditions) or 'not demonstrated'}"
    if hop.indirect:
        yield "indirect: shows only after retraining, or in answers"
    for need in told.needs:
        yield from _need(need, explain=explain)
    if told.unexplained:
        yield f"not explained: {told.unexplained}"
    for assumption in told.assumptions:
        yield f"assumed: {assumption}"
    for note in told.notes:
        yield f"noted: {note}"
    if explain:
        for limit in told.limits:
            yield f"checked, and lets it pass: {limit}"
        for source in told.sources:
            yield from _source(source)


def _need(need: Need, *, explain: bool) -> Iterator[str]:
    yield f"needs: {need.name}"
    for place, alternative in enumerate(need.alternatives):
        yield f"  {_alternative(alternative, 'or' if place else '-')}"
        if explain:
            for revocable in alternative.revocables:
                if removal := command(revocable):
                    yield f"     to take away: {removal}"


def _alternative(alternative: Alternative, first: str) -> str:
    """What one alternative rests on: what could be taken away, and the conditions that are open."""
    conditions = " and ".join(str(condition) for condition in alternative.conditions)
    parts = " and ".join(words(one) for one in alternative.revocables)
    if not parts:
        return (
            f"{first} if {conditions}" if conditions else f"{first} nothing that can be taken away"
        )
    return f"{first} by {parts}" + (f", if {conditions}" if conditions else "")


def _source(source: Source) -> Iterator[str]:
    """The document, every line of a deciding statement marked."""
    yield f"source: {source.name}"
    marked = {at for first, last in source.marked for at in range(first, last)}
    for at, line in enumerate(source.text.splitlines()):
        yield f"  {'>' if at in marked else ' '} {line}"


def path_rows(hops: tuple[ToldHop, ...]) -> Sheet:
    """A row per Revocable of every alternative of every need; hops without reasons have one row."""
    rows: list[tuple[Value, ...]] = []
    for number, told in enumerate(hops, start=1):
        head: tuple[Value, ...] = (number, told.hop.sentence, told.hop.certainty.label)
        body = [
            (
                need.name,
                place,
                alternative.certainty.label,
                "; ".join(str(condition) for condition in alternative.conditions),
                words(revocable),
                revocable.kind.value,
                command(revocable),
            )
            for need in told.needs
            for place, alternative in enumerate(need.alternatives, start=1)
            for revocable in alternative.revocables
        ]
        rows += [(*head, *row) for row in body] or [(*head, "", None, "", "", "", "", "")]
    return Sheet(COLUMNS, tuple(rows))
