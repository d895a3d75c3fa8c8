"""Findings over runs: new, open, gone and unconfirmed are told apart, and a gap in the data ends nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from examples import share
from hypothesis import given
from hypothesis import strategies as st
from rule_cases import Case

from graph.errors import QueryError
from graph.model import Decision, FindingRow, Node, NodeId, RunId, RunRecord, Status
from queries.audit import Audit, Result, audit
from queries.decisions import What, checked, expired, own, standing
from queries.findings import findings_of, reconcile, since
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Rule, Severity, Unread, Verdict

THING = NodeId("arn:aws:s3:::thing")
START = datetime(2026, 11, 2, 6, tzinfo=UTC)
RULE = Rule(
    "x-000", "X-000", "A thing fails", Kind.FIELD, "GOV", Severity.HIGH, ("Dataset",), (), "Mend it.", lambda _: ()
)  # fmt: skip
PASS, FAIL, BLIND, AWAY = "pass", "fail", "blind", "away"


def world(*, away: bool = False) -> Inventory:
    node = {"id": THING, "kind": "Dataset", "props": {"name": "thing"}, "present": not away}
    return Case("none", "none", {"given": {"nodes": [node]}, "want": []}).inventory()


HERE, GONE = world(), world(away=True)


def run_of(what: str, before: tuple[FindingRow, ...], number: int) -> tuple[FindingRow, ...]:
    """The findings after one run in which the thing passed, failed, could not be assessed, or was away."""
    verdicts = {PASS: Verdict.PASS, FAIL: Verdict.FAIL, BLIND: Verdict.NOT_ASSESSED}
    rows = (Assessed(THING, verdicts[what], "so"),) if what in verdicts else ()
    made = Audit((Result(RULE, rows),))
    return reconcile(before, made, GONE if what == AWAY else HERE, run=RunId(number))


def slow(story: list[str]) -> tuple[Status, int, int, int, int | None] | None:
    """What is to stand after these runs: status, first, opened, last and closed run."""
    found: tuple[Status, int, int, int, int | None] | None = None
    for number, what in enumerate(story, start=1):
        if what == FAIL:
            if found is None:
                found = (Status.OPEN, number, number, number, None)
            elif found[0] is Status.GONE:
                found = (Status.OPEN, found[1], number, number, None)
            else:
                found = (Status.OPEN, found[1], found[2], number, None)
        elif found is not None and found[0] is not Status.GONE:
            if what == BLIND:
                found = (Status.UNCONFIRMED, *found[1:4], None)
            else:
                found = (Status.GONE, *found[1:4], number)
    return found


@share(0.2)
@given(st.lists(st.sampled_from([PASS, FAIL, BLIND, AWAY]), max_size=8))
def test_findings_after_any_runs_are_what_the_story_says(story: list[str]) -> None:
    rows: tuple[FindingRow, ...] = ()
    for number, what in enumerate(story, start=1):
        rows = run_of(what, rows, number)
        assert run_of(what, rows, number) == rows, "the same run asked twice changes nothing"

    told = [
        (one.status, one.first_run, one.opened_run, one.last_run, one.closed_run) for one in rows
    ]
    wanted = slow(story)
    assert told == ([] if wanted is None else [wanted])


def records(count: int) -> list[RunRecord]:
    return [
        RunRecord(RunId(n), START + timedelta(days=7 * n), START, n, "test", 1)
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("story", "part"),
    [
        ([PASS, FAIL], "new"),
        ([FAIL, FAIL], "open"),
        ([FAIL, PASS], "gone"),
        ([FAIL, AWAY], "gone"),
        ([FAIL, BLIND], "unconfirmed"),
    ],
)
def test_two_runs_a_week_apart_tell_what_became_of_a_finding(story: list[str], part: str) -> None:
    rows: tuple[FindingRow, ...] = ()
    for number, what in enumerate(story, start=1):
        rows = run_of(what, rows, number)
    found = findings_of(rows, records(2), (), now=START + timedelta(days=15))

    parts = since(found, RunId(1))

    counts = {
        name: len(getattr(parts, name))
        for name in ("new", "open", "gone", "unconfirmed", "accepted")
    }
    assert counts == {**dict.fromkeys(counts, 0), part: 1}


def test_what_came_back_is_new_and_keeps_when_it_was_first_seen() -> None:
    rows: tuple[FindingRow, ...] = ()
    for number, what in enumerate([FAIL, PASS, FAIL], start=1):
        rows = run_of(what, rows, number)
    (one,) = findings_of(rows, records(3), (), now=START)

    assert len(since([one], RunId(2)).new) == 1
    assert (one.first_seen, one.opened) == (records(3)[0].started, records(3)[2].started)


def test_another_finding_of_a_rule_that_read_only_a_part_is_not_gone() -> None:
    first = Audit(
        (Result(RULE, tuple(Assessed(THING, Verdict.FAIL, "so", identity=(who,)) for who in "ab")),)
    )
    rows = reconcile((), first, HERE, run=RunId(1))
    left = Assessed(THING, Verdict.FAIL, "so", identity=("a",))
    whole = Audit((Result(RULE, (left,)),))
    partial = Audit((Result(RULE, (replace(left, unread=(Unread("s3.get_bucket_policy"),)),)),))

    assert sorted(one.status for one in reconcile(rows, whole, HERE, run=RunId(2))) == [
        Status.GONE,
        Status.OPEN,
    ]
    assert sorted(one.status for one in reconcile(rows, partial, HERE, run=RunId(2))) == [
        Status.OPEN,
        Status.UNCONFIRMED,
    ]


def test_a_rule_that_raises_is_told_and_the_others_go_on() -> None:
    def broken(_: Inventory) -> tuple[Assessed, ...]:
        raise ValueError("no such column")

    made = audit(HERE, [replace(RULE, id="x-broken", ask=broken), RULE])

    assert [one.failed for one in made.results] == ["ValueError: no such column", ""]
    assert not made.complete
    rows = run_of(FAIL, (), 1)
    other = [replace(row, rule="x-broken") for row in rows]
    assert [one.status for one in reconcile(other, made, HERE, run=RunId(2))] == [
        Status.UNCONFIRMED
    ]


# Decisions


def decision(what: What, number: int, **more: object) -> Decision:
    made = Decision(START, "jo@example.com", "finding:a", what, "a reason", number=number)
    return replace(made, **more)  # type: ignore[arg-type]  # the fields of a decision


def test_the_newest_decision_stands_until_it_ends_or_is_withdrawn() -> None:
    soon = START + timedelta(days=1)
    accepted = decision(What.ACCEPT, 1, expires=soon)

    assert list(standing([accepted], now=START)) == [("finding:a", "accept")]
    assert standing([accepted], now=soon) == {}
    assert list(expired([accepted], now=soon)) == ["finding:a"]
    assert standing([accepted, decision(What.WITHDRAW, 2)], now=START) == {}
    assert expired([accepted, decision(What.WITHDRAW, 2)], now=soon) == {}


def test_verdicts_of_a_review_supersede_each_other_and_leave_the_owner_alone() -> None:
    made = [decision(What.OWNER, 1, value="o"), decision(What.KEEP, 2), decision(What.REVOKE, 3)]

    stands = standing(made, now=START)

    assert {key[1]: one.what for key, one in stands.items()} == {
        "owner": "owner",
        "review": "revoke",
    }


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"what": "forget"}, "nothing that can be decided"),
        ({"reason": " "}, "needs a reason"),
        ({"person": ""}, "needs a person"),
        ({"expires": None}, "a day on which it ends"),
        ({"expires": START - timedelta(days=1)}, "end before it is made"),
        ({"what": What.OWNER, "value": ""}, "names none"),
        ({"reason": "x" * 3_000}, "2,000 characters"),
    ],
)
def test_a_decision_that_is_none_is_refused_in_one_line(wrong: dict[str, object], why: str) -> None:
    right = decision(What.ACCEPT, 0, expires=START + timedelta(days=9))

    assert checked(right) == right
    with pytest.raises(QueryError, match=why):
        checked(replace(right, **wrong))  # type: ignore[arg-type]  # as above


def test_an_accepted_finding_is_counted_apart_and_comes_back_when_the_acceptance_ends() -> None:
    rows = run_of(FAIL, (), 1)
    accepted = replace(
        decision(What.ACCEPT, 1, expires=START + timedelta(days=30)), subject=rows[0].id
    )

    (during,) = findings_of(rows, records(1), [accepted], now=START + timedelta(days=10))
    (after,) = findings_of(rows, records(1), [accepted], now=START + timedelta(days=40))

    assert (during.active, len(since([during], None).accepted)) == (False, 1)
    assert (after.active, after.ran_out) == (True, accepted)


@pytest.mark.parametrize(
    "person", ["ann", "ANN@example.com", "ann@example.com", "arn:aws:iam::1:user/ann"]
)
def test_nobody_reviews_themselves_by_any_of_their_names(person: str) -> None:
    user = Node(NodeId("arn:aws:iam::1:user/ann"), "User", {"name": "ann"})
    human = Node(
        NodeId("person:ann@example.com"),
        "Person",
        {"name": "ann@example.com", "email": "ann@example.com"},
    )

    assert own(person, user, [human])
    assert not own("ben@example.com", user, [human])
