"""The needs of a grant against deciding again: what is left standing after some statements are taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aws_asking import AWAY, HOME, KEY, OBJECT, ROLE, ROLE_ARN, ask, document, sourced, when
from hypothesis import given, settings
from hypothesis import strategies as st

from access.aws.policies import Policies
from access.decision import Layer, Revocable, RevocableKind, revocables, whole

VPC = when("StringEquals", "aws:SourceVpc", "vpc-1")
MFA = when("Bool", "aws:MultiFactorAuthPresent", "true")
TAGS = [when("StringEquals", "aws:RequestTag/t", value) for value in "ab"]


@dataclass(frozen=True)
class World:
    """Bare statements per layer."""

    identity: tuple[dict[str, Any], ...]
    resource: tuple[dict[str, Any], ...]
    boundary: tuple[dict[str, Any], ...] | None
    scp: tuple[dict[str, Any], ...]

    def policies(self) -> Policies:
        """One customer-managed policy per identity statement, so that each falls alone."""
        return Policies(
            identity=tuple(
                sourced(
                    document(row),
                    name=row["Sid"],
                    ways=((Revocable(RevocableKind.ATTACHMENT, member=row["Sid"]),),),
                    statement=Revocable(RevocableKind.STATEMENT, document=row["Sid"]),
                )
                for row in self.identity
            ),
            resource=sourced(
                document(*self.resource),
                Layer.RESOURCE,
                "r",
                statement=Revocable(RevocableKind.STATEMENT, document="r"),
            ),
            boundary=None
            if self.boundary is None
            else (sourced(document(*self.boundary), Layer.BOUNDARY, "b"),),
            scps=((sourced(document(*self.scp), Layer.SCP, "s"),),),
        )

    def without(self, gone: set[Revocable]) -> World:
        """The world after these are taken away."""
        lost = {one.member or one.statement for one in gone if one.document != "r"}
        entries = {(one.statement, one.member) for one in gone if one.document == "r"}
        kept = []
        for row in self.resource:
            left = [
                who for who in row["Principal"]["AWS"] if (row["Sid"], root(who)) not in entries
            ]
            if row["Effect"] == "Deny" or left:
                kept.append(row if row["Effect"] == "Deny" else row | {"Principal": {"AWS": left}})
        return World(
            tuple(row for row in self.identity if row["Sid"] not in lost),
            tuple(kept),
            self.boundary,
            self.scp,
        )


def root(who: str) -> str:
    return f"arn:aws:iam::{who}:root" if who.isdigit() else who


@st.composite
def rows(
    draw: st.DrawFn,
    name: str,
    conditions: list[dict[str, Any]],
    effects: tuple[str, ...],
    *,
    named: bool = False,
) -> Any:
    found = []
    for number in range(draw(st.integers(0, 2))):
        row: dict[str, Any] = {
            "Sid": f"{name}{number}",
            "Effect": draw(st.sampled_from(effects)),
            "Action": "*",
            "Resource": "*",
        }
        if draw(st.integers(0, 2)) == 0:
            row["Condition"] = draw(st.sampled_from(conditions))
        if named:
            who = st.lists(
                st.sampled_from(("*", HOME, ROLE_ARN, AWAY)), min_size=1, max_size=2, unique=True
            )
            row["Principal"] = {"AWS": draw(who)}
        found.append(row)
    return tuple(found)


@st.composite
def worlds(draw: st.DrawFn, conditions: list[dict[str, Any]]) -> World:
    mixed = ("Allow", "Allow", "Deny")
    full = {"Sid": "full", "Effect": "Allow", "Action": "*", "Resource": "*"}
    return World(
        draw(rows("i", conditions, mixed)),
        draw(rows("r", conditions, mixed, named=True)),
        draw(st.none() | rows("b", conditions, ("Allow",))),
        (full, *draw(rows("s", conditions, mixed))) if draw(st.booleans()) else (full,),
    )


def survives(world: World, data: st.DataObject) -> tuple[bool, bool] | None:
    """Whether the needs say that the grant stands after a loss, and whether it does; None without a grant."""
    question: dict[str, Any] = {
        "principal": ROLE,
        "resource_account": data.draw(st.sampled_from((HOME, AWAY))),
    }
    action, resource = data.draw(st.sampled_from((("s3:GetObject", OBJECT), ("kms:Decrypt", KEY))))
    found = ask(world.policies(), action, resource, **question)
    if not found.effect.granted:
        return None
    can_go = list(revocables(found.because))
    gone = set(data.draw(st.lists(st.sampled_from(can_go), unique=True))) if can_go else set()
    again = ask(world.without(gone).policies(), action, resource, **question)
    return whole(found.because, frozenset(one.id for one in gone)), again.effect.granted


@settings(max_examples=200, deadline=None)
@given(worlds([VPC]), st.data())
def test_a_grant_stands_exactly_as_long_as_its_needs_do(world: World, data: st.DataObject) -> None:
    result = survives(world, data)
    if result is not None:
        assert result[0] is result[1]


@settings(max_examples=200, deadline=None)
@given(worlds([VPC, MFA, *TAGS]), st.data())
def test_needs_never_call_fallen_what_still_stands(world: World, data: st.DataObject) -> None:
    result = survives(world, data)
    if result is not None:
        assert result[0] or not result[1]
