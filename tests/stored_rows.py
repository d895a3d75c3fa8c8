"""Generated rows in a store: facts as one call lists them, the rest as conclusions of the same run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from graph_strategies import Rows
from store_rows import START, key

from graph.model import Batch, Conclusions, Coverage, Edge, Node, Outcome
from graph.schema import Written, schema
from graph.store import Store

LISTED, DENIED = key("iam.list"), key("s3.list")


def keep(store: Store, rows: Rows, *, more: Iterable[Edge] = ()) -> None:
    """One run with these rows, and with more edges among its facts; what a store would not take is left out."""
    drawn = {edge.id: edge for edge in map(_legal, rows.edges)}.values()
    facts = listed(rows)
    held = {node.id for node in facts}
    told = [
        edge
        for edge in drawn
        if schema().edge(edge.kind).written is Written.FACT and {edge.source, edge.target} <= held
    ]
    asserted = (replace(row, asserted_by=frozenset({LISTED})) for row in (*facts, *told, *more))
    with store.begin(started=START, tool_version="test") as run:
        run.put(Batch.of(list(asserted)))
        run.cover((Coverage(LISTED, Outcome.OK), Coverage(DENIED, Outcome.DENIED)))
        run.conclude(
            Conclusions(
                tuple(replace(node, present=True) for node in rows.nodes if node.id not in held),
                tuple(edge for edge in drawn if schema().edge(edge.kind).written is Written.CONCLUSION),
            )
        )  # fmt: skip
        run.commit()


def listed(rows: Rows) -> list[Node]:
    """The nodes that are facts, as their call lists them."""
    return [replace(node, present=True) for node in rows.nodes if not _concluded(node)]


def _legal(edge: Edge) -> Edge:
    """The edge with the discriminator that a store takes."""
    declared = schema().edge(edge.kind).discriminator
    return replace(edge, discriminator=(edge.discriminator or "x") if declared else "")


def _concluded(node: Node) -> bool:
    written = schema().node(node.kind).written
    return written is Written.CONCLUSION or bool(node.props.get("potential"))
