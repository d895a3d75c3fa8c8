"""The live rows of one version as the projection takes them: nodes whole, edges in columns.

Most edges of an estate say one of few things (a hop of full certainty that costs one, a grant by a certain technique); so an
edge is held as its ends, its discriminator, and the number of its shape: an edge that stands for all which say the same.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from graph.errors import SchemaError
from graph.model import Edge, Node, NodeId

NOWHERE = NodeId("")


def _numbers() -> array[int]:
    return array("i")  # 32 bits


@dataclass(slots=True)
class EdgeColumns:
    """Edges, in any order: ends as positions among the nodes, the others as positions in the tuples beside them.

    A shape has no ends, no discriminator and no keys that assert it; the first discriminator is the empty one.
    """

    source: array[int] = field(default_factory=_numbers)
    target: array[int] = field(default_factory=_numbers)
    shape: array[int] = field(default_factory=_numbers)
    discriminator: array[int] = field(default_factory=_numbers)
    shapes: list[Edge] = field(default_factory=list)
    discriminators: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LiveRows:
    """All live rows of one version; the nodes in id order."""

    version: int
    nodes: tuple[Node, ...]
    edges: EdgeColumns


def live_rows(nodes: Iterable[Node], edges: Iterable[Edge], *, version: int) -> LiveRows:
    """These rows in columns.

    Errors:
        SchemaError: two nodes have one id, or an edge names a node that is not among them.
    """
    ordered = tuple(sorted(nodes, key=lambda node: node.id))
    at = {node.id: place for place, node in enumerate(ordered)}
    if len(at) < len(ordered):
        raise SchemaError("two nodes have one id")
    columns = EdgeColumns()
    shapes, discriminators = dict[Hashable, int](), {"": 0}
    for edge in edges:
        number = shapes.setdefault(_said(edge), len(shapes))
        if number == len(columns.shapes):
            columns.shapes.append(
                replace(edge, source=NOWHERE, target=NOWHERE, discriminator="", asserted_by=frozenset())
            )  # fmt: skip
        try:
            columns.source.append(at[edge.source])
            columns.target.append(at[edge.target])
        except KeyError as missing:
            raise not_there(missing.args[0]) from None
        columns.shape.append(number)
        word = edge.discriminator
        columns.discriminator.append(discriminators.setdefault(word, len(discriminators)))
    columns.discriminators.extend(discriminators)
    return LiveRows(version, ordered, columns)


def not_there(node: str) -> SchemaError:
    """What is said of an edge that names no node."""
    return SchemaError(f"an edge names `{node}`, which is not there")


def _said(edge: Edge) -> Hashable:
    """What the edge says beside its ends and discriminator; a map among it has no hash, so it goes by its items."""
    props = tuple(
        (name, tuple(value.items()) if isinstance(value, Mapping) else value, type(value))
        for name, value in edge.props.items()
    )
    return (
        *(edge.kind, edge.basis, edge.certainty, edge.indirect, edge.cost),
        *(tuple(edge.conditions), tuple(edge.evidence), edge.inputs, props),
    )
