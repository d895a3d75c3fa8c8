"""Why: the needs of a grant, each with its alternatives, and what stands against a denial."""

from __future__ import annotations

from typing import Any

from aws_asking import (
    AWAY,
    HOME,
    KEY,
    ROLE,
    ROLE_ARN,
    ROOT,
    USER,
    USER_ARN,
    allow,
    ask,
    attached,
    deny,
    document,
    policies,
    resource_policy,
    sourced,
    when,
)

from access.aws.policies import Origin, Policies, Sourced
from access.decision import Decision, Effect, Layer, Need, Revocable, RevocableKind, whole
from graph.model import Certainty

VPC = {"Condition": when("StringEquals", "aws:SourceVpc", "vpc-1")}
MFA = {"Condition": when("Bool", "aws:MultiFactorAuthPresent", "false")}


def kinds(need: Need) -> list[list[str]]:
    return sorted(
        sorted(f"{one.kind.value}:{one.member or one.statement}" for one in alternative.revocables)
        for alternative in need.alternatives
    )


def names(found: Decision) -> list[str]:
    return [need.name for need in found.because]


def test_an_identity_grant_needs_its_attachment_and_its_statement() -> None:
    found = ask(policies(allow("s3:*", Sid="Read")))
    assert names(found) == ["identity side allows s3:GetObject"]
    assert kinds(found.because[0]) == [["attachment:p0", "statement:Read"]]


def test_each_matching_statement_and_each_way_is_an_alternative() -> None:
    direct = Revocable(RevocableKind.ATTACHMENT, holder=USER_ARN, member="p")
    group = Revocable(RevocableKind.MEMBERSHIP, holder=USER_ARN, member="g")
    by_group = Revocable(RevocableKind.ATTACHMENT, holder="g", member="p")
    both = sourced(document(allow()), name="p", ways=((direct,), (group, by_group)))
    found = ask(Policies(identity=(both, attached(document(allow("s3:*", Sid="S")), "q"))))
    assert kinds(found.because[0]) == [
        ["attachment:p"],
        ["attachment:p", "membership:g"],
        ["attachment:q", "statement:S"],
    ]


def test_of_a_vendor_policy_only_the_attachment_can_be_taken_away() -> None:
    vendor = Sourced(
        sourced(document(allow())).document,
        Origin(
            Layer.IDENTITY,
            "arn:aws:iam::aws:policy/Admin",
            ((Revocable(RevocableKind.ATTACHMENT, member="Admin"),),),
        ),
    )
    assert kinds(ask(Policies(identity=(vendor,))).because[0]) == [["attachment:Admin"]]


def test_identity_and_resource_side_are_one_need_in_one_account() -> None:
    bucket = resource_policy(allow("s3:*", Principal={"AWS": [USER_ARN, AWAY]}, Sid="B"))
    found = ask(policies(allow(Sid="I"), resource=bucket))
    assert names(found) == ["identity or resource side allows s3:GetObject"]
    assert kinds(found.because[0]) == [["attachment:p0", "statement:I"], [f"statement:{USER_ARN}"]]


def test_both_sides_are_needs_across_accounts() -> None:
    bucket = resource_policy(allow("s3:*", Principal={"AWS": HOME}, Sid="B"))
    found = ask(policies(allow(Sid="I"), resource=bucket), resource_account=AWAY)
    assert names(found) == [
        "identity side allows s3:GetObject",
        "resource side allows s3:GetObject",
    ]
    entry = found.because[1].alternatives[0].revocables[0]
    assert (entry.statement, entry.position, entry.member) == ("B", 0, f"arn:aws:iam::{HOME}:root")


def key_policy(*who: str) -> Sourced:
    return resource_policy(
        *(allow("kms:*", Principal={"AWS": one}, Sid=f"K{i}") for i, one in enumerate(who))
    )


def test_a_key_policy_that_names_the_role_is_all_that_is_needed() -> None:
    found = ask(
        policies(allow(), resource=key_policy(ROLE_ARN)), "kms:Decrypt", KEY, principal=ROLE
    )
    assert names(found) == ["resource side allows kms:Decrypt"]


def test_a_key_policy_that_hands_over_needs_the_identity_side_as_well() -> None:
    found = ask(
        policies(allow(Sid="I"), resource=key_policy(HOME)), "kms:Decrypt", KEY, principal=ROLE
    )
    assert names(found) == ["identity side allows kms:Decrypt", "resource side allows kms:Decrypt"]


def test_named_and_handed_over_at_once_falls_only_with_both() -> None:
    found = ask(
        policies(allow(Sid="I"), resource=key_policy(HOME, ROLE_ARN)),
        "kms:Decrypt",
        KEY,
        principal=ROLE,
    )
    by_name = {
        one.statement or one.member: one.id
        for need in found.because
        for alternative in need.alternatives
        for one in alternative.revocables
    }
    handed, own, named = by_name["K0"], by_name["I"], by_name["K1"]
    assert whole(found.because, frozenset({handed}))
    assert whole(found.because, frozenset({own}))
    assert whole(found.because, frozenset({named}))
    assert not whole(found.because, frozenset({named, own}))
    assert not whole(found.because, frozenset({named, handed}))
    assert whole(found.because, frozenset({own, handed}))


def test_a_root_user_needs_nothing_in_its_account() -> None:
    assert ask(policies(), principal=ROOT).because == ()


def test_limits_stand_in_the_evidence_and_never_among_the_needs() -> None:
    found = ask(
        policies(allow(), boundary=[allow(Sid="Bound")], scps=[[allow(Sid="Scp")]]), principal=USER
    )
    assert names(found) == ["identity side allows s3:GetObject"]
    assert [ref.sid for ref in found.limits] == ["Bound", "Scp"]


def test_a_conditional_limit_is_a_need_without_revocables() -> None:
    found = ask(policies(allow(), scps=[[allow(**VPC)]]))
    assert found.effect is Effect.CONDITIONAL
    (need,) = [one for one in found.because if one.name == "scp allows s3:GetObject"]
    (alternative,) = need.alternatives
    assert (alternative.revocables, alternative.certainty) == ((), Certainty.CONDITIONAL)
    assert str(alternative.conditions[0]) == "aws:SourceVpc StringEquals vpc-1"


def test_a_conditional_deny_is_a_need_that_it_fails() -> None:
    found = ask(policies(allow(), deny(**MFA)))
    (need,) = [one for one in found.because if one.name == "no Deny applies"]
    assert str(need.alternatives[0].conditions[0]) == "not (aws:MultiFactorAuthPresent Bool false)"
    assert found.because[0].alternatives[0].certainty is Certainty.DEFINITE


def test_a_deny_with_two_open_tests_may_fail_by_either() -> None:
    both = deny(Condition=MFA["Condition"] | VPC["Condition"])
    found = ask(policies(allow(), both))
    need = next(one for one in found.because if one.name == "no Deny applies")
    assert len(need.alternatives) == 2


def test_a_conditional_statement_stays_an_alternative_of_a_definite_grant() -> None:
    found = ask(policies(allow(Sid="Sure"), allow(Sid="Maybe", **VPC)))
    assert found.effect is Effect.ALLOW
    sure, maybe = sorted(found.because[0].alternatives, key=lambda one: one.certainty)
    assert (sure.conditions, len(maybe.conditions)) == ((), 1)
    assert (sure.certainty, maybe.certainty) == (Certainty.DEFINITE, Certainty.CONDITIONAL)


def test_a_statement_that_cannot_be_met_with_the_rest_is_no_alternative() -> None:
    a, b = ({"Condition": when("StringEquals", "aws:RequestTag/team", one)} for one in "ab")
    found = ask(policies(allow(Sid="A", **a), allow(Sid="B", **b), scps=[[allow(**b)]]))
    assert kinds(found.because[0]) == [["attachment:p1", "statement:B"]]


def test_a_boundary_condition_hangs_on_the_identity_side_alone() -> None:
    bucket = resource_policy(allow("s3:*", Principal={"AWS": USER_ARN}, Sid="B"))
    found = ask(policies(allow(Sid="I"), resource=bucket, boundary=[allow(**VPC)]))
    assert found.effect is Effect.ALLOW
    by_size = {len(one.revocables): one for one in found.because[0].alternatives}
    assert by_size[1].certainty is Certainty.DEFINITE
    assert by_size[2].certainty is Certainty.CONDITIONAL


def test_an_unread_policy_is_an_alternative_by_its_attachment() -> None:
    from access.aws.policies import Unread

    way = (Revocable(RevocableKind.ATTACHMENT, holder=USER_ARN, member="x"),)
    unread = Unread("policy unread", Origin(Layer.IDENTITY, "x", (way,)))
    found = ask(Policies(identity=(unread,)))
    assert found.effect is Effect.CONDITIONAL
    assert kinds(found.because[0]) == [["attachment:x"]]


def reasons(found: Decision) -> set[tuple[str, str]]:
    return {(one.layer.value, one.statement.sid) for one in found.reasons if one.statement}


def test_a_denial_names_every_denying_statement() -> None:
    bucket = resource_policy(deny(Principal="*", Sid="D2"))
    found = ask(policies(allow(), deny(Sid="D1"), resource=bucket))
    assert reasons(found) == {("identity", "D1"), ("resource", "D2")}
    assert set(found.blocked_by) == {Layer.IDENTITY, Layer.RESOURCE}


def test_a_denial_without_deny_names_the_silent_layers() -> None:
    def blocked(*identity: Any, **layers: Any) -> tuple[Layer, ...]:
        return ask(policies(*identity, **layers)).blocked_by

    assert blocked() == (Layer.IDENTITY,)
    assert blocked(allow(), boundary=[]) == (Layer.BOUNDARY,)
    assert blocked(allow(), scps=[[allow()], []]) == (Layer.SCP,)
    assert blocked(allow(), endpoint=[]) == (Layer.ENDPOINT,)


def test_assumptions_are_passed_on() -> None:
    given = Policies(identity=(sourced(document(allow())),), assumptions=("SCP unread",))
    assert ask(given).assumptions == ("SCP unread",)
