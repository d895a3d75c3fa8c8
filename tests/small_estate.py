"""A snapshot of one small account that is its own organisation, for golden files: a few ways in, a planted unknown, names written to attack."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from graph.model import GLOBAL_REGION, Outcome
from ingest.snapshot import CallRecord, SnapshotWriter
from ingest.source import resources

ACCOUNT = "123456789012"
REGION = "eu-west-1"
WHEN = datetime(2026, 3, 1, 5, tzinfo=UTC)
HOSTILE = "=cmd\x1b[2J\u202e[red]"
BUCKETS = ("claims", "models")
ROOT = "r-small"
ITEMS = {"s3.list_buckets": BUCKETS, "organizations.list_roots": (ROOT,)}


def _arn(rest: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{rest}"


def _statement(sid: str, action: str, resource: str, **more: object) -> dict[str, object]:
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource, **more}


def _policy(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _user(name: str, **more: object) -> dict[str, object]:
    made = "2025-01-01T00:00:00+00:00"
    entry = {"Path": "/", "UserName": name, "UserId": "AIDA" + name[:3].upper(), "CreateDate": made}
    return {
        **entry,
        "Arn": _arn(f"user/{name}"),
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
        **more,
    }


def _details() -> dict[str, object]:
    read = _policy(_statement("ReadClaims", "s3:GetObject", "arn:aws:s3:::claims/*"))
    office = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    write = _policy(
        _statement("WriteModels", "s3:PutObject", "arn:aws:s3:::models/*", Condition=office)
    )
    trust = _policy(
        {
            "Sid": "AliceMayEnter",
            "Effect": "Allow",
            "Principal": {"AWS": _arn("user/alice")},
            "Action": "sts:AssumeRole",
        }
    )
    made = "2025-01-01T00:00:00+00:00"
    return {
        "UserDetailList": [
            _user("alice"),
            _user("bob", GroupList=["analysts"]),
            _user(HOSTILE, GroupList=["analysts"]),
        ],
        "GroupDetailList": [
            {
                "Path": "/",
                "GroupName": "analysts",
                "GroupId": "AGPAANALYSTS",
                "Arn": _arn("group/analysts"),
                "CreateDate": made,
                "GroupPolicyList": [],
                "AttachedManagedPolicies": [
                    {"PolicyName": "read-claims", "PolicyArn": _arn("policy/read-claims")}
                ],
            }
        ],
        "RoleDetailList": [
            {
                "Path": "/",
                "RoleName": "publisher",
                "RoleId": "AROAPUBLISHER",
                "Arn": _arn("role/publisher"),
                "CreateDate": made,
                "AssumeRolePolicyDocument": trust,
                "InstanceProfileList": [],
                "RolePolicyList": [{"PolicyName": "publish", "PolicyDocument": write}],
                "AttachedManagedPolicies": [],
                "Tags": [],
                "RoleLastUsed": {},
            }
        ],
        "Policies": [
            {
                "PolicyName": "read-claims",
                "PolicyId": "ANPAREADCLAIMS",
                "Arn": _arn("policy/read-claims"),
                "Path": "/",
                "DefaultVersionId": "v1",
                "AttachmentCount": 1,
                "PermissionsBoundaryUsageCount": 0,
                "IsAttachable": True,
                "CreateDate": made,
                "UpdateDate": made,
                "PolicyVersionList": [
                    {
                        "Document": read,
                        "VersionId": "v1",
                        "IsDefaultVersion": True,
                        "CreateDate": made,
                    }
                ],
            }
        ],
    }


def _answers() -> dict[str, dict[str, object]]:
    owner = {"TagSet": [{"Key": "sensitivity", "Value": "restricted"}]}
    bucket = _policy(
        _statement("EveryoneLooks", "s3:GetObject", "arn:aws:s3:::models/public/*", Principal="*")
    )
    arn = f"arn:aws:organizations::{ACCOUNT}"
    organization = {"Id": "o-small", "Arn": f"{arn}:organization/o-small", "FeatureSet": "ALL"}
    root = {"Id": ROOT, "Arn": f"{arn}:root/o-small/{ROOT}", "Name": "Root", "PolicyTypes": []}
    member = {"Id": ACCOUNT, "Arn": f"{arn}:account/o-small/{ACCOUNT}", "Name": "small"}
    return {
        "organizations.describe_organization": {
            "Organization": {**organization, "MasterAccountId": ACCOUNT}
        },
        "organizations.list_roots": {"Roots": [root]},
        f"organizations.list_accounts_for_parent/{ROOT}": {
            "Accounts": [{**member, "Status": "ACTIVE"}]
        },
        "iam.get_account_authorization_details": _details(),
        "s3.list_buckets": {"Buckets": [{"Name": name} for name in BUCKETS]},
        "s3.get_bucket_tagging/claims": owner,
        "s3.get_bucket_policy/models": {"Policy": json.dumps(bucket)},
    }


def write_snapshot(root: Path, *, denied: Iterable[str] = (), left_out: Iterable[str] = ()) -> Path:
    """Write the snapshot; `denied` calls are refused and `left_out` ones never made, all others are answered."""
    answers, refused, absent = _answers(), set(denied), set(left_out)
    with SnapshotWriter(root, tool="small estate", started=WHEN) as writer:
        for resource in resources():
            call = resource.call
            feeding = [feed.operation for feed in call.feeds]
            named = tuple(item for feed in feeding for item in ITEMS.get(feed, ()))
            for argument in named if feeding else call.choices or ("",):
                name = f"{call.operation}/{argument}" if argument else call.operation
                if name in absent:
                    continue
                record = CallRecord(
                    platform="aws",
                    scope=ACCOUNT,
                    region=REGION if call.regional else GLOBAL_REGION,
                    operation=call.operation,
                    argument=argument,
                    outcome=Outcome.DENIED if name in refused else Outcome.OK,
                    missing_permission=call.permission if name in refused else None,
                    detail="AccessDenied: not allowed" if name in refused else "",
                    parent=feeding[0] if feeding else None,
                    started=WHEN,
                    ended=WHEN,
                )
                pages = [answers[name]] if name in answers else []
                writer.record(record, None if name in refused else pages)
        writer.finish(WHEN)
    return root
