"""An estate as the engine holds it, with slow and obvious walks: what saved queries are compared with."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graph.model import Change, Coverage, Edge, FindingRow, Node
from graph.schema import schema
from graph.view import CAPABILITIES, CERTAINTIES, Flag, View

State = tuple[str, str]  # node, capability
Row = tuple[Any, ...]
PASSED = {"HELD", "DELEGATE"}


@dataclass
class Estate:
    """Everything that a saved query may speak of, as the engine holds it."""

    rows: Iterable[Node]
    edges: tuple[Edge, ...]
    view: View
    measures: Mapping[str, Mapping[str, Any]]
    findings: tuple[FindingRow, ...]
    coverage: tuple[Coverage, ...]
    changes: tuple[Change, ...]
    first_runs: Mapping[str, int]
    nodes: dict[str, Node] = field(init=False)

    def __post_init__(self) -> None:
        self.nodes = {node.id: node for node in self.rows}

    def said(self, node: str, name: str) -> Any:
        return self.measures.get(node, {}).get(name)

    def name(self, node: str) -> Any:
        return self.prop(node, "name")

    def prop(self, node: str, name: str) -> Any:
        return self.nodes[node].props.get(name)

    def kind(self, node: str) -> str:
        return self.nodes[node].kind

    def asset(self, node: str) -> bool:
        return self.said(node, "asset") is True

    def of(self, *kinds: str) -> list[Edge]:
        return [edge for edge in self.edges if edge.kind in kinds]

    def told(self, ids: Iterable[str], *props: str) -> set[Row]:
        return {
            (self.kind(one), self.name(one), *(self.prop(one, p) for p in props), one)
            for one in ids
        }

    # States.

    @cached_property
    def states(self) -> list[State]:
        view = self.view
        return [
            (view.nodes.ids[node], CAPABILITIES[code].value)
            for node, code in zip(
                view.state_node.tolist(), view.state_capability.tolist(), strict=True
            )
        ]

    @cached_property
    def moves(self) -> dict[State, list[tuple[State, str, str, bool]]]:
        arcs, found = self.view.arcs, defaultdict(list)
        for at in range(len(arcs.source)):
            found[self.states[arcs.source[at]]].append(
                (
                    self.states[arcs.target[at]],
                    self.view.edges.kinds[arcs.kind[at]],
                    CERTAINTIES[arcs.certainty[at]].label,
                    bool(arcs.indirect[at]),
                )
            )
        return found

    def entries(self) -> Iterator[State]:
        for node in self.view.where(Flag.ACTOR).tolist():
            kind = schema().node(self.view.nodes.kinds[int(self.view.nodes.kind[node])])
            start = kind.start if kind.start in kind.caps else kind.caps[0]
            yield self.view.nodes.ids[node], start.value

    def entry(self, node: str) -> list[State]:
        return [state for state in self.entries() if state[0] == node]

    def within(
        self, starts: Iterable[State], moves: int, *, sure: bool = False
    ) -> dict[State, int]:
        """The states that one to so many moves lead to, with the least number; a start only by a way back."""
        found: dict[State, int] = {}
        edge = set(starts)
        for step in range(1, moves + 1):
            edge = {
                target
                for state in edge
                for target, _, certainty, indirect in self.moves.get(state, ())
                if not sure or (certainty == "definite" and not indirect)
            }
            edge -= found.keys()
            found |= dict.fromkeys(edge, step)
        return found

    def reached(self, starts: Iterable[State], moves: int, *, sure: bool = False) -> set[State]:
        return {one for one in self.within(starts, moves, sure=sure) if one[1] not in PASSED}

    def reaching(self, goals: set[State], moves: int) -> set[str]:
        return {one[0] for one in self.entries() if goals & self.within([one], moves).keys()}

    # Edges.

    def walk(self, start: str, kinds: set[str], most: int, *, back: bool = False) -> set[str]:
        """The nodes that one to so many edges lead to."""
        next_: dict[str, set[str]] = defaultdict(set)
        for edge in self.of(*kinds):
            a, b = (edge.target, edge.source) if back else (edge.source, edge.target)
            next_[a].add(b)
        found: set[str] = set()
        at = deque([(start, 0)])
        while at:
            node, depth = at.popleft()
            for one in next_[node]:
                if one not in found and depth < most:
                    found.add(one)
                    at.append((one, depth + 1))
        return found

    def through(self, holder: str) -> set[str]:
        return {holder} | self.walk(holder, {"MEMBER_OF", "IN_CLASS"}, 6)

    @cached_property
    def on(self) -> list[tuple[str, str, str]]:
        """Holder, Grant and what it is on."""
        targets: dict[str, list[str]] = defaultdict(list)
        for edge in self.of("ON"):
            targets[edge.source].append(edge.target)
        return [(e.source, e.target, t) for e in self.of("HOLDS") for t in targets[e.target]]
