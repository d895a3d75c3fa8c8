"""Accounts in which a technique row stands, with nothing more than it needs: what decoys then spoil."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from builders import REGION, A, B, Land, allow, trusts
from resolved import Resolved

from access.technique import Ask, Technique, catalogue
from graph.model import Certainty, NodeId

ROWS = catalogue("aws")

SAGEMAKER, BEDROCK = f"arn:aws:sagemaker:{REGION}:{A}:", f"arn:aws:bedrock:{REGION}:{A}:"
AGENTCORE = f"arn:aws:bedrock-agentcore:{REGION}:{A}:"
EXAMPLES = {  # the resource of each form, and what preconditions read of it
    "Dataset/access-point": f"arn:aws:s3:{REGION}:{A}:accesspoint/door",
    "Dataset/table": f"arn:aws:glue:{REGION}:{A}:table/claims/paid",
    "Secret": f"arn:aws:secretsmanager:{REGION}:{A}:secret:token-Ab12Cd",
    "Workspace": f"{SAGEMAKER}domain/d-1",
    "Notebook/notebook-instance": f"{SAGEMAKER}notebook-instance/nb",
    "Notebook/user-profile": f"{SAGEMAKER}user-profile/d-1/ana",
    "Notebook/space": f"{SAGEMAKER}space/d-1/lab",
    "Endpoint": f"{SAGEMAKER}endpoint/score",
    "Endpoint/provisioned-model": f"{BEDROCK}provisioned-model/p1",
    "Endpoint/custom-model-deployment": f"{BEDROCK}custom-model-deployment/c1",
    "Endpoint/inference-profile": f"{BEDROCK}inference-profile/eu.model",
    "Endpoint/application-inference-profile": f"{BEDROCK}application-inference-profile/a1",
    "Code/notebook-lifecycle": f"{SAGEMAKER}notebook-instance-lifecycle-config/lc",
    "Code/studio-lifecycle": f"{SAGEMAKER}studio-lifecycle-config/lc",
    "Model": f"{SAGEMAKER}model-package-group/scores",
    "ModelVersion/model-package": f"{SAGEMAKER}model-package/scores/3",
    "ModelVersion/custom-model": f"{BEDROCK}custom-model/m1",
    "ModelVersion/imported-model": f"{BEDROCK}imported-model/i1",
    "Pipeline": f"{SAGEMAKER}pipeline/train",
    "Schedule": f"{SAGEMAKER}monitoring-schedule/watch",
    "Job": f"arn:aws:glue:{REGION}:{A}:job/clean",
    "FeatureStore": f"{SAGEMAKER}feature-group/people",
    "Agent/agent": f"{BEDROCK}agent/A1",
    "Agent/runtime": f"{AGENTCORE}runtime/r-1",
    "Agent/gateway": f"{AGENTCORE}gateway/g-1",
    "Service/code-interpreter": f"{AGENTCORE}code-interpreter-custom/i-1",
    "Service/browser": f"{AGENTCORE}browser-custom/b-1",
    "KnowledgeBase": f"{BEDROCK}knowledge-base/K1",
    "Guardrail": f"{BEDROCK}guardrail/g1",
    "Image": f"arn:aws:ecr:{REGION}:{A}:repository/serve",
    "Service/ecs": f"arn:aws:ecs:{REGION}:{A}:service/main/api",
    "Service/mlflow": f"{SAGEMAKER}mlflow-tracking-server/track",
    "Cluster/hyperpod": f"{SAGEMAKER}cluster/h1",
    "Cluster/eks": f"arn:aws:eks:{REGION}:{A}:cluster/k1",
    "VirtualMachine": f"arn:aws:ec2:{REGION}:{A}:instance/i-0a",
    "VirtualMachine/launch-template": f"arn:aws:ec2:{REGION}:{A}:launch-template/lt-0a",
    "Function": f"arn:aws:lambda:{REGION}:{A}:function:tool",
    "Pipeline/stack": f"arn:aws:cloudformation:{REGION}:{A}:stack/network/0a1b",
    "Pipeline/state-machine": f"arn:aws:states:{REGION}:{A}:stateMachine:orders",
    "Job/dev-endpoint": f"arn:aws:glue:{REGION}:{A}:devEndpoint/bench",
    "Job/build-project": f"arn:aws:codebuild:{REGION}:{A}:project/site",
    "Job/batch-definition": f"arn:aws:batch:{REGION}:{A}:job-definition/nightly:3",
    "Service/apprunner": f"arn:aws:apprunner:{REGION}:{A}:service/web/0a1b",
}
PLACES = {  # what an action is asked on that is no node, spelt out
    "packages": f"{SAGEMAKER}model-package/scores/*",
    "aliases": f"{BEDROCK}agent-alias/A1/*",
    "tasks": f"arn:aws:ecs:{REGION}:{A}:task/main/*",
}
SETTINGS = {
    "remote_access": "ENABLED",
    "exec": "true",
    "ssm_managed": "true",
    "authentication": "API",
    "batch": "true",
    "trigger:auto scaling group web": "starts instances",
    "follows_latest": "false",
}
STATES = {"VirtualMachine": "running"}


def add(land: Land, form: str, arn: str, **props: Any) -> NodeId:
    """The resource, running as a role of its own where its kind runs."""
    kind = form.partition("/")[0]
    computes = kind in {"Notebook", "Pipeline", "Job", "Endpoint", "Agent", "Service", "Cluster", "VirtualMachine", "Function"}  # fmt: skip
    given: dict[str, Any] = {"settings": SETTINGS} if kind not in {"Secret", "FeatureStore"} else {}
    if computes:
        given["state"] = STATES.get(kind, "InService")
        given["runs_as"] = land.role(f"of-{form.replace('/', '-')}")
    call = "secretsmanager.list_secrets" if kind == "Secret" else f"{kind.lower()}.list"
    made = land.workload(kind, arn, call, **{**given, **props})
    policy_call = ROWS.kinds[form].resource_policy
    if policy_call:
        held = arn.replace("model-package/scores/3", "model-package-group/scores")
        name = held.rpartition("/")[2] if "/" in held else held.rpartition(":")[2]
        land.cover(land.key(A, f"{policy_call}/{name}", REGION))
    return made


def filled(text: str) -> str:
    return text.replace("{partition}", "aws").replace("{account}", A)


def statements(row: Technique, bound: str, *, without: int = -1) -> Iterator[dict[str, Any]]:
    """What the technique needs, as narrow as it goes; `without` leaves out one need."""
    for place, need in enumerate(row.needs):
        part = need.any[0]
        if place != without and isinstance(part, Ask):
            yield allow(
                part.action,
                filled(part.pattern) if part.at == "new" else "*" if part.at == "*" else bound,
                **({"Condition": {"StringEquals": dict(part.context)}} if part.context else {}),
            )


def around(
    row: Technique, *own: dict[str, Any], service: str = ""
) -> tuple[Resolved, NodeId, list[NodeId]]:
    """An account with everything that the row's preconditions ask for; what the technique would reach."""
    land = Land(A, B)
    user = land.user("ana", *own)
    role = land.role(
        "passed",
        trust=[trusts(service or row.passes or "ec2.amazonaws.com")],
        instance_profile=True,
    )
    for form in ("Service/ecs", "Notebook/notebook-instance", "Agent/runtime", "Job"):
        if any(one.name == "exists" for one in row.when):
            add(land, form, EXAMPLES[form])
    if any("ecs container instance" in one.arguments for one in row.when):
        arn = f"arn:aws:ecs:{REGION}:{A}:cluster/main"
        land.workload("Cluster", arn, "ecs.clusters", settings={"container_instances": "2"})
    if any(one.name == "default_role" for one in row.when):
        add(land, "Workspace", EXAMPLES["Workspace"], settings={"user_execution_role": role})
    reached = []
    for gain in row.gains:
        if gain.at == "$res":
            known = NodeId(EXAMPLES[gain.form])
            reached.append(known if known in land.nodes else add(land, gain.form, known))
        else:
            reached.append(role if gain.at == "$role" else NodeId(f"potential:{row.id}/{role}"))
    return Resolved(land.facts()), user, reached


def bound(row: Technique, place: int = 0) -> str:
    gain = row.gains[place]
    return EXAMPLES[gain.form] if gain.at == "$res" else f"arn:aws:iam::{A}:role/passed"


# Rows about identities.

SET, INSTANCE = "arn:aws:sso:::permissionSet/ssoins-1/ps-1", "arn:aws:sso:::instance/ssoins-1"
IDENTITIES = frozenset({"$self", "$role", "$user", "$group", "$policy", "$set", "$account"})
TAG = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "vault"}}}


@dataclass
class Stage:
    """An account in which the row stands for the actor once it has the `own` statements, and what each is about."""

    row: Technique
    land: Land
    actor: NodeId
    places: dict[str, Any] = field(default_factory=dict)
    service: str = ""

    def own(self, *, without: int = -1, aside: str = "", **more: Any) -> Iterator[dict[str, Any]]:
        """What the technique needs, as narrow as it goes; `aside` is put behind the names of what it is about."""
        for number, need in enumerate(self.row.needs):
            for part in need.any:
                if number == without or not isinstance(part, Ask):
                    continue
                known = {"StringEquals": dict(part.context)} if part.context else {}
                if part.action == "iam:PassRole" and part.at == "$role" and self.service:
                    known = {"StringEquals": {"iam:PassedToService": self.service}}
                given = {**known, **more}
                where = self._where(part, aside)
                yield allow(part.action, where, **({"Condition": given} if given else {}))

    def _where(self, part: Ask, aside: str) -> Any:
        if part.at == "*":
            return "*"
        if part.at == "new":
            created = filled(part.pattern)
            return [created, INSTANCE] if ":sso:" in created else created
        told = self.places[part.at]
        listed = told if isinstance(told, list) else [told]
        return [f"{one}{aside}" for one in listed] if aside else told

    def play(self, *own: dict[str, Any]) -> list[tuple[Certainty, str]]:
        """How surely the actor has what the technique gives, and on what that depends, with these statements."""
        for number, statement in enumerate(own):
            self.land.inline(self.actor, f"own-{number}", statement)
        answer = Resolved(self.land.facts())
        return [
            (on.certainty, " ".join(on.conditions))
            for grant, on, _target in answer.held(self.actor)
            if grant.props["how"] == self.row.how
        ]


def stage(row: Technique, *, service: str = "") -> Stage:
    """The account, the actor and what the needs of the row are about."""
    land = Land(A, B)
    says = {one.name: one for one in row.when}
    as_role = (
        "self_is" in says and "role" in says["self_is"].arguments
    ) or "assigned_to_self" in says
    actor = (land.role if as_role else land.user)("ana")
    made = Stage(row, land, actor, {"$self": actor}, service=row.passes)
    named = {part.at for need in row.needs for part in need.any if isinstance(part, Ask)}
    subject = actor
    if named & {"$role", "$user"} or not named & IDENTITIES:
        subject = _target(land, row, user="$user" in named, service=service or row.passes)
        made.places.update({"$role": subject, "$user": subject})
    if any(gain.at == "$res" for gain in row.gains):
        known = NodeId(EXAMPLES[row.gains[0].form])
        made.places["$res"] = add(land, row.gains[0].form, known)
    if any(gain.at == "profiles($res)" for gain in row.gains):
        made.places["$res"] = add(land, "Workspace", EXAMPLES["Workspace"])
        add(land, "Notebook/user-profile", EXAMPLES["Notebook/user-profile"])
    _around_workloads(land, row, subject)
    _around_identities(made, subject)
    return made


def _target(land: Land, row: Technique, *, user: bool, service: str) -> NodeId:
    if user:
        full = any(one.name == "fewer_than_two_keys" and one.negated for one in row.when)
        return land.user("target", access_keys=2 if full else 1, console_password=False)
    services = [service] if service else ["ec2.amazonaws.com"]
    statements = [trusts(f"arn:aws:iam::{A}:root"), trusts(*services, sid="Service")]
    if row.passes.startswith("cognito-identity"):
        federated = {"Federated": service}
        statements.append(
            {"Effect": "Allow", "Principal": federated, "Action": "sts:AssumeRoleWithWebIdentity"}
        )
    return land.role("target", trust=statements, instance_profile=True)


def _around_workloads(land: Land, row: Technique, role: NodeId) -> None:
    for form in ("Service/ecs", "Notebook/notebook-instance", "Agent/runtime", "Job"):
        if any(one.name == "exists" for one in row.when) and EXAMPLES[form] not in land.nodes:
            add(land, form, EXAMPLES[form])
    if any("ecs container instance" in one.arguments for one in row.when):
        arn = f"arn:aws:ecs:{REGION}:{A}:cluster/main"
        land.workload("Cluster", arn, "ecs.clusters", settings={"container_instances": "2"})
    if any(one.name == "default_role" for one in row.when):
        add(land, "Workspace", EXAMPLES["Workspace"], settings={"user_execution_role": role})


def _around_identities(made: Stage, subject: NodeId) -> None:
    """Policies, groups, boundaries, tags and permission sets that the preconditions speak of."""
    land, row = made.land, made.row
    says = {one.name for one in row.when}
    if says & {"policy_attached_to_self", "policy_attached_to"}:
        policy = land.managed("mine", allow("s3:ListAllMyBuckets"))
        land.version(policy, "v0", allow("s3:*"))
        land.attach(subject, policy)
        made.places["$policy"] = policy
    made.places["$group"] = group = land.group("team", allow("s3:ListAllMyBuckets"))
    if "member_of" in says:
        land.member(made.actor, group)
    if "bounded" in says:
        land.boundary(subject, land.managed("edge", allow("*")))
    if "tag_stands_between" in says:
        land.inline(subject, "tagged", allow("s3:ListAllMyBuckets", **TAG))
    key = land.key(A, "sso-admin.list_permission_sets")
    made.places["$set"] = [SET, INSTANCE]
    made.places["$account"] = [f"arn:aws:sso:::account/{A}", SET.replace("ps-1", "*"), INSTANCE]
    if any(gain.at in {"all($set)", "all($account)"} for gain in row.gains):
        land.edge(
            "MANAGED_BY", made.actor, land.node(SET, "PermissionSet", key, name="ops", account=A)
        )
