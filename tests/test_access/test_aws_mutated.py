"""Policies that went wrong, in a few hundred ways and at every size: read, told and left conditional, never refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_asking import NOW, allow, ask, deny, document, policies, sourced
from mutated_policies import check, estate, told

from access.aws.policies import Policies
from access.decision import Effect
from access.resolve import resolve


def test_bent_documents_are_loaded_and_decided_without_an_exception() -> None:
    check(300)


@pytest.mark.parametrize("action", ["nosuch:Action", "sagemaker:NoSuchAction", "s3", "", ":", "*"])
def test_an_unknown_action_is_decided_by_the_patterns_that_name_it(action: str) -> None:
    assert ask(policies(allow("*")), action).effect is Effect.ALLOW
    assert ask(policies(allow("sagemaker:CreateModel")), action).effect is Effect.IMPLICIT_DENY
    assert ask(policies(allow("*"), deny("*")), action).effect is Effect.EXPLICIT_DENY


@pytest.mark.parametrize(
    "arn",
    ["", "arn", "arn:aws", "arn:aws:s3", "::::::", "no arn", "arn:aws:s3:::", "a:b:c:d:e:f:g"],
)
def test_a_malformed_arn_is_matched_by_a_star_and_by_itself_alone(arn: str) -> None:
    assert ask(policies(allow("*", "*")), resource=arn).effect is Effect.ALLOW
    elsewhere = policies(allow("*", "arn:aws:s3:::models/*"))
    assert ask(elsewhere, resource=arn).effect is Effect.IMPLICIT_DENY
    assert (
        ask(policies(allow("*", arn)), resource="arn:aws:s3:::b/x").effect is Effect.IMPLICIT_DENY
    )


BIG: dict[str, Any] = {
    "statements": document(*(allow(f"s3:Get{i}", f"arn:aws:s3:::b{i}/*") for i in range(4000))),
    "actions": document(allow([f"s3:Get{i}*" for i in range(20_000)])),
    "resources": document(allow("s3:*", [f"arn:aws:s3:::b{i}/*" for i in range(20_000)])),
    "values": document(
        allow(Condition={"StringLike": {"aws:SourceVpc": [f"vpc-{i}*" for i in range(2000)]}})
    ),
    "one name": document(allow("s3:" + "a" * 500_000)),
    "one pattern": document(allow("s3:*", "arn:aws:s3:::" + "*a" * 5000)),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("what", BIG)
def test_a_policy_beyond_every_quota_is_decided(what: str) -> None:
    found = ask(Policies(identity=(sourced(BIG[what]),)))
    assert found.effect in (Effect.IMPLICIT_DENY, Effect.CONDITIONAL)
    with_plain = Policies(identity=(sourced(BIG[what]), sourced(document(allow()))))
    assert ask(with_plain).effect is Effect.ALLOW


@pytest.mark.parametrize("depth", [10, 100, 300, 500, 900, 990, 1000, 2000, 100_000])
@pytest.mark.parametrize("place", ["Resource", "Condition", "Principal", "Statement", "Extra"])
def test_a_document_of_any_depth_is_read_or_told(depth: int, place: str) -> None:
    deep = "[" * depth + "]" * depth
    inner = f'"Effect":"Allow","Action":"*","Resource":"*","{place}":{deep}'
    text = f'{{"Statement":{deep}}}' if place == "Statement" else f'{{"Statement":{{{inner}}}}}'
    facts = estate(text)
    assert resolve(facts, instant=NOW)
    assert told(facts)
    assert all(told(facts))


def test_what_is_told_names_the_part_that_could_not_be_evaluated() -> None:
    text = json.dumps(
        document(
            {"Sid": "S", "Effect": "Permit", "Action": [], "Resource": 7, "When": 1}
            | {"Condition": {"StringMatches": {"a:b": "c"}, "NumericEquals": {"a:c": "ten"}}}
        )
    )
    remarks = "\n".join(told(estate(text)))
    for part in ("Permit", "Action", "Resource", "When", "StringMatches", "ten"):
        assert part in remarks
