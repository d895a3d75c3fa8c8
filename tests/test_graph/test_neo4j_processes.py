"""Several clients over one shared store: clients and servers that are killed, turns, lost turns, deadlocks."""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import neo4j as driver
import pytest
from neo4j_servers import (
    HEAP,
    NEEDS_SERVER,
    check_live,
    dying,
    empty_store,
    same_store,
    where,
    wiped,
)
from store_rows import GROUPS, START, USERS, ids, node, ok, run_once
from store_writer import LEASE, WIDTH, call, whole, write
from writing_processes import FOREVER, first, told, writer

from graph.errors import StoreError
from graph.model import Batch, Conclusions
from graph.projection import view_of
from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_link import Link, TooLargeError, Work, address, rows
from graph.stores.neo4j_live import Live
from graph.stores.neo4j_lock import Lock
from graph.stores.neo4j_run import Sender
from scripts.neo4j_server import Server

pytestmark = NEEDS_SERVER

KILLS = int(
    os.environ.get("SHADOWGRAPH_KILLS", "4")
)  # of the server; each needs some seconds to start


@pytest.fixture
def shared(tmp_path: Path) -> tuple[str, Mapping[str, str]]:
    """An empty store on the server, and the environment of its clients."""
    with empty_store(tmp_path):
        at, environment = where()
    said = {name: value for name, value in environment.items() if name.startswith("NEO4J_")}
    return str(at), {**said, "SHADOWGRAPH_REPLICAS": str(tmp_path / "writers")}


def later(folder: Path, **options: float) -> Neo4jStore:
    """The store opened once more."""
    at, environment = where()
    return Neo4jStore(at, environment=environment, replicas=folder / "later", **options)  # type: ignore[arg-type]  # patience and lease


def test_a_killed_writer_leaves_whole_versions_and_the_next_run_settles_what_it_left(
    tmp_path: Path, shared: tuple[str, Mapping[str, str]]
) -> None:
    chance = random.Random(7)  # noqa: S311  # moments, not secrets
    left: set[str] = set()
    for _ in range(20):
        with writer(shared[0], "w", FOREVER, shared[1]) as process:
            first(process)
            time.sleep(chance.uniform(0, 0.4))
            process.kill()
            acknowledged = max(told(process), default=0)
        with later(tmp_path, lease=LEASE) as store:
            version = store.version()
            assert version >= acknowledged
            assert whole(store, "w")
            states = {state for (state,) in store.link.read("MATCH (r:Run) RETURN r.state")}
            left |= states - {"committed"}
            assert store.unfinished() == (states != {"committed"})
            # What was applied in part is finished, what was sent in part is gone.
            finished = "applying" in states
            assert write(store, "w") == version + 1 + finished
            assert not store.unfinished()
            assert whole(store, "w")
            check_live(store)
    assert left  # or else no run was killed in the middle


@pytest.mark.parametrize(
    ("kind", "step", "lasts"),
    [(Sender, "_send_parts", False), (Live, "_nodes", True), (Live, "_edges", True)],
    ids=["while its record arrives", "before the nodes", "before the edges"],
)
def test_a_run_that_died_is_undone_where_its_record_is_not_whole_and_else_finished(
    kind: type, step: str, lasts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty_store(tmp_path) as store, later(tmp_path) as other:
        run_once(store, [node("User", "first")], ok(USERS))
        with dying(monkeypatch, kind, step):
            run_once(store, [node("User", "second")], ok(USERS))
        assert (ids(other), other.version(), other.unfinished()) == (["first"], 1, True)

        run_once(other, [node("Group", "third", GROUPS)], ok(GROUPS))

        assert ids(other) == (["second", "third"] if lasts else ["first", "third"])
        assert (other.version(), other.unfinished()) == (3 if lasts else 2, False)
        assert ids(store) == ids(other)
        check_live(other)


@pytest.fixture
def mortal(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of this test alone, which may be killed."""
    where()  # skips where none can be started
    if os.environ.get("NEO4J_URI"):
        pytest.skip("the server of NEO4J_URI is not ours to kill")
    with tempfile.TemporaryDirectory(prefix="neo4j-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder), heap=HEAP, settings=getattr(request, "param", ""))
        server.start()
        yield server
        server.stop()


@pytest.mark.timeout(600)
def test_a_killed_server_loses_no_version_and_the_next_run_completes(
    tmp_path: Path, mortal: Server
) -> None:
    chance = random.Random(11)  # noqa: S311  # moments, not secrets
    environment = {**mortal.environment, "SHADOWGRAPH_REPLICAS": str(tmp_path / "writers")}
    at = address(mortal.url)
    Neo4jStore(at, create=True, environment=environment, replicas=tmp_path / "made").close()
    for _ in range(KILLS):
        with writer(mortal.url, "w", FOREVER, environment) as process:
            first(process)
            time.sleep(chance.uniform(0, 0.4))
            mortal.kill()
            process.kill()
            acknowledged = max(told(process), default=0)
        mortal.start()
        with Neo4jStore(
            at, environment=environment, replicas=tmp_path / "later", lease=LEASE
        ) as store:
            version = store.version()
            assert version >= acknowledged
            assert whole(store, "w")
            assert write(store, "w") > version
            assert whole(store, "w")
            check_live(store)


@pytest.mark.timeout(600)
def test_a_client_goes_on_when_the_server_comes_back(tmp_path: Path, mortal: Server) -> None:
    with Neo4jStore(
        address(mortal.url), create=True, environment=mortal.environment, replicas=tmp_path
    ) as store:
        write(store, "w")
        mortal.kill()
        mortal.start()
        assert write(store, "w") == 2
        check_live(store)


def test_a_turn_is_nobody_elses_however_many_come_at_once(tmp_path: Path) -> None:
    inside: list[int] = []
    found: list[list[int]] = []

    def takes(link: Link, me: int) -> None:
        for _ in range(25):
            with Lock(link, patience=60) as lock:
                inside.append(me)
                link.writing(lock.hold)
                found.append(list(inside))
                inside.remove(me)

    with empty_store(tmp_path) as store, later(tmp_path) as other:
        threads = [
            threading.Thread(target=takes, args=(one.link, me))
            for me, one in enumerate([store, other, store, other])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 100  # each got every turn, and lost none
    assert all(len(one) == 1 for one in found)


def test_whoever_waits_for_a_run_to_arrive_is_told_how_far_it_has_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.stores.neo4j_live.BATCH_ROWS", 50)
    told: list[tuple[str, int, int]] = []
    with empty_store(tmp_path) as store:
        with store.begin(started=START, tool_version="test") as run:
            run.put(Batch.of([node("User", f"u{n}") for n in range(120)]))
            run.cover(ok(USERS))
            run.close_unseen()
            run.conclude(Conclusions())
            run.commit(told=lambda *step: told.append(step))
        # The nodes, and the list of what changed.
        sent = [done for stage, done, of in told if (stage, of) == ("send", 240)]
        assert sent == [50, 100, 120, 170, 220, 240]
        assert len(told) == len(sent)
        told.clear()
        view = view_of(store, cache=None)
        store.publish(view, {}, (), told=lambda *step: told.append(step))
        assert told[-1] == ("publish", view.size, view.size)


def test_two_writing_processes_take_turns(
    tmp_path: Path, shared: tuple[str, Mapping[str, str]]
) -> None:
    own = {**shared[1], "SHADOWGRAPH_REPLICAS": str(tmp_path / "others")}
    # A turn long enough that a busy machine does not end it.
    with (
        writer(shared[0], "a", 4, shared[1], "60") as one,
        writer(shared[0], "b", 4, own, "60") as other,
    ):
        versions = [*told(one), *told(other)]
    assert sorted(versions) == list(range(1, 9))
    with later(tmp_path) as store:
        assert [store.asserted(call(name)) for name in ("a", "b")] == [2 * WIDTH + 1] * 2
        check_live(store)


def test_a_reader_sees_whole_runs_while_another_process_writes(
    tmp_path: Path, shared: tuple[str, Mapping[str, str]]
) -> None:
    seen: set[int] = set()
    with writer(shared[0], "w", 8, shared[1]) as process, later(tmp_path) as store:
        first(process)
        while process.poll() is None:
            facts = store.facts()
            runs = {one.id.split("-")[1] for one in facts.nodes if one.kind == "User"}
            assert (len(runs), len(facts.edges)) == (1, WIDTH)
            seen.update(map(int, runs))
    assert len(seen) > 1


def test_a_writer_that_loses_patience_says_who_is_in_the_way(tmp_path: Path) -> None:
    with (
        empty_store(tmp_path) as store,
        later(tmp_path, patience=0.01) as hasty,
        store.begin(started=START, tool_version="test"),
        pytest.raises(StoreError, match=f"held by another run .*process {os.getpid()}"),
    ):
        hasty.begin(started=START, tool_version="test")


def test_a_writer_whose_turn_ended_writes_nothing_more(tmp_path: Path) -> None:
    with empty_store(tmp_path) as slow, later(tmp_path) as other:
        run = slow.begin(started=START, tool_version="test")
        run.put(_users("slow"))
        run.cover(ok(USERS))
        # As after a machine that slept: the server's clock has passed the end of the turn.
        slow.link.write("MATCH (lock:Lock) SET lock.expires = 0")
        run_once(other, [node("User", "other")], ok(USERS))
        with pytest.raises(StoreError, match="another one began"):
            run.commit()
        assert ids(slow) == ["other"]
        assert not slow.unfinished()
        check_live(slow)


def _users(*names: str) -> Batch:
    return Batch.of([node("User", name) for name in names])


def test_an_answer_of_a_deadlock_is_tried_again(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        store.link.write("UNWIND [1, 2] AS n CREATE (:Lock {name: 'n' + n, times: 0})")
        met, tries = threading.Barrier(2), []

        def both(one: str, other: str) -> None:
            def work(transaction: driver.ManagedTransaction) -> None:
                tries.append(one)
                rows(
                    transaction, "MATCH (l:Lock {name: $name}) SET l.times = l.times + 1", name=one
                )
                if len(tries) <= 2:
                    met.wait(10)  # each holds its own now, and asks for the other's
                rows(
                    transaction,
                    "MATCH (l:Lock {name: $name}) SET l.times = l.times + 1",
                    name=other,
                )

            store.link.writing(work)

        threads = [
            threading.Thread(target=both, args=pair) for pair in (("n1", "n2"), ("n2", "n1"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(tries) > 2
        found = store.link.read("MATCH (l:Lock) WHERE l.name IN ['n1', 'n2'] RETURN l.times")
        assert found == [[2], [2]]


def test_a_client_that_missed_versions_takes_only_what_changed(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store, same_store(tmp_path) as other:
        run_once(store, [node("User", f"u{n}") for n in range(300)], ok(USERS))
        assert len(ids(other)) == 300
        run_once(store, [node("User", f"u{n}") for n in range(299)], ok(USERS))
        run_once(store, [node("User", f"u{n}") for n in range(298)], ok(USERS))
        sizes = store.link.read("MATCH (p:Part) RETURN p.run, sum(size(p.data)) ORDER BY p.run")
        assert ids(other) == ids(store)
        assert len(ids(other)) == 298
        assert sizes[1][1] < sizes[0][1] / 4


def test_records_that_grew_long_are_replaced_by_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.stores.neo4j_journal.PART_BYTES", 1 << 10)
    monkeypatch.setattr("graph.stores.neo4j_run.WHOLE_AFTER", 0.5)
    with empty_store(tmp_path) as store:
        for number in range(4):
            run_once(store, [node("User", f"u{number}-{n}") for n in range(200)], ok(USERS))
        found = store.link.read("MATCH (p:Part) RETURN DISTINCT p.run, p.whole ORDER BY p.run")
        with same_store(tmp_path) as other:
            assert list(other.nodes()) == list(store.nodes())
            assert list(other.changes()) == list(store.changes())
    assert [1, False] not in found
    assert any(whole_ for _, whole_ in found)


@pytest.mark.parametrize("mortal", ["db.memory.transaction.max=4m\n"], indirect=True)
def test_a_transaction_that_is_too_large_is_halved(tmp_path: Path, mortal: Server) -> None:
    asked: list[int] = []
    with Neo4jStore(
        address(mortal.url), create=True, environment=mortal.environment, replicas=tmp_path
    ) as store:
        send = store.link.writing

        def counted(work: Work[Any]) -> Any:
            try:
                return send(work)
            except TooLargeError:
                asked.append(1)
                raise

        store.link.writing = counted  # type: ignore[method-assign]  # it only counts
        run_once(
            store, [node("User", f"u{n}", USERS, path="x" * 1_000) for n in range(3_500)], ok(USERS)
        )
        assert asked  # or else nothing was too large, and this test says nothing
        assert len(ids(store)) == 3_500
        check_live(store)


def test_a_server_without_a_store_a_wrong_password_and_no_server_are_told_in_one_line(
    tmp_path: Path,
) -> None:
    at, environment = wiped()
    with pytest.raises(StoreError, match="no store at"):
        Neo4jStore(at, environment=environment, replicas=tmp_path)
    if not os.environ.get("NEO4J_URI"):
        with pytest.raises(StoreError, match="refuses this user") as caught:
            Link(at, {"NEO4J_USERNAME": "neo4j", "NEO4J_PASSWORD": "not-this-one"})
        assert "not-this-one" not in str(caught.value)
    with pytest.raises(StoreError, match=r"bolt://127\.0\.0\.1:1"):
        Link(address("bolt://127.0.0.1:1"), {})


@pytest.mark.parametrize("name", ["../../elsewhere", "/etc", "", "A" * 32])
def test_a_server_does_not_say_where_copies_lie(name: str, tmp_path: Path) -> None:
    empty_store(tmp_path).close()
    at, environment = where()
    link = Link(at, environment)
    link.write("MATCH (s:Store) SET s.uid = $name", name=name)
    link.close()
    with pytest.raises(StoreError, match="no name of a store"):
        Neo4jStore(at, environment=environment, replicas=tmp_path / "later")
    assert not (tmp_path / "later").exists()


@pytest.mark.parametrize(
    "url", ["neo4j://ana:secret@host", "bolt://", "neo4j://host:port", "neo4j://host/a/b"]
)
def test_an_address_of_no_server_is_refused_and_no_password_is_repeated(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        address(url)
    assert "secret" not in str(caught.value)
