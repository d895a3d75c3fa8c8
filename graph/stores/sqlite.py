"""The default store: one SQLite file, a writer and many readers in other processes, a run is one transaction."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from graph.check import shown
from graph.columns import LiveRows
from graph.errors import StoreError
from graph.model import (
    Attachment,
    Change,
    Coverage,
    CoverageKey,
    Decision,
    Document,
    DocumentHash,
    Edge,
    Facts,
    FindingRow,
    Node,
    NodeId,
    Observation,
    RunId,
    RunRecord,
)
from graph.schema import Schema, schema
from graph.store import Abilities
from graph.stores import sqlite_outcomes
from graph.stores.sqlite_place import PATIENCE_SECONDS, bind_text, open_place, spoken
from graph.stores.sqlite_reading import Reading
from graph.stores.sqlite_run import SqliteRun

Answer = TypeVar("Answer")

GAPS: Mapping[
    str, str
] = {}  # tests of the contract suite that this store fails, by name, with the reason

_KEEP_RESULT = """
INSERT OR REPLACE INTO results (name, version, payload)
SELECT CAST(? AS TEXT), coalesce(max(version), 0), CAST(? AS TEXT) FROM runs"""
_ALL_RESULTS = "SELECT name, version, payload FROM results ORDER BY name, version"
_TAKE_RESULT = "INSERT OR REPLACE INTO results (name, version, payload) VALUES (CAST(? AS TEXT), ?, CAST(? AS TEXT))"
_RESULT = "SELECT payload FROM results WHERE name = CAST(? AS TEXT) AND version = ?"


def utc_now() -> datetime:
    """The clock of a store that is given no other: it dates commits and nothing else."""
    return datetime.now(UTC)


class SqliteStore:
    """The store of `graph.store.Store` in one SQLite file; threads may share it."""

    abilities = Abilities()

    def __init__(
        self,
        path: Path,
        *,
        create: bool = False,
        clock: Callable[[], datetime] = utc_now,
        patience: float = PATIENCE_SECONDS,
        kinds: Schema | None = None,
    ) -> None:
        self._place = open_place(path, create=create, patience=patience)
        self._clock = clock
        self._schema = kinds or schema()
        self._link = self._place.connect()
        self._turn = threading.Lock()

    @property
    def path(self) -> Path:
        """The store's file."""
        return self._place.path

    def begin(self, *, started: datetime, tool_version: str) -> SqliteRun:
        """See `graph.store.Store.begin`."""
        self._check_writable()
        return SqliteRun(
            self._place, self._schema, started=started, tool_version=tool_version, clock=self._clock
        )

    def _check_writable(self) -> None:
        if not self._place.writable:
            raise StoreError(f"store `{shown(self.path)}` is read-only")

    def _ask(self, question: Callable[[Reading], Answer]) -> Answer:
        """One answer over the shared connection, which one thread uses at a time."""
        with self._turn, spoken(self.path):
            answer = question(Reading(self._link))
        self._place.check_unchanged()
        return answer

    @contextmanager
    def _snapshot(self) -> Iterator[Reading]:
        """A connection of its own that sees one version throughout, whatever is committed meanwhile."""
        with spoken(self.path), closing(self._place.connect()) as link:
            link.execute("BEGIN")
            yield Reading(link)
        self._place.check_unchanged()

    def version(self) -> int:
        """See `graph.store.Store.version`."""
        return self._ask(Reading.version)

    def nodes(self, *, kinds: frozenset[str] | None = None) -> Iterator[Node]:
        """See `graph.store.Store.nodes`."""
        with self._snapshot() as reading:
            yield from reading.nodes(kinds)

    def edges(
        self, *, kinds: frozenset[str] | None = None, about: NodeId | None = None
    ) -> Iterator[Edge]:
        """See `graph.store.Store.edges`."""
        with self._snapshot() as reading:
            yield from reading.edges(kinds, about)

    def live(self) -> LiveRows:
        """See `graph.store.Store.live`."""
        with self._snapshot() as reading:
            return reading.live()

    def attachments(self, *, about: NodeId | None = None) -> Iterator[Attachment]:
        """See `graph.store.Store.attachments`."""
        with self._snapshot() as reading:
            yield from reading.attachments(about)

    def get(self, node: NodeId) -> Node | None:
        """See `graph.store.Store.get`."""
        return self._ask(lambda reading: reading.node(node))

    def document(self, document: DocumentHash) -> Document | None:
        """See `graph.store.Store.document`."""
        return self._ask(lambda reading: reading.document(document))

    def observations(self, node: NodeId | None = None) -> Iterator[Observation]:
        """See `graph.store.Store.observations`."""
        with self._snapshot() as reading:
            yield from reading.observations(node)

    def facts(self) -> Facts:
        """See `graph.store.Store.facts`."""
        with self._snapshot() as reading:
            return reading.facts()

    def coverage(self) -> tuple[Coverage, ...]:
        """See `graph.store.Store.coverage`."""
        with self._snapshot() as reading:
            return reading.coverage()

    def asserted(self, key: CoverageKey) -> int:
        """See `graph.store.Store.asserted`."""
        return self._ask(lambda reading: reading.asserted(key))

    def changes(
        self, *, since: RunId | None = None, about: NodeId | None = None
    ) -> Iterator[Change]:
        """See `graph.store.Store.changes`."""
        with self._snapshot() as reading:
            yield from reading.changes(since, about)

    def runs(self) -> tuple[RunRecord, ...]:
        """See `graph.store.Store.runs`."""
        return self._ask(Reading.runs)

    def put_results(self, name: str, payload: str) -> None:
        """See `graph.store.Store.put_results`."""
        self._check_writable()
        # On a connection of its own: it may have to wait for a run, and readers of this process must not.
        with spoken(self.path), closing(self._place.connect()) as link:
            link.execute(_KEEP_RESULT, (bind_text(name), bind_text(payload)))

    def results(self, name: str, *, version: int | None = None) -> str | None:
        """See `graph.store.Store.results`."""
        wanted = self.version() if version is None else version
        with self._turn, spoken(self.path):
            row = self._link.execute(_RESULT, (bind_text(name), wanted)).fetchone()
        return None if row is None else row[0]

    def put_findings(self, findings: Iterable[FindingRow]) -> None:
        """See `graph.store.Store.put_findings`."""
        self._check_writable()
        rows = tuple(findings)
        with spoken(self.path), closing(self._place.connect()) as link:
            sqlite_outcomes.put_findings(link, rows)

    def findings(self) -> Iterator[FindingRow]:
        """See `graph.store.Store.findings`."""
        with spoken(self.path), closing(self._place.connect()) as link:
            yield from sqlite_outcomes.findings(link)
        self._place.check_unchanged()

    def decide(self, decision: Decision) -> Decision:
        """See `graph.store.Store.decide`."""
        self._check_writable()
        with spoken(self.path), closing(self._place.connect()) as link:
            return replace(decision, number=sqlite_outcomes.decide(link, decision))

    def decisions(self) -> tuple[Decision, ...]:
        """See `graph.store.Store.decisions`."""
        with spoken(self.path), closing(self._place.connect()) as link:
            found = sqlite_outcomes.decisions(link)
        self._place.check_unchanged()
        return found

    def export(self, to: Path) -> None:
        """Write the newest version, with all that is kept beside it, to a new store file."""
        with (
            spoken(self.path),
            closing(self._place.connect()) as link,
            closing(sqlite3.connect(to)) as made,
        ):
            link.backup(made)
        SqliteStore(to).close()  # closed once, it is one file

    def all_results(self) -> Iterator[tuple[str, int, str]]:
        """All kept results: name, version, payload."""
        with spoken(self.path), closing(self._place.connect()) as link:
            yield from link.execute(_ALL_RESULTS)

    def take(
        self,
        results: Iterable[tuple[str, int, str]],
        findings: Iterable[FindingRow],
        decisions: Iterable[Decision],
    ) -> None:
        """Keep what another store kept beside the same runs, and nothing else."""
        with spoken(self.path), closing(self._place.connect()) as link:
            for table in ("results", "findings", "decisions"):
                link.execute(f"DELETE FROM {table}")  # noqa: S608 - the three names above
        self.put_findings(findings)
        for decision in decisions:
            self.decide(decision)
        with spoken(self.path), closing(self._place.connect()) as link:
            link.executemany(
                _TAKE_RESULT,
                ((bind_text(name), version, bind_text(said)) for name, version, said in results),
            )

    def close(self) -> None:
        """See `graph.store.Store.close`."""
        with self._turn, spoken(self.path):
            self._link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
