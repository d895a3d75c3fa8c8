"""Attack paths: the cheapest way from one node to another, step by step and as hops that people read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.model import Capability, Certainty, EdgeId, NodeId
from graph.view import CERTAINTIES, PASSED, Flag, Keep, View
from queries.kernels.search import Cheapest, cheapest, way_back


@dataclass(frozen=True, slots=True)
class Step:
    """One arc of a path: having `have` at `source` gives `gain` at `target`; `edge` and `arc` are view positions."""

    arc: int
    edge: int
    edge_id: EdgeId
    kind: str
    source: NodeId
    have: Capability
    target: NodeId
    gain: Capability
    certainty: Certainty
    conditions: tuple[str, ...]
    indirect: bool
    cost: int
    grant: NodeId | None
    technique: str | None  # the technique or action that the arc stands for

    def plain(self) -> dict[str, object]:
        """The step as plain types, for JSON."""
        return {
            "edge": self.edge_id,
            "kind": self.kind,
            "source": self.source,
            "have": self.have.value,
            "target": self.target,
            "gain": self.gain.value,
            "certainty": self.certainty.label,
            "conditions": list(self.conditions),
            "indirect": self.indirect,
            "cost": self.cost,
            "grant": self.grant,
            "how": self.technique,
        }


@dataclass(frozen=True, slots=True)
class Path:
    """A way from a start state to a target state; as certain as its weakest step.

    `public` says that it starts at everyone (`source` is then the Public node), although another start was asked for.
    """

    source: NodeId
    start: Capability
    target: NodeId
    capability: Capability
    steps: tuple[Step, ...]
    public: bool = False

    @property
    def cost(self) -> int:
        """The attacker's effort: the sum over the steps."""
        return sum(step.cost for step in self.steps)

    @property
    def certainty(self) -> Certainty:
        """The certainty of the weakest step."""
        return max((step.certainty for step in self.steps), default=Certainty.DEFINITE)

    @property
    def conditions(self) -> tuple[str, ...]:
        """All that the path depends on, each once, in walking order."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.conditions))

    @property
    def indirect(self) -> bool:
        """Whether some step shows only later (after retraining, in answers)."""
        return any(step.indirect for step in self.steps)

    @property
    def states(self) -> tuple[tuple[NodeId, Capability], ...]:
        """The states passed, both ends included."""
        return (
            (self.source, self.start),
            *((step.target, step.gain) for step in self.steps),
        )

    def plain(self) -> dict[str, object]:
        """The path as plain types, for JSON."""
        return {
            "source": self.source,
            "start": self.start.value,
            "target": self.target,
            "capability": self.capability.value,
            "cost": self.cost,
            "certainty": self.certainty.label,
            "conditions": list(self.conditions),
            "indirect": self.indirect,
            "public": self.public,
            "steps": [step.plain() for step in self.steps],
        }


def cheapest_path(
    view: View,
    source: NodeId,
    target: NodeId,
    *,
    start: Capability | None = None,
    capability: Capability | None = None,
    keep: Keep = Keep(),  # noqa: B008 - a frozen value
) -> Path | None:
    """The least costly path (of those the shortest) to the capability, or to any access where none is named.

    Where the source itself has no way but everyone on the internet has, that path is returned, marked `public`.
    """
    first = view.start(view.position(source), start)
    goals = goals_of(view, target, capability)
    for starts, public in (((first,), False), (public_starts(view, first), True)):
        found = cheapest(view, keep, starts)
        near = [
            goal for goal in goals if found.cost[goal] >= 0 and (not public or goal not in starts)
        ]
        if near:
            best = min(near, key=lambda goal: (found.weight[goal], goal))
            return path_to(view, keep, found, best, public=public)
    return None


def goals_of(view: View, target: NodeId, capability: Capability | None) -> tuple[int, ...]:
    """The states that count as reaching the target: the one named, or every state that is access."""
    position = view.position(target)
    if capability is not None:
        return (view.state(position, capability),)
    states = view.states_of(position)
    access = tuple(state for state in states if view.capability(state) not in PASSED)
    return access or tuple(states)


def public_starts(view: View, start: int) -> tuple[int, ...]:
    """The states of everyone that a reach from this start adds; none where the start is such a state itself."""
    if view.nodes.flags[view.state_node[start]] & Flag.PUBLIC:
        return ()
    return everyone(view)


def everyone(view: View) -> tuple[int, ...]:
    """The start states of the Public nodes that are present."""
    return view.remember(
        "everyone",
        lambda: tuple(
            view.start(int(node))
            for node in view.where(Flag.PUBLIC)
            if view.nodes.flags[node] & Flag.PRESENT
        ),
    )


def path_to(view: View, keep: Keep, found: Cheapest, goal: int, *, public: bool = False) -> Path:
    """The path that a finished search found to this state."""
    arcs = way_back(view, keep, found, goal)
    return path_along(view, arcs, otherwise=goal, public=public)


def path_along(view: View, arcs: Iterable[int], *, otherwise: int, public: bool = False) -> Path:
    """The path along these arcs; an empty one stays at `otherwise`."""
    walked = tuple(arcs)
    first = int(view.arcs.source[walked[0]]) if walked else otherwise
    last = int(view.arcs.target[walked[-1]]) if walked else otherwise
    ids = view.nodes.ids
    return Path(
        source=ids[view.state_node[first]],
        start=view.capability(first),
        target=ids[view.state_node[last]],
        capability=view.capability(last),
        steps=tuple(_step(view, arc) for arc in walked),
        public=public,
    )


def _step(view: View, arc: int) -> Step:
    arcs, edges, nodes = view.arcs, view.edges, view.nodes
    edge, source, target = int(arcs.edge[arc]), int(arcs.source[arc]), int(arcs.target[arc])
    grant, how = int(arcs.grant[arc]), int(arcs.how[arc])
    return Step(
        arc=arc,
        edge=edge,
        edge_id=view.edge_id(edge),
        kind=edges.kinds[int(arcs.kind[arc])],
        source=nodes.ids[int(view.state_node[source])],
        have=view.capability(source),
        target=nodes.ids[int(view.state_node[target])],
        gain=view.capability(target),
        certainty=CERTAINTIES[int(arcs.certainty[arc])],
        conditions=edges.conditions[int(edges.condition[edge])],
        indirect=bool(arcs.indirect[arc]),
        cost=int(arcs.cost[arc]),
        grant=nodes.ids[grant] if grant >= 0 else None,
        technique=nodes.hows[how] if how >= 0 else None,
    )
