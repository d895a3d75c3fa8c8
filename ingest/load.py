"""Loading: a snapshot or a file becomes facts, the facts conclusions, and both one committed run of a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Protocol

from graph.model import (
    Attachment,
    Batch,
    Conclusions,
    Coverage,
    Document,
    Edge,
    Facts,
    Node,
    Outcome,
    Row,
)
from graph.store import Store, Told, Written
from ingest.estate import Estate, closing
from ingest.intake import Intake, file_intake, folder_intake, snapshot_intake, unreached
from ingest.lasting import lasting_keys, standing
from ingest.link import linked
from ingest.records import Found, found_in, refuse_older, renamed
from ingest.source import Oddity, Skipped, Tally

BATCH = 5_000


class Resolve(Protocol):
    """What turns the live facts into conclusions; `access.resolve.resolve` is one."""

    def __call__(self, facts: Facts, *, instant: datetime) -> Conclusions:
        """The conclusions from these facts at this instant."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load read, what it wrote, and how complete that is."""

    source: str
    written: Written
    coverage: tuple[Coverage, ...]
    nodes: Mapping[str, int]
    edges: Mapping[str, int]
    attachments: int
    documents: int
    skipped: tuple[Skipped, ...]
    oddities: tuple[Oddity, ...]
    interrupted: bool
    tallies: tuple[Tally, ...] = ()
    records: tuple[Found, ...] = ()  # what the systems of record of this load list
    read: tuple[datetime, datetime] | None = (
        None  # when the platforms were asked, as far as that is known
    )

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        """How many calls ended in which way."""
        return Counter(row.outcome for row in self.coverage)

    @property
    def complete(self) -> bool:
        """Whether every call was answered and every item of every answer was read."""
        return (
            not self.interrupted
            and not self.skipped
            and all(row.outcome is Outcome.OK for row in self.coverage)
        )


def _quiet(_stage: str, _done: int, _of: int) -> None:
    return


def intake_of(path: Path, *, progress: Told | None = None) -> Intake:
    """Read whatever lies at this path: a snapshot folder, a folder of logs, an exported file or a log.

    `SourceError` where it cannot be read as one; no store is needed yet.
    """
    return folder_intake(path, told=progress or _quiet) if path.is_dir() else file_intake(path)


def load_snapshot(
    path: Path, store: Store, *, resolve: Resolve, now: datetime, progress: Told | None = None
) -> LoadReport:
    """Load a snapshot folder as one run; `SourceError` where it cannot be read as one."""
    intake = snapshot_intake(path, told=progress or _quiet)
    return load_intake(intake, store, resolve=resolve, now=now, progress=progress)


def load_file(
    path: Path, store: Store, *, resolve: Resolve, now: datetime, progress: Told | None = None
) -> LoadReport:
    """Load an exported file (account authorization details) as one run; `SourceError` where it is none."""
    return load_intake(file_intake(path), store, resolve=resolve, now=now, progress=progress)


def load(
    path: Path, store: Store, *, resolve: Resolve, now: datetime, progress: Told | None = None
) -> LoadReport:
    """Load whatever lies at this path as one run."""
    intake = intake_of(path, progress=progress)
    return load_intake(intake, store, resolve=resolve, now=now, progress=progress)


def load_intake(
    intake: Intake,
    store: Store,
    *,
    resolve: Resolve,
    now: datetime,
    progress: Told | None = None,
) -> LoadReport:
    """Write what was read as one run of the store, and resolve it."""
    told = progress or _quiet
    remarks: list[Oddity] = list(intake.oddities)
    rows: list[Row] = []
    with store.begin(started=now, tool_version=metadata.version("shadowgraph")) as run:
        # Read inside the run, so that no other writer can commit between what stands and what is written.
        known = store.coverage()
        former = renamed(intake.coverage, known)
        coverage = (*intake.coverage, *former, *unreached(intake, known))
        before, lasting = store.facts(), lasting_keys(coverage)
        refuse_older(intake.rows, before)
        estate = Estate(before, intake.rows, closing(coverage, known) - lasting)
        for row in linked(intake.rows, estate):
            if isinstance(row, Oddity):
                remarks.append(row)
            else:
                rows.append(row)
        repeated = tuple(standing(before, rows, lasting))
        run.cover(coverage)
        done = 0
        # Nodes first: an edge that stands may end at one.
        for batch in _batches((*repeated, *rows)):
            run.put(Batch.of(batch))
            done += len(batch)
            told("write", done, len(rows) + len(repeated))
        run.close_unseen()
        told("resolve", 0, 1)
        run.conclude(resolve(run.facts(), instant=now))
        told("resolve", 1, 1)
        written = run.commit(told=told)
    report = _report(intake, written, coverage, rows=rows, oddities=remarks)
    return replace(report, records=found_in(intake.rows, estate))


def _batches(rows: Iterable[Row]) -> Iterator[tuple[Row, ...]]:
    source = iter(rows)
    while batch := tuple(islice(source, BATCH)):
        yield batch


def _report(
    intake: Intake,
    written: Written,
    coverage: tuple[Coverage, ...],
    *,
    rows: Iterable[Row],
    oddities: Iterable[Oddity],
) -> LoadReport:
    nodes = {(row.kind, row.id) for row in rows if isinstance(row, Node)}
    edges = {(row.kind, row.id) for row in rows if isinstance(row, Edge)}
    return LoadReport(
        source=intake.source,
        written=written,
        coverage=tuple(sorted(coverage, key=lambda row: row.key)),
        nodes=dict(sorted(Counter(kind for kind, _ in nodes).items())),
        edges=dict(sorted(Counter(kind for kind, _ in edges).items())),
        attachments=len({row.id for row in rows if isinstance(row, Attachment)}),
        documents=len({row.hash for row in rows if isinstance(row, Document)}),
        skipped=intake.skipped,
        oddities=tuple(sorted(set(oddities), key=lambda row: (row.where, row.what))),
        interrupted=intake.interrupted,
        tallies=intake.tallies,
        read=intake.read,
    )
