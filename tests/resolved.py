"""Facts resolved, with short ways to ask for reach, Grants and what must stand for an access."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import TypeAlias

from builders import NOW

from access.decision import Alternative, Need, Revocable, RevocableKind
from access.explain import Explainer
from access.resolve import resolve
from graph.check import check_conclusions
from graph.model import Capability, Certainty, Conclusions, Edge, Facts, Node, NodeId
from graph.projection import Keep, View, project
from graph.schema import schema
from queries.reach import blast_radius
from queries.revoke import without

State: TypeAlias = tuple[NodeId, Capability]
Way: TypeAlias = tuple[frozenset[str], frozenset[str]]  # Revocables by id, conditions by text


def view_of_rows(nodes: Iterable[Node], edges: Iterable[Edge]) -> View:
    """The projection of rows in store order."""
    order = sorted(edges, key=lambda e: (e.source, e.target, e.kind, e.discriminator))
    return project(nodes, order, version=1)


def reach(view: View, start: NodeId, keep: Keep = Keep()) -> dict[State, Certainty]:  # noqa: B008  # frozen
    """What the start reaches, latent sets left out, each with its best certainty."""
    blast = blast_radius(view, start, keep=keep)
    return {(row.node, row.capability): row.certainty for row in blast.states}


class Resolved:
    """Facts with their conclusions; checked against the schema as a store would."""

    def __init__(self, facts: Facts, *, instant: datetime = NOW, lifted: bool = True) -> None:
        self.facts = facts
        self.conclusions: Conclusions = resolve(facts, instant=instant, lifted=lifted)
        self.explainer = Explainer(facts, instant=instant)
        self.nodes = {node.id: node for node in (*facts.nodes, *self.conclusions.nodes)}
        self.edges = (*facts.edges, *self.conclusions.edges)
        kinds = {node.id: node.kind for node in facts.nodes}
        check_conclusions(self.conclusions, schema(), kind_of=kinds.get)

    @cached_property
    def view(self) -> View:
        """The projection of facts and conclusions."""
        return view_of_rows(self.nodes.values(), self.edges)

    @cached_property
    def out(self) -> dict[tuple[NodeId, str], list[Edge]]:
        """Edges by source and kind."""
        found: dict[tuple[NodeId, str], list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.source, edge.kind].append(edge)
        return found

    @property
    def grants(self) -> dict[NodeId, Node]:
        """All Grants by id."""
        return {node.id: node for node in self.conclusions.nodes if node.kind == "Grant"}

    def of(self, kind: str) -> tuple[Node, ...]:
        """The concluded nodes of this kind."""
        return tuple(node for node in self.conclusions.nodes if node.kind == kind)

    # Reach.

    def reach(self, start: NodeId, keep: Keep = Keep()) -> dict[State, Certainty]:  # noqa: B008  # frozen
        """What the start reaches, each state with its best certainty."""
        return reach(self.view, start, keep)

    def how_sure(
        self, start: NodeId, target: NodeId, capability: Capability = Capability.READ
    ) -> Certainty | None:
        """The certainty with which the start reaches the state; None where it does not."""
        if start not in self.nodes:
            return None
        return self.reach(start).get((target, capability))

    def reach_without(self, start: NodeId, *gone: Revocable) -> dict[State, Certainty]:
        """What the start reaches on the arrays without these Revocables."""
        left = without(self.view, gone, grants=self.grants, needs=self.explainer.needs)
        return reach(left, start)

    # Grants of one identity.

    def holders(self, identity: NodeId) -> set[NodeId]:
        """The identity, its groups through nesting, its classes: whatever holds Grants for it."""
        found, todo = {identity}, [identity]
        while todo:
            node = todo.pop()
            for kind in ("MEMBER_OF", "IN_CLASS"):
                for edge in self.out.get((node, kind), ()):
                    if edge.target not in found:
                        found.add(edge.target)
                        todo.append(edge.target)
        return found

    def held(self, identity: NodeId) -> Iterator[tuple[Node, Edge, NodeId]]:
        """(Grant, its ON edge, target) of everything that it holds without widening itself."""
        for holder in sorted(self.holders(identity)):
            yield from self.held_by(holder)

    def held_by(self, holder: NodeId) -> Iterator[tuple[Node, Edge, NodeId]]:
        """(Grant, its ON edge, target) of everything that the node itself holds."""
        for holds in self.out.get((holder, "HOLDS"), ()):
            for on in self.out.get((holds.target, "ON"), ()):
                members = [edge.target for edge in self.out.get((on.target, "COVERS"), ())]
                for target in members or [on.target]:
                    yield self.nodes[holds.target], on, target

    def grants_on(
        self, identity: NodeId, target: NodeId, capability: Capability = Capability.READ
    ) -> list[Node]:
        """The Grants by which it has the capability on the target without widening itself."""
        return [
            grant
            for grant, _on, reached in self.held(identity)
            if reached == target and grant.props["capability"] == capability.value
        ]

    # Why.

    def needs(
        self, identity: NodeId, target: NodeId, capability: Capability = Capability.READ
    ) -> list[tuple[Need, ...]]:
        """The concrete needs of each of those Grants, the routes of memberships to a holding group included."""
        found = []
        for grant in self.grants_on(identity, target, capability):
            needs = self.explainer.needs(grant, identity, target)
            holder = NodeId(str(grant.props["holder"]))
            if self.nodes[holder].kind == "Group":
                needs = (*needs, Need("membership", tuple(self.routes(identity, holder))))
            found.append(needs)
        return found

    def routes(self, identity: NodeId, group: NodeId) -> Iterator[Alternative]:
        """Each chain of memberships from the identity to the group."""
        todo: list[tuple[NodeId, tuple[Revocable, ...]]] = [(identity, ())]
        while todo:
            node, route = todo.pop()
            for edge in self.out.get((node, "MEMBER_OF"), ()):
                step = Revocable(
                    RevocableKind.MEMBERSHIP,
                    holder=str(node),
                    member=str(edge.target),
                    owner=str(edge.target).split(":")[4],
                )
                if edge.target == group:
                    yield Alternative((*route, step))
                elif all(one.member != str(edge.target) for one in route):
                    todo.append((edge.target, (*route, step)))

    def revocables(
        self, identity: NodeId, target: NodeId, capability: Capability = Capability.READ
    ) -> dict[str, Revocable]:
        """Every Revocable of those needs, by its id."""
        return {
            revocable.id: revocable
            for needs in self.needs(identity, target, capability)
            for need in needs
            for alternative in need.alternatives
            for revocable in alternative.revocables
        }

    def cuts(
        self, identity: NodeId, target: NodeId, capability: Capability = Capability.READ
    ) -> set[str]:
        """The words of each Revocable whose loss alone, on the arrays, takes the state away."""
        found = self.revocables(identity, target, capability).values()
        return {
            label(one)
            for one in found
            if (target, capability) not in self.reach_without(identity, one)
        }


def label(revocable: Revocable) -> str:
    """A Revocable in a few words, for assertions: kind, last part of the holder, statement or member."""
    holder = revocable.holder.rpartition("/")[2] or revocable.holder
    holder = holder.rpartition(":")[2]
    what = revocable.statement or revocable.member.rpartition("/")[2]
    return f"{revocable.kind} {holder} {what}".strip()
