"""A store copied to a server and back: everything that it told it tells there, and nothing is ever replaced."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from neo4j_servers import NEEDS_SERVER, check_live, dying, same_store, wiped
from store_rows import GROUPS, USERS, edge, node, observation, ok, run_once

from graph.errors import StoreError
from graph.model import Conclusions, Decision, Edge, FindingRow, Node, NodeId, RunId, Status
from graph.store import Store
from graph.stores.copying import Copied, copy_store
from graph.stores.neo4j_live import Live
from graph.stores.neo4j_run import Sender
from graph.stores.sqlite import SqliteStore

pytestmark = NEEDS_SERVER

ODD = "u\ud800`'\"\u202e"


def filled(path: Path) -> SqliteStore:
    """A store with a history: rows that came, changed and went, conclusions, findings, decisions and results."""
    store = SqliteStore(path, create=True)
    group = node("Group", "g", GROUPS, name="g")
    for number in range(3):
        users = [
            node("User", f"u{n}", USERS, name=f"{n} in {number}", tags={"n": "1"})
            for n in range(number, 5)
        ]
        rows = [
            *users,
            node("User", ODD),
            group,
            edge("MEMBER_OF", users[0].id, "g"),
            observation(ODD, "seen", f"{number}"),
        ]
        grant = Node(NodeId("grant:1"), "Grant", {"capability": "READ", "how": "trust"})
        concluded = Conclusions((grant,), (Edge("HOLDS", NodeId("g"), grant.id),))
        run_once(store, rows, ok(USERS, GROUPS), conclusions=concluded)
        store.put_results("audit", f'{{"run": {number}}}')
    store.put_findings(
        [
            FindingRow(
                f"finding:{n}",
                "sh-001",
                NodeId(ODD),
                RunId(1),
                RunId(2),
                RunId(3),
                Status.OPEN,
                "{}",
            )
            for n in range(3)
        ]
    )
    for word in ("keep", "revoke"):
        store.decide(Decision(datetime(2026, 1, 1, tzinfo=UTC), "ana", ODD, word, "because"))
    return store


def same(one: Store, other: Store) -> None:
    """Everything that a store can be asked for is the same in both."""
    assert list(one.nodes()) == list(other.nodes())
    assert list(one.edges()) == list(other.edges())
    assert one.facts() == other.facts()
    assert list(one.observations()) == list(other.observations())
    assert one.coverage() == other.coverage()
    assert one.runs() == other.runs()
    assert list(one.changes()) == list(other.changes())
    assert list(one.findings()) == list(other.findings())
    assert one.decisions() == other.decisions()
    assert [one.results("audit", version=n) for n in range(5)] == [other.results("audit", version=n) for n in range(5)]  # fmt: skip


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The address of an empty server, with user and password in the environment."""
    at, environment = wiped()
    for name, value in environment.items():
        if name.startswith("NEO4J_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("SHADOWGRAPH_REPLICAS", str(tmp_path / "copies"))
    return str(at)


def test_a_store_goes_to_a_server_and_back_whole(tmp_path: Path, server: str) -> None:
    path = tmp_path / "own.db"
    with filled(path) as own:
        made = copy_store(str(path), server)
        assert made == Copied(3, 6, 2, 3, 2)
        with same_store(tmp_path) as shared:
            same(shared, own)
            check_live(shared)
        assert copy_store(server, str(tmp_path / "back.db")) == made
        with SqliteStore(tmp_path / "back.db") as back:
            same(back, own)


def test_a_copied_store_goes_on_like_any_other(tmp_path: Path, server: str) -> None:
    path = tmp_path / "own.db"
    filled(path).close()
    copy_store(str(path), server)
    with same_store(tmp_path) as shared, SqliteStore(path) as own:
        for store in (shared, own):
            run_once(store, [node("User", "u9")], ok(USERS))
        assert list(shared.nodes()) == list(own.nodes())
        assert [c.row for c in shared.changes(since=RunId(3))] == [c.row for c in own.changes(since=RunId(3))]  # fmt: skip
        assert shared.decide(Decision(datetime(2026, 1, 2, tzinfo=UTC), "ben", "u9", "keep", "so")).number == 3  # fmt: skip
        check_live(shared)
        with same_store(tmp_path) as other:
            assert list(other.nodes()) == list(own.nodes())


def test_nothing_is_copied_over_something(tmp_path: Path, server: str) -> None:
    path = tmp_path / "own.db"
    filled(path).close()
    copy_store(str(path), server)
    for source, target in ((str(path), server), (server, str(path))):
        with pytest.raises(StoreError, match="is not empty"):
            copy_store(source, target)
    with pytest.raises(StoreError, match="no store at"):
        copy_store(str(tmp_path / "nowhere.db"), server)


def test_a_copy_that_died_in_the_middle_is_finished_or_undone_by_the_next_run(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.db"
    filled(path).close()

    with dying(monkeypatch, Live, "_edges"):
        copy_store(str(path), server)
    with same_store(tmp_path) as shared, SqliteStore(path) as own:
        assert shared.version() == 0
        assert shared.unfinished()
        run_once(shared, [node("User", "u9")], ok(USERS))
        run_once(own, [node("User", "u9")], ok(USERS))
        assert shared.version() == 4
        assert list(shared.nodes()) == list(own.nodes())
        assert not shared.unfinished()
        assert list(shared.findings()) == list(own.findings())
        assert shared.decisions() == own.decisions()
        assert shared.results("audit", version=3) == own.results("audit", version=3)
        check_live(shared)


def test_a_copy_that_died_before_its_runs_arrived_is_begun_again(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.db"
    filled(path).close()

    with dying(monkeypatch, Sender, "_send_parts"):
        copy_store(str(path), server)
    assert copy_store(str(path), server) == Copied(3, 6, 2, 3, 2)
    with same_store(tmp_path) as shared, SqliteStore(path) as own:
        same(shared, own)


def test_an_empty_store_is_copied_as_one(tmp_path: Path, server: str) -> None:
    SqliteStore(tmp_path / "own.db", create=True).close()
    assert copy_store(str(tmp_path / "own.db"), server) == Copied(0, 0, 0, 0, 0)
