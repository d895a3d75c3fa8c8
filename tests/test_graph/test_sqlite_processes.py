"""Several processes and threads over one SQLite store, and writers that are killed."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pytest
from store_rows import START, USERS, ids, node, ok, run_once
from store_writer import WIDTH, call, whole, write
from writing_processes import FOREVER, first, told, writer

from graph.errors import StoreError
from graph.model import RunId
from graph.stores.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of an empty store."""
    SqliteStore(tmp_path / "store.db", create=True).close()
    return tmp_path / "store.db"


def test_a_killed_writer_leaves_the_last_committed_run_whole(path: Path) -> None:
    chance = random.Random(7)  # noqa: S311  # moments, not secrets
    for _ in range(20):
        with writer(path, "w", FOREVER) as process:
            first(process)
            time.sleep(chance.uniform(0, 0.2))
            process.kill()
            acknowledged = max(told(process), default=0)
        with SqliteStore(path) as store:
            version = store.version()
            assert version >= acknowledged
            assert whole(store, "w")
            assert {change.run for change in store.changes(since=RunId(version - 1))} == {version}
            assert len(store.runs()) == version


def test_a_run_after_a_killed_one_finds_nothing_in_its_way(path: Path) -> None:
    with writer(path, "w", FOREVER) as process:
        first(process)
    with SqliteStore(path) as store:
        before = store.version()
        assert write(store, "w") == before + 1


def test_a_reader_sees_whole_runs_while_another_process_writes(path: Path) -> None:
    seen: set[int] = set()
    with writer(path, "w", 15) as process, SqliteStore(path) as store:
        first(process)
        while process.poll() is None:
            users = {one.id.split("-")[1] for one in store.nodes(kinds=frozenset({"User"}))}
            facts = store.facts()
            runs = {one.id.split("-")[1] for one in facts.nodes if one.kind == "User"}
            assert (len(users), len(runs), len(facts.edges)) == (1, 1, WIDTH)
            assert {edge.source for edge in facts.edges} <= {one.id for one in facts.nodes}
            seen.update(map(int, runs))
    assert len(seen) > 1


def test_two_writing_processes_take_turns(path: Path) -> None:
    with writer(path, "a", 6) as one, writer(path, "b", 6) as other:
        versions = [*told(one), *told(other)]
    assert sorted(versions) == list(range(1, 13))
    with SqliteStore(path) as store:
        assert [store.asserted(call(name)) for name in ("a", "b")] == [2 * WIDTH + 1] * 2


def test_a_writer_that_loses_patience_says_who_is_in_the_way(path: Path) -> None:
    with (
        SqliteStore(path) as store,
        SqliteStore(path, patience=0.01) as hasty,
        store.begin(started=START, tool_version="test"),
        pytest.raises(StoreError, match="held by another run"),
    ):
        hasty.begin(started=START, tool_version="test")


def test_a_writer_waits_for_another_thread(path: Path) -> None:
    with SqliteStore(path) as store:
        run = store.begin(started=START, tool_version="test")
        second = threading.Thread(target=lambda: run_once(store, [node("User", "u")], ok(USERS)))
        second.start()
        run.commit()
        second.join()
        assert (store.version(), ids(store)) == (2, ["u"])


def test_readers_do_not_wait_for_a_result_that_waits_for_a_run(path: Path) -> None:
    with SqliteStore(path) as store:
        run = store.begin(started=START, tool_version="test")
        waiting = threading.Thread(target=lambda: store.put_results("reach", "{}"))
        waiting.start()
        assert store.version() == 0
        run.commit()
        waiting.join()
        assert store.results("reach") == "{}"


def test_a_closed_store_says_so_in_one_line(path: Path) -> None:
    store = SqliteStore(path)
    store.close()
    with pytest.raises(StoreError, match=r"closed database$"):
        store.version()


def test_threads_share_a_store(path: Path) -> None:
    with SqliteStore(path) as store:
        write(store, "w")
        counts: list[int] = []

        def read() -> None:
            for _ in range(5):
                counts.append(sum(1 for _ in store.nodes()) + store.version())
                store.get(node("User", "w-1-000").id)

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert counts == [WIDTH + 2] * 20
