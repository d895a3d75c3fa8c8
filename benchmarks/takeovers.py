"""Who takes over whom in a view, counted as another tool counts it: from user or role to user or role, others between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from graph.model import Certainty, NodeId
from graph.view import View


@dataclass(frozen=True, slots=True)
class Takeovers:
    """By user or role, the users and roles next on a way from it: none lies between."""

    next: Mapping[NodeId, frozenset[NodeId]]

    def pairs(self, admins: Collection[NodeId]) -> set[tuple[str, str]]:
        """From whom to whom, where it does not start at an administrator, who needs none."""
        others = {start: ends for start, ends in self.next.items() if start not in admins}
        return {(start, end) for start, ends in others.items() for end in ends}

    def escalating(self, admins: Collection[NodeId]) -> set[str]:
        """Who is no administrator and becomes one, in any number of steps."""
        others = (start for start in self.next if start not in admins)
        return {start for start in others if not self._after(start).isdisjoint(admins)}

    def _after(self, start: NodeId) -> set[NodeId]:
        seen, todo = {start}, [start]
        while todo:
            fresh = self.next[todo.pop()] - seen
            seen |= fresh
            todo += fresh
        return seen


def takeovers(view: View, certainty: Certainty) -> Takeovers:
    """The takeovers that are at least so certain."""
    arcs = view.arcs
    kept = arcs.certainty <= int(certainty)
    out: dict[int, list[int]] = defaultdict(list)
    for source, target in zip(arcs.source[kept].tolist(), arcs.target[kept].tolist(), strict=True):
        out[source].append(target)
    people = [at for at in range(len(view.nodes.ids)) if view.kind_of(at) in {"User", "Role"}]
    whose = {view.start(at): view.nodes.ids[at] for at in people}
    return Takeovers({whose[start]: _next(start, out, whose) for start in whose})


def _next(
    start: int, out: Mapping[int, list[int]], whose: Mapping[int, NodeId]
) -> frozenset[NodeId]:
    """The first users and roles on all ways from this state."""
    seen, todo, met = {start}, [start], set[NodeId]()
    while todo:
        for state in out.get(todo.pop(), ()):
            if state in seen:
                continue
            seen.add(state)
            if state in whose:
                met.add(whose[state])
            else:
                todo.append(state)
    return frozenset(met)
