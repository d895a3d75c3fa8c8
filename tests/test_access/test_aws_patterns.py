"""Patterns: what they match, and how much one covers of another, against trying every short text."""

from __future__ import annotations

import time
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.aws_policy import wild, wild_arn

from access.aws import patterns as subject
from access.aws.patterns import (
    Cover,
    action_matcher,
    arn_matcher,
    empty,
    escape,
    intersect,
    meet,
    overlaps,
    relation,
    text_matcher,
)

PARTS = st.text(alphabet="ab*?", max_size=4)
TAILS = st.text(alphabet="ab:*?", max_size=5)
TEXTS = ["".join(letters) for n in range(6) for letters in product("abc", repeat=n)]


@cache
def arns() -> tuple[str, ...]:
    """Every ARN of a small world: a service and a resource that may hold colons."""
    services = ("", "a", "b", "ab", "c")
    tails = ["".join(letters) for n in range(5) for letters in product("ab:", repeat=n)]
    return tuple(f"arn:aws:{service}:::{tail}" for service in services for tail in tails)


@st.composite
def arn_patterns(draw: st.DrawFn) -> str:
    shape = draw(st.integers(0, 5))
    if shape == 0:
        return draw(st.sampled_from(("*", "arn:*", "arn:aws:*", "arn:aws:a*", "arn:*:b")))
    return f"arn:aws:{draw(PARTS)}:::{draw(TAILS)}"


@given(st.text(alphabet="ab*?", max_size=8), st.text(alphabet="abc", max_size=8))
def test_a_pattern_matches_what_trying_letter_by_letter_matches(pattern: str, text: str) -> None:
    assert text_matcher(pattern)(text) == wild(pattern, text)


@given(arn_patterns(), st.sampled_from(arns()))
def test_an_arn_is_matched_part_by_part(pattern: str, arn: str) -> None:
    assert arn_matcher(pattern)(arn) == wild_arn(pattern, arn)


def members(pattern: str) -> set[str]:
    return {arn for arn in arns() if wild_arn(pattern, arn)}


@settings(deadline=None)
@given(arn_patterns(), arn_patterns(), st.lists(arn_patterns(), max_size=2))
def test_the_relation_agrees_with_counting_members(
    pattern: str, question: str, excluding: list[str]
) -> None:
    asked = members(question).difference(*map(members, excluding))
    found = relation(pattern, question, tuple(excluding))
    if found is Cover.ALL:
        assert asked <= members(pattern)
    elif found is Cover.NONE:
        assert not asked & members(pattern)
    if asked & members(pattern):
        assert found is not Cover.NONE
    if asked - members(pattern):
        assert found is not Cover.ALL


@settings(deadline=None)
@given(arn_patterns(), arn_patterns())
def test_the_intersection_has_exactly_the_common_members(left: str, right: str) -> None:
    found = meet(left, right)
    joined = set().union(*map(members, found.patterns))
    assert found.exact
    assert joined == members(left) & members(right)
    if joined:
        assert overlaps(left, right)


@settings(deadline=None)
@given(arn_patterns(), arn_patterns())
def test_the_relation_does_not_depend_on_what_was_asked_before(left: str, right: str) -> None:
    cached = relation(left, right)
    assert subject._compare(left, right, ()) is cached


@given(st.text(alphabet="ab*?${}:", max_size=6), st.text(alphabet="ab*?${}:", max_size=6))
def test_an_escaped_text_matches_itself_alone(text: str, other: str) -> None:
    assert text_matcher(escape(text))(text)
    assert text_matcher(escape(text))(other) == (text == other)


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("s3:GetObject", "s3:getobject", True),
        ("S3:*", "s3:getobject", True),
        ("s3:GetObjec?t", "s3:getobject", False),
        ("s3:GetObjec?", "s3:getobject", True),
        ("*", "iam:passrole", True),
        ("s3:Get*Acl", "s3:getobjectacl", True),
        ("s3:get", "s3:getobject", False),
    ],
)
def test_actions_match_in_any_case(pattern: str, action: str, matches: bool) -> None:
    assert action_matcher(pattern)(action) is matches


@pytest.mark.parametrize(
    ("pattern", "arn", "matches"),
    [
        ("arn:aws:s3:::B/*", "arn:aws:s3:::b/x", False),
        ("arn:aws:iam::1:role/a+b=c,d.e@f-g", "arn:aws:iam::1:role/a+b=c,d.e@f-g", True),
        ("arn:aws:iam::1:role/a.b", "arn:aws:iam::1:role/axb", False),
        ("arn:aws:s3:::b/[x", "arn:aws:s3:::b/[x", True),
        ("arn:aws:s3:::b/[xy]*", "arn:aws:s3:::b/x1", False),
        ("arn:aws:s3:::b/(a|b){2}*", "arn:aws:s3:::b/(a|b){2}z", True),
        ("arn:aws:s3:*:*:b/*", "arn:aws:s3:::b/x", True),
        ("arn:aws:*:b/*", "arn:aws:s3:::b/x", False),
        ("arn:aws:sns:*:topic", "arn:aws:sns:eu:1:topic", False),
        ("arn:aws:s3*", "arn:aws:s3:::b/x", True),
        ("arn:aws:logs:eu:1:group:*", "arn:aws:logs:eu:1:group:a:stream:b", True),
        (
            "arn:aws:sagemaker:eu:1:domain/d",
            "arn:aws:sagemaker:eu:1:domain/d/user-profile/u",
            False,
        ),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", False),
        ("arn:aws:s3:::b/\n*", "arn:aws:s3:::b/\n\n", True),
    ],
)
def test_arns_match_with_case_and_without_surprises(pattern: str, arn: str, matches: bool) -> None:
    assert arn_matcher(pattern)(arn) is matches


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        ("arn:aws:s3:::dev-*", "*", ("arn:aws:s3:::dev-*",)),
        ("arn:aws:s3:::a*", "arn:aws:s3:::*b", ("arn:aws:s3:::a*b",)),
        ("arn:aws:s3:::a*", "arn:aws:s3:::b*", ()),
        (
            "arn:aws:sagemaker:*:1:x/dev-*",
            "arn:aws:sagemaker:eu:*:x/*",
            ("arn:aws:sagemaker:eu:1:x/dev-*",),
        ),
    ],
)
def test_intersections_read_as_one_would_write_them(
    left: str, right: str, both: tuple[str, ...]
) -> None:
    assert intersect(left, right) == both


def test_exclusions_that_cover_a_question_together_leave_nothing() -> None:
    assert empty("arn:aws:s3:::b/?", ("arn:aws:s3:::b/*a", "arn:aws:s3:::b/*")) is True
    assert empty("arn:aws:s3:::b/*", ("arn:aws:s3:::b/a*",)) is False


@pytest.mark.parametrize("size", [20, 40])
def test_hostile_patterns_are_matched_in_no_time(size: int) -> None:
    begun = time.perf_counter()
    pattern = "arn:aws:s3:::" + "*a" * size
    assert not arn_matcher(pattern)("arn:aws:s3:::" + "a" * 3000 + "b")
    assert not text_matcher("?*" * size + "b")("a" * 3000)
    assert time.perf_counter() - begun < 0.5


def test_hostile_patterns_are_compared_in_bounded_time_and_claim_nothing() -> None:
    begun = time.perf_counter()
    left, right = "arn:aws:s3:::" + "*a?" * 12, "arn:aws:s3:::" + "*b?" * 12
    assert relation(left, right) is not Cover.ALL
    assert meet("*a*b" * 6, "arn:" + "*b*a" * 6).patterns is not None
    assert time.perf_counter() - begun < 5
