"""Reading rows over one SQLite connection: the same for a store's readers and inside a run."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain

from graph.columns import NOWHERE, EdgeColumns, LiveRows, not_there
from graph.model import (
    Attachment,
    Change,
    Coverage,
    CoverageKey,
    Document,
    DocumentHash,
    Edge,
    Facts,
    Node,
    NodeId,
    Observation,
    Outcome,
    RunId,
    RunRecord,
)
from graph.rows import row_json
from graph.stores.sqlite_codec import NO_KEYS, attachment_of, edge_of, node_of, value_of
from graph.stores.sqlite_place import bind_text, read_text

_NODES = "SELECT x.text, n.keys, n.state FROM nodes n JOIN names x USING (id) WHERE $where"
_ONE_NODE = _NODES.replace("$where", "x.text = CAST(? AS TEXT)")
_ALL_NODES = (
    "SELECT x.text, n.keys, n.state FROM names x CROSS JOIN nodes n USING (id) ORDER BY x.text"
)
_NODES_OF = _NODES.replace("$where", "n.kind IN (SELECT value FROM json_each(?)) ORDER BY x.text")
_FACT_NODES = _NODES.replace("$where", "n.keys IS NOT NULL ORDER BY x.text")

# Sources are walked in text order over the index of names; only the edges of one source are sorted.
_EDGES = (
    "SELECT e.src, e.dst, CAST(e.kind AS BLOB), CAST(e.disc AS BLOB), CAST(e.keys AS BLOB), CAST(e.state AS BLOB)"
    " FROM names s"
    " CROSS JOIN edges e ON e.src = s.id CROSS JOIN names t ON t.id = e.dst"
    " WHERE $where ORDER BY s.text, t.text, e.kind, e.disc"
)
_ALL_EDGES = _EDGES.replace("$where", "TRUE")
_EDGES_OF = _EDGES.replace("$where", "e.kind IN (SELECT value FROM json_each(?))")
_FACT_EDGES = _EDGES.replace("$where", "e.keys IS NOT NULL")
_EDGES_AT = (
    "SELECT src, dst, kind, disc, keys, state FROM edges WHERE src = ?1"
    " UNION SELECT src, dst, kind, disc, keys, state FROM edges WHERE dst = ?1"
)
_COLUMNS = "SELECT src, dst, CAST(kind || char(31) || state AS BLOB), CAST(disc AS BLOB) FROM edges"
_NUMBERS = "SELECT n.id FROM names x CROSS JOIN nodes n USING (id) ORDER BY x.text"
_ATTACHMENTS_AT = "SELECT keys, state FROM attachments WHERE holder = ? ORDER BY id"

_OBSERVATIONS = (
    "SELECT x.text, o.name, o.key, o.value FROM observations o JOIN nodes n USING (id) JOIN names x USING (id)"
    " JOIN keys k ON k.id = o.key WHERE $where"
    " ORDER BY x.text, o.name, o.run, k.platform, k.scope, k.region, k.call"
)
_ALL_OBSERVATIONS = _OBSERVATIONS.replace("$where", "TRUE")
_NODE_OBSERVATIONS = _OBSERVATIONS.replace("$where", "x.text = CAST(? AS TEXT)")

_COVERAGE = """
SELECT k.id, c.outcome, c.items, c.missing_permission, c.detail, c.parent, r.started
FROM keys k JOIN coverage c ON c.run = k.asked_run AND c.key = k.id LEFT JOIN runs r ON r.id = k.ok_run
ORDER BY k.platform, k.scope, k.region, k.call"""

_ASSERTED = """
SELECT (SELECT count(*) FROM node_claims WHERE key = k.id) + (SELECT count(*) FROM edge_claims WHERE key = k.id)
    + (SELECT count(*) FROM attachment_claims WHERE key = k.id)
FROM keys k WHERE platform = CAST(? AS TEXT) AND scope = CAST(? AS TEXT) AND region = CAST(? AS TEXT) AND call = CAST(? AS TEXT)"""
_SOME = 2_000  # rows that are taken from SQLite at once


class Reading:
    """Rows of one connection; it keeps the names and coverage keys that it has met."""

    def __init__(self, link: sqlite3.Connection) -> None:
        self._link = link
        self._keys: dict[int, CoverageKey] = {}
        self._sets: dict[str, frozenset[CoverageKey]] = {"": NO_KEYS}
        self._names: dict[int, NodeId] = {}

    def version(self) -> int:
        """The newest committed version."""
        row = self._link.execute("SELECT max(version) FROM runs").fetchone()
        return int(row[0] or 0)

    def key(self, number: int) -> CoverageKey:
        """The coverage key of this number."""
        key = self._keys.get(number)
        if key is None:
            row = self._link.execute(
                "SELECT platform, scope, region, call FROM keys WHERE id = ?", (number,)
            ).fetchone()
            key = self._keys[number] = CoverageKey(*row)
        return key

    def key_set(self, keys: str | None) -> frozenset[CoverageKey]:
        """The keys of a `keys` column; none for a conclusion."""
        if keys is None:
            return NO_KEYS
        found = self._sets.get(keys)
        if found is None:
            found = frozenset(self.key(int(number)) for number in keys.split(","))
            self._sets[keys] = found
        return found

    def name(self, number: int) -> NodeId:
        """The node id of this number."""
        name = self._names.get(number)
        if name is None:
            row = self._link.execute("SELECT text FROM names WHERE id = ?", (number,)).fetchone()
            name = self._names[number] = NodeId(row[0])
        return name

    def nodes(self, kinds: frozenset[str] | None = None) -> Iterator[Node]:
        """Live nodes in id order."""
        if kinds is None:
            return self._as_nodes(self._link.execute(_ALL_NODES))
        return self._as_nodes(self._link.execute(_NODES_OF, (json.dumps(sorted(kinds)),)))

    def _as_nodes(self, rows: Iterable[tuple[str, str | None, str]]) -> Iterator[Node]:
        for name, keys, state in rows:
            yield node_of(name, state, self.key_set(keys))

    def node(self, node: NodeId) -> Node | None:
        """The live node of this id."""
        rows = self._link.execute(_ONE_NODE, (bind_text(node),)).fetchall()
        return next(self._as_nodes(rows), None)

    def edges(
        self, kinds: frozenset[str] | None = None, about: NodeId | None = None
    ) -> Iterator[Edge]:
        """Live edges in (source, target, kind, discriminator) order, all or those at one node."""
        if about is not None:
            found = sorted(
                self._edges_at(about), key=lambda e: (e.source, e.target, e.kind, e.discriminator)
            )
            return (edge for edge in found if kinds is None or edge.kind in kinds)
        if kinds is None:
            return self._as_edges(self._link.execute(_ALL_EDGES))
        return self._as_edges(self._link.execute(_EDGES_OF, (json.dumps(sorted(kinds)),)))

    def _as_edges(self, rows: sqlite3.Cursor) -> Iterator[Edge]:
        """The edges of the rows, whose texts come as bytes: of those that repeat each is decoded once."""
        names = dict[int, NodeId](self._link.execute("SELECT id, text FROM names"))
        texts = {b"": ""}
        sets: dict[bytes | None, frozenset[CoverageKey]] = {None: NO_KEYS}
        key_set = self.key_set
        for src, dst, kind, disc, keys, state in rows:
            if kind not in texts:
                texts[kind] = read_text(kind)
            if keys not in sets:
                sets[keys] = key_set(read_text(keys))
            word = texts.get(disc)
            if word is None:
                word = read_text(disc)
            ends = (texts[kind], names[src], names[dst], word)
            yield edge_of(ends, state, sets[keys], key_set)

    def _edges_at(self, node: NodeId) -> Iterator[Edge]:
        number = self._number(node)
        for src, dst, kind, disc, keys, state in self._link.execute(_EDGES_AT, (number,)):
            ends = (kind, self.name(src), self.name(dst), disc)
            yield edge_of(ends, state.encode(), self.key_set(keys), self.key_set)

    def live(self) -> LiveRows:
        """All live nodes, and all live edges in columns: what many edges say is decoded once."""
        place = {number: at for at, (number,) in enumerate(self._link.execute(_NUMBERS))}
        shapes, words = dict[bytes, int](), {b"": 0}
        columns = EdgeColumns()
        found = self._link.execute(_COLUMNS)
        while rows := found.fetchmany(_SOME):
            sources, targets, said, discriminators = zip(*rows, strict=True)
            try:
                columns.source.extend(map(place.__getitem__, sources))
                columns.target.extend(map(place.__getitem__, targets))
            except KeyError as missing:
                raise not_there(self.name(missing.args[0])) from None
            columns.shape.extend([shapes.setdefault(one, len(shapes)) for one in said])
            columns.discriminator.extend(
                [words.setdefault(one, len(words)) for one in discriminators]
            )
        for one in shapes:
            kind, _, state = one.partition(b"\x1f")
            ends = (read_text(kind), NOWHERE, NOWHERE, "")
            columns.shapes.append(edge_of(ends, state, NO_KEYS, self.key_set))
        columns.discriminators.extend(map(read_text, words))
        return LiveRows(self.version(), tuple(self.nodes()), columns)

    def attachments(self, about: NodeId | None = None) -> Iterator[Attachment]:
        """Live attachments in id order, all or those at one holder."""
        rows = (
            self._link.execute("SELECT keys, state FROM attachments ORDER BY id")
            if about is None
            else self._link.execute(_ATTACHMENTS_AT, (self._number(about),))
        )
        for keys, state in rows:
            yield attachment_of(state, self.key_set(keys))

    def document(self, document: DocumentHash) -> Document | None:
        """The document of this hash."""
        row = self._link.execute(
            "SELECT text FROM documents WHERE hash = CAST(? AS TEXT)", (bind_text(document),)
        ).fetchone()
        return None if row is None else Document(document, row[0])

    def observations(self, node: NodeId | None = None) -> Iterator[Observation]:
        """The newest value of each observation, in (node, name) order."""
        rows = (
            self._link.execute(_ALL_OBSERVATIONS)
            if node is None
            else self._link.execute(_NODE_OBSERVATIONS, (bind_text(node),))
        )
        last: Observation | None = None
        for of, name, key, value in rows:
            keys = frozenset({self.key(key)})
            if last is not None and (last.node, last.name) == (of, name):
                keys |= last.asserted_by
            elif last is not None:
                yield last
            last = Observation(NodeId(of), name, value_of(value), keys)
        if last is not None:
            yield last

    def coverage(self) -> tuple[Coverage, ...]:
        """Per key the newest outcome, in key order."""
        return tuple(
            Coverage(
                self.key(key),
                Outcome(outcome),
                items,
                missing,
                detail,
                None if parent is None else self.key(parent),
                None if last_ok is None else datetime.fromisoformat(last_ok),
            )
            for key, outcome, items, missing, detail, parent, last_ok in self._link.execute(
                _COVERAGE
            ).fetchall()
        )

    def asserted(self, key: CoverageKey) -> int:
        """How many live rows the key asserts."""
        row = self._link.execute(
            _ASSERTED,
            tuple(map(bind_text, (key.platform, key.scope, key.region, key.call))),
        ).fetchone()
        return 0 if row is None else int(row[0])

    def facts(self) -> Facts:
        """All live facts, with the documents that they name."""
        nodes = tuple(self._as_nodes(self._link.execute(_FACT_NODES)))
        edges = tuple(self._as_edges(self._link.execute(_FACT_EDGES)))
        attachments = tuple(self.attachments())
        named = sorted(set(_named_documents(nodes, edges, attachments)))
        documents = (self.document(name) for name in named)
        return Facts(
            nodes,
            edges,
            attachments,
            tuple(document for document in documents if document is not None),
            self.coverage(),
        )

    def runs(self) -> tuple[RunRecord, ...]:
        """All committed runs, oldest first."""
        return tuple(
            RunRecord(
                RunId(run),
                datetime.fromisoformat(started),
                datetime.fromisoformat(committed),
                version,
                tool_version,
                schema_version,
            )
            for run, started, committed, version, tool_version, schema_version in self._link.execute(
                "SELECT id, started, committed, version, tool_version, schema_version FROM runs"
                " WHERE version IS NOT NULL ORDER BY id"
            ).fetchall()
        )

    def changes(self, since: RunId | None, about: NodeId | None) -> Iterator[Change]:
        """The change log, by run: nodes, edges, attachments; of one node where one is named."""
        number = None if about is None else self._number(about)
        if about is not None and number is None:
            return
        for record in self.runs():
            if since is None or record.id > since:
                yield from self._node_changes(record.id, number)
                yield from self._edge_changes(record.id, number)
                yield from self._attachment_changes(record.id, about)

    def _number(self, node: NodeId) -> int | None:
        """The number under which the store keeps this id, where it ever named it."""
        row = self._link.execute(
            "SELECT id FROM names WHERE text = CAST(? AS TEXT)", (bind_text(node),)
        ).fetchone()
        return None if row is None else int(row[0])

    def _node_changes(self, run: RunId, about: int | None) -> Iterator[Change]:
        for node, before, after in self._link.execute(
            "SELECT id, before, after FROM node_changes WHERE run = ?1 AND (?2 IS NULL OR id = ?2)"
            " ORDER BY id",
            (run, about),
        ):
            name = self.name(node)
            then, now = (
                None if state is None else row_json(node_of(name, state, NO_KEYS))
                for state in (before, after)
            )
            yield Change(run, "node", name, operation(before, after), then, now)

    def _edge_changes(self, run: RunId, about: int | None) -> Iterator[Change]:
        for src, dst, kind, disc, before, after in self._link.execute(
            "SELECT src, dst, kind, disc, before, after FROM edge_changes"
            " WHERE run = ?1 AND (?2 IS NULL OR src = ?2 OR dst = ?2) ORDER BY src, dst, kind, disc",
            (run, about),
        ):
            ends = (kind, self.name(src), self.name(dst), disc)
            then, now = (
                None
                if state is None
                else row_json(edge_of(ends, state.encode(), NO_KEYS, self.key_set))
                for state in (before, after)
            )
            yield Change(run, "edge", Edge(*ends).id, operation(before, after), then, now)

    def _attachment_changes(self, run: RunId, about: NodeId | None) -> Iterator[Change]:
        for row, before, after in self._link.execute(
            "SELECT id, before, after FROM attachment_changes WHERE run = ? ORDER BY id", (run,)
        ):
            states = [
                None if state is None else attachment_of(state, NO_KEYS)
                for state in (before, after)
            ]
            if about is not None and all(
                state is None or state.holder != about for state in states
            ):
                continue
            then, now = (None if state is None else row_json(state) for state in states)
            yield Change(run, "attachment", row, operation(before, after), then, now)


def operation(before: str | None, after: str | None) -> str:
    """The word of the change log for this pair of states."""
    if before is None:
        return "added"
    return "removed" if after is None else "changed"


def _named_documents(
    nodes: tuple[Node, ...], edges: tuple[Edge, ...], attachments: tuple[Attachment, ...]
) -> Iterator[DocumentHash]:
    """Hashes of documents that live facts name: attachments, and properties of a platform that has no attachments."""
    for attachment in attachments:
        if attachment.document is not None:
            yield attachment.document
    for props in chain((node.props for node in nodes), (edge.props for edge in edges)):
        for value in props.values():
            if isinstance(value, str) and value.startswith("sha256:"):
                yield DocumentHash(value)
