"""Changed facts, resolved again: the whole graph as it would then be. Proofs and what-ifs rest on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from access.explain import Explainer
from access.resolve import resolve
from graph.model import Facts, Node, NodeId
from graph.projection import project
from graph.view import View
from queries.fixes import Evidence


@dataclass(frozen=True)
class Again:
    """Facts with what follows from them at one instant; resolved when first asked."""

    facts: Facts
    instant: datetime
    version: int = 0  # of the store that the facts come from

    @cached_property
    def _concluded(self) -> tuple[tuple[Node, ...], View]:
        found = resolve(self.facts, instant=self.instant)
        nodes = (*self.facts.nodes, *found.nodes)
        edges = sorted(
            (*self.facts.edges, *found.edges),
            key=lambda edge: (edge.source, edge.target, edge.kind, edge.discriminator),
        )
        return found.nodes, project(nodes, edges, version=self.version)

    @property
    def view(self) -> View:
        """The projection of the facts and their conclusions."""
        return self._concluded[1]

    @cached_property
    def evidence(self) -> Evidence:
        """The Grants, and what gives their needs."""
        grants: dict[NodeId, Node] = {
            node.id: node for node in self._concluded[0] if node.kind == "Grant"
        }
        explainer = Explainer(self.facts, instant=self.instant)
        return Evidence(grants, explainer.needs, explainer.denies)
