"""SageMaker models and endpoints: where the artefacts lie, what serves them, and as whom."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId
from ingest.aws.asset import props
from ingest.aws.sagemaker import ARN, Listing, node_of, region_call
from ingest.fields import Json, flag, member, number, rows, text, texts, word
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped

MODEL = "sagemaker model"
ENDPOINT = "sagemaker endpoint"
_FORMATS = (".safetensors", ".onnx", ".gguf", ".pkl", ".joblib", ".pt", ".pth", ".h5", ".keras")
_UP = frozenset({"InService", "Creating", "Updating", "SystemUpdating", "RollingBack"})


def containers(page: Json) -> list[Json]:
    """The containers of a model: the primary one, then those of an inference pipeline."""
    primary = member(page, "PrimaryContainer")
    return [*([primary] if primary else []), *rows(page, "Containers")]


def artefacts(container: Json) -> Iterator[tuple[str, str]]:
    """The S3 URIs that the container loads, each with `object` or `folder`."""
    many = text(container, "Mode") == "MultiModel"
    if url := text(container, "ModelDataUrl"):
        yield url, "folder" if many else "object"
    sources = [member(container, "ModelDataSource"), *rows(container, "AdditionalModelDataSources")]
    places = [member(source, "S3DataSource") for source in sources]
    for place in (*places, member(container, "AdditionalS3DataSource")):
        if uri := text(place, "S3Uri"):
            yield uri, "object" if text(place, "S3DataType") == "S3Object" else "folder"


def format_of(uri: str) -> str | None:
    """The format of an artefact that its file name tells; an archive may hold anything."""
    return next((end.lstrip(".") for end in _FORMATS if uri.lower().endswith(end)), None)


def shape_models(answer: Answer) -> Iterator[Shaped]:
    """The models of the account in the region."""
    yield from Listing("Models", "Model", "ModelVersion", MODEL).shape(answer)


def shape_model(answer: Answer) -> Iterator[Shaped]:
    """The artefacts of the model, its images, and the role that whatever serves it runs as."""
    for page in answer.pages:
        node = NodeId(text(page, "ModelArn") or node_of(answer, "model", answer.argument))
        held = containers(page)
        places = list(dict.fromkeys(place for row in held for place in artefacts(row)))
        first = places[0][0] if places else None
        formats = {format_of(uri) for uri, _ in places}
        packages = [text(row, "ModelPackageName") for row in held]
        yield Node(
            node,
            "ModelVersion",
            props(
                uri=first,
                format=formats.pop() if len(formats) == 1 else None,
                private_only=bool(member(page, "VpcConfig")),
                registered=all(packages) if held else None,
                settings=_model_settings(page, held) or None,
            ),
        )
        for uri, form in places:
            yield Mention(Link.STORED_IN, node, uri, {"form": form})


def _model_settings(page: Json, held: list[Json]) -> dict[str, str]:
    access = (text(member(row, "ImageConfig"), "RepositoryAccessMode") for row in held)
    modes = (text(row, "Mode") for row in held)
    settings = {
        "execution_role": text(page, "ExecutionRoleArn"),
        "network_isolation": word(flag(page, "EnableNetworkIsolation")),
        "packages": ",".join(name for row in held if (name := text(row, "ModelPackageName"))),
        "execution_mode": text(member(page, "InferenceExecutionConfig"), "Mode"),
        "image_access": ",".join(dict.fromkeys(mode for mode in access if mode)),
        "environment": ",".join(
            sorted({str(name) for row in held for name in member(row, "Environment")})
        ),
        # `MultiModel` serves whatever lies below its place, `SingleModel` the one artefact there.
        "container_mode": ",".join(dict.fromkeys(mode for mode in modes if mode)),
        **_network(page),
        **{f"image:{at}": text(row, "Image") for at, row in enumerate(held)},
    }
    return {name: value for name, value in settings.items() if value}


def _network(page: Json) -> dict[str, str]:
    vpc = member(page, "VpcConfig")
    return {
        "subnets": ",".join(texts(vpc, "Subnets")),
        "security_groups": ",".join(texts(vpc, "SecurityGroupIds")),
    }


VARIANTS = ("ProductionVariants", "ShadowProductionVariants")
"""Shadow variants get copies of the requests, so they serve as much as the others do."""


def shape_config(answer: Answer) -> Iterator[Shaped]:
    """What an endpoint configuration deploys; it is no node, its endpoints carry what it says."""
    for page in answer.pages:
        name = text(page, "EndpointConfigName") or answer.argument
        node = node_of(answer, "endpoint-config", name)
        variants = [variant for word_ in VARIANTS for variant in rows(page, word_)]
        for variant in variants:
            pools = (text(pool, "ModelNameOverride") for pool in rows(variant, "InstancePools"))
            for model in (text(variant, "ModelName"), *pools):
                if model is not None:
                    yield Mention(Link.DEPLOYS, node, node_of(answer, "model", model))
        if role := text(page, "ExecutionRoleArn"):
            isolated = word(flag(page, "EnableNetworkIsolation")) or ""
            yield Mention(Link.CONFIG_ROLE, node, role, {"network_isolation": isolated})
        yield Mention(Link.CONFIG_KEY, node, text(page, "KmsKeyId") or "")
        if settings := _config_settings(page, variants):
            yield Mention(Link.CONFIG, node, name, settings)
        for uri in dict.fromkeys(_written(page, variants)):
            yield Mention(Link.NAMES, node, uri, {"form": "folder"})


def _written(page: Json, variants: list[Json]) -> Iterator[str]:
    """The places in S3 that the endpoint writes requests, answers, failures and dumps to."""
    output = member(member(page, "AsyncInferenceConfig"), "OutputConfig")
    dumps = (text(member(row, "CoreDumpConfig"), "DestinationS3Uri") for row in variants)
    places = (
        text(member(page, "DataCaptureConfig"), "DestinationS3Uri"),
        text(output, "S3OutputPath"),
        text(output, "S3FailurePath"),
        *dumps,
    )
    yield from (uri for uri in places if uri)


def _config_settings(page: Json, variants: list[Json]) -> dict[str, str]:
    capture = member(page, "DataCaptureConfig")
    output = member(member(page, "AsyncInferenceConfig"), "OutputConfig")
    held = {
        "network_isolation": word(flag(page, "EnableNetworkIsolation")),
        "config_role": text(page, "ExecutionRoleArn"),
        "capture_key": text(capture, "KmsKeyId"),
        "async_output": text(output, "S3OutputPath"),
        "async_key": text(output, "KmsKeyId"),
        **_network(page),
    }
    for at, variant in enumerate(variants):
        name = text(variant, "VariantName") or str(at)
        count = number(variant, "InitialInstanceCount")
        held[f"instances:{name}"] = None if count is None else str(count)
        held[f"shell_access:{name}"] = word(flag(variant, "EnableSSMAccess"))
    shadows = (text(row, "VariantName") for row in rows(page, "ShadowProductionVariants"))
    held["shadow_variants"] = ",".join(name for name in shadows if name)
    return {name: value for name, value in held.items() if value}


def shape_endpoints(answer: Answer) -> Iterator[Shaped]:
    """The endpoints of the account in the region."""
    yield from Listing("Endpoints", "Endpoint", "Endpoint", ENDPOINT).shape(answer)


def shape_endpoint(answer: Answer) -> Iterator[Shaped]:
    """The state of the endpoint, and the configuration that it stands under."""
    for page in answer.pages:
        state = text(page, "EndpointStatus")
        capture = member(page, "DataCaptureConfig")
        config = text(page, "EndpointConfigName")
        settings = {
            "config": config,
            "capture": text(capture, "CaptureStatus"),
            "capture_uri": text(capture, "DestinationS3Uri"),
            **_deployed(page),
        }
        yield Node(
            NodeId(text(page, "EndpointArn") or node_of(answer, "endpoint", answer.argument)),
            "Endpoint",
            props(
                state=state,
                reruns=None if state is None else state in _UP,
                # An endpoint that was set to capture nothing comes without the member.
                logging=flag(capture, "EnableCapture") if capture or not config else False,
                settings={name: value for name, value in settings.items() if value} or None,
            ),
        )


def _deployed(page: Json) -> dict[str, str]:
    """The images that the variants run now, by digest."""
    found: dict[str, str] = {}
    for variant in (row for name in VARIANTS for row in rows(page, name)):
        images = (text(row, "ResolvedImage") for row in rows(variant, "DeployedImages"))
        held = ",".join(image for image in images if image)
        if held:
            found[f"deployed_image:{text(variant, 'VariantName') or ''}"] = held
    return found


RESOURCES = (
    Resource(
        "aws.models",
        "The models of the account.",
        region_call("list_models", "ListModels", items="Models", paginated=True),
        shape_models,
    ),
    Resource(
        "aws.model-descriptions",
        "The artefacts, images and role of a model.",
        region_call(
            "describe_model",
            "DescribeModel",
            params={"ModelName": "{item}"},
            subject=ARN.format(form="model"),
            feeds=(Feed("sagemaker.list_models", "Models.ModelName"),),
            veils=(
                "PrimaryContainer.Environment",
                "Containers.Environment",
                "DeploymentRecommendation.RealTimeInferenceRecommendations.Environment",
            ),
        ),
        shape_model,
    ),
    Resource(
        "aws.endpoint-configs",
        "The endpoint configurations of the account, by name.",
        region_call(
            "list_endpoint_configs", "ListEndpointConfigs", items="EndpointConfigs", paginated=True
        ),
        lambda _answer: (),  # names only: each is described
    ),
    Resource(
        "aws.endpoint-config-descriptions",
        "What an endpoint configuration deploys.",
        region_call(
            "describe_endpoint_config",
            "DescribeEndpointConfig",
            params={"EndpointConfigName": "{item}"},
            subject=ARN.format(form="endpoint-config"),
            feeds=(Feed("sagemaker.list_endpoint_configs", "EndpointConfigs.EndpointConfigName"),),
        ),
        shape_config,
    ),
    Resource(
        "aws.endpoints",
        "The endpoints of the account.",
        region_call("list_endpoints", "ListEndpoints", items="Endpoints", paginated=True),
        shape_endpoints,
    ),
    Resource(
        "aws.endpoint-descriptions",
        "The state and configuration of an endpoint.",
        region_call(
            "describe_endpoint",
            "DescribeEndpoint",
            params={"EndpointName": "{item}"},
            subject=ARN.format(form="endpoint"),
            feeds=(Feed("sagemaker.list_endpoints", "Endpoints.EndpointName"),),
        ),
        shape_endpoint,
    ),
)
