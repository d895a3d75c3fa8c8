"""Questions about patterns: some resource, every resource, and what is left out of the answer."""

from __future__ import annotations

from typing import Any

import pytest
from aws_asking import (
    HOME,
    NOW,
    USER,
    USER_ARN,
    allow,
    deny,
    document,
    policies,
    request,
    resource_policy,
    sourced,
    when,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.aws_policy import ALLOW, EXPLICIT, Question, evaluate, wild_arn

from access.aws.decide import decide, decide_any, effect_of
from access.aws.policies import Policies
from access.aws.request import Form, Request
from access.decision import Decision, Effect

BUCKET = "arn:aws:s3:::b"
OBJECTS = f"{BUCKET}/*"


def some(
    *statements: dict[str, Any], resource: str = "*", action: str = "s3:GetObject", **more: Any
) -> Decision:
    return decide_any(request(action, resource, **more), policies(*statements))


def every(*statements: dict[str, Any], resource: str = OBJECTS, **more: Any) -> Decision:
    return decide(request("s3:GetObject", resource, form=Form.EVERY, **more), policies(*statements))


# --- some ----------------------------------------------------------------------------------------------------------


def test_the_answer_names_the_patterns_that_are_allowed() -> None:
    notebooks = f"arn:aws:sagemaker:*:{HOME}:notebook-instance/"
    found = some(
        allow("sagemaker:*", f"{notebooks}dev-*"),
        allow("sagemaker:*", f"{notebooks}test-*"),
        resource=f"{notebooks}*",
        action="sagemaker:CreateNotebookInstance",
    )
    assert (found.effect, found.patterns) == (
        Effect.ALLOW,
        (f"{notebooks}dev-*", f"{notebooks}test-*"),
    )


def test_a_star_means_some_resource_and_not_the_character() -> None:
    assert some(allow("s3:*", f"{BUCKET}/x")).patterns == (f"{BUCKET}/x",)


def test_every_layer_narrows_the_pattern() -> None:
    given_ = policies(allow("s3:*", "arn:aws:s3:::a*"), boundary=[allow("*", "arn:aws:s3:::*b")])
    assert decide_any(request(resource="*"), given_).patterns == ("arn:aws:s3:::a*b",)


def test_layers_without_common_resource_are_a_denial() -> None:
    given_ = policies(allow("s3:*", "arn:aws:s3:::a*"), boundary=[allow("*", "arn:aws:s3:::b*")])
    assert decide_any(request(resource="*"), given_).effect is Effect.IMPLICIT_DENY


def test_a_deny_on_a_part_is_an_exclusion() -> None:
    found = some(allow("s3:*", OBJECTS), deny("*", f"{BUCKET}/secret/*"))
    assert (found.effect, found.patterns, found.exclusions) == (
        Effect.ALLOW,
        (OBJECTS,),
        (f"{BUCKET}/secret/*",),
    )


def test_a_deny_on_all_that_is_allowed_is_a_denial() -> None:
    assert (
        some(allow("s3:*", f"{BUCKET}/x*"), deny("*", f"{BUCKET}/*")).effect is Effect.IMPLICIT_DENY
    )


def test_a_deny_on_everything_is_explicit() -> None:
    assert some(allow("s3:*", OBJECTS), deny()).effect is Effect.EXPLICIT_DENY


def test_a_deny_of_all_but_a_part_leaves_that_part() -> None:
    rest = {"Effect": "Deny", "Action": "*", "NotResource": f"{BUCKET}/public/*"}
    assert some(allow("s3:*", OBJECTS), rest).patterns == (f"{BUCKET}/public/*",)


def test_an_allow_of_all_but_a_part_excludes_it() -> None:
    found = some(
        {"Effect": "Allow", "Action": "*", "NotResource": f"{BUCKET}/secret/*"}, resource=OBJECTS
    )
    assert (found.patterns, found.exclusions) == ((OBJECTS,), (f"{BUCKET}/secret/*",))


def test_a_conditional_deny_on_a_part_is_gone_round() -> None:
    mfa = when("Bool", "aws:MultiFactorAuthPresent", "false")
    found = some(allow("s3:*", OBJECTS), deny("*", f"{BUCKET}/secret/*", Condition=mfa))
    assert (found.effect, found.exclusions) == (Effect.ALLOW, (f"{BUCKET}/secret/*",))


def test_a_conditional_deny_on_all_is_conditional() -> None:
    mfa = when("Bool", "aws:MultiFactorAuthPresent", "false")
    assert some(allow("s3:*", OBJECTS), deny(Condition=mfa)).effect is Effect.CONDITIONAL


def test_a_conditional_allow_beside_a_definite_one_adds_no_pattern() -> None:
    vpc = when("StringEquals", "aws:SourceVpc", "v")
    found = some(allow("s3:*", f"{BUCKET}/a*"), allow("s3:*", f"{BUCKET}/b*", Condition=vpc))
    assert (found.effect, found.patterns) == (Effect.ALLOW, (f"{BUCKET}/a*",))


def test_a_wildcard_only_action_is_allowed_on_everything_or_not_at_all() -> None:
    def asked(statement: dict[str, Any]) -> Effect:
        return some(statement, action="s3:ListAllMyBuckets", wildcard_only=True).effect

    assert asked(allow("s3:*")) is Effect.ALLOW
    assert asked(allow("s3:*", "arn:aws:s3:::*")) is Effect.IMPLICIT_DENY
    assert (
        asked({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b"}) is Effect.ALLOW
    )


def test_a_deny_on_named_resources_does_not_touch_a_wildcard_only_action() -> None:
    asked = request("s3:ListAllMyBuckets", "*", wildcard_only=True)
    assert decide(asked, policies(allow(), deny("*", "arn:aws:s3:::*"))).effect is Effect.ALLOW
    assert decide(asked, policies(allow(), deny())).effect is Effect.EXPLICIT_DENY


# --- every ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "excluding", "want"),
    [
        (OBJECTS, (), Effect.ALLOW),
        ("*", (), Effect.ALLOW),
        (f"{BUCKET}/a*", (), Effect.CONDITIONAL),
        (f"{BUCKET}/a*", (f"{BUCKET}/?*",), Effect.IMPLICIT_DENY),
        ("arn:aws:s3:::c/*", (), Effect.IMPLICIT_DENY),
        ([f"{BUCKET}/?*", f"{BUCKET}/"], (), Effect.ALLOW),
    ],
)
def test_an_allow_must_cover_all_of_it(
    resource: Any, excluding: tuple[str, ...], want: Effect
) -> None:
    assert every(allow("s3:*", resource), excluding=excluding).effect is want


def test_what_was_left_out_of_the_question_need_not_be_covered() -> None:
    statement = {"Effect": "Allow", "Action": "*", "NotResource": f"{BUCKET}/secret/*"}
    assert every(statement, excluding=(f"{BUCKET}/secret/*",)).exclusions == ()


def test_an_allow_of_a_part_names_the_pattern() -> None:
    (condition,) = every(allow("s3:*", f"{BUCKET}/a*")).conditions
    assert (condition.key, condition.values) == ("resource", (f"{BUCKET}/a*",))


def test_a_deny_of_a_part_leaves_the_rest_and_is_noted() -> None:
    found = every(allow(), deny("*", f"{BUCKET}/secret/*"))
    assert (found.effect, found.exclusions) == (Effect.ALLOW, (f"{BUCKET}/secret/*",))


def test_a_deny_of_all_denies() -> None:
    assert every(allow(), deny("*", "arn:aws:s3:::b*")).effect is Effect.EXPLICIT_DENY


def test_a_deny_of_all_but_a_part_is_conditional() -> None:
    rest = {"Effect": "Deny", "Action": "*", "NotResource": f"{BUCKET}/public/*"}
    assert every(allow(), rest).effect is Effect.CONDITIONAL
    assert every(allow(), rest, excluding=(f"{BUCKET}/public/*",)).effect is Effect.EXPLICIT_DENY


# --- against the twin ----------------------------------------------------------------------------------------------


WORLD = [f"{BUCKET}/{name}" for name in ("", "a", "b", "ab", "ba", "aa", "abc")]
PATTERNS = ["*", OBJECTS, *(f"{BUCKET}/{name}" for name in ("a*", "*b", "?", "a", "ab*", "b"))]


@st.composite
def rows(draw: st.DrawFn, *, named: bool = False) -> dict[str, Any]:
    element = draw(st.sampled_from(("Resource", "Resource", "NotResource")))
    row = {
        "Effect": draw(st.sampled_from(("Allow", "Allow", "Deny"))),
        "Action": "*",
        element: draw(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2)),
    }
    if named:
        row["Principal"] = {"AWS": draw(st.sampled_from((USER_ARN, HOME)))}
    return row


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Any], Policies]:
    identity = document(*draw(st.lists(rows(), min_size=1, max_size=3)))
    bucket = draw(st.none() | st.lists(rows(named=True), min_size=1, max_size=2))
    boundary = draw(st.none() | st.lists(rows(), min_size=1, max_size=2))
    plain = {
        "identity": [identity],
        "resource_policy": None if bucket is None else document(*bucket),
        "boundary": None if boundary is None else [document(*boundary)],
    }
    made = Policies(
        identity=(sourced(identity),),
        boundary=policies(boundary=boundary).boundary,
        resource=None if bucket is None else resource_policy(*bucket),
    )
    return plain, made


def truth(plain: dict[str, Any], resource: str) -> str:
    return evaluate(Question("user", USER_ARN, HOME, "s3:GetObject", resource, HOME, **plain))


def pattern_request(form: Form, question: str, excluding: tuple[str, ...]) -> Request:
    return Request(
        principal=USER,
        action="s3:GetObject",
        resource=question,
        now=NOW,
        resource_account=HOME,
        form=form,
        excluding=excluding,
    )


def covered(arn: str, patterns: tuple[str, ...]) -> bool:
    return any(wild_arn(pattern, arn) for pattern in patterns)


@settings(max_examples=150, deadline=None)
@given(worlds(), st.sampled_from(PATTERNS[1:]), st.lists(st.sampled_from(PATTERNS[2:]), max_size=1))
def test_some_is_allowed_exactly_where_one_of_them_is(
    world: tuple[dict[str, Any], Policies], question: str, excluding: list[str]
) -> None:
    plain, made = world
    asked = pattern_request(Form.SOME, question, tuple(excluding))
    found = decide(asked, made)
    assert effect_of(asked, made) is found.effect
    results = {
        arn: truth(plain, arn)
        for arn in WORLD
        if wild_arn(question, arn) and not covered(arn, tuple(excluding))
    }
    if found.effect is Effect.ALLOW:
        inside = {
            a for a in results if covered(a, found.patterns) and not covered(a, found.exclusions)
        }
        assert all(results[arn] == ALLOW for arn in inside)
        if not any("all the same" in note for note in found.notes):
            assert inside == {arn for arn, result in results.items() if result == ALLOW}
    else:
        assert ALLOW not in results.values()
    if found.effect is Effect.EXPLICIT_DENY:
        assert set(results.values()) <= {EXPLICIT}


@settings(max_examples=150, deadline=None)
@given(worlds(), st.sampled_from(PATTERNS[1:]), st.lists(st.sampled_from(PATTERNS[2:]), max_size=1))
def test_every_is_allowed_only_where_all_of_them_are(
    world: tuple[dict[str, Any], Policies], question: str, excluding: list[str]
) -> None:
    plain, made = world
    asked = pattern_request(Form.EVERY, question, tuple(excluding))
    found = decide(asked, made)
    assert effect_of(asked, made) is found.effect
    results = {
        arn: truth(plain, arn)
        for arn in WORLD
        if wild_arn(question, arn) and not covered(arn, tuple(excluding))
    }
    if found.effect is Effect.ALLOW:
        assert all(
            result == ALLOW for arn, result in results.items() if not covered(arn, found.exclusions)
        )
    elif not found.effect.granted:
        assert ALLOW not in results.values()
    if found.effect is Effect.EXPLICIT_DENY:
        assert set(results.values()) <= {EXPLICIT}
