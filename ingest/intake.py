"""What one load takes in: rows stamped with the calls that say them, and how each call ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from graph.errors import SourceError, with_advice
from graph.model import Coverage, CoverageKey, Outcome
from ingest.fields import Json
from ingest.files.authorization_details import read_details
from ingest.files.record import Record
from ingest.files.records import record_of
from ingest.files.trail import TrailPart, is_trail, read_trail, trail_files, trail_parts
from ingest.snapshot import MANIFEST, CallRecord, Snapshot
from ingest.source import (
    Answer,
    Oddity,
    Shaped,
    Skipped,
    Tally,
    arguments,
    by_operation,
    read_answer,
    stamped,
)


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything that a snapshot or file said, before it is linked."""

    source: str
    rows: tuple[Shaped, ...]
    coverage: tuple[Coverage, ...]
    skipped: tuple[Skipped, ...] = ()
    oddities: tuple[Oddity, ...] = ()
    tallies: tuple[Tally, ...] = ()
    interrupted: bool = False
    named: Mapping[CoverageKey, frozenset[str]] = field(default_factory=dict)
    # per listing call that was ok, `operation/argument` of every per-item call that its answer asks for
    read: tuple[datetime, datetime] | None = (
        None  # when its calls were made; None where the source does not say
    )


def file_intake(path: Path) -> Intake:
    """The intake of an exported file or a log; `SourceError` where it is none that can be read."""
    record = record_of(path)
    if record is not None:
        return _record_intake(path, record)
    content = read_trail(path)
    if is_trail(content):
        return _trail_intake(path, trail_parts(content, path.name))
    parts = read_details(path)
    rows = tuple(stamped(row, part.coverage.key) for part in parts for row in part.shaped(path))
    return Intake(
        str(path),
        tuple(row for row in rows if not isinstance(row, Oddity | Tally)),
        tuple(part.coverage for part in parts),
        oddities=tuple(row for row in rows if isinstance(row, Oddity)),
    )


def record_intake(path: Path) -> Intake:
    """The intake of a system of record; `SourceError` where the file is none, or damaged."""
    record = record_of(path)
    if record is None:
        error = SourceError(f"`{path}` is no system of record")
        raise with_advice(error, "a Terraform state or plan, an inventory, or a list of leavers")
    return _record_intake(path, record)


def _record_intake(path: Path, record: Record) -> Intake:
    """What a system of record lists."""
    rows = tuple(stamped(row, record.coverage.key) for row in record.shaped())
    return Intake(
        str(path),
        tuple(row for row in rows if not isinstance(row, Oddity | Tally | Skipped)),
        (record.coverage,),
        tuple(row for row in rows if isinstance(row, Skipped)),
        tuple(row for row in rows if isinstance(row, Oddity)),
    )


def folder_intake(path: Path, *, told: Callable[[str, int, int], None]) -> Intake:
    """The intake of a folder: a snapshot, or log files at or below it."""
    files = () if (path / MANIFEST).exists() else trail_files(path)
    if not files:
        return snapshot_intake(path, told=told)
    parts: list[TrailPart] = []
    for done, file in enumerate(files, start=1):
        content = read_trail(file)
        if not is_trail(content):
            raise SourceError(f"`{file}` is no log file of CloudTrail")
        parts += trail_parts(content, file.name)
        told("read", done, len(files))
    return _trail_intake(path, parts)


def _trail_intake(path: Path, parts: Iterable[TrailPart]) -> Intake:
    """What the logs say, a file once however often it lies there."""
    once = {part.coverage.key: part for part in parts}
    rows = [stamped(row, key) for key, part in once.items() for row in part.shaped()]
    return Intake(
        str(path),
        tuple(row for row in rows if not isinstance(row, Oddity | Tally)),
        tuple(part.coverage for part in once.values()),
        tallies=added_up(row for row in rows if isinstance(row, Tally)),
    )


def snapshot_intake(path: Path, *, told: Callable[[str, int, int], None]) -> Intake:
    """The intake of a snapshot folder; `SourceError` where it, or an answer in it, is damaged."""
    snapshot = Snapshot.read(path)
    rows: list[Shaped] = []
    coverage: list[Coverage] = []
    skipped: list[Skipped] = []
    oddities: list[Oddity] = []
    tallies: list[Tally] = []
    named: dict[CoverageKey, frozenset[str]] = {}
    if snapshot.interrupted:
        oddities.append(Oddity(f"snapshot `{path}`", "its collection was interrupted"))
    for done, record in enumerate(snapshot.calls, start=1):
        row = replace(record.coverage, parent=_parent(record))
        if record.outcome is Outcome.OK:
            pages = snapshot.pages(record)
            named[record.key] = frozenset(_named(record, pages))
            kept, lost, odd = _shaped(record, pages)
            rows += (row for row in kept if not isinstance(row, Tally))
            tallies += (row for row in kept if isinstance(row, Tally))
            oddities += odd
            skipped += lost
            if lost:
                row = replace(row, outcome=Outcome.FAILED, detail=_lost(lost))
        coverage.append(row)
        told("read", done, len(snapshot.calls))
    return Intake(
        str(path),
        tuple(rows),
        tuple(coverage),
        tuple(skipped),
        tuple(oddities),
        added_up(tallies),
        snapshot.interrupted,
        named,
        snapshot.read_between,
    )


def added_up(tallies: Iterable[Tally]) -> tuple[Tally, ...]:
    """The tallies with those about one thing added up, in order of what they are about."""
    found: dict[str, Tally] = {}
    for row in tallies:
        held = found.get(row.about, Tally(row.about, 0, 0))
        rest = tuple(sorted({*held.rest, *row.rest}))
        found[row.about] = Tally(row.about, held.part + row.part, held.whole + row.whole, rest)
    return tuple(found[name] for name in sorted(found))


def _parent(record: CallRecord) -> CoverageKey | None:
    """The listing with which the item of this call would go; None where the listing tells of a window only."""
    parent = record.parent_key
    if parent is None:
        return None
    resource = by_operation(record.platform).get(parent.operation)
    return None if resource is not None and resource.call.lasting else parent


def _lost(lost: list[Skipped]) -> str:
    first = f"{lost[0].where}: {lost[0].why}"
    return first if len(lost) == 1 else f"{first}, and {len(lost) - 1} more items not read"


def _shaped(
    record: CallRecord, pages: tuple[Json, ...]
) -> tuple[list[Shaped], list[Skipped], list[Oddity]]:
    """What the answer says; an operation that this version does not know says nothing."""
    if record.operation not in by_operation(record.platform):
        odd = Oddity(f"`{record.key}`", "this version does not read answers of this operation")
        return [], [], [odd]
    kept: list[Shaped] = []
    lost: list[Skipped] = []
    oddities: list[Oddity] = []
    for row in read_answer(
        Answer(record.key, record.argument, pages, record.params, record.started)
    ):
        if isinstance(row, Skipped):
            lost.append(row)
        elif isinstance(row, Oddity):
            oddities.append(row)
        else:
            kept.append(row)
    return kept, lost, oddities


def _named(record: CallRecord, pages: tuple[Json, ...]) -> Iterator[str]:
    """The per-item calls that this listing asks for."""
    for operation, resource in by_operation(record.platform).items():
        for item in arguments(resource.call, record.operation, pages, argument=record.argument):
            yield f"{operation}/{item}"


def unreached(intake: Intake, known: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """Calls that an earlier run made, whose item the listing still names, and that this intake does not hold.

    An interrupted collection, or one by a version that made fewer calls, did not ask them. They count as failed, so
    that what they said stays: without this the listing alone would make their items look gone.
    """
    asked = {row.key for row in intake.coverage}
    named = {
        replace(listing, call=call) for listing, calls in intake.named.items() for call in calls
    }
    found: list[Coverage] = []
    for row in known:
        if row.key in asked or row.parent is None:
            continue
        strange = row.parent in asked and row.key.operation not in by_operation(row.key.platform)
        if row.key in named or strange:
            found.append(
                Coverage(
                    row.key, Outcome.FAILED, detail="not asked in this snapshot", parent=row.parent
                )
            )
    return tuple(found)
