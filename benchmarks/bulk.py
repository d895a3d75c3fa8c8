"""A generated estate beside a small real one, as a run of a store takes it: pages over many nodes, with paths to tell."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchmarks.estate import Estate, Size
from graph.model import Batch, Conclusions, Coverage, CoverageKey, Outcome
from graph.schema import Written, schema

CALL = CoverageKey("aws", "000000000000", "global", "bulk.list_everything")


@dataclass(frozen=True, slots=True)
class Rows:
    """What one run writes, and the call that told the generated part."""

    batch: Batch
    conclusions: Conclusions
    call: Coverage


def beside(
    small: Batch, concluded: Conclusions, *, nodes: int, edges_per_node: int, seed: int = 7
) -> Rows:
    """The rows of the small estate with a generated one of about so many nodes beside it."""
    made, edges = Estate(Size(nodes=nodes, edges_per_node=edges_per_node, seed=seed)).rows()
    told, by = schema(), frozenset({CALL})
    facts = [node for node in made if told.node(node.kind).written is Written.FACT]
    moves = [edge for edge in edges if told.edge(edge.kind).written is Written.FACT]
    batch = replace(
        small,
        nodes=(*small.nodes, *(replace(node, asserted_by=by) for node in facts)),
        edges=(*small.edges, *(replace(edge, asserted_by=by) for edge in moves)),
    )
    conclusions = Conclusions(
        (
            *concluded.nodes,
            *(node for node in made if told.node(node.kind).written is not Written.FACT),
        ),
        (
            *concluded.edges,
            *(edge for edge in edges if told.edge(edge.kind).written is not Written.FACT),
        ),
    )
    return Rows(batch, conclusions, Coverage(CALL, Outcome.OK, items=len(facts)))
