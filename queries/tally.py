"""What a set of reached states amounts to: counts per kind and capability, assets, sensitivity, latent sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graph.model import Capability
from graph.view import CAPABILITIES, CODE, PASSED, Flag, Ints, Mask, View
from queries.kernels.lists import distinct


@dataclass(frozen=True, slots=True, order=True)
class Count:
    """How many nodes of a kind are reached with a capability."""

    kind: str
    capability: Capability
    number: int


@dataclass(frozen=True, slots=True)
class Tally:
    """The size of a reach.

    `counts` holds a line per (kind, capability), `assets` one per kind in which an asset counts once. In `sensitivity`
    a prefix counts as its bucket, with the highest sensitivity of the bucket and of the parts reached; `unrated` is the
    number of those whose sensitivity nobody has stated. `latent` are sets that nothing matches yet.
    """

    counts: tuple[Count, ...] = ()
    assets: tuple[tuple[str, int], ...] = ()
    sensitivity: int = 0
    unrated: int = 0
    latent: int = 0

    @property
    def states(self) -> int:
        """The number of (node, capability) pairs reached."""
        return sum(count.number for count in self.counts)

    @property
    def total_assets(self) -> int:
        """The number of assets reached, of any kind."""
        return sum(number for _, number in self.assets)

    def number(self, kind: str, capability: Capability) -> int:
        """How many nodes of this kind are reached with this capability."""
        return sum(
            count.number
            for count in self.counts
            if count.kind == kind and count.capability is capability
        )

    def plain(self) -> dict[str, object]:
        """The tally as plain types, for JSON."""
        return {
            "states": [
                {"kind": count.kind, "capability": count.capability.value, "number": count.number}
                for count in self.counts
            ],
            "assets": dict(self.assets),
            "sensitivity": self.sensitivity,
            "unrated": self.unrated,
            "latent_sets": self.latent,
        }


def counted(view: View) -> Mask:
    """Per state whether reaching it is access to a thing: not HELD or DELEGATE, not a class, Grant, set or potential."""
    return view.remember("counted", lambda: _counted(view))


def _counted(view: View) -> Mask:
    passed = np.isin(view.state_capability, [CODE[capability] for capability in PASSED])
    counts: Mask = (view.nodes.flags[view.state_node] & int(Flag.COUNTED)) != 0
    return counts & ~passed


def tally(view: View, states: Mask) -> Tally:
    """The tally of these states (a truth value each)."""
    nodes = view.nodes
    chosen = np.flatnonzero(states & counted(view))
    owner = view.state_node[chosen]
    width = len(CAPABILITIES)
    cells = nodes.kind[owner].astype(np.int64) * width + view.state_capability[chosen]
    numbers = np.bincount(cells, minlength=len(nodes.kinds) * width)
    assets = distinct(owner[(nodes.flags[owner] & int(Flag.ASSET)) != 0])
    per_kind = np.bincount(nodes.kind[assets], minlength=len(nodes.kinds))
    sensitivity, unrated = _weigh(view, assets)
    holders = view.state_node[np.flatnonzero(states)]
    latent = distinct(holders[(nodes.flags[holders] & int(Flag.LATENT)) != 0])
    return Tally(
        counts=tally_counts(view, numbers.tolist()),
        assets=tuple(
            (kind, number)
            for kind, number in zip(nodes.kinds, per_kind.tolist(), strict=True)
            if number
        ),
        sensitivity=sensitivity,
        unrated=unrated,
        latent=len(latent),
    )


def tally_counts(view: View, numbers: list[int]) -> tuple[Count, ...]:
    """The lines of a flat table (kind by capability) that are not zero, by kind and capability name."""
    width = len(CAPABILITIES)
    return tuple(
        sorted(
            Count(view.nodes.kinds[cell // width], CAPABILITIES[cell % width], number)
            for cell, number in enumerate(numbers)
            if number
        )
    )


def _weigh(view: View, assets: Ints) -> tuple[int, int]:
    """The sum of sensitivity and the number without any, a prefix counting as its bucket."""
    heaviest = np.full(len(view.nodes.ids), -2, dtype=np.int32)
    np.maximum.at(heaviest, view.nodes.anchor[assets], view.nodes.weight[assets])
    return int(heaviest[heaviest > 0].sum()), int(np.count_nonzero(heaviest == -1))


def less(whole: Tally, part: Tally) -> Tally:
    """What the whole has beyond the part, line by line; the part must lie in the whole."""
    counts = {(count.kind, count.capability): count.number for count in part.counts}
    assets = dict(part.assets)
    lines = tuple(
        Count(count.kind, count.capability, more)
        for count in whole.counts
        if (more := count.number - counts.get((count.kind, count.capability), 0))
    )
    return Tally(
        counts=lines,
        assets=tuple(
            (kind, more) for kind, number in whole.assets if (more := number - assets.get(kind, 0))
        ),
        sensitivity=whole.sensitivity - part.sensitivity,
        unrated=whole.unrated - part.unrated,
        latent=whole.latent - part.latent,
    )
