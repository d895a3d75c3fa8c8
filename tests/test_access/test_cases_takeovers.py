"""Takeovers of AI workloads as they run through the graph: from a permission over an asset to data."""

from __future__ import annotations

import pytest
from builders import REGION, A, Land, allow, trusts
from resolved import Resolved

from graph.model import Capability, Certainty, NodeId

READ, WRITE, CONTROL, INVOKE, PROMOTE = (
    Capability.READ,
    Capability.WRITE,
    Capability.CONTROL,
    Capability.INVOKE,
    Capability.PROMOTE,
)
SAGEMAKER, BEDROCK = f"arn:aws:sagemaker:{REGION}:{A}:", f"arn:aws:bedrock:{REGION}:{A}:"


def estate() -> tuple[Land, NodeId, NodeId]:
    """An account with claims that a role reads."""
    land = Land()
    claims = land.bucket("claims")
    role = land.role(
        "reader",
        allow("s3:GetObject", f"{claims}/*"),
        trust=[trusts("sagemaker.amazonaws.com", "lambda.amazonaws.com")],
    )
    return land, role, claims


def told(
    land: Land, user: NodeId, target: NodeId, capability: Capability = READ
) -> Certainty | None:
    return Resolved(land.facts()).how_sure(user, target, capability)


def test_an_artefact_overwritten_in_storage_runs_as_the_endpoint() -> None:
    land, role, claims = estate()
    models = land.bucket("models")
    model = land.model("scorer", models)
    endpoint = land.endpoint("score", role)
    land.edge("EXECUTES", endpoint, model, props={"reruns": True}, certainty=Certainty.POSSIBLE)
    user = land.user("ana", allow("s3:PutObject", f"{models}/*"))
    assert told(land, user, endpoint, CONTROL) is Certainty.POSSIBLE
    assert told(land, user, claims) is Certainty.POSSIBLE


def test_a_lifecycle_configuration_takes_the_notebook_over() -> None:
    land, role, claims = estate()
    notebook = land.notebook("nb", role)
    script = land.workload(
        "Code", f"{SAGEMAKER}notebook-instance-lifecycle-config/lc", "sagemaker.lc"
    )
    land.edge("EXECUTES", notebook, script, props={"reruns": True})
    user = land.user("ana", allow("sagemaker:UpdateNotebookInstanceLifecycleConfig", script))
    assert told(land, user, claims) is Certainty.DEFINITE


def test_a_studio_profile_is_opened_by_its_url() -> None:
    land, role, claims = estate()
    profile = land.workload(
        "Notebook", f"{SAGEMAKER}user-profile/d-1/ben", "sagemaker.list_user_profiles", runs_as=role
    )
    user = land.user("ana", allow("sagemaker:CreatePresignedDomainUrl", profile))
    assert told(land, user, claims) is Certainty.DEFINITE


def test_a_new_profile_runs_as_the_domain_s_default_role_without_passing_it() -> None:
    land, role, claims = estate()
    land.workload(
        "Workspace",
        f"{SAGEMAKER}domain/d-1",
        "sagemaker.list_domains",
        settings={"user_execution_role": role},
    )
    user = land.user(
        "ana", allow(["sagemaker:CreateUserProfile", "sagemaker:CreatePresignedDomainUrl"])
    )
    assert told(land, user, claims) is Certainty.POSSIBLE


def test_a_pushed_image_runs_as_what_starts_it() -> None:
    land, role, claims = estate()
    arn = f"arn:aws:ecr:{REGION}:{A}:repository/serve"
    image = land.workload("Image", arn, "ecr.describe_repositories")
    land.cover(land.key(A, "ecr.get_repository_policy/serve", REGION))
    endpoint = land.endpoint("score", role)
    land.edge("EXECUTES", endpoint, image, props={"reruns": True})
    push = ["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"]
    token = allow("ecr:GetAuthorizationToken")
    pusher = land.user("ana", allow([*push, "ecr:PutImage"], arn), token)
    tagger = land.user("ben", allow("ecr:PutImage", arn), token)
    assert told(land, pusher, claims) is Certainty.DEFINITE
    assert told(land, tagger, image, WRITE) is None


def test_a_poisoned_source_reaches_the_agent() -> None:
    land, _role, _claims = estate()
    documents = land.bucket("documents")
    base = land.workload("KnowledgeBase", f"{BEDROCK}knowledge-base/K1", "bedrock.list_kb")
    agent = land.workload("Agent", f"{BEDROCK}agent/A1", "bedrock.list_agents")
    land.edge("GROUNDED_ON", base, documents, indirect=True)
    land.edge("GROUNDED_ON", agent, base, indirect=True)
    user = land.user("ana", allow("s3:PutObject", f"{documents}/*"))
    assert told(land, user, agent, WRITE) is Certainty.DEFINITE


def test_the_rewritten_tool_of_an_agent_runs_when_the_agent_calls_it() -> None:
    land, role, claims = estate()
    function = land.function("tool", role)
    user = land.user("ana", allow("lambda:UpdateFunctionCode", function))
    assert told(land, user, claims) is not Certainty.DEFINITE
    agent = land.workload("Agent", f"{BEDROCK}agent/A1", "bedrock.list_agents")
    land.edge("CALLS", agent, function, indirect=True)
    assert told(land, user, claims) is Certainty.DEFINITE


def test_an_approval_changes_the_endpoint_that_follows_it() -> None:
    land, role, _claims = estate()
    group = land.workload("Model", f"{SAGEMAKER}model-package-group/scores", "sagemaker.groups")
    land.cover(land.key(A, "sagemaker.get_model_package_group_policy/scores", REGION))
    endpoint = land.endpoint("score", role)
    land.edge("FOLLOWS", endpoint, group, certainty=Certainty.CONDITIONAL)
    user = land.user(
        "ana", allow("sagemaker:UpdateModelPackage", f"{SAGEMAKER}model-package/scores/*")
    )
    assert told(land, user, group, PROMOTE) is Certainty.DEFINITE
    assert told(land, user, endpoint, WRITE) is Certainty.CONDITIONAL


@pytest.mark.parametrize("groups", [("joiners",), ("joiners", "readers")])
def test_members_are_told_why_they_may_join_a_group_that_they_are_in(
    groups: tuple[str, ...],
) -> None:
    land = Land()
    land.bucket("b")
    known = {
        "readers": land.group("readers", allow("s3:GetObject", "arn:aws:s3:::b/*", sid="Read")),
        "joiners": land.group("joiners", allow("iam:AddUserToGroup", sid="Join")),
    }
    users = [land.user(name) for name in ("ana", "ben")]  # two alike, who share a class
    for user in users:
        land.member(user, *(known[group] for group in groups))
    answer = Resolved(land.facts())

    for user in users:
        joins = [row for row in answer.held(user) if row[0].props["how"] == "iam-013"]
        assert joins
        for grant, _on, joined in joins:
            (need,) = answer.explainer.needs(grant, user, joined)
            assert {r.statement for way in need.alternatives for r in way.revocables} == {"Join"}
