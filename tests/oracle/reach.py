"""The slow twin of the questions about reach: a networkx graph of states, walked from every start by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import networkx as nx

from graph.model import Capability, Edge, Node, NodeId
from graph.moves import Arc, arcs_of
from graph.schema import is_asset, schema
from graph.view import Keep

ACTORS = {"User", "Role", "ServiceAccount", "Application", "Person", "Group", "External", "Public"}
State = tuple[NodeId, Capability]
STEP = 1_000_000


@dataclass(frozen=True)
class Oracle:
    """The graph of states of some rows under one filter."""

    nodes: dict[NodeId, Node]
    edges: tuple[Edge, ...]
    graph: nx.DiGraph[State]

    @staticmethod
    def of(nodes: Iterable[Node], edges: Iterable[Edge], keep: Keep) -> Oracle:
        by_id = {node.id: node for node in nodes}
        graph: nx.DiGraph[State] = nx.DiGraph()
        for node in by_id.values():
            graph.add_nodes_from((node.id, cap) for cap in schema().node(node.kind).caps)
        rows = tuple(edges)
        for edge, arc in kept_arcs(by_id, rows, keep):
            ends = (arc.source, arc.have), (arc.target, arc.gain)
            weight = edge.cost * STEP + 1
            known = graph.get_edge_data(*ends)
            if known is None or weight < known["weight"]:
                graph.add_edge(*ends, weight=weight)
        return Oracle(by_id, rows, graph)

    def start(self, node: NodeId) -> State:
        start = schema().node(self.nodes[node].kind).start
        assert start is not None
        return node, start

    @property
    def actors(self) -> list[NodeId]:
        return sorted(n.id for n in self.nodes.values() if n.kind in ACTORS and n.present)

    def from_state(self, state: State) -> set[State]:
        return nx.descendants(self.graph, state) | {state}

    def everyone(self) -> set[State]:
        starts = {self.start(n.id) for n in self.nodes.values() if n.kind == "Public" and n.present}
        reached: set[State] = set()
        for start in starts:
            reached |= self.from_state(start)
        return reached - starts

    def reach(self, start: State) -> tuple[set[State], set[State]]:
        """What the start reaches by itself, and what only everyone's reach adds; its own states left out."""
        own = {state for state in self.from_state(start) if state[0] != start[0]}
        if self.nodes[start[0]].kind == "Public":
            return own, set()
        return own, {state for state in self.everyone() if state[0] != start[0]} - own

    def tally(self, states: set[State]) -> dict[str, object]:
        """The tally of these states in the plain form that `Tally.plain` has."""
        counts: Counter[tuple[str, str]] = Counter()
        assets: set[NodeId] = set()
        for node_id, capability in states:
            node = self.nodes[node_id]
            hidden = node.kind in {"PrincipalClass", "Grant", "AssetSet"}
            if capability.value in {"HELD", "DELEGATE"} or hidden or node.props.get("potential"):
                continue
            counts[node.kind, capability.value] += 1
            if is_asset(node):
                assets.add(node_id)
        heaviest: dict[NodeId, int] = {}
        for asset in assets:
            anchor = self.anchor(asset)
            heaviest[anchor] = max(heaviest.get(anchor, -1), self.weight(asset))
        latent = {
            node_id
            for node_id, _ in states
            if self.nodes[node_id].kind == "AssetSet" and self.nodes[node_id].props.get("latent")
        }
        return {
            "states": [
                {"kind": kind, "capability": capability, "number": number}
                for (kind, capability), number in sorted(counts.items())
            ],
            "assets": dict(sorted(Counter(self.nodes[asset].kind for asset in assets).items())),
            "sensitivity": sum(weight for weight in heaviest.values() if weight > 0),
            "unrated": sum(weight < 0 for weight in heaviest.values()),
            "latent_sets": len(latent),
        }

    def parents(self, node: NodeId) -> list[NodeId]:
        return sorted(
            edge.target
            for edge in self.edges
            if edge.kind == "PART_OF" and edge.source == node and edge.target != node
        )

    def anchor(self, node: NodeId) -> NodeId:
        """The top of the chain of smallest parents; the smallest of the cycle where it ends in one."""
        chain = [node]
        while parents := self.parents(chain[-1]):
            if parents[0] in chain:
                return min(chain[chain.index(parents[0]) :])
            chain.append(parents[0])
        return chain[-1]

    def weight(self, node: NodeId) -> int:
        """The highest sensitivity of the node and of everything that it is part of; -1 where none is stated."""
        around, open_ends = {node}, [node]
        while open_ends:
            for parent in self.parents(open_ends.pop()):
                if parent not in around:
                    around.add(parent)
                    open_ends.append(parent)
        return max(int(self.nodes[n].props.get("sensitivity", -1)) for n in around)  # type: ignore[arg-type]  # an int

    def costs(self, start: State) -> dict[State, tuple[int, int]]:
        """Least cost and steps to each state."""
        lengths = nx.single_source_dijkstra_path_length(self.graph, start)
        return {state: divmod(int(length), STEP) for state, length in lengths.items()}


def kept_arcs(
    nodes: dict[NodeId, Node], edges: Iterable[Edge], keep: Keep
) -> Iterator[tuple[Edge, Arc]]:
    for edge in edges:
        if edge.certainty > keep.certainty:
            continue
        if keep.edge_kinds is not None and edge.kind not in keep.edge_kinds:
            continue
        source, target = nodes[edge.source], nodes[edge.target]
        if technique_of(edge, source, target) in keep.without_techniques:
            continue
        for arc in arcs_of(edge, source, target, schema()):
            if (keep.indirect or not arc.indirect) and (arc.source, arc.have) != (
                arc.target,
                arc.gain,
            ):
                yield edge, arc


def technique_of(edge: Edge, source: Node, target: Node) -> object:
    """What the edge stands for: its own technique, its Grant's `how`, or the one that makes its potential source."""
    if edge.props.get("technique"):
        return edge.props["technique"]
    if edge.kind == "HOLDS":
        return target.props.get("how")
    if edge.kind == "ON":
        return source.props.get("how")
    return source.props.get("technique") if source.props.get("potential") else None
