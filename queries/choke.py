"""Choke points: which node, or which Revocable, ends most pairs of an identity and a target when it goes.

Dominators propose: what stands on every way of an identity to a target ends that pair by itself. Removal decides: the
best are counted again without them, a node with all its states and a Revocable on all that it holds up. What was not
counted again is told as a bound: the true figure is that or more, since several states or Grants may only together
stand on every way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from access.decision import Revocable
from access.removal import command, words
from graph.model import NodeId
from graph.schema import Family, schema
from graph.view import Flag, Keep, View
from queries.choke_reasons import Ways, falling_arcs, proposals
from queries.fixes import Evidence, towards, without_arcs
from queries.kernels.dominators import Hanging, hanging
from queries.kernels.lists import Longs
from queries.kernels.search import kept
from queries.pairs import Asked, Pairs
from queries.walked import walked

_ALL = Keep()


@dataclass(frozen=True, slots=True)
class ChokePoint:
    """A node or a Revocable, and how many pairs end without it.

    `exact` says that it was counted again without it; else `pairs` is a lower bound, and `identities` and `targets` are
    not known (-1). `everybody` says that some target would be left with nobody who reaches it.
    """

    node: NodeId | None
    revocable: Revocable | None
    name: str
    kind: str
    pairs: int
    exact: bool
    identities: int = -1
    targets: int = -1
    everybody: bool = False

    @property
    def id(self) -> NodeId:
        """The id of the node, or of the Revocable."""
        return self.revocable.id if self.revocable else self.node or NodeId("")

    def plain(self) -> dict[str, object]:
        """The choke point as plain types, for JSON."""
        return {
            "id": self.id,
            "what": "revocable" if self.revocable else "node",
            "name": self.name,
            "kind": self.kind,
            "pairs": self.pairs,
            "exact": self.exact,
            "identities": self.identities if self.exact else None,
            "targets": self.targets if self.exact else None,
            "everybody": self.everybody,
            "removal": command(self.revocable) if self.revocable else None,
        }


@dataclass(frozen=True, slots=True)
class ChokePoints:
    """The choke points, those counted again first, by pairs; and how many pairs there are of how many ends.

    `uncounted` is how many more Revocables some ways rest on that were not counted again and have no bound.
    """

    nodes: tuple[ChokePoint, ...]
    revocables: tuple[ChokePoint, ...]
    pairs: int
    entries: int
    targets: int
    uncounted: int = 0

    def plain(self) -> dict[str, object]:
        """The choke points as plain types, for JSON."""
        return {
            "pairs": self.pairs,
            "entries": self.entries,
            "targets": self.targets,
            "uncounted": self.uncounted,
            "nodes": [point.plain() for point in self.nodes],
            "revocables": [point.plain() for point in self.revocables],
        }


def choke_points(
    view: View,
    targets: Collection[NodeId],
    *,
    entries: Collection[NodeId] | None = None,
    passed_over: Collection[NodeId] = (),
    evidence: Evidence | None = None,
    keep: Keep = _ALL,
    recount: int = 10,
    most: int = 50,
    fast: bool | None = None,
) -> ChokePoints:
    """What ends most pairs, of nodes and of Revocables the `recount` best counted again, and `most` told in all.

    `entries` are by default the enabled identities without groups and persons, and without those `passed_over`. A pair
    counts for what is neither its identity nor its target. Revocables need `evidence`; what would lift a Deny is left
    out. `fast` asks for, or forbids, the compiled kernels; the numbers are the same.
    """
    asked = Asked.of(view, targets, entries=entries, passed_over=passed_over)
    near = towards(view, keep, asked.goals)
    now = asked.connected(near, keep, fast=fast)
    bounds = _Bounds.of(near, keep, asked, edges=evidence is not None, fast=fast)
    count = _Count(near, keep, asked, now, fast)
    nodes = _ranked(_nodes(near, bounds.nodes, asked), count.node, recount, most)
    found: tuple[ChokePoint, ...] = ()
    if evidence is not None:
        walks = walked(near, asked.ends, asked.starts, keep)
        ways = Ways(near, asked.starts, asked.targets(near), now, walks, bounds.nodes, bounds.edges)
        found = _revocables(ways, evidence, max(4 * recount, most))

    def removed(point: ChokePoint) -> ChokePoint:
        assert evidence is not None  # noqa: S101  # a Revocable was only proposed with it
        assert point.revocable is not None  # noqa: S101  # as above
        return count.without(point, evidence.without(near, point.revocable))

    revocables = _ranked(found, removed, recount, most)
    uncounted = sum(not point.pairs for point in found[recount:])
    return ChokePoints(
        nodes, revocables, int(now.sum()), len(asked.starts), len(asked.ends), uncounted
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Falling:
    """The arcs of edges that are Revocables themselves, and (out, into) of all arcs that begin where one of them does."""

    arcs: Longs
    out: Longs
    into: Longs

    @classmethod
    def of(cls, view: View, keep: Keep) -> _Falling:
        """Those that are kept."""
        arcs, arranged = falling_arcs(view, keep.mask(view)), kept(view, keep)
        begins = np.zeros(view.size, dtype=np.bool_)
        begins[view.arcs.source[arcs]] = True
        out = np.repeat(np.arange(view.size), np.diff(arranged.indptr))
        wanted = begins[out] & (arranged.indices != out)
        return cls(arcs, out[wanted], arranged.indices[wanted].astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class _Bounds:
    """How many pairs at least end without a node, and without an edge that is a Revocable itself."""

    view: View
    asked: Asked
    nodes: Longs
    edges: Longs

    @classmethod
    def of(cls, view: View, keep: Keep, asked: Asked, *, edges: bool, fast: bool | None) -> _Bounds:
        """Those of every node; of edges only where asked for."""
        nodes = np.zeros(len(view.nodes.ids), dtype=np.int64)
        found = cls(view, asked, nodes, np.zeros(len(view.edges.kind), dtype=np.int64))
        falling = _Falling.of(view, keep) if edges else None
        for states in filter(None, asked.ends):
            walkers = np.zeros(view.size, dtype=np.int64)
            walkers[asked.starts] = 1
            target = int(view.state_node[states[0]])
            walkers[view.states_of(target)] = 0  # who is the target does not walk to it
            tree = hanging(view, keep, states, walkers, fast=fast)
            found._add_nodes(tree, walkers, target)
            if falling is not None:
                found._add_edges(tree, falling, states)
        return found

    def _add_nodes(self, tree: Hanging, walkers: Longs, target: int) -> None:
        """Who has one of the node's states on every way, but the node itself."""
        others = tree.sums - walkers * tree.leading
        owner = self.view.state_node
        start = np.flatnonzero(walkers.astype(np.bool_) & (tree.above >= 0))
        passed = tree.above[start]
        while len(start):  # a node may pass another of its own states
            others[passed[owner[passed] == owner[start]]] -= 1
            passed = tree.above[passed]
            start, passed = start[passed >= 0], passed[passed >= 0]
        best = np.zeros_like(self.nodes)
        np.maximum.at(best, owner, others)
        best[target] = 0
        self.nodes[:] += best

    def _add_edges(self, tree: Hanging, falling: _Falling, goals: tuple[int, ...]) -> None:
        """Who has the beginning of the edge on every way, where nothing else leads on from there."""
        arcs, size = self.view.arcs, self.view.size
        sums, leading = tree.sums, tree.leading
        ways = np.bincount(falling.out[leading[falling.into]], minlength=size)
        tail, head = arcs.source[falling.arcs], arcs.target[falling.arcs]
        alone = (ways[tail] == 1) & leading[head] & (sums[tail] > 0) & ~np.isin(tail, goals)
        best = np.zeros_like(self.edges)
        np.maximum.at(best, arcs.edge[falling.arcs[alone]], sums[tail[alone]])
        self.edges[:] += best


def _nodes(view: View, bounds: Longs, asked: Asked) -> Iterator[ChokePoint]:
    """The nodes that stand on every way of somebody, best first.

    Targets are none, nor everyone on the internet, nor what only carries access (Grants, classes, sets): its Revocables
    are told instead. Nor is a workload that a technique would create: it is not there to be taken away.
    """
    carried = {name for name, kind in schema().nodes.items() if kind.family is Family.ACCESS}
    carried.add("PrincipalClass")
    ends = {int(view.state_node[state]) for state in asked.goals}
    passed_over = int(Flag.PUBLIC | Flag.POTENTIAL)
    for node in np.argsort(-bounds, kind="stable").tolist():
        if not bounds[node]:
            return
        kind = view.kind_of(node)
        if kind not in carried and node not in ends and not view.nodes.flags[node] & passed_over:
            yield ChokePoint(
                view.nodes.ids[node],
                None,
                view.nodes.names[node],
                kind,
                int(bounds[node]),
                exact=False,
            )


def _revocables(ways: Ways, evidence: Evidence, most: int) -> tuple[ChokePoint, ...]:
    """The Revocables that are worth counting, the likeliest first; one that has no bound ends 0 pairs as far as known."""
    return tuple(
        ChokePoint(
            None,
            row.revocable,
            words(row.revocable),
            row.revocable.kind.value,
            row.bound,
            exact=False,
        )
        for row in proposals(ways, evidence, most)
    )


def _ranked(
    points: Iterable[ChokePoint],
    counted: Callable[[ChokePoint], ChokePoint],
    recount: int,
    most: int,
) -> tuple[ChokePoint, ...]:
    """The first ones counted again, by what they end; then the others by their bounds."""
    proposed = iter(points)
    exact = [counted(point) for point in islice(proposed, recount)]
    exact.sort(key=lambda point: (-point.pairs, point.everybody, point.id))
    rest = [point for point in islice(proposed, most) if point.pairs]
    rest.sort(key=lambda point: (-point.pairs, point.id))
    return tuple([point for point in exact if point.pairs] + rest)[:most]


@dataclass(frozen=True, slots=True, eq=False)
class _Count:
    """What ends when something goes, counted again."""

    view: View
    keep: Keep
    asked: Asked
    now: Pairs
    fast: bool | None

    def node(self, point: ChokePoint) -> ChokePoint:
        """The node, counted again without all of its states; its own pairs are no loss of another."""
        assert point.node is not None  # noqa: S101  # proposed as a node
        states = list(self.view.states_of(self.view.position(point.node)))
        arcs = self.view.arcs
        gone = np.isin(arcs.source, states) | np.isin(arcs.target, states)
        own = np.isin(self.asked.starts, states)
        return self._told(point, without_arcs(self.view, gone), ~own)

    def without(self, point: ChokePoint, left: View) -> ChokePoint:
        """The Revocable, counted again on the view that it leaves."""
        return self._told(point, left, np.ones(len(self.asked.starts), dtype=np.bool_))

    def _told(self, point: ChokePoint, left: View, others: Pairs) -> ChokePoint:
        then = self.asked.connected(left, self.keep, fast=self.fast)
        lost = self.now & ~then & others[:, None]
        emptied = self.now.any(axis=0) & ~(then & others[:, None]).any(axis=0)
        return replace(
            point,
            pairs=int(lost.sum()),
            exact=True,
            identities=int(lost.any(axis=1).sum()),
            targets=int(lost.any(axis=0).sum()),
            everybody=bool((emptied & lost.any(axis=0)).any()),
        )
