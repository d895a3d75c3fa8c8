"""The estate at a glance, as lines and two small tables."""

from __future__ import annotations

from collections.abc import Iterable

from ui.render.sheet import Sheet, as_text
from ui.render.text import plural
from ui.summary import Summary


def _kinds(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{number:,} {kind}" for kind, number in counts)


def summary_text(summary: Summary, head: tuple[str, ...], *, width: int | None = None) -> str:
    """The summary for a person, below the lines that say what it is of."""
    identities = sum(number for _, number in summary.identities)
    assets = sum(number for _, number in summary.assets)
    about = (
        *head,
        f"{plural(identities, 'identity', 'identities')}: {_kinds(summary.identities)}",
        f"{plural(assets, 'asset')}: {_kinds(summary.assets)}",
        f"{plural(summary.grants, 'Grant')} say who may do what, and because of what",
    )
    widest = Sheet(
        ("widest reach", "kind", "account", "assets", "sensitivity"),
        tuple(
            (row.name, row.kind, row.account, row.tally.total_assets, row.tally.sensitivity)
            for row in summary.widest
        ),
    )
    exposed = Sheet(
        ("most exposed of the most sensitive", "kind", "account", "identities", "public"),
        tuple(
            (row.name, row.kind, row.account, row.identities, "everyone" if row.everyone else "")
            for row in summary.exposed
        ),
    )
    first = as_text(Sheet((), (), about))
    return "\n".join((first, as_text(widest, width=width), as_text(exposed, width=width)))
