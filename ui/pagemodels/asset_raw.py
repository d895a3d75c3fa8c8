"""The raw tab of the asset page: the node's row, and its edges by kind."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from itertools import islice

import numpy as np

from graph.model import Node
from graph.rows import row_json
from ui.pagemodels.asset_words import Told
from ui.reading import Reading
from ui.render.sheet import Sheet
from ui.render.text import to_json

MOST = 200


@dataclass(frozen=True, slots=True)
class RawTab:
    """The node and its edges as the store holds them; `edges` is the JSON of the first of them."""

    told: Told
    node: str
    counts: Sheet
    edges: str
    shown: int
    of: int


def raw_tab(reading: Reading, node: Node) -> RawTab:
    """The rows of a node of the newest run."""
    edges = tuple(islice(reading.store.edges(about=node.id), MOST))
    counts = _counts(reading, node)
    return RawTab(
        told=Told(counts, rests_on=reading.known),
        node=_pretty(row_json(node)),
        counts=counts,
        edges=to_json([json.loads(row_json(edge)) for edge in edges]).rstrip("\n"),
        shown=len(edges),
        of=sum(row[2] for row in counts.rows if isinstance(row[2], int)),
    )


def _pretty(text: str) -> str:
    return to_json(json.loads(text)).rstrip("\n")


def _counts(reading: Reading, node: Node) -> Sheet:
    """How many edges of each kind leave and enter it."""
    view = reading.view
    at = view.find(node.id)
    edges = view.edges
    found: Counter[tuple[str, str]] = Counter()
    for way, ends in (("out", edges.source), ("in", edges.target)):
        kinds = edges.kind[np.flatnonzero(ends == at)]
        found.update((edges.kinds[int(kind)], way) for kind in kinds)
    # An edge from the node to itself counts once, as one that leaves.
    own = edges.kind[np.flatnonzero((edges.source == at) & (edges.target == at))]
    found.subtract((edges.kinds[int(kind)], "in") for kind in own)
    return Sheet(
        ("Edge", "Direction", "Number"),
        tuple((kind, way, number) for (kind, way), number in sorted(found.items()) if number),
    )
