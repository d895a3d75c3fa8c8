"""Users, groups, roles and policies of an account, and its authorization details as the API answers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sample.estate.names import group_arn, policy_arn, role_arn, unique_id, user_arn, when
from sample.estate.policy import Json

VENDOR_PATHS = {  # managed policies of the vendor live under these paths
    "AWSLambdaBasicExecutionRole": "/service-role/",
    "AWSOrganizationsServiceTrustPolicy": "/aws-service-role/",
    "AmazonSageMakerNotebooksServiceRolePolicy": "/aws-service-role/",
}


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A managed policy with its versions, oldest first; the last one is in force."""

    account: str
    name: str
    versions: tuple[Json, ...]
    path: str = "/"
    age: float = 500

    @property
    def arn(self) -> str:
        """The policy's ARN."""
        return policy_arn(self.account, self.name, self.path)


@dataclass(frozen=True, slots=True)
class Holder:
    """What users, groups and roles share."""

    account: str
    name: str
    path: str = "/"
    inline: Mapping[str, Json] = field(default_factory=dict)
    managed: tuple[str, ...] = ()  # policy ARNs
    tags: Mapping[str, str] = field(default_factory=dict)
    boundary: str | None = None
    age: float = 400


@dataclass(frozen=True, slots=True)
class User(Holder):
    """An IAM user."""

    groups: tuple[str, ...] = ()

    @property
    def arn(self) -> str:
        """The user's ARN."""
        return user_arn(self.account, self.name, self.path)


@dataclass(frozen=True, slots=True)
class Group(Holder):
    """An IAM group."""

    @property
    def arn(self) -> str:
        """The group's ARN."""
        return group_arn(self.account, self.name, self.path)


@dataclass(frozen=True, slots=True)
class Role(Holder):
    """An IAM role; `idle` is the number of days since its last use, None where it was never used."""

    trust: Json = field(default_factory=dict)
    idle: float | None = 3
    instance_profile: bool = False

    @property
    def arn(self) -> str:
        """The role's ARN."""
        return role_arn(self.account, self.name, self.path)


@dataclass(frozen=True, slots=True)
class Identities:
    """All identities and policies of one account."""

    account: str
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    roles: tuple[Role, ...] = ()
    policies: tuple[ManagedPolicy, ...] = ()


def vendor(name: str) -> str:
    """The ARN of a managed policy of the vendor."""
    return policy_arn("aws", name, VENDOR_PATHS.get(name, "/"))


def tag_list(tags: Mapping[str, str]) -> list[Json]:
    """Tags as AWS lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _inline(holder: Holder) -> list[Json]:
    return [{"PolicyName": name, "PolicyDocument": body} for name, body in holder.inline.items()]


def _attached(holder: Holder) -> list[Json]:
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in holder.managed]


def _head(holder: User | Group | Role, kind: str, prefix: str) -> Json:
    return {
        "Path": holder.path,
        f"{kind}Name": holder.name,
        f"{kind}Id": unique_id(prefix, holder.arn),
        "Arn": holder.arn,
        "CreateDate": when(holder.age, holder.arn),
    }


def _limits(holder: Holder) -> Json:
    if holder.boundary is None:
        return {}
    return {
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": holder.boundary,
        }
    }


def _user(user: User) -> Json:
    return {
        **_head(user, "User", "AIDA"),
        **({"UserPolicyList": _inline(user)} if user.inline else {}),
        "GroupList": list(user.groups),
        "AttachedManagedPolicies": _attached(user),
        **_limits(user),
        "Tags": tag_list(user.tags),
    }


def _group(group: Group) -> Json:
    return {
        **_head(group, "Group", "AGPA"),
        "GroupPolicyList": _inline(group),
        "AttachedManagedPolicies": _attached(group),
    }


def _role(role: Role) -> Json:
    used: Json = (
        {}
        if role.idle is None
        else {"LastUsedDate": when(role.idle, role.arn), "Region": "eu-west-1"}
    )
    return {
        **_head(role, "Role", "AROA"),
        "AssumeRolePolicyDocument": role.trust,
        "InstanceProfileList": [_instance_profile(role)] if role.instance_profile else [],
        "RolePolicyList": _inline(role),
        "AttachedManagedPolicies": _attached(role),
        **_limits(role),
        "Tags": tag_list(role.tags),
        "RoleLastUsed": used,
    }


def _instance_profile(role: Role) -> Json:
    arn = f"arn:aws:iam::{role.account}:instance-profile{role.path}{role.name}"
    return {
        "Path": role.path,
        "InstanceProfileName": role.name,
        "InstanceProfileId": unique_id("AIPA", arn),
        "Arn": arn,
        "CreateDate": when(role.age, arn),
        "Roles": [
            {**_head(role, "Role", "AROA"), "AssumeRolePolicyDocument": role.trust},
        ],
    }


def _policy(policy: ManagedPolicy, attached: int, bounding: int) -> Json:
    newest = len(policy.versions)
    versions = [
        {
            "Document": body,
            "VersionId": f"v{number}",
            "IsDefaultVersion": number == newest,
            "CreateDate": when(policy.age * (newest - number + 1) / newest, policy.arn),
        }
        for number, body in enumerate(policy.versions, start=1)
    ]
    return {
        "PolicyName": policy.name,
        "PolicyId": unique_id("ANPA", policy.arn),
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": f"v{newest}",
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": bounding,
        "IsAttachable": True,
        "CreateDate": when(policy.age, policy.arn),
        "UpdateDate": when(policy.age / newest, policy.arn),
        "PolicyVersionList": versions[::-1],
    }


def _policies(identities: Identities) -> list[Json]:
    """The attached and the customer's policies; the API leaves out what serves as boundary only."""
    holders = (*identities.users, *identities.groups, *identities.roles)
    attached = [arn for holder in holders for arn in holder.managed]
    bounding = [holder.boundary for holder in holders]
    return [
        _policy(policy, attached.count(policy.arn), bounding.count(policy.arn))
        for policy in identities.policies
        if policy.arn in attached or (policy.account != "aws" and policy.arn not in bounding)
    ]


def authorization_details(identities: Identities) -> list[Json]:
    """The pages of GetAccountAuthorizationDetails: users and groups first, then roles and policies."""
    users = [_user(user) for user in identities.users]
    groups = [_group(group) for group in identities.groups]
    roles = [_role(role) for role in identities.roles]
    policies = _policies(identities)
    marker = unique_id("", f"marker:{identities.account}") + "=="
    return [
        {
            "UserDetailList": users,
            "GroupDetailList": groups,
            "RoleDetailList": [],
            "Policies": [],
            "IsTruncated": True,
            "Marker": marker,
        },
        {
            "UserDetailList": [],
            "GroupDetailList": [],
            "RoleDetailList": roles,
            "Policies": policies,
            "IsTruncated": False,
        },
    ]
