"""Cases of the foundation over two runs of a real store: what was refused, who left, what changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import DETAILS, NOW, REGION, A, B, Land, allow, trusts
from resolved import reach

from access.resolve import resolve
from graph.model import Batch, Capability, Certainty, Change, NodeId, Outcome, RunId
from graph.projection import view_of
from graph.store import Store
from graph.stores import open_store

READ, CONTROL = Capability.READ, Capability.CONTROL
LATER = NOW + timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(str(tmp_path / "estate.db"), create=True)
    yield made
    made.close()


def commit(
    store: Store, land: Land, *, now: datetime = NOW, refused: frozenset[str] = frozenset()
) -> RunId:
    """The land as one run; calls of the refused accounts are denied and say nothing."""
    batch, coverage = land.batch(), []
    for row in land.facts().coverage:
        outcome = Outcome.DENIED if row.key.scope in refused else Outcome.OK
        coverage.append(type(row)(row.key, outcome))

    def said(row: object) -> bool:
        keys = getattr(row, "asserted_by", frozenset())
        return not any(key.scope in refused for key in keys)

    kept = Batch(
        tuple(filter(said, batch.nodes)),
        tuple(filter(said, batch.edges)),
        tuple(filter(said, batch.attachments)),
        batch.documents,
    )
    with store.begin(started=now, tool_version="test") as run:
        run.cover(tuple(coverage))
        run.put(kept)
        run.close_unseen()
        run.conclude(resolve(run.facts(), instant=now))
        return run.commit().record.id


def changes(store: Store, since: RunId) -> list[Change]:
    return list(store.changes(since=since))


# 14: IAM of the other account refused in the second run


def two_accounts() -> tuple[Land, NodeId, NodeId, NodeId]:
    land = Land(A, B)
    user = land.user("ana", allow("sts:AssumeRole", f"arn:aws:iam::{B}:role/there", sid="Go"))
    there = land.role("there", allow("s3:GetObject", "*"), trust=[trusts(user)], account=B)
    bucket = land.bucket("b", account=B)
    return land, user, there, bucket


def test_what_leads_into_an_account_whose_iam_is_refused_later_stays(store: Store) -> None:
    land, user, there, bucket = two_accounts()
    commit(store, land)
    before = reach(view_of(store, cache=None), user)
    assert {(there, CONTROL), (bucket, READ)} <= set(before)
    commit(store, land, now=LATER, refused=frozenset({B}))
    assert reach(view_of(store, cache=None), user) == before


def test_nothing_closes_in_a_run_whose_calls_were_refused(store: Store) -> None:
    land, *_names = two_accounts()
    first = commit(store, land)
    commit(store, land, now=LATER, refused=frozenset({B}))
    assert [change for change in changes(store, first) if change.op == "removed"] == []


def test_what_leads_there_is_marked_with_the_last_read_of_the_other_account(store: Store) -> None:
    land, user, there, _bucket = two_accounts()
    commit(store, land)
    commit(store, land, now=LATER, refused=frozenset({B}))
    grants = {
        edge.target for edge in store.edges(kinds=frozenset({"HOLDS"})) if edge.source == user
    }
    (into,) = [
        edge.source
        for edge in store.edges(kinds=frozenset({"ON"}))
        if edge.source in grants and edge.target == there
    ]
    grant = store.get(into)
    assert grant is not None
    assert (
        f"stale: aws/{B}/global/{DETAILS}, last read {NOW:%Y-%m-%d %H:%M}"
        in grant.props["assumptions"]
    )


# 23: somebody left


def test_a_leaver_whom_a_notebook_still_names_is_not_present_and_moves_nothing(
    store: Store,
) -> None:
    land = Land()
    bucket = land.bucket("b")
    role = land.role("worker", trust=[trusts("sagemaker.amazonaws.com")])
    leaver = land.user("leaver", allow("s3:GetObject", "*"))
    notebook = land.notebook("lab", role, owner="leaver")
    listing = land.key(A, "sagemaker.list_notebook_instances", REGION)
    land.edge("OWNED_BY", notebook, leaver, listing)
    commit(store, land)
    assert (bucket, READ) in reach(view_of(store, cache=None), leaver)

    del land.nodes[leaver]
    land.attachments = {id_: row for id_, row in land.attachments.items() if row.holder != leaver}
    commit(store, land, now=LATER)
    left = store.get(leaver)
    assert left is not None
    assert left.present is False
    assert reach(view_of(store, cache=None), leaver) == {}
    owners = [edge.target for edge in store.edges(kinds=frozenset({"OWNED_BY"}))]
    assert owners == [leaver]


def test_a_leaver_whom_nothing_names_is_gone(store: Store) -> None:
    land = Land()
    leaver = land.user("leaver", allow("s3:GetObject", "*"))
    commit(store, land)
    del land.nodes[leaver]
    land.attachments = {id_: row for id_, row in land.attachments.items() if row.holder != leaver}
    commit(store, land, now=LATER)
    assert store.get(leaver) is None


# 26: the same again, and one statement edited


def busy() -> Land:
    land = Land(A, B)
    buckets = [land.bucket(name) for name in ("one", "two")]
    land.prefix(buckets[0], "p/")
    group = land.group("readers", allow("s3:GetObject", "arn:aws:s3:::one/*", sid="Read"))
    for name in ("ana", "ben"):
        land.member(land.user(name), group)
    land.user("cat", allow("s3:PutObject", "arn:aws:s3:::two/*", sid="Write"))
    land.user("dan", allow("iam:AddUserToGroup", group, sid="Join"))
    shared = land.managed("shared", allow("s3:GetObject", "arn:aws:s3:::two/*", sid="Two"))
    for name in ("r1", "r2"):
        land.attach(land.role(name, trust=[trusts(f"arn:aws:iam::{B}:root")]), shared)
    return land


def test_a_second_identical_run_changes_nothing(store: Store) -> None:
    first = commit(store, busy())
    commit(store, busy(), now=LATER)
    assert changes(store, first) == []


def test_an_edited_statement_changes_the_grants_that_depend_on_it_and_keeps_their_ids(
    store: Store,
) -> None:
    first = commit(store, busy())
    land = busy()
    office = {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    cat = f"arn:aws:iam::{A}:user/cat"
    before = {node.id: node for node in store.nodes(kinds=frozenset({"Grant"}))}
    land.inline(cat, "own", allow("s3:PutObject", "arn:aws:s3:::two/*", sid="Write", **office))
    commit(store, land, now=LATER)

    after = {node.id: node for node in store.nodes(kinds=frozenset({"Grant"}))}
    assert set(after) == set(before)
    changed = {change.row for change in changes(store, first) if change.row in before}
    assert changed == {id_ for id_, node in before.items() if node.props["holder"] == cat}
    assert {change.op for change in changes(store, first) if change.family == "node"} == {"changed"}


def test_the_edited_grant_tells_its_new_condition(store: Store) -> None:
    commit(store, busy())
    land = busy()
    office = {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    cat = NodeId(f"arn:aws:iam::{A}:user/cat")
    land.inline(cat, "own", allow("s3:PutObject", "arn:aws:s3:::two/*", sid="Write", **office))
    commit(store, land, now=LATER)
    reached = reach(view_of(store, cache=None), cat)
    assert reached[NodeId("arn:aws:s3:::two"), Capability.WRITE] is Certainty.CONDITIONAL
