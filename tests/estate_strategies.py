"""Small AWS estates, drawn: two accounts with users, roles, groups, policies, buckets with parts, keys and trusts.

Statements are type-directed: their names, patterns, principals and conditions are mostly about what the estate holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from builders import ORGANIZATION, REGION, A, B, Land, allow, policy, root, to
from hypothesis import strategies as st

from graph.model import NodeId, Role

T = TypeVar("T")
USERS = {"ana": A, "ben": A, "cat": A, "dov": B}
ROLES = {"red": A, "blue": A, "green": B}
GROUPS = ("readers", "writers")
BUCKETS = {"one": A, "two": B}
PARTS = ("p/", "p/q/", "s/")
KEYS = {"k1": A, "k2": B}
IDENTITIES = (
    *(f"arn:aws:iam::{account}:user/{name}" for name, account in USERS.items()),
    *(f"arn:aws:iam::{account}:role/{name}" for name, account in ROLES.items()),
)
ROLE_ARNS = tuple(f"arn:aws:iam::{account}:role/{name}" for name, account in ROLES.items())
KEY_ARNS = tuple(f"arn:aws:kms:{REGION}:{account}:key/{name}" for name, account in KEYS.items())
OBJECTS = tuple(
    f"arn:aws:s3:::{bucket}/{part}*" for bucket in BUCKETS for part in ("", *PARTS, "p/q/r", "x/")
)
ACTIONS: tuple[Any, ...] = (
    "s3:GetObject",
    "s3:GetObject",
    "s3:Get*",
    "s3:PutObject",
    "s3:*",
    ["s3:GetObject", "s3:PutObject"],
    ["s3:GetObject", "kms:Decrypt"],
    "kms:Decrypt",
    "kms:*",
    "sts:AssumeRole",
    "s3:PutBucketPolicy",
    "sagemaker:InvokeEndpoint",
    "*",
)
WIDENING: tuple[Any, ...] = (
    "iam:PutUserPolicy",
    "iam:PutRolePolicy",
    "iam:AddUserToGroup",
    "iam:UpdateAssumeRolePolicy",
    "iam:CreatePolicyVersion",
    "iam:AttachGroupPolicy",
    ["iam:PassRole", "sagemaker:CreateTrainingJob"],
    "iam:CreateAccessKey",
    "iam:SetDefaultPolicyVersion",
    ["iam:DeleteUserPermissionsBoundary", "iam:DeleteRolePermissionsBoundary"],
    ["iam:TagUser", "iam:TagRole"],
)
RESOURCES: tuple[Any, ...] = (
    "*",
    "*",
    *OBJECTS,
    "arn:aws:s3:::*/p/*",
    "arn:aws:s3:::o*",
    "arn:aws:s3:::one/${aws:username}/*",
    "arn:aws:s3:::one/${aws:PrincipalTag/team}/*",
    "arn:aws:s3:::one",
    [OBJECTS[1], OBJECTS[8]],
    *KEY_ARNS,
    f"arn:aws:kms:*:{A}:key/*",
    *ROLE_ARNS,
    f"arn:aws:iam::{A}:*",
    "arn:aws:iam::*:role/*",
)
CONDITIONS: tuple[dict[str, Any], ...] = (
    {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"StringEquals": {"aws:PrincipalTag/team": "p"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": "p"}},
    {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
    {"StringEquals": {"aws:PrincipalAccount": A}},
    {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:user/*"}},
    {"StringEquals": {"aws:username": "ana"}},
    {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
)


def _often(first: st.SearchStrategy[T], other: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """The first in three cases of four."""
    return st.integers(0, 3).flatmap(lambda number: other if number == 3 else first)


def _few(items: Sequence[T], most: int = 2) -> st.SearchStrategy[list[T]]:
    return st.lists(st.sampled_from(items), max_size=most, unique_by=str)


CONDITION = _often(st.just({}), st.sampled_from([{"Condition": test} for test in CONDITIONS]))
EFFECT = st.sampled_from(("Allow", "Allow", "Allow", "Allow", "Deny"))


@st.composite
def statements(draw: st.DrawFn, *, widening: bool = False) -> dict[str, Any]:
    """A statement of an identity policy."""
    pool = (*ACTIONS, *WIDENING, *WIDENING) if widening else ACTIONS
    made = {
        **allow(draw(st.sampled_from(pool)), draw(st.sampled_from(RESOURCES))),
        **draw(CONDITION),
        "Effect": draw(EFFECT),
    }
    shape = draw(st.integers(0, 11))
    if shape == 0:
        made["NotResource"] = made.pop("Resource")
    elif shape == 1:
        made["NotAction"] = made.pop("Action")
    return made


@st.composite
def resource_statements(draw: st.DrawFn, actions: Sequence[Any], resources: Sequence[str]) -> Any:
    """A statement of a bucket's or key's policy."""
    principal = draw(
        st.sampled_from(("*", *({"AWS": entry} for entry in (root(A), root(B), A, *IDENTITIES))))
    )
    made = {
        **allow(draw(st.sampled_from(actions)), draw(st.sampled_from(resources))),
        **draw(CONDITION),
        "Effect": draw(EFFECT),
        "Principal": principal,
    }
    if made["Effect"] == "Deny" and draw(st.integers(0, 3)) == 0:
        made["NotPrincipal"] = made.pop("Principal")
    return made


@st.composite
def trust_statements(draw: st.DrawFn) -> dict[str, Any]:
    """A statement of a role's trust."""
    entries = draw(
        st.lists(
            st.sampled_from((root(A), root(A), root(B), *IDENTITIES[2:6])), min_size=1, max_size=2
        )
    )
    services = ["sagemaker.amazonaws.com"] if draw(st.booleans()) else []
    named = {"AWS": entries, **({"Service": services} if services else {})}
    more = draw(CONDITION)
    return {"Effect": "Allow", "Principal": named, "Action": "sts:AssumeRole", **more}


@st.composite
def lands(draw: st.DrawFn, *, widening: bool = False) -> Land:
    """An estate; with `widening` its policies also speak of what techniques need."""
    land = Land(A, B)
    for account in (A, B):
        if draw(st.integers(0, 5)) == 0:
            land.account(account, settings={"block_public": "RestrictPublicBuckets"})
    if draw(st.booleans()):
        land.organization(A, B)
        for account in draw(_few((A, B), 1)):
            role = draw(st.sampled_from((Role.SCP, Role.RCP)))
            limit = {**draw(statements()), "Effect": "Deny"}
            if role is Role.RCP:
                limit["Principal"] = "*"
            land.control("p-limit", f"aws:account/{account}", limit, role=role)
    _assets(draw, land)
    _identities(draw, land, widening=widening)
    return land


def _assets(draw: st.DrawFn, land: Land) -> None:
    keys = []
    for name, account in KEYS.items():
        rows = draw(
            st.lists(
                resource_statements(("kms:Decrypt", "kms:*", "kms:GenerateDataKey"), ("*",)),
                max_size=2,
            )
        )
        keys.append(land.kms_key(name, *rows, account=account))
    for name, account in BUCKETS.items():
        inside = [pattern for pattern in OBJECTS if f":::{name}/" in pattern]
        rows = draw(
            st.lists(
                resource_statements(("s3:GetObject", "s3:*", "s3:PutObject"), inside), max_size=2
            )
        )
        key = draw(st.sampled_from((None, None, *keys)))
        blocks = draw(st.sampled_from(((), (), ("RestrictPublicBuckets",))))
        bucket = land.bucket(name, *rows, account=account, encrypted_by=key, block_public=blocks)
        for part in sorted(draw(_few(PARTS, 3))):
            land.prefix(bucket, part)
        if draw(st.integers(0, 7)) == 0:
            land.policy_unread(bucket)
    if draw(st.integers(0, 7)) == 0:
        land.policy_unread(keys[0])
    for number, grantee in enumerate(draw(_few(IDENTITIES))):
        constraints = draw(st.sampled_from(({}, {"EncryptionContextSubset": {"team": "p"}})))
        land.key_grant(
            draw(st.sampled_from(keys)),
            grantee,
            draw(st.sampled_from(("Decrypt", "GenerateDataKey"))),
            name=f"g-{number}",
            **constraints,
        )
    for name in draw(_few(tuple(BUCKETS), 1)):
        _access_point(draw, land, name)
    for team in draw(_few(("p", "q"))):
        land.endpoint(f"of-{team}", tags={"team": team})


def _access_point(draw: st.DrawFn, land: Land, bucket: str) -> None:
    """An access point of the bucket, which may leave its access control to it."""
    account = BUCKETS[bucket]
    inside = [
        f"arn:aws:s3:{REGION}:{account}:accesspoint/door/object/{part}*" for part in ("", "p/")
    ]
    rows = draw(st.lists(resource_statements(("s3:GetObject", "s3:*"), inside), max_size=2))
    origin = draw(st.sampled_from(("Internet", "Internet", "VPC")))
    land.access_point("door", bucket, *rows, account=account, network_origin=origin)
    arn = f"arn:aws:s3:::{bucket}"
    known = [row for row in land.attachments.values() if row.holder == arn]
    if known or draw(st.booleans()):
        return
    by_account = {"StringEquals": {"s3:DataAccessPointAccount": account}}
    handed = to("*", allow("s3:*", [arn, f"{arn}/*"], Condition=by_account))
    key = land.key(account, f"s3.get_bucket_policy/{bucket}")
    land.attachment(arn, Role.RESOURCE, policy(handed), key=key)


def _identities(draw: st.DrawFn, land: Land, *, widening: bool) -> None:
    spoken = statements(widening=widening)
    managed = [
        land.managed(f"m{number}", *draw(st.lists(spoken, min_size=1, max_size=3)))
        for number in range(2)
    ]
    if widening and draw(st.booleans()):
        land.version(managed[0], "v0", *draw(st.lists(spoken, min_size=1, max_size=2)))
    groups = [land.group(name, *draw(st.lists(spoken, min_size=1, max_size=3))) for name in GROUPS]
    people: list[NodeId] = []
    for name, account in USERS.items():
        tags = {"team": draw(st.sampled_from(("p", "p", "q")))}
        own = draw(_often(st.just([]), st.lists(spoken, max_size=2)))
        user = land.user(name, *own, account=account, tags=tags, access_keys=0)
        if account == A:
            land.member(user, *draw(_few(groups)))
        people.append(user)
    for name, account in ROLES.items():
        trust = draw(st.lists(trust_statements(), min_size=1, max_size=2))
        own = draw(_often(st.lists(spoken, min_size=1, max_size=2), st.just([])))
        people.append(land.role(name, *own, trust=trust, account=account))
    for holder in (*people, *groups):
        if f"::{A}:" in holder:
            land.attach(holder, *draw(_few(managed)))
    for holder in draw(_few(people, 1)):
        # A policy of its own: where an attached policy is the boundary as well, losing a statement narrows both.
        limit = land.managed("limit", *draw(st.lists(spoken, min_size=1, max_size=2)))
        land.boundary(holder, limit)
