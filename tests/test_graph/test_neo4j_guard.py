"""Cypher that users write: every trick to do more than read is refused before it runs, and what it asks for is bounded."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from neo4j_servers import NEEDS_SERVER, empty_store
from store_rows import USERS, node, ok, run_once

from graph.errors import QueryError
from graph.stores.neo4j import Neo4jStore

pytestmark = NEEDS_SERVER

TRICKS = {
    "create": "CREATE (n:Entity {id: 'x'}) RETURN n",
    "merge": "MERGE (n:Entity {id: 'x'}) RETURN n",
    "set": "MATCH (n:Entity) SET n.name = 'x' RETURN n",
    "remove": "MATCH (n:Entity) REMOVE n.name RETURN n",
    "delete": "MATCH (n:Entity) DETACH DELETE n",
    "foreach": "MATCH (n:Entity) FOREACH (x IN [1] | SET n.name = 'x')",
    "a writing subquery": "MATCH (n:Entity) CALL (n) { SET n.name = 'x' } RETURN n",
    "after a comment": "// only looking\nMATCH (n:Entity) SET n.name = 'x' RETURN n",
    "within a comment's end": "MATCH (n:Entity) /* harmless */ SET /* really */ n.name = 'x' RETURN n",
    "by unicode escapes": "MATCH (n:Entity) \\u0053\\u0045\\u0054 n.name = 'x' RETURN n",
    "by escapes of a keyword": "\\u0043REATE (n:Entity {id: 'x'}) RETURN n",
    "in small letters": "match (n:Entity) set n.name = 'x' return n",
    "a second statement": "RETURN 1; MATCH (n:Entity) SET n.name = 'x' RETURN n",
    "profiled": "PROFILE MATCH (n:Entity) SET n.name = 'x' RETURN n",
    "with planner options": "CYPHER runtime=slotted MATCH (n:Entity) SET n.name = 'x' RETURN n",
    "load from a file": "LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row",
    "load from an address": "MATCH (n:Entity) LOAD CSV FROM 'http://127.0.0.1:{port}/' + n.name AS row RETURN row",
    "load in a subquery": "MATCH (n:Entity) CALL (n) { LOAD CSV FROM 'http://127.0.0.1:{port}/' + n.name AS row RETURN row } RETURN row",
    "load in an exists": "MATCH (n:Entity) WHERE EXISTS { LOAD CSV FROM 'http://127.0.0.1:{port}/x' AS row RETURN row } RETURN n",
    "in transactions": "MATCH (n:Entity) CALL (n) { RETURN 1 AS x } IN TRANSACTIONS RETURN x",
    "writes in transactions": "MATCH (n:Entity) CALL (n) { SET n.name = 'x' } IN TRANSACTIONS",
    "end a transaction": "TERMINATE TRANSACTION 'neo4j-transaction-1'",
    "show then end": "SHOW TRANSACTIONS YIELD transactionId TERMINATE TRANSACTIONS transactionId YIELD message RETURN message",
    "show transactions": "SHOW TRANSACTIONS",
    "show settings": "SHOW SETTINGS YIELD name, value RETURN name, value",
    "show users": "SHOW USERS",
    "show procedures": "SHOW PROCEDURES YIELD name RETURN name",
    "show functions": "SHOW FUNCTIONS YIELD name RETURN name",
    "show indexes": "SHOW INDEXES",
    "show constraints": "SHOW CONSTRAINTS",
    "show databases": "SHOW DATABASES",
    "an index": "CREATE INDEX mine FOR (n:Entity) ON (n.name)",
    "drop a constraint": "DROP CONSTRAINT entity_id IF EXISTS",
    "a user": "CREATE USER eve SET PASSWORD 'password1'",
    "a password": "ALTER CURRENT USER SET PASSWORD FROM 'a' TO 'password1'",
    "a database": "CREATE DATABASE mine",
    "list connections": "CALL dbms.listConnections() YIELD connectionId RETURN connectionId",
    "end a connection": "CALL dbms.killConnection('bolt-1') YIELD message RETURN message",
    "clear caches": "CALL db.clearQueryCaches() YIELD value RETURN value",
    "collect statistics": "CALL db.stats.collect('QUERIES') YIELD success RETURN success",
    "list the configuration": "CALL dbms.listConfig('') YIELD name, value RETURN name, value",
    "set metadata": "CALL tx.setMetaData({user: 'x'})",
    "make an index by procedure": "CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()",
    "a procedure in backticks": "CALL `dbms`.`listConnections`() YIELD connectionId RETURN connectionId",
    "a procedure in a union": "CALL db.labels() YIELD label RETURN label UNION CALL dbms.components() YIELD name AS label RETURN label",
    "a procedure in a subquery": "CALL { CALL dbms.components() YIELD name RETURN name } RETURN name",
    "an optional procedure": "OPTIONAL CALL dbms.components() YIELD name RETURN name",
    "nothing": "",
    "no Cypher": "what is this",
}  # fmt: skip


@pytest.fixture(scope="module")
def asked_of() -> Iterator[tuple[int, list[str]]]:
    """A web server that notes what it is asked for."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"a,b\n")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            del format, args

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, paths
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Neo4jStore]:
    """A store with a few users."""
    with empty_store(tmp_path) as opened:
        run_once(opened, [node("User", f"u{n}", USERS, name=f"n{n}") for n in range(30)], ok(USERS))
        yield opened


def _everything(store: Neo4jStore) -> list[list[object]]:
    rows = store.link.read("MATCH (n) WHERE NOT n:Lock RETURN labels(n), properties(n)")
    return sorted(rows, key=repr)


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_is_refused_and_changes_nothing(
    trick: str, store: Neo4jStore, asked_of: tuple[int, list[str]]
) -> None:
    port, paths = asked_of
    before = _everything(store)

    with pytest.raises(QueryError):
        store.ask(TRICKS[trick].replace("{port}", str(port)), {}, most=10, seconds=5)

    assert _everything(store) == before
    assert paths == []


@pytest.mark.parametrize(
    "statement",
    [
        "MATCH (n:User) RETURN n.name AS name ORDER BY name",
        "// a remark\nMATCH (n:User) RETURN n.name AS name ORDER BY name",
        "MATCH (n:User) WHERE n.name <> 'SET x LOAD CSV' RETURN n.name AS name ORDER BY name",
        "MATCH (n:User) WITH n.name AS `delete` RETURN `delete` AS name ORDER BY name",
        "CALL { MATCH (n:User) RETURN n.name AS name } RETURN name ORDER BY name",
        "MATCH (n:User) RETURN n.name AS name UNION MATCH (n:User) RETURN n.name AS name",
    ],
)
def test_what_only_reads_is_answered(statement: str, store: Neo4jStore) -> None:
    answered = store.ask(statement, {}, most=100, seconds=5)
    assert answered.columns == ("name",)
    assert {row[0] for row in answered.rows} == {f"n{n}" for n in range(30)}
    assert not answered.more


def test_names_of_labels_and_properties_may_be_listed(store: Neo4jStore) -> None:
    answered = store.ask("CALL db.labels() YIELD label RETURN label", {}, most=100, seconds=5)
    assert ("Entity",) in answered.rows


def test_a_parameter_is_a_value_and_never_part_of_the_statement(store: Neo4jStore) -> None:
    hostile = "n1' OR true //"
    asked = "MATCH (n:User) WHERE n.name = $name RETURN n.name AS name"
    assert store.ask(asked, {"name": hostile}, most=9, seconds=5).rows == ()
    assert store.ask(asked, {"name": "n1"}, most=9, seconds=5).rows == (("n1",),)


def test_no_more_rows_come_than_were_asked_for(store: Neo4jStore) -> None:
    answered = store.ask("MATCH (a:User), (b:User), (c:User) RETURN a.name", {}, most=7, seconds=20)
    assert (len(answered.rows), answered.more) == (7, True)


def test_a_statement_that_takes_long_is_ended(store: Neo4jStore) -> None:
    began = time.monotonic()
    with pytest.raises(QueryError, match="longer than 1 s"):
        store.ask(
            "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b RETURN count(*)",
            {},
            most=1,
            seconds=1,
        )
    assert time.monotonic() - began < 60  # the server may act late


def test_values_of_every_sort_are_told_as_plain_ones(store: Neo4jStore) -> None:
    answered = store.ask(
        "MATCH (n:User {name: 'n1'}) RETURN n, [n, 1], {a: n.name}, null, true, 1.5, date('2026-01-02'), point({x: 1, y: 2})",
        {},
        most=1,
        seconds=5,
    )
    (row,) = answered.rows
    assert row[:6] == ("u1", ["u1", 1], {"a": "n1"}, None, True, 1.5)
    assert row[6] == "2026-01-02"
    assert row[7] == [1.0, 2.0]


def test_a_run_that_is_being_written_is_told(store: Neo4jStore) -> None:
    statement = "MATCH (n:User) RETURN count(n)"
    store.link.write("MATCH (s:Store) SET s.published = 1")
    assert store.ask(statement, {}, most=1, seconds=5).loading == ""
    store.link.write("CREATE (:Run {id: 2, state: 'applying', mark: 'x'})")
    assert "being written" in store.ask(statement, {}, most=1, seconds=5).loading
    store.link.write("MATCH (r:Run {id: 2}) DELETE r")
    store.link.write("MATCH (s:Store) SET s.published = 0")
    assert "older version" in store.ask(statement, {}, most=1, seconds=5).loading
