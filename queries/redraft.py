"""A view in the making: arcs struck out, nodes copied, arcs added. The base view is left as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.view import INDEX, ArcArrays, EdgeArrays, Flag, NodeArrays, View

N = TypeVar("N", bound=np.integer)

_UNCOUNTED = ~int(Flag.ACTOR | Flag.COUNTED | Flag.ASSET)


@dataclass(frozen=True, slots=True, order=True)
class Weaker:
    """How sure an arc still is, and on what it then depends: the next best stands after a loss."""

    certainty: int
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Added:
    """An arc that takes over from one arc, or from a Grant's arc to a set and the set's arc to a member."""

    source: int
    target: int
    first: int
    second: int | None = None
    weaker: Weaker | None = None


class Draft:
    """Changes to a view, applied at once by `view`. Copies carry the ids of what they were copied from."""

    def __init__(self, view: View) -> None:
        self.base = view
        self.dead: NDArray[np.bool_] = np.zeros(len(view.arcs.edge), dtype=np.bool_)
        self._copied: list[int] = []
        self._first: list[int] = []
        self._added: list[_Added] = []
        self._size = view.size

    def strike(self, arcs: NDArray[np.integer] | list[int]) -> None:
        """Take these arcs away."""
        self.dead[arcs] = True

    def copy(self, node: int) -> int:
        """The first state of a new copy of the node, without arcs."""
        self._copied.append(node)
        self._first.append(self._size)
        self._size += len(self.base.states_of(node))
        return self._first[-1]

    def add(
        self,
        source: int,
        target: int,
        arc: int,
        beyond: int | None = None,
        *,
        weaker: Weaker | None = None,
    ) -> None:
        """An arc between these states like `arc`, or like `arc` and then `beyond`, less sure where `weaker` says so."""
        self._added.append(_Added(source, target, arc, beyond, weaker))

    def view(self) -> View:
        """The view with all changes."""
        base = self.base
        edges, places = _edges(base, self._added)
        return View(
            base.version,
            _nodes(base.nodes, np.array(self._copied, dtype=np.int64)),
            edges,
            self._states(base.state_node, copies=True),
            self._states(base.state_capability, copies=False),
            _arcs(base.arcs, ~self.dead, self._added, places),
            base.reasons,
            {INDEX: base.index},  # copies carry ids that are there already, and stand behind them
        )

    def _states(self, column: NDArray[N], *, copies: bool) -> NDArray[N]:
        parts = [column]
        for at, node in enumerate(self._copied):
            own = column[self.base.states_of(node).start : self.base.states_of(node).stop]
            parts.append(np.full_like(own, len(self.base.nodes.ids) + at) if copies else own)
        return np.concatenate(parts)


def _nodes(nodes: NodeArrays, copied: NDArray[np.int64]) -> NodeArrays:
    if not len(copied):
        return nodes
    width = np.diff(nodes.first)[copied]
    flags = nodes.flags[copied] & _UNCOUNTED

    def more(column: NDArray[N]) -> NDArray[N]:
        return np.concatenate((column, column[copied]))

    names = copied.tolist()
    return replace(
        nodes,
        ids=(*nodes.ids, *(nodes.ids[at] for at in names)),
        names=(*nodes.names, *(nodes.names[at] for at in names)),
        kind=more(nodes.kind),
        account=more(nodes.account),
        environment=more(nodes.environment),
        tag=more(nodes.tag),
        sensitivity=more(nodes.sensitivity),
        weight=more(nodes.weight),
        anchor=more(nodes.anchor),
        flags=np.concatenate((nodes.flags, flags)),
        capability=more(nodes.capability),
        how=more(nodes.how),
        first=np.concatenate((nodes.first, nodes.first[-1] + np.cumsum(width))).astype(np.int32),
    )


def _edges(view: View, added: list[_Added]) -> tuple[EdgeArrays, list[int]]:
    """The edges with one more for each added arc that joins two, and the edge of each added arc."""
    edges, arcs = view.edges, view.arcs
    conditions = {text: at for at, text in enumerate(edges.conditions)}
    made: dict[tuple[int, int, Weaker | None], int] = {}
    columns: list[tuple[int, int, int, int, int]] = []
    places: list[int] = []
    for arc in added:
        first = int(arcs.edge[arc.first])
        if arc.second is None and arc.weaker is None:
            places.append(first)
            continue
        second = first if arc.second is None else int(arcs.edge[arc.second])
        key = (first, second, arc.weaker)
        if key not in made:
            own = edges.conditions[int(edges.condition[first])]
            texts = (
                *(own if arc.weaker is None else arc.weaker.conditions),
                *edges.conditions[int(edges.condition[second])],
            )
            if arc.weaker is not None and second == first:
                texts = arc.weaker.conditions
            sure = int(max(edges.certainty[first], edges.certainty[second]))
            made[key] = len(edges.source) + len(columns)
            columns.append(
                (
                    int(edges.source[first]),
                    int(edges.target[second]),
                    int(edges.kind[first]),
                    sure if arc.weaker is None else max(sure, arc.weaker.certainty),
                    conditions.setdefault(tuple(dict.fromkeys(texts)), len(conditions)),
                )
            )
        places.append(made[key])
    if not columns:
        return edges, places
    source, target, kind, certainty, condition = (
        np.array(column, dtype=np.int32) for column in zip(*columns, strict=True)
    )
    return replace(
        edges,
        source=np.concatenate((edges.source, source)),
        target=np.concatenate((edges.target, target)),
        kind=np.concatenate((edges.kind, kind)),
        discriminator=np.concatenate((edges.discriminator, np.zeros_like(source))),
        certainty=np.concatenate((edges.certainty, certainty.astype(np.int8))),
        conditions=tuple(conditions),
        condition=np.concatenate((edges.condition, condition)),
    ), places


def _arcs(
    arcs: ArcArrays, kept: NDArray[np.bool_], added: list[_Added], places: list[int]
) -> ArcArrays:
    first = np.array([arc.first for arc in added], dtype=np.int64)
    joined = np.array([arc.second is not None for arc in added], dtype=np.bool_)
    second = np.array(
        [arc.first if arc.second is None else arc.second for arc in added], dtype=np.int64
    )
    cost = arcs.cost[first] + np.where(joined, arcs.cost[second], 0)
    new = {
        "source": np.array([arc.source for arc in added], dtype=np.int32),
        "target": np.array([arc.target for arc in added], dtype=np.int32),
        "cost": cost.astype(np.int32),
        "certainty": np.maximum.reduce(
            (
                arcs.certainty[first],
                arcs.certainty[second],
                np.array([0 if a.weaker is None else a.weaker.certainty for a in added], np.int8),
            )
        ),
        "indirect": arcs.indirect[first] | arcs.indirect[second],
        "kind": arcs.kind[first],
        "edge": np.array(places, dtype=np.int32),
        "grant": arcs.grant[first],
        "how": arcs.how[first],
    }
    return ArcArrays(
        **{
            name: np.concatenate((getattr(arcs, name)[kept], column))
            for name, column in new.items()
        }
    )
