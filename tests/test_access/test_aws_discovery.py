"""Three values: what is known decides, what the caller chooses is chosen once for all layers, what is open is named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aws_asking import (
    AWAY,
    HOME,
    NOW,
    ROLE,
    SERVICE,
    USER,
    USER_ARN,
    allow,
    ask,
    deny,
    policies,
    resource_policy,
    when,
)

from access.aws.principals import Principal, PrincipalKind
from access.aws.request import Mode
from access.decision import Decision, Effect

TRAIN = f"arn:aws:sagemaker:eu-west-1:{HOME}:training-job/j1"


def asked(*statements: dict[str, Any], action: str = "s3:GetObject", **more: Any) -> Decision:
    return ask(policies(*statements), action, **more)


def condition(operator: str, key: str, *values: Any) -> dict[str, Any]:
    return {"Condition": when(operator, key, *values)}


MFA = condition("Bool", "aws:MultiFactorAuthPresent", "false")


# --- open keys -----------------------------------------------------------------------------------------------------


def test_a_deny_on_an_open_key_is_conditional_and_names_what_must_fail() -> None:
    found = asked(allow(), deny(**MFA))
    assert found.effect is Effect.CONDITIONAL
    (only,) = found.conditions
    assert (only.key, only.operator, only.values, only.negated) == (
        "aws:MultiFactorAuthPresent",
        "Bool",
        ("false",),
        True,
    )
    assert only.statement is not None
    assert only.statement.policy == "p1"


def test_an_allow_on_an_open_key_is_conditional() -> None:
    found = asked(allow(**condition("StringEquals", "aws:SourceVpc", "vpc-1")))
    assert [str(one) for one in found.conditions] == ["aws:SourceVpc StringEquals vpc-1"]


def test_an_unconditional_allow_beside_it_needs_no_condition() -> None:
    found = asked(allow(), allow(**condition("StringEquals", "aws:SourceVpc", "vpc-1")))
    assert (found.effect, found.conditions) == (Effect.ALLOW, ())


def test_an_unconditional_deny_stays() -> None:
    assert asked(allow(), deny(**MFA), deny()).effect is Effect.EXPLICIT_DENY


def test_a_missing_allow_stays_missing() -> None:
    assert asked(deny(**MFA)).effect is Effect.IMPLICIT_DENY


def test_networks_that_exclude_each_other_are_a_denial() -> None:
    given = policies(
        allow(**condition("IpAddress", "aws:SourceIp", "10.0.0.0/8")),
        boundary=[allow(**condition("IpAddress", "aws:SourceIp", "192.168.0.0/16"))],
    )
    assert ask(given).effect is Effect.IMPLICIT_DENY


def test_networks_that_overlap_are_conditional_on_both() -> None:
    given = policies(
        allow(**condition("IpAddress", "aws:SourceIp", "10.0.0.0/8")),
        boundary=[allow(**condition("IpAddress", "aws:SourceIp", "10.1.0.0/16"))],
    )
    assert {one.values for one in ask(given).conditions} == {("10.0.0.0/8",), ("10.1.0.0/16",)}


def test_a_test_that_no_value_can_fail_is_no_condition() -> None:
    assert (
        asked(allow(**condition("StringLikeIfExists", "aws:SourceVpc", "*"))).effect is Effect.ALLOW
    )


def test_an_unknown_key_is_open() -> None:
    assert (
        asked(allow(**condition("StringEquals", "new:Thing", "x"))).conditions[0].key == "new:Thing"
    )


# --- chosen keys ---------------------------------------------------------------------------------------------------


def test_a_deny_of_plain_transport_is_avoided_and_noted() -> None:
    found = asked(allow(), deny(**condition("Bool", "aws:SecureTransport", "false")))
    assert (found.effect, found.chosen) == (Effect.ALLOW, (("aws:SecureTransport", "true"),))
    assert found.notes == ("caller sets `aws:SecureTransport` to `true`",)


def test_a_parameter_that_must_be_left_out_is_left_out() -> None:
    found = asked(
        allow(),
        deny(**condition("Null", "sagemaker:VolumeKmsKey", "false")),
        action="sagemaker:CreateTrainingJob",
        resource=TRAIN,
    )
    assert found.effect is Effect.ALLOW


def test_a_parameter_that_must_be_there_is_sent() -> None:
    found = asked(
        allow(),
        deny(**condition("Null", "sagemaker:VolumeKmsKey", "true")),
        action="sagemaker:CreateTrainingJob",
        resource=TRAIN,
    )
    assert found.effect is Effect.ALLOW
    assert found.chosen[0][0] == "sagemaker:VolumeKmsKey"


def test_values_that_two_layers_want_different_are_a_denial_that_names_both() -> None:
    given = policies(
        allow(**condition("StringEquals", "aws:RequestTag/team", "a")),
        scps=[[allow(**condition("StringEquals", "aws:RequestTag/team", "b"))]],
    )
    found = ask(given)
    assert found.effect is Effect.IMPLICIT_DENY
    assert {reason.statement.policy for reason in found.reasons if reason.statement} == {
        "p0",
        "scp",
    }


def test_a_deny_that_forbids_what_the_allow_demands_is_a_denial() -> None:
    tag = condition("StringEquals", "aws:RequestTag/team", "a")
    found = asked(allow(**tag), deny(**tag))
    assert found.effect is Effect.IMPLICIT_DENY
    assert len(found.reasons) == 2


def test_another_allow_that_fits_the_deny_is_taken() -> None:
    found = asked(
        allow(**condition("StringEquals", "s3:prefix", "a")),
        allow(**condition("StringEquals", "s3:prefix", "b")),
        deny(**condition("StringLike", "s3:prefix", "a*")),
    )
    assert (found.effect, found.chosen) == (Effect.ALLOW, (("s3:prefix", "b"),))


def test_tags_and_their_keys_must_agree() -> None:
    statement = allow(
        Condition=when("StringEquals", "aws:RequestTag/team", "a")
        | when("ForAllValues:StringEquals", "aws:TagKeys", "cost")
    )
    assert asked(statement).effect is Effect.IMPLICIT_DENY


def test_for_all_values_alone_is_wide_open() -> None:
    assert (
        asked(allow(**condition("ForAllValues:StringEquals", "aws:TagKeys", "x"))).effect
        is Effect.ALLOW
    )


def test_a_key_that_the_action_does_not_carry_is_absent() -> None:
    statement = allow(**condition("StringEquals", "s3:prefix", "a"))
    assert asked(statement, settable=frozenset()).effect is Effect.IMPLICIT_DENY
    assert asked(statement, settable=frozenset({"s3:prefix"})).effect is Effect.ALLOW


def test_an_open_key_compared_with_another_unknown_value_names_both() -> None:
    statement = allow(**condition("StringEquals", "aws:SourceVpc", "${aws:PrincipalTag/vpc}"))
    caller = Principal(PrincipalKind.USER, USER_ARN, HOME)
    found = asked(statement, principal=caller)
    assert {one.key.lower() for one in found.conditions} == {
        "aws:sourcevpc",
        "aws:principaltag/vpc",
    }


# --- known keys ----------------------------------------------------------------------------------------------------


ORG = Principal(
    PrincipalKind.USER,
    USER_ARN,
    HOME,
    tags={"Team": "ml"},
    organization="o-1",
    organization_paths=("o-1/r-1/ou-1/",),
)


@pytest.mark.parametrize(
    ("statement", "want"),
    [
        (condition("StringEquals", "aws:PrincipalAccount", HOME), Effect.ALLOW),
        (condition("StringEquals", "aws:PrincipalAccount", AWAY), Effect.IMPLICIT_DENY),
        (condition("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/a*"), Effect.ALLOW),
        (condition("StringEquals", "aws:PrincipalOrgID", "o-1"), Effect.ALLOW),
        (condition("StringEquals", "aws:PrincipalOrgID", "o-2"), Effect.IMPLICIT_DENY),
        (condition("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/*"), Effect.ALLOW),
        (condition("StringEquals", "aws:PrincipalTag/team", "ml"), Effect.ALLOW),
        (condition("Null", "aws:PrincipalTag/none", "true"), Effect.ALLOW),
        (condition("StringEquals", "AWS:username", "ana"), Effect.ALLOW),
        (condition("StringEquals", "aws:PrincipalType", "User"), Effect.ALLOW),
        (condition("StringEquals", "aws:ResourceAccount", HOME), Effect.ALLOW),
        (condition("Bool", "aws:PrincipalIsAWSService", "false"), Effect.ALLOW),
        (condition("ArnEquals", "aws:SourceArn", "arn:aws:sns:*"), Effect.IMPLICIT_DENY),
        (condition("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"), Effect.ALLOW),
        (
            condition("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"),
            Effect.IMPLICIT_DENY,
        ),
        (condition("NumericGreaterThan", "aws:EpochTime", "1"), Effect.ALLOW),
        (
            condition("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"),
            Effect.ALLOW,
        ),
        (condition("StringEquals", "iam:ResourceTag/team", "x"), Effect.IMPLICIT_DENY),
    ],
)
def test_what_the_graph_knows_is_decided(statement: dict[str, Any], want: Effect) -> None:
    found = asked(allow(**statement), principal=ORG, resource_tags={"team": "ml"})
    assert (found.effect, found.conditions) == (want, ())


@pytest.mark.parametrize(
    "key", ["aws:PrincipalTag/team", "aws:PrincipalOrgID", "aws:ResourceTag/team"]
)
def test_what_was_not_read_is_open(key: str) -> None:
    stranger = Principal(PrincipalKind.USER, USER_ARN, HOME)
    found = asked(allow(**condition("StringEquals", key, "x")), principal=stranger)
    assert [one.key for one in found.conditions] == [key]


def test_an_end_that_lies_ahead_is_noted() -> None:
    later = (NOW + timedelta(days=3)).isoformat()
    found = asked(allow(**condition("DateLessThan", "aws:CurrentTime", later)))
    assert found.notes == (f"holds while `aws:CurrentTime` DateLessThan {later}",)


def test_the_region_of_an_arn_is_known() -> None:
    regional = deny(**condition("StringNotEquals", "aws:RequestedRegion", "eu-west-1"))
    inside = asked(allow(), regional, action="sagemaker:CreateTrainingJob", resource=TRAIN)
    outside = asked(
        allow(),
        regional,
        action="sagemaker:CreateTrainingJob",
        resource=TRAIN.replace("eu-west-1", "us-east-1"),
    )
    unknown = asked(allow(), regional)
    assert [one.effect for one in (inside, outside, unknown)] == [
        Effect.ALLOW,
        Effect.EXPLICIT_DENY,
        Effect.CONDITIONAL,
    ]


def test_the_service_that_uses_a_key_for_somebody_is_known_when_it_is_named() -> None:
    key = f"arn:aws:kms:eu-west-1:{HOME}:key/k"
    policy = resource_policy(
        allow(
            "kms:*",
            Principal="*",
            **condition("StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com"),
        )
    )
    given = policies(resource=policy)
    effects = [
        ask(given, "kms:Decrypt", key, via_service=one).effect for one in ("s3", "ec2", None)
    ]
    assert effects == [Effect.ALLOW, Effect.IMPLICIT_DENY, Effect.CONDITIONAL]


def test_a_service_guarded_against_confusion_is_satisfied_and_an_unguarded_one_noted() -> None:
    who = {"Service": SERVICE.arn}
    guard = condition("StringEquals", "aws:SourceAccount", HOME)
    guarded, bare = (
        ask(policies(resource=resource_policy(allow(Principal=who, **more))), principal=SERVICE)
        for more in (guard, {})
    )
    assert guarded.chosen == (("aws:SourceAccount", HOME),)
    assert any("confused deputy" in note for note in bare.notes)
    assert not any("confused deputy" in note for note in guarded.notes)


# --- modes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "want"),
    [
        (Mode.STRICT, Effect.IMPLICIT_DENY),
        (Mode.DISCOVERY, Effect.ALLOW),
        (Mode.PLAIN, Effect.CONDITIONAL),
    ],
)
def test_a_chosen_key_that_is_not_given_is_read_by_the_mode(mode: Mode, want: Effect) -> None:
    assert asked(allow(**condition("StringEquals", "s3:prefix", "a")), mode=mode).effect is want


def test_a_given_value_counts_in_every_mode() -> None:
    statement = allow(**condition("StringEquals", "s3:prefix", "a"))
    for mode in Mode:
        assert (
            asked(statement, mode=mode, context={"s3:prefix": ("b",)}).effect
            is Effect.IMPLICIT_DENY
        )


def test_a_key_known_to_be_absent_is_absent() -> None:
    statement = allow(**condition("StringEquals", "aws:SourceVpc", "vpc-1"))
    assert asked(statement, absent=frozenset({"aws:sourcevpc"})).effect is Effect.IMPLICIT_DENY


def test_more_combinations_than_can_be_tried_are_conditional_with_the_reason() -> None:
    keys = [f"aws:RequestTag/t{i}" for i in range(14)]
    denies = [
        deny(Condition={"StringNotEquals": {a: "1"}, "StringLike": {b: "1*", c: "1*"}})
        for a in keys[:7]
        for b in keys[5:9]
        for c in keys[9:]
    ]
    one_of = [allow(Condition={"StringEquals": dict.fromkeys(keys[:10], "2")})]
    last = deny(**condition("Null", keys[0], "false"))
    found = asked(*one_of, *denies, last)
    assert found.effect in {Effect.CONDITIONAL, Effect.IMPLICIT_DENY}


def test_roles_and_users_differ_only_in_what_is_known() -> None:
    statement = allow(**condition("StringEquals", "aws:PrincipalType", "AssumedRole"))
    assert [asked(statement, principal=one).effect for one in (ROLE, USER)] == [
        Effect.ALLOW,
        Effect.IMPLICIT_DENY,
    ]
