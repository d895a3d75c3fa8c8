"""What lies in the shadow: which endpoints nobody calls, which notebooks nobody opens, what no stack manages.

The plan decides by the name of an asset, and writes both the platform's answers (calls, events, stacks) and what is to
be found. It knows nothing of the rules: an asset is idle because the plan made nobody call it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sample.estate import ai_calls, disks
from sample.estate.identities import Identities
from sample.estate.names import (
    MANAGEMENT,
    PROD,
    REGION,
    STARTED,
    bedrock_arn,
    bucket_arn,
    hexdigest,
    repository_arn,
    uuid_of,
    when,
)
from sample.estate.policy import Json
from sample.estate.snapshot import GLOBAL, Call
from sample.estate.storage import Bucket, Key
from sample.estate.workloads import Endpoint, Notebook, Workloads

WINDOW = 90
REFUSED = "AccessDenied: explicit deny in an identity-based policy"
BUSY, WARNED, IDLE, UNREAD = "busy", "warned", "idle", "unread"
_ENDPOINTS = {"claims-triage": BUSY, "pricing-core": BUSY, "payments-fraud": BUSY, "letter-scoring": UNREAD}  # fmt: skip
_NOTEBOOKS = {"pricing-actuary-01": BUSY, "ds-lena-01": BUSY, "fraud-lab": WARNED}
_MODEL_DAYS, _STOPPED_DAYS = 180, 90
_BY_HAND = 5  # one asset in so many was set up by hand


@dataclass(frozen=True, slots=True)
class Account:
    """All assets of one account that the plan is about."""

    identities: Identities
    workloads: Workloads
    buckets: tuple[Bucket, ...]
    keys: tuple[Key, ...]

    @property
    def id(self) -> str:
        """The account's id."""
        return self.workloads.account


def fate(text: str, *choices: str) -> str:
    """One of the choices, by the text alone."""
    return choices[int(hexdigest(f"fate:{text}", 6), 16) % len(choices)]


def endpoint_fate(endpoint: Endpoint) -> str:
    """Whether anybody calls the endpoint."""
    return _ENDPOINTS.get(endpoint.name) or fate(endpoint.arn, BUSY, IDLE, WARNED, BUSY)


def notebook_fate(notebook: Notebook) -> str:
    """Whether anybody opens the notebook."""
    return _NOTEBOOKS.get(notebook.name) or fate(notebook.arn, IDLE, BUSY)


def by_hand(arn: str) -> bool:
    """Whether the asset was set up by hand, so that no stack manages it."""
    return int(hexdigest(f"hand:{arn}", 6), 16) % _BY_HAND == 0


# What the platform answers


def calls(accounts: Sequence[Account]) -> Iterator[Call]:
    """The calls that show use and management, and the environments of the accounts."""
    for account in accounts:
        yield _events(account)
        for endpoint in account.workloads.endpoints:
            yield from _metrics(account.id, endpoint)
        yield from _stacks(account)
        yield from disks.calls(account.id)
        name = "prod" if account.id == PROD else "dev"
        tags: Json = {"Tags": [{"Key": "environment", "Value": name}]}
        operation = "organizations.list_tags_for_resource"
        yield Call(MANAGEMENT, GLOBAL, operation, account.id, {}, (tags,), 1)


def _start() -> str:
    return (STARTED - timedelta(days=WINDOW)).isoformat()


def _events(account: Account) -> Call:
    """The management events of the window: who opened which notebook."""
    rows = [row for notebook in account.workloads.notebooks for row in _opened(account, notebook)]
    rows.sort(key=lambda row: str(row["EventTime"]), reverse=True)
    params: Json = {"StartTime": _start()}
    page: Json = {"Events": rows}
    return Call(
        account.id, REGION, "cloudtrail.lookup_events", "", params, (page,), len(rows)
    )  # fmt: skip


def _opened(account: Account, notebook: Notebook) -> Iterator[Json]:
    """A presigned URL on each of some days; the last one says how the notebook fares."""
    last = {BUSY: 2, WARNED: 19}.get(notebook_fate(notebook))
    if notebook.status != "InService" or last is None:
        return
    person = _person(account, notebook.tags.get("owner", ""))
    for days in range(last, WINDOW - 2, 9):
        moment = when(days, notebook.arn)
        record = {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "IAMUser",
                "arn": person,
                "accountId": account.id,
                "userName": person.rpartition("/")[2],
            },
            "eventTime": moment.replace("+00:00", "Z"),
            "eventSource": "sagemaker.amazonaws.com",
            "eventName": "CreatePresignedNotebookInstanceUrl",
            "awsRegion": REGION,
            "sourceIPAddress": "198.51.100.7",
            "requestParameters": {"notebookInstanceName": notebook.name},
            "responseElements": None,
            "eventID": uuid_of(f"{notebook.arn}:{days}"),
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": account.id,
        }
        yield {
            "EventId": record["eventID"],
            "EventName": record["eventName"],
            "EventTime": moment,
            "EventSource": record["eventSource"],
            "Username": person.rpartition("/")[2],
            "Resources": [],
            "CloudTrailEvent": json.dumps(record),
        }


def _person(account: Account, owner: str) -> str:
    """The user of the account that the owner's address names, else the first of all."""
    users = account.identities.users
    named = [user for user in users if user.name == owner.partition("@")[0]]
    return (named or list(users))[0].arn


def _metrics(account: str, endpoint: Endpoint) -> Iterator[Call]:
    told = endpoint_fate(endpoint)
    for number, _ in enumerate(endpoint.models, start=1):
        variant = f"variant-{number}"
        params: Json = {
            "Namespace": "AWS/SageMaker",
            "MetricName": "Invocations",
            "Dimensions": [
                {"Name": "EndpointName", "Value": endpoint.name},
                {"Name": "VariantName", "Value": variant},
            ],
            "StartTime": _start(),
            "EndTime": STARTED.isoformat(),
            "Period": 86_400,
            "Statistics": ["Sum"],
        }
        first = {BUSY: 1, WARNED: 17}.get(told)
        points = (
            [] if first is None else [_point(endpoint, days) for days in range(first, WINDOW, 3)]
        )
        page: Json = {"Label": "Invocations", "Datapoints": points}
        yield Call(
            account,
            REGION,
            "cloudwatch.get_metric_statistics",
            f"{endpoint.name}|{variant}",
            params,
            () if told == UNREAD else (page,),
            len(points),
            missing_permission="cloudwatch:GetMetricStatistics" if told == UNREAD else None,
            detail=REFUSED if told == UNREAD else "",
        )


def _point(endpoint: Endpoint, days: int) -> Json:
    day = (STARTED - timedelta(days=days)).replace(hour=0)
    total = 40 + int(hexdigest(f"{endpoint.arn}:{days}", 4), 16) % 900
    return {"Timestamp": day.isoformat(), "Sum": float(total), "Unit": "None"}


def _stacks(account: Account) -> Iterator[Call]:
    """Two stacks for each account: what serves, and where data lies; what was set up by hand is in neither."""
    stacks = {"ml-serving": _serving(account), "ml-storage": _storage(account)}
    heads: list[Json] = [
        {
            "StackId": _stack_arn(account.id, name),
            "StackName": name,
            "CreationTime": when(700, name + account.id),
            "LastUpdatedTime": when(12, name + account.id),
            "StackStatus": "UPDATE_COMPLETE",
            "Tags": [{"Key": "team", "Value": "ml-platform"}],
        }
        for name in stacks
    ]
    yield Call(
        account.id, REGION, "cloudformation.describe_stacks", "", {}, ({"Stacks": heads},), 2
    )
    for name, listed in stacks.items():
        rows: list[Json] = [
            {
                "LogicalResourceId": f"Resource{number}",
                "PhysicalResourceId": physical,
                "ResourceType": kind,
                "LastUpdatedTimestamp": when(12, physical),
                "ResourceStatus": "UPDATE_COMPLETE",
            }
            for number, (kind, physical, arn) in enumerate(listed, start=1)
            if not by_hand(arn)
        ]
        arn = _stack_arn(account.id, name)
        page: Json = {"StackResourceSummaries": rows}
        params: Json = {"StackName": arn}
        yield Call(
            account.id,
            REGION,
            "cloudformation.list_stack_resources",
            arn,
            params,
            (page,),
            len(rows),
        )


def _stack_arn(account: str, name: str) -> str:
    return f"arn:aws:cloudformation:{REGION}:{account}:stack/{name}/{uuid_of(name + account)}"


def _serving(account: Account) -> Iterator[tuple[str, str, str]]:
    """Type, physical id and ARN of what serves and runs."""
    work = account.workloads
    for notebook in work.notebooks:
        yield "AWS::SageMaker::NotebookInstance", notebook.arn, notebook.arn
    for model in work.models:
        yield "AWS::SageMaker::Model", model.arn, model.arn
    for endpoint in work.endpoints:
        yield "AWS::SageMaker::Endpoint", endpoint.arn, endpoint.arn
    for function in work.functions:
        yield "AWS::Lambda::Function", function.name, function.arn
    if account.id == PROD:
        for repository in REPOSITORIES:
            arn = repository_arn(PROD, repository)
            yield "AWS::ECR::Repository", repository, arn
        for form, name, arn in _bedrock():
            yield form, name, arn


REPOSITORIES = ("fraud-serving",)


def _bedrock() -> Iterator[tuple[str, str, str]]:
    agent, knowledge = ai_calls.AGENT, ai_calls.KNOWLEDGE
    yield "AWS::Bedrock::Agent", agent, bedrock_arn(PROD, "agent", agent)
    yield "AWS::Bedrock::KnowledgeBase", knowledge, bedrock_arn(PROD, "knowledge-base", knowledge)


def _storage(account: Account) -> Iterator[tuple[str, str, str]]:
    for bucket in account.buckets:
        yield "AWS::S3::Bucket", bucket.name, bucket_arn(bucket.name)
    for key in account.keys:
        if not key.vendor:
            yield "AWS::KMS::Key", key.id, key.arn
    for disk in disks.of_account(account.id):
        form = "AWS::EFS::FileSystem" if disk.files else "AWS::EC2::Volume"
        yield form, disk.id, disk.arn


# What is to be found


def truths(accounts: Sequence[Account]) -> list[Json]:
    """Every asset of the plan with the states that it is in, and those that cannot be told; clean ones too."""
    found = [row for account in accounts for row in _truth_of(account)]
    return sorted(found, key=lambda row: str(row["asset"]))


def _truth_of(account: Account) -> Iterator[Json]:
    for endpoint in account.workloads.endpoints:
        told = endpoint_fate(endpoint) if endpoint.status == "InService" else BUSY
        yield _row(
            endpoint.arn,
            idle=told in {IDLE, WARNED},
            idle_unknown=told == UNREAD,
            lineage_less=_unregistered(account, endpoint),
        )
    for notebook in account.workloads.notebooks:
        stopped = notebook.status == "Stopped" and notebook.changed > _STOPPED_DAYS
        open_ = notebook.status == "InService" and notebook_fate(notebook) != BUSY
        yield _row(notebook.arn, idle=stopped or open_)
    for function in account.workloads.functions:
        yield _row(function.arn)
    for bucket in account.buckets:
        yield _row(bucket_arn(bucket.name))
    for disk in disks.of_account(account.id):
        yield _row(disk.arn, idle=disk.left)


def _unregistered(account: Account, endpoint: Endpoint) -> bool:
    """Whether something that the endpoint serves was never registered."""
    models = {model.name: model for model in account.workloads.models}
    return any(models[name].package is None for name in endpoint.models)


def _row(
    arn: str, *, idle: bool = False, idle_unknown: bool = False, lineage_less: bool = False
) -> Json:
    held = {"unmanaged": by_hand(arn), "idle": idle, "lineage-less": lineage_less}
    return {
        "asset": arn,
        "reasons": [name for name, holds in held.items() if holds],
        "unknown": ["idle"] if idle_unknown else [],
    }


def markdown(rows: Sequence[Json]) -> str:
    """What lies in the shadow, for people: a line for each asset that is in some state, and the number of those in none."""
    told = [row for row in rows if row["reasons"] or row["unknown"]]
    lines = [
        "",
        "## In the shadow",
        "",
        "Nobody calls some endpoints and opens some notebooks, and no stack manages what was set up by hand. Each asset of the",
        f"plan is in exactly these states; the others of the plan, {len(rows) - len(told)} of {len(rows)}, are in none.",
        "",
        "| asset | states | cannot be told |",
        "|---|---|---|",
        *(
            f"| `{row['asset']}` | {', '.join(map(str, row['reasons']))} | {', '.join(map(str, row['unknown']))} |"
            for row in told
        ),
    ]
    return "\n".join(lines) + "\n"
