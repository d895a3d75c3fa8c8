"""Bedrock agents: who they run as, what they call, what grounds them, in the draft and in every version in use."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId
from ingest.aws.asset import listed, props, referenced
from ingest.aws.bedrock import (
    AGENT,
    KNOWLEDGE_BASE,
    calls_function,
    names_file,
    node_of,
    regional,
    runs_as,
    sealed,
    subject,
    told,
    word_at,
)
from ingest.aws.bedrock_guardrails import GUARDRAIL
from ingest.aws.names import Arn, account_of
from ingest.fields import Json, member, moment, number, rows, text, words
from ingest.source import (
    PART,
    Answer,
    Call,
    Feed,
    Link,
    Mention,
    Oddity,
    Resource,
    Shape,
    Shaped,
    Skipped,
)

CLIENT = "bedrock-agent"
DRAFT = "DRAFT"
DISABLED = "DISABLED"


def shape_agents(answer: Answer) -> Iterator[Shaped]:
    """The agents of the account in the region."""
    for row in answer.each("agentSummaries"):
        name = text(row, "agentId")
        if name is None:
            yield Skipped(str(answer.key), "an agent has no `agentId`")
            continue
        yield from listed(
            node_of(answer, "agent", name),
            "Agent",
            account=answer.account,
            region=answer.region,
            name=text(row, "agentName"),
            flavour=AGENT,
            state=text(row, "agentStatus"),
            last_changed=moment(row, "updatedAt"),
        )


def shape_agent(answer: Answer) -> Iterator[Shaped]:
    """The agent's draft: role, model, guardrail, key and what it remembers."""
    for page in answer.pages:
        row = member(page, "agent")
        if not row:
            yield Skipped(str(answer.key), "it holds no `agent`")
            continue
        node = node_of(answer, "agent", text(row, "agentId") or answer.argument)
        key = text(row, "customerEncryptionKeyArn")
        yield Node(
            node,
            "Agent",
            props(
                name=text(row, "agentName"),
                state=text(row, "agentStatus"),
                reruns=True,  # each call runs it
                created=moment(row, "createdAt"),
                cmk=False if key is None else None,
                settings=told(_settings(row)),
            ),
        )
        yield from sealed(node, key)
        yield from _works(answer, node, row, DRAFT)


def shape_version(answer: Answer) -> Iterator[Shaped]:
    """A version of the agent that an alias routes to: it keeps the role, model and guardrail of its day."""
    for page in answer.pages:
        row = member(page, "agentVersion")
        if not row:
            yield Skipped(str(answer.key), "it holds no `agentVersion`")
            continue
        agent, _, asked = answer.argument.partition(PART)
        node = node_of(answer, "agent", text(row, "agentId") or agent)
        version = text(row, "version") or asked
        held = {f"version:{version}:{name}": value for name, value in _settings(row).items()}
        yield Node(node, "Agent", props(settings=told(held)))
        yield from _works(answer, node, row, version)


def _settings(row: Json) -> dict[str, str | None]:
    ttl = number(row, "idleSessionTTLInSeconds")
    lambdas = ("customOrchestration.executor.lambda", "promptOverrideConfiguration.overrideLambda")
    return {
        "execution_role": text(row, "agentResourceRoleArn"),
        "model": text(row, "foundationModel"),
        "guardrail": word_at(row, "guardrailConfiguration.guardrailIdentifier"),
        "guardrail_version": word_at(row, "guardrailConfiguration.guardrailVersion"),
        "idle_session_seconds": None if ttl is None else str(ttl),
        "memory": word_at(row, "memoryConfiguration.enabledMemoryTypes"),
        "collaboration": text(row, "agentCollaboration"),
        "orchestration": text(row, "orchestrationType"),
        "own_functions": ",".join(arn for path in lambdas for arn in words(row, path)),
    }


def _works(answer: Answer, node: NodeId, row: Json, version: str) -> Iterator[Shaped]:
    """What one version of the agent acts as, answers with and is guarded by."""
    why = f"version {version}"
    yield from runs_as(node, text(row, "agentResourceRoleArn"), evidence=why)
    if model := text(row, "foundationModel"):
        yield Mention(Link.MODEL, node, model, {"why": f"{why}: {model}"})
    for prompt in rows(member(row, "promptOverrideConfiguration"), "promptConfigurations"):
        if model := text(prompt, "foundationModel"):
            yield Mention(Link.MODEL, node, model, {"why": f"{why}: {model}"})
    if name := word_at(row, "guardrailConfiguration.guardrailIdentifier"):
        yield from guarded(answer, node, name, evidence=why)
    for path in (
        "customOrchestration.executor.lambda",
        "promptOverrideConfiguration.overrideLambda",
    ):
        for arn in words(row, path):
            yield from calls_function(node, arn, why=why)


def guarded(answer: Answer, node: NodeId, name: str, *, evidence: str) -> Iterator[Node | Edge]:
    """The node's questions and answers pass the guardrail of this id or ARN."""
    guardrail = NodeId(name) if Arn.parse(name) else node_of(answer, "guardrail", name)
    yield referenced(
        guardrail,
        "Guardrail",
        account=account_of(guardrail),
        name=guardrail.rpartition("/")[2],
        flavour=GUARDRAIL,
    )
    yield Edge("MANAGED_BY", node, guardrail, evidence=(evidence,))


def shape_aliases(answer: Answer) -> Iterator[Shaped]:
    """The names that callers use, with the versions behind them."""
    node = node_of(answer, "agent", answer.argument)
    held: dict[str, str | None] = {}
    for row in answer.each("agentAliasSummaries"):
        alias = text(row, "agentAliasId")
        if alias is None:
            yield Skipped(str(answer.key), "an alias has no `agentAliasId`")
            continue
        held |= {
            f"alias:{alias}": text(row, "agentAliasName"),
            f"alias:{alias}:versions": word_at(row, "routingConfiguration.agentVersion"),
            f"alias:{alias}:state": text(row, "agentAliasStatus"),
            f"alias:{alias}:invocations": text(row, "aliasInvocationState"),
        }
        for throughput in words(row, "routingConfiguration.provisionedThroughput"):
            yield Mention(Link.MODEL, node, throughput, {"why": f"alias {alias}: {throughput}"})
    if held:
        yield Node(node, "Agent", props(settings=told(held)))


def shape_action_groups(answer: Answer) -> Iterator[Shaped]:
    """The groups of actions of one version, by name and state; what they do comes from their descriptions."""
    agent, _, version = answer.argument.partition(PART)
    held = {
        f"action:{version}:{text(row, 'actionGroupName') or name}:state": text(
            row, "actionGroupState"
        )
        for row in answer.each("actionGroupSummaries")
        if (name := text(row, "actionGroupId")) is not None
    }
    if held:
        yield Node(node_of(answer, "agent", agent), "Agent", props(settings=told(held)))


def shape_action_group(answer: Answer) -> Iterator[Shaped]:
    """What a group of actions calls, and where it is described."""
    for page in answer.pages:
        row = member(page, "agentActionGroup")
        if not row:
            yield Skipped(str(answer.key), "it holds no `agentActionGroup`")
            continue
        agent, version, group = (*answer.argument.split(PART), "", "")[:3]
        node = node_of(answer, "agent", text(row, "agentId") or agent)
        version = text(row, "agentVersion") or version
        name = f"action:{version}:{text(row, 'actionGroupName') or group}"
        executor, schema = member(row, "actionGroupExecutor"), member(row, "apiSchema")
        file = member(schema, "s3")
        held = {
            f"{name}:id": text(row, "actionGroupId") or group,
            f"{name}:state": text(row, "actionGroupState"),
            f"{name}:function": text(executor, "lambda"),
            f"{name}:control": text(executor, "customControl"),
            f"{name}:tool": text(row, "parentActionSignature"),
            f"{name}:schema": _place(file) or ("inline" if "payload" in schema else None),
            f"{name}:functions": word_at(row, "functionSchema.functions.name"),
            f"{name}:confirms": word_at(row, "functionSchema.functions.requireConfirmation"),
        }
        yield Node(node, "Agent", props(settings=told(held)))
        yield from names_file(node, file, bucket="s3BucketName", key="s3ObjectKey")
        if text(row, "actionGroupState") != DISABLED:
            yield from calls_function(node, text(executor, "lambda"), why=name)


def _place(file: Json) -> str | None:
    bucket = text(file, "s3BucketName")
    return None if bucket is None else f"s3://{bucket}/{text(file, 's3ObjectKey') or ''}"


def shape_knowledge(answer: Answer) -> Iterator[Shaped]:
    """The knowledge bases that one version draws on; one that is switched off grounds nothing."""
    agent, _, version = answer.argument.partition(PART)
    node = node_of(answer, "agent", agent)
    held: dict[str, str | None] = {}
    for row in answer.each("agentKnowledgeBaseSummaries"):
        name = text(row, "knowledgeBaseId")
        if name is None:
            yield Skipped(str(answer.key), "a knowledge base has no `knowledgeBaseId`")
            continue
        held[f"knowledge:{version}:{name}"] = text(row, "knowledgeBaseState")
        if text(row, "knowledgeBaseState") != DISABLED:
            yield from grounded(answer, node, name, evidence=f"version {version}")
    yield Node(node, "Agent", props(settings=told(held)))


def grounded(answer: Answer, node: NodeId, name: str, *, evidence: str) -> Iterator[Node | Edge]:
    """The node's answers draw on the knowledge base of this id."""
    base = node_of(answer, "knowledge-base", name)
    yield referenced(
        base,
        "KnowledgeBase",
        account=answer.account,
        region=answer.region,
        name=name,
        flavour=KNOWLEDGE_BASE,
    )
    yield Edge("GROUNDED_ON", node, base, evidence=(evidence,))


def shape_collaborators(answer: Answer) -> Iterator[Shaped]:
    """The agents that one version hands work to."""
    agent, _, version = answer.argument.partition(PART)
    node = node_of(answer, "agent", agent)
    yield Node(node, "Agent")
    for row in answer.each("agentCollaboratorSummaries"):
        alias = text(member(row, "agentDescriptor"), "aliasArn")
        if alias is None:
            yield Skipped(str(answer.key), "a collaborator has no `aliasArn`")
            continue
        yield from calls_agent(node, alias, why=f"version {version}: {alias}")


def calls_agent(node: NodeId, alias: str, *, why: str) -> Iterator[Node | Edge | Oddity]:
    """The workload calls the agent behind the alias of this ARN, `agent-alias/AGENT/ALIAS`."""
    arn = Arn.parse(alias)
    parts = arn.resource.split("/") if arn is not None else []
    if arn is None or len(parts) != 3 or parts[0] != "agent-alias":
        yield Oddity(f"`{node}`", f"calls `{alias}`, which is no alias of an agent")
        return
    agent = f"arn:{arn.partition}:bedrock:{arn.region}:{arn.account}:agent/{parts[1]}"
    yield referenced(
        agent,
        "Agent",
        account=account_of(agent),
        region=arn.region or None,
        name=parts[1],
        flavour=AGENT,
    )
    yield Edge("CALLS", node, NodeId(agent), evidence=(why,))


_ALIASES = "agentAliasSummaries.routingConfiguration"
_VERSIONS = (
    Feed(f"{CLIENT}.list_agents", "agentSummaries", ("agentId", f"={DRAFT}")),
    Feed(f"{CLIENT}.list_agent_aliases", _ALIASES, ("^0", "agentVersion")),
)
"""The versions that answer: the draft, and those behind an alias."""


def _per_version(method: str, action: str, items: str) -> Call:
    return regional(
        CLIENT,
        method,
        action,
        params={"agentId": "{0}", "agentVersion": "{1}"},
        subject=subject("agent", part="part0"),
        items=items,
        paginated=True,
        feeds=_VERSIONS,
    )


def _resource(name: str, doc: str, call: Call, shape: Shape) -> Resource:
    return Resource(f"aws.bedrock-{name}", doc, call, shape)


RESOURCES = (
    _resource(
        "agents",
        "The agents of Bedrock.",
        regional(CLIENT, "list_agents", "ListAgents", items="agentSummaries", paginated=True),
        shape_agents,
    ),
    _resource(
        "agent-descriptions",
        "The role, model, guardrail and key of an agent.",
        regional(
            CLIENT,
            "get_agent",
            "GetAgent",
            params={"agentId": "{item}"},
            subject=subject("agent"),
            feeds=(Feed(f"{CLIENT}.list_agents", "agentSummaries.agentId"),),
        ),
        shape_agent,
    ),
    _resource(
        "agent-aliases",
        "The aliases of an agent and the versions behind them.",
        regional(
            CLIENT,
            "list_agent_aliases",
            "ListAgentAliases",
            params={"agentId": "{item}"},
            subject=subject("agent"),
            items="agentAliasSummaries",
            paginated=True,
            feeds=(Feed(f"{CLIENT}.list_agents", "agentSummaries.agentId"),),
        ),
        shape_aliases,
    ),
    _resource(
        "agent-versions",
        "The role, model and guardrail of a version behind an alias.",
        regional(
            CLIENT,
            "get_agent_version",
            "GetAgentVersion",
            params={"agentId": "{0}", "agentVersion": "{1}"},
            subject=subject("agent", part="part0"),
            feeds=(
                Feed(
                    f"{CLIENT}.list_agent_aliases",
                    _ALIASES,
                    ("^0", "agentVersion"),
                    unless={"agentVersion": (DRAFT,)},  # the call takes numbers only
                ),
            ),
        ),
        shape_version,
    ),
    _resource(
        "agent-action-groups",
        "The groups of actions of a version.",
        _per_version("list_agent_action_groups", "ListAgentActionGroups", "actionGroupSummaries"),
        shape_action_groups,
    ),
    _resource(
        "agent-action-group-descriptions",
        "What a group of actions calls.",
        regional(
            CLIENT,
            "get_agent_action_group",
            "GetAgentActionGroup",
            params={"agentId": "{0}", "agentVersion": "{1}", "actionGroupId": "{2}"},
            subject=subject("agent", part="part0"),
            feeds=(
                Feed(
                    f"{CLIENT}.list_agent_action_groups",
                    "actionGroupSummaries",
                    ("^0", "^1", "actionGroupId"),
                ),
            ),
        ),
        shape_action_group,
    ),
    _resource(
        "agent-knowledge-bases",
        "The knowledge bases of a version.",
        _per_version(
            "list_agent_knowledge_bases", "ListAgentKnowledgeBases", "agentKnowledgeBaseSummaries"
        ),
        shape_knowledge,
    ),
    _resource(
        "agent-collaborators",
        "The agents that a version hands work to.",
        _per_version(
            "list_agent_collaborators", "ListAgentCollaborators", "agentCollaboratorSummaries"
        ),
        shape_collaborators,
    ),
)
