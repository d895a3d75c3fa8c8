"""How the claims of a run become live rows, inside its transaction.

A claim is what one call says of one row. Claims are staged as they are put; settling compares them with the stored
ones, takes away what complete calls no longer make, and writes the rows that are touched. Statements run over whole
tables; Python sees only rows with several claims or none.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from graph.merge import listed, merge_attachments, merge_edges, merge_nodes
from graph.model import Node, NodeId
from graph.stores.sqlite_codec import (
    NO_KEYS,
    KeyNumber,
    attachment_of,
    attachment_state,
    edge_of,
    edge_state,
    joined,
    node_extra,
    node_of,
    node_state,
)
from graph.stores.sqlite_reading import Reading
from graph.stores.sqlite_tables import ATTACHMENTS, EDGES, FAMILIES, NODES, RowFamily

# Which keys take back what they do not say again: those read completely, and those whose item is gone.
_CLOSE_READ = "INSERT INTO closing SELECT key FROM coverage WHERE run = ? AND outcome = 'ok'"
_CLOSE_GONE = """
WITH RECURSIVE gone (key) AS (
    SELECT k.id FROM keys k JOIN closing c ON k.parent = c.key WHERE k.asked_run <> :run
        AND k.id NOT IN (SELECT key FROM voices)
    UNION SELECT k.id FROM keys k JOIN gone ON k.parent = gone.key WHERE k.asked_run <> :run
        AND k.id NOT IN (SELECT key FROM voices))
INSERT OR IGNORE INTO closing SELECT key FROM gone"""
_FORGET_GONE = """
UPDATE keys SET asked_run = NULL, ok_run = NULL, parent = NULL
WHERE asked_run <> :run AND id IN (SELECT key FROM closing)"""

# The first touch of a row keeps how it stood before the run.
_TOUCH_PUT = """
INSERT OR IGNORE INTO touched_$live SELECT $row, l.state, l.keys, l.first_run, l.changed_run
FROM put_$live p LEFT JOIN $claims c USING ($row, key) LEFT JOIN $live l USING ($row) WHERE c.state IS NOT p.state"""
_TOUCH_GONE = """
INSERT OR IGNORE INTO touched_$live SELECT $row, l.state, l.keys, l.first_run, l.changed_run
FROM closing CROSS JOIN $claims c USING (key) LEFT JOIN put_$live p USING ($row, key) LEFT JOIN $live l USING ($row)
WHERE p.state IS NULL"""
_DROP_GONE = """
DELETE FROM $claims AS c WHERE key IN (SELECT key FROM closing)
AND NOT EXISTS (SELECT 1 FROM put_$live p WHERE $c_is_p AND p.key = c.key)"""
_KEEP_PUT = """
INSERT OR REPLACE INTO $claims ($row, key,$extra state) SELECT $row, key,$p_extra p.state
FROM put_$live p LEFT JOIN $claims c USING ($row, key) WHERE c.state IS NOT p.state"""
_LIFT_SINGLE = """
INSERT OR REPLACE INTO $live ($row,$extra keys, state, first_run, changed_run)
SELECT $row,$c_extra CAST(c.key AS TEXT), c.state, coalesce(t.first_run, :run),
    CASE WHEN t.state IS c.state THEN t.changed_run ELSE :run END
FROM touched_$live t CROSS JOIN $claims c USING ($row) GROUP BY $row HAVING count(*) = 1$alone"""
_OTHERS = """
SELECT $row, t.state, t.keys, t.first_run, t.changed_run, group_concat(c.key || ' ' || c.state, char(10))
FROM touched_$live t LEFT JOIN $claims c USING ($row) GROUP BY $row HAVING count(c.key) <> 1$not_alone"""
_DELETE = "DELETE FROM $live WHERE $is_row"
_WRITE = """
INSERT OR REPLACE INTO $live ($row,$extra keys, state, first_run, changed_run)
VALUES ($marks,$extra_marks ?, ?, ?, ?)"""

# An end that no claim lists stays for as long as a live fact names it.
_UNNAMED = """
FROM nodes WHERE keys = '' AND NOT EXISTS (SELECT 1 FROM edges e WHERE e.src = nodes.id AND e.keys IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM edges e WHERE e.dst = nodes.id AND e.keys IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.holder = nodes.id)"""
_TOUCH_UNNAMED = (
    "INSERT OR IGNORE INTO touched_nodes SELECT id, state, keys, first_run, changed_run " + _UNNAMED
)
_DROP_UNNAMED = "DELETE " + _UNNAMED

# Conclusions about a node that went go with it.
_HANGING = """
FROM edges WHERE (src, dst, kind, disc) IN (
    SELECT e.src, e.dst, e.kind, e.disc FROM touched_nodes t LEFT JOIN nodes n USING (id)
    CROSS JOIN edges e ON e.src = t.id WHERE n.id IS NULL
    UNION SELECT e.src, e.dst, e.kind, e.disc FROM touched_nodes t LEFT JOIN nodes n USING (id)
    CROSS JOIN edges e ON e.dst = t.id WHERE n.id IS NULL)"""
_TOUCH_HANGING = (
    "INSERT OR IGNORE INTO touched_edges SELECT src, dst, kind, disc, state, keys, first_run, changed_run "
    + _HANGING
)
_DROP_HANGING = "DELETE " + _HANGING

_DROP_OBSERVATIONS = """
DELETE FROM observations AS o WHERE key IN (SELECT key FROM closing) AND NOT EXISTS (
    SELECT 1 FROM put_observations p WHERE p.id = o.id AND p.name = o.name AND p.key = o.key)"""
_KEEP_OBSERVATIONS = """
INSERT OR REPLACE INTO observations (id, name, key, run, value) SELECT id, name, key, :run, value FROM put_observations"""

_TOUCH_CONCLUDED = """
INSERT OR IGNORE INTO touched_$live SELECT $row, l.state, l.keys, l.first_run, l.changed_run
FROM new_$live n LEFT JOIN $live l USING ($row) WHERE l.state IS NOT n.state"""
_TOUCH_DROPPED = """
INSERT OR IGNORE INTO touched_$live SELECT $row, l.state, l.keys, l.first_run, l.changed_run
FROM $live l LEFT JOIN new_$live n USING ($row) WHERE l.keys IS NULL AND n.state IS NULL"""
_DROP_CONCLUDED = """
DELETE FROM $live AS l WHERE keys IS NULL AND NOT EXISTS (SELECT 1 FROM new_$live n WHERE $l_is_n)"""
_KEEP_CONCLUDED = """
INSERT OR REPLACE INTO $live ($row,$extra keys, state, first_run, changed_run)
SELECT $row,$n_extra NULL, n.state, coalesce(t.first_run, :run),
    CASE WHEN t.state IS n.state THEN t.changed_run ELSE :run END
FROM new_$live n LEFT JOIN $live l USING ($row) LEFT JOIN touched_$live t USING ($row) WHERE l.state IS NOT n.state"""

_LOG = """
INSERT INTO $changes (run, $row, concluded, before, after)
SELECT :run, $row, CASE WHEN l.state IS NULL THEN t.keys ELSE l.keys END IS NULL, t.state, l.state
FROM touched_$live t LEFT JOIN $live l USING ($row) WHERE t.state IS NOT l.state"""
_COUNT = """
SELECT concluded, CASE WHEN before IS NULL THEN 'added' WHEN after IS NULL THEN 'removed' ELSE 'changed' END, count(*)
FROM $changes WHERE run = ? GROUP BY 1, 2"""

Key = tuple[int | str, ...]
Claims = list[tuple[int, str]]  # number of the coverage key, state; in key order
Stand = tuple[str | None, str | None]  # state and keys before the run


class Settling:
    """Turns the staged claims of one run into live rows."""

    def __init__(
        self, link: sqlite3.Connection, run: int, reading: Reading, number: KeyNumber
    ) -> None:
        self._link = link
        self._run = run
        self._reading = reading
        self._number = number

    def close(self) -> None:
        """Say which coverage keys take back what they did not say again in this run."""
        self._link.execute(_CLOSE_READ, (self._run,))
        for statement in (_CLOSE_GONE, _FORGET_GONE):
            self._link.execute(statement, {"run": self._run})

    def settle(self) -> None:
        """Make the live facts what the claims say."""
        for family in FAMILIES:
            touched = self._do(family, _TOUCH_PUT) + self._do(family, _TOUCH_GONE)
            self._do(family, _DROP_GONE)
            self._do(family, _KEEP_PUT)
            if self._do(family, _LIFT_SINGLE) < touched:
                self._lift_others(family)
        for statement in (_TOUCH_UNNAMED, _DROP_UNNAMED, _TOUCH_HANGING, _DROP_HANGING):
            self._link.execute(statement)
        self._link.execute(_DROP_OBSERVATIONS)
        self._link.execute(_KEEP_OBSERVATIONS, {"run": self._run})

    def conclude(self) -> None:
        """Make the live conclusions the staged ones."""
        for family in (EDGES, NODES):
            for template in (_TOUCH_CONCLUDED, _TOUCH_DROPPED, _DROP_CONCLUDED, _KEEP_CONCLUDED):
                self._do(family, template)

    def log(self) -> tuple[dict[str, int], dict[str, int]]:
        """Write the net changes of the run; their counts, of facts and of conclusions."""
        counts: tuple[dict[str, int], dict[str, int]] = ({}, {})
        for family in FAMILIES:
            self._do(family, _LOG)
            for concluded, operation, rows in self._link.execute(family.fill(_COUNT), (self._run,)):
                tally = counts[concluded]
                tally[operation] = tally.get(operation, 0) + rows
        return counts

    def _do(self, family: RowFamily, template: str) -> int:
        """How many rows the statement wrote or deleted."""
        statement = family.fill(template)
        return self._link.execute(
            statement, {"run": self._run} if ":run" in statement else ()
        ).rowcount

    def _lift_others(self, family: RowFamily) -> None:
        """Write or delete the touched rows with several claims, none, or only ones that name and do not list."""
        lift = {EDGES: self._edge, ATTACHMENTS: self._attachment, NODES: self._node}[family]
        width = len(family.row)
        kept: list[tuple[object, ...]] = []
        gone: list[Key] = []
        for row in self._link.execute(family.fill(_OTHERS)):
            key, before, text = row[:width], row[width : width + 4], row[-1]
            claims = self._claims(text)
            lifted = lift(key, claims, before[:2])
            if lifted is None:
                gone.append(key)
            else:
                extra, state = lifted
                first = self._run if before[2] is None else before[2]
                changed = before[3] if before[0] == state else self._run
                keys = joined(number for number, _ in claims)
                kept.append((*key, *extra, keys, state, first, changed))
        self._link.executemany(family.fill(_DELETE), gone)
        self._link.executemany(family.fill(_WRITE), kept)

    def _claims(self, text: str | None) -> Claims:
        """The claims of a row, in key order; a state is ASCII JSON and holds no line break."""
        if text is None:
            return []
        pairs = (line.split(" ", 1) for line in text.split("\n"))
        return sorted(
            ((int(number), state) for number, state in pairs),
            key=lambda claim: self._reading.key(claim[0]),
        )

    def _edge(self, key: Key, claims: Claims, before: Stand) -> tuple[Key, str] | None:
        del before
        if not claims:
            return None
        src, dst, kind, disc = key
        name, key_set = self._reading.name, self._reading.key_set
        ends = (str(kind), name(int(src)), name(int(dst)), str(disc))
        edges = [edge_of(ends, state.encode(), NO_KEYS, key_set) for _, state in claims]
        return (), edge_state(merge_edges(edges), self._number)

    def _attachment(self, key: Key, claims: Claims, before: Stand) -> tuple[Key, str] | None:
        del before
        if not claims:
            return None
        row = merge_attachments([attachment_of(state, NO_KEYS) for _, state in claims])
        holder = self._link.execute(
            "SELECT holder FROM attachment_claims WHERE id = ? LIMIT 1", key
        ).fetchone()
        return holder, attachment_state(row)

    def _node(self, key: Key, claims: Claims, before: Stand) -> tuple[Key, str] | None:
        name = self._reading.name(int(key[0]))
        said = [node_of(name, state, NO_KEYS) for _, state in claims]
        node = self._end(name, before)
        if any(map(listed, said)) or (said and (node is None or not listed(node))):
            node = merge_nodes(said)
        return None if node is None else (node_extra(node), node_state(node, node.props))

    @staticmethod
    def _end(name: NodeId, before: Stand) -> Node | None:
        """What is left of a fact that no call lists: as it was last listed, now absent, or as it was mentioned."""
        state, keys = before
        if state is None or keys is None:
            return None
        node = node_of(name, state, NO_KEYS)
        return replace(node, present=False) if listed(node) else node
