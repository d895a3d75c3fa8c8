"""Values for a request's keys: those found do what is asked, and none found means there are none."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.aws.choose import Choice, Demand, assign, choose
from access.aws.operators import operator

NUMBERS = [str(n / 2) for n in range(-2, 12)] + ["word"]
TEXTS = ["", "a", "b", "ab", "ba", "aa", "A", "c", "a*", "abc"]
PLACES = ["10.0.0.1", "10.1.0.1", "10.1.2.3", "10.1.2.4", "192.0.2.1", "2001:db8::1", "::1", "host"]


def demand(name: str, *values: str, wanted: bool = True) -> Demand:
    found = operator(name)
    assert found is not None
    return Demand(found, values, wanted)


def demands(
    names: tuple[str, ...], values: tuple[str, ...]
) -> st.SearchStrategy[frozenset[Demand]]:
    one = st.builds(
        lambda name, texts, wanted: demand(name, *texts, wanted=wanted),
        st.sampled_from((*names, "Null")),
        st.lists(st.sampled_from(values), min_size=1, max_size=2),
        st.booleans(),
    )
    fixed = st.sampled_from([demand("Null", "true"), demand("Null", "false")])
    return st.frozensets(
        one.filter(lambda d: d.operator.word != "absent") | fixed, min_size=1, max_size=4
    )


FAMILIES = [
    (
        (
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
        ),
        ("a", "b", "a*", "*b", "?", "A"),
        TEXTS,
    ),
    (
        ("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals"),
        ("1", "2", "2.5", "4"),
        NUMBERS,
    ),
    (("IpAddress", "NotIpAddress"), ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "::/0"), PLACES),
]
SETS = tuple(
    prefix + name for prefix in ("ForAllValues:", "ForAnyValue:") for name in FAMILIES[0][0]
)


@settings(deadline=None)
@given(st.data())
def test_no_value_found_means_that_none_of_many_would_do(data: st.DataObject) -> None:
    names, values, domain = data.draw(st.sampled_from(FAMILIES))
    wanted = data.draw(demands(names, values))
    found = choose("s3:prefix", wanted)
    if found is not None:
        assert all(one.met(found.values) for one in wanted)
    else:
        tries = [None, *((value,) for value in domain)]
        assert not any(all(one.met(got) for one in wanted) for got in tries)


@settings(deadline=None)
@given(demands((*SETS, *FAMILIES[0][0]), FAMILIES[0][1]))
def test_a_key_of_many_values_may_take_several(wanted: frozenset[Demand]) -> None:
    found = choose("aws:tagkeys", wanted)
    if found is not None:
        assert all(one.met(found.values) for one in wanted)
    else:
        some = ["a", "b", "ab", "c", "A", "ba"]
        tries = chain.from_iterable(combinations(some, size) for size in range(1, 4))
        assert not any(all(one.met(got) for one in wanted) for got in (None, *tries))


def test_a_key_that_every_request_carries_is_not_left_out() -> None:
    assert choose("aws:securetransport", frozenset({demand("Null", "true")})) is None


@pytest.mark.parametrize(
    ("key", "below", "above"),
    [
        ("sagemaker:maxruntimeinseconds", "NumericLessThan", "NumericGreaterThanEquals"),
        ("aws:tokenissuetime", "DateLessThan", "DateGreaterThanEquals"),
    ],
)
def test_a_key_of_numbers_or_dates_holds_nothing_that_escapes_both_sides_of_a_limit(
    key: str, below: str, above: str
) -> None:
    there = demand("Null", "false")
    sides = demand(below, "1767225600", wanted=False), demand(above, "1767225600", wanted=False)
    assert choose(key, frozenset({there, *sides})) is None
    assert choose(key, frozenset(sides)) is not None
    assert choose("s3:prefix", frozenset({there, *sides})) is not None  # may hold any text


def test_an_address_is_in_a_network_or_outside_it() -> None:
    outside = demand("IpAddress", "0.0.0.0/0", "::/0", wanted=False)
    assert choose("aws:sourceip", frozenset({demand("Null", "false"), outside})) is None
    other = demand("IpAddress", "0.0.0.0/0", wanted=False)
    assert choose("aws:sourceip", frozenset({demand("Null", "false"), other})) is not None


def test_a_key_that_is_only_asked_to_be_there_gets_a_value_of_its_type() -> None:
    there = frozenset({demand("Null", "false")})
    assert [choose(key, there) for key in ("aws:sourceip", "aws:multifactorauthage")] == [
        Choice(("198.51.100.7",)),
        Choice(("0",)),
    ]


def test_two_values_for_a_key_of_one_are_not_to_be_had() -> None:
    both = frozenset(
        {demand("ForAnyValue:StringEquals", "a"), demand("ForAnyValue:StringEquals", "b")}
    )
    assert choose("s3:prefix", both) is None
    assert choose("aws:tagkeys", both) is not None


@pytest.mark.parametrize(
    ("listed", "possible"),
    [
        (demand("ForAllValues:StringEquals", "team"), True),
        (demand("ForAllValues:StringEquals", "cost"), False),
        (demand("Null", "true"), False),
        (demand("ForAnyValue:StringEquals", "cost"), True),
    ],
)
def test_tags_of_a_request_and_the_list_of_their_keys_agree(listed: Demand, possible: bool) -> None:
    tag = frozenset({demand("StringEquals", "ml")})
    found = assign({"aws:requesttag/team": tag, "aws:tagkeys": frozenset({listed})})
    assert (found is not None) is possible
    if found:
        assert "team" in (found["aws:tagkeys"].values or ())


def test_a_tag_that_must_not_be_sent_is_not_among_the_keys() -> None:
    absent = frozenset({demand("Null", "true")})
    keys = frozenset({demand("ForAnyValue:StringEquals", "team")})
    assert assign({"aws:requesttag/team": absent, "aws:tagkeys": keys}) is None
