"""The cheapest nodes to take away between two sets of states: a minimum cut where each is one arc.

Every state that may go is split in two with an arc of its price between; all other arcs cost more than everything that
may go together. scipy's maximum flow is of 32 bits, which bounds the sum of the prices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from graph.errors import QueryError
from queries.kernels.condense import Edges
from queries.kernels.lists import Longs

_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Severed:
    """What the cheapest cut takes away, and what it costs; `value` is that of the flow that proves it."""

    states: Longs
    value: int


def sever(
    size: int, edges: Edges, *, sources: Iterable[int], sinks: Iterable[int], price: Longs
) -> Severed:
    """The cheapest states without which no sink is reached from a source.

    `price` is a number per state, 0 where it may not go. `QueryError` where nothing that may go separates them, or the
    prices are too large to be added up.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415  # slow to load
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow  # noqa: PLC0415  # as above

    may_go = np.flatnonzero(price)
    whole = int(price.sum()) + 1
    first, last = np.fromiter(sources, dtype=np.int64), np.fromiter(sinks, dtype=np.int64)
    if whole * 2 > _LARGEST:
        raise QueryError("the prices are too large to be added up")
    leave = np.arange(size, dtype=np.int64)
    leave[may_go] = size + 2 + np.arange(len(may_go))
    tail = np.concatenate((leave[edges[0]], may_go, np.full(len(first), size), leave[last]))
    head = np.concatenate((edges[1], leave[may_go], first, np.full(len(last), size + 1)))
    room = np.full(len(tail), whole, dtype=np.int32)
    room[len(edges[0]) : len(edges[0]) + len(may_go)] = price[may_go]
    width = size + 2 + len(may_go)
    graph = csr_array((room, (tail, head)), shape=(width, width))
    graph.data = np.minimum(graph.data, whole).astype(np.int32)
    graph.indices, graph.indptr = graph.indices.astype(np.int32), graph.indptr.astype(np.int32)
    found = maximum_flow(graph, size, size + 1)
    if found.flow_value >= whole:
        raise QueryError("nothing that may go separates them")
    rest = csr_array(graph - found.flow)
    rest.eliminate_zeros()  # an arc that is full leads nowhere
    near = np.zeros(width, dtype=np.bool_)
    near[breadth_first_order(rest, size, return_predecessors=False)] = True
    return Severed(may_go[near[may_go] & ~near[leave[may_go]]], int(found.flow_value))
