"""Identity Center as a way up: the own permission set widened, a new one assigned, the roles of an identity pool."""

from __future__ import annotations

from typing import Any

import pytest
from builders import MANAGEMENT, A, B, Land, allow, deny, trusts
from resolved import Resolved

from graph.model import Capability, Certainty, NodeId

SET = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
INSTANCE = "arn:aws:sso:::instance/ssoins-1"
WIDEN = "sso:AttachManagedPolicyToPermissionSet"
RESERVED = "aws-reserved/sso.amazonaws.com/"


def organised(*own: dict[str, Any], at: str = MANAGEMENT) -> tuple[Land, dict[str, NodeId]]:
    """An organisation with one permission set, held by `at`; its roles in two accounts, and a bucket in each."""
    land = Land(A, B, MANAGEMENT)
    land.account(MANAGEMENT, management=True)
    land.organization(A, B, MANAGEMENT)
    made = land.node(SET, "PermissionSet", land.key(at, "sso-admin.list_permission_sets"), name="ops", account=at)  # fmt: skip
    nodes: dict[str, NodeId] = {"set": made}
    for account, statements in ((MANAGEMENT, own), (A, ())):
        role = land.role(
            f"ops-{account}", *statements, account=account, path=RESERVED, reserved="sso"
        )
        land.edge("MANAGED_BY", role, made)
        nodes[account] = role
        nodes[f"data-{account}"] = land.bucket(f"data-{account}", account=account)
    land.user("local", account=B)
    nodes[f"data-{B}"] = land.bucket(f"data-{B}", account=B)
    return land, nodes


def reads(land: Land, who: NodeId, what: NodeId) -> Certainty | None:
    return Resolved(land.facts()).how_sure(who, what, Capability.READ)


@pytest.mark.parametrize("action", [WIDEN, "sso:PutInlinePolicyToPermissionSet"])
def test_who_may_widen_its_own_permission_set_has_everything_where_it_is(action: str) -> None:
    land, nodes = organised(allow(action, [SET, INSTANCE]))
    actor = nodes[MANAGEMENT]
    assert reads(land, actor, nodes[f"data-{MANAGEMENT}"]) is Certainty.DEFINITE


def test_in_another_account_the_set_is_a_way_for_whoever_opens_it_there() -> None:
    # The control policy keeps the widened role from assigning itself a new set.
    land, nodes = organised(allow(WIDEN, [SET, INSTANCE]), at=A)
    land.inline(nodes[A], "own", allow(WIDEN, [SET, INSTANCE]))
    land.control("p-none", f"aws:account/{A}", deny("sso:CreateAccountAssignment"))
    answer = Resolved(land.facts())
    sure = {answer.nodes[to].props["account"]: on.certainty for grant, on, to in answer.held(nodes[A]) if grant.props["how"] == "sso-attach"}  # fmt: skip
    assert sure == {A: Certainty.DEFINITE, MANAGEMENT: Certainty.CONDITIONAL}


@pytest.mark.parametrize(
    "own",
    [
        [],
        [allow(WIDEN, SET)],
        [allow(WIDEN, INSTANCE)],
        [allow(WIDEN, [SET.replace("ps-1", "ps-2"), INSTANCE])],
        [allow(WIDEN), deny(WIDEN, SET)],
    ],
)
def test_the_set_and_its_instance_are_both_needed(own: list[dict[str, Any]]) -> None:
    land, nodes = organised(*own)
    assert reads(land, nodes[MANAGEMENT], nodes[f"data-{MANAGEMENT}"]) is None


def test_another_identity_does_not_have_what_it_makes_of_a_set() -> None:
    land, nodes = organised()
    who = land.user("ana", allow("sso:Attach*"), account=MANAGEMENT)
    assert reads(land, who, nodes[f"data-{MANAGEMENT}"]) is None


NEW = ["sso:CreatePermissionSet", WIDEN, "sso:CreateAccountAssignment"]


def test_a_new_set_is_assigned_in_an_account_of_one_s_choice() -> None:
    land, nodes = organised()
    who = land.user("ana", allow(NEW), account=MANAGEMENT)
    for account in (A, B):
        assert reads(land, who, nodes[f"data-{account}"]) is Certainty.DEFINITE


@pytest.mark.parametrize("missing", range(3))
def test_each_action_of_a_new_assignment_is_needed(missing: int) -> None:
    land, nodes = organised()
    own = [action for place, action in enumerate(NEW) if place != missing]
    who = land.user("ana", allow(own), account=MANAGEMENT)
    assert reads(land, who, nodes[f"data-{A}"]) is None


def test_an_assignment_that_is_allowed_in_one_account_reaches_no_other() -> None:
    land, nodes = organised()
    sets = ["arn:aws:sso:::permissionSet/*", "arn:aws:sso:::instance/*"]
    here = allow("sso:CreateAccountAssignment", [*sets, f"arn:aws:sso:::account/{A}"])
    who = land.user("ana", allow(NEW[:2], sets), here, account=MANAGEMENT)
    assert reads(land, who, nodes[f"data-{A}"]) is Certainty.DEFINITE
    assert reads(land, who, nodes[f"data-{B}"]) is None


def test_a_control_policy_over_the_account_takes_what_the_new_role_would_do() -> None:
    land, nodes = organised()
    land.control("p-none", f"aws:account/{A}", deny("s3:*"))
    who = land.user("ana", allow(NEW), account=MANAGEMENT)
    assert reads(land, who, nodes[f"data-{A}"]) is None


def test_identity_center_is_of_the_account_that_holds_it() -> None:
    land, nodes = organised()
    who = land.user("ana", allow("sso:*"), account=B)
    assert reads(land, who, nodes[f"data-{A}"]) is None


def test_every_step_is_explained() -> None:
    land, nodes = organised()
    who = land.user("ana", allow(NEW, sid="Assign"), account=MANAGEMENT)
    answer = Resolved(land.facts())
    found = [row for row in answer.held(who) if row[0].props["how"] == "sso-new"]
    assert len(found) == 3
    for grant, _on, target in found:
        needs = answer.explainer.needs(grant, who, target)
        said = {r.statement for need in needs for way in need.alternatives for r in way.revocables}
        assert said == {"Assign"}
        read = [row for row in answer.held_by(target) if row[2] in nodes.values()]
        assert all(
            answer.explainer.needs(grant, who, reached) == () for grant, _on, reached in read
        )


# Identity pools.


@pytest.mark.parametrize("spoilt", ["", "pass", "set", "service", "trust"])
def test_a_role_that_trusts_an_identity_pool_is_given_to_its_users(spoilt: str) -> None:
    land = Land(A)
    service = "ec2.amazonaws.com" if spoilt == "service" else "cognito-identity.amazonaws.com"
    passing = allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": service}})
    own = {"pass": passing, "set": allow("cognito-identity:SetIdentityPoolRoles")}
    who = land.user("ana", *(said for name, said in own.items() if name != spoilt))
    federated = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:pool"}},
    }
    trust = trusts("lambda.amazonaws.com") if spoilt == "trust" else federated
    role = land.role("app", trust=[trust])
    found = Resolved(land.facts()).how_sure(who, role, Capability.CONTROL)
    assert found is (None if spoilt else Certainty.CONDITIONAL)
