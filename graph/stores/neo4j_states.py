"""The states with their moves, and what the analyses measured, beside the live graph: what Cypher ranks by and walks over.

`(:Entity)-[:STATE]->(:State {capability})-[:MOVE {kind, certainty, indirect}]->(:State)` is the engine's own graph, so that a
path over MOVE needs no condition over the whole of it. It is written after a run and brought to the next one: what is there
is read in columns and compared here, so that only differences are sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graph.schema import schema
from graph.store import Measures, Published, Told
from graph.stores.neo4j_link import Link
from graph.stores.neo4j_live import Live, Weighed
from graph.stores.neo4j_text import key_text
from graph.view import CAPABILITIES, CERTAINTIES, Flag, View

_PAGE = 5_000  # nodes of which one answer tells
_NONE = ""  # in a column, which holds no null

_NUMBERS = """
MATCH (e:Entity) WHERE e.number >= $from AND e.number < $to RETURN collect(e.id), collect(e.number)"""
_LAST = "MATCH (e:Entity) RETURN coalesce(max(e.number), 0)"
_STATES = (
    "MATCH (s:State) WHERE s.key >= $from AND s.key < $to RETURN collect(s.key), collect(s.entry)"
)
_LAST_STATE = "MATCH (s:State) RETURN coalesce(max(s.key), 0)"
_MOVES = """
MATCH (a:State)-[m:MOVE]->(b:State) WHERE a.key >= $from AND a.key < $to
RETURN collect(a.key), collect(b.key), collect(m.kind), collect(m.how), collect(m.certainty), collect(m.indirect), collect(m.cost)"""
_NEW_STATES = """
UNWIND $rows AS row MATCH (e:Entity {number: row[0]})
CREATE (e)-[:STATE]->(:State {key: row[1], capability: row[2], entry: row[3]})"""
_SET_STATES = "UNWIND $rows AS row MATCH (s:State {key: row[0]}) SET s.entry = row[1]"
_OLD_STATES = "UNWIND $rows AS row MATCH (s:State {key: row}) DETACH DELETE s"
_NEW_MOVES = """
UNWIND $rows AS row MATCH (a:State {key: row[0]}) MATCH (b:State {key: row[1]})
CREATE (a)-[:MOVE {kind: row[2], how: row[3], certainty: row[4], indirect: row[5], cost: row[6]}]->(b)"""
_OLD_MOVES = """
UNWIND $rows AS row MATCH (a:State {key: row[0]}) MATCH (b:State {key: row[1]})
CALL (a, b, row) { MATCH (a)-[m:MOVE {kind: row[2], how: row[3], certainty: row[4], indirect: row[5], cost: row[6]}]->(b) DELETE m }"""
_MEASURED = """
MATCH (e:Entity) WHERE e.number >= $from AND e.number < $to
RETURN collect(e.number), collect([name IN $names | e[name]])"""
_MEASURE = "UNWIND $rows AS row MATCH (e:Entity {number: row[0]}) SET e += row[1]"
_STATE = "MATCH (s:Store {name: 'shadowgraph'}) SET s.published = $version"

Move = tuple[int, int, str, str, str, bool, int]


class States:
    """Brings states, moves and measures to those of a view; the caller holds the turn to write."""

    def __init__(self, link: Link, live: Live) -> None:
        self._link = link
        self._live = live

    def publish(
        self, view: View, measures: Measures, names: tuple[str, ...], *, told: Told | None = None
    ) -> Published:
        """Write what differs; `names` are all properties that a measure may have, absent where it has none."""
        self._live.do(_STATE, version=None)
        numbers = self._numbers()
        keys = [
            numbers[key_text(view.nodes.ids[node])] * len(CAPABILITIES) + code
            for node, code in zip(
                view.state_node.tolist(), view.state_capability.tolist(), strict=True
            )
        ]
        moves = moves_of(view, keys)
        sent = self._moves(moves, dict(zip(keys, _entries(view), strict=True)), told)
        sent += self._measures(measures, names, numbers)
        self._live.do(_STATE, version=view.version)
        return Published(len(keys), len(moves), sent)

    def _numbers(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for ids, numbers in self._pages(_NUMBERS, _LAST):
            found.update(zip(ids, numbers, strict=True))
        return found

    def _pages(
        self, statement: str, last: str, step: int = _PAGE, **more: Any
    ) -> Iterator[list[Any]]:
        """The rows of a statement over ranges of numbers: a column costs the driver less than a record for each."""
        ((end,),) = self._link.read(last)
        for start in range(0, end + 1, step):
            (row,) = self._link.read(statement, **{"from": start, "to": start + step, **more})
            yield row

    def _moves(self, wanted: set[Move], entries: Mapping[int, bool], told: Told | None) -> int:
        wide = _PAGE * len(CAPABILITIES)
        there: dict[int, bool] = {}
        for keys, held in self._pages(_STATES, _LAST_STATE, wide):
            there.update(zip(keys, held, strict=True))
        known: set[Move] = set()
        for columns in self._pages(_MOVES, _LAST_STATE, wide):
            known.update(zip(*columns, strict=True))
        old = sorted(known - wanted)
        gone = sorted(there.keys() - entries.keys())
        fresh = sorted(entries.keys() - there.keys())
        other = [
            (key, entry) for key, entry in sorted(entries.items()) if there.get(key, entry) != entry
        ]
        new = sorted(wanted - known)
        sent = len(old) + len(gone) + len(fresh) + len(other) + len(new)
        self._live.metered(told, "publish", sent)
        send = self._live.send
        send(_OLD_MOVES, _rows(old))
        send(_OLD_STATES, ((16, key) for key in gone))
        send(_NEW_STATES, _rows((key // len(CAPABILITIES), key, CAPABILITIES[key % len(CAPABILITIES)].value, entries[key]) for key in fresh))  # fmt: skip
        send(_SET_STATES, _rows(other))
        send(_NEW_MOVES, _rows(new))
        return sent

    def _measures(
        self, measures: Measures, names: tuple[str, ...], numbers: Mapping[str, int]
    ) -> int:
        wanted = {
            numbers[key]: [said.get(name) for name in names]
            for node, said in measures.items()
            if (key := key_text(node)) in numbers
        }
        blank: list[object] = [None] * len(names)
        rows: list[list[object]] = []
        for there, held in self._pages(_MEASURED, _LAST, names=list(names)):
            for number, values in zip(there, held, strict=True):
                if values != wanted.get(number, blank):
                    rows.append([number, dict(zip(names, wanted.get(number, blank), strict=True))])
        self._live.send(_MEASURE, _rows(rows))
        return len(rows)


def _rows(rows: Iterable[Iterable[object]]) -> Iterator[Weighed]:
    return ((100, list(row)) for row in rows)


def moves_of(view: View, keys: list[int]) -> set[Move]:
    """The arcs of the view between states of these keys; parallel ones that say the same are one."""
    arcs, edges, nodes = view.arcs, view.edges, view.nodes
    hows = [*nodes.hows, _NONE]
    how = [hows[at] for at in nodes.how.tolist()] + [_NONE]
    labels = [certainty.label for certainty in CERTAINTIES]
    return {
        (
            keys[source],
            keys[target],
            edges.kinds[kind],
            how[grant],
            labels[certainty],
            indirect,
            cost,
        )
        for source, target, kind, grant, certainty, indirect, cost in zip(
            arcs.source.tolist(),
            arcs.target.tolist(),
            arcs.kind.tolist(),
            arcs.grant.tolist(),
            arcs.certainty.tolist(),
            arcs.indirect.tolist(),
            arcs.cost.tolist(),
            strict=True,
        )
    }


def _entries(view: View) -> list[bool]:
    """Per state, whether an attacker who takes the identity starts there."""
    held = [False] * view.size
    for node in view.where(Flag.ACTOR).tolist():
        kind = schema().node(view.nodes.kinds[int(view.nodes.kind[node])])
        at = kind.caps.index(kind.start) if kind.start in kind.caps else 0
        held[int(view.nodes.first[node]) + at] = True
    return held
