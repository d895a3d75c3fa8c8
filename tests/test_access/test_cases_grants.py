"""Cases of the foundation about what an identity holds by itself: reasons, groups, keys, patterns, limits."""

from __future__ import annotations

from builders import A, B, Land, allow, deny, root, to, trusts
from oracle.removal import facts_without
from resolved import Resolved, label

from graph.model import Capability, Certainty, NodeId, Role

WRITE, CONTROL, INVOKE, ADMIN = (
    Capability.WRITE,
    Capability.CONTROL,
    Capability.INVOKE,
    Capability.ADMIN,
)
GET, PUT = "s3:GetObject", "s3:PutObject"
OFFICE = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}


def remaining(answer: Resolved, user: NodeId, target: NodeId, gone: str) -> set[str]:
    """What still gives READ once the Revocable with this label is taken away."""
    taken = next(id_ for id_, r in answer.revocables(user, target).items() if label(r) == gone)
    return {
        label(revocable)
        for needs in answer.needs(user, target)
        for need in needs
        for alternative in need.alternatives
        if taken not in alternative.ids
        for revocable in alternative.revocables
    }


# 2: the same grant by two policies


def two_policies(
    *patterns: str, condition: dict[str, object] | None = None
) -> tuple[Resolved, NodeId, NodeId]:
    land = Land()
    bucket = land.bucket("b")
    more = {"Condition": condition} if condition else {}
    user = land.user("ana", allow(GET, patterns[0], sid="Own", **more))
    land.attach(user, land.managed("reading", allow(GET, patterns[1], sid="Managed")))
    return Resolved(land.facts()), user, bucket


def test_of_two_policies_with_the_same_grant_no_single_removal_changes_anything() -> None:
    answer, user, bucket = two_policies("arn:aws:s3:::b/*", "arn:aws:s3:::b/*")
    assert answer.how_sure(user, bucket) is Certainty.DEFINITE
    assert answer.cuts(user, bucket) == set()


def test_of_two_policies_with_overlapping_patterns_no_single_removal_changes_anything() -> None:
    answer, user, bucket = two_policies("arn:aws:s3:::b/*", "*")
    assert answer.how_sure(user, bucket) is Certainty.DEFINITE
    assert answer.cuts(user, bucket) == set()


def test_of_two_policies_with_the_same_grant_the_answer_says_which_remains() -> None:
    answer, user, bucket = two_policies("arn:aws:s3:::b/*", "*")
    assert remaining(answer, user, bucket, "statement ana Own") == {
        "statement reading Managed",
        "attachment ana reading",
    }
    assert remaining(answer, user, bucket, "attachment ana reading") == {"statement ana Own"}


def test_of_a_definite_and_a_conditional_grant_the_conditional_one_remains() -> None:
    answer, user, bucket = two_policies("arn:aws:s3:::b/*", "arn:aws:s3:::b/*", condition=OFFICE)
    taken = next(
        r for r in answer.revocables(user, bucket).values() if label(r) == "attachment ana reading"
    )
    left = answer.reach_without(user, taken)
    assert left[bucket, Capability.READ] is Certainty.CONDITIONAL


# 3: a group, one denied member, a stranger who may join


def group_with_a_denied_member() -> tuple[Resolved, dict[str, NodeId]]:
    land = Land()
    bucket = land.bucket("b")
    group = land.group("readers", allow(GET, "arn:aws:s3:::b/*", sid="Read"))
    members = {name: land.user(name) for name in ("ana", "ben")}
    members["dan"] = land.user("dan", deny(GET, "*", sid="No"))
    for member in members.values():
        land.member(member, group)
    members["sue"] = land.user("sue", allow("iam:AddUserToGroup", group, sid="Join"))
    return Resolved(land.facts()), {**members, "group": group, "bucket": bucket}


def test_a_group_with_a_denied_member_does_not_hold_the_grant() -> None:
    answer, names = group_with_a_denied_member()
    assert not [g for g, _on, target in answer.held_by(names["group"]) if target == names["bucket"]]


def test_the_members_without_a_deny_hold_the_grant_through_their_class() -> None:
    answer, names = group_with_a_denied_member()
    for name in ("ana", "ben"):
        (grant,) = answer.grants_on(names[name], names["bucket"])
        assert answer.nodes[NodeId(str(grant.props["holder"]))].kind == "PrincipalClass"


def test_the_denied_member_has_no_path() -> None:
    answer, names = group_with_a_denied_member()
    assert answer.how_sure(names["dan"], names["bucket"]) is None


def test_a_stranger_who_may_add_himself_gains_the_grant_by_joining() -> None:
    answer, names = group_with_a_denied_member()
    assert answer.how_sure(names["sue"], names["bucket"]) is Certainty.DEFINITE
    assert answer.grants_on(names["sue"], names["bucket"]) == []
    joins = [
        grant
        for grant, _on, _target in answer.held_by(names["sue"])
        if grant.props["how"] == "iam-013"
    ]
    assert len(joins) == 1


# 4: reading across accounts, under a key


def across_accounts() -> tuple[Resolved, NodeId, NodeId]:
    land = Land(A, B)
    reader = land.user("ben", allow([GET, "kms:Decrypt"], "*", sid="ReadAndDecrypt"), account=B)
    key = land.kms_key("k", to(root(B), allow("kms:Decrypt", sid="OfB")))
    bucket = land.bucket(
        "b", to(reader, allow(GET, "arn:aws:s3:::b/*", sid="BensRead")), encrypted_by=key
    )
    return Resolved(land.facts()), reader, bucket


def test_a_read_across_accounts_under_a_key_falls_with_each_of_its_three_statements() -> None:
    answer, reader, bucket = across_accounts()
    assert answer.how_sure(reader, bucket) is Certainty.DEFINITE
    assert answer.cuts(reader, bucket) == {
        "statement ben ReadAndDecrypt",
        "statement b BensRead",
        "statement k OfB",
    }


def test_two_roles_with_one_managed_policy_have_two_attachments_each_cutting_its_own() -> None:
    land = Land()
    bucket = land.bucket("b")
    arn = land.managed("reading", allow(GET, "arn:aws:s3:::b/*", sid="Read"))
    roles = [land.role(name, trust=[trusts("ec2.amazonaws.com")]) for name in ("r1", "r2")]
    for role in roles:
        land.attach(role, arn)
    answer = Resolved(land.facts())
    for role, other in (roles, roles[::-1]):
        (own,) = [
            revocable
            for revocable in answer.revocables(role, bucket).values()
            if revocable.kind == "attachment"
        ]
        assert (bucket, Capability.READ) not in answer.reach_without(role, own)
        assert (bucket, Capability.READ) in answer.reach_without(other, own)


# 7 and 8: parts of a bucket, keys


def test_a_grant_on_one_prefix_is_no_read_of_a_model_in_another() -> None:
    land = Land()
    bucket = land.bucket("b")
    public = land.prefix(bucket, "public/")
    model = land.model("m1", land.prefix(bucket, "models/m1/"))
    user = land.user("ana", allow(GET, "arn:aws:s3:::b/public/*"))
    reached = Resolved(land.facts()).reach(user)
    assert set(reached) == {(public, Capability.READ)}
    assert (model, Capability.READ) not in reached


def test_a_bucket_whose_key_may_not_be_used_is_not_read() -> None:
    land = Land()
    key = land.kms_key("k")
    bucket = land.bucket("b", encrypted_by=key)
    user = land.user("ana", allow(GET, "*"))
    assert Resolved(land.facts()).how_sure(user, bucket) is None


def test_rewriting_the_policy_of_a_bucket_does_not_read_it_without_its_key() -> None:
    land = Land()
    key = land.kms_key("k")
    bucket = land.bucket("b", encrypted_by=key)
    user = land.user("ana", allow([GET, "s3:PutBucketPolicy"], "*"))
    reached = Resolved(land.facts()).reach(user)
    assert (bucket, ADMIN) in reached
    assert (bucket, Capability.READ) not in reached


def test_a_bucket_under_a_key_whose_policy_is_unread_is_read_conditionally() -> None:
    land = Land()
    key = land.kms_key("k")
    land.policy_unread(key)
    bucket = land.bucket("b", encrypted_by=key)
    user = land.user("ana", allow(GET, "*"))
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket) is Certainty.CONDITIONAL
    (grant,) = answer.grants_on(user, bucket)
    assert any("get_key_policy" in condition for condition in grant.props["conditions"])


def test_a_deny_on_one_prefix_leaves_the_bucket_and_takes_the_prefix_with_its_models() -> None:
    land = Land()
    bucket = land.bucket("b")
    secret, other = land.prefix(bucket, "secret/"), land.prefix(bucket, "open/")
    model = land.model("m1", land.prefix(bucket, "secret/m1/"))
    user = land.user("ana", allow(GET, "arn:aws:s3:::b/*"), deny(GET, "arn:aws:s3:::b/secret/*"))
    reached = Resolved(land.facts()).reach(user)
    assert set(reached) == {(bucket, Capability.READ), (other, Capability.READ)}
    assert (secret, Capability.READ) not in reached
    assert (model, Capability.READ) not in reached


# 13: control policies


def test_an_unread_control_policy_is_assumed_and_said() -> None:
    land = Land()
    bucket = land.bucket("b")
    user = land.user("ana", allow(GET, "*"))
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket) is Certainty.DEFINITE
    (grant,) = answer.grants_on(user, bucket)
    assert "SCP unread" in grant.props["assumptions"]


def test_a_control_policy_that_was_read_and_denies_takes_the_access() -> None:
    land = Land()
    bucket = land.bucket("b")
    user = land.user("ana", allow(GET, "*"))
    land.organization(A)
    assert Resolved(land.facts()).how_sure(user, bucket) is Certainty.DEFINITE
    land.control("p-no-reads", f"aws:account/{A}", deny(GET, "*"))
    assert Resolved(land.facts()).how_sure(user, bucket) is None


def test_a_control_policy_that_was_read_leaves_no_assumption() -> None:
    land = Land()
    bucket = land.bucket("b")
    user = land.user("ana", allow(GET, "*"))
    land.organization(A)
    (grant,) = Resolved(land.facts()).grants_on(user, bucket)
    assert "assumptions" not in grant.props


# 17 and 18: the public, and transport


def public_bucket(*blocks: str, settings: dict[str, str] | None = None) -> Land:
    land = Land()
    if settings is not None:
        land.account(A, settings=settings)
    land.bucket("b", to("*", allow(GET, "arn:aws:s3:::b/*", sid="Open")), block_public=blocks)
    return land


def test_a_public_bucket_behind_a_block_of_public_access_opens_nothing() -> None:
    answer = Resolved(public_bucket("RestrictPublicBuckets", "BlockPublicPolicy").facts())
    assert answer.of("Public") == ()


def test_a_public_bucket_behind_the_block_of_its_account_opens_nothing() -> None:
    land = public_bucket(settings={"block_public": "RestrictPublicBuckets"})
    assert Resolved(land.facts()).of("Public") == ()


def test_a_public_bucket_without_a_block_is_read_by_everyone() -> None:
    answer = Resolved(public_bucket().facts())
    bucket = NodeId("arn:aws:s3:::b")
    assert answer.how_sure(NodeId("public:internet"), bucket) is Certainty.DEFINITE


def test_a_block_of_public_access_that_is_unread_makes_the_public_conditional() -> None:
    land = public_bucket(settings={})
    bucket = NodeId("arn:aws:s3:::b")
    answer = Resolved(land.facts())
    assert answer.how_sure(NodeId("public:internet"), bucket) is Certainty.CONDITIONAL


def test_an_identity_does_not_hold_what_everyone_holds() -> None:
    land = public_bucket()
    user = land.user("ana")
    answer = Resolved(land.facts())
    bucket = NodeId("arn:aws:s3:::b")
    assert answer.grants_on(user, bucket) == []
    assert answer.how_sure(user, bucket) is Certainty.DEFINITE


def test_a_deny_of_plain_transport_leaves_the_read_definite_and_noted() -> None:
    land = Land()
    plain = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    bucket = land.bucket(
        "b", to("*", deny("s3:*", ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], **plain))
    )
    user = land.user("ana", allow(GET, "*"))
    answer = Resolved(land.facts())
    (grant,) = answer.grants_on(user, bucket)
    assert grant.props["certainty"] == "definite"
    assert any("SecureTransport" in note for note in grant.props["notes"])


# 19: tags


def tagged(team: str, *more: dict[str, object]) -> tuple[Resolved, NodeId, NodeId]:
    land = Land()
    endpoint = land.endpoint("scorer", tags={"team": "fraud"})
    same = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    call = allow("sagemaker:InvokeEndpoint", "*", sid="OwnTeam", Condition=same)
    user = land.user("ana", call, *more, tags={"team": team})
    return Resolved(land.facts()), user, endpoint


def test_access_by_equal_tags_is_decided_where_both_were_read() -> None:
    answer, user, endpoint = tagged("fraud")
    assert answer.how_sure(user, endpoint, INVOKE) is Certainty.DEFINITE
    answer, user, endpoint = tagged("pricing")
    assert answer.how_sure(user, endpoint, INVOKE) is None


def test_access_by_tags_is_conditional_where_the_tags_of_the_asset_are_unread() -> None:
    land = Land()
    endpoint = land.endpoint("scorer")
    node = land.nodes[endpoint]
    props = {name: value for name, value in node.props.items() if name != "tags"}
    land.node(endpoint, "Endpoint", next(iter(node.asserted_by)), **props)
    same = {"StringEquals": {"aws:ResourceTag/team": "fraud"}}
    user = land.user("ana", allow("sagemaker:InvokeEndpoint", "*", Condition=same))
    answer = Resolved(land.facts())
    assert answer.how_sure(user, endpoint, INVOKE) is Certainty.CONDITIONAL


def test_whoever_may_write_the_tag_of_the_asset_has_a_path_through_it() -> None:
    answer, user, endpoint = tagged("pricing", allow("sagemaker:AddTags", "*", sid="Tag"))
    assert answer.how_sure(user, endpoint, INVOKE) is Certainty.POSSIBLE
    (grant,) = answer.grants_on(user, endpoint, INVOKE)
    assert grant.props["how"] == "abac-tag-resource"
    assert answer.cuts(user, endpoint, INVOKE) == {"statement ana OwnTeam", "statement ana Tag"}


# 24: a membership that also denies


def group_that_allows_and_denies() -> tuple[Resolved, Land, dict[str, NodeId]]:
    land = Land()
    bucket, other = land.bucket("b"), land.bucket("other")
    group = land.group(
        "guarded",
        allow(GET, "arn:aws:s3:::b/*", sid="Read"),
        deny(GET, "arn:aws:s3:::other/*", sid="Never"),
    )
    user = land.user("ana", allow(GET, "arn:aws:s3:::other/*", sid="Other"))
    land.member(user, group)
    return Resolved(land.facts()), land, {"b": bucket, "other": other, "user": user, "group": group}


def test_a_membership_whose_loss_would_lift_a_deny_says_so() -> None:
    answer, _land, names = group_that_allows_and_denies()
    found = answer.revocables(names["user"], names["b"]).values()
    lifting = {label(revocable) for revocable in found if revocable.lifts_deny}
    assert lifting == {"membership ana guarded"}
    assert "statement guarded Read" in {label(r) for r in found if not r.lifts_deny}


def test_taking_such_a_membership_away_would_indeed_open_what_the_deny_closed() -> None:
    answer, land, names = group_that_allows_and_denies()
    assert answer.how_sure(names["user"], names["other"]) is None
    land.edges = {k: e for k, e in land.edges.items() if e.kind != "MEMBER_OF"}
    after = Resolved(land.facts())
    assert after.how_sure(names["user"], names["other"]) is Certainty.DEFINITE


def test_a_public_statement_that_keeps_others_out_by_its_block_says_that_its_loss_would_open() -> (
    None
):
    land = Land(A, B)
    away = land.user("ben", allow(GET, "*"), account=B)
    statements = (
        to("*", allow(GET, "arn:aws:s3:::b/*", sid="Open")),
        to(away, allow(GET, "arn:aws:s3:::b/*", sid="Ben")),
    )
    bucket = land.bucket("b", *statements, block_public=("RestrictPublicBuckets",))
    user = land.user("ana")
    answer = Resolved(land.facts())
    (gone,) = answer.revocables(user, bucket).values()
    assert (label(gone), gone.lifts_deny) == ("statement b Open", True)
    assert answer.how_sure(away, bucket) is None
    assert Resolved(facts_without(land.facts(), gone)).how_sure(away, bucket) is Certainty.DEFINITE


# Rows of the evaluator's table that speak of Grants


def test_a_boundary_leaves_an_administrator_what_it_names_and_nothing_else() -> None:
    land = Land()
    bucket = land.bucket("b")
    role = land.role("admin", allow("*", "*", sid="All"))
    land.boundary(role, land.managed("limit", allow("ec2:Describe*", "*")))
    answer = Resolved(land.facts())
    assert answer.reach(role) == {}
    assert (bucket, Capability.READ) not in answer.reach(role)


def test_a_boundary_that_was_never_read_makes_the_access_conditional() -> None:
    land = Land()
    bucket = land.bucket("b")
    user = land.user("ana", allow(GET, "*"))
    land.boundary(user, f"arn:aws:iam::{A}:policy/unread")
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket) is Certainty.CONDITIONAL


def test_what_a_control_policy_denies_an_administrator_is_listed_as_residual() -> None:
    land = Land()
    land.organization(A)
    land.control("p-no-roles", f"aws:account/{A}", deny("iam:CreateRole", "*", sid="NoRoles"))
    user = land.user("ana", allow("iam:PutUserPolicy", "*", sid="Self"))
    answer = Resolved(land.facts())
    widened = [node for node in answer.of("PrincipalClass") if node.props.get("admin") is True]
    assert widened
    assert all(
        any("p-no-roles" in line for line in node.props["residual_denies"]) for node in widened
    )
    assert user in answer.nodes


def test_a_resource_named_by_the_users_own_name_is_decided_for_a_user_and_open_for_a_role() -> None:
    land = Land()
    home, other = land.bucket("home-ana"), land.bucket("home-ben")
    arn = land.managed("homes", allow(GET, "arn:aws:s3:::home-${aws:username}/*"))
    user, role = land.user("ana"), land.role("worker")
    land.attach(user, arn)
    land.attach(role, arn)
    answer = Resolved(land.facts())
    assert answer.how_sure(user, home) is Certainty.DEFINITE
    assert answer.how_sure(user, other) is None
    assert answer.how_sure(role, home) is not Certainty.DEFINITE


def test_across_accounts_one_side_alone_gives_nothing() -> None:
    land = Land(A, B)
    silent = land.user("sil", account=B)
    wanting = land.user("wan", allow(GET, "*"), account=B)
    named = land.bucket("named", to(silent, allow(GET, "arn:aws:s3:::named/*")))
    other = land.bucket("other")
    answer = Resolved(land.facts())
    assert answer.how_sure(silent, named) is None
    assert answer.how_sure(wanting, other) is None


def test_a_resource_control_policy_over_the_bucket_stops_a_reader_of_another_account() -> None:
    land = Land(A, B)
    land.organization(A, B)
    user = land.user("ben", allow(GET, "*"), account=B)
    bucket = land.bucket("b", to(user, allow(GET, "arn:aws:s3:::b/*")))
    assert Resolved(land.facts()).how_sure(user, bucket) is Certainty.DEFINITE
    land.control("p-shut", f"aws:account/{A}", to("*", deny(GET, "*")), role=Role.RCP)
    assert Resolved(land.facts()).how_sure(user, bucket) is None


def test_a_policy_for_everyone_over_tls_is_public_and_blocked_all_the_same() -> None:
    land = Land()
    over_tls = {"Bool": {"aws:SecureTransport": "true"}}
    bucket = land.bucket(
        "open",
        allow(GET, "arn:aws:s3:::open/*", Principal="*", Condition=over_tls),
        block_public=("RestrictPublicBuckets",),
    )
    answer = Resolved(land.facts())
    assert not [
        node for node in answer.of("Public") if (bucket, Capability.READ) in answer.reach(node.id)
    ]


def test_a_policy_for_everyone_in_some_network_is_public_unless_the_network_is_named() -> None:
    for value, blocked in (("vpc-*", True), ("vpc-1a2b3c4d", False)):
        land = Land(A, B)
        only = {"StringLike": {"aws:SourceVpc": value}}
        statement = allow(GET, "arn:aws:s3:::open/*", Principal="*", Condition=only)
        bucket = land.bucket("open", statement, block_public=("RestrictPublicBuckets",))
        reader = land.user("ana", allow(GET, "*"), account=B)
        reached = Resolved(land.facts()).reach(reader)
        assert ((bucket, Capability.READ) not in reached) is blocked
