"""A fixed list of decoys for every technique row: the row stands, and with any one thing spoilt it is silent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from builders import A, allow, deny, trusts
from technique_lands import Stage, stage

from access.technique import Ask, Technique, catalogue
from graph.model import Certainty

ROWS = [row for row in catalogue("aws").techniques if row.how != "trust"]
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
OTHER = "backup.amazonaws.com"
ASSUME = "sts:AssumeRole"
UNLISTED = {
    "stream or queue",
    "stack set",
    "subnet",
    "identity pool",
}  # nothing lists these: a condition stays
Spoil: TypeAlias = Callable[[Stage], list[dict[str, Any]]]
"""Changes the account, or answers with the statements that the actor has instead."""


def asks(row: Technique) -> list[Ask]:
    return [part for need in row.needs for part in need.any if isinstance(part, Ask)]


def actions(row: Technique) -> list[str]:
    """What is asked of the actor and cannot be had another way; a rewritten trust allows by itself."""
    return [ask.action for ask in asks(row) if not ask.trust]


def decisive(row: Technique) -> list[int]:
    """The needs that nothing else meets: no fact stands in for them, and no statement of another need."""
    asked = [(ask.action, ask.at, ask.pattern) for ask in asks(row)]
    found = []
    for place, need in enumerate(row.needs):
        first = need.any[0]
        if not isinstance(first, Ask) or first.trust:
            continue
        if asked.count((first.action, first.at, first.pattern)) == 1:
            found.append(place)
    return found


def names(row: Technique) -> str:
    return row.id


def denied_in_another_policy(made: Stage) -> list[dict[str, Any]]:
    made.land.attach(made.actor, made.land.managed("guard", deny(actions(made.row))))
    return list(made.own())


def denied_by_a_group(made: Stage) -> list[dict[str, Any]]:
    made.land.member(made.actor, made.land.group("guarded", deny(actions(made.row))))
    return list(made.own())


def bounded(made: Stage) -> list[dict[str, Any]]:
    made.land.boundary(made.actor, made.land.managed("narrow", allow("s3:ListAllMyBuckets")))
    return list(made.own())


def denied_above_the_account(made: Stage) -> list[dict[str, Any]]:
    made.land.organization(A)
    made.land.control("p-stop", "aws:ou/r-1", deny(actions(made.row)))
    return list(made.own())


def not_listed_above_the_account(made: Stage) -> list[dict[str, Any]]:
    """The organisational unit allows reading only."""
    made.land.organization(A)
    unit = made.land.node("aws:ou/ou-1", "Folder", made.land.key(A, "organizations.list"), platform="aws")  # fmt: skip
    made.land.edge("CONTAINS", "aws:ou/r-1", unit)
    for edge in [e for e in made.land.edges.values() if e.target == f"aws:account/{A}" and e.kind == "CONTAINS"]:  # fmt: skip
        del made.land.edges[edge.id]
    made.land.edge("CONTAINS", unit, f"aws:account/{A}")
    made.land.control("p-read", unit, allow("s3:Get*"))
    return list(made.own())


def aside(made: Stage) -> list[dict[str, Any]]:
    """Everything is allowed on a sibling of what it is about, by a longer name."""
    return list(made.own(aside="-other"))


def not_the_principal(made: Stage) -> list[dict[str, Any]]:
    """The role's trust denies everyone but somebody else."""
    excluded = {"AWS": f"arn:aws:iam::{A}:user/somebody"}
    made.land.trust(
        made.places["$role"],
        trusts(f"arn:aws:iam::{A}:root"),
        {"Effect": "Deny", "NotPrincipal": excluded, "Action": ASSUME},
    )
    return list(made.own())


def passed_elsewhere(made: Stage) -> list[dict[str, Any]]:
    made.service = OTHER
    return list(made.own())


def by_a_user(row: Technique) -> bool:
    """Whether a user takes the step: a role is in no group."""
    return ":user/" in stage(row).actor


SPOILS: dict[str, tuple[Spoil, Callable[[Technique], bool]]] = {
    "a Deny in another policy": (denied_in_another_policy, lambda _row: True),
    "a Deny by a group": (denied_by_a_group, by_a_user),
    "a boundary": (bounded, lambda _row: True),
    "a Deny of an SCP on the unit": (denied_above_the_account, lambda _row: True),
    "an SCP that lists other actions": (not_listed_above_the_account, lambda _row: True),
    "a sibling by name": (aside, lambda row: any(ask.at.startswith("$") for ask in asks(row))),
    "a trust that names others": (
        not_the_principal,
        lambda row: any(ask.action == ASSUME and not ask.trust for ask in asks(row)),
    ),
    "the right to pass to another service": (passed_elsewhere, lambda row: bool(row.passes)),
}
DECOYS = [
    pytest.param(row, spoil, id=f"{row.id}: {name}")
    for row in ROWS
    for name, (spoil, applies) in SPOILS.items()
    if applies(row)
]


@pytest.mark.parametrize("row", ROWS, ids=names)
def test_the_row_stands_where_nothing_is_spoilt(row: Technique) -> None:
    made = stage(row)
    found = made.play(*made.own())
    wanted = Certainty.DEFINITE if row.demonstrated else Certainty.POSSIBLE
    if any(UNLISTED & set(one.arguments) for one in row.when):
        wanted = Certainty.CONDITIONAL
    assert min(certainty for certainty, _conditions in found) is wanted


@pytest.mark.parametrize(("row", "spoil"), DECOYS)
def test_with_one_thing_spoilt_it_is_silent(row: Technique, spoil: Spoil) -> None:
    made = stage(row)
    assert made.play(*spoil(made)) == []


@pytest.mark.parametrize("row", [row for row in ROWS if decisive(row)], ids=names)
def test_each_need_of_it_is_needed(row: Technique) -> None:
    for place in decisive(row):
        made = stage(row)
        assert made.play(*made.own(without=place)) == [], row.needs[place]


@pytest.mark.parametrize("row", [row for row in ROWS if row.passes], ids=names)
def test_a_role_that_trusts_another_service_is_silent(row: Technique) -> None:
    made = stage(row, service=OTHER)
    assert made.play(*made.own()) == []


@pytest.mark.parametrize("row", ROWS, ids=names)
def test_what_hangs_on_an_open_key_names_it(row: Technique) -> None:
    made = stage(row)
    found = made.play(*made.own(**MFA))
    assert found
    for certainty, conditions in found:
        assert certainty is not Certainty.DEFINITE
        assert "aws:MultiFactorAuthPresent" in conditions


def test_every_row_has_its_decoys() -> None:
    assert len(ROWS) > 100
    assert [row.id for row in ROWS if not decisive(row)] == []
