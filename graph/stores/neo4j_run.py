"""One run over a shared store: made in a copy of the newest version, then sent as what it changed.

It is sent in three steps. As long as its record arrives, the run is `loading`: if it dies, the next one takes the record
away. Once the record is whole the run is `applying`: from here on the next one can finish it, since every statement that
brings the live graph forward may run twice. Then it is `committed`, and only now is it a version.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from graph.errors import StoreError
from graph.model import Batch, Conclusions, Coverage, Facts, RunId
from graph.schema import Schema
from graph.store import Told, Written
from graph.stores import neo4j_journal
from graph.stores.neo4j_link import Link
from graph.stores.neo4j_live import Live
from graph.stores.neo4j_lock import Lock
from graph.stores.neo4j_replica import Landed, Replica
from graph.stores.neo4j_text import shown_text
from graph.stores.sqlite import SqliteStore
from graph.stores.sqlite_place import read_text
from graph.stores.sqlite_run import SqliteRun
from graph.stores.sqlite_tables import STEPS

WHOLE_AFTER = 2  # records may be so many times the last whole one before a new whole one is sent

_BEGIN = """
CREATE (r:Run {id: $run, state: 'loading', mark: $mark, started: $started, tool_version: $tool_version,
    schema_version: $schema_version, parts: 0, whole_parts: 0, bytes: 0})"""
_PART = """
MERGE (p:Part {run: $run, whole: $whole, number: $number}) SET p.data = $data"""
_SAID = """
MATCH (r:Run {id: $run}) SET r.state = 'applying', r.parts = $parts, r.bytes = $bytes, r.everything = $everything"""
_WHOLE = "MATCH (r:Run {id: $run}) SET r.whole_parts = $parts, r.whole_bytes = $bytes"
_COMMITTED = """
MATCH (r:Run {id: $run}) SET r.state = 'committed', r.version = $version, r.committed = $committed, r.changes_listed = $listed
WITH r MATCH (s:Store {name: 'shadowgraph'}) SET s.format = $format, s.schema_version = r.schema_version
WITH r OPTIONAL MATCH (earlier:Run {state: 'copied'}) SET earlier.state = 'committed'"""
_UNFINISHED = """
MATCH (r:Run) WHERE r.state IN ['loading', 'applying']
RETURN r.id, r.state, r.mark, r.parts = 0, coalesce(r.everything, false) ORDER BY r.id"""
_EARLIER = "UNWIND $rows AS row CREATE (r:Run) SET r = row"
_DROP_EARLIER = "MATCH (r:Run {state: 'copied'}) DELETE r"
_RUNS = """
SELECT id, started, committed, version, CAST(tool_version AS TEXT), schema_version FROM runs ORDER BY id"""
_UNDO_PARTS = "MATCH (p:Part {run: $run}) WITH p LIMIT 50 DELETE p RETURN count(*)"
_UNDO_RUN = "MATCH (r:Run {id: $run}) DELETE r"
_BYTES = """
MATCH (r:Run) WHERE r.state IN ['applying', 'committed'] RETURN r.id, r.bytes, coalesce(r.whole_bytes, 0) ORDER BY r.id DESC"""
_OLD_PARTS = "MATCH (p:Part) WHERE p.run < $run WITH p LIMIT 50 DELETE p RETURN count(*)"
_OLD_WHOLE = "MATCH (r:Run) WHERE r.id < $run AND r.whole_parts > 0 SET r.whole_parts = 0"


class Sender:
    """What a writer that holds the lock does with runs: send one, and finish or undo one that died."""

    def __init__(self, link: Link, lock: Lock, replica: Replica, kinds: Schema) -> None:
        self._link = link
        self._replica = replica
        self._live = Live(link, lock, kinds)

    def settle(self) -> None:
        """Finish or undo what another run left behind."""
        for run, state, mark, whole, everything in self._link.read(_UNFINISHED):
            if state == "applying":
                self._finish(run, mark, whole=whole, everything=everything)
            else:
                self._undo(run)

    def _undo(self, run: int) -> None:
        while self._live.do(_UNDO_PARTS, run=run)[0][0]:
            pass
        self._live.do(_UNDO_RUN, run=run)
        self._live.do(_DROP_EARLIER)

    def _finish(self, run: int, mark: str, *, whole: bool, everything: bool) -> None:
        with self._replica.working() as work:
            self._replica.make(work, Landed(run, 0, mark, whole))
            self._land(work, run, mark, everything=everything)

    def adopt(self, work: Path, mark: str, *, told: Told | None = None) -> Path:
        """Send a whole store file, with all its runs, to a server that holds none; the file of its newest version."""
        *earlier, newest = _records(work)
        self._begin(newest, mark)
        self._send_whole(work, newest.id)
        self._live.do(_EARLIER, rows=[run.told() for run in earlier])
        self._live.do(_SAID, run=newest.id, parts=0, bytes=0, everything=True)
        return self._land(work, newest.id, mark, empty=True, everything=True, told=told)

    def _begin(self, record: _Record, mark: str) -> None:
        self._live.do(
            _BEGIN,
            run=record.id,
            mark=mark,
            started=datetime.fromisoformat(record.started),
            tool_version=shown_text(record.tool_version),
            schema_version=record.schema_version,
        )

    def send(self, was: Path, work: Path, mark: str, *, told: Told | None = None) -> Path:
        """Send the run that was made in `work` on top of `was`; the file of the new version."""
        record = _records(work)[-1]
        self._begin(record, mark)
        first, count, size = record.version == 1, 0, 0
        # No journal leads from one format to another.
        if first or self._replica.format() != len(STEPS):
            self._send_whole(work, record.id)
        else:
            journal = work.with_suffix(".journal")
            neo4j_journal.write(was, work, journal)
            count, size = self._send_parts(record.id, journal, whole=False)
            journal.unlink()
        self._live.do(_SAID, run=record.id, parts=count, bytes=size, everything=first)
        return self._land(work, record.id, mark, empty=first, everything=first, told=told)

    def _send_parts(self, run: int, file: Path, *, whole: bool) -> tuple[int, int]:
        count = size = 0
        for part in neo4j_journal.parts(file):
            self._live.do(_PART, run=run, whole=whole, number=count, data=part)
            count, size = count + 1, size + len(part)
        return count, size

    def _land(
        self,
        work: Path,
        run: int,
        mark: str,
        *,
        empty: bool = False,
        everything: bool = False,
        told: Told | None = None,
    ) -> Path:
        """Bring the live graph to the version in `work`, and make the run that version.

        With `everything` all live rows of it are sent, with `empty` to a graph that holds nothing of it.
        """
        record = _records(work)[-1]
        listed = self._live.bring(work, run, empty=empty, whole=everything, told=told)
        if self._due():
            self._send_whole(work, run)
        committed = datetime.fromisoformat(record.committed)
        self._live.do(
            _COMMITTED,
            run=run,
            version=record.version,
            committed=committed,
            listed=listed,
            format=len(STEPS),
        )
        return self._replica.keep(work, Landed(run, record.version, mark))

    def _due(self) -> bool:
        """Whether the records since the last whole one have grown so large that a new whole one is shorter to read."""
        since = 0
        for _, size, whole in self._link.read(_BYTES):
            if whole:
                return since > WHOLE_AFTER * max(int(whole), neo4j_journal.PART_BYTES)
            since += size
        return False

    def _send_whole(self, work: Path, run: int) -> None:
        count, size = self._send_parts(run, work, whole=True)
        self._live.do(_WHOLE, run=run, parts=count, bytes=size)

    def tidy(self) -> None:
        """Remove records that a later whole one replaces."""
        wholes = [one for one, _, whole in self._link.read(_BYTES) if whole]
        if wholes:
            while self._live.do(_OLD_PARTS, run=wholes[0])[0][0]:
                pass
            self._live.do(_OLD_WHOLE, run=wholes[0])


@dataclass(frozen=True, slots=True)
class _Record:
    """A run as a store's file tells it."""

    id: int
    started: str
    committed: str
    version: int
    tool_version: str
    schema_version: int

    def told(self) -> dict[str, object]:
        """The record of a run that came with others, as the server holds it until the newest one is committed."""
        return {
            "id": self.id,
            "state": "copied",
            "version": self.version,
            "mark": "",
            "started": datetime.fromisoformat(self.started),
            "committed": datetime.fromisoformat(self.committed),
            "tool_version": shown_text(self.tool_version),
            "schema_version": self.schema_version,
            "parts": 0,
            "whole_parts": 0,
            "bytes": 0,
            "changes_listed": False,
        }


def _records(file: Path) -> list[_Record]:
    """All runs of the file, oldest first."""
    with closing(sqlite3.connect(file)) as link:
        link.text_factory = read_text
        return [_Record(*row) for row in link.execute(_RUNS)]


class Neo4jRun:
    """The run of `graph.store.Run` over a shared store; it holds the turn to write until it ends."""

    def __init__(
        self,
        *,
        store: SqliteStore,
        run: SqliteRun,
        sender: Sender,
        was: Path,
        stack: ExitStack,
        landed: Callable[[Path], None],
    ) -> None:
        self.id: RunId = run.id
        self.started: datetime = run.started
        self._store = store
        self._run = run
        self._sender = sender
        self._was = was
        self._stack = stack
        self._landed = landed

    def put(self, batch: Batch) -> None:
        """See `graph.store.Run.put`."""
        self._run.put(batch)

    def cover(self, coverage: tuple[Coverage, ...]) -> None:
        """See `graph.store.Run.cover`."""
        self._run.cover(coverage)

    def close_unseen(self) -> None:
        """See `graph.store.Run.close_unseen`."""
        self._run.close_unseen()

    def facts(self) -> Facts:
        """See `graph.store.Run.facts`."""
        return self._run.facts()

    def conclude(self, conclusions: Conclusions) -> None:
        """See `graph.store.Run.conclude`."""
        self._run.conclude(conclusions)

    def commit(self, *, told: Told | None = None) -> Written:
        """See `graph.store.Run.commit`."""
        try:
            written = self._run.commit()
            self._store.close()
            sent = self._sender.send(self._was, self._store.path, uuid4().hex, told=told)
            self._landed(sent)
            with suppress(
                StoreError
            ):  # the run is a version; what it leaves to tidy the next one finds
                self._sender.tidy()
        finally:
            self.abort()
        return written

    def abort(self) -> None:
        """See `graph.store.Run.abort`."""
        self._run.abort()
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abort()
