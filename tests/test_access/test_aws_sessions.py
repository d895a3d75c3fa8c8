"""One call has one session name: a bucket and its key that ask for different ones."""

from __future__ import annotations

import pytest
from builders import A, B, Land, allow, to
from resolved import Resolved

from graph.model import Capability, Certainty, NodeId

DATA = "arn:aws:s3:::data"


def session(name: str) -> str:
    return f"arn:aws:sts::{A}:assumed-role/worker/{name}"


def certainty(bucket: tuple[str, ...], key: str, *conditioned: str) -> tuple[Certainty, set[str]]:
    """How surely the role reads a bucket of another account whose policy, and whose key's, name these sessions."""
    land = Land(A, B)
    land.role("worker", allow("*", "*"))
    made = land.kms_key("k", to(key, allow("kms:*", sid="Use")))
    statements = [
        to(one, allow("s3:GetObject", f"{DATA}/*", sid=f"S{n}")) for n, one in enumerate(bucket)
    ]
    for n, one in enumerate(conditioned):
        condition = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
        statements.append(
            to(one, allow("s3:GetObject", f"{DATA}/*", sid=f"C{n}", Condition=condition))
        )
    land.bucket("data", *statements, account=B, encrypted_by=made)
    answer = Resolved(land.facts())
    worker = NodeId(f"arn:aws:iam::{A}:role/worker")
    found = [
        on
        for grant, on, target in answer.held(worker)
        if (target, grant.props["capability"]) == (DATA, Capability.READ.value)
    ]
    (on,) = found
    return on.certainty, {text.partition(" ")[0] for text in on.conditions}


def test_one_name_that_both_ask_for_is_the_callers_to_choose() -> None:
    assert certainty((session("s1"),), session("s1")) == (Certainty.DEFINITE, set())


@pytest.mark.parametrize("more", [(), (A,)])
def test_two_names_that_no_session_has_at_once_leave_it_conditional_on_the_name(
    more: tuple[str, ...],
) -> None:
    sure, conditions = certainty((session("other"),), session("s1"), *more)
    assert sure is Certainty.CONDITIONAL
    assert "sts:RoleSessionName" in conditions


def test_a_statement_for_the_whole_account_needs_no_second_name() -> None:
    assert certainty((session("other"), A), session("s1"))[0] is Certainty.DEFINITE
