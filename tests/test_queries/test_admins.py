"""Who is an administrator, by hand-made facts and by the labels of a published scenario."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from builders import NOW, A, Land, allow, deny

from access.explain import Explainer
from access.resolve import resolve
from graph.model import Certainty, NodeId
from graph.stores import open_store
from ingest.load import load_file
from queries.admins import Administrator, administrators

LABELLED = Path(__file__).parents[1] / "data" / "aws" / "labelled-administrators.json"
OFFICE = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}


def found(land: Land, *, instant: datetime = NOW) -> dict[NodeId, Administrator]:
    """The administrators of the facts."""
    facts = land.facts()
    made = resolve(facts, instant=instant)
    rows = administrators((*facts.nodes, *made.nodes), (*facts.edges, *made.edges))
    return {row.identity: row for row in rows}


def techniques(row: Administrator) -> list[tuple[str, ...]]:
    return sorted(way.techniques for way in row.ways)


def reserved(land: Land, *statements: dict[str, object]) -> NodeId:
    """A role of single sign-on, which nobody may change by IAM."""
    name = "AWSReservedSSO_Admin_0123456789abcdef"
    path = "aws-reserved/sso.amazonaws.com/"
    return land.role(name, *statements, path=path, reserved="sso")


def test_who_may_rewrite_its_own_policy_is_one() -> None:
    land = Land()
    user = land.user("ana", allow("iam:PutUserPolicy", "*"))

    assert techniques(found(land)[user]) == [("iam-007",)]


def test_who_may_rewrite_another_only_is_none() -> None:
    land = Land()
    land.user("ben")
    user = land.user("ana", allow("iam:PutUserPolicy", f"arn:aws:iam::{A}:user/ben"))

    assert user not in found(land)


def test_a_reserved_role_with_all_of_iam_is_one() -> None:
    land = Land()
    role = reserved(land, allow("*"))

    assert techniques(found(land)[role]) == [("iam:*",)]


@pytest.mark.parametrize(
    "statements",
    [
        (allow("iam:Get*"), allow("*", "arn:aws:s3:::b/*")),
        (allow("*", Condition=OFFICE),),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},),
        ({"Effect": "Allow", "NotAction": "iam:Pass*", "Resource": "*"}, allow("iam:PassR*")),
        (allow("*"), deny("*")),
        (allow("*"), deny("iam:*")),
        ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b/*"},),
    ],
)
def test_a_reserved_role_with_less_than_all_of_iam_is_none(
    statements: tuple[dict[str, object], ...],
) -> None:
    land = Land()
    role = reserved(land, *statements)

    assert role not in found(land)


@pytest.mark.parametrize(
    "statements",
    [
        (allow("iam:*"),),
        (allow("I?M:*"),),
        (allow(["ec2:*", "*:*"]),),
        ({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},),
        ({"Effect": "Allow", "NotAction": "iam:Pass*", "Resource": "*"}, allow("iam:P*")),
        (
            {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
            {"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"},
        ),
    ],
)
def test_all_of_iam_may_be_the_sum_of_statements(statements: tuple[dict[str, object], ...]) -> None:
    land = Land()
    role = reserved(land, *statements)

    assert techniques(found(land)[role]) == [("iam:*",)]


def test_a_sum_of_statements_falls_with_any_of_them() -> None:
    land = Land()
    role = reserved(
        land,
        {"Sid": "Most", "Effect": "Allow", "NotAction": "iam:Pass*", "Resource": "*"},
        allow("iam:P*", sid="Rest"),
    )
    way = found(land)[role].ways[0]
    facts = land.facts()
    made = resolve(facts, instant=NOW)
    grant = next(node for node in made.nodes if node.id == way.grant)
    on = next(e.target for e in made.edges if e.kind == "ON" and e.source == way.grant)

    needs = Explainer(facts, instant=NOW).needs(grant, role, on)

    needed = [
        {r.statement for r in alternative.revocables}
        for need in needs
        if need.name.endswith("all of IAM")
        for alternative in need.alternatives
    ]
    assert needed == [{"Most", "Rest"}]


def test_who_is_bounded_to_reading_is_none_whatever_it_is_allowed() -> None:
    land = Land()
    user = land.user("ana", allow("*"))
    land.boundary(user, land.managed("limit", allow("ec2:Describe*", "*")))

    assert user not in found(land)


def test_what_a_control_policy_leaves_is_administered_and_what_it_takes_is_listed() -> None:
    land = Land()
    land.organization(A)
    land.control("p-no-roles", f"aws:account/{A}", deny("iam:CreateRole", "*", sid="NoRoles"))
    user = land.user("ana", allow("*"))

    assert [line.rpartition("/")[2] for line in found(land)[user].residual] == ["p-no-roles"]


def test_a_deny_of_its_own_is_no_star_on_star() -> None:
    land = Land()
    user = land.user("ana", allow("*"), deny("s3:DeleteBucket", sid="Keep"))

    assert (found(land)[user].certainty, found(land)[user].star_on_star) == (
        Certainty.DEFINITE,
        False,
    )


def test_members_of_a_group_are_administrators_through_it() -> None:
    land = Land()
    admins = land.group("admins", allow("*"))
    users = [land.user("ana"), land.user("ben")]
    for user in users:
        land.member(user, admins)

    rows = found(land)

    assert {rows[user].ways[0].holder for user in users} == {admins}


def test_who_may_join_such_a_group_is_one_by_joining_it() -> None:
    land = Land()
    admins = land.group("admins", allow("iam:PutUserPolicy"))
    user = land.user("ana", allow("iam:AddUserToGroup", admins))

    assert techniques(found(land)[user]) == [("iam-013", "iam-007")]


def test_one_by_an_open_condition_is_conditional_and_names_it() -> None:
    land = Land()
    user = land.user("ana", allow("iam:PutUserPolicy", "*", Condition=OFFICE))
    row = found(land)[user]

    assert (row.certainty, [key.split()[0] for key in row.ways[0].conditions]) == (
        Certainty.CONDITIONAL,
        ["aws:SourceIp"],
    )


def test_the_order_of_rows_makes_no_difference() -> None:
    land = Land()
    admins, others = land.group("admins", allow("*")), land.group("others", allow("iam:*"))
    for name in ("ana", "ben"):
        land.member(land.user(name, allow("iam:AddUserToGroup", "*")), admins, others)
    facts = land.facts()
    made = resolve(facts, instant=NOW)
    nodes, edges = [*facts.nodes, *made.nodes], [*facts.edges, *made.edges]
    want = administrators(nodes, edges)

    Random(1).shuffle(nodes)  # noqa: S311  # an order, no secret
    Random(2).shuffle(edges)  # noqa: S311  # an order, no secret

    assert administrators(nodes, edges) == want


def test_the_labels_of_a_published_scenario_are_met(tmp_path: Path) -> None:
    scenario = json.loads(LABELLED.read_text(encoding="utf-8"))
    given = tmp_path / "details.json"
    given.write_text(json.dumps(scenario["details"]), encoding="utf-8")
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    load_file(given, store, resolve=resolve, now=NOW)
    stars = {
        row.identity for row in administrators(store.nodes(), store.edges()) if row.star_on_star
    }
    store.close()

    labels = {arn: "admin" if arn in stars else "not-admin" for arn in scenario["labels"]}

    assert labels == scenario["labels"]
