"""Organizations: the tree of units and accounts, and the policies that limit them."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import GLOBAL_REGION, Edge, Node, NodeId, Role
from ingest.aws.asset import props
from ingest.aws.names import Arn, account_node, organization_node, unit_node
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, flag, member, moment, rows, text
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

ROLE_OF = {"SERVICE_CONTROL_POLICY": Role.SCP, "RESOURCE_CONTROL_POLICY": Role.RCP}
"""The policy types that limit access; others (tags, backups, opt-outs) say nothing about it."""


def _organization_of(arn: str | None) -> str | None:
    """The organisation that an ARN of Organizations lies in: `.../o-xxx/...`."""
    parsed = Arn.parse(arn or "")
    parts = parsed.resource.split("/") if parsed else []
    return next((part for part in parts[1:] if part.startswith("o-")), None)


def _scope(identifier: NodeId, kind: str, **values: str | bool | None) -> Node:
    return Node(identifier, kind, props(platform="aws", **values))


def shape_organization(answer: Answer) -> Iterator[Shaped]:
    """The organisation and its management account."""
    for page in answer.pages:
        row = member(page, "Organization")
        organization = text(row, "Id")
        if organization is None:
            yield Skipped(str(answer.key), "it names no organisation")
            continue
        manager = text(row, "MasterAccountId")
        yield _scope(
            organization_node(organization),
            "Organization",
            name=organization,
            account=manager,
            region=GLOBAL_REGION,
        )
        if manager is not None:
            yield _scope(account_node(manager), "Account", account=manager, management=True)


def shape_roots(answer: Answer) -> Iterator[Shaped]:
    """The roots of the organisation."""
    for row in answer.each("Roots"):
        root = text(row, "Id")
        if root is None:
            yield Skipped(str(answer.key), "a root has no id")
            continue
        yield _scope(unit_node(root), "Folder", name=text(row, "Name"), region=GLOBAL_REGION)
        if organization := _organization_of(text(row, "Arn")):
            yield _scope(organization_node(organization), "Organization")
            yield Edge("CONTAINS", organization_node(organization), unit_node(root))


def shape_units(answer: Answer) -> Iterator[Shaped]:
    """The units right below a root or unit."""
    for row in answer.each("OrganizationalUnits"):
        unit = text(row, "Id")
        if unit is None:
            yield Skipped(str(answer.key), "a unit has no id")
            continue
        yield _scope(unit_node(answer.argument), "Folder")
        yield _scope(unit_node(unit), "Folder", name=text(row, "Name"), region=GLOBAL_REGION)
        yield Edge("CONTAINS", unit_node(answer.argument), unit_node(unit))


def shape_accounts(answer: Answer) -> Iterator[Shaped]:
    """The accounts right below a root or unit."""
    for row in answer.each("Accounts"):
        account = text(row, "Id")
        if account is None:
            yield Skipped(str(answer.key), "an account has no id")
            continue
        arn = Arn.parse(text(row, "Arn") or "")
        yield _scope(unit_node(answer.argument), "Folder")
        yield _scope(
            account_node(account),
            "Account",
            account=account,
            name=text(row, "Name"),
            region=GLOBAL_REGION,
            created=moment(row, "JoinedTimestamp"),
            management=None if arn is None else arn.account == account,
        )
        yield Edge("CONTAINS", unit_node(answer.argument), account_node(account))


def _policy(row: Json) -> Mention | None:
    """What targets of the policy need to know of it: they name it by id alone."""
    arn, identifier, form = text(row, "Arn"), text(row, "Id"), text(row, "Type")
    if arn is None or identifier is None or form is None:
        return None
    vendor = "true" if flag(row, "AwsManaged") else ""
    return Mention(Link.POLICY, NodeId(arn), identifier, {"type": form, "vendor": vendor})


def shape_policies(answer: Answer) -> Iterator[Shaped]:
    """The policies of one type, by name."""
    for row in answer.each("Policies"):
        yield _policy(row) or Skipped(str(answer.key), "a policy has no id, ARN or type")


def shape_policy(answer: Answer) -> Iterator[Shaped]:
    """The content of one policy."""
    for page in answer.pages:
        row = member(page, "Policy")
        mention = _policy(member(row, "PolicySummary"))
        if mention is None:
            yield Skipped(str(answer.key), "the policy has no id, ARN or type")
            continue
        yield mention
        if mention.props["type"] not in ROLE_OF:
            continue
        try:
            yield from attached(
                mention.subject,
                Role.VERSION,
                row.get("Content"),
                name="current",
                vendor=bool(mention.props["vendor"]),
            )
        except UnreadableDocumentError as error:
            yield Skipped(f"policy `{mention.subject}`", str(error))


def shape_targets(answer: Answer) -> Iterator[Shaped]:
    """What one policy is attached to."""
    for page in answer.pages:
        for row in rows(page, "Targets"):
            target = text(row, "TargetId")
            if target is None:
                yield Skipped(str(answer.key), "a target has no id")
                continue
            node = account_node(target) if target.isdigit() else unit_node(target)
            yield Mention(Link.TARGET, node, answer.argument)


_ROOTS = Feed("organizations.list_roots", "Roots.Id")
_UNITS = Feed("organizations.list_organizational_units_for_parent", "OrganizationalUnits.Id")
_POLICIES = Feed("organizations.list_policies", "Policies.Id")


def _call(method: str, permission: str, **rest: object) -> Call:
    return Call(
        "organizations",
        method,
        f"organizations:{permission}",
        organization=True,
        known_none=frozenset({"AWSOrganizationsNotInUseException"}),
        **rest,  # type: ignore[arg-type]  # the fields of Call by name
    )


RESOURCES = (
    Resource(
        "aws.organization",
        "The organisation and its management account.",
        _call("describe_organization", "DescribeOrganization"),
        shape_organization,
    ),
    Resource(
        "aws.organization-roots",
        "The roots of the organisation.",
        _call("list_roots", "ListRoots", items="Roots", paginated=True),
        shape_roots,
    ),
    Resource(
        "aws.organization-units",
        "The units below a root or unit.",
        _call(
            "list_organizational_units_for_parent",
            "ListOrganizationalUnitsForParent",
            params={"ParentId": "{item}"},
            subject="aws:ou/{item}",
            items="OrganizationalUnits",
            paginated=True,
            feeds=(_ROOTS, _UNITS),
        ),
        shape_units,
    ),
    Resource(
        "aws.organization-accounts",
        "The accounts below a root or unit.",
        _call(
            "list_accounts_for_parent",
            "ListAccountsForParent",
            params={"ParentId": "{item}"},
            subject="aws:ou/{item}",
            items="Accounts",
            paginated=True,
            feeds=(_ROOTS, _UNITS),
        ),
        shape_accounts,
    ),
    Resource(
        "aws.organization-policies",
        "The service and resource control policies, by name.",
        _call(
            "list_policies",
            "ListPolicies",
            params={"Filter": "{item}"},
            items="Policies",
            paginated=True,
            choices=tuple(ROLE_OF),
        ),
        shape_policies,
    ),
    Resource(
        "aws.organization-policy-contents",
        "The content of a control policy.",
        _call(
            "describe_policy", "DescribePolicy", params={"PolicyId": "{item}"}, feeds=(_POLICIES,)
        ),
        shape_policy,
    ),
    Resource(
        "aws.organization-policy-targets",
        "What a control policy is attached to.",
        _call(
            "list_targets_for_policy",
            "ListTargetsForPolicy",
            params={"PolicyId": "{item}"},
            items="Targets",
            paginated=True,
            feeds=(_POLICIES,),
        ),
        shape_targets,
    ),
)
