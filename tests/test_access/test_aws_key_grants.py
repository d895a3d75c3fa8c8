"""Grants of KMS keys: a use beside the key's policy, as an alternative reason with a removal of its own."""

from __future__ import annotations

from typing import Any

import pytest
from builders import NOW, REGION, A, B, Land, allow, deny, to
from oracle.removal import facts_without
from resolved import Resolved, label

from access.removal import command, words
from graph.model import Capability, Certainty, NodeId, Role

GET, PUT = "s3:GetObject", "s3:PutObject"
INVOKE, READ, WRITE = Capability.INVOKE, Capability.READ, Capability.WRITE
NOBODY = to(f"arn:aws:iam::{A}:user/other", allow("kms:*", sid="Other"))


def estate(*own: dict[str, Any], account: str = A) -> tuple[Land, NodeId, NodeId, NodeId]:
    """A reader, a bucket that lets it read, and the bucket's key, whose policy names somebody else."""
    land = Land(A, B)
    user = land.user("ana", *(own or (allow(GET, sid="Own"),)), account=account)
    key = land.kms_key("k", NOBODY)
    bucket = land.bucket("b", to(user, allow(GET, "arn:aws:s3:::b/*", sid="Ana")), encrypted_by=key)
    return land, user, key, bucket


def test_a_grant_gives_the_use_of_a_key_whose_policy_does_not() -> None:
    land, user, key, bucket = estate()
    assert Resolved(land.facts()).how_sure(user, bucket) is None
    land.key_grant(key, user)
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket) is Certainty.DEFINITE
    assert answer.how_sure(user, key, INVOKE) is Certainty.DEFINITE
    assert "key_grant k g-1" in answer.cuts(user, bucket)


def test_a_grant_is_revoked_by_its_own_command() -> None:
    land, user, key, bucket = estate()
    land.key_grant(key, user)
    answer = Resolved(land.facts())
    found = next(r for r in answer.revocables(user, bucket).values() if r.kind == "key_grant")
    assert command(found) == f"aws kms revoke-grant --key-id {key} --grant-id g-1"
    assert words(found) == "grant g-1 to ana on key k"
    assert Resolved(facts_without(answer.facts, found)).how_sure(user, bucket) is None


def test_beside_the_policy_a_grant_is_an_alternative() -> None:
    land = Land()
    user = land.user("ana", allow([GET, "kms:Decrypt"], sid="Own"))
    key = land.kms_key("k")
    bucket = land.bucket("b", encrypted_by=key)
    land.key_grant(key, user)
    answer = Resolved(land.facts())
    assert "key_grant k g-1" in map(label, answer.revocables(user, bucket).values())
    assert answer.cuts(user, bucket) == {"statement ana Own"}  # s3:GetObject


@pytest.mark.parametrize(
    ("grantee", "operations", "own"),
    [
        pytest.param(f"arn:aws:iam::{A}:user/ben", ("Decrypt",), (), id="another user"),
        pytest.param("ana", ("Encrypt", "DescribeKey"), (), id="another operation"),
        pytest.param("s3.amazonaws.com", ("Decrypt",), (), id="a service"),
        pytest.param("ana", ("Decrypt",), (allow(GET), deny("kms:*")), id="denied"),
    ],
)
def test_a_grant_of_something_else_gives_nothing(
    grantee: str, operations: tuple[str, ...], own: tuple[dict[str, Any], ...]
) -> None:
    land, user, key, bucket = estate(*own)
    land.key_grant(key, str(user) if grantee == "ana" else grantee, *operations)
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket) is None
    assert answer.how_sure(user, key, INVOKE) is None


def test_a_grant_of_data_keys_lets_write() -> None:
    land, user, key, bucket = estate(allow(PUT))
    land.key_grant(key, user, "GenerateDataKey")
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket, WRITE) is Certainty.DEFINITE
    assert answer.how_sure(user, bucket, READ) is None


@pytest.mark.parametrize("kind", ["EncryptionContextEquals", "EncryptionContextSubset"])
def test_a_constraint_is_a_condition(kind: str) -> None:
    land, user, key, bucket = estate()
    land.key_grant(key, user, **{kind: {"department": "claims"}})
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket) is Certainty.CONDITIONAL
    (held,) = answer.grants_on(user, bucket)
    assert held.props["conditions"] == (f"{kind}:department StringEquals claims",)


def test_a_grant_reaches_another_account() -> None:
    land, user, key, bucket = estate(account=B)
    land.key_grant(key, user)
    answer = Resolved(land.facts())
    assert answer.how_sure(user, bucket) is Certainty.DEFINITE
    assert "key_grant k g-1" in answer.cuts(user, bucket)


def test_a_boundary_limits_what_a_role_is_granted() -> None:
    land = Land()
    role = land.role("r", allow(GET))
    key = land.kms_key("k", NOBODY)
    bucket = land.bucket("b", encrypted_by=key)
    land.key_grant(key, role)
    assert Resolved(land.facts()).how_sure(role, bucket) is Certainty.DEFINITE
    land.boundary(role, land.managed("limit", allow("s3:*")))
    assert Resolved(land.facts()).how_sure(role, bucket) is None


def test_a_grant_to_a_stranger_is_told_of_the_stranger() -> None:
    land = Land()
    key = land.kms_key("k")
    stranger = "arn:aws:iam::444444444444:role/other"
    land.key_grant(key, stranger)
    answer = Resolved(land.facts())
    assert answer.how_sure(NodeId(stranger), key, INVOKE) is Certainty.DEFINITE


def test_who_has_a_grant_is_no_longer_like_the_others() -> None:
    land = Land()
    users = [land.user(name, allow(GET)) for name in ("ana", "ben", "cat")]
    key = land.kms_key("k", NOBODY)
    bucket = land.bucket("b", encrypted_by=key)
    land.key_grant(key, users[1])
    answer = Resolved(land.facts(), instant=NOW)
    assert [answer.how_sure(user, bucket) for user in users] == [None, Certainty.DEFINITE, None]


def test_a_grant_that_is_no_grant_gives_nothing() -> None:
    land, user, key, bucket = estate()
    call = land.key(A, "kms.list_grants/k", REGION)
    land.attachment(key, Role.GRANT, {"GranteePrincipal": str(user)}, key=call, name="odd")
    assert Resolved(land.facts()).how_sure(user, bucket) is None
