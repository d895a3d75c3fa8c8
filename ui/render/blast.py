"""Blast radii as rows and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from graph.model import Capability
from graph.schema import schema
from queries.reach import Blast, BlastRadii, Radius, Reached
from queries.tally import Tally
from ui.render.sheet import Sheet
from ui.render.text import plural

ONE = ("kind", "name", "account", "capabilities", "certainty", "cost", "steps", "marks", "id")
STATE = ("kind", "name", "account", "capability", "certainty", "cost", "steps", "public", "id")
MANY = (
    "identity",
    "kind",
    "account",
    "assets",
    "sensitivity",
    "unrated",
    "control",
    "admin",
    "latent",
    "marks",
    "id",
)


def _assets(tally: Tally) -> str:
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in tally.assets)
    return plural(tally.total_assets, "asset") + (f" ({kinds})" if kinds else "")


def _about(blast: Blast, name: str) -> Iterator[str]:
    tally = blast.tally
    others = len({row.node for row in blast.states if not schema().node(row.kind).asset})
    also = f", and {plural(others, 'identity or scope', 'identities and scopes')}" if others else ""
    yield f"`{name}` with {blast.capability} reaches {_assets(tally)}{also}"
    unknown = f", {plural(tally.unrated, 'asset')} of unknown sensitivity" if tally.unrated else ""
    yield f"sensitivity {tally.sensitivity:,}{unknown}"
    shared = blast.through_public.states
    if shared:
        yield f"of these, {plural(shared, 'state')} only because everyone reaches them (public)"
    if tally.latent:
        yield (
            f"latent: {plural(tally.latent, 'set')} of targets that nothing matches yet, counted apart"
        )


def _grouped(states: Iterable[Reached]) -> Iterator[tuple[str | int, ...]]:
    """A row per node and certainty, its capabilities together, with the least cost among them."""

    def key(state: Reached) -> tuple[str, str, str, int, bool]:
        return state.kind, state.name, state.node, int(state.certainty), state.public

    for _, group in groupby(sorted(states, key=key), key=key):
        rows = tuple(group)
        near = min(rows, key=lambda row: (row.cost, row.steps))
        yield (
            near.kind,
            near.name,
            near.account,
            " ".join(sorted(row.capability for row in rows)),
            near.certainty.label,
            near.cost,
            near.steps,
            "public" if near.public else "",
            near.node,
        )


def reached_states(blast: Blast) -> tuple[int, ...]:
    """The states of the view that the reach contains, everyone's included."""
    return tuple(
        at
        for at, costs in enumerate(
            zip(blast.found.cost.tolist(), blast.found_public.cost.tolist(), strict=True)
        )
        if max(costs) >= 0
    )


def blast_sheet(blast: Blast, name: str) -> Sheet:
    """The nodes that one reach contains, a row each, for people."""
    return Sheet(ONE, tuple(_grouped(blast.states)), tuple(_about(blast, name)))


def blast_rows(blast: Blast) -> Sheet:
    """The states that one reach contains, a row each, for programs."""
    return Sheet(
        STATE,
        tuple(
            (
                row.kind,
                row.name,
                row.account,
                row.capability.value,
                row.certainty.label,
                row.cost,
                row.steps,
                row.public,
                row.node,
            )
            for row in blast.states
        ),
    )


def _marks(radius: Radius) -> str:
    marks = (
        ("external", radius.external),
        ("public", radius.public),
        ("disabled", radius.disabled),
    )
    return " ".join(word for word, holds in marks if holds)


def _with(tally: Tally, capability: Capability) -> int:
    return sum(count.number for count in tally.counts if count.capability is capability)


def radii_sheet(radii: BlastRadii) -> Sheet:
    """A row per identity, the widest reach first."""
    rows = sorted(
        radii,
        key=lambda row: (
            -row.tally.sensitivity,
            -row.tally.total_assets,
            -row.tally.states,
            row.identity,
        ),
    )
    return Sheet(
        MANY,
        tuple(
            (
                row.name,
                row.kind,
                row.account,
                row.tally.total_assets,
                row.tally.sensitivity,
                row.tally.unrated,
                _with(row.tally, Capability.CONTROL),
                _with(row.tally, Capability.ADMIN),
                row.tally.latent,
                _marks(row),
                row.identity,
            )
            for row in rows
        ),
        above=(f"blast radius of {plural(len(rows), 'identity', 'identities')}, exact",),
    )
