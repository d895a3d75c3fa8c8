"""A snapshot and systems of record taken in as one run: what the records list is found in what was just read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from graph.errors import SourceError, with_advice
from graph.model import Coverage, CoverageKey, Node, NodeId, Outcome
from ingest.intake import Intake
from ingest.records import is_record, older
from ingest.source import Shaped, Skipped


def joined(first: Intake, records: Iterable[Intake]) -> Intake:
    """The first intake with what the records say beside it; `SourceError` where two of them are one record."""
    held = [first, *records]
    sources: dict[NodeId, str] = {}
    for intake in held[1:]:
        for row in intake.rows:
            if isinstance(row, Node) and is_record(row):
                other = sources.setdefault(row.id, intake.source)
                if other != intake.source:
                    error = SourceError(f"`{other}` and `{intake.source}` are one system of record")
                    raise with_advice(error, "inventories are told apart by name, states by lineage")  # fmt: skip
    return replace(
        first,
        rows=tuple(row for intake in held for row in intake.rows),
        coverage=tuple(row for intake in held for row in intake.coverage),
        skipped=tuple(row for intake in held for row in intake.skipped),
        oddities=tuple(row for intake in held for row in intake.oddities),
    )


def current(intake: Intake, held: Callable[[NodeId], Node | None]) -> Intake:
    """The intake without records that are older than what the store holds of them.

    One old file does not keep the clouds out: its call counts as failed, so that what a newer one said stands.
    """
    why: dict[CoverageKey, str] = {}
    for row in intake.rows:
        if isinstance(row, Node) and (before := held(row.id) if is_record(row) else None):
            told = older(row, before)
            why.update(dict.fromkeys(row.asserted_by, told) if told else {})
    if not why:
        return intake
    lost = tuple(Skipped(key.call.partition("/")[2], told) for key, told in sorted(why.items()))
    return replace(
        intake,
        rows=tuple(row for row in intake.rows if not _said_by(row, why)),
        coverage=tuple(_failed(row, why) for row in intake.coverage),
        skipped=(*intake.skipped, *lost),
    )


def _said_by(row: Shaped, why: dict[CoverageKey, str]) -> bool:
    return not why.keys().isdisjoint(getattr(row, "asserted_by", ()))


def _failed(row: Coverage, why: dict[CoverageKey, str]) -> Coverage:
    told = why.get(row.key)
    return row if told is None else replace(row, outcome=Outcome.FAILED, detail=told)
