"""What an identity becomes by one change: without its boundary, with an older version in force, with another tag."""

from __future__ import annotations

from typing import Any

import pytest
from builders import REGION, A, B, Land, allow, deny, trusts
from resolved import Resolved

from graph.model import Capability, Certainty, NodeId

VAULT = f"arn:aws:secretsmanager:{REGION}:{A}:secret:token-Ab12Cd"
READING = "secretsmanager:GetSecretValue"


def land_with_secret() -> tuple[Land, NodeId]:
    """An account with one secret that nothing but identity policies speaks of."""
    land = Land(A, B)
    made = land.workload("Secret", VAULT, "secretsmanager.list_secrets")
    land.cover(land.key(A, "secretsmanager.get_resource_policy/token-Ab12Cd", REGION))
    return land, made


def reads(land: Land, who: NodeId, what: NodeId) -> Certainty | None:
    """How surely the identity reads the secret, by whatever it becomes."""
    return Resolved(land.facts()).how_sure(who, what, Capability.READ)


# Boundaries.


@pytest.mark.parametrize("kind", ["user", "role"])
def test_who_may_delete_its_boundary_has_what_its_policies_allow(kind: str) -> None:
    action = "iam:DeleteUserPermissionsBoundary" if kind == "user" else "iam:DeleteRolePermissionsBoundary"  # fmt: skip
    for bounding, wanted in ((action, Certainty.DEFINITE), ("s3:ListAllMyBuckets", None)):
        land, secret = land_with_secret()
        make = getattr(land, kind)
        who = make("ana", allow(READING), allow(action, f"arn:aws:iam::{A}:{kind}/ana"))
        land.boundary(who, land.managed("edge", allow(bounding)))
        assert reads(land, who, secret) is wanted, bounding


def test_without_a_boundary_there_is_nothing_to_delete() -> None:
    land, _secret = land_with_secret()
    who = land.user("ana", allow("iam:DeleteUserPermissionsBoundary"))
    hows = {str(grant.props["how"]) for grant, _on, _to in Resolved(land.facts()).held(who)}
    assert "iam-del-user-boundary" not in hows


@pytest.mark.parametrize("spoilt", ["", "assume", "delete", "trust", "deny", "another"])
def test_a_role_is_freed_of_its_boundary_and_assumed(spoilt: str) -> None:
    land, secret = land_with_secret()
    own = [
        allow("iam:DeleteRolePermissionsBoundary", f"arn:aws:iam::{A}:role/{'other' if spoilt == 'another' else 'bound'}"),
        allow("sts:AssumeRole", f"arn:aws:iam::{A}:role/bound"),
    ]  # fmt: skip
    if spoilt in {"assume", "delete"}:
        del own[spoilt == "assume"]
    if spoilt == "deny":
        own.append(deny("iam:DeleteRolePermissionsBoundary"))
    who = land.user("ana", *own)
    trusted = f"arn:aws:iam::{A}:user/bob" if spoilt == "trust" else f"arn:aws:iam::{A}:root"
    land.user("bob")
    role = land.role("bound", allow(READING), trust=[trusts(trusted)])
    land.boundary(role, land.managed("edge", allow("s3:ListAllMyBuckets")))
    assert reads(land, who, secret) is (None if spoilt else Certainty.DEFINITE)


def test_a_deny_of_its_own_stays_with_the_unbounded_identity() -> None:
    land, secret = land_with_secret()
    own = (allow(READING), allow("iam:DeleteUserPermissionsBoundary"), deny(READING))
    who = land.user("ana", *own)
    land.boundary(who, land.managed("edge", allow("iam:DeleteUserPermissionsBoundary")))
    assert reads(land, who, secret) is None


# Versions.


def versions(*statements: dict[str, Any], current: dict[str, Any], by: Any) -> Certainty | None:
    """How surely the holder of a policy reads the secret, where an older version of it said this."""
    land, secret = land_with_secret()
    policy = land.managed("mine", current)
    land.version(policy, "v0", *statements)
    who = land.user("ana", *by)
    land.attach(who, policy)
    return reads(land, who, secret)


def test_an_older_and_wider_version_is_brought_back() -> None:
    default = allow("iam:SetDefaultPolicyVersion", f"arn:aws:iam::{A}:policy/mine")
    narrow = allow("s3:ListAllMyBuckets")
    assert versions(allow(READING), current=narrow, by=[default]) is Certainty.DEFINITE
    assert versions(allow(READING), current=narrow, by=[]) is None
    assert versions(allow("s3:PutObject"), current=narrow, by=[default]) is None
    other = allow("iam:SetDefaultPolicyVersion", f"arn:aws:iam::{A}:policy/other")
    assert versions(allow(READING), current=narrow, by=[other]) is None


def test_a_version_without_the_deny_lifts_it() -> None:
    by = [allow(READING), allow("iam:SetDefaultPolicyVersion")]
    assert (
        versions(allow("s3:ListAllMyBuckets"), current=deny(READING), by=by) is Certainty.DEFINITE
    )


# Tags.


def tagged(*own: dict[str, Any], tags: dict[str, str] | None = None) -> Certainty | None:
    """How surely a role with these tags reads the secret."""
    land, secret = land_with_secret()
    who = land.role("ana", *own, tags=tags or {})
    return reads(land, who, secret)


ASKING = allow(READING, Condition={"StringEquals": {"aws:PrincipalTag/Team": "vault"}})
MARKING = allow("iam:TagRole", f"arn:aws:iam::{A}:role/ana")


def test_who_may_tag_itself_has_what_the_tag_opens() -> None:
    assert tagged(ASKING, MARKING) is Certainty.POSSIBLE
    assert tagged(ASKING, MARKING, tags={"team": "web"}) is Certainty.POSSIBLE
    assert tagged(ASKING, MARKING, tags={"team": "vault"}) is Certainty.DEFINITE
    assert tagged(ASKING) is None
    assert tagged(ASKING, MARKING, deny("iam:TagRole")) is None
    assert tagged(ASKING, allow("iam:TagRole", f"arn:aws:iam::{A}:role/else")) is None


def test_the_value_must_be_one_that_may_be_written() -> None:
    for value, wanted in (("vault", Certainty.POSSIBLE), ("web", None)):
        only = {"StringEquals": {"aws:RequestTag/Team": value}}
        assert tagged(ASKING, {**MARKING, "Condition": only}) is wanted


def test_a_tag_that_spares_from_a_deny_lifts_it() -> None:
    unless = {"StringNotEquals": {"aws:PrincipalTag/Team": "vault"}}
    assert tagged(allow(READING), deny(READING, Condition=unless), MARKING) is Certainty.POSSIBLE


def test_a_part_of_a_name_is_a_value_worth_taking() -> None:
    named = VAULT.replace("token-Ab12Cd", "${aws:PrincipalTag/Team}-*")
    assert tagged(allow(READING, named), MARKING) is Certainty.POSSIBLE


@pytest.mark.parametrize("spoilt", ["", "tag", "assume"])
def test_a_role_is_tagged_and_assumed(spoilt: str) -> None:
    land, secret = land_with_secret()
    role = land.role("marked", ASKING, trust=[trusts(f"arn:aws:iam::{A}:root")], tags={})
    own = [allow("iam:TagRole", role), allow("sts:AssumeRole", role)]
    if spoilt:
        del own[spoilt == "assume"]
    who = land.user("ana", *own)
    assert reads(land, who, secret) is (None if spoilt else Certainty.POSSIBLE)


# Reasons.


def test_each_step_of_a_change_is_explained_with_what_must_stand() -> None:
    land, secret = land_with_secret()
    who = land.user("ana", allow(READING, sid="Own"), allow("iam:DeleteUserPermissionsBoundary", sid="Free"))  # fmt: skip
    land.boundary(who, land.managed("edge", allow("iam:*")))
    answer = Resolved(land.facts())
    (free,) = (row for row in answer.held(who) if row[0].props["how"] == "iam-del-user-boundary")
    (read,) = (row for row in answer.held_by(free[2]) if row[2] == secret)
    told = [answer.explainer.needs(grant, who, target) for grant, _on, target in (free, read)]
    named = [
        {one.statement for need in needs for way in need.alternatives for one in way.revocables}
        for needs in told
    ]
    assert named == [{"Free"}, {"Own"}]


def test_taking_a_statement_away_ends_what_the_change_gave() -> None:
    land, secret = land_with_secret()
    own = (allow(READING, sid="Own"), allow("iam:DeleteUserPermissionsBoundary", sid="Free"))
    who = land.user("ana", *own)
    land.boundary(who, land.managed("edge", allow("iam:*")))
    answer = Resolved(land.facts())
    state = (secret, Capability.READ)
    for grant, _on, target in answer.held(who):
        for need in answer.explainer.needs(grant, who, target):
            for way in need.alternatives:
                assert state not in answer.reach_without(who, *way.revocables)


# Studio domains.


def test_a_lifecycle_configuration_of_a_domain_reaches_its_own_profiles_alone() -> None:
    land = Land(A)
    arn = f"arn:aws:sagemaker:{REGION}:{A}"
    own = (
        allow("sagemaker:CreateStudioLifecycleConfig"),
        allow("sagemaker:UpdateDomain", f"{arn}:domain/d-1"),
    )
    who = land.user("ana", *own)
    made = {}
    for domain in ("d-1", "d-2"):
        land.workload("Workspace", f"{arn}:domain/{domain}", "sagemaker.list_domains")
        role = land.role(f"of-{domain}")
        made[domain] = land.workload(
            "Notebook",
            f"{arn}:user-profile/{domain}/bob",
            "sagemaker.list_user_profiles",
            state="InService",
            runs_as=role,
        )
    answer = Resolved(land.facts())
    sure = [answer.how_sure(who, profile, Capability.CONTROL) for profile in made.values()]
    assert sure == [Certainty.POSSIBLE, None]
    (found,) = (row for row in answer.held(who) if row[2] == made["d-1"])
    assert answer.explainer.needs(found[0], who, made["d-1"])
