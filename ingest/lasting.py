"""What stays although it was not said again: answers that tell of a window of time add and correct, and take nothing away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from graph.model import Coverage, Edge, Facts, Node, Outcome, Row
from ingest.estate import Keys
from ingest.source import by_operation


def lasting_keys(coverage: Iterable[Coverage]) -> Keys:
    """The calls of this run that were answered, for a window of time only."""
    found = set()
    for row in coverage:
        resource = by_operation(row.key.platform).get(row.key.operation)
        if row.outcome is Outcome.OK and resource is not None and resource.call.lasting:
            found.add(row.key)
    return frozenset(found)


def standing(before: Facts, rows: Iterable[Row], keys: Keys) -> Iterator[Node | Edge]:
    """What these calls said in earlier runs and did not say now, said again by them.

    An item that is described again was listed again, so that what is repeated here is newer than nothing.
    """
    said = {
        (row.id, key)
        for row in rows
        if isinstance(row, Node | Edge)
        for key in row.asserted_by & keys
    }
    facts: tuple[Node | Edge, ...] = (*before.nodes, *before.edges)
    for fact in facts:
        kept = frozenset(key for key in fact.asserted_by & keys if (fact.id, key) not in said)
        for key in sorted(kept):
            yield replace(fact, asserted_by=frozenset({key}))
