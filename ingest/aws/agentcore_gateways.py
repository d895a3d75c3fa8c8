"""AgentCore gateways: who may call them, as whom they call on, and the tools behind them."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId
from ingest.aws.agentcore import (
    CONTROL,
    GATEWAY,
    LOCAL,
    RUNTIME,
    SERVICE,
    authorizer,
    calls_core,
    core,
    core_node,
    identity,
)
from ingest.aws.asset import listed, props
from ingest.aws.bedrock import calls_function, runs_as, sealed, subject, told, word_at
from ingest.fields import Json, member, moment, rows, text, words
from ingest.source import PART, Answer, Feed, Link, Mention, Resource, Shaped, Skipped

SCHEMAS = (
    "mcp.openApiSchema.s3.uri",
    "mcp.smithyModel.s3.uri",
    "mcp.lambda.toolSchema.s3.uri",
    "mcp.mcpServer.mcpToolSchema.s3.uri",
    "http.agentcoreRuntime.schema.source.s3.uri",
    "http.passthrough.schema.source.s3.uri",
)
URLS = ("mcp.mcpServer.endpoint", "http.passthrough.endpoint", "inference.provider.endpoint")
CONNECTORS = (
    "mcp.connector.source.connectorId",
    "http.connector.source.connectorId",
    "inference.connector.source.connectorId",
)
PROVIDERS = (
    "credentialProvider.oauthCredentialProvider.providerArn",
    "credentialProvider.apiKeyCredentialProvider.providerArn",
)


def shape_gateways(answer: Answer) -> Iterator[Shaped]:
    """The gateways of the account in the region."""
    for row in answer.each("items"):
        name = text(row, "gatewayId")
        if name is None:
            yield Skipped(str(answer.key), "a gateway has no `gatewayId`")
            continue
        kind = text(row, "authorizerType")
        yield from listed(
            core_node(answer, "gateway", name),
            "Agent",
            account=answer.account,
            region=answer.region,
            name=text(row, "name"),
            flavour=GATEWAY,
            state=text(row, "status"),
            created=moment(row, "createdAt"),
            last_changed=moment(row, "updatedAt"),
            local_auth=LOCAL.get(kind or ""),
            settings=told({"authorizer": kind}),
        )


def shape_gateway(answer: Answer) -> Iterator[Shaped]:
    """The role, callers, key and interceptors of a gateway."""
    for page in answer.pages:
        node = NodeId(text(page, "gatewayArn") or core_node(answer, "gateway", answer.argument))
        key = text(page, "kmsKeyArn")
        kind = text(page, "authorizerType")
        held = {
            "execution_role": text(page, "roleArn"),
            "authorizer": kind,
            **authorizer(page),
            "protocol": text(page, "protocolType"),
            "policy_engine": word_at(page, "policyEngineConfiguration.arn"),
            "policy_engine_mode": word_at(page, "policyEngineConfiguration.mode"),
            "web_acl": text(page, "webAclArn"),
            "error_detail": text(page, "exceptionLevel"),
        }
        yield Node(
            node,
            "Agent",
            props(
                name=text(page, "name"),
                state=text(page, "status"),
                reruns=True,  # each call runs it
                local_auth=LOCAL.get(kind or ""),
                cmk=False if key is None else None,
                settings=told(held),
            ),
        )
        yield from sealed(node, key)
        yield from runs_as(node, text(page, "roleArn"))
        yield from identity(node, page)
        for path in (
            "customTransformConfiguration.lambda.arn",
            "interceptorConfigurations.interceptor.lambda.arn",
        ):
            for arn in words(page, path):
                yield from calls_function(node, arn, why=path.partition(".")[0])


def shape_targets(answer: Answer) -> Iterator[Shaped]:
    """The targets of a gateway, by name, kind and state."""
    held: dict[str, str | None] = {}
    for row in answer.each("items"):
        name = text(row, "targetId")
        if name is None:
            yield Skipped(str(answer.key), "a target has no `targetId`")
            continue
        held |= {
            f"target:{name}": text(row, "name"),
            f"target:{name}:type": text(row, "targetType"),
            f"target:{name}:state": text(row, "status"),
        }
    if settings := told(held):
        yield Node(core_node(answer, "gateway", answer.argument), "Agent", {"settings": settings})


def shape_target(answer: Answer) -> Iterator[Shaped]:
    """What a target calls, as what, and where its tools are described."""
    gateway, _, asked = answer.argument.partition(PART)
    for page in answer.pages:
        node = NodeId(text(page, "gatewayArn") or core_node(answer, "gateway", gateway))
        name = f"target:{text(page, 'targetId') or asked}"
        config = member(page, "targetConfiguration")
        held = {f"{name}:{label}": value for label, value in _target(page, config).items()}
        yield Node(node, "Agent", props(settings=told(held)))
        for arn in words(config, "mcp.lambda.lambdaArn"):
            yield from calls_function(node, arn, why=name)
        for arn in words(config, "http.agentcoreRuntime.arn"):
            yield from calls_core(node, arn, RUNTIME, why=name)
        for path in SCHEMAS:
            for uri in words(config, path):
                yield Mention(Link.NAMES, node, uri, {"form": "object"})


def _target(page: Json, config: Json) -> dict[str, str | None]:
    ways = list(rows(page, "credentialProviderConfigurations"))
    return {
        "function": word_at(config, "mcp.lambda.lambdaArn"),
        "runtime": word_at(config, "http.agentcoreRuntime.arn"),
        "api": word_at(config, "mcp.apiGateway.restApiId"),
        "api_stage": word_at(config, "mcp.apiGateway.stage"),
        "url": _all(config, URLS),
        "connector": _all(config, CONNECTORS),
        "schema": _all(config, SCHEMAS),
        "schema_owner": _all(
            config, tuple(path.replace(".uri", ".bucketOwnerAccountId") for path in SCHEMAS)
        ),
        "credential": ",".join(
            kind for row in ways if (kind := text(row, "credentialProviderType"))
        ),
        "provider": ",".join(arn for row in ways for path in PROVIDERS for arn in words(row, path)),
    }


def _all(config: Json, paths: tuple[str, ...]) -> str:
    return ",".join(value for path in paths for value in words(config, path))


RESOURCES = (
    Resource(
        "aws.agentcore-gateways",
        "The gateways of AgentCore.",
        core("list_gateways", "ListGateways", items="items", paginated=True),
        shape_gateways,
    ),
    Resource(
        "aws.agentcore-gateway-descriptions",
        "The role, callers and key of a gateway.",
        core(
            "get_gateway",
            "GetGateway",
            params={"gatewayIdentifier": "{item}"},
            subject=subject("gateway", service=SERVICE),
            feeds=(Feed(f"{CONTROL}.list_gateways", "items.gatewayId"),),
        ),
        shape_gateway,
    ),
    Resource(
        "aws.agentcore-gateway-targets",
        "The targets of a gateway.",
        core(
            "list_gateway_targets",
            "ListGatewayTargets",
            params={"gatewayIdentifier": "{item}"},
            subject=subject("gateway", service=SERVICE),
            items="items",
            paginated=True,
            feeds=(Feed(f"{CONTROL}.list_gateways", "items.gatewayId"),),
        ),
        shape_targets,
    ),
    Resource(
        "aws.agentcore-gateway-target-descriptions",
        "What a target of a gateway calls.",
        core(
            "get_gateway_target",
            "GetGatewayTarget",
            params={"gatewayIdentifier": "{0}", "targetId": "{1}"},
            subject=subject("gateway", service=SERVICE, part="part0"),
            feeds=(Feed(f"{CONTROL}.list_gateway_targets", "items", ("^0", "targetId")),),
            veils=(
                "targetConfiguration.http.passthrough.staticQueryParameters",
                "targetConfiguration.http.connector.parameters",
                "credentialProviderConfigurations.credentialProvider.oauthCredentialProvider.customParameters",
            ),
        ),
        shape_target,
    ),
)
