"""SageMaker inference components, which serve models on an endpoint; and who beyond the account may call it."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId, Role
from ingest.aws.asset import listed
from ingest.aws.sagemaker import ARN, node_of, region_call
from ingest.aws.sagemaker_models import format_of
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, member, moment, rows, text
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped, Skipped

COMPONENT = "sagemaker inference component"


def _endpoint(answer: Answer, row: Json) -> NodeId | None:
    name = text(row, "EndpointName")
    arn = text(row, "EndpointArn")
    if arn is not None:
        return NodeId(arn)
    return node_of(answer, "endpoint", name) if name is not None else None


def shape_components(answer: Answer) -> Iterator[Shaped]:
    """The components of the region: each speaks for its endpoint, under its own name."""
    for row in answer.each("InferenceComponents"):
        name, endpoint = text(row, "InferenceComponentName"), _endpoint(answer, row)
        if name is None or endpoint is None:
            yield Skipped(str(answer.key), "a component has no name or no endpoint")
            continue
        state = text(row, "InferenceComponentStatus") or "unknown"
        yield Node(endpoint, "Endpoint", {"settings": {f"component:{name}": state}})


def shape_component(answer: Answer) -> Iterator[Shaped]:
    """The model that the component serves: one that is listed, or an artefact that only the component names."""
    for page in answer.pages:
        endpoint = _endpoint(answer, page)
        if endpoint is None:
            yield Skipped(str(answer.key), "it names no endpoint")
            continue
        specifications = [member(page, "Specification"), *rows(page, "Specifications")]
        models = (text(row, "ModelName") for row in specifications)
        for model in dict.fromkeys(name for name in models if name):
            yield Mention(Link.COMPONENT, endpoint, node_of(answer, "model", model))
        held = [member(row, "Container") for row in specifications]
        uris = list(dict.fromkeys(uri for row in held if (uri := text(row, "ArtifactUrl"))))
        if uris:
            yield from _own(answer, page, endpoint, uris)
        images = (
            text(member(row, "DeployedImage"), "SpecifiedImage")
            or text(member(row, "DeployedImage"), "ResolvedImage")
            for row in held
        )
        for image in dict.fromkeys(image for image in images if image):
            yield Mention(Link.IMAGE, endpoint, image)


def _own(answer: Answer, page: Json, endpoint: NodeId, uris: list[str]) -> Iterator[Shaped]:
    """A model that stands in no list of models: the component itself."""
    name = text(page, "InferenceComponentName") or answer.argument
    arn = text(page, "InferenceComponentArn") or node_of(answer, "inference-component", name)
    settings = {
        "base_component": text(member(page, "Specification"), "BaseInferenceComponentName"),
        "state": text(page, "InferenceComponentStatus"),
        "variant": text(page, "VariantName"),
    }
    yield from listed(
        arn,
        "ModelVersion",
        account=answer.account,
        region=answer.region,
        name=name,
        flavour=COMPONENT,
        uri=uris[0],
        format=format_of(uris[0]),
        registered=False,  # it is taken from a place in S3, past the registry
        created=moment(page, "CreationTime"),
        last_changed=moment(page, "LastModifiedTime"),
        settings={key: value for key, value in settings.items() if value} or None,
    )
    yield Mention(Link.COMPONENT, endpoint, arn)
    for uri in uris:
        form = "folder" if uri.endswith("/") else "object"
        yield Mention(Link.STORED_IN, NodeId(arn), uri, {"form": form})


def shape_policy(answer: Answer) -> Iterator[Shaped]:
    """Who beyond the account may call the endpoint; nobody where the answer has no pages."""
    for page in answer.pages:
        node = text(page, "EndpointArn") or node_of(answer, "endpoint", answer.argument)
        try:
            yield from attached(NodeId(node), Role.RESOURCE, page.get("ResourcePolicy"))
        except UnreadableDocumentError as error:
            yield Skipped(f"policy of endpoint `{answer.argument}`", str(error))


RESOURCES = (
    Resource(
        "aws.inference-components",
        "The inference components of the account.",
        region_call(
            "list_inference_components",
            "ListInferenceComponents",
            items="InferenceComponents",
            paginated=True,
        ),
        shape_components,
    ),
    Resource(
        "aws.inference-component-descriptions",
        "The model that an inference component serves.",
        region_call(
            "describe_inference_component",
            "DescribeInferenceComponent",
            params={"InferenceComponentName": "{item}"},
            subject=ARN.format(form="inference-component"),
            feeds=(
                Feed(
                    "sagemaker.list_inference_components",
                    "InferenceComponents.InferenceComponentName",
                ),
            ),
            veils=("Specification.Container.Environment", "Specifications.Container.Environment"),
        ),
        shape_component,
    ),
    Resource(
        "aws.endpoint-policies",
        "Who beyond the account may call an endpoint.",
        region_call(
            "get_endpoint_policy",
            "GetEndpointPolicy",
            params={"EndpointName": "{item}"},
            subject=ARN.format(form="endpoint"),
            feeds=(Feed("sagemaker.list_endpoints", "Endpoints.EndpointName"),),
            # SOURCE: botocore 1.44.8, GetEndpointPolicy: "if the endpoint doesn't have a policy"
            known_none=frozenset({"ValidationException"}),
        ),
        shape_policy,
    ),
)
