"""What the SQLite store keeps beside what its readers tell: first and last change, its write-ahead log, plans."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from store_rows import BUCKETS, GROUPS, USERS, edge, node, ok, run_once

from graph.model import Conclusions, Edge, Node, NodeId, RunId
from graph.stores import sqlite_reading, sqlite_settle
from graph.stores.sqlite import SqliteStore
from graph.stores.sqlite_tables import FAMILIES, staging

RUNS = "SELECT first_run, changed_run FROM {} ORDER BY first_run, changed_run"
PAIR = (node("User", "u"), node("Group", "g"), edge("MEMBER_OF", "u", "g"))
GRANT = Conclusions(
    (Node(NodeId("grant:1"), "Grant"),), (Edge("HOLDS", NodeId("u"), NodeId("grant:1")),)
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "store.db", create=True) as opened:
        yield opened


def runs(store: SqliteStore, node_id: str) -> tuple[int, int]:
    """First and last run that changed a node."""
    with closing(sqlite3.connect(store.path)) as link:
        return link.execute(
            "SELECT first_run, changed_run FROM nodes JOIN names USING (id) WHERE text = ?",
            (node_id,),
        ).fetchone()


def test_an_unchanged_row_keeps_its_runs(store: SqliteStore) -> None:
    for day in range(3):
        run_once(store, PAIR, ok(USERS), conclusions=GRANT, day=day)
    assert (runs(store, "u"), runs(store, "grant:1")) == ((1, 1), (1, 1))


def test_a_changed_row_keeps_its_first_run(store: SqliteStore) -> None:
    run_once(store, PAIR, ok(USERS))
    run_once(store, [node("User", "u", name="new"), *PAIR[1:]], ok(USERS), day=1)
    assert (runs(store, "u"), runs(store, "g")) == ((1, 2), (1, 1))


def test_a_row_that_one_more_call_asserts_has_not_changed(store: SqliteStore) -> None:
    run_once(store, PAIR, ok(USERS))
    run_once(store, [*PAIR, node("User", "u", GROUPS)], ok(USERS, GROUPS), day=1)
    assert runs(store, "u") == (1, 1)


def test_a_row_that_went_and_came_is_new(store: SqliteStore) -> None:
    run_once(store, PAIR, ok(USERS))
    run_once(store, [], ok(USERS), day=1)
    run_once(store, PAIR, ok(USERS), day=2)
    assert runs(store, "u") == (3, 3)


def test_an_end_that_becomes_absent_has_changed(store: SqliteStore) -> None:
    notebook = (node("Notebook", "nb", BUCKETS), edge("OWNED_BY", "nb", "u", BUCKETS))
    run_once(store, [node("User", "u"), *notebook], ok(USERS, BUCKETS))
    run_once(store, notebook, ok(USERS, BUCKETS), day=1)
    assert runs(store, "u") == (1, 2)


def test_a_conclusion_drawn_back_within_a_run_has_not_changed(store: SqliteStore) -> None:
    run_once(store, PAIR, ok(USERS), conclusions=GRANT)
    with store.begin(started=store.runs()[0].started, tool_version="test") as run:
        run.conclude(Conclusions((Node(NodeId("grant:1"), "Grant", {"how": "trust"}),)))
        run.conclude(GRANT)
        run.commit()
    assert (runs(store, "grant:1"), list(store.changes(since=RunId(1)))) == ((1, 1), [])


def test_a_closed_store_is_one_file(store: SqliteStore) -> None:
    run_once(store, PAIR, ok(USERS))
    store.close()
    assert list(store.path.parent.iterdir()) == [store.path]


def plan(store: SqliteStore, statement: str) -> str:
    """How SQLite would go about a statement."""
    with closing(sqlite3.connect(store.path)) as link:
        for line in staging():
            link.execute(line)
        parameters = {"run": 1} if ":run" in statement else ("x",) * statement.count("?")
        return " / ".join(
            row[3] for row in link.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        )


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.live)
@pytest.mark.parametrize(
    "template",
    sorted(name for name in vars(sqlite_settle) if name.startswith(("_TOUCH_", "_KEEP_", "_LOG"))),
)
def test_no_statement_over_whole_tables_builds_an_index_of_its_own(
    store: SqliteStore, family: object, template: str
) -> None:
    text = getattr(sqlite_settle, template)
    statement = family.fill(text) if "$" in text else text  # type: ignore[attr-defined]  # a family
    assert "AUTOMATIC" not in plan(store, statement)


def test_edges_are_read_without_sorting_them_all(store: SqliteStore) -> None:
    steps = plan(store, sqlite_reading._ALL_EDGES)
    assert "USE TEMP B-TREE FOR RIGHT PART OF ORDER BY" in steps
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps
