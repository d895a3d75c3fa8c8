"""Choke points, as rows and sentences."""

from __future__ import annotations

from dataclasses import replace

from access.removal import command
from queries.choke import ChokePoint, ChokePoints
from ui.ends import Ends
from ui.render.sheet import Sheet, Value
from ui.render.text import plural

COLUMNS = (
    "what",
    "name",
    "kind",
    "pairs cut",
    "counted",
    "identities",
    "targets",
    "marks",
    "removal",
    "id",
)


def _row(point: ChokePoint) -> tuple[Value, ...]:
    revocable = point.revocable
    return (
        "revocable" if revocable else "node",
        point.name,
        point.kind,
        point.pairs,
        "exactly" if point.exact else "at least",
        point.identities if point.exact else None,
        point.targets if point.exact else None,
        "takes a target from everybody" if point.everybody else "",
        command(revocable) if revocable else "",
        point.id,
    )


def choke_sheet(found: ChokePoints, ends: Ends) -> Sheet:
    """A row per choke point: what can be taken away first, then nodes; by pairs cut, those counted again first."""
    head = [f"{plural(found.pairs, 'pair')} of an identity and a target that connect"]
    head += counting(found, ends).lines()
    if found.uncounted:
        head.append(uncounted_words(found))
    rows = tuple(map(_row, (*found.revocables, *found.nodes)))
    return Sheet(COLUMNS, rows, tuple(head))


def counting(found: ChokePoints, ends: Ends) -> Ends:
    """The ends with who is counted: where nobody was named that is no group and not everyone on the internet."""
    if len(ends.entries) == found.entries:
        return ends
    return replace(ends, from_words=plural(found.entries, "enabled identity", "enabled identities"))


def uncounted_words(found: ChokePoints) -> str:
    """How much more there is that was not counted."""
    more = plural(found.uncounted, "more removal was", "more removals were")
    return (
        f"{more} not counted: what {'it cuts' if found.uncounted == 1 else 'they cut'} is not known"
    )
