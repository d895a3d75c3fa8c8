"""Whether a start escalates: to an administrator or to data, by any way or by one that uses a given technique."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TypeAlias

from graph.kinds.edges import ACTORS
from graph.model import Capability, Certainty, Edge, Node, NodeId
from graph.view import Flag, Keep, View
from queries.admins import administrators
from queries.kernels.search import kept
from queries.paths import Step, path_along

_RULING = "iam:UpdateAssumeRolePolicy"  # who may do this on some role rules who is what
_LATENT = "latent"
ALL = ("iam:*",)
_Place: TypeAlias = tuple[int, bool]  # a state, and whether a wanted technique was taken on the way


@dataclass(frozen=True, slots=True)
class Escalation:
    """The surest way found: its steps in order, and the certainty of the weakest."""

    steps: tuple[Step, ...]
    certainty: Certainty

    @property
    def hows(self) -> tuple[str, ...]:
        """The techniques and actions of the way, each once."""
        return tuple(dict.fromkeys(step.technique for step in self.steps if step.technique))

    @property
    def conditions(self) -> tuple[str, ...]:
        """All that the way depends on, each once."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.conditions))

    @property
    def end(self) -> NodeId | None:
        """Where the way ends."""
        return self.steps[-1].target if self.steps else None


def administration(view: View, nodes: Iterable[Node], edges: Iterable[Edge]) -> tuple[int, ...]:
    """The states that are an administrator's: holding everything allowed, where limits leave the say over roles.

    An identity that is allowed everything behind a boundary of reading rules nothing.
    """
    kept = list(nodes)
    widened = {node.id for node in kept if node.props.get("virtual") == "all"}
    ruling = {
        node.id
        for node in kept
        if node.kind == "Grant" and str(node.props.get("holder")) in widened and _rules(node)
    }
    able = {edge.source for edge in edges if edge.kind == "HOLDS" and edge.target in ruling}
    return tuple(
        view.state(view.position(node), Capability.HELD) for node in sorted(widened & able)
    )


def ruling(view: View, nodes: Iterable[Node], edges: Iterable[Edge]) -> tuple[int, ...]:
    """The states of acting as an identity that is allowed all of IAM, whatever else it does."""
    found = (
        one.identity
        for one in administrators(nodes, edges)
        if any(w.techniques == ALL and w.certainty is Certainty.DEFINITE for w in one.ways)
    )
    return tuple(view.state(view.position(name), Capability.CONTROL) for name in found)


def _rules(grant: Node) -> bool:
    how = grant.props.get("how")
    latent = grant.props.get("latent_of")
    told = latent if isinstance(latent, tuple) else ()
    return how == _RULING or (how == _LATENT and any(str(one).endswith(_RULING) for one in told))


def control(view: View, pattern: str) -> tuple[int, ...]:
    """The states of acting as an identity whose id matches this pattern."""
    names = re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
    places = [at for at, one in enumerate(view.nodes.ids) if names.fullmatch(one)]
    return tuple(
        view.state(at, Capability.CONTROL)
        for at in places
        if view.kind_of(at) in ACTORS and view.nodes.flags[at] & Flag.PRESENT
    )


def reading(view: View, bucket: NodeId) -> tuple[int, ...]:
    """The states of reading the bucket or a named part of it; none where it is not in the graph."""
    inside = f"{bucket.rstrip('/')}/"
    places = [
        at for at, one in enumerate(view.nodes.ids) if one == bucket or one.startswith(inside)
    ]
    return tuple(
        view.state(at, Capability.READ) for at in places if view.nodes.flags[at] & Flag.PRESENT
    )


def escalation(
    view: View,
    start: NodeId,
    goals: tuple[int, ...],
    *,
    using: frozenset[str] | None = None,
    ends: tuple[int, ...] = (),
) -> Escalation | None:
    """The surest way from the start to one of the goals, of equally sure ones the cheapest.

    `using` are techniques of which it must take one before it is at any goal, or at one of the `ends`: an administrator
    may do everything, and nothing that it does shows the technique. Ways that show only later, after retraining or in
    answers, are none.
    """
    at = view.find(start)
    if at is None or not goals:
        return None
    hows = None if using is None else {p for p, h in enumerate(view.nodes.hows) if h in using}
    for certainty in Certainty:
        keep = Keep(certainty=certainty, indirect=False)
        arcs = _way(view, keep, view.start(at), (frozenset(goals), frozenset(ends)), hows)
        if arcs is not None:
            steps = path_along(view, arcs, otherwise=view.start(at)).steps
            return Escalation(steps, max((s.certainty for s in steps), default=certainty))
    return None


def _way(
    view: View,
    keep: Keep,
    start: int,
    where: tuple[frozenset[int], frozenset[int]],
    hows: set[int] | None,
) -> list[int] | None:
    """The arcs of the cheapest way (Dijkstra) over states told apart by whether a technique was taken."""
    goals, ends = where
    arranged, cost, how = kept(view, keep), view.arcs.cost, view.arcs.how
    first: _Place = (start, hows is None)
    came: dict[_Place, tuple[int, _Place] | None] = {}
    waiting: list[tuple[int, int, _Place, tuple[int, _Place] | None]] = [(0, 0, first, None)]
    while waiting:
        spent, steps, place, before = heappop(waiting)
        if place in came:
            continue
        came[place] = before
        state, taken = place
        if taken and state in goals:
            return _back(came, place)
        if not taken and (state in goals or state in ends):
            continue
        begin, end = int(arranged.indptr[state]), int(arranged.indptr[state + 1])
        for at in range(begin, end):
            arc = int(arranged.arc[at])
            after = (int(arranged.indices[at]), taken or int(how[arc]) in (hows or ()))
            if after not in came:
                step = (spent + int(cost[arc]), steps + 1, after, (arc, place))
                heappush(waiting, step)
    return None


def _back(came: dict[_Place, tuple[int, _Place] | None], place: _Place) -> list[int]:
    arcs: list[int] = []
    while (before := came[place]) is not None:
        arcs.append(before[0])
        place = before[1]
    return arcs[::-1]
