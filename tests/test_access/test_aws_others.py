"""Widening another identity and taking it: what each technique needs, and what it then reaches."""

from __future__ import annotations

from typing import Any

import pytest
from builders import A, B, Land, allow, deny, root, trusts
from resolved import Resolved

from access.technique import catalogue
from graph.model import Capability, Certainty, Node, NodeId, Role

USER, APP = f"arn:aws:iam::{A}:user/ben", f"arn:aws:iam::{A}:role/app"
POLICY = f"arn:aws:iam::{A}:policy/app-rights"
ASSUME = allow("sts:AssumeRole", APP)
NEEDS: dict[str, list[dict[str, Any]]] = {
    "iam-014": [allow("iam:AttachRolePolicy", APP), ASSUME],
    "iam-015": [allow("iam:AttachUserPolicy", USER), allow("iam:CreateAccessKey", USER)],
    "iam-016": [allow("iam:CreatePolicyVersion", POLICY), ASSUME],
    "iam-017": [allow("iam:PutRolePolicy", APP), ASSUME],
    "iam-018": [allow("iam:PutUserPolicy", USER), allow("iam:CreateAccessKey", USER)],
    "iam-019": [allow("iam:AttachRolePolicy", APP), allow("iam:UpdateAssumeRolePolicy", APP)],
    "iam-020": [allow("iam:CreatePolicyVersion", POLICY), allow("iam:UpdateAssumeRolePolicy", APP)],
    "iam-021": [allow("iam:PutRolePolicy", APP), allow("iam:UpdateAssumeRolePolicy", APP)],
}  # fmt: skip
BY_TRUST = ("iam-014", "iam-016", "iam-017")


def land(*own: dict[str, Any], trust: str = root(A), keys: int = 1) -> tuple[Land, NodeId]:
    """A user with these statements, beside a user and a role with few rights and a bucket of secrets."""
    made = Land(A, B)
    actor = made.user("ana", *own)
    made.user("ben", access_keys=keys)
    made.role("app", trust=[trusts(trust)])
    made.attach(APP, made.managed("app-rights", allow("s3:ListBucket")))
    made.bucket("secrets")
    return made, actor


def sure(made: Land, actor: NodeId) -> Certainty | None:
    """How surely the actor reads the bucket that no identity is given."""
    return Resolved(made.facts()).how_sure(actor, NodeId("arn:aws:s3:::secrets"))


def grants(made: Land, actor: NodeId, how: str) -> list[Node]:
    answer = Resolved(made.facts())
    return [grant for grant, _on, _target in answer.held(actor) if grant.props["how"] == how]


def test_every_such_technique_is_here() -> None:
    others = {"all($role)", "all($user)"}
    rows = catalogue("aws").techniques
    assert {row.id for row in rows if any(gain.at in others for gain in row.gains)} == set(NEEDS)


@pytest.mark.parametrize("how", NEEDS)
def test_the_needs_are_enough_for_everything(how: str) -> None:
    made, actor = land(*NEEDS[how])
    assert [grant.props["capability"] for grant in grants(made, actor, how)] == ["HELD"]
    assert sure(made, actor) is Certainty.DEFINITE


@pytest.mark.parametrize("how", NEEDS)
def test_each_need_is_needed(how: str) -> None:
    for place in range(len(NEEDS[how])):
        kept = [need for at, need in enumerate(NEEDS[how]) if at != place]
        made, actor = land(*kept)
        assert (grants(made, actor, how), sure(made, actor)) == ([], None), place


@pytest.mark.parametrize("how", NEEDS)
def test_a_deny_in_another_policy_ends_it(how: str) -> None:
    for need in NEEDS[how]:
        made, actor = land(*NEEDS[how])
        made.inline(actor, "guard", deny(need["Action"]))
        assert (grants(made, actor, how), sure(made, actor)) == ([], None), need


@pytest.mark.parametrize("how", NEEDS)
def test_a_boundary_that_leaves_a_need_out_ends_it(how: str) -> None:
    made, actor = land(*NEEDS[how])
    made.boundary(actor, made.managed("edge", allow(NEEDS[how][0]["Action"]), allow("s3:*")))
    assert grants(made, actor, how) == []


@pytest.mark.parametrize("how", BY_TRUST)
def test_a_role_that_trusts_somebody_else_is_not_taken(how: str) -> None:
    made, actor = land(*NEEDS[how], trust=B)
    assert (grants(made, actor, how), sure(made, actor)) == ([], None)


@pytest.mark.parametrize("how", BY_TRUST)
def test_a_trust_that_names_the_actor_needs_no_permission_to_assume(how: str) -> None:
    made, actor = land(*NEEDS[how][:1], trust=f"arn:aws:iam::{A}:user/ana")
    assert len(grants(made, actor, how)) == 1


@pytest.mark.parametrize("how", ["iam-019", "iam-020", "iam-021"])
def test_a_rewritten_trust_does_not_undo_a_deny_to_assume(how: str) -> None:
    made, actor = land(*NEEDS[how], deny("sts:AssumeRole"), trust="ec2.amazonaws.com")
    assert (grants(made, actor, how), sure(made, actor)) == ([], None)


@pytest.mark.parametrize("how", ["iam-015", "iam-018"])
def test_a_user_with_two_keys_has_no_room_for_another(how: str) -> None:
    made, actor = land(*NEEDS[how], keys=2)
    assert (grants(made, actor, how), sure(made, actor)) == ([], None)


def test_the_boundary_of_the_taken_one_stays() -> None:
    made, actor = land(*NEEDS["iam-017"])
    made.boundary(APP, made.managed("edge", allow("ec2:*")))
    assert sure(made, actor) is None


def test_a_policy_that_only_another_role_has_widens_nothing() -> None:
    made, actor = land(*NEEDS["iam-020"])
    made.role("other", trust=[trusts("ec2.amazonaws.com")])
    gone = [row for row in made.attachments.values() if row.holder == APP and row.policy]
    for row in gone:
        del made.attachments[row.id]
    made.attach(f"arn:aws:iam::{A}:role/other", POLICY)
    assert grants(made, actor, "iam-020") == []


@pytest.mark.parametrize("versions", [5, 4])
def test_a_full_policy_needs_a_version_deleted_first(versions: int) -> None:
    for more, wanted in (((), versions < 5), ((allow("iam:DeletePolicyVersion", POLICY),), True)):
        made, actor = land(*NEEDS["iam-020"], *more)
        key = made.key(A, "iam.get_account_authorization_details")
        for number in range(2, versions + 1):
            made.attachment(
                POLICY, Role.VERSION, allow("s3:Get*") | {"Sid": f"V{number}"}, key=key,
                name=f"v{number}", in_force=False,
            )  # fmt: skip
        assert bool(grants(made, actor, "iam-020")) is wanted


def test_who_may_rewrite_itself_is_not_told_of_every_other_way() -> None:
    made, actor = land(allow("iam:*"), allow("sts:*"))
    assert not any(grants(made, actor, how) for how in NEEDS)


def test_taking_away_the_statement_takes_away_everything() -> None:
    made, actor = land(*NEEDS["iam-017"])
    answer = Resolved(made.facts())
    (grant,) = grants(made, actor, "iam-017")
    target = next(on for one, _edge, on in answer.held(actor) if one.id == grant.id)
    needs = answer.explainer.needs(grant, actor, target)
    first = needs[0].alternatives[0].revocables[0]
    left = answer.reach_without(actor, first)
    assert (NodeId("arn:aws:s3:::secrets"), Capability.READ) not in left


def test_a_class_of_actors_is_told_as_one_and_explained_for_each() -> None:
    made, actor = land(*NEEDS["iam-015"])
    twin = made.user("eva", *NEEDS["iam-015"])
    answer = Resolved(made.facts())
    found = [
        answer.explainer.needs(grant, who, target)
        for who in (actor, twin)
        for grant, _on, target in answer.held(who)
        if grant.props["how"] == "iam-015"
    ]
    holders = [
        {one.holder for need in needs for way in need.alternatives for one in way.revocables}
        for needs in found
    ]
    assert holders == [{actor}, {twin}]


def test_what_the_taken_one_reaches_is_explained_for_whoever_took_it() -> None:
    made, actor = land(*NEEDS["iam-017"])
    answer = Resolved(made.facts())
    (grant,) = grants(made, actor, "iam-017")
    wider = next(on for one, _edge, on in answer.held(actor) if one.id == grant.id)
    secrets = NodeId("arn:aws:s3:::secrets")
    reading = [one for one, _edge, on in answer.held_by(wider) if on == secrets]
    assert reading
    assert [answer.explainer.needs(one, actor, secrets) for one in reading] == [()] * len(reading)
