"""The slow twin of choke points: take one thing away, and count again who still reaches what."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import networkx as nx
from oracle.reach import Oracle, State

from graph.model import NodeId

Pair = tuple[NodeId, NodeId]


def pairs(oracle: Oracle, starts: Iterable[State], ends: dict[NodeId, set[State]]) -> set[Pair]:
    """(identity, target) of every start that reaches some state of a target that it is not."""
    return {
        (start[0], target)
        for start in starts
        if start in oracle.graph
        for target, states in ends.items()
        if target != start[0] and states & oracle.from_state(start)
    }


def lost_with(
    oracle: Oracle, node: NodeId, starts: Collection[State], ends: dict[NodeId, set[State]]
) -> set[Pair]:
    """The pairs of others that end when the node goes with all of its states."""
    left = oracle.graph.subgraph(state for state in oracle.graph if state[0] != node)
    without = Oracle(oracle.nodes, oracle.edges, nx.DiGraph(left))
    others = [start for start in starts if start[0] != node]
    return pairs(oracle, others, ends) - pairs(without, others, ends)


def always_passed(oracle: Oracle, goals: set[State], start: State) -> set[State]:
    """The states that every way from the start to the goals passes, the start included."""
    backwards = oracle.graph.reverse()
    backwards.add_edges_from((("root", None), goal) for goal in goals)
    above = nx.immediate_dominators(backwards, ("root", None))
    found: set[State] = set()
    at = start
    while at in above and above[at] is not None and at not in found:
        found.add(at)
        at = above[at]
    return found - {("root", None)}
