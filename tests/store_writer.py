"""A program that writes runs into a store until it is told to stop, or killed.

Run `n` leaves, of the rows of its writer, exactly its own: WIDTH users named `NAME-n-i`, each a member of one group.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from store_rows import edge, key, node, ok

from graph.model import Batch, CoverageKey, Node, Row
from graph.store import Store
from graph.stores import shared
from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_link import address
from graph.stores.sqlite import SqliteStore

WIDTH = 200
LEASE = 1.0  # seconds until the turn of a killed writer to a shared store ends


def call(name: str) -> CoverageKey:
    """The one call that asserts everything this writer writes."""
    return key(f"iam.list_users/{name}")


def rows(name: str, number: int) -> list[Row]:
    """The rows of one run."""
    by = call(name)
    users = [node("User", f"{name}-{number}-{place:03}", by) for place in range(WIDTH)]
    group = node("Group", f"{name}-group", by)
    return [*users, group, *(edge("MEMBER_OF", user.id, group.id, by) for user in users)]


def write(store: Store, name: str) -> int:
    """One run, in several batches; the version that it made."""
    with store.begin(started=datetime(2026, 1, 1, tzinfo=UTC), tool_version="test") as run:
        batch = rows(name, run.id)
        for start in range(0, len(batch), 50):
            run.put(Batch.of(batch[: start + 50]))
        run.cover(ok(call(name)))
        run.close_unseen()
        return run.commit().record.version


def whole(store: Store, name: str) -> bool:
    """Whether the store holds exactly what its last run wrote."""
    facts = store.facts()
    want = rows(name, store.runs()[-1].id)
    nodes = sorted((row for row in want if isinstance(row, Node)), key=lambda row: row.id)
    return facts.nodes == tuple(nodes) and len(facts.edges) == WIDTH


def main(path: str, name: str, count: str, lease: str = str(LEASE)) -> None:
    """Write that many runs and tell each version as it is committed."""
    opened = (
        Neo4jStore(address(path), lease=float(lease)) if shared(path) else SqliteStore(Path(path))
    )
    with opened as store:
        for _ in range(int(count)):
            sys.stdout.write(f"{write(store, name)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
