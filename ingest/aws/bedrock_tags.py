"""The tags and resource policies of what Bedrock and AgentCore hold."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import NodeId, Role
from ingest.aws.bedrock import regional, tags_of
from ingest.aws.names import Arn
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.source import Answer, Feed, Oddity, Resource, Shaped, Skipped

KIND_OF = {
    "custom-model": "ModelVersion",
    "imported-model": "ModelVersion",
    "custom-model-deployment": "Endpoint",
    "provisioned-model": "Endpoint",
    "application-inference-profile": "Endpoint",
    "model-customization-job": "Job",
    "guardrail": "Guardrail",
    "agent": "Agent",
    "knowledge-base": "KnowledgeBase",
    "flow": "Pipeline",
    "prompt": "Code",
    "runtime": "Agent",
    "gateway": "Agent",
    "harness": "Agent",
    "memory": "KnowledgeBase",
    "code-interpreter-custom": "Service",
    "browser-custom": "Service",
    "workload-identity-directory": "ServiceAccount",
    "token-vault": "Secret",
}
"""The kind of node that each form of ARN is."""

NO_POLICY = frozenset({"ResourceNotFoundException"})
CONTROL = "bedrock-agentcore-control"


def shape_tags(answer: Answer) -> Iterator[Shaped]:
    """The tags of one resource."""
    yield from tags_of(answer, KIND_OF)


def shape_policy(answer: Answer) -> Iterator[Shaped]:
    """Who may use the resource from elsewhere; nobody where the answer has no pages."""
    if Arn.parse(answer.argument) is None:
        yield Oddity(str(answer.key), "a policy was asked of something that is no ARN")
        return
    for page in answer.pages:
        content = page.get("resourcePolicy", page.get("policy"))
        if content in (None, ""):
            continue  # it has none
        try:
            yield from attached(NodeId(answer.argument), Role.RESOURCE, content)
        except UnreadableDocumentError as error:
            yield Skipped(f"policy of `{answer.argument}`", str(error))


RESOURCES = (
    Resource(
        "aws.bedrock-tags",
        "The tags of a model, endpoint, job or guardrail of Bedrock.",
        regional(
            "bedrock",
            "list_tags_for_resource",
            "ListTagsForResource",
            params={"resourceARN": "{item}"},
            subject="{item}",
            tells_tags=True,
            feeds=(
                Feed("bedrock.list_custom_models", "modelSummaries.modelArn"),
                Feed("bedrock.list_imported_models", "modelSummaries.modelArn"),
                Feed(
                    "bedrock.list_custom_model_deployments",
                    "modelDeploymentSummaries.customModelDeploymentArn",
                ),
                Feed(
                    "bedrock.list_provisioned_model_throughputs",
                    "provisionedModelSummaries.provisionedModelArn",
                ),
                Feed(
                    "bedrock.list_inference_profiles",
                    "inferenceProfileSummaries",
                    ("inferenceProfileArn",),
                    where={"type": ("APPLICATION",)},
                ),
                Feed(
                    "bedrock.list_model_customization_jobs",
                    "modelCustomizationJobSummaries.jobArn",
                ),
                Feed("bedrock.list_guardrails", "guardrails.arn"),
            ),
        ),
        shape_tags,
    ),
    Resource(
        "aws.bedrock-agent-tags",
        "The tags of an agent, knowledge base, flow or prompt.",
        regional(
            "bedrock-agent",
            "list_tags_for_resource",
            "ListTagsForResource",
            params={"resourceArn": "{item}"},
            subject="{item}",
            tells_tags=True,
            feeds=(
                Feed("bedrock-agent.get_agent", "agent.agentArn"),
                Feed("bedrock-agent.get_knowledge_base", "knowledgeBase.knowledgeBaseArn"),
                Feed("bedrock-agent.list_flows", "flowSummaries.arn"),
                Feed("bedrock-agent.list_prompts", "promptSummaries.arn"),
            ),
        ),
        shape_tags,
    ),
    Resource(
        "aws.agentcore-tags",
        "The tags of what AgentCore holds.",
        regional(
            CONTROL,
            "list_tags_for_resource",
            "ListTagsForResource",
            prefix="bedrock-agentcore",
            params={"resourceArn": "{item}"},
            subject="{item}",
            tells_tags=True,
            feeds=(
                Feed(f"{CONTROL}.list_agent_runtimes", "agentRuntimes.agentRuntimeArn"),
                Feed(f"{CONTROL}.get_gateway", "gatewayArn"),
                Feed(f"{CONTROL}.list_harnesses", "harnesses.arn"),
                Feed(f"{CONTROL}.list_memories", "memories.arn"),
                Feed(
                    f"{CONTROL}.list_code_interpreters",
                    "codeInterpreterSummaries.codeInterpreterArn",
                ),
                Feed(f"{CONTROL}.list_browsers", "browserSummaries.browserArn"),
                Feed(
                    f"{CONTROL}.list_workload_identities",
                    "workloadIdentities.workloadIdentityArn",
                ),
                Feed(
                    f"{CONTROL}.list_oauth2_credential_providers",
                    "credentialProviders.credentialProviderArn",
                ),
                Feed(
                    f"{CONTROL}.list_api_key_credential_providers",
                    "credentialProviders.credentialProviderArn",
                ),
            ),
        ),
        shape_tags,
    ),
    Resource(
        "aws.bedrock-policies",
        "Who may use a custom model or guardrail from elsewhere.",
        regional(
            "bedrock",
            "get_resource_policy",
            "GetResourcePolicy",
            params={"resourceArn": "{item}"},
            subject="{item}",
            known_none=NO_POLICY,
            feeds=(
                Feed("bedrock.list_custom_models", "modelSummaries.modelArn"),
                Feed("bedrock.list_guardrails", "guardrails.arn"),
            ),
        ),
        shape_policy,
    ),
    Resource(
        "aws.bedrock-agent-policies",
        "Who may use a knowledge base from elsewhere.",
        regional(
            "bedrock-agent",
            "get_resource_policy",
            "GetResourcePolicy",
            params={"resourceArn": "{item}"},
            subject="{item}",
            known_none=NO_POLICY,
            feeds=(Feed("bedrock-agent.get_knowledge_base", "knowledgeBase.knowledgeBaseArn"),),
        ),
        shape_policy,
    ),
    Resource(
        "aws.agentcore-policies",
        "Who may call a runtime or gateway from elsewhere.",
        regional(
            CONTROL,
            "get_resource_policy",
            "GetResourcePolicy",
            prefix="bedrock-agentcore",
            params={"resourceArn": "{item}"},
            subject="{item}",
            known_none=NO_POLICY,
            feeds=(
                Feed(f"{CONTROL}.list_agent_runtimes", "agentRuntimes.agentRuntimeArn"),
                Feed(f"{CONTROL}.get_gateway", "gatewayArn"),
            ),
        ),
        shape_policy,
    ),
)
