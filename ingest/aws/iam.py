"""IAM: users, roles, groups, their policies and trusts, from `GetAccountAuthorizationDetails`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.model import GLOBAL_REGION, Attachment, Edge, NodeId, PropValue, Role
from ingest.aws.asset import EMAIL_TAGS, first_tag, listed, props, referenced, tag_props
from ingest.aws.federation import vouching
from ingest.aws.names import Arn, account_of, is_vendor
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, address, flag, member, moment, rows, tag_map, text, texts
from ingest.source import (
    Answer,
    Call,
    Link,
    Mention,
    Oddity,
    Resource,
    Shaped,
    Skipped,
    shortfalls,
)

LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
_INLINE = {"User": "UserPolicyList", "Role": "RolePolicyList", "Group": "GroupPolicyList"}
_NAME = {"User": "UserName", "Role": "RoleName", "Group": "GroupName"}
_RESERVED = {"/aws-service-role/": "service-linked", "/aws-reserved/": "sso"}


def shape_details(answer: Answer) -> Iterator[Shaped]:
    """The identities of one account with everything that is attached to them."""
    groups = _groups(answer)
    for row in answer.each("GroupDetailList"):
        yield from _identity(row, "Group", {})
    for row in answer.each("UserDetailList"):
        yield from _identity(row, "User", _user_props(row))
        yield from _memberships(row, groups)
    for row in answer.each("RoleDetailList"):
        yield from _identity(row, "Role", _role_props(row))
        yield from _trust(row)
        yield from _profiles(row)
    for row in answer.each("Policies"):
        yield from _versions(row)
    for name in LISTS[
        1:
    ]:  # the first is the list that the call counts, which is looked at for every call
        yield from shortfalls(answer, name)


_LISTS_OF = {
    "GroupList": str,
    "UserPolicyList": Mapping,
    "RolePolicyList": Mapping,
    "GroupPolicyList": Mapping,
    "AttachedManagedPolicies": Mapping,
    "PolicyVersionList": Mapping,
    "InstanceProfileList": Mapping,
    "Tags": Mapping,
}


def _misshapen(row: Json, where: str) -> Iterator[Skipped]:
    """Members that are there in a shape that cannot be read: what they say would be lost without a word."""
    for name, form in _LISTS_OF.items():
        value = row.get(name)
        if value is None:
            continue
        if not isinstance(value, list):
            yield Skipped(f"`{name}` of {where}", "it is no list")
        elif not all(isinstance(item, form) for item in value):
            yield Skipped(f"`{name}` of {where}", "it holds an item of the wrong type")
    boundary = row.get("PermissionsBoundary")
    if boundary is not None and not text(
        member(row, "PermissionsBoundary"), "PermissionsBoundaryArn"
    ):
        yield Skipped(f"`PermissionsBoundary` of {where}", "it has no ARN")


def _groups(answer: Answer) -> dict[tuple[str | None, str], str]:
    """The ARN of each group by account and name: memberships give the name alone."""
    return {
        (account_of(arn), name): arn
        for row in answer.each("GroupDetailList")
        if (arn := text(row, "Arn")) and (name := text(row, "GroupName"))
    }


def _tags(row: Json) -> dict[str, str] | None:
    return tag_map(row, "Tags") if isinstance(row.get("Tags"), list) else None


def _user_props(row: Json) -> dict[str, PropValue]:
    return props(
        unique_id=text(row, "UserId"),
        email=address(first_tag(_tags(row) or {}, EMAIL_TAGS)),
        last_used=moment(row, "PasswordLastUsed"),
    )


def _role_props(row: Json) -> dict[str, PropValue]:
    path = text(row, "Path") or "/"
    profiles = row.get("InstanceProfileList")
    return props(
        unique_id=text(row, "RoleId"),
        reserved=next((word for start, word in _RESERVED.items() if path.startswith(start)), None),
        instance_profile=bool(profiles) if isinstance(profiles, list) else None,
        last_used=moment(member(row, "RoleLastUsed"), "LastUsedDate"),
    )


def _identity(row: Json, kind: str, extra: Mapping[str, PropValue]) -> Iterator[Shaped]:
    """The identity, its place, its policies and its boundary."""
    arn, name = text(row, "Arn"), text(row, _NAME[kind])
    account = account_of(arn or "")
    if arn is None or account is None:
        yield Skipped(f"{kind.lower()} `{name or '?'}`", "it has no ARN with an account")
        return
    yield from _misshapen(row, f"`{arn}`")
    tags = _tags(row)
    values: dict[str, PropValue] = {
        **({} if tags is None else tag_props(tags)),
        **extra,
        **props(
            name=name or Arn.parse(arn).name,  # type: ignore[union-attr]  # account_of parsed it
            path=text(row, "Path") if kind != "Group" else None,
            created=moment(row, "CreateDate"),
        ),
    }
    yield from listed(arn, kind, account=account, region=GLOBAL_REGION, **values)
    holder = NodeId(arn)
    yield from _inline(row, kind, holder)
    for policy in rows(row, "AttachedManagedPolicies"):
        if policy_arn := text(policy, "PolicyArn"):
            yield Attachment(holder, Role.IDENTITY, policy=policy_arn, vendor=is_vendor(policy_arn))
        else:
            yield Skipped(f"a managed policy of `{arn}`", "it has no ARN")
    if boundary := text(member(row, "PermissionsBoundary"), "PermissionsBoundaryArn"):
        yield Attachment(holder, Role.BOUNDARY, policy=boundary, vendor=is_vendor(boundary))


def _inline(row: Json, kind: str, holder: NodeId) -> Iterator[Shaped]:
    for policy in rows(row, _INLINE[kind]):
        name = text(policy, "PolicyName") or ""
        try:
            yield from attached(holder, Role.IDENTITY, policy.get("PolicyDocument"), name=name)
        except UnreadableDocumentError as error:
            yield Skipped(f"inline policy `{name}` of `{holder}`", str(error))


def _memberships(row: Json, groups: Mapping[tuple[str | None, str], str]) -> Iterator[Shaped]:
    arn = text(row, "Arn") or ""
    account = account_of(arn)
    if account is None:
        return
    for name in texts(row, "GroupList"):
        group = groups.get((account, name))
        if group is None:
            group = f"arn:{arn.split(':')[1]}:iam::{account}:group/{name}"
            yield referenced(group, "Group", account=account, name=name)
            yield Oddity(f"`{arn}`", f"belongs to group `{name}`, which the answer does not list")
        yield Edge("MEMBER_OF", NodeId(arn), NodeId(group))


def _trust(row: Json) -> Iterator[Shaped]:
    arn = text(row, "Arn")
    if arn is None or account_of(arn) is None or "AssumeRolePolicyDocument" not in row:
        return
    content = row["AssumeRolePolicyDocument"]
    try:
        yield from attached(NodeId(arn), Role.TRUST, content)
        yield from vouching(NodeId(arn), content)
    except UnreadableDocumentError as error:
        yield Skipped(f"trust policy of `{arn}`", str(error))


def _profiles(row: Json) -> Iterator[Shaped]:
    """The instance profiles that hand out the role: an instance names one of them, never the role."""
    role = text(row, "Arn")
    for profile in rows(row, "InstanceProfileList"):
        if role is not None and (arn := text(profile, "Arn")):
            yield Mention(Link.PROFILE, NodeId(role), arn)


def _versions(row: Json) -> Iterator[Shaped]:
    """Every version of a managed policy; one is in force."""
    arn = text(row, "Arn")
    if arn is None:
        yield Skipped(f"policy `{text(row, 'PolicyName') or '?'}`", "it has no ARN")
        return
    yield from _misshapen(row, f"`{arn}`")
    default = text(row, "DefaultVersionId")
    for version in rows(row, "PolicyVersionList"):
        name = text(version, "VersionId") or ""
        in_force = flag(version, "IsDefaultVersion")
        try:
            yield from attached(
                NodeId(arn),
                Role.VERSION,
                version.get("Document"),
                name=name,
                in_force=name == default if in_force is None else in_force,
                vendor=is_vendor(arn),
            )
        except UnreadableDocumentError as error:
            yield Skipped(f"version `{name}` of policy `{arn}`", str(error))


RESOURCES = (
    Resource(
        "aws.identities",
        "Users, roles and groups with their policies, trusts, memberships and boundaries.",
        Call(
            "iam",
            "get_account_authorization_details",
            "iam:GetAccountAuthorizationDetails",
            items="UserDetailList",
            paginated=True,
            tells_tags=True,
        ),
        shape_details,
    ),
)
