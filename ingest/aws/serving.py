"""Endpoints with what they serve: endpoint, its configuration, the models of that, and their roles and images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from graph.model import Certainty, Edge, Node, NodeId, Row
from ingest.aws.asset import referenced
from ingest.aws.encryption import Seal, Seals, sealed
from ingest.aws.images import executed
from ingest.aws.names import account_of
from ingest.estate import Estate, Keys
from ingest.source import Link, Mention

DESCRIBES_MODEL = "sagemaker.describe_model"
SAFE_FORMATS = frozenset({"safetensors", "onnx", "gguf"})
"""Formats that hold numbers only: loading one runs no code of its author."""


def _config_of(endpoint: Node) -> NodeId | None:
    """The configuration that the endpoint stands under, by the ARN it has in the same account and region."""
    settings = endpoint.props.get("settings")
    name = settings.get("config") if isinstance(settings, Mapping) else None
    start, found, _ = str(endpoint.id).partition(":endpoint/")
    return NodeId(f"{start}:endpoint-config/{name}") if name and found else None


def _settings(node: Node | None) -> Mapping[str, str]:
    held = node.props.get("settings") if node is not None else None
    return held if isinstance(held, Mapping) else {}


def served(estate: Estate, seals: Seals) -> Iterator[Row]:
    """What every endpoint serves, runs as, executes and is encrypted with.

    The step from endpoint to model is asserted by the configuration's call, what follows from the model by the
    model's: where one of them was not read in this run, what it said earlier stands.
    """
    deployed: dict[NodeId, list[Mention]] = defaultdict(list)
    for link in (Link.DEPLOYS, Link.CONFIG_ROLE, Link.CONFIG_KEY):
        for mention in estate.mentions(link):
            deployed[mention.subject].append(mention)
    serving = {(edge.source, NodeId(edge.target)) for edge in estate.edges if edge.kind == "SERVES"}
    for endpoint in estate.of_kind("Endpoint"):
        config = _config_of(endpoint)
        for mention in deployed.get(config, ()) if config else ():
            if mention.link is Link.DEPLOYS:
                serving.add((endpoint.id, NodeId(mention.text)))
            yield from _said(endpoint, mention, estate, seals)
    for source, target in sorted(serving):
        found, model = estate.nodes.get(source), estate.nodes.get(target)
        if found is not None and model is not None:
            yield from by_model(found, model, estate)


def _said(endpoint: Node, mention: Mention, estate: Estate, seals: Seals) -> Iterator[Row]:
    """What one line of the configuration says of the endpoint."""
    keys = mention.asserted_by
    if mention.link is Link.DEPLOYS:
        yield from _serves(endpoint, NodeId(mention.text), keys, estate)
    elif mention.link is Link.CONFIG_ROLE:
        if mention.props.get("network_isolation") != "true":
            yield from _runs_as(endpoint, mention.text, keys)
    else:
        name = mention.text
        yield from sealed(
            endpoint, seals.named(endpoint, name) if name else Seal(None, cmk=False), keys
        )


def _serves(endpoint: Node, model: NodeId, keys: Keys, estate: Estate) -> Iterator[Row]:
    yield from loads(endpoint, model, keys, estate)
    yield Edge("SERVES", endpoint.id, model, asserted_by=keys)


def loads(server: Node, model: NodeId, keys: Keys, estate: Estate) -> Iterator[Row]:
    """The model, and that loading it may run code of its author."""
    stub = referenced(
        model,
        "ModelVersion",
        account=account_of(model),
        name=model.rpartition("/")[2],
    )
    yield Node(model, "ModelVersion", stub.props, asserted_by=keys)
    known = estate.nodes.get(model)
    if known is None or known.props.get("format") not in SAFE_FORMATS:
        yield Edge(
            "EXECUTES",
            server.id,
            model,
            certainty=Certainty.POSSIBLE,
            conditions=("the format of the artefact is not known to be safe",),
            asserted_by=keys,
        )


def _runs_as(endpoint: Node, role: str, keys: Keys) -> Iterator[Row]:
    stub = referenced(role, "Role", account=account_of(role))
    yield Node(stub.id, "Role", stub.props, asserted_by=keys)
    yield Edge("RUNS_AS", endpoint.id, NodeId(role), asserted_by=keys)


def by_model(server: Node, model: Node, estate: Estate) -> Iterator[Row]:
    """What an endpoint or transform job owes to the model: its role and images.

    A container in network isolation is handed no credentials of the role, so what runs it does not act as it.
    """
    keys = frozenset(key for key in model.asserted_by if key.operation == DESCRIBES_MODEL)
    if not keys:
        return
    settings = _settings(model)
    role = settings.get("execution_role")
    if role and settings.get("network_isolation") != "true":
        yield from _runs_as(server, role, keys)
    for name, image in sorted(settings.items()):
        if name.startswith("image:"):
            yield from executed(server, image, keys, estate)
