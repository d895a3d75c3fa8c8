"""Completing what single answers left open: each step is a pure function over the whole estate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from graph.model import CoverageKey, Document, Edge, Node, NodeId, Row
from ingest.estate import Estate, merged
from ingest.source import Mention, Oddity, Shaped, Skipped

Step = Callable[[Estate], Iterator[Row | Oddity]]

STEPS: tuple[Step, ...] = ()
"""What is linked, in this order; each step sees what the answers said, not what other steps added."""


def linked(rows: Iterable[Shaped], estate: Estate) -> tuple[Row | Oddity, ...]:
    """All rows to write: what the answers said and what follows from it, one fragment per node and call."""
    said = [row for row in rows if not isinstance(row, Mention | Skipped)]
    added = [row for step in STEPS for row in step(estate)]
    return tuple(_fragments([*said, *added, *_found(estate)], estate))


def _fragments(rows: Iterable[Row | Oddity], estate: Estate) -> Iterator[Row | Oddity]:
    """The rows with all that one call says of a node in one fragment; ends of edges first."""
    nodes: dict[tuple[NodeId, CoverageKey], Node] = {}
    edges: dict[tuple[str, CoverageKey], Edge] = {}
    rest: list[Row | Oddity] = []
    for row in rows:
        if isinstance(row, Node):
            if row.props.get("referenced_only") and estate.listed(row.id):
                continue
            for key in row.asserted_by:
                held = nodes.get((row.id, key))
                props = row.props if held is None else merged(held.props, row.props)
                nodes[row.id, key] = replace(row, props=props, asserted_by=frozenset({key}))
        elif isinstance(row, Edge):
            for key in row.asserted_by:
                edges[row.id, key] = replace(row, asserted_by=frozenset({key}))
        elif isinstance(row, Oddity | Document):
            rest.append(row)
        else:
            rest.extend(replace(row, asserted_by=frozenset({key})) for key in row.asserted_by)
    yield from nodes.values()
    yield from rest
    yield from edges.values()


def _found(estate: Estate) -> Iterator[Node]:
    """Nodes that were only named until now and are listed: whoever named them says no more than that."""
    for identifier, stub in sorted(estate.stubs_before.items()):
        node = estate.nodes.get(identifier)
        if (
            node is not None
            and estate.listed(identifier)
            and (keys := stub.asserted_by & node.asserted_by)
        ):
            yield Node(identifier, node.kind, {}, asserted_by=keys)
