"""Whether a start escalates: to an administrator or to data, by any way or by one that uses a given technique."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.kinds.edges import ACTORS
from graph.model import Capability, Certainty, Edge, Node, NodeId
from graph.view import Flag, Keep, View
from queries.kernels.search import UNREACHED, Cheapest, cheapest
from queries.paths import Step, path_along, path_to

_RULING = "iam:UpdateAssumeRolePolicy"  # who may do this on some role rules who is what
_LATENT = "latent"


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
    view: View, start: NodeId, goals: tuple[int, ...], *, using: frozenset[str] | None = None
) -> Escalation | None:
    """The surest way from the start to one of the goals; `using` are techniques of which it must take one.

    Ways that show only later, after retraining or in answers, are none.
    """
    at = view.find(start)
    if at is None or not goals:
        return None
    for certainty in Certainty:
        keep = Keep(certainty=certainty, indirect=False)
        first = cheapest(view, keep, (view.start(at),))
        found = (
            _straight(view, keep, first, goals)
            if using is None
            else _through(view, keep, first, goals, using)
        )
        if found is not None:
            return Escalation(found, max((s.certainty for s in found), default=certainty))
    return None


def _straight(
    view: View, keep: Keep, first: Cheapest, goals: tuple[int, ...]
) -> tuple[Step, ...] | None:
    goal = _nearest(first, goals)
    return None if goal is None else path_to(view, keep, first, goal).steps


def _through(
    view: View, keep: Keep, first: Cheapest, goals: tuple[int, ...], using: frozenset[str]
) -> tuple[Step, ...] | None:
    """The way to the nearest step that is one of the techniques, and on from there."""
    arcs = view.arcs
    hows = [at for at, name in enumerate(view.nodes.hows) if name in using]
    chosen = np.flatnonzero(np.isin(arcs.how, hows) & keep.mask(view))
    ends = sorted({int(arcs.target[a]) for a in chosen if first.cost[arcs.source[a]] != UNREACHED})
    if not ends:
        return None
    then = cheapest(view, keep, tuple(ends))
    goal = _nearest(then, goals)
    if goal is None:
        return None
    rest = path_to(view, keep, then, goal)
    middle = view.state(view.position(rest.source), rest.start)
    return (*_up_to(view, keep, first, chosen, middle), *rest.steps)


def _up_to(
    view: View, keep: Keep, first: Cheapest, chosen: NDArray[np.integer], middle: int
) -> Iterator[Step]:
    """The cheapest way to the state by way of one of the chosen arcs."""
    arcs = view.arcs
    into = [
        int(a)
        for a in chosen
        if int(arcs.target[a]) == middle and first.cost[arcs.source[a]] != UNREACHED
    ]
    best = min(into, key=lambda a: (first.weight[arcs.source[a]], a))
    before = path_to(view, keep, first, int(arcs.source[best]))
    yield from before.steps
    yield from path_along(view, (best,), otherwise=middle).steps


def _nearest(found: Cheapest, goals: tuple[int, ...]) -> int | None:
    near = [goal for goal in goals if found.cost[goal] != UNREACHED]
    return min(near, key=lambda goal: (found.weight[goal], goal)) if near else None
