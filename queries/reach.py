"""Blast radius: what one node reaches, and what every identity reaches.

Everyone on the internet can do what `Public` can, so a reach adds Public's reach once and says what only that adds. The
start itself is never counted as reached; HELD and DELEGATE are passed through and never counted as access.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph.errors import QueryError
from graph.model import Capability, Certainty, NodeId
from graph.view import CAPABILITIES, CERTAINTIES, Flag, Keep, Mask, View
from queries.kernels.search import Cheapest, best_certainty, cheapest
from queries.paths import Path, path_to, public_starts
from queries.radii import BlastRadii, Radius, actor_starts, radii
from queries.tally import Tally, counted, less, tally

__all__ = ["Blast", "BlastRadii", "Radius", "Reached", "blast_radii", "blast_radius"]


@dataclass(frozen=True, slots=True)
class Reached:
    """One state that a reach contains: its least cost, the steps of that way, and the surest way's certainty.

    `public` says that only everyone's reach contains it; cost, steps and certainty then count from there.
    """

    node: NodeId
    name: str
    kind: str
    account: str
    capability: Capability
    cost: int
    steps: int
    certainty: Certainty
    public: bool

    def plain(self) -> dict[str, object]:
        """The state as plain types, for JSON."""
        return {
            "node": self.node,
            "name": self.name,
            "kind": self.kind,
            "account": self.account,
            "capability": self.capability.value,
            "cost": self.cost,
            "steps": self.steps,
            "certainty": self.certainty.label,
            "public": self.public,
        }


@dataclass(frozen=True)
class Blast:
    """What one node reaches: the states by kind, name and capability, latent sets apart, and the tally of all.

    `tally` contains everyone's reach, `through_public` is the part of it that only everyone's reach adds. The rows are
    made when first asked for: of a wide reach most questions want the tally, or one path.
    """

    start: NodeId
    capability: Capability
    tally: Tally
    through_public: Tally
    keep: Keep
    found: Cheapest = field(repr=False, compare=False)
    found_public: Cheapest = field(repr=False, compare=False)
    _told: Callable[[Flag], tuple[Reached, ...]] = field(repr=False, compare=False)

    @cached_property
    def states(self) -> tuple[Reached, ...]:
        """What may be said to be reached."""
        return self._told(Flag.COUNTED)

    @cached_property
    def latent(self) -> tuple[Reached, ...]:
        """Sets that nothing matches yet."""
        return self._told(Flag.LATENT)

    def path(self, view: View, node: NodeId, capability: Capability) -> Path:
        """The least-cost path to a state of this reach, in the view that it was made from."""
        goal = view.state(view.position(node), capability)
        if self.found.cost[goal] >= 0:
            return path_to(view, self.keep, self.found, goal)
        if self.found_public.cost[goal] >= 0:
            return path_to(view, self.keep, self.found_public, goal, public=True)
        raise QueryError(f"`{node}` is not reached with `{capability}`")

    def plain(self) -> dict[str, object]:
        """The blast radius as plain types, for JSON."""
        return {
            "start": self.start,
            "capability": self.capability.value,
            "tally": self.tally.plain(),
            "through_public": self.through_public.plain(),
            "states": [state.plain() for state in self.states],
            "latent": [state.plain() for state in self.latent],
        }


def blast_radius(
    view: View,
    start: NodeId,
    *,
    capability: Capability | None = None,
    keep: Keep = Keep(),  # noqa: B008 - a frozen value
) -> Blast:
    """What the node reaches from this capability (by default its kind's start)."""
    origin = view.position(start)
    first = view.start(origin, capability)
    others = public_starts(view, first)
    found, found_public = cheapest(view, keep, (first,)), cheapest(view, keep, others)
    outside = view.state_node != origin
    own = (found.cost >= 0) & outside
    through = (found_public.cost >= 0) & outside & ~own
    through[list(others)] = False
    alone = tally(view, own)
    whole = tally(view, own | through) if through.any() else alone
    rows = _rows(view, keep, ((first,), others), (found, found_public), own)

    def told(which: Flag) -> tuple[Reached, ...]:
        latent = (view.nodes.flags[view.state_node] & int(Flag.LATENT)) != 0
        chosen = latent if which is Flag.LATENT else counted(view)
        return rows((own | through) & chosen)

    return Blast(
        start=view.nodes.ids[origin],
        capability=view.capability(first),
        tally=whole,
        through_public=less(whole, alone),
        keep=keep,
        found=found,
        found_public=found_public,
        _told=told,
    )


def _rows(
    view: View,
    keep: Keep,
    starts: tuple[tuple[int, ...], tuple[int, ...]],
    found: tuple[Cheapest, Cheapest],
    own: Mask,
) -> Callable[[Mask], tuple[Reached, ...]]:
    """How the chosen states are told: each by the start's own way where it has one, else by everyone's."""
    nodes = view.nodes

    def told(chosen: Mask) -> tuple[Reached, ...]:
        if not chosen.any():
            return ()
        surest = tuple(best_certainty(view, keep, first) for first in starts)
        states = np.flatnonzero(chosen)
        mine = own[states]

        def best(columns: Sequence[NDArray[np.integer]]) -> list[int]:
            picked: list[int] = np.where(mine, columns[0][states], columns[1][states]).tolist()
            return picked

        rows = (
            Reached(
                nodes.ids[node],
                nodes.names[node],
                nodes.kinds[kind],
                nodes.accounts[account],
                CAPABILITIES[capability],
                cost,
                steps,
                CERTAINTIES[certainty],
                not by_itself,
            )
            for node, kind, account, capability, cost, steps, certainty, by_itself in zip(
                view.state_node[states].tolist(),
                nodes.kind[view.state_node[states]].tolist(),
                nodes.account[view.state_node[states]].tolist(),
                view.state_capability[states].tolist(),
                best([way.cost for way in found]),
                best([way.steps for way in found]),
                best(surest),
                mine.tolist(),
                strict=True,
            )
        )
        return tuple(sorted(rows, key=lambda row: (row.kind, row.name, row.node, row.capability)))

    return told


def blast_radii(
    view: View,
    *,
    keep: Keep = Keep(),  # noqa: B008 - a frozen value
    fast: bool | None = None,
) -> BlastRadii:
    """What every identity reaches, a row each, exact; each starts at its kind's default capability.

    `fast` asks for, or forbids, the compiled kernel; by default it is used where numba is installed. The numbers are
    the same.
    """
    return radii(view, actor_starts(view), keep, fast=fast)
