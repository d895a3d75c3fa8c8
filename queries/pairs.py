"""The pairs of an identity and a target that a question is about, and which of them connect."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from graph.model import NodeId
from graph.view import Keep, View
from queries.attack_paths import entry_states
from queries.fixes import access_states, people
from queries.kernels.layout import Amounts
from queries.kernels.lists import Lists, Longs
from queries.kernels.search import kept
from queries.kernels.sweep import Peeks, sweep

Pairs: TypeAlias = NDArray[np.bool_]
"""Per start and target whether the one reaches the other."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The starts of the identities, and for each target the states that count as reaching it."""

    starts: Longs
    ends: tuple[tuple[int, ...], ...]

    @classmethod
    def of(
        cls,
        view: View,
        targets: Collection[NodeId],
        *,
        entries: Collection[NodeId] | None = None,
        passed_over: Collection[NodeId] = (),
    ) -> Self:
        """The pairs of these entries, by default all enabled identities but those `passed_over`, and these targets.

        `QueryError` where the view does not know an entry or a target.
        """
        starts = people(view, passed_over) if entries is None else entry_states(view, entries)
        return cls(starts, tuple(access_states(view, target) for target in sorted(set(targets))))

    def targets(self, view: View) -> tuple[int, ...]:
        """The nodes of the targets; -1 for one that nobody can reach, having no state that counts."""
        return tuple(int(view.state_node[s[0]]) if s else -1 for s in self.ends)

    @property
    def goals(self) -> list[int]:
        """The states of all targets."""
        return [state for states in self.ends for state in states]

    def connected(self, view: View, keep: Keep, *, fast: bool | None = None) -> Pairs:
        """Which start reaches which target, but for what is a target itself: one sweep over the kept arcs."""
        arranged = kept(view, keep)
        out = np.repeat(np.arange(view.size), np.diff(arranged.indptr))
        each = np.arange(len(self.ends), dtype=np.int64)
        none = np.zeros(0, dtype=np.int64)
        found = sweep(
            view.size,
            (out, arranged.indices.astype(np.int64)),
            queries=Lists(np.arange(len(self.starts) + 1), self.starts),
            items=Lists.of(
                np.repeat(each, [len(states) for states in self.ends]),
                np.array(self.goals, dtype=np.int64),
                len(self.ends),
            ),
            amounts=Amounts(each, each, np.ones_like(each), len(self.ends)),
            peeks=Peeks(none, none),
            fast=fast,
        )
        pairs: Pairs = found.sums > 0
        owner = view.state_node[self.starts]
        for at, states in enumerate(self.ends):
            pairs[np.isin(owner, view.state_node[list(states)]), at] = False
        return pairs

    def named(self, view: View, keep: Keep) -> frozenset[tuple[NodeId, NodeId]]:
        """The pairs that connect, by the ids of their ends."""
        if not self.ends or not len(self.starts):
            return frozenset()
        ids, entries, targets = view.nodes.ids, view.state_node[self.starts], self.targets(view)
        return frozenset(
            (ids[entries[start]], ids[targets[at]])
            for start, at in np.argwhere(self.connected(view, keep)).tolist()
        )


def still_there(view: View, nodes: Iterable[NodeId]) -> tuple[NodeId, ...]:
    """Those of the nodes that the view knows: what was taken away connects to nothing."""
    return tuple(node for node in nodes if view.find(node) is not None)
