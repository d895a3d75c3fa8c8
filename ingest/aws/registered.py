"""Models and endpoints with the registry: which package a model was made from, and which group an endpoint follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graph.model import Basis, Certainty, Edge, Node, NodeId, Row
from ingest.aws.asset import referenced
from ingest.aws.images import executed
from ingest.aws.names import account_of
from ingest.aws.registry import ARTEFACT, GROUP
from ingest.aws.serving import DESCRIBES_MODEL, pairs
from ingest.estate import Estate, Keys
from ingest.locations import Locations
from ingest.source import Link

DESCRIBES_PACKAGE = "sagemaker.describe_model_package"
LISTS_PACKAGES = "sagemaker.list_model_packages"
CONDITION = "a newly approved version is deployed"

_PACKAGE = ":model-package/"


@dataclass(frozen=True, slots=True)
class Made:
    """A model and the packages that it was made from."""

    model: Node
    packages: tuple[NodeId, ...]
    keys: Keys  # the calls that say so


def _settings(node: Node | None) -> Mapping[str, str]:
    held = node.props.get("settings") if node is not None else None
    return held if isinstance(held, Mapping) else {}


def _by(node: Node, *operations: str) -> Keys:
    return frozenset(key for key in node.asserted_by if key.operation in operations)


def package_node(model: Node, name: str) -> NodeId:
    """The package that a model names: by ARN, or by name in the model's own account and region."""
    if name.startswith("arn:"):
        return NodeId(name)
    return NodeId(f"{str(model.id).partition(':model/')[0]}{_PACKAGE}{name}")


def group_of(package: NodeId) -> NodeId | None:
    """The group of a package; None where it is a version of none."""
    start, found, rest = str(package).partition(_PACKAGE)
    group, version, _ = rest.partition("/")
    return NodeId(f"{start}:model-package-group/{group}") if found and version else None


def registered(estate: Estate, places: Locations) -> Iterator[Row]:
    """What models take over from their packages, what endpoints follow, and the cards that document either."""
    made: dict[NodeId, Made] = {}
    for model in estate.of_kind("ModelVersion"):
        names = _settings(model).get("packages", "")
        keys = _by(model, DESCRIBES_MODEL)
        if names and keys:
            packages = tuple(package_node(model, name) for name in names.split(","))
            made[model.id] = Made(model, packages, keys)
    for one in made.values():
        yield from _from_packages(one, estate, places)
    for endpoint_id, model_id in sorted(pairs(estate)):
        endpoint = estate.nodes.get(endpoint_id)
        if endpoint is not None and model_id in made:
            yield from _followed(endpoint, made[model_id], estate)
    yield from _cards(estate)


def _from_packages(made: Made, estate: Estate, places: Locations) -> Iterator[Row]:
    """The package's artefact is what the model loads: a model made from a package has no address of its own."""
    for package in made.packages:
        stub = referenced(
            package,
            "ModelVersion",
            account=account_of(package),
            name=package.partition(_PACKAGE)[2] or package,
        )
        yield Node(stub.id, stub.kind, stub.props, asserted_by=made.keys)
        yield Edge("DERIVED_FROM", made.model.id, package, asserted_by=made.keys)
        known = estate.nodes.get(package)
        keys = _by(known, DESCRIBES_PACKAGE) if known is not None else frozenset()
        for name, uri in sorted(_settings(known).items()) if keys else ():
            place = places.node_at(uri) if name.startswith(ARTEFACT) else None
            if place is not None:
                yield Edge("STORED_IN", made.model.id, place, evidence=(uri,), asserted_by=keys)
    yield from _approval(made, estate)


def _approval(made: Made, estate: Estate) -> Iterator[Row]:
    """A model is approved where every package in it is, and nothing in it comes from elsewhere."""
    if made.model.props.get("registered") is not True:
        return
    known = [node for name in made.packages if (node := estate.nodes.get(name)) is not None]
    told = [node.props.get("approved") for node in known]
    if len(known) != len(made.packages) or not all(isinstance(value, bool) for value in told):
        return
    keys = frozenset(key for node in known for key in _by(node, DESCRIBES_PACKAGE, LISTS_PACKAGES))
    if keys:
        yield Node(made.model.id, "ModelVersion", {"approved": all(told)}, asserted_by=keys)


def _followed(endpoint: Node, made: Made, estate: Estate) -> Iterator[Row]:
    """The groups whose approved versions reach the endpoint, and the images that it takes from a package."""
    for package in made.packages:
        group = group_of(package)
        if group is not None:
            stub = referenced(
                group,
                "Model",
                account=account_of(group),
                name=group.rpartition("/")[2],
                flavour=GROUP,
            )
            yield Node(stub.id, stub.kind, stub.props, asserted_by=made.keys)
            yield Edge(
                "FOLLOWS",
                endpoint.id,
                group,
                basis=Basis.INFERRED,
                certainty=Certainty.CONDITIONAL,
                conditions=(CONDITION,),
                evidence=(f"{made.model.name} is made from {package}",),
                asserted_by=made.keys,
            )
        known = estate.nodes.get(package)
        keys = _by(known, DESCRIBES_PACKAGE) if known is not None else frozenset()
        for name, image in sorted(_settings(known).items()) if keys else ():
            if name.startswith("image:"):
                yield from executed(endpoint, image, keys, estate)


def _cards(estate: Estate) -> Iterator[Row]:
    """The status of a card, at the model or package that the card names by ARN, or by name beside the card."""
    for mention in estate.mentions(Link.CARD):
        start = str(mention.subject).partition(":model-card/")[0]
        names = (mention.text, f"{start}:model/{mention.text}", f"{start}{_PACKAGE}{mention.text}")
        for name in dict.fromkeys(names):
            node = estate.nodes.get(NodeId(name))
            if node is not None and node.kind in {"ModelVersion", "Model"}:
                card = {f"card:{mention.props['name']}": mention.props["status"] or "unknown"}
                yield Node(node.id, node.kind, {"settings": card}, asserted_by=mention.asserted_by)
                break
