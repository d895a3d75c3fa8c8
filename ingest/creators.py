"""Creators: an event that made an asset which the estate knows names who made it."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Basis, Edge, NodeId, Row
from ingest.estate import Estate
from ingest.source import Link


def created(estate: Estate) -> Iterator[Row]:
    """CREATED_BY edges from events of this run; the creator is known by its own listing or by the same log."""
    for mention in estate.mentions(Link.CREATED):
        creator = NodeId(mention.text)
        if mention.subject in estate.nodes and creator in estate.nodes:
            yield Edge(
                "CREATED_BY",
                mention.subject,
                creator,
                basis=Basis.OBSERVED,
                evidence=(f"the log of {mention.props['day']}",),
                asserted_by=mention.asserted_by,
            )
