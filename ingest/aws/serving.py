"""Endpoints with what they serve: endpoint, its configuration, the models of that, and their roles and images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

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


def _deployments(estate: Estate) -> dict[NodeId, list[Mention]]:
    """What this run's configurations say, by configuration."""
    found: dict[NodeId, list[Mention]] = defaultdict(list)
    for link in (Link.DEPLOYS, Link.CONFIG_ROLE, Link.CONFIG_KEY, Link.CONFIG):
        for mention in estate.mentions(link):
            found[mention.subject].append(mention)
    return found


def _by_endpoint(estate: Estate) -> Iterator[tuple[Node, Mention]]:
    """What configurations and inference components say of each endpoint.

    They name models as they were named, where ARNs of SageMaker hold names in lower case.
    """
    models = {str(model.id).lower(): model.id for model in estate.of_kind("ModelVersion")}
    deployed = _deployments(estate)
    parts: dict[NodeId, list[Mention]] = defaultdict(list)
    for mention in estate.mentions(Link.COMPONENT):
        parts[mention.subject].append(mention)
    for endpoint in estate.of_kind("Endpoint"):
        config = _config_of(endpoint)
        for mention in (*(deployed.get(config, ()) if config else ()), *parts[endpoint.id]):
            model = models.get(mention.text.lower())
            named = mention.link in {Link.DEPLOYS, Link.COMPONENT} and model is not None
            yield endpoint, replace(mention, text=model or "") if named else mention


def pairs(estate: Estate) -> set[tuple[NodeId, NodeId]]:
    """Every endpoint with a model that it serves: as this run's answers say, or as it stood."""
    found = {(edge.source, NodeId(edge.target)) for edge in estate.edges if edge.kind == "SERVES"}
    for endpoint, mention in _by_endpoint(estate):
        if mention.link in {Link.DEPLOYS, Link.COMPONENT}:
            found.add((endpoint.id, NodeId(mention.text)))
    return found


def served(estate: Estate, seals: Seals) -> Iterator[Row]:
    """What every endpoint serves, runs as, executes and is encrypted with.

    The step from endpoint to model is asserted by the configuration's or component's call, what follows from the
    model by the model's: where one of them was not read in this run, what it said earlier stands.
    """
    placed: set[NodeId] = set()  # their configuration says which network they stand in
    for endpoint, mention in _by_endpoint(estate):
        yield from _said(endpoint, mention, estate, seals)
        if mention.props.get("subnets"):
            placed.add(endpoint.id)
    models: dict[NodeId, list[Node]] = defaultdict(list)
    for source, target in sorted(pairs(estate)):
        found, model = estate.nodes.get(source), estate.nodes.get(target)
        if found is not None and model is not None:
            models[source].append(model)
            yield from by_model(found, model, estate)
    for source, held in models.items():
        if source not in placed:
            yield from _network(estate.nodes[source], held)


def _network(endpoint: Node, models: list[Node]) -> Iterator[Row]:
    """An endpoint stays in a private network where all its models do."""
    told = [model.props.get("private_only") for model in models]
    keys = frozenset(
        key for model in models for key in model.asserted_by if key.operation == DESCRIBES_MODEL
    )
    if keys and all(isinstance(value, bool) for value in told):
        yield Node(endpoint.id, "Endpoint", {"private_only": all(told)}, asserted_by=keys)


def _said(endpoint: Node, mention: Mention, estate: Estate, seals: Seals) -> Iterator[Row]:
    """What one line of the configuration says of the endpoint."""
    keys = mention.asserted_by
    if mention.link in {Link.DEPLOYS, Link.COMPONENT}:
        yield from _serves(endpoint, NodeId(mention.text), keys, estate)
    elif mention.link is Link.CONFIG:
        yield Node(endpoint.id, "Endpoint", {"settings": dict(mention.props)}, asserted_by=keys)
        if mention.props.get("subnets"):
            yield Node(endpoint.id, "Endpoint", {"private_only": True}, asserted_by=keys)
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
