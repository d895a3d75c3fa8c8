"""What every store tells of changes, observations, coverage and results."""

from __future__ import annotations

import json
from itertools import pairwise

from store_rows import (
    BUCKETS,
    GROUPS,
    START,
    USERS,
    attachment,
    edge,
    key,
    node,
    not_ok,
    observation,
    ok,
    operations,
    run_once,
)

from graph.model import (
    Certainty,
    Change,
    Conclusions,
    Coverage,
    Edge,
    Node,
    NodeId,
    Outcome,
    RunId,
)
from graph.rows import attachment_of, edge_of, node_of, row_json
from graph.store import Store

MEMBERSHIP = (node("User", "u"), node("Group", "g"), edge("MEMBER_OF", "u", "g"))
GRANTED = Conclusions(
    (Node(NodeId("grant:1"), "Grant", {"capability": "READ"}),),
    (
        Edge("HOLDS", NodeId("u"), NodeId("grant:1"), inputs=frozenset({USERS})),
        Edge(
            "ON", NodeId("grant:1"), NodeId("g"), certainty=Certainty.CONDITIONAL, conditions=("x",)
        ),
    ),
)


def test_the_log_holds_every_added_row_as_canonical_json(store: Store) -> None:
    run_once(store, [*MEMBERSHIP, attachment("u", "p")], ok(USERS), conclusions=GRANTED)
    rows = {change.row: change for change in store.changes()}
    for one in store.nodes():
        assert rows[one.id].after == row_json(one)
    for relation in store.edges():
        assert rows[relation.id].after == row_json(relation)
    for held in store.attachments():
        assert rows[held.id].after == row_json(held)
    assert {(change.op, change.before) for change in rows.values()} == {("added", None)}


def test_a_second_identical_run_changes_nothing(store: Store) -> None:
    rows = [*MEMBERSHIP, attachment("u", "p"), node("Group", "g", GROUPS, name="from groups")]
    run_once(store, rows, ok(USERS, GROUPS), conclusions=GRANTED)
    written = run_once(store, reversed(rows), ok(USERS, GROUPS), conclusions=GRANTED, day=1)
    assert (operations(store, since=1), dict(written.facts), dict(written.conclusions)) == (
        [],
        {},
        {},
    )


def test_an_edited_row_changes_alone_and_keeps_its_id(store: Store) -> None:
    run_once(store, MEMBERSHIP, ok(USERS), conclusions=GRANTED)
    narrowed = Conclusions(
        GRANTED.nodes, (GRANTED.edges[0], Edge("ON", NodeId("grant:1"), NodeId("g"), cost=3))
    )
    run_once(store, MEMBERSHIP, ok(USERS), conclusions=narrowed, day=1)
    (change,) = store.changes(since=RunId(1))
    assert (change.op, change.row) == ("changed", GRANTED.edges[1].id)
    assert (change.before, change.after) == tuple(
        row_json(one.edges[1]) for one in (GRANTED, narrowed)
    )


def test_written_counts_facts_and_conclusions_apart(store: Store) -> None:
    run_once(store, MEMBERSHIP, ok(USERS), conclusions=GRANTED)
    written = run_once(store, [node("User", "u", name="new")], ok(USERS), day=1)
    assert dict(written.facts) == {"changed": 1, "removed": 2}
    assert dict(written.conclusions) == {"removed": 3}


def test_the_log_since_a_run_starts_after_it(store: Store) -> None:
    run_once(store, MEMBERSHIP, ok(USERS))
    run_once(store, [], ok(USERS), day=1)
    assert {change.op for change in store.changes(since=RunId(1))} == {"removed"}


def test_replaying_the_log_gives_the_live_rows(store: Store) -> None:
    run_once(store, [*MEMBERSHIP, attachment("u", "p")], ok(USERS), conclusions=GRANTED)
    run_once(store, [*MEMBERSHIP[:2], node("User", "v", name="v")], ok(USERS), day=1)
    live: dict[str, str] = {}
    for change in store.changes():
        assert live.get(change.row) == change.before
        live.pop(change.row, None)
        if change.after is not None:
            live[change.row] = change.after
    rows = [*store.nodes(), *store.edges(), *store.attachments()]
    assert sorted(live.values()) == sorted(map(row_json, rows))


def test_changes_read_back_as_rows(store: Store) -> None:
    run_once(store, [*MEMBERSHIP, attachment("u", "p")], ok(USERS), conclusions=GRANTED)
    readers = {"node": node_of, "edge": edge_of, "attachment": attachment_of}
    texts = [(change.family, change.after or "") for change in store.changes()]
    assert [row_json(readers[family](text)) for family, text in texts] == [t for _, t in texts]


# Observations, coverage, results.


def test_volatile_properties_become_observations(store: Store) -> None:
    seen = "2026-01-01T00:00:00+00:00"
    run_once(store, [node("Role", "r", name="r", last_used=seen)], ok(USERS))
    assert store.get(NodeId("r")) == node("Role", "r", name="r")
    assert list(store.observations()) == [observation("r", "last_used", seen)]


def test_a_new_observation_is_no_change(store: Store) -> None:
    for day in (1, 2):
        seen = f"2026-01-0{day}T00:00:00+00:00"
        run_once(store, [node("Role", "r", last_used=seen)], ok(USERS), day=day)
    assert operations(store, since=1) == []
    assert [one.value for one in store.observations()] == ["2026-01-02T00:00:00+00:00"]


def test_of_two_observations_the_newer_run_stands_and_both_calls_assert_it(store: Store) -> None:
    run_once(store, [node("User", "u"), observation("u", "calls", 5, USERS)], ok(USERS))
    run_once(store, [observation("u", "calls", 7, GROUPS)], ok(GROUPS), day=1)
    (found,) = store.observations()
    assert (found.value, found.asserted_by) == (7, {USERS, GROUPS})


def test_of_two_observations_of_one_run_the_last_key_stands(store: Store) -> None:
    rows = [observation("u", "calls", 5, USERS), observation("u", "calls", 7, GROUPS)]
    run_once(store, [node("User", "u"), *rows], ok(USERS, GROUPS))
    assert [one.value for one in store.observations()] == [5]


def test_an_observation_goes_when_its_call_no_longer_says_it(store: Store) -> None:
    run_once(store, [node("User", "u"), observation("u", "calls", 5, GROUPS)], ok(USERS, GROUPS))
    run_once(store, [node("User", "u")], ok(USERS, GROUPS), day=1)
    assert list(store.observations()) == []


def test_an_observation_stays_while_its_call_is_denied(store: Store) -> None:
    run_once(store, [node("User", "u"), observation("u", "calls", 5, GROUPS)], ok(USERS, GROUPS))
    run_once(store, [node("User", "u")], not_ok(Outcome.DENIED, GROUPS), day=1)
    assert [one.value for one in store.observations()] == [5]


def test_coverage_keeps_the_newest_outcome_and_when_it_was_last_whole(store: Store) -> None:
    run_once(store, [], ok(USERS, GROUPS))
    denied = Coverage(USERS, Outcome.DENIED, 0, "iam:ListUsers", "no", GROUPS)
    run_once(store, [], [denied], day=1)
    assert store.coverage() == (
        Coverage(GROUPS, Outcome.OK, last_ok=START),
        Coverage(USERS, Outcome.DENIED, 0, "iam:ListUsers", "no", GROUPS, START),
    )


def test_coverage_of_a_call_that_was_never_whole_has_no_last_time(store: Store) -> None:
    run_once(store, [], not_ok(Outcome.DENIED, USERS))
    assert [row.last_ok for row in store.coverage()] == [None]


def test_coverage_comes_in_key_order(store: Store) -> None:
    keys = [key(call, scope=scope) for call in ("b", "a", "é") for scope in ("2", "1")]
    run_once(store, [], ok(*keys))
    assert [row.key for row in store.coverage()] == sorted(keys)


def test_a_key_asserts_the_rows_that_it_said(store: Store) -> None:
    run_once(store, [*MEMBERSHIP, attachment("u", "p"), node("User", "u", GROUPS)], ok(USERS))
    assert [store.asserted(one) for one in (USERS, GROUPS, BUCKETS)] == [4, 1, 0]


def test_results_belong_to_a_version(store: Store) -> None:
    store.put_results("reach", "zero")
    run_once(store)
    store.put_results("reach", "first try")
    store.put_results("reach", "one")
    assert (store.results("reach"), store.results("reach", version=0)) == ("one", "zero")
    assert store.results("other") is None


def test_results_of_an_older_version_are_not_those_of_a_newer(store: Store) -> None:
    store.put_results("reach", json.dumps([]))
    run_once(store)
    assert store.results("reach") is None


def test_log_runs_grow(store: Store) -> None:
    for day in range(3):
        run_once(store, [node("User", f"u{day}")], ok(USERS), day=day)
    runs = [change.run for change in store.changes()]
    assert all(before <= after for before, after in pairwise(runs))


def test_the_log_of_one_node_is_the_part_of_the_log_that_names_it(store: Store) -> None:
    run_once(store, [*MEMBERSHIP, attachment("u", "p")], ok(USERS), conclusions=GRANTED)
    run_once(store, [node("User", "u"), node("Group", "g")], ok(USERS))
    whole = list(store.changes())
    for about in ("u", "g", "grant:1"):
        named = [change for change in whole if _names(change, NodeId(about))]
        assert list(store.changes(about=NodeId(about))) == named
        later = [change for change in named if change.run > 1]
        assert list(store.changes(since=RunId(1), about=NodeId(about))) == later
    assert list(store.changes(about=NodeId("nobody"))) == []


def _names(change: Change, about: NodeId) -> bool:
    said = json.loads(change.after or change.before or "{}")
    return about in {said.get("id"), said.get("source"), said.get("target"), said.get("holder")}


def test_the_edges_and_attachments_at_one_node_are_those_that_name_it(store: Store) -> None:
    run_once(store, [*MEMBERSHIP, attachment("u", "p")], ok(USERS), conclusions=GRANTED)
    for about in ("u", "g", "grant:1", "nobody"):
        ends = [edge for edge in store.edges() if about in {edge.source, edge.target}]
        assert list(store.edges(about=NodeId(about))) == ends
        held = [edge for edge in ends if edge.kind == "HOLDS"]
        assert list(store.edges(kinds=frozenset({"HOLDS"}), about=NodeId(about))) == held
        hung = [one for one in store.attachments() if one.holder == about]
        assert list(store.attachments(about=NodeId(about))) == hung
