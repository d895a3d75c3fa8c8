"""The live graph in Neo4j: what a committed run changed, brought to nodes and relationships that Cypher walks.

Every node is an `:Entity` with its kind and its family as further labels, every edge a relationship of its kind. Only live
rows stand there. What a run changed is taken from the records of its file, so that whoever finds it half done can finish it:
each statement may run twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import neo4j

from graph.errors import StoreError
from graph.model import NodeId, RunId
from graph.schema import Schema
from graph.store import Told
from graph.stores.neo4j_link import Link, TooLargeError, rows
from graph.stores.neo4j_lock import Lock
from graph.stores.neo4j_text import key_text, live_edge, live_node, shown_text
from graph.stores.sqlite_codec import NO_KEYS, edge_of, node_of
from graph.stores.sqlite_place import read_text
from graph.stores.sqlite_reading import Reading

BATCH_ROWS = 5_000
BATCH_BYTES = 4 << 20
CHANGES_LISTED = (
    20_000  # a run with more changes has no `:Change` nodes: the engine alone tells them
)

_UNIQUE = {
    "entity_id": "(e:Entity) REQUIRE e.id",
    "entity_number": "(e:Entity) REQUIRE e.number",
    "run_id": "(r:Run) REQUIRE r.id",
    "part": "(p:Part) REQUIRE (p.run, p.whole, p.number)",
    "finding_id": "(f:Finding) REQUIRE f.id",
    "decision_number": "(d:Decision) REQUIRE d.number",
    "result": "(r:Result) REQUIRE (r.name, r.version)",
    "lock_name": "(l:Lock) REQUIRE l.name",
    "store_name": "(s:Store) REQUIRE s.name",
    "coverage_key": "(c:Coverage) REQUIRE c.key",
    "state_key": "(s:State) REQUIRE s.key",
}


def lookups(kinds: Schema) -> dict[str, str]:
    """By name what makes each constraint and index: an index for every property that the schema says is looked up by.

    What every kind may have has one for all kinds together: one for each would be written forty times for a node.
    """
    found = {"change_run": _INDEX.format(name="change_run", label="Change", prop="run")}
    of_kinds = [(kind.name, prop) for kind in kinds.nodes.values() for prop in kind.props]
    for label, prop in (*(("Entity", prop) for prop in kinds.asset_props), *of_kinds):
        if prop.index:
            name = f"{label.lower()}_{prop.name}"
            found[name] = _INDEX.format(name=name, label=label, prop=prop.name)
    unique = {name: f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR {said} IS UNIQUE" for name, said in _UNIQUE.items()}  # fmt: skip
    return {**unique, **found}


_INDEX = "CREATE INDEX `{name}` IF NOT EXISTS FOR (e:`{label}`) ON (e.`{prop}`)"
_PUT_NODES = "UNWIND $rows AS row MERGE (e:Entity {{number: row.number}}) SET e = row, e:{labels}"
_NEW_NODES = "UNWIND $rows AS row CREATE (e:Entity:{labels}) SET e = row"
_UNLABEL = "UNWIND $rows AS row MATCH (e:Entity {number: row}) REMOVE e:$([name IN labels(e) WHERE name <> 'Entity'])"
_DROP_NODES = "UNWIND $rows AS row MATCH (e:Entity {number: row}) DETACH DELETE e"
_PUT_EDGES = (
    "UNWIND $rows AS row MATCH (a:Entity {{number: row[0]}}) MATCH (b:Entity {{number: row[1]}})"
    " MERGE (a)-[r:`{kind}` {{discriminator: row[2].discriminator}}]->(b) SET r = row[2]"
)
_NEW_EDGES = (
    "UNWIND $rows AS row MATCH (a:Entity {{number: row[0]}}) MATCH (b:Entity {{number: row[1]}})"
    " CREATE (a)-[r:`{kind}`]->(b) SET r = row[2]"
)
# A MATCH of both ends before the relationship would walk all edges of a hub.
_DROP_EDGES = (
    "UNWIND $rows AS row MATCH (a:Entity {{number: row[0]}}) MATCH (b:Entity {{number: row[1]}})"
    " CALL (a, b, row) {{ MATCH (a)-[r:`{kind}` {{discriminator: row[2]}}]->(b) DELETE r }}"
)
_DROP_CHANGES = "MATCH (c:Change {run: $run}) WITH c LIMIT $most DETACH DELETE c RETURN count(*)"
_NEW_CHANGES = "UNWIND $rows AS row CREATE (c:Change) SET c = row"
_PUT_COVERAGE = "UNWIND $rows AS row MERGE (c:Coverage {key: row.key}) SET c = row"
_DROP_COVERAGE = "UNWIND $rows AS row MATCH (c:Coverage {key: row}) DELETE c"

_NODE_ROWS = """
SELECT c.id, x.text, c.before, c.after, n.first_run, n.changed_run FROM node_changes c JOIN names x USING (id)
LEFT JOIN nodes n USING (id) WHERE c.run = :run AND c.after IS NOT NULL ORDER BY n.kind, c.id"""
_EDGE_ROWS = """
SELECT c.src, c.dst, c.kind, c.disc, c.after, e.first_run, e.changed_run FROM edge_changes c
JOIN edges e USING (src, dst, kind, disc) WHERE c.run = :run AND c.after IS NOT NULL ORDER BY c.kind, c.src, c.dst, c.disc"""
# All live rows, in the form of the two above.
_ALL_NODES = """
SELECT n.id, x.text, NULL, n.state, n.first_run, n.changed_run FROM nodes n JOIN names x USING (id)
WHERE :run = :run ORDER BY n.kind, n.id"""
_ALL_EDGES = """
SELECT src, dst, kind, disc, state, first_run, changed_run FROM edges WHERE :run = :run ORDER BY kind, src, dst, disc"""
_GONE_EDGES = """
SELECT kind, src, dst, disc FROM edge_changes WHERE run = ? AND after IS NULL ORDER BY kind, src, dst, disc"""

_COUNT_CHANGES = """
SELECT (SELECT count(*) FROM node_changes WHERE run = :run) + (SELECT count(*) FROM edge_changes WHERE run = :run)
    + (SELECT count(*) FROM attachment_changes WHERE run = :run)"""

_COUNT_ROWS = """
SELECT (SELECT count(*) FROM node_changes WHERE run = :run) + (SELECT count(*) FROM edge_changes WHERE run = :run)"""
_COUNT_ALL = """
SELECT (SELECT count(*) FROM nodes) + (SELECT count(*) FROM edges) WHERE :run = :run"""


@dataclass(slots=True)
class Meter:
    """Tells how far a stage of long work has come."""

    told: Told
    stage: str
    total: int
    done: int = 0

    def add(self, rows: int) -> None:
        """So many rows more are done."""
        self.done += rows
        self.told(self.stage, min(self.done, self.total), self.total)


Weighed = tuple[int, Any]  # about how many bytes the row has, and the row


class Live:
    """Brings the live graph to the version of a store's file, in transactions that each hold the lock."""

    def __init__(self, link: Link, lock: Lock, kinds: Schema) -> None:
        self._link = link
        self._lock = lock
        self._kinds = kinds
        self._meter: Meter | None = None

    def metered(self, told: Told | None, stage: str, total: int) -> None:
        """Tell from now on how many of so many rows were sent."""
        self._meter = None if told is None or not total else Meter(told, stage, total)

    def bring(
        self, file: Path, run: int, *, empty: bool, whole: bool = False, told: Told | None = None
    ) -> bool:
        """Send what the run changed; with `empty` nothing of it can be there yet. Whether its changes are listed.

        With `whole` every live row is sent, whichever run it came with.
        """
        with closing(sqlite3.connect(file)) as link:
            link.text_factory = read_text
            reading = Reading(link)
            changes: int = link.execute(_COUNT_CHANGES, {"run": run}).fetchone()[0]
            listed = changes <= CHANGES_LISTED
            rows_in_all = link.execute(
                _COUNT_ALL if whole else _COUNT_ROWS, {"run": run}
            ).fetchone()[0]
            self.metered(told, "send", rows_in_all + (changes if listed else 0))
            rows = (_ALL_NODES, _ALL_EDGES) if whole else (_NODE_ROWS, _EDGE_ROWS)
            self._gone_edges(link, run)
            gone = link.execute(
                "SELECT id FROM node_changes WHERE run = ? AND after IS NULL", (run,)
            )
            self.send(_DROP_NODES, ((16, number) for (number,) in gone))
            self._nodes(link, rows[0], run, empty=empty)
            self._edges(link, rows[1], reading, run, empty=empty)
            self._changes(reading, run, listed=listed)
            self._meter = None
            self._coverage(reading)
            return listed

    # Each kind is a statement of its own: a label and a type are no parameters where rows are found by them.

    def _labels(self, kind: str) -> str:
        return f"`{kind}`:`{self._kinds.node(kind).family.value.capitalize()}`"

    def _nodes(self, link: sqlite3.Connection, asked: str, run: int, *, empty: bool) -> None:
        moved = []
        for number, _, before, after, *_ in link.execute(asked, {"run": run}):
            if (
                before is not None
                and node_of("", before, NO_KEYS).kind != node_of("", after, NO_KEYS).kind
            ):
                moved.append((16, number))
        self.send(_UNLABEL, moved)
        form = _NEW_NODES if empty else _PUT_NODES

        def made() -> Iterator[tuple[str, Weighed]]:
            for number, name, _, after, first, changed in link.execute(asked, {"run": run}):
                node = node_of(name, after, NO_KEYS)
                row = {**live_node(node, number), "first_run": first, "changed_run": changed}
                yield node.kind, (len(after) + len(name), row)

        for kind, group in groupby(made(), key=lambda one: one[0]):
            self.send(form.format(labels=self._labels(kind)), (row for _, row in group))

    def _edges(
        self, link: sqlite3.Connection, asked: str, reading: Reading, run: int, *, empty: bool
    ) -> None:
        form, nowhere = (_NEW_EDGES if empty else _PUT_EDGES), NodeId("")

        def made() -> Iterator[tuple[str, Weighed]]:
            for src, dst, kind, disc, after, first, changed in link.execute(asked, {"run": run}):
                edge = edge_of(
                    (kind, nowhere, nowhere, disc), after.encode(), NO_KEYS, reading.key_set
                )
                row = {**live_edge(edge), "first_run": first, "changed_run": changed}
                yield kind, (len(after) + len(disc), [src, dst, row])

        for kind, group in groupby(made(), key=lambda one: one[0]):
            name = self._kinds.edge(kind).name
            self.send(form.format(kind=name), (row for _, row in group))

    def _gone_edges(self, link: sqlite3.Connection, run: int) -> None:
        found = link.execute(_GONE_EDGES, (run,))
        for kind, group in groupby(found, key=lambda row: row[0]):
            name = self._kinds.edge(kind).name
            self.send(_DROP_EDGES.format(kind=name), ((32 + len(disc), [src, dst, key_text(disc)]) for _, src, dst, disc in group))  # fmt: skip

    def _coverage(self, reading: Reading) -> None:
        now = {key_text(str(row.key)): row for row in reading.coverage()}
        known = {key for (key,) in self._link.read("MATCH (c:Coverage) RETURN c.key")}
        self.send(_DROP_COVERAGE, ((len(key), key) for key in sorted(known - now.keys())))
        made = (
            {
                "key": key,
                "platform": row.key.platform,
                "scope": row.key.scope,
                "region": row.key.region,
                "call": shown_text(row.key.call),
                "outcome": row.outcome.value,
                "items": row.items,
                "missing_permission": _told(row.missing_permission),
                "detail": shown_text(row.detail),
                "last_ok": row.last_ok,
            }
            for key, row in now.items()
        )
        self.send(_PUT_COVERAGE, ((200 + len(str(row["detail"])), row) for row in made))

    def _changes(self, reading: Reading, run: int, *, listed: bool) -> None:
        while self.do(_DROP_CHANGES, run=run, most=BATCH_ROWS)[0][0]:
            pass
        if not listed:
            return
        made = (
            {
                "run": run,
                "row": key_text(change.row),
                "family": change.family,
                "op": change.op,
                "before": _told(change.before),
                "after": _told(change.after),
            }
            for change in reading.changes(RunId(run - 1), None)
        )
        weighed = ((200 + len(str(row["before"])) + len(str(row["after"])), row) for row in made)
        self.send(_NEW_CHANGES, weighed)

    # Batches.

    def send(self, statement: str, found: Iterable[Weighed]) -> None:
        """Run the statement over the rows, some thousands at a time."""
        for batch in batches(found):
            self._send(statement, batch)
            if self._meter is not None:
                self._meter.add(len(batch))

    def _send(self, statement: str, batch: list[Any]) -> None:
        try:
            self.do(statement, rows=batch)
        except TooLargeError as error:
            if len(batch) == 1:
                raise StoreError(
                    f"store `{self._link.address}` has no memory for one row"
                ) from error
            half = len(batch) // 2
            self._send(statement, batch[:half])
            self._send(statement, batch[half:])

    def do(self, statement: str, **parameters: Any) -> list[list[Any]]:
        """The rows of one statement, in a transaction that holds the lock."""
        return self._link.writing(
            self._held(lambda transaction: rows(transaction, statement, **parameters))
        )

    def _held(
        self, work: Callable[[neo4j.ManagedTransaction], Any]
    ) -> Callable[[neo4j.ManagedTransaction], Any]:
        def held(transaction: neo4j.ManagedTransaction) -> Any:
            self._lock.hold(transaction)
            return work(transaction)

        return held


def batches(found: Iterable[Weighed]) -> Iterator[list[Any]]:
    """The rows in groups that one transaction takes."""
    held: list[Any] = []
    weight = 0
    for size, row in found:
        if held and (len(held) >= BATCH_ROWS or weight + size > BATCH_BYTES):
            yield held
            held, weight = [], 0
        held.append(row)
        weight += size
    if held:
        yield held


def _told(text: str | None) -> str | None:
    """The state of a change as Neo4j holds it."""
    return None if text is None else shown_text(text)
