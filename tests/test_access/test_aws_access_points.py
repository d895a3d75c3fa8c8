"""S3 access points: a way past the bucket's own policy, where the access point, the bucket and the asker all allow it."""

from __future__ import annotations

from typing import Any

import pytest
from builders import REGION, A, B, Land, allow, deny, root, to
from oracle.removal import facts_without
from resolved import Resolved, label

from graph.model import Capability, Certainty, NodeId, Role

GET, PUT = "s3:GetObject", "s3:PutObject"
WRITE = Capability.WRITE
BUCKET, POINT = "arn:aws:s3:::b", f"arn:aws:s3:{REGION}:{A}:accesspoint/door"
THROUGH = f"{POINT}/object/*"
BY_ACCOUNT = {"StringEquals": {"s3:DataAccessPointAccount": A}}
DELEGATES = to("*", allow("s3:*", [BUCKET, f"{BUCKET}/*"], sid="Doors", Condition=BY_ACCOUNT))
ONLY_DOORS = to(
    "*",
    deny(
        "s3:*",
        [BUCKET, f"{BUCKET}/*"],
        sid="OnlyDoors",
        Condition={"StringNotEquals": {"s3:DataAccessPointAccount": A}},
    ),
)


def point(land: Land, *statements: dict[str, Any], bucket: str = "b", **settings: Any) -> NodeId:
    return land.access_point("door", bucket, *statements, **settings)


def land_with(
    *own: dict[str, Any], bucket: tuple[Any, ...] = (DELEGATES,), account: str = A, **more: Any
) -> tuple[Land, NodeId, NodeId]:
    land = Land(A, B)
    user = land.user("ana", *own, account=account)
    return land, user, land.bucket("b", *bucket, **more)


OWN = allow(GET, THROUGH, sid="Own")


def test_a_delegating_bucket_is_read_through_its_access_point() -> None:
    land, user, bucket = land_with(OWN)
    point(land)
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket) is Certainty.DEFINITE
    (grant,) = answer.grants_on(user, bucket)
    assert grant.props["how"] == "s3-access-point"
    assert answer.cuts(user, bucket) == {"statement ana Own", "statement b Doors"}


def test_the_delegation_alone_gives_no_direct_read() -> None:
    land, user, bucket = land_with(allow(GET, f"{BUCKET}/*"), bucket=(DELEGATES, ONLY_DOORS))
    point(land)
    assert Resolved(land.facts()).how_sure(user, bucket) is None


def test_an_access_point_passes_a_bucket_that_denies_what_comes_directly() -> None:
    land, user, bucket = land_with(
        allow(GET, [f"{BUCKET}/*", THROUGH], sid="Own"), bucket=(DELEGATES, ONLY_DOORS)
    )
    point(land)
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket) is Certainty.DEFINITE
    assert [g.props["how"] for g in answer.grants_on(user, bucket)] == ["s3-access-point"]


@pytest.mark.parametrize(
    ("own", "bucket", "policy"),
    [
        pytest.param((allow(GET, f"{POINT}x/object/*"),), (DELEGATES,), (), id="another point"),
        pytest.param((OWN,), (), (), id="the bucket permits nothing"),
        pytest.param((OWN, deny(GET, THROUGH)), (DELEGATES,), (), id="denied by the own side"),
        pytest.param((OWN, deny(GET, f"{BUCKET}/*")), (DELEGATES,), (), id="denied on the bucket"),
        pytest.param((OWN,), (DELEGATES,), (to("*", deny("s3:*", THROUGH)),), id="denied there"),
        pytest.param(
            (OWN,),
            (DELEGATES, to("*", deny(GET, f"{BUCKET}/*"))),
            (),
            id="denied by the bucket to everyone",
        ),
        pytest.param(
            (OWN,),
            (
                to(
                    "*",
                    allow(
                        GET,
                        f"{BUCKET}/*",
                        Condition={"StringEquals": {"s3:DataAccessPointAccount": B}},
                    ),
                ),
            ),
            (),
            id="delegated to another account's points",
        ),
        pytest.param((allow(PUT, THROUGH),), (DELEGATES,), (), id="another action"),
    ],
)
def test_without_one_of_its_parts_nothing_comes_through(
    own: tuple[Any, ...], bucket: tuple[Any, ...], policy: tuple[Any, ...]
) -> None:
    land, user, reached = land_with(*own, bucket=bucket)
    point(land, *policy)
    assert Resolved(land.facts()).how_sure(user, reached) is None


def test_an_access_point_of_another_bucket_opens_nothing() -> None:
    land, user, bucket = land_with(OWN)
    point(land, bucket="other")
    assert Resolved(land.facts()).how_sure(user, bucket) is None


def test_the_bucket_may_permit_by_the_asker_s_own_statement() -> None:
    land, user, bucket = land_with(allow(GET, [THROUGH, f"{BUCKET}/*"], sid="Own"), bucket=())
    point(land)
    hows = {g.props["how"] for g in Resolved(land.facts()).grants_on(user, bucket)}
    assert hows == {GET, "s3-access-point"}


def test_another_account_needs_the_access_point_s_policy() -> None:
    for statements, wanted in (
        ((), None),
        ((to(root(B), allow(GET, THROUGH, sid="ForB")),), Certainty.DEFINITE),
    ):
        land, user, bucket = land_with(OWN, account=B)
        point(land, *statements)
        answer = Resolved(land.facts())
        assert answer.how_sure(user, bucket) is wanted
    assert answer.cuts(user, bucket) == {
        "statement ana Own",
        "statement b Doors",
        "statement door ForB",
    }


def test_an_access_point_of_a_network_is_conditional_on_it() -> None:
    land, user, bucket = land_with(OWN)
    point(land, network_origin="VPC", vpc="vpc-1")
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket) is Certainty.CONDITIONAL
    (grant,) = answer.grants_on(user, bucket)
    assert grant.props["conditions"] == ("aws:SourceVpc StringEquals vpc-1",)


def test_an_origin_that_was_not_read_is_conditional() -> None:
    land, user, bucket = land_with(OWN)
    point(land, network_origin="")
    assert Resolved(land.facts()).how_sure(user, bucket) is Certainty.CONDITIONAL


def test_a_public_access_point_is_kept_from_others_by_the_block() -> None:
    for blocks, wanted in (((), Certainty.DEFINITE), (("RestrictPublicBuckets",), None)):
        land, user, bucket = land_with(OWN, account=B)
        point(land, to("*", allow(GET, THROUGH)), block_public=blocks)
        assert Resolved(land.facts()).how_sure(user, bucket) is wanted


def test_an_encrypted_bucket_needs_its_key_as_well() -> None:
    for own, wanted in (((OWN,), None), ((OWN, allow("kms:Decrypt", sid="Key")), 1)):
        land = Land(A)
        user = land.user("ana", *own)
        bucket = land.bucket("b", DELEGATES, encrypted_by=land.kms_key("k"))
        point(land)
        answer = Resolved(land.facts())
        assert (answer.how_sure(user, bucket) is Certainty.DEFINITE) is bool(wanted)
    assert "statement ana Key" in answer.cuts(user, bucket)


def test_a_part_of_the_bucket_is_read_where_the_access_point_shows_it() -> None:
    land, user, bucket = land_with(allow(GET, f"{POINT}/object/p/*"))
    inside, outside = land.prefix(bucket, "p/"), land.prefix(bucket, "q/")
    point(land)
    answer = Resolved(land.facts())
    assert answer.how_sure(user, inside) is Certainty.DEFINITE
    assert answer.how_sure(user, outside) is None
    assert answer.how_sure(user, bucket) is None


def test_a_resource_control_policy_shuts_a_part_of_what_the_access_point_shows() -> None:
    for pattern in (f"{POINT}/object/p/*", f"{BUCKET}/p/*"):
        land, user, bucket = land_with(OWN)
        land.organization(A, B)
        land.control("p-part", f"aws:account/{A}", to("*", deny(GET, pattern)), role=Role.RCP)
        shut, other = land.prefix(bucket, "p/"), land.prefix(bucket, "q/")
        point(land)
        answer = Resolved(land.facts())
        assert answer.how_sure(user, shut) is None
        assert answer.how_sure(user, other) is Certainty.DEFINITE


def test_an_access_point_that_names_the_asker_makes_its_own_statement_one_of_two_ways() -> None:
    statement = allow(GET, THROUGH, sid="Door")
    land, user, bucket = land_with(OWN)
    point(land, to(user, statement))
    assert Resolved(land.facts()).cuts(user, bucket) == {"statement b Doors"}


def test_an_access_point_that_names_the_account_leaves_the_decision_to_its_identities() -> None:
    land, user, bucket = land_with(OWN)
    other = land.user("ben")
    point(land, to(root(A), allow(GET, THROUGH, sid="Door")))
    answer = Resolved(land.facts())
    assert answer.how_sure(other, bucket) is None
    assert answer.cuts(user, bucket) == {"statement ana Own", "statement b Doors"}


def test_writing_through_an_access_point_is_told_by_itself() -> None:
    land, user, bucket = land_with(allow(PUT, THROUGH))
    point(land)
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket, WRITE) is Certainty.DEFINITE
    assert answer.how_sure(user, bucket) is None


def test_removal_on_the_facts_agrees_with_removal_on_the_arrays() -> None:
    land, user, bucket = land_with(OWN, account=B)
    point(land, to(root(B), allow(GET, THROUGH, sid="ForB")))
    answer = Resolved(land.facts())
    for gone in answer.revocables(user, bucket).values():
        left = Resolved(facts_without(answer.facts, gone))
        assert left.how_sure(user, bucket) is None, label(gone)


def test_an_access_point_whose_policy_is_unread_may_still_be_shut() -> None:
    land, user, bucket = land_with(OWN)
    made = point(land)
    land.unread(A, "s3control.get_access_point_policy/door", REGION)
    assert not [
        row for row in land.attachments.values() if row.role is Role.RESOURCE and row.holder == made
    ]
    assert Resolved(land.facts()).how_sure(user, bucket) is Certainty.CONDITIONAL
