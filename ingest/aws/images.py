"""Container images: which repositories of the estate a workload runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.model import Certainty, Edge, Node, Row
from ingest.aws.asset import referenced
from ingest.aws.names import ImageName
from ingest.estate import Estate, Keys
from ingest.source import Link

FLAVOUR = "ecr repository"
TAG_MUTABILITY = "tag_mutability"
"""The setting of a repository that says whether its tags can be moved."""


def executed(workload: Node, image: str, keys: Keys, estate: Estate) -> Iterator[Row]:
    """The repository of the image, where an account of the estate holds it, and that the workload runs it.

    A digest stays what it is, and so does a function's tag, which is resolved once, when its code is set: the edge is
    there, without a move. Another tag runs whatever it then names: where the repository keeps tags from moving, only
    once the image is deleted and the tag pushed anew, and for an endpoint, which holds on to the digest, only once it
    is deployed anew. Images of other registries are nobody's of the estate and are left out.
    """
    name = ImageName.parse(image)
    if name is None or name.account not in estate.accounts:
        return
    stub = referenced(
        name.node,
        "Image",
        account=name.account,
        region=name.region,
        name=name.repository,
        flavour=FLAVOUR,
    )
    yield Node(stub.id, "Image", stub.props, asserted_by=keys)
    fixed = name.pinned or workload.kind == "Function"
    conditions: tuple[str, ...] = () if fixed else tuple(_conditions(name, workload, estate))
    yield Edge(
        "EXECUTES",
        workload.id,
        name.node,
        certainty=Certainty.CONDITIONAL if conditions else Certainty.DEFINITE,
        conditions=conditions,
        evidence=(image,),
        props={"reruns": False} if fixed else {},
        asserted_by=keys,
    )


def _conditions(name: ImageName, workload: Node, estate: Estate) -> Iterator[str]:
    """What must hold for the workload to run other content than now under the same tag."""
    repository = estate.nodes.get(name.node)
    settings = repository.props.get("settings") if repository is not None else None
    mutability = settings.get(TAG_MUTABILITY) if isinstance(settings, Mapping) else None
    if mutability == "IMMUTABLE":
        # A tag that cannot be moved is free again once its image is deleted.
        yield f"the image is deleted from {name.repository} and its tag is pushed anew"
    elif mutability != "MUTABLE":
        yield f"tags of {name.repository} can be moved"
    if workload.kind == "Endpoint":
        yield "the endpoint is deployed anew"


def images(estate: Estate) -> Iterator[Row]:
    """The images that workloads of this run's answers name."""
    for mention in estate.mentions(Link.IMAGE):
        workload = estate.nodes.get(mention.subject)
        if workload is not None:
            yield from executed(workload, mention.text, mention.asserted_by, estate)
