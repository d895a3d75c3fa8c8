"""Findings and decisions in a SQLite store: rows beside the graph, written between runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime

from graph.model import Decision, FindingRow, NodeId, RunId, Status
from graph.stores.sqlite_place import bind_text

_PUT = """
INSERT OR REPLACE INTO findings (id, rule, asset, first_run, opened_run, last_run, closed_run, status, payload)
VALUES (CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?, ?, ?, CAST(? AS TEXT))"""
_FINDINGS = """
SELECT id, rule, asset, first_run, opened_run, last_run, closed_run, status, payload FROM findings ORDER BY id"""
_DECIDE = """
INSERT INTO decisions (made, person, subject, what, reason, value, expires)
VALUES (?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?)"""
_DECISIONS = (
    "SELECT id, made, person, subject, what, reason, value, expires FROM decisions ORDER BY id"
)


def put_findings(link: sqlite3.Connection, findings: Iterable[FindingRow]) -> None:
    """Keep the rows, in one transaction."""
    link.execute("BEGIN IMMEDIATE")
    link.executemany(_PUT, map(_bound, findings))
    link.execute("COMMIT")


def _bound(row: FindingRow) -> tuple[object, ...]:
    texts = (bind_text(row.id), bind_text(row.rule), bind_text(row.asset))
    runs = (row.first_run, row.opened_run, row.last_run, row.closed_run)
    return (*texts, *runs, row.status.value, bind_text(row.payload))


def findings(link: sqlite3.Connection) -> Iterator[FindingRow]:
    """All findings, in id order."""
    for id_, rule, asset, first, opened, last, closed, status, payload in link.execute(_FINDINGS):
        yield FindingRow(
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


def decide(link: sqlite3.Connection, one: Decision) -> int:
    """Add the decision; its number."""
    texts = (bind_text(text) for text in (one.person, one.subject, one.what, one.reason, one.value))
    ends = None if one.expires is None else one.expires.isoformat()
    added = link.execute(_DECIDE, (one.made.isoformat(), *texts, ends))
    return int(added.lastrowid or 0)


def decisions(link: sqlite3.Connection) -> tuple[Decision, ...]:
    """All decisions, oldest first."""
    return tuple(
        Decision(
            datetime.fromisoformat(made),
            person,
            subject,
            what,
            reason,
            value,
            None if expires is None else datetime.fromisoformat(expires),
            number,
        )
        for number, made, person, subject, what, reason, value, expires in link.execute(_DECISIONS)
    )
