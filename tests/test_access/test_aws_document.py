"""Policy documents: every shape that JSON can take is read, and none is refused."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from aws_asking import ROLE, USER, allow, ask, document, sourced
from builders import Land
from hypothesis import given
from hypothesis import strategies as st

from access.aws.document import PrincipalEntry, parse
from access.aws.policies import Policies
from access.aws.request import Form
from access.decision import Effect, Layer
from access.odd import odd_policies


def parsed(*statements: Any, **more: Any) -> Any:
    return parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more}))


def test_the_same_text_gives_the_same_object() -> None:
    text = json.dumps(document(allow()))
    assert parse(text) is parse(text)


def test_one_statement_need_not_stand_in_a_list() -> None:
    assert len(parse(json.dumps({"Statement": allow()})).statements) == 1


def test_a_url_encoded_document_is_decoded() -> None:
    text = json.dumps(document(allow("s3:*")))
    assert parse(quote(text)).statements[0].actions == ("s3:*",)


def test_single_values_and_lists_read_alike() -> None:
    one, many = (
        parsed(allow("s3:*", "*")).statements[0],
        parsed(allow(["s3:*"], ["*"])).statements[0],
    )
    assert (one.actions, one.resources) == (many.actions, many.resources)


def test_values_of_conditions_become_texts() -> None:
    (statement,) = parsed(
        allow(Condition={"Bool": {"a:b": True}, "NumericEquals": {"c:d": [1, 2.5]}})
    ).statements
    assert [clause.values for clause in statement.conditions] == [("true",), ("1", "2.5")]


def test_principals_keep_their_type() -> None:
    who = {"AWS": ["1", "2"], "Service": "s.amazonaws.com"}
    (statement,) = parsed(allow(Principal=who)).statements
    assert statement.principals == (
        PrincipalEntry("AWS", "1"),
        PrincipalEntry("AWS", "2"),
        PrincipalEntry("Service", "s.amazonaws.com"),
    )


def test_a_statement_without_sid_is_named_by_its_content() -> None:
    one, two, three = parsed(allow("a:b"), allow("a:c"), allow("a:b")).statements
    assert one.sid != two.sid
    assert three.sid == f"{one.sid}#2"
    assert parsed(allow("a:c"), allow("a:b")).statements[1].sid == one.sid


def test_a_statement_can_be_shown_alone() -> None:
    (statement,) = parsed(allow("s3:*", Sid="S")).statements
    assert json.loads(statement.text) == allow("s3:*", Sid="S")


def test_a_document_knows_whether_it_denies() -> None:
    assert [parsed(allow()).denies, parsed(allow(), allow() | {"Effect": "Deny"}).denies] == [
        False,
        True,
    ]


@pytest.mark.parametrize("text", ["", "{", "[1]", "3", "null", "[" * 100_000, '"text"'])
def test_a_text_that_is_no_document_says_why(text: str) -> None:
    assert parse(text).unreadable


@pytest.mark.parametrize(
    ("action", "speaks"),
    [
        ("s3:GetObject", True),
        ("S3:getobject", True),
        ("s3:PutObject", False),
        ("iam:GetRole", False),
    ],
)
def test_a_statement_speaks_of_its_actions(action: str, speaks: bool) -> None:
    (statement,) = parsed(allow("s3:Get*")).statements
    assert statement.speaks_of(action) is speaks
    (rest,) = parsed({"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}).statements
    assert rest.speaks_of(action) is not speaks


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    (
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
        "Sid",
        "X",
    )
)
ODD = st.one_of(
    JSON,
    st.sampled_from(
        ("Allow", "Deny", "*", "s3:*", "arn:aws:s3:::b/${", "${aws:username}", ["*"], {"AWS": "*"})
    ),
    st.builds(
        lambda name, key, value: {name: {key: value}},
        st.sampled_from(("StringLike", "Bool", "Null", "Odd")),
        st.sampled_from(("aws:TagKeys", "x:y")),
        JSON,
    ),
)


@given(
    st.lists(st.dictionaries(NAMES, ODD, max_size=6) | JSON, max_size=3),
    JSON,
    st.sampled_from(list(Form)),
)
def test_no_document_makes_a_decision_fail(statements: list[Any], version: Any, form: Form) -> None:
    content = {"Version": version, "Statement": statements}
    for caller in (USER, ROLE):
        given_ = Policies(
            identity=(sourced(content),),
            resource=sourced(content, Layer.RESOURCE, "r"),
            scps=((sourced(content, Layer.SCP, "s"),),),
        )
        assert ask(given_, principal=caller, form=form).effect in set(Effect)


def test_values_that_cannot_be_evaluated_are_told_and_variables_are_not() -> None:
    clauses = {
        "NumericLessThan": {"x:y": ["ten", 10]},
        "DateLessThan": {"x:z": ["soon", "2026-01-01", "${x:w}"]},
        "IpAddress": {"x:i": ["10.0.0.0/99", "10.0.0.0/8"]},
        "Bool": {"x:b": "maybe"},
        "StringEquals": {"x:s": []},
    }
    facts = Land()
    facts.user("ana", allow(Sid="S", Condition=clauses))
    told = [odd.what for odd in odd_policies(facts.facts())]
    assert [what.split("`")[1] for what in told] == [
        "StringEquals",
        "10.0.0.0/99",
        "maybe",
        "soon",
        "ten",
    ]
    assert all(what.startswith("statement S: ") for what in told)
