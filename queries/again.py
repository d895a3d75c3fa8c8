"""Changed facts, resolved again: the whole graph as it would then be. Proofs and what-ifs rest on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter

from access.explain import Explainer
from access.resolve import resolve
from graph.model import Conclusions, Edge, Facts, Node, NodeId
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
    def _concluded(self) -> Conclusions:
        return resolve(self.facts, instant=self.instant)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The facts' nodes, then those that are concluded."""
        return (*self.facts.nodes, *self._concluded.nodes)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All edges, those that are concluded too, in the order of a store."""
        edges = (*self.facts.edges, *self._concluded.edges)
        key = attrgetter("source", "target", "kind", "discriminator")
        return tuple(sorted(edges, key=key))

    @cached_property
    def view(self) -> View:
        """The projection of the facts and their conclusions."""
        return project(self.nodes, self.edges, version=self.version)

    @cached_property
    def evidence(self) -> Evidence:
        """The Grants, and what gives their needs."""
        grants: dict[NodeId, Node] = {
            node.id: node for node in self._concluded.nodes if node.kind == "Grant"
        }
        explainer = Explainer(self.facts, instant=self.instant)
        return Evidence(grants, explainer.needs, explainer.denies)
