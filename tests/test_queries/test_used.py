"""What was used is kept: the Revocables that observed use rests on, and cuts that leave them alone."""

from __future__ import annotations

from builders import NOW, A, Land, allow

from graph.model import NodeId, Observation
from queries.again import Again
from queries.cut import Terms, revocations
from queries.used import used_revocables
from queries.witness import membership

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
