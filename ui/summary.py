"""The estate at a glance: what it holds, who reaches most, what is reached by most."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from graph.schema import Family, schema
from graph.view import Flag, View
from queries.exposure import Exposedness, exposures
from queries.radii import Radius
from queries.reach import blast_radii
from ui.desk import kernel_for

TOP = 5


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts by kind, the identities of the widest reach, and the sensitive assets that most identities reach."""

    identities: tuple[tuple[str, int], ...]
    assets: tuple[tuple[str, int], ...]
    grants: int
    widest: tuple[Radius, ...]
    exposed: tuple[Exposedness, ...]

    def plain(self) -> dict[str, object]:
        """The summary as plain types, for JSON."""
        return {
            "identities": dict(self.identities),
            "assets": dict(self.assets),
            "grants": self.grants,
            "widest": [row.plain() for row in self.widest],
            "most_exposed": [row.plain() for row in self.exposed],
        }


def _counts(view: View, flag: Flag) -> Counter[str]:
    present = Flag(flag | Flag.PRESENT)
    return Counter(
        view.kind_of(int(node))
        for node in view.where(flag)
        if Flag(int(view.nodes.flags[node])) & present == present
    )


def summary(view: View) -> Summary:
    """The summary of the estate in this view."""
    kernel = kernel_for(view)
    identities = schema().kinds_of(Family.IDENTITY)
    actors = {kind: n for kind, n in _counts(view, Flag.ACTOR).items() if kind in identities}
    sensitivity = dict(zip(view.nodes.ids, view.nodes.weight.tolist(), strict=True))
    widest = sorted(
        (row for row in blast_radii(view, fast=kernel) if row.kind != "Group"),
        key=lambda row: (-row.tally.sensitivity, -row.tally.total_assets, row.identity),
    )
    exposed = sorted(
        exposures(view, fast=kernel),
        key=lambda row: (-sensitivity[row.asset], -row.identities, row.asset),
    )
    return Summary(
        identities=tuple(sorted(actors.items())),
        assets=tuple(sorted(_counts(view, Flag.ASSET).items())),
        grants=sum(1 for at in range(len(view.nodes.ids)) if view.kind_of(at) == "Grant"),
        widest=tuple(widest[:TOP]),
        exposed=tuple(exposed[:TOP]),
    )
