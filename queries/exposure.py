"""Exposure: who reaches an asset, by what sort of route, and how many identities reach each asset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from graph.model import Capability, Certainty, NodeId
from graph.view import CERTAINTIES, Flag, Keep, Mask, View
from queries.kernels.layout import Amounts
from queries.kernels.lists import Lists, Longs
from queries.kernels.search import Cheapest, best_certainty, cheapest, kept, reached, weakest
from queries.kernels.sweep import Peeks, sweep
from queries.paths import everyone, goals_of
from queries.radii import actor_starts
from queries.routes import Route, routes
from queries.tally import counted


@dataclass(frozen=True, slots=True)
class Exposed:
    """One identity that reaches the asset.

    `route` is the plainest class of route that it has, `certainty` that of its surest way, `cost` and `steps` those of
    its cheapest; these may be three different ways. `capabilities` is all that it gains on the asset.
    """

    identity: NodeId
    name: str
    kind: str
    account: str
    route: Route
    capabilities: tuple[Capability, ...]
    cost: int
    steps: int
    certainty: Certainty
    external: bool
    public: bool
    disabled: bool

    def plain(self) -> dict[str, object]:
        """The row as plain types, for JSON."""
        return {
            "identity": self.identity,
            "name": self.name,
            "kind": self.kind,
            "account": self.account,
            "route": self.route.label,
            "capabilities": [capability.value for capability in self.capabilities],
            "cost": self.cost,
            "steps": self.steps,
            "certainty": self.certainty.label,
            "external": self.external,
            "public": self.public,
            "disabled": self.disabled,
        }


@dataclass(frozen=True, slots=True)
class Exposure:
    """Who reaches one asset: identities by route, cost and name; disabled ones apart.

    `everyone` is what everyone on the internet gains; whoever is listed reaches the asset without that.
    """

    asset: NodeId
    name: str
    kind: str
    identities: tuple[Exposed, ...]
    disabled: tuple[Exposed, ...]
    everyone: tuple[Capability, ...]

    def plain(self) -> dict[str, object]:
        """The exposure as plain types, for JSON."""
        return {
            "asset": self.asset,
            "name": self.name,
            "kind": self.kind,
            "everyone": [capability.value for capability in self.everyone],
            "identities": [row.plain() for row in self.identities],
            "disabled": [row.plain() for row in self.disabled],
        }


def exposure(
    view: View,
    asset: NodeId,
    *,
    capability: Capability | None = None,
    keep: Keep = Keep(),  # noqa: B008 - a frozen value
) -> Exposure:
    """The identities that reach the node with this capability, or with any that is access."""
    position = view.position(asset)
    goals = goals_of(view, asset, capability)
    starts = actor_starts(view)
    starts = starts[view.state_node[starts] != position]
    found = cheapest(view, keep, goals, inward=True)
    gains = {goal: reached(view, keep, (goal,), inward=True) for goal in goals}
    route = weakest(view, keep, goals, routes(view), inward=True)
    surest = best_certainty(view, keep, goals, inward=True)
    rows = sorted(
        (
            _exposed(view, int(start), found, gains, (int(route[start]), int(surest[start])))
            for start in starts
            if found.cost[start] >= 0
        ),
        key=lambda row: (row.route, row.cost, row.steps, row.name, row.identity),
    )
    return Exposure(
        asset=view.nodes.ids[position],
        name=view.nodes.names[position],
        kind=view.kind_of(position),
        identities=tuple(row for row in rows if not row.disabled),
        disabled=tuple(row for row in rows if row.disabled),
        everyone=tuple(
            sorted(
                view.capability(goal)
                for goal, from_ in gains.items()
                if any(from_[state] for state in everyone(view) if state != goal)
            )
        ),
    )


def _exposed(
    view: View,
    start: int,
    found: Cheapest,
    gains: dict[int, Mask],
    weak: tuple[int, int],
) -> Exposed:
    nodes, node = view.nodes, int(view.state_node[start])
    flags = Flag(int(nodes.flags[node]))
    return Exposed(
        identity=nodes.ids[node],
        name=nodes.names[node],
        kind=view.kind_of(node),
        account=view.account_of(node),
        route=Route(weak[0]),
        capabilities=tuple(
            sorted(view.capability(goal) for goal, from_ in gains.items() if from_[start])
        ),
        cost=int(found.cost[start]),
        steps=int(found.steps[start]),
        certainty=CERTAINTIES[weak[1]],
        external=Flag.EXTERNAL in flags,
        public=Flag.PUBLIC in flags,
        disabled=Flag.DISABLED in flags,
    )


@dataclass(frozen=True, slots=True)
class Exposedness:
    """How many identities reach an asset: enabled ones by kind, disabled ones apart; `everyone` if the internet does."""

    asset: NodeId
    name: str
    kind: str
    account: str
    by_kind: tuple[tuple[str, int], ...]
    disabled: int
    everyone: bool

    @property
    def identities(self) -> int:
        """The number of enabled identities, groups and Public left out, foreign ones included."""
        return sum(n for kind, n in self.by_kind if kind not in {"Group", "Public"})

    @property
    def external(self) -> int:
        """The number of principals outside the estate that reach it."""
        return dict(self.by_kind).get("External", 0)

    def plain(self) -> dict[str, object]:
        """The row as plain types, for JSON."""
        return {
            "asset": self.asset,
            "name": self.name,
            "kind": self.kind,
            "account": self.account,
            "identities": self.identities,
            "by_kind": dict(self.by_kind),
            "disabled": self.disabled,
            "everyone": self.everyone,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Exposures:
    """A row per asset that is present, in id order; the last column of `sums` counts the disabled."""

    view: View
    assets: Longs
    sums: Longs

    def __len__(self) -> int:
        return len(self.assets)

    def __iter__(self) -> Iterator[Exposedness]:
        return (self.row(at) for at in range(len(self)))

    def row(self, at: int) -> Exposedness:
        """The row at this place."""
        view, node = self.view, int(self.assets[at])
        numbers = self.sums[at].tolist()
        by_kind = tuple(
            (kind, number)
            for kind, number in zip(view.nodes.kinds, numbers[:-1], strict=True)
            if number
        )
        return Exposedness(
            asset=view.nodes.ids[node],
            name=view.nodes.names[node],
            kind=view.kind_of(node),
            account=view.account_of(node),
            by_kind=by_kind,
            disabled=numbers[-1],
            everyone=dict(by_kind).get("Public", 0) > 0,
        )

    def plain(self) -> list[dict[str, object]]:
        """All rows as plain types, for JSON."""
        return [row.plain() for row in self]


def exposures(
    view: View,
    *,
    capability: Capability | None = None,
    keep: Keep = Keep(),  # noqa: B008 - a frozen value
    fast: bool | None = None,
) -> Exposures:
    """How many identities reach each asset with this capability, or with any: exact, by one sweep against the arrows."""
    starts, nodes = actor_starts(view), view.nodes
    ahead = reached(view, keep, starts)
    arranged = kept(view, keep)
    out = np.repeat(np.arange(view.size), np.diff(arranged.indptr))
    walked = ahead[out]
    edges = arranged.indices[walked].astype(np.int64), out[walked]
    assets = np.flatnonzero(
        (nodes.flags & int(Flag.ASSET | Flag.PRESENT)) == int(Flag.ASSET | Flag.PRESENT)
    )
    wanted = counted(view) & np.isin(view.state_node, assets)
    if capability is not None:
        wanted &= np.array([cap is capability for cap in Capability])[view.state_capability]
    states = np.flatnonzero(wanted & ahead)
    place = np.searchsorted(assets, view.state_node[states])
    owner = view.state_node[starts]
    disabled = (nodes.flags[owner] & int(Flag.DISABLED)) != 0
    column = np.where(disabled, len(nodes.kinds), nodes.kind[owner]).astype(np.int64)
    each = np.arange(len(starts), dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    found = sweep(
        view.size,
        edges,
        queries=Lists.of(place, states, len(assets)),
        items=Lists(np.arange(len(starts) + 1), starts),
        amounts=Amounts(each, column, np.ones_like(each), len(nodes.kinds) + 1),
        peeks=Peeks(none, none),
        fast=fast,
    )
    return Exposures(view, assets, found.sums)
