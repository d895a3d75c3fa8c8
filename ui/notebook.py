"""The questions for notebooks: an estate that is opened by its store, answers as frames beside their values.

    >>> estate = open_estate("sqlite:///estate.db")
    >>> estate.blast("arn:aws:iam::111111111111:user/ana").frame
    >>> estate.neighbourhood("arn:aws:s3:::claims", hops=2)

A node is named as on the command line: by its id, its name, or the end of its id. Nothing is written to the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from access.edit import edited, edits_of
from graph.errors import QueryError, with_advice
from graph.model import Capability, NodeId
from graph.projection import view_of
from graph.store import Store
from graph.stores import open_store
from graph.view import CERTAINTIES, Keep, View
from queries.again import Again
from queries.attack_paths import AttackPaths, attack_paths, usual_entries
from queries.choke import ChokePoints, choke_points
from queries.cut import Cut, Terms, revocations
from queries.exposure import Exposure, Exposures, exposure, exposures
from queries.fixes import Evidence
from queries.paths import Path, cheapest_path
from queries.reach import Blast, BlastRadii, blast_radii, blast_radius
from queries.selection import Selection
from queries.whatif import WhatIf, what_if
from ui.evidence import evidence_of
from ui.lookup import find

if TYPE_CHECKING:
    import networkx as nx
    from pandas import DataFrame

V = TypeVar("V")
_ALL = Keep()
_USUAL = Terms()
MOST = 5_000


@dataclass(frozen=True)
class Framed(Generic[V]):
    """An answer: the value itself, and its rows as a frame."""

    value: V
    rows: tuple[Mapping[str, object], ...]

    @cached_property
    def frame(self) -> DataFrame:
        """The rows; a column per member of a row."""
        from pandas import DataFrame  # noqa: PLC0415  # slow to load

        return DataFrame(list(self.rows))


def open_estate(url: str) -> Estate:
    """The estate in the store of this URL, at its newest version."""
    return Estate(open_store(url))


class Estate:
    """One version of a store, asked; whoever wants a newer one opens it again."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @cached_property
    def view(self) -> View:
        """The projection, made when first asked for."""
        return view_of(self.store, cache=None)

    @cached_property
    def evidence(self) -> Evidence:
        """Where the reasons of Grants come from."""
        return evidence_of(self.store)

    def node(self, text: str) -> NodeId:
        """The node that the text names: by id, by name, or by the end of an id."""
        return find(self.view, text)

    def select(self, text: str) -> tuple[NodeId, ...]:
        """The nodes of a selection (`queries.selection`), such as `kind:Dataset+tag:pii`."""
        return Selection(text).nodes(self.view, find=find)

    def blast(
        self, start: str, *, capability: Capability | None = None, keep: Keep = _ALL
    ) -> Framed[Blast]:
        """What one node reaches; a row per state."""
        found = blast_radius(self.view, self.node(start), capability=capability, keep=keep)
        return Framed(found, tuple(state.plain() for state in found.states))

    def blasts(self, *, keep: Keep = _ALL) -> Framed[BlastRadii]:
        """What every identity reaches; a row each."""
        found = blast_radii(self.view, keep=keep)
        return Framed(found, tuple(_flat(row.plain(), "tally", "through_public") for row in found))

    def who(
        self, asset: str, *, capability: Capability | None = None, keep: Keep = _ALL
    ) -> Framed[Exposure]:
        """Who reaches an asset; a row per identity."""
        found = exposure(self.view, self.node(asset), capability=capability, keep=keep)
        return Framed(found, tuple(row.plain() for row in (*found.identities, *found.disabled)))

    def exposures(self, *, keep: Keep = _ALL) -> Framed[Exposures]:
        """How many reach each asset; a row each."""
        found = exposures(self.view, keep=keep)
        return Framed(found, tuple(row.plain() for row in found))

    def path(
        self, source: str, target: str, *, capability: Capability | None = None, keep: Keep = _ALL
    ) -> Framed[Path | None]:
        """The cheapest path between two nodes; a row per step, none where there is no path."""
        ends = self.node(source), self.node(target)
        found = cheapest_path(self.view, *ends, capability=capability, keep=keep)
        return Framed(found, tuple(s.plain() for s in found.steps) if found else ())

    def paths(
        self, targets: str, *, entries: str | None = None, most: int = 100, keep: Keep = _ALL
    ) -> Framed[AttackPaths]:
        """The cheapest paths from the entries (by default all that may attack) to the targets; a row per group."""
        starts = usual_entries(self.view) if entries is None else self.select(entries)
        found = attack_paths(self.view, starts, self.select(targets), most, keep=keep)
        rows = (_without(group.plain(), "steps") for group in found.groups)
        return Framed(found, tuple(rows))

    def choke(
        self, targets: str, *, entries: str | None = None, recount: int = 10, keep: Keep = _ALL
    ) -> Framed[ChokePoints]:
        """What, removed, cuts most; a row per choke point."""
        found = choke_points(
            self.view,
            self.select(targets),
            entries=None if entries is None else self.select(entries),
            evidence=self.evidence,
            recount=recount,
            keep=keep,
        )
        return Framed(found, tuple(one.plain() for one in (*found.revocables, *found.nodes)))

    def cut(
        self,
        targets: str,
        *,
        entries: str | None = None,
        terms: Terms = _USUAL,
        keep: Keep = _ALL,
    ) -> Framed[Cut]:
        """The smallest cut; a row per removal."""
        found = revocations(
            self.view,
            self.select(targets),
            self.evidence,
            entries=None if entries is None else self.select(entries),
            terms=terms,
            keep=keep,
        )
        return Framed(found, tuple(one.plain() for one in found.removals))

    def what_if(self, changes: Iterable[Mapping[str, Any]], *, keep: Keep = _ALL) -> Framed[WhatIf]:
        """What changes would open and end (`access.edit`: each with its `op`); a row per pair that differs."""
        facts, run = self.store.facts(), self.store.runs()[-1]
        after = edited(facts, edits_of([dict(change) for change in changes]))
        views = (Again(one, run.started, run.version).view for one in (facts, after))
        found = what_if(*views, keep=keep, most=10_000)
        return Framed(found, tuple(pair.plain() for pair in found.pairs))

    def neighbourhood(
        self, node: str, *, hops: int = 2, most: int = MOST
    ) -> nx.MultiDiGraph[NodeId]:
        """The nodes within so many edges, whichever way these lead, as a graph of networkx.

        Nodes carry `kind`, `name` and `account`, edges `kind`, `certainty` and `conditions`. `QueryError` where there are
        more than `most` nodes.
        """
        import networkx as nx  # noqa: PLC0415  # slow to load

        chosen = self._around(self.view.position(self.node(node)), hops)
        if len(chosen) > most:
            raise with_advice(
                QueryError(f"{len(chosen):,} nodes lie within {hops} hops"),
                f"ask for fewer hops, or allow more than most={most:,}",
            )
        view = self.view
        graph: nx.MultiDiGraph[NodeId] = nx.MultiDiGraph()
        for at in sorted(chosen):
            graph.add_node(
                view.nodes.ids[at],
                kind=view.kind_of(at),
                name=view.nodes.names[at],
                account=view.account_of(at),
            )
        edges = view.edges
        inside = np.isin(edges.source, list(chosen)) & np.isin(edges.target, list(chosen))
        for at in np.flatnonzero(inside).tolist():
            graph.add_edge(
                view.nodes.ids[int(edges.source[at])],
                view.nodes.ids[int(edges.target[at])],
                kind=edges.kinds[int(edges.kind[at])],
                certainty=CERTAINTIES[int(edges.certainty[at])].label,
                conditions=edges.conditions[int(edges.condition[at])],
            )
        return graph

    def _around(self, start: int, hops: int) -> set[int]:
        edges = self.view.edges
        found, front = {start}, np.array([start])
        for _ in range(hops):
            near = np.concatenate(
                (
                    edges.target[np.isin(edges.source, front)],
                    edges.source[np.isin(edges.target, front)],
                )
            )
            front = np.array(sorted(set(near.tolist()) - found), dtype=np.int64)
            found |= set(front.tolist())
        return found


def _flat(row: Mapping[str, object], *nested: str) -> dict[str, object]:
    """The row with the members of these in its own place."""
    flat = {key: value for key, value in row.items() if key not in nested}
    for name in nested:
        inner = row[name]
        if isinstance(inner, Mapping):
            flat |= {f"{name}_{key}": value for key, value in inner.items()}
    return flat


def _without(row: Mapping[str, object], *names: str) -> dict[str, object]:
    return {key: value for key, value in row.items() if key not in names}
