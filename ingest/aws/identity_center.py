"""IAM Identity Center: the people of the workforce, and which of them may become which role in which account.

A permission set becomes a role `AWSReservedSSO_<set>_<hash>` in every account that it is provisioned to. Who is
assigned to the set for an account may become that role there.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import GLOBAL_REGION, Attachment, Edge, Node, NodeId, Role
from ingest.aws.asset import account_setting, lacking, listed, props, referenced, stated
from ingest.aws.names import is_vendor
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, address, member, moment, rows, text, texts
from ingest.source import PART, Answer, Call, Feed, Resource, Shaped, Skipped

INLINE = "inline"
_KIND = {"USER": "User", "GROUP": "Group"}


def user_node(store: str, identifier: str) -> NodeId:
    """The node of a user of this identity store."""
    return NodeId(f"aws:identity-center/{store}/user/{identifier}")


def group_node(store: str, identifier: str) -> NodeId:
    """The node of a group of this identity store."""
    return NodeId(f"aws:identity-center/{store}/group/{identifier}")


def _part(answer: Answer, at: int) -> str:
    parts = answer.argument.split(PART)
    return parts[at] if at < len(parts) else ""


def _set_of(answer: Answer) -> NodeId:
    """The permission set that an answer is about: the second part of its argument, else all of it."""
    return NodeId(_part(answer, 1) or answer.argument)


# Instances and permission sets.


def shape_instances(answer: Answer) -> Iterator[Shaped]:
    """The instances that the account may see; one of the organisation shows in its member accounts, too."""
    for row in answer.each("Instances"):
        instance, store = text(row, "InstanceArn"), text(row, "IdentityStoreId")
        if instance is None or store is None:
            yield Skipped(str(answer.key), "an instance has no ARN or no identity store")
            continue
        owner = text(row, "OwnerAccountId") or answer.account
        settings = stated(
            identity_center=instance,
            identity_store=store,
            identity_center_region=text(row, "PrimaryRegion") or answer.region,
            identity_center_status=text(row, "Status"),
        )
        yield account_setting(owner, settings or {})


def shape_sets(answer: Answer) -> Iterator[Shaped]:
    """The permission sets of an instance, by ARN alone."""
    if lost := lacking(answer, "PermissionSets"):
        yield lost
    for page in answer.pages:
        for arn in texts(page, "PermissionSets"):
            yield from listed(arn, "PermissionSet", account=answer.account, region=answer.region)


def shape_set(answer: Answer) -> Iterator[Shaped]:
    """What a permission set is called, and how long its sessions last."""
    if lost := lacking(answer, "PermissionSet"):
        yield lost
    for page in answer.pages:
        row = member(page, "PermissionSet")
        yield _more(
            answer,
            name=text(row, "Name"),
            created=moment(row, "CreatedDate"),
            settings=stated(
                session_duration=text(row, "SessionDuration"),
                relay_state=text(row, "RelayState"),
                description=text(row, "Description"),
            ),
        )


def _more(answer: Answer, **values: object) -> Node:
    return Node(_set_of(answer), "PermissionSet", props(**values))  # type: ignore[arg-type]  # properties by name


def shape_inline(answer: Answer) -> Iterator[Shaped]:
    """The permission set's inline policy; an empty text where there is none."""
    yield _more(answer)
    for page in answer.pages:
        content = page.get("InlinePolicy")
        if content is None or content == "":
            continue
        try:
            yield from attached(_set_of(answer), Role.IDENTITY, content, name=INLINE)
        except UnreadableDocumentError as error:
            yield Skipped(f"inline policy of `{_set_of(answer)}`", str(error))


def shape_managed(answer: Answer) -> Iterator[Shaped]:
    """The managed policies that the permission set attaches to its roles."""
    yield _more(answer)
    for row in answer.each("AttachedManagedPolicies"):
        arn = text(row, "Arn")
        if arn is None:
            yield Skipped(str(answer.key), "a managed policy has no ARN")
            continue
        yield Attachment(_set_of(answer), Role.IDENTITY, policy=arn, vendor=is_vendor(arn))


def _named(row: Json) -> str | None:
    """A policy by path and name: each account has its own of that name."""
    name = text(row, "Name")
    return None if name is None else f"{text(row, 'Path') or '/'}{name}"


def shape_customer_managed(answer: Answer) -> Iterator[Shaped]:
    """The policies of each account itself that the permission set attaches, by name."""
    found = [_named(row) for row in answer.each("CustomerManagedPolicyReferences")]
    if None in found:
        yield Skipped(str(answer.key), "a policy has no name")
    names = ",".join(sorted(name for name in found if name))
    yield _more(answer, settings=stated(customer_managed_policies=names))


def shape_boundary(answer: Answer) -> Iterator[Shaped]:
    """What bounds the permission set's roles; nothing where the answer has no pages."""
    for page in answer.pages:
        row = member(page, "PermissionsBoundary")
        yield _more(
            answer,
            settings=stated(boundary=_named(member(row, "CustomerManagedPolicyReference"))),
        )
        if arn := text(row, "ManagedPolicyArn"):
            yield Attachment(_set_of(answer), Role.BOUNDARY, policy=arn, vendor=is_vendor(arn))


def shape_provisioned(answer: Answer) -> Iterator[Shaped]:
    """The accounts that have a role of the permission set."""
    if lost := lacking(answer, "AccountIds"):
        yield lost
    accounts = {account for page in answer.pages for account in texts(page, "AccountIds")}
    yield _more(answer, settings=stated(accounts=",".join(sorted(accounts))))


def shape_assignments(answer: Answer) -> Iterator[Shaped]:
    """Who may become the permission set's role in the account."""
    store, account = _part(answer, 2), _part(answer, 3)
    yield _more(answer)
    for row in answer.each("AccountAssignments"):
        identifier = text(row, "PrincipalId")
        kind = _KIND.get(text(row, "PrincipalType") or "")
        if identifier is None or kind is None:
            yield Skipped(str(answer.key), "an assignment has no user or group")
            continue
        make = user_node if kind == "User" else group_node
        who = make(store, identifier)
        yield referenced(who, kind, name=identifier)
        target = NodeId(text(row, "PermissionSetArn") or _set_of(answer))
        if target != _set_of(answer):
            yield Skipped(str(answer.key), f"it speaks of another permission set: `{target}`")
            continue
        yield Edge("ASSIGNED", who, target, discriminator=text(row, "AccountId") or account)


# The identity store.


def shape_users(answer: Answer) -> Iterator[Shaped]:
    """The users of the identity store."""
    for row in answer.each("Users"):
        identifier = text(row, "UserId")
        if identifier is None:
            yield Skipped(str(answer.key), "a user has no id")
            continue
        status = text(row, "UserStatus")
        yield from listed(
            user_node(answer.argument, identifier),
            "User",
            account=answer.account,
            region=GLOBAL_REGION,
            name=text(row, "UserName") or text(row, "DisplayName"),
            email=_mail(row),
            unique_id=identifier,
            enabled=None if status is None else status == "ENABLED",
            created=moment(row, "CreatedAt"),
            settings=stated(
                display_name=text(row, "DisplayName"),
                external_ids=_external(row),
                user_type=text(row, "UserType"),
            ),
        )


def _mail(row: Json) -> str | None:
    """The user's address: the primary one, else the first."""
    held = sorted(rows(row, "Emails"), key=lambda mail: mail.get("Primary") is not True)
    return next((found for mail in held if (found := address(mail.get("Value")))), None)


def _external(row: Json) -> str:
    """How the directory that feeds the store calls the same user or group."""
    return ",".join(
        f"{text(item, 'Issuer') or ''}={text(item, 'Id') or ''}"
        for item in rows(row, "ExternalIds")
    )


def shape_groups(answer: Answer) -> Iterator[Shaped]:
    """The groups of the identity store."""
    for row in answer.each("Groups"):
        identifier = text(row, "GroupId")
        if identifier is None:
            yield Skipped(str(answer.key), "a group has no id")
            continue
        yield from listed(
            group_node(answer.argument, identifier),
            "Group",
            account=answer.account,
            region=GLOBAL_REGION,
            name=text(row, "DisplayName") or identifier,
            created=moment(row, "CreatedAt"),
            settings=stated(description=text(row, "Description"), external_ids=_external(row)),
        )


def shape_members(answer: Answer) -> Iterator[Shaped]:
    """Who belongs to one group."""
    store = _part(answer, 0)
    group = group_node(store, _part(answer, 1))
    yield Node(group, "Group", {"members_read": True})
    for row in answer.each("GroupMemberships"):
        identifier = text(member(row, "MemberId"), "UserId")
        if identifier is None:
            yield Skipped(str(answer.key), "a member is no user")
            continue
        user = user_node(store, identifier)
        yield referenced(user, "User", name=identifier)
        yield Edge("MEMBER_OF", user, group)


_INSTANCES = "sso-admin.list_instances"
_SETS = Feed("sso-admin.list_permission_sets", "PermissionSets", ("^0", ".", "^1"))
_OF_SET = {"InstanceArn": "{0}", "PermissionSetArn": "{1}"}


def _store(method: str, permission: str, **rest: object) -> Call:
    settings: dict[str, object] = {
        "params": {"IdentityStoreId": "{item}"},
        "feeds": (Feed(_INSTANCES, "Instances.IdentityStoreId"),),
        "subject": "aws:identity-center/{item}",
        "regional": True,
        "paginated": True,
        **rest,
    }
    return Call("identitystore", method, f"identitystore:{permission}", **settings)  # type: ignore[arg-type]  # the fields of Call by name


def _of_set(method: str, permission: str, **rest: object) -> Call:
    """A call about one permission set; its argument is the instance, the set and the identity store."""
    settings: dict[str, object] = {
        "params": _OF_SET,
        "feeds": (_SETS,),
        "subject": "{part1}",
        "regional": True,
        **rest,
    }
    return Call("sso-admin", method, f"sso:{permission}", **settings)  # type: ignore[arg-type]  # the fields of Call by name


RESOURCES = (
    Resource(
        "aws.identity-center",
        "The Identity Center instances that the account may see.",
        Call(
            "sso-admin",
            "list_instances",
            "sso:ListInstances",
            regional=True,
            items="Instances",
            paginated=True,
        ),
        shape_instances,
    ),
    Resource(
        "aws.permission-sets",
        "The permission sets of an instance.",
        Call(
            "sso-admin",
            "list_permission_sets",
            "sso:ListPermissionSets",
            regional=True,
            params={"InstanceArn": "{0}"},
            feeds=(Feed(_INSTANCES, "Instances", ("InstanceArn", "IdentityStoreId")),),
            paginated=True,
            subject="{part0}",
        ),
        shape_sets,
    ),
    Resource(
        "aws.permission-set-settings",
        "The name and sessions of a permission set.",
        _of_set("describe_permission_set", "DescribePermissionSet"),
        shape_set,
    ),
    Resource(
        "aws.permission-set-inline-policies",
        "The inline policy of a permission set.",
        _of_set("get_inline_policy_for_permission_set", "GetInlinePolicyForPermissionSet"),
        shape_inline,
    ),
    Resource(
        "aws.permission-set-managed-policies",
        "The managed policies of a permission set.",
        _of_set(
            "list_managed_policies_in_permission_set",
            "ListManagedPoliciesInPermissionSet",
            items="AttachedManagedPolicies",
            paginated=True,
        ),
        shape_managed,
    ),
    Resource(
        "aws.permission-set-customer-policies",
        "The policies of each account that a permission set attaches by name.",
        _of_set(
            "list_customer_managed_policy_references_in_permission_set",
            "ListCustomerManagedPolicyReferencesInPermissionSet",
            items="CustomerManagedPolicyReferences",
            paginated=True,
        ),
        shape_customer_managed,
    ),
    Resource(
        "aws.permission-set-boundaries",
        "The boundary of a permission set.",
        _of_set(
            "get_permissions_boundary_for_permission_set",
            "GetPermissionsBoundaryForPermissionSet",
            known_none=frozenset({"ResourceNotFoundException"}),
        ),
        shape_boundary,
    ),
    Resource(
        "aws.permission-set-accounts",
        "The accounts that a permission set is provisioned to.",
        _of_set(
            "list_accounts_for_provisioned_permission_set",
            "ListAccountsForProvisionedPermissionSet",
            paginated=True,
        ),
        shape_provisioned,
    ),
    Resource(
        "aws.account-assignments",
        "Who is assigned to a permission set in an account.",
        _of_set(
            "list_account_assignments",
            "ListAccountAssignments",
            params={**_OF_SET, "AccountId": "{3}"},
            items="AccountAssignments",
            paginated=True,
            feeds=(
                Feed(
                    "sso-admin.list_accounts_for_provisioned_permission_set",
                    "AccountIds",
                    ("^0", "^1", "^2", "."),
                ),
            ),
        ),
        shape_assignments,
    ),
    Resource(
        "aws.workforce-users",
        "The users of an identity store.",
        _store("list_users", "ListUsers", items="Users"),
        shape_users,
    ),
    Resource(
        "aws.workforce-groups",
        "The groups of an identity store.",
        _store("list_groups", "ListGroups", items="Groups"),
        shape_groups,
    ),
    Resource(
        "aws.workforce-memberships",
        "The members of a group of an identity store.",
        _store(
            "list_group_memberships",
            "ListGroupMemberships",
            params={"IdentityStoreId": "{0}", "GroupId": "{1}"},
            feeds=(Feed("identitystore.list_groups", "Groups", ("^0", "GroupId")),),
            subject="aws:identity-center/{part0}/group/{part1}",
            items="GroupMemberships",
        ),
        shape_members,
    ),
)
