"""Bedrock serving: provisioned throughput, inference profiles, marketplace endpoints, and the log of invocations."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId
from ingest.aws.asset import account_stub, listed
from ingest.aws.bedrock import PROFILE, PROVISIONED, regional, told, word_at
from ingest.aws.names import account_node
from ingest.aws.sagemaker_models import ENDPOINT
from ingest.fields import Json, flag, member, moment, number, text, word, words
from ingest.source import Answer, Link, Mention, Resource, Shaped, Skipped

SYSTEM = "SYSTEM_DEFINED"
LOGGING = "bedrock_logging"
"""What the settings of an account call the log of invocations: `bedrock_logging:REGION`, `on` or `off`."""


def shape_throughputs(answer: Answer) -> Iterator[Shaped]:
    """The throughput that is bought for a model."""
    for row in answer.each("provisionedModelSummaries"):
        arn = text(row, "provisionedModelArn")
        if arn is None:
            yield Skipped(str(answer.key), "a throughput has no `provisionedModelArn`")
            continue
        units = number(row, "modelUnits")
        held = {
            "model": text(row, "modelArn"),
            "desired_model": text(row, "desiredModelArn"),
            "foundation_model": text(row, "foundationModelArn"),
            "units": None if units is None else str(units),
            "commitment": text(row, "commitmentDuration"),
        }
        yield from listed(
            arn,
            "Endpoint",
            account=answer.account,
            region=answer.region,
            name=text(row, "provisionedModelName"),
            flavour=PROVISIONED,
            state=text(row, "status"),
            created=moment(row, "creationTime"),
            last_changed=moment(row, "lastModifiedTime"),
            settings=told(held),
        )
        for model in dict.fromkeys((held["model"], held["desired_model"])):
            if model is not None:
                yield Mention(Link.MODEL, NodeId(arn), model)


def shape_profiles(answer: Answer) -> Iterator[Shaped]:
    """The inference profiles: those of the account, and of the vendor's those that the estate names."""
    for row in answer.each("inferenceProfileSummaries"):
        arn = text(row, "inferenceProfileArn")
        if arn is None:
            yield Skipped(str(answer.key), "an inference profile has no ARN")
            continue
        models = words(row, "models.modelArn")
        kind = text(row, "type") or answer.argument
        if kind == SYSTEM:
            # Some sixty in each region of each account, the same everywhere: nodes only where something names them.
            held = told({"type": kind, "state": text(row, "status"), "models": ",".join(models)})
            name = text(row, "inferenceProfileName") or text(row, "inferenceProfileId") or arn
            yield Mention(Link.OFFERED, NodeId(arn), name, held or {})
            continue
        yield from listed(
            arn,
            "Endpoint",
            account=answer.account,
            region=answer.region,
            name=text(row, "inferenceProfileName"),
            flavour=PROFILE,
            state=text(row, "status"),
            created=moment(row, "createdAt"),
            last_changed=moment(row, "updatedAt"),
            settings=told({"type": kind, "models": ",".join(models)}),
        )
        for model in models:
            yield Mention(Link.MODEL, NodeId(arn), model)


def shape_marketplace(answer: Answer) -> Iterator[Shaped]:
    """The SageMaker endpoints of marketplace models that Bedrock answers through."""
    for row in answer.each("marketplaceModelEndpoints"):
        arn = text(row, "endpointArn")
        if arn is None:
            yield Skipped(str(answer.key), "a marketplace endpoint has no ARN")
            continue
        held = {
            "marketplace_model": text(row, "modelSourceIdentifier"),
            "bedrock_state": text(row, "status"),
        }
        yield from listed(
            arn,
            "Endpoint",
            account=answer.account,
            region=answer.region,
            name=arn.rpartition("/")[2],
            flavour=ENDPOINT,
            settings=told(held),
        )


def shape_logging(answer: Answer) -> Iterator[Shaped]:
    """Whether invocations of models are logged in the region, what of them, and where to.

    An answer without a configuration is the platform saying that nothing is logged.
    """
    node = account_node(answer.account)
    for page in answer.pages:
        held = {LOGGING: "on", **_log(member(page, "loggingConfig"))}
        if "loggingConfig" not in page:
            held = {LOGGING: "off"}
        elif not member(page, "loggingConfig"):
            yield Skipped(str(answer.key), "its `loggingConfig` cannot be read")
            continue
        named = {f"{name}:{answer.region}": value for name, value in held.items()}
        yield account_stub(answer.account)
        yield Node(node, "Account", {"settings": told(named) or {}})
        yield Mention(Link.MODEL_LOG, node, held[LOGGING] or "", {"region": answer.region})
        for name in ("bedrock_logging_place", "bedrock_logging_large_place"):
            if uri := held.get(name):
                yield Mention(Link.NAMES, node, uri, {"form": "folder"})


def _log(config: Json) -> dict[str, str | None]:
    kinds = {
        kind: word(flag(config, f"{kind}DataDeliveryEnabled"))
        for kind in ("text", "image", "embedding", "video", "audio")
    }
    cloud = member(config, "cloudWatchConfig")
    return {
        "bedrock_logging_place": _place(member(config, "s3Config")),
        "bedrock_logging_group": text(cloud, "logGroupName"),
        "bedrock_logging_role": text(cloud, "roleArn"),
        "bedrock_logging_large_place": _place(member(cloud, "largeDataDeliveryS3Config")),
        **{f"bedrock_logging_{kind}": value for kind, value in kinds.items()},
    }


def _place(config: Json) -> str | None:
    bucket = text(config, "bucketName")
    return None if bucket is None else f"s3://{bucket}/{text(config, 'keyPrefix') or ''}"


def shape_enforced(answer: Answer) -> Iterator[Shaped]:
    """The guardrails that every invocation in the account's region passes, whatever the caller names."""
    found = [
        f"{name}:{text(row, 'guardrailVersion') or '?'}"
        for row in answer.each("guardrailsConfig")
        if (name := text(row, "guardrailArn") or text(row, "guardrailId"))
    ]
    barred = [
        models
        for row in answer.each("guardrailsConfig")
        if (models := word_at(row, "modelEnforcement.excludedModels"))
    ]
    if not any(isinstance(page.get("guardrailsConfig"), list) for page in answer.pages):
        return
    held = {
        f"bedrock_enforced_guardrails:{answer.region}": ",".join(found) or "none",
        f"bedrock_enforced_guardrails_except:{answer.region}": ",".join(barred),
    }
    yield account_stub(answer.account)
    yield Node(account_node(answer.account), "Account", {"settings": told(held) or {}})


RESOURCES = (
    Resource(
        "aws.bedrock-provisioned-throughput",
        "The throughput that is bought for models.",
        regional(
            "bedrock",
            "list_provisioned_model_throughputs",
            "ListProvisionedModelThroughputs",
            items="provisionedModelSummaries",
            paginated=True,
        ),
        shape_throughputs,
    ),
    Resource(
        "aws.bedrock-inference-profiles",
        "The inference profiles of the account and of the vendor.",
        regional(
            "bedrock",
            "list_inference_profiles",
            "ListInferenceProfiles",
            params={"typeEquals": "{item}"},
            choices=("APPLICATION", SYSTEM),
            items="inferenceProfileSummaries",
            paginated=True,
        ),
        shape_profiles,
    ),
    Resource(
        "aws.bedrock-marketplace-endpoints",
        "The endpoints of marketplace models.",
        regional(
            "bedrock",
            "list_marketplace_model_endpoints",
            "ListMarketplaceModelEndpoints",
            items="marketplaceModelEndpoints",
            paginated=True,
        ),
        shape_marketplace,
    ),
    Resource(
        "aws.bedrock-invocation-log",
        "Whether and where invocations of models are logged.",
        regional(
            "bedrock",
            "get_model_invocation_logging_configuration",
            "GetModelInvocationLoggingConfiguration",
        ),
        shape_logging,
    ),
    Resource(
        "aws.bedrock-enforced-guardrails",
        "The guardrails that every invocation passes.",
        regional(
            "bedrock",
            "list_enforced_guardrails_configuration",
            "ListEnforcedGuardrailsConfiguration",
            items="guardrailsConfig",
            paginated=True,
        ),
        shape_enforced,
    ),
)
