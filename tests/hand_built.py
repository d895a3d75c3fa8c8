"""Rows of any platform built by hand: facts, Grants with their needs, and what is left when one of them goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from builders import NOW
from resolved import State, reach, view_of_rows

from access.decision import Alternative, Need, Revocable, RevocableKind
from access.rows import revocable_props
from graph.model import (
    GLOBAL_REGION,
    Basis,
    Batch,
    Capability,
    Certainty,
    Conclusions,
    Coverage,
    CoverageKey,
    Edge,
    Node,
    NodeId,
    Outcome,
    digest,
)
from graph.projection import View
from graph.store import Store
from queries.revoke import without


def held(kind: RevocableKind, what: str, holder: str) -> Revocable:
    """Something concrete that can be taken away from the holder."""
    return Revocable(kind, holder=holder, member=what, owner="here")


class Hand:
    """Facts of one platform and conclusions about them; methods return ids."""

    def __init__(self, platform: str) -> None:
        self.key = CoverageKey(platform, "here", GLOBAL_REGION, "hand.list")
        self.facts: list[Node | Edge] = []
        self.nodes: dict[NodeId, Node] = {}
        self.edges: list[Edge] = []
        self.because: dict[NodeId, tuple[Need, ...]] = {}

    def node(self, name: str, kind: str, **props: Any) -> NodeId:
        """A fact."""
        given = {"name": name, "platform": self.key.platform}
        node = Node(NodeId(name), kind, {**given, **props}, asserted_by=frozenset({self.key}))
        self.facts.append(node)
        return node.id

    def edge(self, kind: str, source: str, target: str, **more: Any) -> Edge:
        """A fact."""
        keys = frozenset({self.key})
        edge = Edge(kind, NodeId(source), NodeId(target), asserted_by=keys, **more)
        self.facts.append(edge)
        return edge

    def member(self, identity: NodeId, group: NodeId) -> Revocable:
        """The membership, and the Revocable that ends it."""
        self.edge("MEMBER_OF", identity, group)
        return Revocable(RevocableKind.MEMBERSHIP, holder=identity, member=group, owner="here")

    def grant(
        self,
        holder: NodeId,
        capability: Capability,
        target: NodeId | Iterable[NodeId],
        how: str,
        *needs: Iterable[Iterable[Revocable]],
        certainty: Certainty = Certainty.DEFINITE,
        cost: int = 1,
    ) -> NodeId:
        """A Grant; each need is its alternatives, each alternative the Revocables that it takes."""
        on = target if isinstance(target, str) else self._set(tuple(target))
        made = NodeId("grant:" + digest(holder, capability, how, on))
        props = {"capability": capability.value, "how": how, "holder": holder}
        self.nodes[made] = Node(made, "Grant", {**props, "certainty": certainty.label})
        self.edges.append(Edge("HOLDS", holder, made, cost=0))
        self.edges.append(Edge("ON", made, on, certainty=certainty, cost=cost))
        self.because[made] = tuple(
            Need(f"need {number}", tuple(Alternative(tuple(sorted(one))) for one in need))
            for number, need in enumerate(needs)
        )
        for number, need in enumerate(self.because[made]):
            for option, alternative in enumerate(need.alternatives):
                for revocable in alternative.revocables:
                    self._reason(made, number, option, need.name, revocable)
        return made

    def _set(self, members: tuple[NodeId, ...]) -> NodeId:
        known = [*self.nodes.values(), *(row for row in self.facts if isinstance(row, Node))]
        kind = next(node.kind for node in known if node.id in members)
        made = NodeId("set:" + digest(*members))
        self.nodes[made] = Node(made, "AssetSet", {"of_kind": kind, "selector": "by hand"})
        self.edges += [Edge("COVERS", made, member, cost=0) for member in members]
        return made

    def _reason(
        self, grant: NodeId, number: int, option: int, name: str, revocable: Revocable
    ) -> None:
        props = {k: v for k, v in revocable_props(revocable).items() if v not in ("", False)}
        self.nodes[revocable.id] = Node(revocable.id, "Revocable", props)
        self.edges.append(
            Edge(
                "BECAUSE",
                grant,
                revocable.id,
                discriminator=f"{number}:{option}",
                cost=0,
                props={"need": number, "alternative": option, "need_name": name},
            )
        )

    def yields(
        self, node: NodeId, have: Capability, gain: Capability, technique: str, *, cost: int = 2
    ) -> None:
        """A step on the node that does not depend on who takes it."""
        self.edges.append(
            Edge(
                "YIELDS",
                node,
                node,
                discriminator=f"{technique}:{have}:{gain}",
                basis=Basis.INFERRED,
                cost=cost,
                props={"have": have.value, "gain": gain.value, "technique": technique},
            )
        )

    def potential(self, name: str, kind: str, technique: str, runs_as: NodeId) -> NodeId:
        """A workload that a technique would create as the identity."""
        made = NodeId(f"potential:{technique}/{runs_as}")
        props = {"name": name, "platform": self.key.platform, "potential": True}
        self.nodes[made] = Node(made, kind, {**props, "technique": technique})
        self.edges.append(Edge("RUNS_AS", made, runs_as, basis=Basis.INFERRED))
        return made

    # Asking.

    @property
    def view(self) -> View:
        """Facts and conclusions as the engine sees them."""
        nodes = [row for row in self.facts if isinstance(row, Node)]
        edges = [row for row in self.facts if isinstance(row, Edge)]
        return view_of_rows([*nodes, *self.nodes.values()], [*edges, *self.edges])

    def reach(self, start: NodeId) -> dict[State, Certainty]:
        return reach(self.view, start)

    def reach_without(self, start: NodeId, *gone: Revocable) -> dict[State, Certainty]:
        grants = {id_: node for id_, node in self.nodes.items() if node.kind == "Grant"}
        left = without(
            self.view, gone, grants=grants, needs=lambda grant, _who, _what: self.because[grant.id]
        )
        return reach(left, start)

    def commit(self, store: Store) -> None:
        """Write everything as one run: the store refuses what the schema does not carry."""
        with store.begin(started=NOW, tool_version="test") as run:
            run.cover((Coverage(self.key, Outcome.OK),))
            run.put(Batch.of(self.facts))
            run.close_unseen()
            run.conclude(Conclusions(tuple(self.nodes.values()), tuple(self.edges)))
            run.commit()
