"""The shared store: a Neo4j 5 server, Community with one database is enough, without APOC and GDS.

The server holds the live graph for Cypher, results, findings, decisions, and what each run changed. Every client keeps a
local copy of the newest version, brought forward by those records, and answers from it: so the same questions have the same
answers on both stores, and a run that is still being written is seen by nobody (`docs/adr/0014-the-shared-store-is-answered-from-copies.md`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from graph.columns import LiveRows
from graph.errors import NoStoreError, StoreError
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
from graph.schema import SCHEMA_VERSION, schema
from graph.store import Abilities, Answered, Measures, Published, Told
from graph.stores import neo4j_journal, neo4j_outcomes
from graph.stores.neo4j_cypher import ask
from graph.stores.neo4j_link import Address, Link
from graph.stores.neo4j_live import Live, lookups
from graph.stores.neo4j_lock import LEASE_SECONDS, Lock
from graph.stores.neo4j_replica import Replica, identity
from graph.stores.neo4j_run import Neo4jRun, Sender
from graph.stores.neo4j_states import States
from graph.stores.sqlite import SqliteStore
from graph.stores.sqlite_place import PATIENCE_SECONDS
from graph.stores.sqlite_tables import STEPS
from graph.view import View

GAPS: Mapping[
    str, str
] = {}  # tests of the contract suite that this store fails, by name, with the reason

_MAKE = """
MERGE (s:Store {name: 'shadowgraph'}) ON CREATE SET s.uid = $uid, s.format = $format, s.schema_version = $schema"""
_UNFINISHED = "MATCH (r:Run) WHERE r.state <> 'committed' RETURN r.id ORDER BY r.id LIMIT 1"
_FRESH_SECONDS = 0.05  # how long an answer about the newest version stands, as on a slow network
_OLDER = 3  # copies of earlier versions that stay open for those who are asking them


class Neo4jStore:
    """The store of `graph.store.Store` on a Neo4j server; threads may share it."""

    abilities = Abilities(cypher=True)

    def __init__(
        self,
        where: Address,
        *,
        create: bool = False,
        patience: float = PATIENCE_SECONDS,
        lease: float = LEASE_SECONDS,
        environment: Mapping[str, str] | None = None,
        replicas: Path | None = None,
    ) -> None:
        self._patience = patience
        self._lease = lease
        self.link = Link(where, environment)
        try:
            uid = self._opened(create=create)
            self._replica = Replica(self.link, uid, replicas)
        except BaseException:
            self.link.close()
            raise
        self._turn = threading.Lock()
        self._local: SqliteStore | None = None
        self._older: list[SqliteStore] = []
        self._asked = 0.0

    def _opened(self, *, create: bool) -> str:
        """The id of the store at the other end, made where it may be."""
        found = identity(self.link)
        if found is None and create:
            self._index()
            self.link.write(_MAKE, uid=uuid4().hex, format=len(STEPS), schema=SCHEMA_VERSION)
            found = identity(self.link)
        elif create:
            with suppress(StoreError):  # who has no right to indexes writes all the same
                self._index()
        if found is None:
            error = NoStoreError(f"no store at `{self.link.address}`")
            error.add_note("load a snapshot to make one, or check the address and the database")
            raise error
        uid, form, version = found
        if form > len(STEPS) or version > SCHEMA_VERSION:
            raise StoreError(f"store `{self.link.address}` was written by a newer version")
        return uid

    def _index(self) -> None:
        """Make the constraints and indexes that are not there yet."""
        held = {name for (name,) in self.link.alone("SHOW INDEXES YIELD name")}
        for name, statement in lookups(schema()).items():
            if name not in held:
                self.link.alone(statement)

    def begin(self, *, started: datetime, tool_version: str) -> Neo4jRun:
        """See `graph.store.Store.begin`; what a run left behind that died is finished or undone first."""
        with ExitStack() as stack:
            lock = stack.enter_context(Lock(self.link, patience=self._patience, lease=self._lease))
            sender = Sender(self.link, lock, self._replica, schema())
            sender.settle()
            was = self._replica.file()
            work = stack.enter_context(self._replica.working())
            neo4j_journal.copied(was, work)
            local = stack.enter_context(SqliteStore(work))
            run = local.begin(started=started, tool_version=tool_version)
            return Neo4jRun(
                store=local,
                run=run,
                sender=sender,
                was=was,
                stack=stack.pop_all(),
                landed=self._moved,
            )
        raise AssertionError  # pragma: no cover - the block above returns or raises

    def _moved(self, file: Path) -> None:
        """Answer from this file from now on."""
        with self._turn:
            if self._local is not None and self._local.path != file.absolute():
                self._older.append(self._local)  # another thread may be asking it
                self._local = None
            while len(self._older) > _OLDER:
                self._older.pop(0).close()
            if self._local is None:
                self._local = SqliteStore(file)
            self._asked = time.monotonic()

    def _here(self) -> SqliteStore:
        """The local copy of the newest version."""
        with self._turn:
            held = self._local
            if held is not None and time.monotonic() - self._asked < _FRESH_SECONDS:
                return held
        version, mark = self._replica.newest()
        if held is None or held.path.name != f"{version}-{mark}.db":
            self._moved(self._replica.file())
        with self._turn:
            self._asked = time.monotonic()
            if self._local is None:
                raise StoreError(f"store `{self.link.address}` was closed")
            return self._local

    def export(self, to: Path) -> None:
        """Write the newest version, with all that is kept beside it, to a new store file."""
        neo4j_journal.copied(self._replica.file(), to)
        with SqliteStore(to) as made:
            made.take(neo4j_outcomes.results(self.link), self.findings(), self.decisions())

    def adopt(self, file: Path, *, told: Told | None = None) -> None:
        """Take over a whole store file, with all its runs and what is kept beside them.

        What is kept beside the runs is sent first, so that the runs, once they are a version, lack nothing of it.

        Errors:
            StoreError: there is something here already.
        """
        with Lock(self.link, patience=self._patience, lease=self._lease) as lock:
            sender = Sender(self.link, lock, self._replica, schema())
            sender.settle()
            if self.version() or (self.decisions() and not neo4j_outcomes.copying(self.link)):
                raise StoreError(f"store `{self.link.address}` is not empty")
            neo4j_outcomes.begin_copy(self.link)
            self._take(file)
            with self._replica.working() as work:
                neo4j_journal.copied(file, work)
                with SqliteStore(work) as runs_only:
                    runs_only.take((), (), ())  # the server holds these, and not the copies
                    version = runs_only.version()
                if version:
                    self._moved(sender.adopt(work, uuid4().hex, told=told))
        with SqliteStore(file) as held:
            self.put_findings(held.findings())  # again: each now finds the asset that it is about
        neo4j_outcomes.end_copy(self.link)

    def _take(self, file: Path) -> None:
        """Keep what the file keeps beside its runs."""
        with SqliteStore(file) as held:
            for name, version, payload in held.all_results():
                neo4j_outcomes.put_result(self.link, name, version, payload)
            self.put_findings(held.findings())
            for decision in held.decisions():
                self.decide(decision)

    def publish(
        self, view: View, measures: Measures, names: tuple[str, ...], *, told: Told | None = None
    ) -> Published:
        """Write the states and moves of this view, and what was measured, beside the live graph.

        Errors:
            StoreError: the view is not of the newest version.
        """
        with Lock(self.link, patience=self._patience, lease=self._lease) as lock:
            if self.version() != view.version:
                raise StoreError(
                    "another run was committed meanwhile: what was measured is of an older version"
                )
            live = Live(self.link, lock, schema())
            return States(self.link, live).publish(view, measures, names, told=told)

    def ask(
        self, statement: str, parameters: Mapping[str, object], *, most: int, seconds: float
    ) -> Answered:
        """What a statement of Cypher answers that reads and does nothing else (`graph.stores.neo4j_cypher.ask`)."""
        return ask(self.link, statement, parameters, most=most, seconds=seconds)

    def unfinished(self) -> bool:
        """Whether a run is being written, or died: the live graph, though no version, then holds parts of it."""
        return bool(self.link.read(_UNFINISHED))

    def version(self) -> int:
        """See `graph.store.Store.version`."""
        return self._here().version()

    def nodes(self, *, kinds: frozenset[str] | None = None) -> Iterator[Node]:
        """See `graph.store.Store.nodes`."""
        yield from self._here().nodes(kinds=kinds)

    def edges(
        self, *, kinds: frozenset[str] | None = None, about: NodeId | None = None
    ) -> Iterator[Edge]:
        """See `graph.store.Store.edges`."""
        yield from self._here().edges(kinds=kinds, about=about)

    def live(self) -> LiveRows:
        """See `graph.store.Store.live`."""
        return self._here().live()

    def attachments(self, *, about: NodeId | None = None) -> Iterator[Attachment]:
        """See `graph.store.Store.attachments`."""
        yield from self._here().attachments(about=about)

    def get(self, node: NodeId) -> Node | None:
        """See `graph.store.Store.get`."""
        return self._here().get(node)

    def document(self, document: DocumentHash) -> Document | None:
        """See `graph.store.Store.document`."""
        return self._here().document(document)

    def observations(self, node: NodeId | None = None) -> Iterator[Observation]:
        """See `graph.store.Store.observations`."""
        yield from self._here().observations(node)

    def facts(self) -> Facts:
        """See `graph.store.Store.facts`."""
        return self._here().facts()

    def coverage(self) -> tuple[Coverage, ...]:
        """See `graph.store.Store.coverage`."""
        return self._here().coverage()

    def asserted(self, key: CoverageKey) -> int:
        """See `graph.store.Store.asserted`."""
        return self._here().asserted(key)

    def changes(
        self, *, since: RunId | None = None, about: NodeId | None = None
    ) -> Iterator[Change]:
        """See `graph.store.Store.changes`."""
        yield from self._here().changes(since=since, about=about)

    def runs(self) -> tuple[RunRecord, ...]:
        """See `graph.store.Store.runs`."""
        return self._here().runs()

    def put_results(self, name: str, payload: str) -> None:
        """See `graph.store.Store.put_results`."""
        neo4j_outcomes.put_result(self.link, name, self.version(), payload)

    def results(self, name: str, *, version: int | None = None) -> str | None:
        """See `graph.store.Store.results`."""
        wanted = self.version() if version is None else version
        return neo4j_outcomes.result(self.link, name, wanted)

    def put_findings(self, findings: Iterable[FindingRow]) -> None:
        """See `graph.store.Store.put_findings`."""
        neo4j_outcomes.put_findings(self.link, tuple(findings))

    def findings(self) -> Iterator[FindingRow]:
        """See `graph.store.Store.findings`."""
        yield from neo4j_outcomes.findings(self.link)

    def decide(self, decision: Decision) -> Decision:
        """See `graph.store.Store.decide`."""
        return replace(decision, number=neo4j_outcomes.decide(self.link, decision))

    def decisions(self) -> tuple[Decision, ...]:
        """See `graph.store.Store.decisions`."""
        return neo4j_outcomes.decisions(self.link)

    def close(self) -> None:
        """See `graph.store.Store.close`."""
        with self._turn:
            for one in (*self._older, *filter(None, [self._local])):
                one.close()
            self._local = None
            self._older.clear()
        self.link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
