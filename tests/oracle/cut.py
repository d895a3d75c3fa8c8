"""The slow twin of the smallest cut: every set of what may go, the cheapest first, each tried by walks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import combinations

from oracle.revoke import states_without
from revocable_estates import Reasoned

from access.decision import Revocable
from graph.model import NodeId
from graph.view import Keep

CONTENT = {"READ", "WRITE", "INVOKE", "CONTROL"}
Pair = tuple[NodeId, NodeId]


def standing(
    estate: Reasoned,
    starts: Collection[NodeId],
    targets: Collection[NodeId],
    gone: Collection[Revocable],
    keep: Keep,
) -> set[Pair]:
    """The pairs that still connect."""
    return {
        (start, node)
        for start in starts
        for node, capability in states_without(
            estate.nodes, estate.edges, gone, estate.needs, start=start, keep=keep
        )
        if node in targets and node != start and capability.value in CONTENT
    }


def smallest(
    free: Collection[Revocable],
    cost: Callable[[Revocable], int],
    left: Callable[[Collection[Revocable]], set[Pair]],
) -> tuple[int, set[Pair]]:
    """What the cheapest set costs that ends all that can be ended, and the pairs that cannot."""
    never = left(free)
    sets = [some for size in range(len(free) + 1) for some in combinations(sorted(free), size)]
    for some in sorted(sets, key=lambda one: sum(map(cost, one))):
        if left(some) == never:
            return sum(map(cost, some)), never
    raise AssertionError("taking everything ends what can be ended")


def hit(witnesses: Collection[frozenset[NodeId]], costs: Mapping[NodeId, int]) -> int:
    """What the cheapest set costs that holds a member of each, by trying all."""
    members = sorted({member for one in witnesses for member in one})
    return min(
        sum(costs[member] for member in some)
        for size in range(len(members) + 1)
        for some in combinations(members, size)
        if all(one & set(some) for one in witnesses)
    )
