"""The platform's own lineage: entities that stand for assets, and what led to what, as edges between the assets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from graph.model import Basis, Edge, Node, NodeId, Row
from ingest.estate import Estate, Keys
from ingest.locations import Locations
from ingest.source import Link

_STEPS = (":experiment-trial-component/", ":action/")
"""Entities that are no content but what happened between contents."""
_MAKING = frozenset({"ContributedTo", "DerivedFrom", "Produced"})
"""Types of associations by which the source became a part of the destination; others only say that two belong together."""


@dataclass(frozen=True, slots=True)
class _Asset:
    """What an entity stands for, and the call that says so."""

    node: NodeId
    kind: str
    keys: Keys


def associated(estate: Estate, places: Locations) -> Iterator[Row]:
    """TRAINED_ON and DERIVED_FROM edges that the platform observed: what went into a step made what came out.

    They are asserted by the associations and by the listings of their ends: where only one of these is read again,
    what the other said stands.
    """
    flow: dict[str, list[tuple[str, Keys]]] = defaultdict(list)
    for mention in estate.mentions(Link.LED_TO):
        if mention.props.get("type") in _MAKING:
            flow[mention.subject].append((mention.text, mention.asserted_by))
    assets = _assets(estate, places)
    for source in sorted(flow):
        origin = assets.get(source)
        if origin is None:
            continue
        for target, keys in _reached(source, flow):
            made = assets.get(target)
            if made is not None and made.node != origin.node:
                yield from _edge(made, origin, keys, evidence=f"{source} led to {target}")


def _reached(source: str, flow: dict[str, list[tuple[str, Keys]]]) -> Iterator[tuple[str, Keys]]:
    """What comes directly after the entity, steps passed through."""
    for target, keys in flow[source]:
        if any(form in target for form in _STEPS):
            for then, more in flow.get(target, ()):
                yield then, keys | more
        else:
            yield target, keys


def _assets(estate: Estate, places: Locations) -> dict[str, _Asset]:
    """The asset that each entity stands for: a model by its ARN or artefact, else the place in S3."""
    models: dict[str, Node] = {}
    for model in estate.of_kind("ModelVersion"):
        uri = model.props.get("uri")
        if isinstance(uri, str):
            models.setdefault(uri, model)
        models[model.id] = model
    found: dict[str, _Asset] = {}
    for mention in estate.mentions(Link.STANDS_FOR):
        model_of = models.get(mention.text)
        keys = mention.asserted_by
        if model_of is not None:
            found[mention.subject] = _Asset(model_of.id, model_of.kind, keys)
        elif (place := places.node_at(mention.text)) is not None:
            found[mention.subject] = _Asset(place, "Dataset", keys)
    return found


def _edge(made: _Asset, origin: _Asset, keys: Keys, *, evidence: str) -> Iterator[Row]:
    trained = made.kind == "ModelVersion" and origin.kind == "Dataset"
    yield Edge(
        "TRAINED_ON" if trained else "DERIVED_FROM",
        made.node,
        origin.node,
        basis=Basis.OBSERVED,
        evidence=(evidence,),
        asserted_by=keys | made.keys | origin.keys,
    )
