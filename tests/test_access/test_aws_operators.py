"""Every condition operator against a match, a miss, no key, several values, IfExists and both set prefixes."""

from __future__ import annotations

from typing import Any

import pytest
from aws_asking import allow, ask, deny, policies
from hypothesis import given
from hypothesis import strategies as st
from oracle.aws_policy import Question, clause

from access.aws.choose import Demand, choose
from access.aws.operators import clause_test, illegible, operator
from access.decision import Effect

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


# what no rule of the language makes a number, a date, a network or a truth value
ILLEGIBLE = {
    "Numeric": ("ten", "", "0x10", "1_000", "\uff11\uff12", "NaN", "Infinity", "1e999", "9" * 5000),
    "Date": ("soon", "2026-02-30", "2026-13", "15/01/2026", "2026-01-01T25:00:00Z", "1e999999999"),
    "Ip": ("host", "10.0.0.0/99", "10.0.0.256", "10.0.0.0/255.0", "::1::", "10.0.0.0/8/8", ""),
    "Bool": ("yes", "1", "", "truefalse"),
}
TYPED = [
    (name, value)
    for name in TABLE
    for sort, values in ILLEGIBLE.items()
    if sort in name
    for value in values
]


@pytest.mark.parametrize(("name", "value"), TYPED)
def test_an_expected_value_of_the_wrong_sort_is_matched_by_nothing(name: str, value: str) -> None:
    _, match, miss = TABLE[name]
    negated = name in NEGATED
    for got in (match, miss, "a"):
        legible = got != "a"
        assert holds(name, [value], (got,)) is (negated and legible)
    assert holds(name, [value], None) is negated
    assert holds(name, [value, *TABLE[name][0]], (match,))


@pytest.mark.parametrize(("name", "value"), TYPED)
def test_a_value_of_the_wrong_sort_in_the_request_satisfies_nothing(name: str, value: str) -> None:
    for whole in (name, f"{name}IfExists", f"ForAllValues:{name}", f"ForAnyValue:{name}"):
        assert not holds(whole, TABLE[name][0], (value,))


@pytest.mark.parametrize(("name", "value"), TYPED)
def test_an_expected_value_of_the_wrong_sort_is_told(name: str, value: str) -> None:
    found = operator(name)
    assert found is not None
    assert illegible(found, value)
    assert not any(illegible(found, one) for one in TABLE[name][0])


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("NumericLessThan", "9" * 40),
        ("NumericLessThan", "1e300"),
        ("NumericGreaterThan", "9" * 40),
        ("NumericGreaterThan", "-1e300"),
        ("NumericNotEquals", "1e300"),
        ("NumericLessThan", "1e-300"),
        ("NumericLessThan", "1e9999999"),
        ("DateLessThan", "9" * 40),
        ("NumericEquals", "1e308"),
    ],
)
def test_a_limit_of_any_size_is_searched_exactly_or_told(name: str, limit: str) -> None:
    found = operator(name)
    assert found is not None
    key = "sagemaker:MaxRuntimeInSeconds"
    passes, fails = (
        choose(key, frozenset({Demand(found, (limit,), way)})) for way in (True, False)
    )
    assert fails is not None
    assert (passes is None) is illegible(found, limit)


@pytest.mark.parametrize("name", TABLE)
def test_names_of_operators_compare_in_any_case(name: str) -> None:
    for whole in (name, f"{name}IfExists", f"ForAnyValue:{name}", f"ForAllValues:{name}IfExists"):
        assert operator(whole.upper()) == operator(whole.lower()) == operator(whole)


@pytest.mark.parametrize(
    ("name", "pattern", "got", "matches"),
    [
        ("ArnLike", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/a/b:c", True),
        ("ArnLike", "arn:aws:iam::*:role/a", "arn:aws:iam::1:2:role/a", False),
        ("ArnLike", "arn:aws:*:role/a", "arn:aws:iam::1:role/a", False),
        ("ArnLike", "arn:aws:s3:::b/*", "arn:aws:s3:::b/", True),
        ("ArnLike", "arn:aws:s3:::b/?", "arn:aws:s3:::b/", False),
        ("ArnLike", "arn:aws:s3:::B/*", "arn:aws:s3:::b/x", False),
        ("ArnEquals", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x", True),
        ("ArnEquals", "arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", False),
        ("ArnEquals", "arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", True),
        ("ArnNotEquals", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x", False),
        ("ArnNotLike", "arn:aws:s3:::b/*", "no arn", True),
        ("ArnLike", "*", "no arn", True),
        ("StringLike", "arn:aws:*:role/a", "arn:aws:iam::1:role/a", True),
        ("StringLike", "a?c", "abc", True),
        ("StringLike", "a?c", "ac", False),
        ("StringLike", "a*c", "a*c", True),
        ("StringLike", "[a]", "a", False),
        ("StringLike", "", "", True),
        ("StringEquals", "\u00e9", "e\u0301", False),
        ("StringEqualsIgnoreCase", "\u00c9", "\u00e9", True),
        ("IpAddress", "10.1.2.3/8", "10.9.9.9", True),
        ("IpAddress", "0.0.0.0/0", "::1", False),
        ("IpAddress", "::/0", "2001:db8::1", True),
        ("NotIpAddress", "0.0.0.0/0", "::1", True),
        ("DateEquals", "2026-01", "2026-01-01T00:00:00Z", True),
        ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", True),
        ("DateLessThan", "2026-01-01", "2025-12-31T23:59:59.999Z", True),
        ("NumericEquals", "+1.50", "1.5", True),
        ("NumericEquals", "1e3", "1000", True),
    ],
)
def test_the_edges_of_patterns_networks_and_dates(
    name: str, pattern: str, got: str, matches: bool
) -> None:
    assert holds(name, [pattern], (got,)) is matches


UNKNOWN = [
    "StringMatches",
    "NullIfExists",
    "ForAllValues:Null",
    "ForSome:Bool",
    "IfExists",
    " Bool",
]


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_operator_makes_a_decision_conditional_and_names_its_key(name: str) -> None:
    clause_ = {name: {"x:y": ["true"]}}
    for found in (
        ask(policies(allow(Condition=clause_))),
        ask(policies(allow(), deny(Condition=clause_))),
    ):
        assert found.effect is Effect.CONDITIONAL
        (condition,) = found.conditions
        assert (condition.key, condition.operator) == ("x:y", name)


def test_wildcards_are_plain_text_in_equals_and_marked_ones_in_like() -> None:
    assert holds("StringEquals", ["a*"], ("a*",))
    assert not holds("StringEquals", ["a*"], ("ab",))
    assert holds("StringEquals", ["a${*}"], ("a*",))
    assert holds("StringLike", ["a${*}"], ("a*",))
    assert not holds("StringLike", ["a${*}"], ("ab",))


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    sorted(
        {v for expected, match, miss in TABLE.values() for v in (*expected, match, miss, "x")}
        | {value for values in ILLEGIBLE.values() for value in values}
        | {"2026-01", "1e308", "+1.50"}
    )
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
