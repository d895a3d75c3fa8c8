"""One organisation in one pass: paths cross its accounts, come in from outside, and end where a control policy stands."""

from __future__ import annotations

import pytest
from builders import A, B, C, Land, allow, deny, to, trusts
from resolved import Resolved

from graph.model import Capability, Certainty, NodeId, Role

HOST = "token.actions.githubusercontent.com"
SUBJECT = "repo:acme/models:*"
READ, CONTROL = Capability.READ, Capability.CONTROL
UNIT = "aws:ou/ou-1"


class Estate:
    """Two accounts below one unit, a third that is foreign.

    github -> release (A) -> deploy (B) -> stage (B) -> the models of B; ana (A) -> audit (B); the foreign account -> the
    models of B, by their bucket's policy alone.
    """

    def __init__(self) -> None:
        land = self.land = Land(A, B)
        land.organization(A, B)
        self._unit()
        self.models = land.bucket(
            "models",
            to(f"arn:aws:iam::{C}:root", allow("s3:GetObject", "arn:aws:s3:::models/*")),
            account=B,
        )
        onward = allow("sts:AssumeRole", f"arn:aws:iam::{B}:role/deploy")
        self.release = land.role("release", onward, trust=[self._github()])
        self.deploy = land.role(
            "deploy", allow("sts:AssumeRole"), trust=[trusts(self.release)], account=B
        )
        self.stage = land.role(
            "stage",
            allow("s3:GetObject", "arn:aws:s3:::models/*"),
            trust=[trusts(f"arn:aws:iam::{B}:root")],
            account=B,
        )
        self.ana = land.user("ana", allow("sts:AssumeRole", f"arn:aws:iam::{B}:role/audit"))
        self.audit = land.role(
            "audit",
            allow("s3:GetObject", "arn:aws:s3:::models/*"),
            trust=[trusts(f"arn:aws:iam::{A}:root")],
            account=B,
        )
        self.github = NodeId(f"external:oidc/{HOST}/{SUBJECT}")
        self.foreign = NodeId(f"aws:account/{C}")

    def _unit(self) -> None:
        """Both accounts lie in a unit below the root."""
        land = self.land
        for edge in [one for one in land.edges.values() if one.source == "aws:ou/r-1"]:
            del land.edges[edge.id]
        key = land.key(A, "organizations.list_organizational_units_for_parent/r-1")
        unit = land.node(UNIT, "Folder", key, platform="aws", name="Workloads")
        land.edge("CONTAINS", "aws:ou/r-1", unit, key)
        for account in (A, B):
            land.edge("CONTAINS", unit, f"aws:account/{account}", key)
        land.control("p-FullAWSAccess", unit, allow("*"))

    @staticmethod
    def _github() -> dict[str, object]:
        return {
            "Sid": "Github",
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{A}:oidc-provider/{HOST}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringLike": {f"{HOST}:sub": SUBJECT},
                "StringEquals": {f"{HOST}:aud": "sts.amazonaws.com"},
            },
        }

    def readers(self) -> dict[str, Certainty | None]:
        """How surely each of those who begin a path reads the models."""
        answer = Resolved(self.land.facts())
        names = {"github": self.github, "ana": self.ana, "foreign": self.foreign}
        return {name: answer.how_sure(node, self.models, READ) for name, node in names.items()}


ALL = {"github": Certainty.DEFINITE, "ana": Certainty.DEFINITE, "foreign": Certainty.DEFINITE}


def test_paths_cross_accounts_and_come_in_from_outside() -> None:
    estate = Estate()
    assert estate.readers() == ALL
    answer = Resolved(estate.land.facts())
    for role in (estate.release, estate.deploy, estate.stage):
        assert answer.how_sure(estate.github, role, CONTROL) is Certainty.DEFINITE
    assert answer.how_sure(estate.github, estate.audit, CONTROL) is None


@pytest.mark.parametrize("scope", ["aws:ou/r-1", UNIT, f"aws:account/{A}"])
def test_a_deny_of_assuming_roles_over_the_first_account_ends_the_chains(scope: str) -> None:
    estate = Estate()
    estate.land.control("p-stop", scope, deny("sts:AssumeRole"))
    assert estate.readers() == {**ALL, "github": None, "ana": None}


def test_a_deny_over_the_second_account_alone_ends_what_goes_on_there() -> None:
    estate = Estate()
    estate.land.control("p-stop", f"aws:account/{B}", deny("sts:AssumeRole"))
    # ana enters by a role of B, but is bound by the policies of A; the chain of github assumes again in B.
    assert estate.readers() == {**ALL, "github": None}


def test_a_unit_that_lists_other_actions_ends_what_it_does_not_list() -> None:
    estate = Estate()
    unit = [row for row in estate.land.attachments.values() if row.holder == UNIT]
    for row in unit:
        del estate.land.attachments[row.id]
    estate.land.control("p-iam", UNIT, allow(["iam:*", "s3:*"]))
    assert estate.readers() == {**ALL, "github": None, "ana": None}


def test_a_resource_control_policy_ends_what_comes_from_outside_the_organisation() -> None:
    estate = Estate()
    outside = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-acme"}}
    limit = to("*", deny("s3:*", Condition=outside))
    estate.land.control("p-perimeter", UNIT, limit, role=Role.RCP)
    assert estate.readers() == {**ALL, "foreign": None}


def test_a_resource_control_policy_on_assuming_roles_ends_the_token_too() -> None:
    estate = Estate()
    limit = to("*", deny("sts:AssumeRoleWithWebIdentity"))
    estate.land.control("p-token", f"aws:account/{A}", limit, role=Role.RCP)
    assert estate.readers() == {**ALL, "github": None}
