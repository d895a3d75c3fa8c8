"""SageMaker models and endpoints: where the artefacts lie, what serves them, and as whom."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId
from ingest.aws.asset import props
from ingest.aws.sagemaker import ARN, Listing, node_of, region_call
from ingest.fields import Json, flag, member, rows, text, word
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped

MODEL = "sagemaker model"
ENDPOINT = "sagemaker endpoint"
_FORMATS = (".safetensors", ".onnx", ".gguf", ".pkl", ".joblib", ".pt", ".pth", ".h5", ".keras")
_UP = frozenset({"InService", "Creating", "Updating", "SystemUpdating", "RollingBack"})


def containers(page: Json) -> list[Json]:
    """The containers of a model: the primary one, then those of an inference pipeline."""
    primary = member(page, "PrimaryContainer")
    return [*([primary] if primary else []), *rows(page, "Containers")]


def _artefacts(container: Json) -> Iterator[tuple[str, str]]:
    """The S3 URIs that the container loads, each with `object` or `folder`."""
    many = text(container, "Mode") == "MultiModel"
    if url := text(container, "ModelDataUrl"):
        yield url, "folder" if many else "object"
    sources = [member(container, "ModelDataSource"), *rows(container, "AdditionalModelDataSources")]
    for source in sources:
        place = member(source, "S3DataSource")
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
        artefacts = list(
            dict.fromkeys(place for container in held for place in _artefacts(container))
        )
        first = artefacts[0][0] if artefacts else None
        formats = {format_of(uri) for uri, _ in artefacts}
        settings = {
            "execution_role": text(page, "ExecutionRoleArn"),
            "network_isolation": word(flag(page, "EnableNetworkIsolation")),
            "packages": ",".join(name for row in held if (name := text(row, "ModelPackageName"))),
            **{f"image:{at}": text(row, "Image") for at, row in enumerate(held)},
        }
        yield Node(
            node,
            "ModelVersion",
            props(
                uri=first,
                format=formats.pop() if len(formats) == 1 else None,
                private_only=bool(member(page, "VpcConfig")),
                settings={name: value for name, value in settings.items() if value} or None,
            ),
        )
        for uri, form in artefacts:
            yield Mention(Link.STORED_IN, node, uri, {"form": form})


def shape_config(answer: Answer) -> Iterator[Shaped]:
    """What an endpoint configuration deploys; it is no node, its endpoints carry what it says."""
    for page in answer.pages:
        name = text(page, "EndpointConfigName") or answer.argument
        node = node_of(answer, "endpoint-config", name)
        for member_name in ("ProductionVariants", "ShadowProductionVariants"):
            for variant in rows(page, member_name):
                if model := text(variant, "ModelName"):
                    yield Mention(Link.DEPLOYS, node, node_of(answer, "model", model))
        if role := text(page, "ExecutionRoleArn"):
            isolated = word(flag(page, "EnableNetworkIsolation")) or ""
            yield Mention(Link.CONFIG_ROLE, node, role, {"network_isolation": isolated})
        yield Mention(Link.CONFIG_KEY, node, text(page, "KmsKeyId") or "")
        capture = member(page, "DataCaptureConfig")
        if uri := text(capture, "DestinationS3Uri"):
            yield Mention(Link.NAMES, node, uri, {"form": "folder"})
        output = member(member(page, "AsyncInferenceConfig"), "OutputConfig")
        if uri := text(output, "S3OutputPath"):
            yield Mention(Link.NAMES, node, uri, {"form": "folder"})


def shape_endpoints(answer: Answer) -> Iterator[Shaped]:
    """The endpoints of the account in the region."""
    yield from Listing("Endpoints", "Endpoint", "Endpoint", ENDPOINT).shape(answer)


def shape_endpoint(answer: Answer) -> Iterator[Shaped]:
    """The state of the endpoint, and the configuration that it stands under."""
    for page in answer.pages:
        state = text(page, "EndpointStatus")
        capture = member(page, "DataCaptureConfig")
        settings = {
            "config": text(page, "EndpointConfigName"),
            "capture": text(capture, "CaptureStatus"),
            "capture_uri": text(capture, "DestinationS3Uri"),
        }
        yield Node(
            NodeId(text(page, "EndpointArn") or node_of(answer, "endpoint", answer.argument)),
            "Endpoint",
            props(
                state=state,
                reruns=None if state is None else state in _UP,
                settings={name: value for name, value in settings.items() if value} or None,
            ),
        )


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
