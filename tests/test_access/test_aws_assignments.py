"""Single sign-on: an assignment gives the permission set's role in its account, and in no other."""

from builders import A, B, Land, allow
from resolved import Resolved

from access.decision import RevocableKind
from graph.model import Capability, Certainty, NodeId

CONTROL, READ = Capability.CONTROL, Capability.READ
SET = NodeId("arn:aws:sso:::permissionSet/ssoins-1/ps-1")
STORE = "aws:identity-center/d-1"
ANN, TEAM = NodeId(f"{STORE}/user/ann"), NodeId(f"{STORE}/group/team")


def _land(*, enabled: bool = True) -> tuple[Land, NodeId, NodeId]:
    """Ann in the team, which is assigned to the set in account A; the set has a role in A and in B."""
    land = Land(A, B)
    key = land.key(A, "sso-admin.list_account_assignments/x", "eu-west-1")
    land.node(ANN, "User", key, name="ann", platform="aws", account=A, enabled=enabled)
    land.node(TEAM, "Group", key, name="team", platform="aws", account=A)
    land.node(SET, "PermissionSet", key, name="Reader", platform="aws", account=A)
    land.edge("MEMBER_OF", ANN, TEAM, key)
    land.edge("ASSIGNED", TEAM, SET, key, discriminator=A)
    roles = [
        land.role(
            "AWSReservedSSO_Reader_0123456789abcdef",
            allow("s3:GetObject", "*"),
            account=account,
            path="aws-reserved/sso.amazonaws.com/",
            reserved="sso",
        )
        for account in (A, B)
    ]
    for role in roles:
        land.edge("MANAGED_BY", role, SET, key)
    return land, roles[0], roles[1]


def test_a_member_of_the_assigned_group_controls_the_role_in_that_account_alone() -> None:
    land, here, there = _land()
    answer = Resolved(land.facts())
    assert answer.how_sure(ANN, here, CONTROL) is Certainty.DEFINITE
    assert answer.how_sure(ANN, there, CONTROL) is None


def test_the_role_brings_what_its_policies_give() -> None:
    land, _here, _there = _land()
    bucket = land.bucket("models")
    assert Resolved(land.facts()).how_sure(ANN, bucket, READ) is not None


def test_the_group_holds_it_because_of_the_assignment_alone() -> None:
    land, here, _there = _land()
    answer = Resolved(land.facts())
    [grant] = [node for node in answer.grants.values() if node.props["how"] == "assignment"]
    assert grant.props["holder"] == TEAM
    needs = answer.explainer.needs(grant, ANN, here)
    assert needs is not None
    [[revocable]] = [alternative.revocables for need in needs for alternative in need.alternatives]
    assert revocable.kind is RevocableKind.ASSIGNMENT
    assert answer.reach_without(ANN, revocable).keys().isdisjoint({(here, CONTROL)})


def test_the_assignment_is_taken_away_by_its_own_command() -> None:
    land, _here, _there = _land()
    [shown] = [
        node
        for node in Resolved(land.facts()).of("Revocable")
        if node.props["kind"] == "assignment"
    ]
    assert shown.props["removal"] == (
        "aws sso-admin delete-account-assignment --instance-arn arn:aws:sso:::instance/ssoins-1 "
        f"--permission-set-arn {SET} --target-type AWS_ACCOUNT --target-id {A} "
        "--principal-type GROUP --principal-id team"
    )
    assert shown.props["text"] == f"assignment of team to permission set ps-1 in {A}"


def test_a_member_who_left_the_group_reaches_nothing() -> None:
    land, here, _there = _land()
    land.edges = {name: edge for name, edge in land.edges.items() if edge.kind != "MEMBER_OF"}
    assert Resolved(land.facts()).how_sure(ANN, here, CONTROL) is None


def test_a_disabled_user_assigned_directly_reaches_it_only_once_enabled() -> None:
    land, here, _there = _land(enabled=False)
    land.edges = {name: edge for name, edge in land.edges.items() if edge.kind != "MEMBER_OF"}
    land.edge("ASSIGNED", ANN, SET, discriminator=A)
    assert Resolved(land.facts()).how_sure(ANN, here, CONTROL) is Certainty.CONDITIONAL


def test_a_set_whose_role_was_not_read_gives_nothing() -> None:
    land, _here, _there = _land()
    land.edges = {name: edge for name, edge in land.edges.items() if edge.kind != "MANAGED_BY"}
    grants = Resolved(land.facts()).grants.values()
    assert not [node for node in grants if node.props["how"] == "assignment"]


def test_workforce_users_are_no_subjects_or_targets_of_iam() -> None:
    land, _here, _there = _land()
    boss = land.user("boss", allow("*", "*"))
    assert Resolved(land.facts()).how_sure(boss, ANN, CONTROL) is None
