"""Rows as questions to AWS's policy simulator: which can be asked, and what then goes over the wire."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from aws_asking import NOW
from decision_rows import MEASURED, our_rows, rows_of
from wire.answers import Wired, answered
from wire.asking import client_of, signed
from wire.canned import HOME, Canned, Normal
from wire.requests import Asked
from wire.server import Wire, running
from wire.simulation import SIMULATE, Simulation, asked_of, result

from access.decision import Effect
from ingest.aws.simulator import Opinion, Simulator, Unanswered
from ingest.aws.simulator_questions import Question, Unasked, question_of

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

OTHER = "222222222222"
ANA = f"arn:aws:iam::{HOME}:user/team/ana"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/trainer/s1"
OBJECT = "arn:aws:s3:::claims/a"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}  # fmt: skip
ROW: dict[str, Any] = {
    "id": "x",
    "principal": ANA,
    "action": "s3:GetObject",
    "resource": OBJECT,
    "resource_account": HOME,
    "context": {},
    "identity": [ALLOW],
}


@pytest.fixture
def estate() -> Canned:
    return Canned()


@pytest.fixture
def wire(estate: Canned) -> Iterator[Wire]:
    with signed(), running(estate) as served:
        yield served


def question(**more: Any) -> Question:
    found = question_of({**ROW, **more}, instant=NOW)
    assert isinstance(found, Question)
    return found


def sent(wire: Wire, **more: Any) -> dict[str, Any]:
    """What goes over the wire for the row."""
    client = client_of(wire)
    Simulator(client, HOME).ask(question(**more))
    return asked_of(wire.asked(SIMULATE)[-1])


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"form": "existential", "resource": "arn:aws:s3:::claims/*"}, Unasked.SOME),
        ({"resource": "arn:aws:s3:::claims/*"}, Unasked.PATTERN),
        ({"resource": "arn:aws:s3:::claims/a?"}, Unasked.PATTERN),
        ({"principal": {"type": "Anonymous"}}, Unasked.ANONYMOUS),
        ({"principal": "glue.amazonaws.com"}, Unasked.SERVICE),
        ({"principal": {"type": "Federated", "id": "accounts.google.com"}}, Unasked.FEDERATED),
        ({"principal": f"arn:aws:sts::{HOME}:federated-user/eve"}, Unasked.FEDERATED),
        ({"principal": f"arn:aws:iam::{HOME}:root"}, Unasked.ROOT),
        ({"principal": f"arn:aws:iam::{HOME}:instance-profile/x"}, Unasked.NO_IDENTITY),
        ({"session": ALLOW}, Unasked.SESSION),
        ({"scps": [[ALLOW]]}, Unasked.CONTROL),
        ({"rcps": [[ALLOW]]}, Unasked.CONTROL),
        ({"endpoint": [ALLOW]}, Unasked.ENDPOINT),
        ({"boundaries": [ALLOW, ALLOW]}, Unasked.BOUNDARIES),
        (
            {"action": "sts:AssumeRole", "resource": f"arn:aws:iam::{HOME}:role/r", "resource_policy": ALLOW},
            Unasked.TRUST,
        ),
        ({"principal": SESSION, "resource_policy": ALLOW}, Unasked.ROLE_AND_RESOURCE),
        ({"principal": f"arn:aws:iam::{HOME}:role/r", "resource_policy": ALLOW}, Unasked.ROLE_AND_RESOURCE),
        ({"resource_account": OTHER}, Unasked.ELSEWHERE),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_asked_says_why(more: dict[str, Any], reason: Unasked) -> None:
    assert question_of({**ROW, **more}, instant=NOW) is reason


@pytest.mark.parametrize(
    "more",
    [
        {"boundaries": []},
        {"scps": None, "rcps": None, "session": None, "endpoint": None, "resource_policy": None},
        {"resource_account": None},
        {"principal": f"arn:aws:iam::{HOME}:group/g"},
        {"principal": f"arn:aws:iam::{HOME}:role/r"},
        {"resource_policy": ALLOW},
        {"resource_policy": ALLOW, "resource_account": OTHER},
        {"action": "sts:AssumeRole", "resource": f"arn:aws:iam::{HOME}:role/r"},
    ],
)
def test_a_row_without_such_a_thing_can_be_asked(more: dict[str, Any]) -> None:
    assert isinstance(question_of({**ROW, **more}, instant=NOW), Question)


def test_the_identity_policies_of_the_row_are_not_sent(wire: Wire) -> None:
    told = sent(wire)

    assert (told["PolicySourceArn"], told["ActionNames"], told["ResourceArns"]) == (
        ANA,
        ["s3:GetObject"],
        [OBJECT],
    )
    assert {"PolicyInputList", "ResourcePolicy", "CallerArn", "ResourceOwner"}.isdisjoint(told)


def test_a_boundary_and_a_resource_policy_of_the_row_are_sent(wire: Wire) -> None:
    told = sent(wire, boundaries=[ALLOW], resource_policy=ALLOW, resource_account=OTHER)

    assert [json.loads(text) for text in told["PermissionsBoundaryPolicyInputList"]] == [ALLOW]
    assert json.loads(told["ResourcePolicy"]) == ALLOW
    assert (told["CallerArn"], told["ResourceOwner"]) == (ANA, OTHER)


def test_an_action_without_resources_is_asked_on_all(wire: Wire) -> None:
    told = sent(wire, action="s3:ListAllMyBuckets", resource="*", wildcard_only_action=True)

    assert told["ResourceArns"] == ["*"]


def test_text_in_braces_goes_over_the_wire_as_it_is(wire: Wire) -> None:
    policy = '{"Id": "{account} {item} {text0} ${aws:username}"}'
    told = sent(wire, resource="arn:aws:s3:::x/{region}", resource_policy=policy)

    assert (told["ResourceArns"], told["ResourcePolicy"]) == (["arn:aws:s3:::x/{region}"], policy)


def test_condition_keys_are_sent_with_the_types_of_their_values(wire: Wire) -> None:
    given = {
        "aws:SourceIp": "203.0.113.7",
        "aws:MultiFactorAuthPresent": True,
        "aws:MultiFactorAuthAge": 300,
        "aws:SecureTransport": "true",
        "aws:TokenIssueTime": "2026-01-01T00:00:00Z",
        "aws:TagKeys": ["team", "cost"],
        "aws:CalledVia": "athena.amazonaws.com",
        "aws:SourceArn": "arn:aws:s3:::claims",
        "x:number": 2.5,
        "x:flag": False,
        "x:list": ["a"],
        "x:none": [],
    }
    told = sent(wire, context=given)["context"]

    assert {name: told.get(name) for name in given} == {
        "aws:SourceIp": ("ip", ["203.0.113.7"]),
        "aws:MultiFactorAuthPresent": ("boolean", ["true"]),
        "aws:MultiFactorAuthAge": ("numeric", ["300"]),
        "aws:SecureTransport": ("boolean", ["true"]),
        "aws:TokenIssueTime": ("date", ["2026-01-01T00:00:00Z"]),
        "aws:TagKeys": ("stringList", ["team", "cost"]),
        "aws:CalledVia": ("stringList", ["athena.amazonaws.com"]),
        "aws:SourceArn": ("string", ["arn:aws:s3:::claims"]),
        "x:number": ("numeric", ["2.5"]),
        "x:flag": ("boolean", ["false"]),
        "x:list": ("stringList", ["a"]),
        "x:none": None,
    }


def test_keys_that_follow_from_the_request_are_sent_and_those_of_the_row_win(wire: Wire) -> None:
    table = "arn:aws:dynamodb:eu-west-1:111111111111:table/t"
    row = {"action": "dynamodb:GetItem", "resource": table, "context": {"AWS:username": "other"}}
    told = sent(wire, **row)["context"]

    assert told == {
        "AWS:username": ("string", ["other"]),
        "aws:PrincipalArn": ("string", [ANA]),
        "aws:PrincipalAccount": ("string", [HOME]),
        "aws:PrincipalType": ("string", ["User"]),
        "aws:ResourceAccount": ("string", [HOME]),
        "aws:RequestedRegion": ("string", ["eu-west-1"]),
        "aws:CurrentTime": ("date", [NOW.isoformat().replace("+00:00", "Z")]),
        "aws:EpochTime": ("numeric", [str(int(NOW.timestamp()))]),
    }


@pytest.mark.parametrize(
    ("context", "source"),
    [
        ({}, f"arn:aws:iam::{HOME}:role/trainer"),
        ({"aws:PrincipalArn": f"arn:aws:iam::{HOME}:role/w/trainer"}, f"arn:aws:iam::{HOME}:role/w/trainer"),
    ],
)  # fmt: skip
def test_a_session_is_asked_as_the_role_that_its_context_names(
    context: dict[str, Any], source: str
) -> None:
    found = question(principal=SESSION, context=context)

    assert (found.source, found.as_role, found.account) == (source, True, HOME)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, Opinion(Effect.ALLOW)),
        ({"EvalActionName": "S3:getobject"}, Opinion(Effect.ALLOW)),
        ({"ResourceSpecificResults": []}, Opinion(Effect.ALLOW)),
        ({"EvalDecisionDetails": {"IAM Policy": "allowed"}}, Opinion(Effect.ALLOW, (), ("IAM Policy says allowed at AWS",))),
        ({"EvalActionName": "s3:PutObject"}, "no single result"),
        ({"ResourceSpecificResults": [{"EvalResourceName": "arn:aws:s3:::b", "EvalResourceDecision": "allowed"}]}, "no single result"),
        ({"ResourceSpecificResults": [], "EvalDecision": "perhaps"}, "`perhaps` is no decision"),
    ],
)  # fmt: skip
def test_an_answer_is_read_for_the_action_and_the_resource_alone(
    estate: Canned, wire: Wire, changed: dict[str, Any], said: Opinion | str
) -> None:
    def step(asked: Asked, _told: Normal) -> Wired:
        row = {**result(asked, "allowed"), **changed}
        return answered(asked, {"EvaluationResults": [row], "IsTruncated": False})

    estate.script(SIMULATE, step)
    found = Simulator(client_of(wire), HOME).ask(question())

    if isinstance(said, Opinion):
        assert found == said
    else:
        assert isinstance(found, Unanswered)
        assert said in found.reason


def test_the_decision_on_the_resource_beats_the_one_on_all(estate: Canned, wire: Wire) -> None:
    def step(asked: Asked, _told: Normal) -> Wired:
        row = {**result(asked, "implicitDeny", missing=["aws:SourceIp"]), "EvalDecision": "allowed"}
        return answered(asked, {"EvaluationResults": [row], "IsTruncated": False})

    estate.script(SIMULATE, step)

    found = Simulator(client_of(wire), HOME).ask(question())

    assert found == Opinion(Effect.IMPLICIT_DENY, ("aws:SourceIp",))


def test_every_row_of_the_corpora_is_a_request_that_the_sdk_takes_or_says_why_not() -> None:
    rows = our_rows() + rows_of(MEASURED)
    found = [question_of(row, instant=NOW) for row in rows]
    asked = [one for one in found if isinstance(one, Question)]
    assert len(asked) > len(rows) // 3, Counter(one for one in found if isinstance(one, Unasked))
    for account in sorted({one.account for one in asked}):
        mine = [one for one in asked if one.account == account]
        estate = Canned()
        estate.script(SIMULATE, Simulation({one.source: "allowed" for one in mine}))
        with signed(account), running(estate) as wire:
            simulator = Simulator(client_of(wire), account)
            assert {one for one in mine if not isinstance(simulator.ask(one), Opinion)} == set()
