"""Decisions: the measured corpus, the order of evaluation, and the ways in which other evaluators went wrong."""

from __future__ import annotations

from typing import Any

import pytest
from aws_asking import (
    AWAY,
    HOME,
    OBJECT,
    ROLE,
    ROLE_ARN,
    SESSION,
    USER_ARN,
    allow,
    ask,
    deny,
    document,
    effect,
    policies,
    request,
    sourced,
    when,
)
from decision_rows import MEASURED, answer, rows_of

from access.aws.decide import decide
from access.aws.policies import Origin, Policies, Unread
from access.aws.principals import Principal, PrincipalKind
from access.decision import Effect, Layer

ROWS = rows_of(MEASURED)


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_measured_rows_are_decided_as_aws_did(row: dict[str, Any]) -> None:
    explained, short = answer(row)
    assert explained.effect == short == row["expected"]


# --- statements ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "want"),
    [
        (allow("s3:GetObjec?t"), Effect.IMPLICIT_DENY),
        (allow("S3:getobject"), Effect.ALLOW),
        (allow("s3:*", "arn:aws:s3:::models/[llm/*"), Effect.IMPLICIT_DENY),
        (allow("s3:*", ["arn:aws:s3:::other/*", "arn:aws:s3:::models/*"]), Effect.ALLOW),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, Effect.ALLOW),
        ({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, Effect.IMPLICIT_DENY),
        ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::other/*"}, Effect.ALLOW),
        (
            {
                "Effect": "Allow",
                "Action": "*",
                "NotResource": ["arn:aws:s3:::x", "arn:aws:s3:::models/*"],
            },
            Effect.IMPLICIT_DENY,
        ),
        (allow("*", "arn:aws:s3:::MODELS/*"), Effect.IMPLICIT_DENY),
    ],
)
def test_a_statement_speaks_of_what_it_names(statement: dict[str, Any], want: Effect) -> None:
    assert effect(statement) is want


def test_a_role_name_with_odd_characters_is_plain_text() -> None:
    role = f"arn:aws:iam::{HOME}:role/a+b=c,d.e@f-g"
    assert effect(allow("iam:PassRole", role), action="iam:PassRole", resource=role) is Effect.ALLOW
    other = role.replace("d.e", "dxe")
    assert (
        effect(allow("iam:PassRole", role), action="iam:PassRole", resource=other)
        is Effect.IMPLICIT_DENY
    )


def test_a_sub_resource_is_not_taken_for_its_parent() -> None:
    domain = f"arn:aws:sagemaker:eu-west-1:{HOME}:domain/d1"
    given = policies(allow("sagemaker:*", f"{domain}/user-profile/*"))
    assert ask(given, "sagemaker:DeleteDomain", domain).effect is Effect.IMPLICIT_DENY


def test_statements_of_different_policies_are_joined() -> None:
    given = policies(allow("s3:GetObject"), deny("s3:PutObject"))
    effects = [ask(given, f"s3:{name}").effect for name in ("GetObject", "PutObject")]
    assert effects == [Effect.ALLOW, Effect.EXPLICIT_DENY]


def test_the_order_of_policies_makes_no_difference() -> None:
    one, two = (
        allow("s3:*"),
        deny("s3:*", "*", Condition=when("Bool", "aws:MultiFactorAuthPresent", "false")),
    )
    first, second = (ask(policies(*given)) for given in ((one, two), (two, one)))
    assert first.effect is second.effect
    assert [c.key for c in first.conditions] == [c.key for c in second.conditions]


# --- variables -----------------------------------------------------------------------------------------------------


HOMES = "arn:aws:s3:::home-${aws:username}/*"


def test_a_variable_is_decided_for_a_user() -> None:
    assert effect(allow("s3:*", HOMES), resource="arn:aws:s3:::home-ana/x") is Effect.ALLOW
    assert effect(allow("s3:*", HOMES), resource="arn:aws:s3:::home-bob/x") is Effect.IMPLICIT_DENY


def test_a_variable_without_known_value_is_conditional_and_names_its_key() -> None:
    found = ask(policies(allow("s3:*", HOMES)), resource="arn:aws:s3:::home-bob/x", principal=ROLE)
    assert (found.effect, found.conditions[0].key) == (Effect.CONDITIONAL, "aws:username")


def test_a_variable_that_cannot_lead_to_the_resource_is_no_doubt() -> None:
    assert effect(allow("s3:*", HOMES), principal=ROLE) is Effect.IMPLICIT_DENY


def test_a_variable_without_value_voids_the_statement() -> None:
    statement = allow(
        "s3:*", "*", Condition=when("StringNotEquals", "aws:username", "${aws:PrincipalTag/no}")
    )
    assert effect(statement) is Effect.IMPLICIT_DENY


def test_a_default_stands_in_for_a_missing_value() -> None:
    statement = allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/team, 'models'}/*")
    assert effect(statement) is Effect.ALLOW


def test_a_key_of_several_values_is_not_substituted() -> None:
    statement = allow("s3:*", "arn:aws:s3:::${aws:TagKeys}/*")
    assert effect(statement, context={"aws:tagkeys": ("models", "x")}) is Effect.IMPLICIT_DENY


def test_wildcards_in_a_value_are_plain_text() -> None:
    caller = Principal(PrincipalKind.USER, USER_ARN, HOME, tags={"team": "*"})
    statement = allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/team}/*")
    assert effect(statement, principal=caller) is Effect.IMPLICIT_DENY
    assert effect(statement, principal=caller, resource="arn:aws:s3:::*/x") is Effect.ALLOW


def test_the_old_version_takes_variables_as_plain_text() -> None:
    given = Policies(identity=(sourced(document(allow("s3:*", HOMES), version="2008-10-17")),))
    assert ask(given, resource="arn:aws:s3:::home-ana/x").effect is Effect.IMPLICIT_DENY
    assert ask(given, resource="arn:aws:s3:::home-${aws:username}/x").effect is Effect.ALLOW


# --- layers --------------------------------------------------------------------------------------------------------


def test_a_boundary_limits_an_administrator_to_what_it_allows() -> None:
    limits = {"boundary": [allow("ec2:Describe*")], "principal": ROLE}
    assert effect(allow(), **limits) is Effect.IMPLICIT_DENY
    assert effect(allow(), action="ec2:DescribeImages", resource="*", **limits) is Effect.ALLOW


def test_a_boundary_that_was_not_read_is_conditional() -> None:
    unread = Unread("policy unread", Origin(Layer.BOUNDARY, "arn:aws:iam::1:policy/b"))
    found = ask(Policies(identity=(sourced(document(allow())),), boundary=(unread,)))
    assert found.effect is Effect.CONDITIONAL
    assert {str(one) for one in found.conditions} == {"policy unread arn:aws:iam::1:policy/b"}


def test_an_empty_list_of_boundaries_is_no_boundary() -> None:
    given = Policies(identity=(sourced(document(allow())),), boundary=())
    assert ask(given).effect is Effect.ALLOW


def test_an_scp_denies_an_administrator() -> None:
    found = ask(
        policies(allow(), scps=[[allow(), deny("iam:CreateRole")]]), "iam:CreateRole", ROLE_ARN
    )
    assert (found.effect, found.blocked_by) == (Effect.EXPLICIT_DENY, (Layer.SCP,))


@pytest.mark.parametrize(
    ("levels", "want"),
    [
        ([[allow()], [allow()], [allow()]], Effect.ALLOW),
        ([[allow()], [allow("ec2:*")], [allow()]], Effect.IMPLICIT_DENY),
        ([[allow()], []], Effect.IMPLICIT_DENY),
        (
            [[{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::models/*"}]],
            Effect.IMPLICIT_DENY,
        ),
        (
            [[allow(), {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::models/*"}]],
            Effect.ALLOW,
        ),
    ],
)
def test_every_scp_level_must_allow(levels: list[list[dict[str, Any]]], want: Effect) -> None:
    assert effect(allow(), scps=levels) is want


@pytest.mark.parametrize(
    "caller",
    [
        Principal(PrincipalKind.USER, USER_ARN, HOME, management=True),
        Principal(PrincipalKind.ROLE, ROLE_ARN, HOME, service_linked=True),
    ],
)
def test_scps_do_not_bind_the_management_account_and_service_linked_roles(
    caller: Principal,
) -> None:
    assert effect(allow(), scps=[[]], principal=caller) is Effect.ALLOW


@pytest.mark.parametrize(
    ("action", "resource", "more", "want"),
    [
        ("s3:GetObject", OBJECT, {}, Effect.EXPLICIT_DENY),
        (
            "sagemaker:InvokeEndpoint",
            f"arn:aws:sagemaker:eu-west-1:{HOME}:endpoint/e",
            {},
            Effect.ALLOW,
        ),
        ("s3:GetObject", OBJECT, {"resource_in_management": True}, Effect.ALLOW),
    ],
)
def test_rcps_bind_supported_services_outside_the_management_account(
    action: str, resource: str, more: dict[str, Any], want: Effect
) -> None:
    rule = deny("*", "*", Principal="*")
    assert effect(allow(), action=action, resource=resource, rcps=[[rule]], **more) is want


def test_an_rcp_needs_no_allow_of_its_own() -> None:
    assert effect(allow(), rcps=[[]]) is Effect.ALLOW


def test_an_rcp_statement_without_principal_matches_nobody() -> None:
    assert effect(allow(), rcps=[[deny()]]) is Effect.ALLOW


def test_an_endpoint_policy_must_allow_its_caller() -> None:
    assert effect(allow(), endpoint=[allow(Principal="*")]) is Effect.ALLOW
    assert effect(allow(), endpoint=[allow(Principal=AWAY)]) is Effect.IMPLICIT_DENY
    assert effect(allow(), endpoint=[allow()]) is Effect.IMPLICIT_DENY


def test_a_session_policy_limits_the_identity_side() -> None:
    assert effect(allow(), session=[allow("ec2:*")], principal=SESSION) is Effect.IMPLICIT_DENY


# --- what could not be understood ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        document(allow(Condition={"StringMatches": {"aws:x": "y"}})),
        document(allow(Condition=["odd"])),
        document(allow(Extra="x")),
        document(allow(), version="2030-01-01"),
        document({"Effect": "Maybe", "Action": "*", "Resource": "*"}),
        document({"Effect": "Allow", "Action": "*"}),
        document(allow(["*", 3])),
        "no object",
        ["list"],
    ],
)
def test_what_is_not_understood_is_conditional_with_the_reason(content: Any) -> None:
    found = ask(Policies(identity=(sourced(content),)))
    assert found.effect is Effect.CONDITIONAL
    assert all(condition.key for condition in found.conditions)


def test_an_unknown_deny_over_an_allow_is_conditional() -> None:
    odd = deny(Condition={"StringMatches": {"aws:x": "y"}})
    assert effect(allow(), odd) is Effect.CONDITIONAL


def test_a_document_without_statements_grants_nothing() -> None:
    assert (
        ask(Policies(identity=(sourced({"Version": "2012-10-17"}),))).effect is Effect.IMPLICIT_DENY
    )


def test_the_same_request_gives_the_same_answer() -> None:
    given, asked = policies(allow("s3:*"), allow("*")), request()
    assert decide(asked, given) == decide(asked, given)
