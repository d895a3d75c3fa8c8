"""Rules of single services, and the packaged lists behind decisions."""

from __future__ import annotations

import pytest
from aws_asking import AWAY, HOME, USER, allow, ask, deny, policies, request

from access.aws.catalogue import KeyClass, condition_key, services, wildcard_only
from access.aws.decide import decide, decide_any, effect_of
from access.aws.request import Form
from access.decision import Effect, Layer

ADMIN = policies(allow())
VENDOR = "arn:aws:iam::aws:policy/ReadOnlyAccess"
RESERVED = f"arn:aws:iam::{HOME}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"
LINKED = (
    f"arn:aws:iam::{HOME}:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForSageMaker"
)
ALIAS = f"arn:aws:kms:eu-west-1:{HOME}:alias/"


@pytest.mark.parametrize(
    ("action", "resource", "want"),
    [
        ("iam:CreatePolicyVersion", VENDOR, Effect.IMPLICIT_DENY),
        ("iam:GetPolicy", VENDOR, Effect.ALLOW),
        ("iam:UpdateAssumeRolePolicy", RESERVED, Effect.IMPLICIT_DENY),
        ("iam:AttachRolePolicy", RESERVED, Effect.IMPLICIT_DENY),
        ("iam:PassRole", RESERVED, Effect.IMPLICIT_DENY),
        ("iam:PassRole", f"arn:aws:iam::{HOME}:role/mine", Effect.ALLOW),
        ("iam:PassRole", f"{RESERVED}*", Effect.IMPLICIT_DENY),
        ("iam:PassRole", "*", Effect.ALLOW),
        ("iam:GetRole", RESERVED, Effect.ALLOW),
        ("iam:PutRolePolicy", LINKED, Effect.IMPLICIT_DENY),
        ("iam:DeleteServiceLinkedRole", LINKED, Effect.ALLOW),
        ("iam:PassRole", LINKED, Effect.ALLOW),
        ("kms:UpdateAlias", f"{ALIAS}aws/s3", Effect.IMPLICIT_DENY),
        ("kms:UpdateAlias", f"{ALIAS}mine", Effect.ALLOW),
        ("kms:CreateKey", "*", Effect.ALLOW),
    ],
)
def test_some_things_cannot_be_done_whatever_policies_say(
    action: str, resource: str, want: Effect
) -> None:
    asked = request(action, resource)
    assert (decide(asked, ADMIN).effect, effect_of(asked, ADMIN)) == (want, want)


def test_a_service_rule_is_named_as_what_blocks() -> None:
    found = ask(ADMIN, "iam:PassRole", RESERVED)
    assert found.blocked_by == (Layer.SERVICE,)
    assert "Identity Center" in found.reasons[0].text


def test_an_explicit_deny_stays_explicit_under_a_service_rule() -> None:
    assert ask(policies(allow(), deny()), "iam:PassRole", RESERVED).effect is Effect.EXPLICIT_DENY


def test_what_cannot_be_touched_is_left_out_of_questions_about_patterns() -> None:
    found = decide_any(request("iam:AttachRolePolicy", "arn:aws:iam::*:role/*"), ADMIN)
    assert found.effect is Effect.ALLOW
    assert {part.rpartition(":role/")[2] for part in found.exclusions} == {
        "aws-reserved/*",
        "aws-service-role/*",
    }
    whole = request("iam:AttachRolePolicy", "arn:aws:iam::*:role/aws-reserved/*", form=Form.EVERY)
    assert decide(whole, ADMIN).effect is Effect.IMPLICIT_DENY


def test_everybody_may_ask_who_they_are() -> None:
    found = ask(policies(deny(), scps=[[]]), "sts:GetCallerIdentity", "*")
    assert (found.effect, found.because) == (Effect.ALLOW, ())


def test_nobody_needs_a_policy_to_be_refused_another_account() -> None:
    assert (
        ask(ADMIN, "iam:PassRole", f"arn:aws:iam::{AWAY}:role/r", resource_account=AWAY).effect
        is Effect.IMPLICIT_DENY
    )
    assert USER.account == HOME


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("AWS:SECURETRANSPORT", KeyClass.CHOSEN),
        ("aws:RequestTag/Team", KeyClass.CHOSEN),
        ("sagemaker:RootAccess", KeyClass.CHOSEN),
        ("s3:x-amz-acl", KeyClass.CHOSEN),
        ("iam:PassedToService", KeyClass.CHOSEN),
        ("aws:SourceIp", KeyClass.OPEN),
        ("aws:MultiFactorAuthPresent", KeyClass.OPEN),
        ("no:such", KeyClass.OPEN),
        ("aws:PrincipalArn", KeyClass.KNOWN),
    ],
)
def test_every_key_has_a_class(key: str, kind: KeyClass) -> None:
    assert condition_key(key).kind is kind


def test_a_key_is_shown_as_aws_spells_it() -> None:
    assert condition_key("aws:securetransport").name == "aws:SecureTransport"
    assert condition_key("aws:requesttag/Team").name == "aws:RequestTag/Team"


def test_the_lists_of_services_hold_what_decisions_ask_for() -> None:
    assert {"s3", "sts", "kms", "sqs", "secretsmanager"} <= services().rcp
    assert "sagemaker" not in services().rcp
    assert wildcard_only("s3:ListAllMyBuckets")
    assert not wildcard_only("s3:GetObject")
