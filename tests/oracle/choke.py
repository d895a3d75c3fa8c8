"""The slow twin of choke points: take one thing away, and count again who still reaches what."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import networkx as nx
from oracle.reach import Oracle, State

from graph.model import NodeId

Pair = tuple[NodeId, NodeId]
ROOT: Any = ("root", None)
"""Joined behind all goals."""


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


def nearest(oracle: Oracle, goals: set[State]) -> dict[State, State | None]:
    """Per state that leads to the goals the nearest other one that all its ways pass; None where there is none."""
    backwards = oracle.graph.reverse()
    backwards.add_edges_from((ROOT, goal) for goal in goals)
    found = nx.immediate_dominators(backwards, ROOT)
    return {
        state: None if above in {ROOT, None} else above
        for state, above in found.items()
        if state != ROOT
    }


def always_passed(oracle: Oracle, goals: set[State], start: State) -> set[State]:
    """The states that every way from the start to the goals passes, the start included."""
    above = nearest(oracle, goals)
    found: set[State] = set()
    at: State | None = start
    while at is not None and at in above:
        found.add(at)
        at = above[at]
    return found
