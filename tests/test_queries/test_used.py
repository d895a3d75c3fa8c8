"""What was used is kept: the Revocables that observed use rests on, and cuts that leave them alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOW, A, Land, allow, trusts

from graph.model import Coverage, CoverageKey, NodeId, Observation, Outcome
from queries.again import Again
from queries.context import Context
from queries.cut import Terms, revocations
from queries.inventory import Inventory, Rows
from queries.use import Answer, anywhere
from queries.used import Uses, used_revocables
from queries.witness import Access, membership

LONG_AGO = "2020-01-01T00:00:00+00:00"
ONE, TWO = "arn:aws:s3:::one", "arn:aws:s3:::two"
ANA = NodeId(f"arn:aws:iam::{A}:user/ana")


def land() -> Again:
    """Ana reads two buckets by an own statement each; ben reads the first by the same group policy as she writes it."""
    made = Land(A)
    made.bucket("one")
    made.bucket("two")
    ana = made.user(
        "ana",
        allow("s3:GetObject", f"{ONE}/*", sid="ReadOne"),
        allow("s3:GetObject", f"{TWO}/*", sid="ReadTwo"),
    )
    ben = made.user("ben")
    group = made.group("readers")
    made.inline(group, "read", allow("s3:GetObject", f"{ONE}/*", sid="GroupReadsOne"))
    made.member(ben, group)
    assert ana == ANA
    return Again(made.facts(), NOW)


def used(who: NodeId, action: str, asset: str, word: str = "used") -> Observation:
    return Observation(who, f"{word}|trail|{action}|{asset}", {"2026-10-01": "3"})


def kept(estate: Again, *told: Observation) -> set[str]:
    """The statements by Sid that the uses rest on; other things by their ids."""
    ids = used_revocables(estate.view, told, estate.evidence)
    texts = {text.id: text.statement for text in estate.view.reasons.texts}
    return {texts.get(one) or one for one in ids}


def test_a_use_keeps_the_statement_that_allows_it_and_no_other() -> None:
    assert kept(land(), used(ANA, "s3:GetObject", ONE)) == {"ReadOne"}


def test_what_was_refused_not_granted_or_of_unknown_things_keeps_nothing() -> None:
    estate = land()

    assert kept(estate, used(ANA, "s3:GetObject", ONE, word="refused")) == set()
    assert kept(estate, used(ANA, "s3:PutObject", ONE)) == set()
    assert kept(estate, used(ANA, "s3:GetObject", "arn:aws:s3:::elsewhere")) == set()
    assert kept(estate, used(NodeId("nobody"), "s3:GetObject", ONE)) == set()


def test_the_use_by_a_member_keeps_the_membership_too() -> None:
    ben, group = NodeId(f"arn:aws:iam::{A}:user/ben"), NodeId(f"arn:aws:iam::{A}:group/readers")
    estate = land()
    entered = membership(estate.view, ben, group, estate.evidence.denies).id

    assert kept(estate, used(ben, "s3:GetObject", ONE)) == {"GroupReadsOne", entered}


def test_a_cut_leaves_what_was_used_and_tells_that_it_cannot_be_cut() -> None:
    estate = land()
    frozen = used_revocables(estate.view, [used(ANA, "s3:GetObject", ONE)], estate.evidence)

    cut = revocations(
        estate.view,
        [NodeId(ONE), NodeId(TWO)],
        estate.evidence,
        entries=[ANA],
        terms=Terms(frozen),
    )

    assert [removal.revocable.statement for removal in cut.removals] == ["ReadTwo"]
    assert [(one.entry, one.target) for one in cut.uncut] == [(ANA, ONE)]
    assert cut.proved


# What nobody uses goes first.


def lent(*, log: bool, region: str = "us-east-1") -> tuple[Again, Inventory]:
    """Ana may take a role on, which reads a bucket; the log of management events was read for the window, or not."""
    made = Land(A)
    made.bucket("one")
    role = made.role(
        "reader",
        allow("s3:GetObject", f"{ONE}/*", sid="ReadOne"),
        trust=[trusts(ANA)],
        created=LONG_AGO,
    )
    made.user("ana", allow("sts:AssumeRole", role, sid="TakeOn"), created=LONG_AGO)
    facts = made.facts()
    key = CoverageKey("aws", A, region, "cloudtrail.lookup_events")
    window = {
        "since": (NOW - timedelta(days=91)).isoformat(),
        "until": NOW.isoformat(),
        "cut": "false",
    }
    name = f"log_window|cloudtrail.lookup_events|{region}"
    read = Observation(NodeId(f"aws:account/{A}"), name, window, asserted_by=frozenset({key}))
    again = Again(facts, NOW)
    rows = Rows(
        tuple(facts.nodes),
        tuple(facts.edges),
        (read,) if log else (),
        (*facts.coverage, *((Coverage(key, Outcome.OK),) if log else ())),
        attachments=tuple(facts.attachments),
        documents={row.hash: row.text for row in facts.documents},
    )
    return again, Inventory(again.view, rows, now=NOW, context=Context())


@pytest.mark.parametrize("log", [True, False])
def test_a_cut_takes_what_nobody_used_before_what_could_not_be_observed(log: bool) -> None:
    again, inventory = lent(log=log)

    cut = revocations(
        again.view, [NodeId(ONE)], again.evidence, entries=[ANA], terms=Terms(use=Uses(inventory))
    )

    (removal,) = cut.removals
    assert cut.proved
    assert removal.use is (Answer.UNUSED if log else Answer.NOT_OBSERVED)
    assert removal.cost == (1 if log else 2)
    if log:
        assert removal.revocable.statement != "ReadOne"


def test_what_is_used_costs_more_than_what_is_not_where_it_may_go_at_all() -> None:
    again, _ = lent(log=False)

    def use(access: Access) -> Answer:
        return Answer.UNUSED if access.target == NodeId(ONE) else Answer.USED

    cut = revocations(
        again.view, [NodeId(ONE)], again.evidence, entries=[ANA], terms=Terms(use=use)
    )

    assert [(one.revocable.statement, one.use, one.cost) for one in cut.removals] == [
        ("ReadOne", Answer.UNUSED, 1)
    ]


def test_a_role_may_have_been_taken_on_through_an_endpoint_whose_log_was_not_read() -> None:
    again, inventory = lent(log=True, region="eu-west-1")

    cut = revocations(
        again.view, [NodeId(ONE)], again.evidence, entries=[ANA], terms=Terms(use=Uses(inventory))
    )

    assert [removal.use for removal in cut.removals] == [Answer.NOT_OBSERVED]
    window = Uses(inventory).window
    told = anywhere(inventory, inventory.nodes[ANA], "sts:AssumeRole", window)
    assert told.answer is Answer.NOT_OBSERVED
