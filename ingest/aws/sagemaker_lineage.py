"""SageMaker's own lineage: artifacts, actions and contexts by where they lie, and what led to what.

None of them is an asset. Each stands for one, by a place in S3 or an ARN; the associations between them say what was
made from what, and become edges between the assets once all are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graph.model import NodeId
from ingest.aws.sagemaker import region_call
from ingest.fields import member, text
from ingest.source import Answer, Link, Mention, Resource, Shaped, Skipped


def _entities(items: str, word: str) -> Callable[[Answer], Iterator[Shaped]]:
    """The reader of a listing of entities whose members' names start with this word."""

    def shape(answer: Answer) -> Iterator[Shaped]:
        for row in answer.each(items):
            entity = text(row, f"{word}Arn")
            if entity is None:
                yield Skipped(str(answer.key), f"an item of `{items}` has no `{word}Arn`")
                continue
            if uri := text(member(row, "Source"), "SourceUri"):
                kind = text(row, f"{word}Type") or ""
                yield Mention(Link.STANDS_FOR, NodeId(entity), uri, {"type": kind})
                if uri.startswith("s3://"):
                    yield Mention(Link.NAMES, NodeId(entity), uri, {"form": "folder"})

    return shape


def shape_associations(answer: Answer) -> Iterator[Shaped]:
    """What contributed to, produced or was made into what; the source always comes first."""
    for row in answer.each("AssociationSummaries"):
        source, target = text(row, "SourceArn"), text(row, "DestinationArn")
        if source is None or target is None:
            yield Skipped(str(answer.key), "an association lacks one of its ends")
            continue
        kind = text(row, "AssociationType") or ""
        yield Mention(Link.LED_TO, NodeId(source), target, {"type": kind})


# SOURCE: a dataset is one artifact however often it is used, so that an association of today may start at an artifact
# of long ago: artifacts are listed whole, associations by a window (SageMaker API reference, AddAssociation, 2026-11-26).
RESOURCES = (
    Resource(
        "aws.lineage-artifacts",
        "The artifacts of the lineage, by where they lie.",
        region_call("list_artifacts", "ListArtifacts", items="ArtifactSummaries", paginated=True),
        _entities("ArtifactSummaries", "Artifact"),
    ),
    Resource(
        "aws.lineage-actions",
        "The actions of the lineage.",
        region_call("list_actions", "ListActions", items="ActionSummaries", paginated=True),
        _entities("ActionSummaries", "Action"),
    ),
    Resource(
        "aws.lineage-contexts",
        "The contexts of the lineage: endpoints and package groups.",
        region_call("list_contexts", "ListContexts", items="ContextSummaries", paginated=True),
        _entities("ContextSummaries", "Context"),
    ),
    Resource(
        "aws.lineage-associations",
        "What led to what in the lineage.",
        region_call(
            "list_associations",
            "ListAssociations",
            items="AssociationSummaries",
            paginated=True,
            params={"CreatedAfter": "{since}"},
            lasting=True,
        ),
        shape_associations,
    ),
)
