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
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from access.decision import Revocable, revocables, whole
from access.removal import words
from graph.model import NodeId
from graph.schema import Family, schema
from graph.view import Flag, Keep, View
from queries.attack_paths import entry_states
from queries.fixes import (
    Evidence,
    access_states,
    offered,
    people,
    proposed,
    reasons_of,
    towards,
    without_arcs,
)
from queries.kernels.dominators import hanging
from queries.kernels.layout import Amounts
from queries.kernels.lists import Lists, Longs
from queries.kernels.search import kept
from queries.kernels.sweep import Peeks, sweep
from queries.witness import membership

_ALL = Keep()
Pairs: TypeAlias = NDArray[np.bool_]
"""Per start and target whether the one reaches the other."""


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
        }


@dataclass(frozen=True, slots=True)
class ChokePoints:
    """The choke points, those counted again first, by pairs; and how many pairs there are of how many ends."""

    nodes: tuple[ChokePoint, ...]
    revocables: tuple[ChokePoint, ...]
    pairs: int
    entries: int
    targets: int

    def plain(self) -> dict[str, object]:
        """The choke points as plain types, for JSON."""
        return {
            "pairs": self.pairs,
            "entries": self.entries,
            "targets": self.targets,
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
    starts = people(view, passed_over) if entries is None else entry_states(view, entries)
    asked = Asked(starts, tuple(access_states(view, target) for target in sorted(set(targets))))
    near = towards(view, keep, asked.goals)
    now = asked.connected(near, keep, fast=fast)
    bounds = _bounds(near, keep, asked, fast=fast)
    count = _Count(near, keep, asked, now, fast)
    nodes = _ranked(_nodes(near, bounds, asked), count.node, recount, most)
    found = () if evidence is None else _revocables(near, asked, bounds, evidence, 4 * recount)

    def removed(point: ChokePoint) -> ChokePoint:
        assert evidence is not None  # noqa: S101  # a Revocable was only proposed with it
        assert point.revocable is not None  # noqa: S101  # as above
        return count.without(point, evidence.without(near, point.revocable))

    revocables = _ranked(found, removed, recount, most)
    return ChokePoints(nodes, revocables, int(now.sum()), len(starts), len(asked.ends))


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The starts of the identities, and for each target the states that count as reaching it."""

    starts: Longs
    ends: tuple[tuple[int, ...], ...]

    @property
    def goals(self) -> list[int]:
        """The states of all targets."""
        return [state for states in self.ends for state in states]

    def connected(self, view: View, keep: Keep, *, fast: bool | None = None) -> Pairs:
        """Which start reaches which target, but for what is a target itself: one sweep over the kept arcs."""
        arranged = kept(view, keep)
        out = np.repeat(np.arange(view.size), np.diff(arranged.indptr))
        each = np.arange(len(self.ends), dtype=np.int64)
        none = np.zeros(0, dtype=np.int64)
        found = sweep(
            view.size,
            (out, arranged.indices.astype(np.int64)),
            queries=Lists(np.arange(len(self.starts) + 1), self.starts),
            items=Lists.of(
                np.repeat(each, [len(states) for states in self.ends]),
                np.array(self.goals, dtype=np.int64),
                len(self.ends),
            ),
            amounts=Amounts(each, each, np.ones_like(each), len(self.ends)),
            peeks=Peeks(none, none),
            fast=fast,
        )
        pairs: Pairs = found.sums > 0
        owner = view.state_node[self.starts]
        for at, states in enumerate(self.ends):
            pairs[np.isin(owner, view.state_node[list(states)]), at] = False
        return pairs


def _bounds(view: View, keep: Keep, asked: Asked, *, fast: bool | None) -> Longs:
    """Per node how many pairs at least end without it: those that have one of its states on every way."""
    total = np.zeros(len(view.nodes.ids), dtype=np.int64)
    own = np.zeros(len(view.nodes.ids), dtype=np.int64)
    own[view.state_node[asked.starts]] = 1
    for states in asked.ends:
        walkers = np.zeros(view.size, dtype=np.int64)
        walkers[asked.starts] = 1
        if not states:
            continue
        target = view.state_node[states[0]]
        walkers[view.states_of(int(target))] = 0  # who is the target does not walk to it
        sums = hanging(view, keep, states, walkers, fast=fast)
        best = np.zeros_like(total)
        np.maximum.at(best, view.state_node, sums)
        best[target] = 0
        total += np.maximum(best - own, 0)
    return total


def _nodes(view: View, bounds: Longs, asked: Asked) -> Iterator[ChokePoint]:
    """The nodes that stand on every way of somebody, best first.

    Targets are none, nor what only carries access (Grants, classes, sets): its Revocables are told instead.
    """
    carried = {name for name, kind in schema().nodes.items() if kind.family is Family.ACCESS}
    carried.add("PrincipalClass")
    ends = {int(view.state_node[state]) for state in asked.goals}
    for node in np.argsort(-bounds, kind="stable").tolist():
        if not bounds[node]:
            return
        kind = view.kind_of(node)
        if (
            kind not in carried
            and node not in ends
            and not view.nodes.flags[node] & int(Flag.PUBLIC)
        ):
            yield ChokePoint(
                view.nodes.ids[node],
                None,
                view.nodes.names[node],
                kind,
                int(bounds[node]),
                exact=False,
            )


def _revocables(
    view: View, asked: Asked, bounds: Longs, evidence: Evidence, proposals: int
) -> Iterator[ChokePoint]:
    """The Revocables of the Grants that stand on every way of somebody, best first; then of those that most ways use.

    One without which a Grant falls for all who hold it ends at least what the Grant does. Others (of one identity of a
    class, of one target of a set, of two Grants that only together stand on every way) have no bound until they are
    counted.
    """
    of_grants = np.flatnonzero((bounds > 0) & (view.nodes.kind == view.nodes.kinds.index("Grant")))
    grants = of_grants[np.argsort(-bounds[of_grants], kind="stable")].tolist()
    people_ = frozenset(view.state_node[asked.starts].tolist())
    reasons = view.reasons
    likely: dict[NodeId, tuple[int, Revocable]] = {}
    sure: dict[NodeId, int] = {}
    often = proposed(view, asked.ends, asked.starts, proposals)
    for grant, target in (*((one, _led_to(view, one)) for one in grants[:proposals]), *often):
        needs = reasons_of(view, grant, target, evidence, rather=people_)
        texts = (reasons.texts[at] for at in reasons.revocable[reasons.grant == grant].tolist())
        same = {text.id for text in texts if not text.relative}  # for all who hold the Grant
        for revocable in filter(offered, revocables(needs)):
            likely.setdefault(revocable.id, (int(bounds[grant]), revocable))
            if revocable.id in same and not whole(needs, frozenset({revocable.id})):
                sure[revocable.id] = max(sure.get(revocable.id, 0), int(bounds[grant]))
    for bound, revocable in _memberships(view, asked, bounds, evidence):
        likely.setdefault(revocable.id, (bound, revocable))
    for _, revocable in sorted(likely.values(), key=lambda row: -row[0]):
        bound = sure.get(revocable.id, 0)
        yield ChokePoint(
            None, revocable, words(revocable), revocable.kind.value, bound, exact=False
        )


def _memberships(
    view: View, asked: Asked, bounds: Longs, evidence: Evidence
) -> Iterator[tuple[int, Revocable]]:
    """The memberships of groups in groups, and of the identities, where the group stands on every way of somebody.

    One of a group is taken to end as much as the smaller of the two, one of an identity at most what is its own.
    """
    arcs, group = view.arcs, view.nodes.kinds.index("Group")
    inside = np.unique(arcs.edge[arcs.kind == view.edges.kinds.index("MEMBER_OF")])
    starting = frozenset(view.state_node[asked.starts].tolist())
    for edge in inside.tolist():
        member, of = int(view.edges.source[edge]), int(view.edges.target[edge])
        nested = view.nodes.kind[member] == group
        if bounds[of] and (nested or member in starting):
            ids = view.nodes.ids
            revocable = membership(view, ids[member], ids[of], evidence)
            if offered(revocable):
                yield min(int(bounds[of]), int(bounds[member]) if nested else 1), revocable


def _led_to(view: View, grant: int) -> int:
    """A target of the Grant by which the targets that are asked about are reached; of a set one of its members."""
    target = grant
    while target == grant or view.kind_of(target) == "AssetSet":
        states = view.states_of(target)
        away = np.flatnonzero(np.isin(view.arcs.source, list(states)))
        target = int(view.state_node[view.arcs.target[away[0]]])
    return target


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
