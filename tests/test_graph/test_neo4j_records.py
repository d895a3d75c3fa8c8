"""Records of a shared store: of an earlier format they are brought forward, and what no store file is is refused."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from neo4j_servers import NEEDS_SERVER, check_live, dying, empty_store, same_store
from store_rows import USERS, ids, node, ok, run_once

from graph.errors import StoreError
from graph.stores import neo4j_journal
from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_live import Live
from graph.stores.sqlite import SqliteStore
from graph.stores.sqlite_tables import STEPS

pytestmark = NEEDS_SERVER

OLDER = len(STEPS) - 1


def _older(file: Path) -> None:
    """The store file as a program of one format earlier wrote it: empty tables in the place of those of the last step."""
    with closing(sqlite3.connect(file, isolation_level=None)) as link:
        for table in ("findings", "decisions"):
            made = next(line for line in STEPS[0] if line.startswith(f"CREATE TABLE {table}"))
            link.execute(f"DROP TABLE {table}")
            link.execute(made)
        link.execute(f"PRAGMA user_version = {OLDER}")


def _stamped(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as link:
        link.execute(f"PRAGMA user_version = {OLDER}")


def _resent(
    store: Neo4jStore, change: Callable[[Path], None], folder: Path, *, whole: bool
) -> None:
    """Every record of this sort on the server, changed."""
    for (run,) in store.link.read(
        "MATCH (p:Part {whole: $whole}) RETURN DISTINCT p.run", whole=whole
    ):
        found = store.link.read("MATCH (p:Part {run: $run, whole: $whole}) RETURN p.data ORDER BY p.number", run=run, whole=whole)  # fmt: skip
        neo4j_journal.join((row[0] for row in found), folder / "record")
        change(folder / "record")
        store.link.write("MATCH (p:Part {run: $run, whole: $whole}) DELETE p", run=run, whole=whole)
        for number, data in enumerate(neo4j_journal.parts(folder / "record")):
            store.link.write("CREATE (:Part {run: $run, whole: $whole, number: $number, data: $data})", run=run, whole=whole, number=number, data=data)  # fmt: skip


def _aged(store: Neo4jStore, folder: Path) -> None:
    """The server as a program of one format earlier left it."""
    _resent(store, _older, folder, whole=True)
    _resent(store, _stamped, folder, whole=False)
    store.link.write("MATCH (s:Store) SET s.format = $older", older=OLDER)


def _two_runs(store: Neo4jStore) -> None:
    run_once(store, [node("User", "a"), node("User", "b")], ok(USERS))
    run_once(store, [node("User", "a"), node("User", "c")], ok(USERS))


def test_records_of_an_earlier_format_are_read_and_the_next_run_raises_the_store(
    tmp_path: Path,
) -> None:
    with empty_store(tmp_path) as first:
        _two_runs(first)
        _aged(first, tmp_path)
    with same_store(tmp_path) as store, same_store(tmp_path) as follower:
        assert (ids(store), ids(follower)) == (["a", "c"], ["a", "c"])
        run_once(store, [node("User", "c"), node("User", "d")], ok(USERS))
        assert ids(follower) == ["c", "d"]
        assert store.link.read("MATCH (s:Store) RETURN s.format") == [[len(STEPS)]]
        assert [len(list(one.changes())) for one in (store, follower)] == [6, 6]
        check_live(store)
    with same_store(tmp_path) as later:
        assert ids(later) == ["c", "d"]


def test_a_copy_that_was_brought_forward_does_not_hinder_records_of_the_earlier_format(
    tmp_path: Path,
) -> None:
    with empty_store(tmp_path) as store:
        run_once(store, [node("User", "a"), node("User", "b")], ok(USERS))
        with same_store(tmp_path) as follower:
            assert ids(follower) == ["a", "b"]  # its copy has the newest format
            run_once(store, [node("User", "a"), node("User", "c")], ok(USERS))
            _aged(store, tmp_path)
            assert ids(follower) == ["a", "c"]


def test_a_run_that_died_in_an_earlier_format_is_finished_in_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty_store(tmp_path) as store, same_store(tmp_path) as follower:
        run_once(store, [node("User", "a"), node("User", "b")], ok(USERS))
        assert ids(follower) == ["a", "b"]
        with dying(monkeypatch, Live, "_nodes"):
            run_once(store, [node("User", "a"), node("User", "c")], ok(USERS))
        _aged(store, tmp_path)
        run_once(follower, [node("User", "d")], ok(USERS))
        assert (ids(follower), follower.version()) == (["d"], 3)
        assert [one.version for one in follower.runs()] == [1, 2, 3]
        check_live(follower)


@pytest.mark.parametrize(
    "trick",
    [
        "CREATE TRIGGER quiet AFTER INSERT ON nodes BEGIN DELETE FROM nodes; END",
        "CREATE VIEW other AS SELECT * FROM nodes",
        "ALTER TABLE nodes ADD COLUMN more TEXT",
        "DROP INDEX edges_back",
        "PRAGMA application_id = 7",
    ],
)
def test_a_record_that_is_built_otherwise_than_a_store_is_refused(
    trick: str, tmp_path: Path
) -> None:
    def changed(file: Path) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as link:
            link.execute(trick)

    with empty_store(tmp_path) as store:
        run_once(store, [node("User", "a")], ok(USERS))
        _resent(store, changed, tmp_path, whole=True)
    with same_store(tmp_path) as other, pytest.raises(StoreError, match=r"no store|not a store"):
        list(other.nodes())


@pytest.mark.parametrize("whole", [True, False], ids=["of a whole version", "of what changed"])
@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        (lambda data: data[:-40], "cut short"),
        (lambda data: bytes([data[0]]) + bytes(len(data) - 1), "damaged"),
        (lambda data: zlib.compress(b"no file of SQLite" * len(data)), "not a database"),
        (lambda _: zlib.compress(b""), "none of ours|not a store|another format"),
    ],
    ids=["cut short", "damaged", "something else", "nothing"],
)
def test_a_record_that_is_spoiled_is_refused(
    spoiled: Callable[[bytes], bytes], why: str, whole: bool, tmp_path: Path
) -> None:
    with empty_store(tmp_path) as store:
        _two_runs(store)
        ((data,),) = store.link.read("MATCH (p:Part {whole: $whole}) RETURN p.data", whole=whole)
        store.link.write("MATCH (p:Part {whole: $whole}) SET p.data = $data", whole=whole, data=spoiled(data))  # fmt: skip
    with same_store(tmp_path) as other, pytest.raises(StoreError, match=why):
        list(other.nodes())


def test_a_record_that_names_columns_of_its_own_is_refused(tmp_path: Path) -> None:
    def changed(file: Path) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as link:
            link.execute("DROP TABLE gone_nodes")
            link.execute('CREATE TABLE gone_nodes ("id) IN (SELECT 1) OR (1" INTEGER)')

    with empty_store(tmp_path) as store:
        _two_runs(store)
        _resent(store, changed, tmp_path, whole=False)
    with same_store(tmp_path) as other, pytest.raises(StoreError, match="none of ours"):
        list(other.nodes())


def test_the_record_of_a_whole_version_holds_nothing_of_what_is_kept_beside_runs(
    tmp_path: Path,
) -> None:
    with empty_store(tmp_path) as store:
        run_once(store, [node("User", "a")], ok(USERS))
        store.put_results("audit", "{}")
        run_once(store, [node("User", "b")], ok(USERS))
        found = store.link.read("MATCH (p:Part {whole: true}) RETURN p.data ORDER BY p.number")
        neo4j_journal.join((row[0] for row in found), tmp_path / "record.db")
    with SqliteStore(tmp_path / "record.db") as held:
        assert list(held.all_results()) == []
