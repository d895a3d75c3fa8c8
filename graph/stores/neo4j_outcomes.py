"""Results, findings and decisions in a Neo4j store: nodes beside the graph, written between runs."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from graph.check import shown
from graph.errors import StoreError
from graph.model import Decision, FindingRow, NodeId, RunId, Status
from graph.stores.neo4j_link import Link, TooLargeError
from graph.stores.neo4j_live import batches
from graph.stores.neo4j_text import key_text, shown_text

# Each is kept whole as bytes, since a text of Neo4j does not hold every text; what Cypher asks for stands beside it.
_PUT_RESULT = (
    "MERGE (r:Result {name: $name, version: $version}) SET r.payload = $payload, r.whole = $whole"
)
_RESULT = "MATCH (r:Result {name: $name, version: $version}) RETURN r.payload"
_RESULTS = "MATCH (r:Result) RETURN r.version, r.whole"
_PUT_FINDINGS = """
UNWIND $rows AS row MERGE (f:Finding {id: row.id}) SET f = row
WITH f, row OPTIONAL MATCH (f)-[old:ABOUT]->(:Entity) DELETE old
WITH DISTINCT f, row MATCH (e:Entity {id: row.asset}) MERGE (f)-[:ABOUT]->(e)"""
_FINDINGS = """
MATCH (f:Finding) RETURN f.whole, f.first_run, f.opened_run, f.last_run, f.closed_run, f.status"""
_DECIDE = """
MATCH (s:Store {name: 'shadowgraph'}) SET s.decisions = coalesce(s.decisions, 0) + 1
CREATE (d:Decision) SET d = $row, d.number = s.decisions RETURN d.number"""
_COPYING = "MATCH (s:Store {name: 'shadowgraph'}) RETURN coalesce(s.copying, false)"
_BEGIN_COPY = "MATCH (s:Store {name: 'shadowgraph'}) SET s.copying = true, s.decisions = 0"
_DROP_KEPT = "MATCH (n:Result|Finding|Decision) WITH n LIMIT 5000 DETACH DELETE n RETURN count(*)"
_END_COPY = "MATCH (s:Store {name: 'shadowgraph'}) REMOVE s.copying"
_DECISIONS = "MATCH (d:Decision) RETURN d.number, d.whole, d.made, d.expires ORDER BY d.number"


def put_result(link: Link, name: str, version: int, payload: str) -> None:
    """Keep a result."""
    packed = zlib.compress(payload.encode("utf-8", "surrogatepass"), 1)
    link.write(
        _PUT_RESULT, name=key_text(name), version=version, payload=packed, whole=_whole(name)
    )


def result(link: Link, name: str, version: int) -> str | None:
    """The kept result."""
    found = link.read(_RESULT, name=key_text(name), version=version)
    return zlib.decompress(found[0][0]).decode("utf-8", "surrogatepass") if found else None


def results(link: Link) -> Iterator[tuple[str, int, str]]:
    """All kept results: name, version, payload."""
    for version, whole in sorted(link.read(_RESULTS), key=repr):
        (name,) = _texts(whole)
        payload = result(link, name, version)
        if payload is not None:
            yield name, version, payload


def put_findings(link: Link, rows: Iterable[FindingRow]) -> None:
    """Keep the rows; none of them where one cannot be kept."""
    held = tuple(rows)
    for row in held:
        if None in (row.first_run, row.opened_run, row.last_run):
            raise StoreError(f"finding `{shown(row.id)}` has null where a run belongs")
    for batch in batches((200 + len(row.payload), _finding(row)) for row in held):
        _send(link, batch)


def _send(link: Link, batch: list[Any]) -> None:
    try:
        link.write(_PUT_FINDINGS, rows=batch)
    except TooLargeError:
        half = len(batch) // 2
        if not half:
            raise
        _send(link, batch[:half])
        _send(link, batch[half:])


def _finding(row: FindingRow) -> dict[str, object]:
    return {
        "id": key_text(row.id),
        "rule": shown_text(row.rule),
        "asset": key_text(row.asset),
        "first_run": row.first_run,
        "opened_run": row.opened_run,
        "last_run": row.last_run,
        "closed_run": row.closed_run,
        "status": row.status.value,
        "whole": _whole(row.id, row.rule, row.asset, row.payload),
    }


def findings(link: Link) -> Iterator[FindingRow]:
    """All findings, in id order."""
    made = []
    for whole, first, opened, last, closed, status in link.read(_FINDINGS):
        id_, rule, asset, payload = _texts(whole)
        made.append(
            FindingRow(
                id_,
                rule,
                NodeId(asset),
                RunId(first),
                RunId(opened),
                RunId(last),
                Status(status),
                payload,
                None if closed is None else RunId(closed),
            )
        )
    # Ids are ordered as SQLite orders them: by their bytes.
    yield from sorted(made, key=lambda row: row.id.encode("utf-8", "surrogatepass"))


def copying(link: Link) -> bool:
    """Whether a copy into this store began and did not end: what is kept here is then its own."""
    return bool(link.read(_COPYING)[0][0])


def begin_copy(link: Link) -> None:
    """Begin a copy: what an earlier one left behind that died goes; the caller knows that nothing else is here."""
    link.write(_BEGIN_COPY)
    while link.write(_DROP_KEPT)[0][0]:
        pass


def end_copy(link: Link) -> None:
    """The copy is whole."""
    link.write(_END_COPY)


def decide(link: Link, one: Decision) -> int:
    """Add the decision; its number."""
    row = {
        "made": one.made.isoformat(),
        "person": shown_text(one.person),
        "subject": shown_text(one.subject),
        "what": shown_text(one.what),
        "reason": shown_text(one.reason),
        "expires": None if one.expires is None else one.expires.isoformat(),
        "whole": _whole(one.person, one.subject, one.what, one.reason, one.value),
    }
    return int(link.write(_DECIDE, row=row)[0][0])


def decisions(link: Link) -> tuple[Decision, ...]:
    """All decisions, oldest first."""
    return tuple(_decision(*row) for row in link.read(_DECISIONS))


def _decision(number: int, whole: bytes, made: str, expires: str | None) -> Decision:
    person, subject, what, reason, value = _texts(whole)
    ends = None if expires is None else datetime.fromisoformat(expires)
    return Decision(
        datetime.fromisoformat(made), person, subject, what, reason, value, ends, number
    )


def _whole(*texts: str) -> bytes:
    """The texts as bytes, each with its length before it."""
    packed = b""
    for text in texts:
        raw = text.encode("utf-8", "surrogatepass")
        packed += len(raw).to_bytes(8, "big") + raw
    return packed


def _texts(whole: bytes) -> tuple[str, ...]:
    found: list[str] = []
    at = 0
    while at < len(whole):
        size = int.from_bytes(whole[at : at + 8], "big")
        found.append(whole[at + 8 : at + 8 + size].decode("utf-8", "surrogatepass"))
        at += 8 + size
    return tuple(found)
