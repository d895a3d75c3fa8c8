"""Container images: which repositories of the estate a workload runs."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Certainty, Edge, Node, Row
from ingest.aws.asset import referenced
from ingest.aws.names import ImageName
from ingest.estate import Estate, Keys
from ingest.source import Link


def executed(
    workload: Node, image: str, keys: Keys, estate: Estate, *, reruns: bool | None = None
) -> Iterator[Row]:
    """The repository of the image, where an account of the estate holds it, and that the workload runs it.

    An image by tag is run anew with whatever the tag then names, unless the repository keeps tags from moving; that
    setting is not read, so the edge is conditional on it. An image by digest stays what it is: the edge is there,
    without a move. Images of other registries are nobody's of the estate and are left out.
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
        flavour="ecr repository",
    )
    yield Node(stub.id, "Image", stub.props, asserted_by=keys)
    again = False if name.pinned else reruns
    yield Edge(
        "EXECUTES",
        workload.id,
        name.node,
        certainty=Certainty.DEFINITE if name.pinned else Certainty.CONDITIONAL,
        conditions=() if name.pinned else (f"tags of {name.repository} can be moved",),
        evidence=(image,),
        props={} if again is None else {"reruns": again},
        asserted_by=keys,
    )


def images(estate: Estate) -> Iterator[Row]:
    """The images that workloads of this run's answers name."""
    for mention in estate.mentions(Link.IMAGE):
        workload = estate.nodes.get(mention.subject)
        if workload is not None:
            yield from executed(
                workload,
                mention.text,
                mention.asserted_by,
                estate,
                reruns=mention.props.get("reruns") == "true",
            )
