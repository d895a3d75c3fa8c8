"""Every condition operator against a match, a miss, no key, several values, IfExists and both set prefixes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle.aws_policy import Question, clause

from access.aws.operators import clause_test, operator

# operator -> (expected values, a value that satisfies it, one that does not)
TABLE: dict[str, tuple[list[str], str, str]] = {
    "StringEquals": (["a", "b"], "a", "A"),
    "StringNotEquals": (["a", "b"], "c", "b"),
    "StringEqualsIgnoreCase": (["Ab"], "aB", "abc"),
    "StringNotEqualsIgnoreCase": (["Ab"], "abc", "aB"),
    "StringLike": (["a*", "?x"], "abc", "Abc"),
    "StringNotLike": (["a*", "?x"], "Abc", "bx"),
    "NumericEquals": (["10", "20"], "10.0", "11"),
    "NumericNotEquals": (["10"], "11", "10.0"),
    "NumericLessThan": (["10"], "9.5", "10"),
    "NumericLessThanEquals": (["10"], "10", "10.1"),
    "NumericGreaterThan": (["10"], "10.5", "10"),
    "NumericGreaterThanEquals": (["10"], "10", "9"),
    "DateEquals": (["2026-01-01T00:00:00Z"], "1767225600", "2026-01-02"),
    "DateNotEquals": (["2026-01-01T00:00:00Z"], "2026-01-02", "2026-01-01"),
    "DateLessThan": (["2026-01-01T00:00:00Z"], "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"),
    "DateLessThanEquals": (
        ["2026-01-01T00:00:00Z"],
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:01Z",
    ),
    "DateGreaterThan": (
        ["2026-01-01T01:00:00+01:00"],
        "2026-01-01T00:00:01Z",
        "2026-01-01T00:00:00Z",
    ),
    "DateGreaterThanEquals": (["1767225600"], "2026-01-01T00:00:00Z", "1767225599"),
    "Bool": (["true"], "True", "false"),
    "BinaryEquals": (["QUJD"], "QUJD", "QUJE"),
    "IpAddress": (["10.0.0.0/8", "2001:db8::/32"], "2001:db8::1", "11.0.0.1"),
    "NotIpAddress": (["10.0.0.0/8", "2001:db8::/32"], "11.0.0.1", "10.255.255.255"),
    "ArnEquals": (["arn:aws:iam::1:role/*"], "arn:aws:iam::1:role/a", "arn:aws:iam::2:role/a"),
    "ArnLike": (["arn:aws:iam::*:role/a?"], "arn:aws:iam::1:role/ab", "arn:aws:iam:x:y:z:role/ab"),
    "ArnNotEquals": (["arn:aws:iam::1:role/*"], "arn:aws:iam::2:role/a", "arn:aws:iam::1:role/a"),
    "ArnNotLike": (["arn:aws:iam::1:role/*"], "arn:aws:iam::1:user/a", "arn:aws:iam::1:role/a/b"),
}
NEGATED = {name for name in TABLE if "Not" in name}


def holds(name: str, expected: list[str], got: tuple[str, ...] | None) -> bool:
    found = operator(name)
    assert found is not None
    return clause_test(found, tuple(expected))(got)


@pytest.mark.parametrize("name", TABLE)
def test_one_value_is_compared(name: str) -> None:
    expected, match, miss = TABLE[name]
    assert (holds(name, expected, (match,)), holds(name, expected, (miss,))) == (True, False)


@pytest.mark.parametrize("name", TABLE)
def test_without_the_key_only_a_negated_operator_matches(name: str) -> None:
    expected, _, _ = TABLE[name]
    assert holds(name, expected, None) is (name in NEGATED)
    assert holds(name, expected, ()) is (name in NEGATED)


@pytest.mark.parametrize("name", TABLE)
def test_if_exists_matches_without_the_key_and_compares_with_it(name: str) -> None:
    expected, match, miss = TABLE[name]
    name += "IfExists"
    results = [holds(name, expected, got) for got in (None, (match,), (miss,))]
    assert results == [True, True, False]


@pytest.mark.parametrize("name", TABLE)
def test_several_values_under_a_plain_operator_are_no_match(name: str) -> None:
    expected, match, _ = TABLE[name]
    assert not holds(name, expected, (match, match))


@pytest.mark.parametrize("name", TABLE)
def test_for_all_values_wants_each_value_and_is_content_with_none(name: str) -> None:
    expected, match, miss = TABLE[name]
    name = f"ForAllValues:{name}"
    results = [holds(name, expected, got) for got in (None, (), (match, match), (match, miss))]
    assert results == [True, True, True, False]


@pytest.mark.parametrize("name", TABLE)
def test_for_any_value_wants_one_value(name: str) -> None:
    expected, match, miss = TABLE[name]
    name = f"ForAnyValue:{name}"
    results = [holds(name, expected, got) for got in (None, (), (match, miss), (miss, miss))]
    assert results == [False, False, True, False]


@pytest.mark.parametrize("name", TABLE)
def test_a_set_prefix_and_if_exists_go_together(name: str) -> None:
    expected, match, miss = TABLE[name]
    for prefix in ("ForAllValues", "ForAnyValue"):
        whole = f"{prefix}:{name}IfExists"
        assert holds(whole, expected, None)
        assert holds(whole, expected, (match,))
        assert not holds(whole, expected, (miss,))


@pytest.mark.parametrize(
    ("expected", "got", "result"),
    [
        (["true"], None, True),
        (["true"], (), True),
        (["true"], ("a",), False),
        (["false"], None, False),
        (["false"], ("a", "b"), True),
        (["true", "false"], None, True),
        (["TRUE"], None, True),
    ],
)
def test_null_asks_whether_the_key_is_there(
    expected: list[str], got: tuple[str, ...] | None, result: bool
) -> None:
    assert holds("Null", expected, got) is result


@pytest.mark.parametrize(
    "name", ["StringMatches", "NullIfExists", "ForAllValues:Null", "ForSomeValues:StringEquals", ""]
)
def test_what_is_no_operator_is_told(name: str) -> None:
    assert operator(name) is None


@pytest.mark.parametrize(
    ("name", "got"),
    [
        ("NumericEquals", "ten"),
        ("NumericNotEquals", "ten"),
        ("NumericLessThan", "NaN"),
        ("DateLessThan", "soon"),
        ("DateNotEquals", "soon"),
        ("IpAddress", "host"),
        ("NotIpAddress", "host"),
        ("Bool", "yes"),
    ],
)
def test_a_value_of_the_wrong_sort_satisfies_nothing(name: str, got: str) -> None:
    expected, _, _ = TABLE[name]
    assert not holds(name, expected, (got,))


def test_wildcards_are_plain_text_in_equals_and_marked_ones_in_like() -> None:
    assert holds("StringEquals", ["a*"], ("a*",))
    assert not holds("StringEquals", ["a*"], ("ab",))
    assert holds("StringEquals", ["a${*}"], ("a*",))
    assert holds("StringLike", ["a${*}"], ("a*",))
    assert not holds("StringLike", ["a${*}"], ("ab",))


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    sorted({v for expected, match, miss in TABLE.values() for v in (*expected, match, miss, "x")})
)


@given(
    st.sampled_from(sorted(TABLE)),
    st.sampled_from(("", "ForAllValues:", "ForAnyValue:")),
    st.sampled_from(("", "IfExists")),
    st.lists(VALUES, min_size=1, max_size=3),
    st.lists(VALUES, max_size=3),
)
def test_every_operator_agrees_with_the_plain_rules(
    name: str, prefix: str, suffix: str, expected: list[str], got: list[str]
) -> None:
    question = Question("user", "a", "1", "s3:x", "r", "1", context={"k": got} if got else {})
    whole = f"{prefix}{name}{suffix}"
    want = clause(whole, "k", expected, question, variables=True)
    assert holds(whole, expected, tuple(got)) is want
