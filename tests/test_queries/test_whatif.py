"""What if: the difference of two views, against walks from everybody in both."""

from __future__ import annotations

from random import Random

import pytest
from builders import NOW, A, B, Land, allow, to, trusts
from estate_strategies import lands
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from resolved import Resolved, State

from access.change import facts_without
from access.decision import Revocable
from access.edit import Edit, edited, edits_of
from graph.errors import QueryError
from graph.model import Capability, Certainty, Facts, NodeId
from queries.again import Again
from queries.radii import actor_starts
from queries.whatif import WhatIf, what_if

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
PHASES = [phase for phase in Phase if phase not in {Phase.explain, Phase.shrink}]
some = settings(deadline=None, max_examples=40, suppress_health_check=SLOW, phases=PHASES)


def compared(before: Facts, after: Facts) -> WhatIf:
    return what_if(Again(before, NOW).view, Again(after, NOW).view, most=100_000)


def walked(before: Facts, after: Facts) -> dict[tuple[NodeId, State], tuple[object, object]]:
    """Everything that differs, by asking everybody in both."""
    old, new = Resolved(before), Resolved(after)
    found = {}
    for identity in sorted({*actors(old), *actors(new)}):
        was = old.reach(identity) if identity in old.nodes else {}
        is_ = new.reach(identity) if identity in new.nodes else {}
        for state in was.keys() | is_.keys():
            if was.get(state) is not is_.get(state):
                found[identity, state] = was.get(state), is_.get(state)
    return found


def actors(answer: Resolved) -> list[NodeId]:
    view = answer.view
    nodes = view.state_node[actor_starts(view)].tolist()
    return [view.nodes.ids[at] for at in nodes if view.kind_of(at) not in {"Group", "Person"}]


def told(found: WhatIf) -> dict[tuple[NodeId, State], tuple[object, object]]:
    return {
        (pair.identity, (pair.target, pair.capability)): (pair.before, pair.after)
        for pair in found.pairs
    }


def thought_of(facts: Facts, pick: Random) -> list[Edit]:
    """Every edit of a simple sort that the facts allow, in some order."""
    users = [node.id for node in facts.nodes if node.kind == "User"]
    groups = [node.id for node in facts.nodes if node.kind == "Group"]
    found = [
        Edit.of("leave", identity=e.source, group=e.target)
        for e in facts.edges
        if e.kind == "MEMBER_OF"
    ]
    found += [Edit.of("join", identity=user, group=group) for user in users for group in groups]
    for row in facts.attachments:
        if row.role.value == "identity" and row.policy:
            found.append(Edit.of("detach", identity=row.holder, policy=row.policy))
            found += [Edit.of("attach", identity=user, policy=row.policy) for user in users]
    found += [
        Edit.of("remove", node=node.id) for node in facts.nodes if node.kind in {"User", "Dataset"}
    ]
    pick.shuffle(found)
    return found


@some
@given(lands(widening=True), st.randoms(use_true_random=False))
def test_the_difference_is_that_of_two_walks_from_everybody(land: Land, pick: Random) -> None:
    before = land.facts()
    after = before
    for edit in thought_of(before, pick)[:2]:
        try:
            after = edited(after, [edit])
        except QueryError:
            continue  # it is so already, or gone with the edit before
    assume(after != before)

    found = compared(before, after)

    assert told(found) == walked(before, after)
    assert sum(number for _, number in found.counts) == len(found.pairs)
    assert found.identities == len({pair.identity for pair in found.pairs})


def test_nothing_changed_is_no_difference() -> None:
    land = Land(A)
    land.user("ana", allow("s3:GetObject", sid="Read"))
    land.bucket("b")

    found = compared(land.facts(), land.facts())

    assert (found.pairs, found.edges_gone, found.edges_new, found.remaining) == ((), 0, 0, None)


def two_ways() -> tuple[Land, NodeId, NodeId]:
    """A user who reads a bucket by an own statement and by a group."""
    land = Land(A)
    user, bucket = land.user("ana", allow("s3:GetObject", sid="Own")), land.bucket("b")
    group = land.group("readers")
    land.inline(group, "read", allow("s3:GetObject", sid="Group"))
    land.member(user, group)
    return land, user, bucket


def test_a_removal_that_ends_nothing_names_another_route() -> None:
    land, user, bucket = two_ways()
    before = land.facts()
    after = edited(
        before, [Edit.of("leave", identity=user, group=f"arn:aws:iam::{A}:group/readers")]
    )

    found = compared(before, after)

    assert found.count("lost") == 0
    assert found.edges_gone > 0
    assert found.remaining is not None
    assert (found.remaining.identity, found.remaining.target) == (user, bucket)
    assert found.remaining.routes == 1


def test_who_goes_loses_what_everyone_may_and_nothing_of_everyone_itself() -> None:
    land = Land(A)
    user = land.user("ana")
    statement = allow("s3:GetObject", "arn:aws:s3:::open/*", sid="Open")
    bucket = land.bucket("open", to("*", statement))
    before = land.facts()
    after = edited(before, [Edit.of("remove", node=user)])

    found = compared(before, after)

    assert {(p.identity, p.target, p.word) for p in found.pairs} == {(user, bucket, "lost")}
    assert told(found) == walked(before, after)


def test_the_last_way_is_lost() -> None:
    land, user, bucket = two_ways()
    before = land.facts()
    after = edited(
        before,
        [
            Edit.of("leave", identity=user, group=f"arn:aws:iam::{A}:group/readers"),
            Edit.of("remove_statement", of=user, sid="Own"),
        ],
    )

    found = compared(before, after)

    assert (user, bucket, Capability.READ, Certainty.DEFINITE, None) in {
        (p.identity, p.target, p.capability, p.before, p.after) for p in found.pairs
    }


def test_a_new_trust_opens_another_account() -> None:
    land = Land(A, B)
    user = land.user("ana", allow("sts:AssumeRole", sid="Become"))
    role = land.role("reader", account=B, trust=[trusts(f"arn:aws:iam::{B}:root")])
    before = land.facts()
    trust = {"Version": "2012-10-17", "Statement": [trusts(user)]}
    (edit,) = edits_of([{"op": "put_trust", "role": role, "document": trust}])

    found = compared(before, edited(before, [edit]))

    assert (user, role, "gained") in {(p.identity, p.target, p.word) for p in found.pairs}
    assert found.grants_new >= 1


def test_taking_a_revocable_away_is_one_of_the_changes() -> None:
    land, user, _ = two_ways()
    before = land.facts()
    answer = Resolved(before)
    grant, _, target = next(answer.held(user))
    gone: Revocable = next(
        one
        for need in answer.explainer.needs(grant, user, target)
        for way in need.alternatives
        for one in way.revocables
    )

    found = compared(before, facts_without(before, [gone]))

    assert told(found) == walked(before, facts_without(before, [gone]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "no list"),
        ([], "no list"),
        ([{"op": "burn"}], "change 1 has no known `op`"),
        ([{"op": "leave", "identity": "u"}], "change 1, `leave`, has not what it needs"),
        ([{"op": "leave", "identity": "u", "group": ""}], "`group` is no text"),
        ([{"op": "put_managed", "policy": "p", "document": "{"}], "no JSON"),
        ([{"op": "put_managed", "policy": "p", "document": {}}], "no Statement"),
    ],
)
def test_what_is_no_change_is_refused_with_its_place(content: object, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        edits_of(content)


def test_a_change_that_changes_nothing_or_names_nobody_is_refused() -> None:
    land, user, bucket = two_ways()
    facts = land.facts()
    group = f"arn:aws:iam::{A}:group/readers"

    with pytest.raises(QueryError, match="it is so already"):
        edited(facts, [Edit.of("join", identity=user, group=group)])
    with pytest.raises(QueryError, match="not in the graph"):
        edited(facts, [Edit.of("join", identity="nobody", group=group)])
    with pytest.raises(QueryError, match="no managed policy"):
        edited(facts, [Edit.of("attach", identity=user, policy="arn:aws:iam::1:policy/p")])
    with pytest.raises(QueryError, match="it is so already"):
        edited(facts, [Edit.of("remove_statement", of=bucket, sid="Other")])
