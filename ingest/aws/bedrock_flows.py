"""Bedrock flows and prompts: what a flow runs as and calls, and which prompts are kept."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId
from ingest.aws.asset import listed, props
from ingest.aws.bedrock import (
    FLOW,
    PROMPT,
    calls_function,
    regional,
    runs_as,
    sealed,
    told,
    word_at,
)
from ingest.aws.bedrock_agents import calls_agent, grounded, guarded
from ingest.fields import Json, member, moment, rows, text, words
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped, Skipped

CLIENT = "bedrock-agent"
MOST_LOOPS = 8
"""How deep loops in loops are followed; the platform allows no such depth."""


def shape_flows(answer: Answer) -> Iterator[Shaped]:
    """The flows of the account in the region, in their draft."""
    for row in answer.each("flowSummaries"):
        arn = text(row, "arn")
        if arn is None:
            yield Skipped(str(answer.key), "a flow has no `arn`")
            continue
        yield from listed(
            arn,
            "Pipeline",
            account=answer.account,
            region=answer.region,
            name=text(row, "name"),
            flavour=FLOW,
            state=text(row, "status"),
            created=moment(row, "createdAt"),
            last_changed=moment(row, "updatedAt"),
            settings=told({"id": text(row, "id"), "version": text(row, "version")}),
        )


def shape_flow(answer: Answer) -> Iterator[Shaped]:
    """The role and key of the flow, and what its nodes call, read and write."""
    for page in answer.pages:
        node = NodeId(text(page, "arn") or answer.argument)
        key = text(page, "customerEncryptionKeyArn")
        steps = list(_steps(member(page, "definition"), MOST_LOOPS))
        held: dict[str, str | None] = {
            "execution_role": text(page, "executionRoleArn"),
            "inline_code": ",".join(
                name for name, row in steps if "inlineCode" in member(row, "configuration")
            ),
        }
        for name, row in steps:
            held |= {f"step:{name}:{label}": value for label, value in _step(row).items()}
        yield Node(
            node,
            "Pipeline",
            props(
                name=text(page, "name"),
                state=text(page, "status"),
                reruns=True,  # each call runs it
                cmk=False if key is None else None,
                settings=told(held),
            ),
        )
        yield from sealed(node, key)
        yield from runs_as(node, text(page, "executionRoleArn"))
        for name, row in steps:
            yield from _calls(answer, node, name, member(row, "configuration"))


def _steps(definition: Json, depth: int) -> Iterator[tuple[str, Json]]:
    """The nodes of the definition and of the loops in it, by name."""
    for at, row in enumerate(rows(definition, "nodes")):
        yield text(row, "name") or str(at), row
        loop = member(member(member(row, "configuration"), "loop"), "definition")
        if depth:
            yield from _steps(loop, depth - 1)


def _step(row: Json) -> dict[str, str | None]:
    config = member(row, "configuration")
    guardrails = ("knowledgeBase", "prompt")
    return {
        "type": text(row, "type"),
        "knowledge_base": word_at(config, "knowledgeBase.knowledgeBaseId"),
        "model": word_at(config, "knowledgeBase.modelId")
        or word_at(config, "prompt.sourceConfiguration.inline.modelId"),
        "prompt": word_at(config, "prompt.sourceConfiguration.resource.promptArn"),
        "function": word_at(config, "lambdaFunction.lambdaArn"),
        "agent": word_at(config, "agent.agentAliasArn"),
        "bot": word_at(config, "lex.botAliasArn"),
        "guardrail": ",".join(
            name
            for kind in guardrails
            for name in words(config, f"{kind}.guardrailConfiguration.guardrailIdentifier")
        ),
        "writes": word_at(config, "storage.serviceConfiguration.s3.bucketName"),
        "reads": word_at(config, "retrieval.serviceConfiguration.s3.bucketName"),
    }


def _calls(answer: Answer, node: NodeId, name: str, config: Json) -> Iterator[Shaped]:
    """What one step of the flow calls, draws on and names."""
    for arn in words(config, "lambdaFunction.lambdaArn"):
        yield from calls_function(node, arn, why=name)
    for alias in words(config, "agent.agentAliasArn"):
        yield from calls_agent(node, alias, why=f"{name}: {alias}")
    for base in words(config, "knowledgeBase.knowledgeBaseId"):
        yield from grounded(answer, node, base, evidence=name)
    for path in ("knowledgeBase.modelId", "prompt.sourceConfiguration.inline.modelId"):
        for model in words(config, path):
            yield Mention(Link.MODEL, node, model, {"why": f"{name}: {model}"})
    for kind in ("knowledgeBase", "prompt"):
        for guardrail in words(config, f"{kind}.guardrailConfiguration.guardrailIdentifier"):
            yield from guarded(answer, node, guardrail, evidence=name)
    for kind in ("storage", "retrieval"):
        for bucket in words(config, f"{kind}.serviceConfiguration.s3.bucketName"):
            yield Mention(Link.NAMES, node, f"s3://{bucket}/", {"form": "folder"})


def shape_prompts(answer: Answer) -> Iterator[Shaped]:
    """The prompts that are kept for use by name: text that steers a model, as scripts steer a machine."""
    for row in answer.each("promptSummaries"):
        arn = text(row, "arn")
        if arn is None:
            yield Skipped(str(answer.key), "a prompt has no `arn`")
            continue
        yield from listed(
            arn,
            "Code",
            account=answer.account,
            region=answer.region,
            name=text(row, "name"),
            flavour=PROMPT,
            created=moment(row, "createdAt"),
            last_changed=moment(row, "updatedAt"),
            settings=told({"id": text(row, "id"), "version": text(row, "version")}),
        )


def shape_prompt(answer: Answer) -> Iterator[Shaped]:
    """The key of the prompt; its text is not asked for."""
    for page in answer.pages:
        node = NodeId(text(page, "arn") or answer.argument)
        key = text(page, "customerEncryptionKeyArn")
        yield Node(node, "Code", props(cmk=False if key is None else None))
        yield from sealed(node, key)


RESOURCES = (
    Resource(
        "aws.bedrock-flows",
        "The flows of Bedrock.",
        regional(CLIENT, "list_flows", "ListFlows", items="flowSummaries", paginated=True),
        shape_flows,
    ),
    Resource(
        "aws.bedrock-flow-descriptions",
        "The role, key and steps of a flow.",
        regional(
            CLIENT,
            "get_flow",
            "GetFlow",
            params={"flowIdentifier": "{item}"},
            subject="{item}",
            feeds=(Feed(f"{CLIENT}.list_flows", "flowSummaries.arn"),),
        ),
        shape_flow,
    ),
    Resource(
        "aws.bedrock-prompts",
        "The prompts that Bedrock keeps.",
        regional(CLIENT, "list_prompts", "ListPrompts", items="promptSummaries", paginated=True),
        shape_prompts,
    ),
    Resource(
        "aws.bedrock-prompt-descriptions",
        "The key of a prompt.",
        regional(
            CLIENT,
            "get_prompt",
            "GetPrompt",
            params={"promptIdentifier": "{item}", "includedData": "METADATA_ONLY"},
            subject="{item}",
            feeds=(Feed(f"{CLIENT}.list_prompts", "promptSummaries.arn"),),
        ),
        shape_prompt,
    ),
)
