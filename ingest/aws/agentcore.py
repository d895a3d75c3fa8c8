"""AgentCore workloads: runtimes, harnesses, code interpreters and browsers, and who they run as."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Certainty, Edge, Node, NodeId
from ingest.aws.asset import listed, props, referenced
from ingest.aws.bedrock import (
    calls_function,
    network,
    node_of,
    regional,
    runs_as,
    subject,
    told,
    word_at,
)
from ingest.aws.names import Arn, account_of
from ingest.fields import Json, member, moment, rows, text, words
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

CONTROL, SERVICE = "bedrock-agentcore-control", "bedrock-agentcore"
RUNTIME, GATEWAY, HARNESS = "agentcore runtime", "agentcore gateway", "agentcore harness"
INTERPRETER, BROWSER = "agentcore code interpreter", "agentcore browser"
IDENTITY, MEMORY = "agentcore workload identity", "agentcore memory"
ARCHIVE = "agentcore source archive"


def core(method: str, action: str, **rest: object) -> Call:
    """A call to AgentCore's control plane; all are regional."""
    return regional(CONTROL, method, action, prefix=SERVICE, **rest)


def core_node(answer: Answer, form: str, name: str) -> NodeId:
    """The AgentCore node of this form and id where the call was made."""
    return node_of(answer, form, name, service=SERVICE)


def attachment(page: Json) -> dict[str, bool | None]:
    """What the network mode says of the workload's reach; nothing where it is not told."""
    mode = text(member(page, "networkConfiguration"), "networkMode")
    public = {"PUBLIC": True, "VPC": False, "SANDBOX": False}.get(mode or "")
    return {
        "internet_reachable": public,
        "private_only": None if public is None else not public,
    }


def callers(page: Json) -> str | None:
    """Who is let in: the platform's own identities, unless something else is set up; None where that is unknown."""
    if "authorizerConfiguration" not in page:
        return "AWS_IAM"
    known = member(member(page, "authorizerConfiguration"), "customJWTAuthorizer")
    return "CUSTOM_JWT" if known else None


LOCAL = {"CUSTOM_JWT": True, "AWS_IAM": False}
"""Whether tokens of someone else are taken; where nobody is asked at all, the question does not arise."""


def authorizer(page: Json) -> dict[str, str | None]:
    """Whose tokens are taken beside the platform's own identities, as settings."""
    jwt = member(member(page, "authorizerConfiguration"), "customJWTAuthorizer")
    return {
        "authorizer_discovery": text(jwt, "discoveryUrl"),
        "authorizer_audiences": word_at(jwt, "allowedAudience"),
        "authorizer_clients": word_at(jwt, "allowedClients"),
        "authorizer_scopes": word_at(jwt, "allowedScopes"),
        "authorizer_workloads": word_at(jwt, "allowedWorkloadConfiguration.workloadIdentities"),
    }


def identity(node: NodeId, page: Json) -> Iterator[Node | Edge]:
    """The workload identity that tokens are handed to for this workload."""
    arn = text(member(page, "workloadIdentityDetails"), "workloadIdentityArn")
    if arn is not None:
        yield from _named(node, "RUNS_AS", arn, "ServiceAccount", IDENTITY)


def _named(node: NodeId, edge: str, arn: str, kind: str, flavour: str) -> Iterator[Node | Edge]:
    """What the workload names by ARN, and the edge to it."""
    name = arn.rpartition("/")[2]
    yield referenced(arn, kind, account=account_of(arn), name=name, flavour=flavour)
    yield Edge(edge, node, NodeId(arn))


def shape_runtimes(answer: Answer) -> Iterator[Shaped]:
    """The agent runtimes of the account in the region."""
    for row in answer.each("agentRuntimes"):
        arn = text(row, "agentRuntimeArn")
        if arn is None:
            yield Skipped(str(answer.key), "a runtime has no `agentRuntimeArn`")
            continue
        yield from listed(
            arn,
            "Agent",
            account=answer.account,
            region=answer.region,
            name=text(row, "agentRuntimeName"),
            flavour=RUNTIME,
            state=text(row, "status"),
            last_changed=moment(row, "lastUpdatedAt"),
            settings=told({"version": text(row, "agentRuntimeVersion")}),
        )


def shape_runtime(answer: Answer) -> Iterator[Shaped]:
    """The role, code, network and callers of a runtime; of its environment the names only, never the values."""
    for page in answer.pages:
        node = NodeId(
            text(page, "agentRuntimeArn") or core_node(answer, "runtime", answer.argument)
        )
        artefact = member(page, "agentRuntimeArtifact")
        held = {
            "execution_role": text(page, "roleArn"),
            "authorizer": callers(page),
            **authorizer(page),
            **network(page, config="networkModeConfig"),
            "environment": ",".join(sorted(map(str, member(page, "environmentVariables")))),
            "protocol": word_at(page, "protocolConfiguration.serverProtocol"),
            "image": word_at(artefact, "containerConfiguration.containerUri"),
            "code": _archive(artefact),
            "runtime": word_at(artefact, "codeConfiguration.runtime"),
            "idle_session_seconds": word_at(
                page, "lifecycleConfiguration.idleRuntimeSessionTimeout"
            ),
            "mounts": ",".join(_mounts(page)),
        }
        yield Node(
            node,
            "Agent",
            props(
                name=text(page, "agentRuntimeName"),
                state=text(page, "status"),
                reruns=True,  # each session starts it
                created=moment(page, "createdAt"),
                local_auth=LOCAL.get(held["authorizer"] or ""),
                settings=told(held),
                **attachment(page),
            ),
        )
        yield from runs_as(node, text(page, "roleArn"))
        yield from identity(node, page)
        yield from _runs(node, artefact)
        for place in _mounts(page):
            if place.startswith("s3://"):
                yield Mention(Link.NAMES, node, place, {"form": "folder"})


def _archive(artefact: Json) -> str | None:
    place = member(member(member(artefact, "codeConfiguration"), "code"), "s3")
    bucket, key = text(place, "bucket"), text(place, "prefix")
    return f"s3://{bucket}/{key}" if bucket and key else None


def _mounts(page: Json) -> tuple[str, ...]:
    """What is mounted into the workload: access points and buckets."""
    found: list[str] = []
    for row in rows(page, "filesystemConfigurations"):
        found.extend(words(row, "s3FilesAccessPoint.accessPointArn"))
        found.extend(words(row, "efsAccessPoint.accessPointArn"))
        mount = member(row, "s3BucketMount")
        if bucket := text(mount, "bucket"):
            found.append(f"s3://{bucket}/{text(mount, 'prefix') or ''}")
    return tuple(found)


def _runs(node: NodeId, artefact: Json) -> Iterator[Shaped]:
    """The image or archive that the runtime runs."""
    for image in words(artefact, "containerConfiguration.containerUri"):
        yield Mention(Link.IMAGE, node, image)
    uri = _archive(artefact)
    if uri is None:
        return
    code = NodeId(uri)
    yield Node(
        code,
        "Code",
        props(name=uri.rstrip("/").rpartition("/")[2], platform="aws", flavour=ARCHIVE, uri=uri),
    )
    pinned = bool(words(artefact, "codeConfiguration.code.s3.versionId"))
    yield Edge(
        "EXECUTES",
        node,
        code,
        certainty=Certainty.DEFINITE if pinned else Certainty.CONDITIONAL,
        conditions=() if pinned else ("the runtime is deployed anew",),
        props={"reruns": False} if pinned else {},  # one version of the object stays what it is
    )
    yield Mention(Link.STORED_IN, code, uri, {"form": "object"})


def shape_endpoints(answer: Answer) -> Iterator[Shaped]:
    """The names that callers of the runtime use, with the version behind each."""
    held: dict[str, str | None] = {}
    for row in answer.each("runtimeEndpoints"):
        name = text(row, "name")
        if name is None:
            yield Skipped(str(answer.key), "an endpoint of a runtime has no `name`")
            continue
        held |= {
            f"endpoint:{name}:version": text(row, "liveVersion"),
            f"endpoint:{name}:target": text(row, "targetVersion"),
            f"endpoint:{name}:state": text(row, "status"),
        }
    if settings := told(held):
        node = core_node(answer, "runtime", answer.argument)
        yield Node(node, "Agent", {"settings": settings})


def shape_harnesses(answer: Answer) -> Iterator[Shaped]:
    """The harnesses of the account in the region: agents that the service runs from a description."""
    for row in answer.each("harnesses"):
        arn = text(row, "arn")
        if arn is None:
            yield Skipped(str(answer.key), "a harness has no `arn`")
            continue
        yield from listed(
            arn,
            "Agent",
            account=answer.account,
            region=answer.region,
            name=text(row, "harnessName"),
            flavour=HARNESS,
            state=text(row, "status"),
            created=moment(row, "createdAt"),
            last_changed=moment(row, "updatedAt"),
        )


_MEMORIES = (
    "memory.agentCoreMemoryConfiguration.arn",
    "memory.managedMemoryConfiguration.arn",
)


def shape_harness(answer: Answer) -> Iterator[Shaped]:
    """The role, model, tools, memory and callers of a harness."""
    for page in answer.pages:
        row = member(page, "harness")
        if not row:
            yield Skipped(str(answer.key), "it holds no `harness`")
            continue
        node = NodeId(text(row, "arn") or core_node(answer, "harness", answer.argument))
        place = member(member(row, "environment"), "agentCoreRuntimeEnvironment")
        models = member(row, "model")
        held = {
            "execution_role": text(row, "executionRoleArn"),
            "authorizer": callers(row),
            **authorizer(row),
            **network(place, config="networkModeConfig"),
            "environment": ",".join(sorted(map(str, member(row, "environmentVariables")))),
            "model": ",".join(id_ for kind in models for id_ in words(models, f"{kind}.modelId")),
            "model_keys": ",".join(a for k in models for a in words(models, f"{k}.apiKeyArn")),
            "tools": word_at(row, "tools.type"),
            "tool_urls": word_at(row, "tools.config.remoteMcp.url"),
            "allowed_tools": word_at(row, "allowedTools"),
            "image": word_at(row, "environmentArtifact.containerConfiguration.containerUri"),
        }
        yield Node(
            node,
            "Agent",
            props(
                name=text(row, "harnessName"),
                state=text(row, "status"),
                reruns=True,  # each session starts it
                local_auth=LOCAL.get(held["authorizer"] or ""),
                settings=told(held),
                **attachment(place),
            ),
        )
        yield from runs_as(node, text(row, "executionRoleArn"))
        yield from _uses(node, row)


def _uses(node: NodeId, row: Json) -> Iterator[Shaped]:
    """What a harness answers with, calls and remembers in."""
    for model in words(row, "model.bedrockModelConfig.modelId"):
        yield Mention(Link.MODEL, node, model)
    for image in words(row, "environmentArtifact.containerConfiguration.containerUri"):
        yield Mention(Link.IMAGE, node, image)
    called = (
        ("environment.agentCoreRuntimeEnvironment.agentRuntimeArn", RUNTIME),
        ("tools.config.agentCoreGateway.gatewayArn", GATEWAY),
    )
    for path, flavour in called:
        for arn in words(row, path):
            yield from calls_core(node, arn, flavour, why=path.rpartition(".")[0])
    for hook in ("beforeInvocation", "afterInvocation", "beforeToolCall", "afterToolCall"):
        for arn in words(row, f"hooks.{hook}.target.lambda.arn"):
            yield from calls_function(node, arn, why=hook)
    for path in _MEMORIES:
        for arn in words(row, path):
            yield from _named(node, "GROUNDED_ON", arn, "KnowledgeBase", MEMORY)
    for uri in words(row, "skills.s3.uri"):
        yield Mention(Link.NAMES, node, uri, {"form": "folder"})


def calls_core(node: NodeId, arn: str, flavour: str, *, why: str) -> Iterator[Node | Edge]:
    """The workload calls this runtime or gateway."""
    parsed = Arn.parse(arn)
    yield referenced(
        arn,
        "Agent",
        account=account_of(arn),
        region=(parsed.region or None) if parsed else None,
        name=arn.rpartition("/")[2],
        flavour=flavour,
    )
    yield Edge("CALLS", node, NodeId(arn), evidence=(why,))


def _tools(answer: Answer, items: str, word: str, flavour: str) -> Iterator[Shaped]:
    for row in answer.each(items):
        arn = text(row, f"{word}Arn")
        if arn is None:
            yield Skipped(str(answer.key), f"an item of `{items}` has no `{word}Arn`")
            continue
        yield from listed(
            arn,
            "Service",
            account=answer.account,
            region=answer.region,
            name=text(row, "name"),
            flavour=flavour,
            state=text(row, "status"),
            created=moment(row, "createdAt"),
            last_changed=moment(row, "lastUpdatedAt"),
        )


def _tool(answer: Answer, word: str, form: str) -> Iterator[Shaped]:
    for page in answer.pages:
        node = NodeId(text(page, f"{word}Arn") or core_node(answer, form, answer.argument))
        place = member(member(page, "recording"), "s3Location")
        bucket = text(place, "bucket")
        recorded = f"s3://{bucket}/{text(place, 'prefix') or ''}" if bucket else None
        held = {
            "execution_role": text(page, "executionRoleArn"),
            **network(page, config="vpcConfig"),
            "recording": word_at(page, "recording.enabled"),
            "recording_place": recorded,
        }
        yield Node(
            node,
            "Service",
            props(
                state=text(page, "status"),
                reruns=True,  # each session starts it
                settings=told(held),
                **attachment(page),
            ),
        )
        yield from runs_as(node, text(page, "executionRoleArn"))
        if recorded is not None:
            yield Mention(Link.NAMES, node, recorded, {"form": "folder"})


def shape_interpreters(answer: Answer) -> Iterator[Shaped]:
    """The code interpreters of the account: whoever starts a session runs code of his own in one."""
    yield from _tools(answer, "codeInterpreterSummaries", "codeInterpreter", INTERPRETER)


def shape_interpreter(answer: Answer) -> Iterator[Shaped]:
    """The role and network of a code interpreter."""
    yield from _tool(answer, "codeInterpreter", "code-interpreter-custom")


def shape_browsers(answer: Answer) -> Iterator[Shaped]:
    """The browsers of the account."""
    yield from _tools(answer, "browserSummaries", "browser", BROWSER)


def shape_browser(answer: Answer) -> Iterator[Shaped]:
    """The role, network and recording of a browser."""
    yield from _tool(answer, "browser", "browser-custom")


_CUSTOM = {"type": "CUSTOM"}  # the service's own have no role and belong to it

RESOURCES = (
    Resource(
        "aws.agentcore-runtimes",
        "The agent runtimes of AgentCore.",
        core("list_agent_runtimes", "ListAgentRuntimes", items="agentRuntimes", paginated=True),
        shape_runtimes,
    ),
    Resource(
        "aws.agentcore-runtime-descriptions",
        "The role, code, network and callers of a runtime.",
        core(
            "get_agent_runtime",
            "GetAgentRuntime",
            params={"agentRuntimeId": "{item}"},
            subject=subject("runtime", service=SERVICE),
            feeds=(Feed(f"{CONTROL}.list_agent_runtimes", "agentRuntimes.agentRuntimeId"),),
            veils=("environmentVariables",),
        ),
        shape_runtime,
    ),
    Resource(
        "aws.agentcore-runtime-endpoints",
        "The names that callers of a runtime use.",
        core(
            "list_agent_runtime_endpoints",
            "ListAgentRuntimeEndpoints",
            params={"agentRuntimeId": "{item}"},
            subject=subject("runtime", service=SERVICE),
            items="runtimeEndpoints",
            paginated=True,
            feeds=(Feed(f"{CONTROL}.list_agent_runtimes", "agentRuntimes.agentRuntimeId"),),
        ),
        shape_endpoints,
    ),
    Resource(
        "aws.agentcore-harnesses",
        "The harnesses of AgentCore.",
        core("list_harnesses", "ListHarnesses", items="harnesses", paginated=True),
        shape_harnesses,
    ),
    Resource(
        "aws.agentcore-harness-descriptions",
        "The role, model, tools and memory of a harness.",
        core(
            "get_harness",
            "GetHarness",
            params={"harnessId": "{item}"},
            subject=subject("harness", service=SERVICE),
            feeds=(Feed(f"{CONTROL}.list_harnesses", "harnesses.harnessId"),),
            veils=(
                "harness.environmentVariables",
                "harness.tools.config.remoteMcp.headers",
                "harness.tools.config.agentCoreGateway.outboundAuth.oauth.customParameters",
            ),
        ),
        shape_harness,
    ),
    Resource(
        "aws.agentcore-code-interpreters",
        "The code interpreters of AgentCore.",
        core(
            "list_code_interpreters",
            "ListCodeInterpreters",
            params=_CUSTOM,
            items="codeInterpreterSummaries",
            paginated=True,
        ),
        shape_interpreters,
    ),
    Resource(
        "aws.agentcore-code-interpreter-descriptions",
        "The role and network of a code interpreter.",
        core(
            "get_code_interpreter",
            "GetCodeInterpreter",
            params={"codeInterpreterId": "{item}"},
            subject=subject("code-interpreter-custom", service=SERVICE),
            feeds=(
                Feed(
                    f"{CONTROL}.list_code_interpreters",
                    "codeInterpreterSummaries.codeInterpreterId",
                ),
            ),
        ),
        shape_interpreter,
    ),
    Resource(
        "aws.agentcore-browsers",
        "The browsers of AgentCore.",
        core(
            "list_browsers",
            "ListBrowsers",
            params=_CUSTOM,
            items="browserSummaries",
            paginated=True,
        ),
        shape_browsers,
    ),
    Resource(
        "aws.agentcore-browser-descriptions",
        "The role, network and recording of a browser.",
        core(
            "get_browser",
            "GetBrowser",
            params={"browserId": "{item}"},
            subject=subject("browser-custom", service=SERVICE),
            feeds=(Feed(f"{CONTROL}.list_browsers", "browserSummaries.browserId"),),
        ),
        shape_browser,
    ),
)
