"""One run over the SQLite store: a single transaction on a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import chain
from types import TracebackType
from typing import Self

from graph.check import check_batch, check_conclusions, check_coverage_key, title
from graph.errors import SchemaError, StoreError
from graph.model import (
    Attachment,
    Batch,
    Conclusions,
    Coverage,
    CoverageKey,
    Document,
    Edge,
    Facts,
    Node,
    NodeId,
    Observation,
    Outcome,
    Props,
    RunId,
)
from graph.schema import SCHEMA_VERSION, Schema
from graph.store import Told, Written
from graph.stores.sqlite_codec import (
    attachment_state,
    edge_state,
    node_extra,
    node_state,
    value_state,
)
from graph.stores.sqlite_place import Place, bind_text, spoken
from graph.stores.sqlite_reading import Reading
from graph.stores.sqlite_settle import Settling
from graph.stores.sqlite_tables import staging

_BEGIN = """
INSERT INTO runs (id, started, tool_version, schema_version)
SELECT coalesce(max(id), 0) + 1, ?, CAST(? AS TEXT), ? FROM runs"""
_COMMIT = """
UPDATE runs SET committed = ?, version = (SELECT coalesce(max(version), 0) + 1 FROM runs) WHERE id = ?"""
_PUT_NODE = "INSERT OR REPLACE INTO put_nodes (id, key, kind, listed, state) VALUES (?, ?, ?, ?, ?)"
_PUT_EDGE = """
INSERT OR REPLACE INTO put_edges (src, dst, kind, disc, key, state) VALUES (?, ?, ?, CAST(? AS TEXT), ?, ?)"""
_PUT_ATTACHMENT = (
    "INSERT OR REPLACE INTO put_attachments (id, key, holder, state) VALUES (?, ?, ?, ?)"
)
_PUT_OBSERVATION = """
INSERT OR REPLACE INTO put_observations (id, name, key, value) VALUES (?, CAST(? AS TEXT), ?, ?)"""
_PUT_DOCUMENT = (
    "INSERT OR IGNORE INTO documents (hash, text) VALUES (CAST(? AS TEXT), CAST(? AS TEXT))"
)
_CONCLUDE_NODE = "INSERT INTO new_nodes (id, kind, listed, state) VALUES (?, ?, ?, ?)"
_CONCLUDE_EDGE = """
INSERT OR REPLACE INTO new_edges (src, dst, kind, disc, state) VALUES (?, ?, ?, CAST(? AS TEXT), ?)"""
_FACT_KIND = """
SELECT n.kind FROM nodes n JOIN names x USING (id) WHERE x.text = CAST(? AS TEXT) AND n.keys IS NOT NULL"""
_FACT_EDGE = """
SELECT src, dst, kind, disc FROM new_edges n JOIN edges l USING (src, dst, kind, disc)
WHERE l.keys IS NOT NULL LIMIT 1"""
_NEW_KEY = """
INSERT OR IGNORE INTO keys (platform, scope, region, call)
VALUES (CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT))"""
_FIND_KEY = """
SELECT id FROM keys WHERE platform = CAST(? AS TEXT) AND scope = CAST(? AS TEXT) AND region = CAST(? AS TEXT)
AND call = CAST(? AS TEXT)"""
_MEAN = "INSERT INTO meant (id, text) VALUES (?, CAST(? AS TEXT))"
_MEANT_NUMBERS = "SELECT n.id FROM meant m CROSS JOIN names n ON n.text = m.text ORDER BY m.id"
_COVER = """
INSERT OR REPLACE INTO coverage (run, key, outcome, items, missing_permission, detail, parent)
VALUES (?, ?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT), ?)"""
_ASKED = """
UPDATE keys SET asked_run = :run, parent = :parent, ok_run = CASE WHEN :ok THEN :run ELSE ok_run END
WHERE id = :key"""


class SqliteRun:
    """The run of `graph.store.Run` over SQLite."""

    def __init__(
        self,
        place: Place,
        schema: Schema,
        *,
        started: datetime,
        tool_version: str,
        clock: Callable[[], datetime],
    ) -> None:
        if started.tzinfo is None:
            raise StoreError("the start of a run needs a time zone")
        self.started = started.astimezone(UTC)
        self._place = place
        self._schema = schema
        self._clock = clock
        self._tool_version = tool_version
        self._names: dict[str, int] = {}
        self._keys: dict[CoverageKey, int] = {}
        self._kinds: dict[NodeId, str] = {}  # of the nodes put in this run
        self._volatile: dict[str, frozenset[str]] = {}
        self._voices: dict[frozenset[CoverageKey], int] = {}
        self._settled = False
        self._ended = False
        self._link = place.connect()
        try:
            self.id = self._begin()
        except BaseException:
            self._link.close()
            raise
        self._reading = Reading(self._link)
        self._settling = Settling(self._link, self.id, self._reading, self._key)

    def _begin(self) -> RunId:
        with spoken(self._place.path):
            self._link.execute(
                "PRAGMA cache_size = -262144"
            )  # pages of a run are written once, at its end
            for statement in staging():
                self._link.execute(statement)
            self._link.execute("BEGIN IMMEDIATE")
            self._link.execute(
                _BEGIN, (self.started.isoformat(), bind_text(self._tool_version), SCHEMA_VERSION)
            )
            row = self._link.execute("SELECT max(id) FROM runs").fetchone()
        return RunId(row[0])

    @contextmanager
    def _open(self) -> Iterator[None]:
        if self._ended:
            raise StoreError("the run has ended")
        with spoken(self._place.path):
            yield

    # Facts.

    def put(self, batch: Batch) -> None:
        """See `graph.store.Run.put`."""
        with self._open():
            if self._settled:
                raise StoreError("facts are put before they are read or closed")
            check_batch(batch, self._schema, kind_of=self._fact_kind, said=self._kinds)
            self._learn_names(_named(batch))
            self._link.executemany(_PUT_DOCUMENT, map(_document_row, batch.documents))
            self._link.executemany(_PUT_NODE, map(self._node_row, batch.nodes))
            self._link.executemany(_PUT_EDGE, map(self._edge_row, batch.edges))
            self._link.executemany(_PUT_ATTACHMENT, map(self._attachment_row, batch.attachments))
            split = (one for node in batch.nodes for one in self._observed(node))
            for rows in (split, batch.observations):
                self._link.executemany(_PUT_OBSERVATION, map(self._observation_row, rows))

    def _node_row(self, node: Node) -> tuple[object, ...]:
        self._kinds[node.id] = node.kind
        state = node_state(node, self._lasting(node))
        return self._names[node.id], self._voice(node.asserted_by), *node_extra(node), state

    def _edge_row(self, edge: Edge) -> tuple[object, ...]:
        return (
            self._names[edge.source],
            self._names[edge.target],
            edge.kind,
            bind_text(edge.discriminator),
            self._voice(edge.asserted_by),
            edge_state(edge, self._key),
        )

    def _attachment_row(self, row: Attachment) -> tuple[object, ...]:
        return row.id, self._voice(row.asserted_by), self._names[row.holder], attachment_state(row)

    def _observation_row(self, row: Observation) -> tuple[object, ...]:
        key = self._voice(row.asserted_by)
        return self._names[row.node], bind_text(row.name), key, value_state(row.value)

    def _volatile_of(self, kind: str) -> frozenset[str]:
        names = self._volatile.get(kind)
        if names is None:
            props = self._schema.props_of(kind).values()
            names = frozenset(prop.name for prop in props if prop.volatile)
            self._volatile[kind] = names
        return names

    def _lasting(self, node: Node) -> Props:
        """The properties that are hashed."""
        volatile = self._volatile_of(node.kind)
        if volatile.isdisjoint(node.props):
            return node.props
        return {name: value for name, value in node.props.items() if name not in volatile}

    def _observed(self, node: Node) -> Iterator[Observation]:
        """The volatile properties."""
        for name in sorted(self._volatile_of(node.kind).intersection(node.props)):
            yield Observation(node.id, name, node.props[name], node.asserted_by)

    def _fact_kind(self, node: NodeId) -> str | None:
        kind = self._kinds.get(node)
        if kind is None:
            row = self._link.execute(_FACT_KIND, (bind_text(node),)).fetchone()
            kind = None if row is None else row[0]
        return kind

    def _learn_names(self, names: Iterable[str]) -> None:
        """Give numbers to these names; afterwards `_names` holds them all."""
        fresh = {name for name in names if name not in self._names}
        if not fresh:
            return
        ordered = sorted(fresh)
        self._link.execute("DELETE FROM meant")
        self._link.executemany(_MEAN, enumerate(map(bind_text, ordered)))
        self._link.execute("INSERT OR IGNORE INTO names (text) SELECT text FROM meant ORDER BY id")
        numbers = self._link.execute(_MEANT_NUMBERS).fetchall()
        self._names.update(zip(ordered, (number for (number,) in numbers), strict=True))

    def _key(self, key: CoverageKey) -> int:
        number = self._keys.get(key)
        if number is None:
            parts = tuple(map(bind_text, (key.platform, key.scope, key.region, key.call)))
            self._link.execute(_NEW_KEY, parts)
            number = int(self._link.execute(_FIND_KEY, parts).fetchone()[0])
            self._keys[key] = number
        return number

    def _voice(self, keys: frozenset[CoverageKey]) -> int:
        """The number of the one key that asserts a fact; a key with facts was asked, covered or not."""
        number = self._voices.get(keys)
        if number is None:
            (key,) = keys
            number = self._voices[keys] = self._key(key)
            self._link.execute("INSERT INTO voices VALUES (?)", (number,))
        return number

    def cover(self, coverage: tuple[Coverage, ...]) -> None:
        """See `graph.store.Run.cover`."""
        with self._open():
            if self._settled:
                raise StoreError("calls are covered before facts are read or closed")
            for row in coverage:
                check_coverage_key(row.key)
            for row in coverage:
                self._cover(row)

    def _cover(self, row: Coverage) -> None:
        key = self._key(row.key)
        parent = None if row.parent is None else self._key(row.parent)
        missing = None if row.missing_permission is None else bind_text(row.missing_permission)
        self._link.execute(
            _COVER,
            (self.id, key, row.outcome.value, row.items, missing, bind_text(row.detail), parent),
        )
        ok = row.outcome is Outcome.OK
        self._link.execute(_ASKED, {"run": self.id, "parent": parent, "ok": ok, "key": key})

    def close_unseen(self) -> None:
        """See `graph.store.Run.close_unseen`."""
        with self._open():
            if self._settled:
                raise StoreError("facts are closed once, before they are read")
            self._settling.close()
            self._settle()

    def _settle(self) -> None:
        if not self._settled:
            self._settling.settle()
            self._settled = True
            self._kinds.clear()  # from here on the live rows say it, and some went

    def facts(self) -> Facts:
        """See `graph.store.Run.facts`."""
        with self._open():
            self._settle()
            return self._reading.facts()

    # Conclusions.

    def conclude(self, conclusions: Conclusions) -> None:
        """See `graph.store.Run.conclude`."""
        with self._open():
            self._settle()
            check_conclusions(conclusions, self._schema, kind_of=self._fact_kind_kept)
            self._learn_names(
                chain(
                    (node.id for node in conclusions.nodes),
                    (end for edge in conclusions.edges for end in (edge.source, edge.target)),
                )
            )
            self._link.execute("DELETE FROM new_nodes")
            self._link.execute("DELETE FROM new_edges")
            nodes = (
                (self._names[node.id], *node_extra(node), node_state(node, node.props))
                for node in conclusions.nodes
            )
            self._link.executemany(_CONCLUDE_NODE, nodes)
            edges = (
                (
                    self._names[edge.source],
                    self._names[edge.target],
                    edge.kind,
                    bind_text(edge.discriminator),
                    edge_state(edge, self._key),
                )
                for edge in conclusions.edges
            )
            self._link.executemany(_CONCLUDE_EDGE, edges)
            self._check_no_fact_edge()
            self._settling.conclude()

    def _check_no_fact_edge(self) -> None:
        taken = self._link.execute(_FACT_EDGE).fetchone()
        if taken is not None:
            src, dst, kind, disc = taken
            edge = Edge(kind, self._reading.name(src), self._reading.name(dst), disc)
            raise SchemaError(f"{title(edge)} is a fact, and no conclusion may take its place")

    def _fact_kind_kept(self, node: NodeId) -> str | None:
        """The kind of a live fact, remembered: the facts of a run no longer change."""
        kind = self._fact_kind(node)
        if kind is not None:
            self._kinds[node] = kind
        return kind

    # The end.

    def commit(self, *, told: Told | None = None) -> Written:
        """See `graph.store.Run.commit`; nobody waits for it long enough to be told."""
        del told
        try:
            with self._open():
                self._settle()
                facts, conclusions = self._settling.log()
                committed = self._clock().astimezone(UTC).isoformat()
                self._link.execute(_COMMIT, (committed, self.id))
                record = self._reading.runs()[-1]
                self._link.execute("COMMIT")
        finally:
            self.abort()
        return Written(record, facts, conclusions)

    def abort(self) -> None:
        """See `graph.store.Run.abort`."""
        if self._ended:
            return
        self._ended = True
        with spoken(self._place.path), closing(self._link):
            if self._link.in_transaction:
                self._link.execute("ROLLBACK")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abort()


def _named(batch: Batch) -> Iterator[NodeId]:
    """Every node id that the rows of the batch name."""
    yield from (node.id for node in batch.nodes)
    yield from (end for edge in batch.edges for end in (edge.source, edge.target))
    yield from (row.holder for row in batch.attachments)
    yield from (row.node for row in batch.observations)


def _document_row(document: Document) -> tuple[str | bytes, str | bytes]:
    return bind_text(document.hash), bind_text(document.text)
