"""Organizations: the tree of units and accounts, and the policies that limit them."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import GLOBAL_REGION, Edge, Node, NodeId, PropValue, Role
from ingest.aws.asset import props, stated, tag_props
from ingest.aws.names import Arn, account_node, organization_node, unit_node
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, address, flag, member, moment, rows, tag_map, text
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

ROLE_OF = {"SERVICE_CONTROL_POLICY": Role.SCP, "RESOURCE_CONTROL_POLICY": Role.RCP}
"""The policy types that limit access; others (tags, backups, opt-outs) say nothing about it."""

SETTING_OF = {
    "AISERVICES_OPT_OUT_POLICY": "ai_opt_out_policy",
    "DECLARATIVE_POLICY_EC2": "ec2_policy",
}
"""The policy types that are settings of what they are attached to, by the setting's name."""


def _organization_of(arn: str | None) -> str | None:
    """The organisation that an ARN of Organizations lies in: `.../o-xxx/...`."""
    parsed = Arn.parse(arn or "")
    parts = parsed.resource.split("/") if parsed else []
    return next((part for part in parts[1:] if part.startswith("o-")), None)


def _scope(identifier: NodeId, kind: str, **values: PropValue | None) -> Node:
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
            settings=stated(feature_set=text(row, "FeatureSet")),
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
        enabled = sorted(
            form
            for item in rows(row, "PolicyTypes")
            if text(item, "Status") == "ENABLED" and (form := text(item, "Type"))
        )
        yield _scope(
            unit_node(root),
            "Folder",
            name=text(row, "Name"),
            region=GLOBAL_REGION,
            settings=stated(policy_types=",".join(enabled)),
        )
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
            settings=stated(
                email=address(row.get("Email")),
                state=text(row, "State") or text(row, "Status"),
            ),
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


def shape_delegated(answer: Answer) -> Iterator[Shaped]:
    """The accounts that administer a service for the whole organisation."""
    for row in answer.each("DelegatedAdministrators"):
        account = text(row, "Id")
        if account is None:
            yield Skipped(str(answer.key), "a delegated administrator has no account")
            continue
        settings = {
            "delegated_administrator": "true",
            "delegated_since": moment(row, "DelegationEnabledDate") or "",
        }
        yield Node(
            account_node(account),
            "Account",
            props(
                platform="aws",
                account=account,
                name=text(row, "Name"),
                settings={name: value for name, value in settings.items() if value},
            ),
        )


def shape_delegated_services(answer: Answer) -> Iterator[Shaped]:
    """The services that one account administers for the organisation."""
    found = {
        name for row in answer.each("DelegatedServices") if (name := text(row, "ServicePrincipal"))
    }
    settings = stated(delegated_services=",".join(sorted(found)))
    yield Node(
        account_node(answer.argument),
        "Account",
        props(platform="aws", account=answer.argument, settings=settings),
    )


def shape_tags(answer: Answer) -> Iterator[Shaped]:
    """The tags of one account, as the organisation keeps them."""
    tags: dict[str, str] = {}
    for page in answer.pages:
        tags |= tag_map(page, "Tags")
    if any(isinstance(page.get("Tags"), list) for page in answer.pages):
        yield Node(
            account_node(answer.argument),
            "Account",
            {"platform": "aws", "account": answer.argument, **tag_props(tags)},
        )


_ROOTS = Feed("organizations.list_roots", "Roots.Id")
_UNITS = Feed("organizations.list_organizational_units_for_parent", "OrganizationalUnits.Id")
_POLICIES = Feed("organizations.list_policies", "Policies.Id")


_DELEGATED = Feed("organizations.list_delegated_administrators", "DelegatedAdministrators.Id")


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
        "The service and resource control policies, and those that opt out of AI services or set EC2, by name.",
        _call(
            "list_policies",
            "ListPolicies",
            params={"Filter": "{item}"},
            items="Policies",
            paginated=True,
            choices=(*ROLE_OF, *SETTING_OF),
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
    Resource(
        "aws.delegated-administrators",
        "The accounts that administer services for the organisation.",
        _call(
            "list_delegated_administrators",
            "ListDelegatedAdministrators",
            items="DelegatedAdministrators",
            paginated=True,
        ),
        shape_delegated,
    ),
    Resource(
        "aws.delegated-services",
        "The services that an account administers for the organisation.",
        _call(
            "list_delegated_services_for_account",
            "ListDelegatedServicesForAccount",
            params={"AccountId": "{item}"},
            subject="aws:account/{item}",
            items="DelegatedServices",
            paginated=True,
            feeds=(_DELEGATED,),
        ),
        shape_delegated_services,
    ),
    Resource(
        "aws.account-tags",
        "The tags of an account.",
        _call(
            "list_tags_for_resource",
            "ListTagsForResource",
            params={"ResourceId": "{item}"},
            subject="aws:account/{item}",
            items="Tags",
            paginated=True,
            feeds=(Feed("organizations.list_accounts_for_parent", "Accounts.Id"),),
            tells_tags=True,
        ),
        shape_tags,
    ),
)
