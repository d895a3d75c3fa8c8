"""The organisation: root, units, accounts, control policies and what they are attached to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sample.estate.names import (
    DEV,
    MANAGEMENT,
    ORGANISATION,
    OU_DEVELOPMENT,
    OU_PRODUCTION,
    OU_WORKLOADS,
    PROD,
    REGION,
    ROOT,
    unique_id,
    when,
)
from sample.estate.policy import Json, deny, document
from sample.estate.snapshot import GLOBAL, Call

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
UNITS = {  # parent -> its units
    ROOT: ((OU_WORKLOADS, "Workloads"),),
    OU_WORKLOADS: ((OU_PRODUCTION, "Production"), (OU_DEVELOPMENT, "Development")),
    OU_PRODUCTION: (),
    OU_DEVELOPMENT: (),
}
ACCOUNTS = {  # parent -> its accounts
    ROOT: ((MANAGEMENT, "alderwick-management"),),
    OU_WORKLOADS: (),
    OU_PRODUCTION: ((PROD, "alderwick-prod"),),
    OU_DEVELOPMENT: ((DEV, "alderwick-dev"),),
}
EVERY_TARGET = (ROOT, OU_WORKLOADS, OU_PRODUCTION, OU_DEVELOPMENT, MANAGEMENT, PROD, DEV)


@dataclass(frozen=True, slots=True)
class ControlPolicy:
    """A service or resource control policy and the targets it is attached to."""

    id: str
    name: str
    type: str
    description: str
    content: Json
    targets: tuple[str, ...]
    managed: bool = False

    @property
    def arn(self) -> str:
        """The policy's ARN."""
        if self.managed:
            return f"arn:aws:organizations::aws:policy/{self.type.lower()}/{self.id}"
        return f"arn:aws:organizations::{MANAGEMENT}:policy/{ORGANISATION}/{self.type.lower()}/{self.id}"


POLICIES = (
    ControlPolicy(
        "p-FullAWSAccess",
        "FullAWSAccess",
        SCP,
        "Allows access to every operation",
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
        },
        EVERY_TARGET,
        managed=True,
    ),
    ControlPolicy(
        "p-al9guard1",
        "protect-the-guard-rails",
        SCP,
        "Nobody leaves the organisation or stops its log",
        document(
            deny("StayInTheOrganisation", "organizations:LeaveOrganization", "*"),
            deny("KeepTheTrail", ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"], "*"),
        ),
        (OU_WORKLOADS,),
    ),
    ControlPolicy(
        "p-al9europe",
        "inference-stays-in-europe",
        SCP,
        "Foundation models and rented machines in two regions only",
        document(
            deny(
                "EuropeOnly",
                ["bedrock:*", "ec2:RunInstances", "rds:*"],
                "*",
                condition={
                    "StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}
                },
            )
        ),
        (OU_WORKLOADS,),
    ),
    ControlPolicy(
        "p-al9prodn0",
        "production-is-deployed",
        SCP,
        "No hand-made notebooks, users or keys in production",
        document(
            deny("NoNewNotebooks", "sagemaker:CreateNotebookInstance", "*"),
            deny(
                "NoNewUsers",
                ["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile"],
                "*",
            ),
        ),
        (OU_PRODUCTION,),
    ),
    ControlPolicy(
        "p-RCPFullAWSAccess",
        "RCPFullAWSAccess",
        RCP,
        "Allows access to every resource",
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
        },
        EVERY_TARGET,
        managed=True,
    ),
    ControlPolicy(
        "p-al9buckt5",
        "production-buckets-stay-inside",
        RCP,
        "Objects of production are for principals of the organisation and for services",
        document(
            deny(
                "OnlyOurOrganisation",
                "s3:*",
                "*",
                principal="*",
                condition={
                    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANISATION},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                },
            )
        ),
        (OU_PRODUCTION,),
    ),
)


def target_arn(target: str) -> str:
    """The ARN of a root, unit or account."""
    kind = "root" if target.startswith("r-") else "ou" if target.startswith("ou-") else "account"
    return f"arn:aws:organizations::{MANAGEMENT}:{kind}/{ORGANISATION}/{target}"


def _call(
    operation: str,
    page: Json,
    items: int,
    *,
    argument: str = "",
    params: Json | None = None,
    parent: str | None = None,
) -> Call:
    return Call(
        MANAGEMENT,
        GLOBAL,
        f"organizations.{operation}",
        argument,
        params or {},
        (page,),
        items,
        parent,
    )


def _account(account: str, name: str) -> Json:
    return {
        "Id": account,
        "Arn": target_arn(account),
        "Email": f"aws+{name}@example.com",
        "Name": name,
        "Status": "ACTIVE",
        "JoinedMethod": "INVITED" if account == MANAGEMENT else "CREATED",
        "JoinedTimestamp": when(1500, account),
    }


def _tree() -> Iterator[Call]:
    """The units and accounts below every parent, parents before children."""
    above: dict[str, str] = {ROOT: "organizations.list_roots"}
    for parent, units in UNITS.items():
        listed: list[Json] = [
            {"Id": unit, "Arn": target_arn(unit), "Name": name} for unit, name in units
        ]
        for kind, members in (
            ("organizational_units", listed),
            ("accounts", [_account(account, name) for account, name in ACCOUNTS[parent]]),
        ):
            member = "OrganizationalUnits" if kind == "organizational_units" else "Accounts"
            yield _call(
                f"list_{kind}_for_parent",
                {member: members},
                len(members),
                argument=parent,
                params={"ParentId": parent},
                parent=above[parent],
            )
        for unit, _ in units:
            above[unit] = f"organizations.list_organizational_units_for_parent/{parent}"


def _summary(policy: ControlPolicy) -> Json:
    return {
        "Id": policy.id,
        "Arn": policy.arn,
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.type,
        "AwsManaged": policy.managed,
    }


def _names() -> dict[str, str]:
    pairs = [pair for rows in (*UNITS.values(), *ACCOUNTS.values()) for pair in rows]
    return {ROOT: "Root", **dict(pairs)}


def _target(target: str, names: dict[str, str]) -> Json:
    kind = (
        "ROOT"
        if target == ROOT
        else "ORGANIZATIONAL_UNIT"
        if target.startswith("ou-")
        else "ACCOUNT"
    )
    return {"TargetId": target, "Arn": target_arn(target), "Name": names[target], "Type": kind}


def _policies(kind: str) -> Iterator[Call]:
    chosen = [policy for policy in POLICIES if policy.type == kind]
    listing = f"organizations.list_policies/{kind}"
    yield _call(
        "list_policies",
        {"Policies": [_summary(policy) for policy in chosen]},
        len(chosen),
        argument=kind,
        params={"Filter": kind},
    )
    names = _names()
    for policy in chosen:
        params: Json = {"PolicyId": policy.id}
        content = json.dumps(policy.content, separators=(",", ":"))
        described: Json = {"Policy": {"PolicySummary": _summary(policy), "Content": content}}
        targets = [_target(target, names) for target in policy.targets]
        yield _call(
            "describe_policy", described, 1, argument=policy.id, params=params, parent=listing
        )
        yield _call(
            "list_targets_for_policy",
            {"Targets": targets},
            len(targets),
            argument=policy.id,
            params=params,
            parent=listing,
        )


def calls() -> Iterator[Call]:
    """The calls to the organisation's API, asked in the management account."""
    types: list[Json] = [{"Type": kind, "Status": "ENABLED"} for kind in (SCP, RCP)]
    yield _call(
        "describe_organization",
        {
            "Organization": {
                "Id": ORGANISATION,
                "Arn": f"arn:aws:organizations::{MANAGEMENT}:organization/{ORGANISATION}",
                "FeatureSet": "ALL",
                "MasterAccountArn": target_arn(MANAGEMENT),
                "MasterAccountId": MANAGEMENT,
                "MasterAccountEmail": "aws+alderwick-management@example.com",
                "AvailablePolicyTypes": types[:1],
            }
        },
        1,
    )
    root: Json = {"Id": ROOT, "Arn": target_arn(ROOT), "Name": "Root", "PolicyTypes": types}
    yield _call("list_roots", {"Roots": [root]}, 1)
    yield from _tree()
    yield from _policies(SCP)
    yield from _policies(RCP)
    rows: list[Json] = [
        {
            "Id": account,
            "Arn": target_arn(account),
            "Name": name,
            "State": "ACTIVE",
            "Status": "ACTIVE",
        }
        for accounts in ACCOUNTS.values()
        for account, name in accounts
    ]
    yield _call("list_accounts", {"Accounts": rows}, len(rows))


def place_calls(account: str) -> Iterator[Call]:
    """Who is asking, and the regions of the account."""
    caller: Json = {
        "Account": account,
        "UserId": f"{unique_id('AROA', account)}:shadowgraph",
        "Arn": f"arn:aws:sts::{account}:assumed-role/shadowgraph-reader/shadowgraph",
    }
    yield Call(account, GLOBAL, "sts.get_caller_identity", pages=(caller,), items=1)
    regions: Json = {"Regions": [{"RegionName": REGION, "RegionOptStatus": "ENABLED_BY_DEFAULT"}]}
    yield Call(account, GLOBAL, "account.list_regions", pages=(regions,), items=1)
