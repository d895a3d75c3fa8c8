"""Attack paths between sets: the best one of every pair, alike ones told once; all in order; and disjoint alternatives.

The k cheapest ways of an estate are near duplicates of each other. So the list tells, for each target, one path per
group of entries that go on alike after their first step, the cheapest groups first. `top_paths` tells the plain k
cheapest, and `disjoint_paths` ways of one pair that share no edge and no Grant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import groupby

import numpy as np

from graph.model import Capability, NodeId
from graph.view import Keep, View
from queries.fixes import access_states, people, without_arcs
from queries.kernels.lists import Longs, distinct
from queries.kernels.ranked import ranked
from queries.kernels.search import UNREACHED, Weights, cheapest, way_back
from queries.layers import Ahead
from queries.paths import Path, everyone, path_along

_ALL = Keep()
MOST_LOOKED = 200_000
SHOWN = 5  # entries of a group that are named


@dataclass(frozen=True, slots=True)
class PathGroup:
    """One path, and the entries that reach its target alike: by the same way after their first step.

    `entries` names the first few, cheapest first; the path is the first one's.
    """

    path: Path
    entries: tuple[NodeId, ...]
    alike: int
    public: bool

    def plain(self) -> dict[str, object]:
        """The group as plain types, for JSON."""
        return {
            **self.path.plain(),
            "entries": list(self.entries),
            "alike": self.alike,
            "public": self.public,
        }


@dataclass(frozen=True, slots=True)
class AttackPaths:
    """The cheapest groups; how many there are in all, of how many pairs that connect, and of what was asked."""

    groups: tuple[PathGroup, ...]
    groups_in_all: int
    pairs: int
    entries: int
    targets: int
    unreached: int
    """Targets that no entry reaches."""

    def plain(self) -> dict[str, object]:
        """The paths as plain types, for JSON."""
        return {
            "paths": [group.plain() for group in self.groups],
            "groups": self.groups_in_all,
            "pairs": self.pairs,
            "entries": self.entries,
            "targets": self.targets,
            "unreached": self.unreached,
        }


@dataclass(frozen=True, slots=True)
class TopPaths:
    """The cheapest loop-free paths in order; `complete` false where the search was given up before the last."""

    paths: tuple[Path, ...]
    complete: bool

    def plain(self) -> dict[str, object]:
        """The paths as plain types, for JSON."""
        return {"paths": [path.plain() for path in self.paths], "complete": self.complete}


def entry_states(view: View, entries: Iterable[NodeId]) -> Longs:
    """The states that an attacker starts from at these nodes: their kinds' defaults."""
    starts = [view.start(view.position(node)) for node in entries]
    return distinct(np.array(starts, dtype=np.int64))


def usual_entries(view: View, passed_over: Collection[NodeId] = ()) -> tuple[NodeId, ...]:
    """Who attacks where nobody is named: everyone, outside principals, and the enabled identities of the estate.

    `passed_over` are those that reach everything by design.
    """
    starts = people(view, passed_over)
    nodes = {*view.state_node[starts].tolist(), *view.state_node[list(everyone(view))].tolist()}
    return tuple(view.nodes.ids[node] for node in sorted(nodes))


def goal_states(
    view: View, target: NodeId, capability: Capability | None = None
) -> tuple[int, ...]:
    """The states that count as reaching a target: the one named where its kind has it, or its content."""
    if capability is None:
        return access_states(view, target)
    states = view.states_of(view.position(target))
    return tuple(state for state in states if view.capability(state) is capability)


def attack_paths(
    view: View,
    entries: Collection[NodeId],
    targets: Collection[NodeId],
    most: int,
    *,
    via: NodeId | None = None,
    capability: Capability | None = None,
    keep: Keep = _ALL,
) -> AttackPaths:
    """The best path of every pair of an entry and a target, grouped; the `most` cheapest groups, in order.

    With `via` the paths lead through that node: the best that do, which may come by another node twice. A pair of a
    node with itself is none.
    """
    starts = entry_states(view, entries)
    asked = sorted(set(targets))
    found: list[tuple[float, int, int, _Onward]] = []
    pairs = unreached = 0
    for number, target in enumerate(asked):
        parts = tuple(_onward(view, keep, starts, goal_states(view, target, capability), via))
        pairs += sum(len(part.starts) for part in parts)
        unreached += not parts
        for part in parts:
            found += [(weight, number, at, part) for at, weight in enumerate(part.weights.tolist())]
    nearest = nsmallest(most, found, key=lambda row: row[:3])
    groups = (part.group(view, at) for _, _, at, part in nearest)
    told = tuple(group if via else _loop_free(view, group, keep) for group in groups)
    return AttackPaths(told, len(found), pairs, len(starts), len(asked), unreached)


def _loop_free(view: View, group: PathGroup, keep: Keep) -> PathGroup:
    """The group by a path that enters no node twice, where its cheapest one does and there is such a one.

    Passing a node twice, each time with another capability, can be the only way: then that is told.
    """
    path = group.path
    if not loops(path):
        return group
    goal = view.state(view.position(path.target), path.capability)
    start = view.state(view.position(path.source), path.start)
    for way in ranked(view, keep, (start,), (goal,)).ways(most_looked=MOST_LOOKED):
        if way is not None:
            return replace(group, path=path_along(view, way.arcs, otherwise=goal))
    return group


def loops(path: Path) -> bool:
    """Whether the path enters a node again that it has left."""
    nodes = [node for node, _ in groupby(node for node, _ in path.states)]
    return len(nodes) > len(set(nodes))


@dataclass(frozen=True, slots=True, eq=False)
class _Onward:
    """Starts that go on to one target by the same legs, in groups of those whose next state is the same.

    `starts` are in order of group, weight and state; `first` is where each group begins, `weights` its least weight.
    """

    legs: tuple[Ahead, ...]
    between: tuple[int, ...]  # the state that each leg but the last ends at
    starts: Longs
    first: Longs
    weights: Weights

    def group(self, view: View, at: int) -> PathGroup:
        """The group, told by its lightest start."""
        ends = (*self.first.tolist(), len(self.starts))
        members = self.starts[ends[at] : ends[at + 1]].tolist()
        arcs = [
            arc
            for leg, begin in zip(self.legs, (members[0], *self.between), strict=True)
            for arc in leg.arcs(begin)
        ]
        return PathGroup(
            path_along(view, arcs, otherwise=members[0]),
            tuple(view.nodes.ids[view.state_node[one]] for one in members[:SHOWN]),
            len(members),
            members[0] in everyone(view),
        )


def _onward(
    view: View, keep: Keep, starts: Longs, goals: tuple[int, ...], via: NodeId | None
) -> Iterator[_Onward]:
    """The groups of one target; by which state of `via` a start goes is the cheapest for it."""
    if not goals:
        return
    last = Ahead.to(view, keep, goals)
    elsewhere = starts[~np.isin(view.state_node[starts], view.state_node[list(goals)])]
    if via is None:
        chains: list[tuple[tuple[Ahead, ...], tuple[int, ...]]] = [((last,), ())]
    else:
        passed = (s for s in view.states_of(view.position(via)) if last.found.cost[s] >= 0)
        chains = [((Ahead.to(view, keep, (state,)), last), (state,)) for state in passed]
    if not chains:
        return
    weights = np.stack(
        [
            legs[0].found.weight[elsewhere] + sum(last.found.weight[s] for s in between)
            for legs, between in chains
        ]
    )
    nearest = weights.argmin(axis=0)
    for number, (legs, between) in enumerate(chains):
        mine = (nearest == number) & np.isfinite(weights[number])
        if mine.any():
            yield _grouped(legs, between, elsewhere[mine], weights[number][mine])


def _grouped(
    legs: tuple[Ahead, ...], between: tuple[int, ...], starts: Longs, weights: Weights
) -> _Onward:
    # A start at the state between the legs has its first step in the second.
    there = legs[0].found.steps[starts] == 0
    onward = np.where(there, legs[-1].state[starts], legs[0].state[starts])
    order = np.lexsort((starts, weights, onward))
    first = np.flatnonzero(np.diff(onward[order], prepend=-1))
    return _Onward(legs, between, starts[order], first, weights[order][first])


def top_paths(
    view: View,
    entries: Collection[NodeId],
    targets: Collection[NodeId],
    most: int,
    *,
    capability: Capability | None = None,
    keep: Keep = _ALL,
    most_looked: int = MOST_LOOKED,
) -> TopPaths:
    """The `most` cheapest paths, by cost and then steps, each loop-free by node; all of them, alike or not.

    Where more than `most_looked` beginnings would have to be looked at, it tells those found until then.
    """
    goals = {state for target in targets for state in goal_states(view, target, capability)}
    found: list[Path] = []
    if most < 1 or not goals:
        return TopPaths((), complete=True)
    search = ranked(view, keep, entry_states(view, entries).tolist(), goals)
    for way in search.ways(most_looked=most_looked):
        if way is None:
            return TopPaths(tuple(found), complete=False)
        arcs = way.arcs
        if view.state_node[view.arcs.source[arcs[0]]] != view.state_node[way.state]:
            found.append(path_along(view, arcs, otherwise=way.state))
            if len(found) == most:
                break
    return TopPaths(tuple(found), complete=True)


def disjoint_paths(
    view: View,
    entry: NodeId,
    target: NodeId,
    most: int,
    *,
    capability: Capability | None = None,
    keep: Keep = _ALL,
) -> tuple[Path, ...]:
    """Up to `most` paths of one pair, the cheapest first, of which no two share an edge or a Grant.

    Each is the cheapest that is left without what those before it use: there may be more of them than are told.
    """
    start = view.start(view.position(entry))
    goals = goal_states(view, target, capability)
    dead = np.zeros(len(view.arcs.edge), dtype=np.bool_)
    told: list[Path] = []
    while len(told) < most and goals:
        rest = without_arcs(view, dead)
        found = cheapest(rest, keep, (start,))
        near = [goal for goal in goals if found.cost[goal] > UNREACHED]
        if not near:
            break
        goal = min(near, key=lambda one: (found.weight[one], one))
        path = path_along(rest, way_back(rest, keep, found, goal), otherwise=goal)
        if not path.steps:
            break
        told.append(path)
        edges = [step.edge for step in path.steps]
        grants = [view.position(step.grant) for step in path.steps if step.grant is not None]
        dead |= np.isin(view.arcs.edge, edges) | np.isin(view.arcs.grant, grants)
    return tuple(told)
