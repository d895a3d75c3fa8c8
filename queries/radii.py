"""The blast radii of many nodes as one table of sums; rows are told on demand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from graph.errors import QueryError
from graph.model import Capability, NodeId
from graph.schema import schema
from graph.view import Flag, Keep, Mask, View
from queries.items import Columns, Items, items_of
from queries.kernels.condense import Edges
from queries.kernels.lists import Lists, Longs
from queries.kernels.search import kept, reached
from queries.kernels.sweep import Peeks, sweep
from queries.paths import everyone
from queries.tally import Tally


@dataclass(frozen=True, slots=True)
class Radius:
    """The blast radius of one identity: `tally` of all, and what of it only everyone's reach adds."""

    identity: NodeId
    name: str
    kind: str
    account: str
    start: Capability
    external: bool
    public: bool
    disabled: bool
    tally: Tally
    through_public: Tally

    def plain(self) -> dict[str, object]:
        """The row as plain types, for JSON."""
        return {
            "identity": self.identity,
            "name": self.name,
            "kind": self.kind,
            "account": self.account,
            "start": self.start.value,
            "external": self.external,
            "public": self.public,
            "disabled": self.disabled,
            "tally": self.tally.plain(),
            "through_public": self.through_public.plain(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class BlastRadii:
    """A row per identity, in id order. `own` holds the sums of its own reach, `public` what everyone's adds."""

    view: View
    starts: Longs  # states
    columns: Columns
    own: Longs
    public: Longs

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[Radius]:
        return (self.row(at) for at in range(len(self)))

    @property
    def sensitivity(self) -> Longs:
        """Per row the sum of sensitivity, everyone's reach included."""
        column = self.columns.sensitivity
        sums: Longs = self.own[:, column] + self.public[:, column]
        return sums

    @property
    def assets(self) -> Longs:
        """Per row the number of assets, everyone's reach included."""
        columns = slice(len(self.columns.cells), self.columns.sensitivity)
        sums: Longs = (self.own[:, columns] + self.public[:, columns]).sum(axis=1)
        return sums

    def top(self, most: int) -> tuple[Radius, ...]:
        """The rows with the highest sensitivity, then the most assets, then by id."""
        order = np.lexsort((np.arange(len(self)), -self.assets, -self.sensitivity))
        return tuple(self.row(int(at)) for at in order[:most])

    def of(self, identity: NodeId) -> Radius:
        """The row of one identity; `QueryError` where it has none."""
        position = self.view.position(identity)
        at = np.flatnonzero(self.view.state_node[self.starts] == position)
        if not len(at):
            raise QueryError(f"`{identity}` is no identity with a blast radius of its own")
        return self.row(int(at[0]))

    def row(self, at: int) -> Radius:
        """The row at this place."""
        start = int(self.starts[at])
        node, nodes = int(self.view.state_node[start]), self.view.nodes
        flags = Flag(int(nodes.flags[node]))
        return Radius(
            identity=nodes.ids[node],
            name=nodes.names[node],
            kind=self.view.kind_of(node),
            account=self.view.account_of(node),
            start=self.view.capability(start),
            external=Flag.EXTERNAL in flags,
            public=Flag.PUBLIC in flags,
            disabled=Flag.DISABLED in flags,
            tally=self.columns.tally(self.view, self.own[at] + self.public[at]),
            through_public=self.columns.tally(self.view, self.public[at]),
        )

    def plain(self) -> list[dict[str, object]]:
        """All rows as plain types, for JSON."""
        return [row.plain() for row in self]


def actor_starts(view: View) -> Longs:
    """The default start of every identity that is present, in id order."""
    kinds = [schema().node(kind) for kind in view.nodes.kinds]
    shift = np.array(
        [kind.caps.index(kind.start) if kind.start in kind.caps else 0 for kind in kinds]
    )
    actors = view.where(Flag.ACTOR)
    starts: Longs = view.nodes.first[actors].astype(np.int64) + shift[view.nodes.kind[actors]]
    return starts


def radii(view: View, starts: Longs, keep: Keep, *, fast: bool | None = None) -> BlastRadii:
    """The blast radius from each of these states, exact."""
    arranged = kept(view, keep)
    ahead = reached(view, keep, (*starts.tolist(), *everyone(view)))
    out = np.repeat(np.arange(view.size), np.diff(arranged.indptr))
    walked = ahead[out]
    edges = out[walked], arranged.indices[walked].astype(np.int64)
    entered = np.zeros(view.size, dtype=np.bool_)
    entered[edges[1]] = True
    items = items_of(view, entered)
    asking = _Asking(view, starts, edges, fast)
    own = asking.sums(items)
    public = np.zeros_like(own)
    shared = everyones(view, keep)
    if shared.any():
        everyone_is = (view.nodes.flags[view.state_node[starts]] & int(Flag.PUBLIC)) != 0
        common = items.within(shared)
        public = asking.all_of(common) - asking.sums(common)
        public[everyone_is] = 0
    return BlastRadii(view, starts, items.columns, own, public)


def everyones(view: View, keep: Keep) -> Mask:
    """The states that everyone on the internet reaches; the starts of Public are none of them."""
    mask = reached(view, keep, everyone(view))
    mask[list(everyone(view))] = False
    return mask


@dataclass(frozen=True, slots=True, eq=False)
class _Asking:
    """One set of starts asked about items; what stands for the starting node itself is never counted."""

    view: View
    starts: Longs
    edges: Edges
    fast: bool | None

    def sums(self, items: Items) -> Longs:
        """Per start the sums over the items that it reaches."""
        query, state = self._selves(items)
        found = sweep(
            self.view.size,
            self.edges,
            queries=Lists(np.arange(len(self.starts) + 1), self.starts),
            items=items.states,
            amounts=items.amounts,
            peeks=Peeks(query, items.of_state[state]),
            fast=self.fast,
        )
        seen = found.peeked
        np.subtract.at(found.sums, (query[seen], items.column[state[seen]]), 1)
        return found.sums

    def all_of(self, items: Items) -> Longs:
        """Per start the sums over all items."""
        whole = np.zeros((len(self.starts), items.columns.width), dtype=np.int64)
        whole += np.bincount(
            items.amounts.column, weights=items.amounts.amount, minlength=items.columns.width
        ).astype(np.int64)
        query, state = self._selves(items)
        np.subtract.at(whole, (query, items.column[state]), 1)
        return whole

    def _selves(self, items: Items) -> tuple[Longs, Longs]:
        """Pairs of a start and a state of the starting node that has an item."""
        nodes = self.view.state_node[self.starts]
        first = self.view.nodes.first.astype(np.int64)
        length = first[nodes + 1] - first[nodes]
        query = np.repeat(np.arange(len(self.starts)), length)
        shift = np.arange(len(query)) - np.repeat(np.cumsum(length) - length, length)
        state = np.repeat(first[nodes], length) + shift
        some = items.of_state[state] >= 0
        return query[some], state[some]
