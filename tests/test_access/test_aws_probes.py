"""The probes and quirks of the evaluator's specification, one row each: what other evaluators got wrong, or might."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from aws_asking import (
    ANONYMOUS,
    AWAY,
    HOME,
    KEY,
    OBJECT,
    ROLE,
    ROLE_ARN,
    SERVICE,
    SESSION,
    USER,
    allow,
    ask,
    deny,
    policies,
    request,
    resource_policy,
    when,
)

from access.aws.catalogue import wildcard_only
from access.aws.decide import decide, decide_any, effect_of
from access.aws.policies import Origin, Policies, Unread
from access.aws.principals import Principal, PrincipalKind
from access.decision import Effect, Layer

ALLOW, SILENT, DENIED, OPEN = (
    Effect.ALLOW,
    Effect.IMPLICIT_DENY,
    Effect.EXPLICIT_DENY,
    Effect.CONDITIONAL,
)
ADMIN = allow()
BUCKET = "arn:aws:s3:::models/*"
EXEC = f"arn:aws:iam::{HOME}:role/exec"
RESERVED = f"arn:aws:iam::{HOME}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_A_1"
LINKED = f"arn:aws:iam::{HOME}:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRole"
VENDOR = "arn:aws:iam::aws:policy/ReadOnlyAccess"
FOREIGN = Principal(PrincipalKind.ROLE, f"arn:aws:iam::{AWAY}:role/x", AWAY, name="x", tags={})
LINKED_CALLER = Principal(PrincipalKind.ROLE, LINKED, HOME, service_linked=True, tags={})
ASSUME, DECRYPT = "sts:AssumeRole", "kms:Decrypt"


def trust(who: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": ASSUME, "Principal": who, **more}


def to(who: Any, statement: dict[str, Any]) -> dict[str, Any]:
    return statement | {"Principal": who}


S3_ALL, NO_PUT = allow("s3:*"), deny("s3:PutObject")
MFA = deny("*", "*", Condition=when("Bool", "aws:MultiFactorAuthPresent", "false"))
TLS = resource_policy(
    to("*", deny("*", "*", Condition=when("Bool", "aws:SecureTransport", "false")))
)
PATTERN = {"form": "some"}
UNREAD = Policies(
    identity=policies(ADMIN).identity,
    boundary=(Unread("policy unread", Origin(Layer.BOUNDARY, "b")),),
)
TAG_A, TAG_B = (when("StringEquals", "aws:RequestTag/team", value) for value in "ab")
OU_GAP = policies(ADMIN, scps=[[ADMIN], [allow("ec2:*")], [ADMIN]])
SCP_NOT = policies(ADMIN, scps=[[{"Effect": "Allow", "Action": "*", "NotResource": BUCKET}]])
NOT_TWO = {"Effect": "Allow", "Action": "*", "NotResource": ["arn:aws:s3:::x/*", BUCKET]}
SCOPED_DENY = policies(S3_ALL, deny("*", "arn:aws:s3:::models/secret/*"))
RCP = policies(ADMIN, rcps=[[to("*", deny("*"))]])
EP = f"arn:aws:sagemaker:eu-west-1:{HOME}:endpoint/e"
PASS_TO = when("StringEquals", "iam:PassedToService", "sagemaker.amazonaws.com")
PLUS = f"arn:aws:iam::{HOME}:role/a+b"
HOMES = policies(allow("s3:*", "arn:aws:s3:::home-${aws:username}/*"))
HOME_BOB = "arn:aws:s3:::home-bob/x"
BOUNDED = {"boundary": [allow("ec2:Describe*")]}

# (row, policies, action, resource, what else is given, required)
PROBES: list[tuple[str, Policies, str, str, dict[str, Any], Effect]] = [
    ("P1", policies(S3_ALL, NO_PUT), "s3:GetObject", OBJECT, {}, ALLOW),
    ("P2", policies(NO_PUT, S3_ALL), "s3:GetObject", OBJECT, {}, ALLOW),
    ("P2", policies(NO_PUT, S3_ALL), "s3:PutObject", OBJECT, {}, DENIED),
    ("P3", policies(allow("s3:GetObject"), NO_PUT), "s3:GetObject", OBJECT, {}, ALLOW),
    ("P4", SCOPED_DENY, "s3:GetObject", BUCKET, PATTERN, ALLOW),
    ("P4", SCOPED_DENY, "s3:GetObject", "arn:aws:s3:::models/secret/k", {}, DENIED),
    ("P5", policies(ADMIN, MFA), "s3:GetObject", OBJECT, {}, OPEN),
    ("P6", policies(allow("s3:GetObjec?t")), "s3:GetObject", OBJECT, {}, SILENT),
    ("P6", policies(allow("s3:GetObjec?")), "s3:GetObject", OBJECT, {}, ALLOW),
    ("P7", policies(allow("iam:PassRole", PLUS)), "iam:PassRole", PLUS, {}, ALLOW),
    ("P8", policies(allow("s3:*", "arn:aws:s3:::models/[l*")), "s3:GetObject", OBJECT, {}, SILENT),
    ("P8", policies(allow("s3:*", "arn:aws:s3:::b/[l*")), "s3:Get", "arn:aws:s3:::b/[lx", {}, ALLOW),
    ("P9", policies({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), "s3:GetObject", OBJECT, {}, ALLOW),
    ("P10", policies({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x/*"}), "s3:GetObject", OBJECT, {}, ALLOW),
    ("P11", HOMES, "s3:GetObject", HOME_BOB, {"principal": ROLE}, OPEN),
    ("P11", HOMES, "s3:GetObject", HOME_BOB, {}, SILENT),
    ("P11", HOMES, "s3:GetObject", "arn:aws:s3:::home-ana/x", {}, ALLOW),
    ("P12", policies(NOT_TWO), "s3:GetObject", OBJECT, {}, SILENT),
    ("P13", policies(ADMIN, **BOUNDED), "s3:GetObject", OBJECT, {"principal": ROLE}, SILENT),
    ("P13", policies(ADMIN, **BOUNDED), "ec2:DescribeImages", "*", {"principal": ROLE}, ALLOW),
    ("P14", UNREAD, "s3:GetObject", OBJECT, {}, OPEN),
    ("P15", policies(ADMIN, scps=[[ADMIN, deny("iam:CreateRole")]]), "iam:CreateRole", EXEC, {}, DENIED),
    ("P16", SCP_NOT, "s3:GetObject", OBJECT, {}, SILENT),
    ("P16", SCP_NOT, "s3:GetObject", "arn:aws:s3:::other/x", {}, ALLOW),
    ("P16", OU_GAP, "s3:GetObject", OBJECT, {}, SILENT),
    ("P17", Policies(resource=resource_policy(trust({"AWS": ROLE_ARN}))), ASSUME, EXEC, {"principal": SESSION}, ALLOW),
    ("P18", policies(allow("sagemaker:*", f"arn:aws:sagemaker:*:{HOME}:domain/d/user-profile/*")), "sagemaker:DeleteDomain", f"arn:aws:sagemaker:eu-west-1:{HOME}:domain/d", {}, SILENT),
    ("P22", policies(ADMIN), "s3:GetObject", OBJECT, {"resource_account": AWAY}, SILENT),
    ("P22", Policies(resource=resource_policy(to({"AWS": HOME}, allow()))), "s3:GetObject", OBJECT, {"resource_account": AWAY}, SILENT),
    ("P23", policies(allow("s3:*", Condition=when("ForAllValues:StringEquals", "aws:TagKeys", "a"))), "s3:GetObject", OBJECT, {}, ALLOW),
    ("P24", Policies(identity=policies(ADMIN).identity, resource=TLS), "s3:GetObject", OBJECT, {}, ALLOW),
    ("P25", policies(allow(Condition=TAG_A), scps=[[allow(Condition=TAG_B)]]), "sagemaker:CreateModel", EP, {}, SILENT),
    ("P26", Policies(resource=resource_policy(trust({"AWS": FOREIGN.arn}))), ASSUME, EXEC, {"principal": FOREIGN}, SILENT),
    ("P26", Policies(resource=resource_policy(to({"AWS": FOREIGN.arn}, allow(DECRYPT)))), DECRYPT, KEY, {"principal": FOREIGN}, SILENT),
    ("P27", policies(resource=resource_policy(trust({"AWS": ROLE_ARN})), **BOUNDED), ASSUME, EXEC, {"principal": ROLE}, SILENT),
    ("P28", RCP, "sagemaker:InvokeEndpoint", EP, {}, ALLOW),
    ("P28", RCP, "s3:GetObject", OBJECT, {"resource_in_management": True}, ALLOW),
    ("P28", RCP, "s3:GetObject", OBJECT, {}, DENIED),
    ("Q1", policies(allow("s3:*", BUCKET)), "s3:ListAllMyBuckets", "*", {"wildcard_only": True}, SILENT),
    ("Q1", policies(ADMIN, deny("s3:*", BUCKET)), "s3:ListAllMyBuckets", "*", {"wildcard_only": True}, ALLOW),
    ("Q1", policies({"Effect": "Allow", "Action": "s3:*", "NotResource": BUCKET}), "s3:ListAllMyBuckets", "*", {"wildcard_only": True}, ALLOW),
    ("Q2", policies(deny(), scps=[[]]), "sts:GetCallerIdentity", "*", {}, ALLOW),
    ("Q3", policies(ADMIN), "iam:CreatePolicyVersion", VENDOR, {}, SILENT),
    ("Q4", policies(ADMIN), "iam:PutRolePolicy", RESERVED, {}, SILENT),
    ("Q4", policies(ADMIN), "iam:PassRole", RESERVED, {}, SILENT),
    ("Q4", policies(ADMIN), "iam:GetRole", RESERVED, {}, ALLOW),
    ("Q5", policies(ADMIN), "iam:AttachRolePolicy", LINKED, {}, SILENT),
    ("Q5", policies(ADMIN), "iam:DeleteServiceLinkedRole", LINKED, {}, ALLOW),
    ("Q5", policies(ADMIN), "iam:PassRole", LINKED, {}, ALLOW),
    ("Q5", policies(ADMIN, scps=[[]], rcps=[[to("*", deny())]]), "s3:GetObject", OBJECT, {"principal": LINKED_CALLER}, ALLOW),
    ("Q6", policies(ADMIN), "kms:UpdateAlias", f"arn:aws:kms:eu-west-1:{HOME}:alias/aws/s3", {}, SILENT),
    ("Q6", policies(ADMIN), "kms:UpdateAlias", f"arn:aws:kms:eu-west-1:{HOME}:alias/own", {}, ALLOW),
    ("Q7", policies(ADMIN, resource=resource_policy(to({"AWS": AWAY}, allow("kms:*")))), DECRYPT, KEY, {}, SILENT),
    ("Q7", policies(ADMIN, resource=resource_policy(to({"AWS": HOME}, allow("kms:*")))), DECRYPT, KEY, {}, ALLOW),
    ("Q8", policies(ADMIN, resource=resource_policy(trust({"AWS": AWAY}))), ASSUME, EXEC, {}, SILENT),
    ("Q8", Policies(resource=resource_policy(trust({"AWS": USER.arn}))), ASSUME, EXEC, {}, ALLOW),
    ("Q8", Policies(resource=resource_policy(trust({"AWS": HOME}))), ASSUME, EXEC, {}, SILENT),
    ("Q8", policies(ADMIN, resource=resource_policy(trust({"AWS": f"arn:aws:iam::{HOME}:user/*"}))), ASSUME, EXEC, {}, SILENT),
    ("Q9", policies(ADMIN), ASSUME, EXEC, {"principal": SERVICE}, SILENT),
    ("Q9", Policies(resource=resource_policy(trust({"Service": SERVICE.arn}, Condition=when("StringEquals", "aws:SourceAccount", HOME)))), ASSUME, EXEC, {"principal": SERVICE}, ALLOW),
    ("Q10", Policies(resource=resource_policy(allow())), "s3:GetObject", OBJECT, {}, SILENT),
    ("Q11", policies(scps=[[]], resource=resource_policy(to("*", allow()))), "s3:GetObject", OBJECT, {"principal": ANONYMOUS}, ALLOW),
    ("Q12", policies(ADMIN, boundary=[ADMIN], resource=resource_policy(deny(NotPrincipal={"AWS": USER.arn}))), "s3:GetObject", OBJECT, {}, DENIED),
    ("Q12", policies(ADMIN, resource=resource_policy(deny(NotPrincipal={"AWS": USER.arn}))), "s3:GetObject", OBJECT, {}, ALLOW),
    ("Q13", policies(ADMIN, endpoint=[to({"AWS": AWAY}, allow())]), "s3:GetObject", OBJECT, {}, SILENT),
    ("Q13", policies(ADMIN, endpoint=[to("*", allow())]), "s3:GetObject", OBJECT, {}, ALLOW),
    ("Q14", policies(allow("s3:*", Condition=when("StringEquals", "aws:ResourceTag/team", "a"))), "s3:GetObject", OBJECT, {"resource_tags": {}}, SILENT),
    ("Q14", policies(allow("s3:*", Condition=when("StringEquals", "aws:ResourceTag/team", "a"))), "s3:GetObject", OBJECT, {"resource_tags": {"team": "a"}}, ALLOW),
    ("Q15", policies(resource=resource_policy(to({"AWS": SESSION.arn}, allow())), **BOUNDED), "s3:GetObject", OBJECT, {"principal": SESSION}, ALLOW),
    ("Q15", policies(resource=resource_policy(to({"AWS": ROLE_ARN}, allow())), **BOUNDED), "s3:GetObject", OBJECT, {"principal": SESSION}, SILENT),
    ("Q16", policies(allow("iam:PassRole", EXEC, Condition=PASS_TO)), "iam:PassRole", EXEC, {"context": {"iam:passedtoservice": ("sagemaker.amazonaws.com",)}}, ALLOW),
    ("Q16", policies(allow("iam:PassRole", EXEC, Condition=PASS_TO)), "iam:PassRole", EXEC, {"context": {"iam:passedtoservice": ("ec2.amazonaws.com",)}}, SILENT),
    ("Q16", policies(ADMIN), "iam:PassRole", f"arn:aws:iam::{AWAY}:role/r", {"resource_account": AWAY}, SILENT),
]  # fmt: skip


@pytest.mark.parametrize("probe", PROBES, ids=[f"{p[0]}-{i}" for i, p in enumerate(PROBES)])
def test_a_probe_has_the_required_outcome(
    probe: tuple[str, Policies, str, str, dict[str, Any], Effect],
) -> None:
    _, given, action, resource, more, required = probe
    if more == PATTERN:
        asked = request(action, resource)
        assert decide_any(asked, given).effect is required
        return
    asked = request(action, resource, **more)
    found = decide(asked, given)
    assert (found.effect, effect_of(asked, given)) == (required, required)


def test_what_a_probe_must_name_is_named() -> None:
    p4 = decide_any(request("s3:GetObject", BUCKET), SCOPED_DENY)
    assert p4.exclusions == ("arn:aws:s3:::models/secret/*",)
    p5 = ask(policies(ADMIN, MFA))
    assert {condition.key for condition in p5.conditions} == {"aws:MultiFactorAuthPresent"}
    p22 = ask(policies(ADMIN), resource_account=AWAY)
    assert p22.blocked_by == (Layer.RESOURCE,)
    p24 = ask(Policies(identity=policies(ADMIN).identity, resource=TLS))
    assert dict(p24.chosen) == {"aws:SecureTransport": "true"}
    p25 = ask(
        policies(allow(Condition=TAG_A), scps=[[allow(Condition=TAG_B)]]), "sagemaker:CreateModel"
    )
    assert {reason.layer for reason in p25.reasons} >= {Layer.IDENTITY, Layer.SCP}


def test_there_is_no_converse_action_to_ask_for() -> None:
    given = policies(allow("bedrock:InvokeModel"))
    assert ask(given, "bedrock:InvokeModel").effect is ALLOW
    assert not wildcard_only("bedrock:Converse")


# What the remaining rows require of Grants and paths, each by the test that holds it.
ELSEWHERE: dict[str, tuple[str, str]] = {
    "P4": (
        "test_cases_grants",
        "test_a_deny_on_one_prefix_leaves_the_bucket_and_takes_the_prefix_with_its_models",
    ),
    "P13": (
        "test_cases_grants",
        "test_a_boundary_leaves_an_administrator_what_it_names_and_nothing_else",
    ),
    "P15": (
        "test_cases_grants",
        "test_what_a_control_policy_denies_an_administrator_is_listed_as_residual",
    ),
    "P19": ("test_aws_rows", "test_another_role_or_resource_is_not_reached"),
    "P20": (
        "test_cases_paths",
        "test_a_notebook_of_ones_own_is_one_potential_notebook_with_its_pattern",
    ),
    "P21": ("test_cases_grants", "test_a_bucket_whose_key_may_not_be_used_is_not_read"),
    "Q7": ("test_aws_key_grants", "test_a_grant_gives_the_use_of_a_key_whose_policy_does_not"),
    "Q11": (
        "test_cases_grants",
        "test_a_public_bucket_behind_a_block_of_public_access_opens_nothing",
    ),
    "Q16": ("test_aws_rows", "test_a_role_that_trusts_another_service_is_not_passed"),
}
# Q17 is a rule of the engine (no technique starts from a service-linked role), Q19 one of Lake Formation's own Grants
ROWS = [f"P{i}" for i in range(1, 29)] + [f"Q{i}" for i in range(1, 17)]


def test_every_row_has_a_probe_or_a_test_that_holds_it() -> None:
    assert set(ROWS) - {probe[0] for probe in PROBES} - set(ELSEWHERE) == set()
    for file, name in ELSEWHERE.values():
        tree = ast.parse((Path(__file__).parent / f"{file}.py").read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
