"""Who reaches an asset, as rows and sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from queries.exposure import Exposed, Exposure
from queries.routes import Route
from ui.render.sheet import Sheet, Value
from ui.render.text import plural

COLUMNS = (
    "identity",
    "kind",
    "account",
    "route",
    "capabilities",
    "certainty",
    "cost",
    "steps",
    "marks",
    "id",
)


def _about(exposure: Exposure) -> Iterator[str]:
    routes = Counter(row.route for row in exposure.identities)
    told = ", ".join(f"{routes[route]:,} {route.label}" for route in Route if routes[route])
    count = plural(len(exposure.identities), "identity", "identities")
    yield f"{count} can reach the {exposure.kind} `{exposure.name}`" + (
        f" ({told})" if told else ""
    )
    if exposure.everyone:
        yield f"everyone on the internet gains {', '.join(exposure.everyone)}"
    if exposure.disabled:
        yield f"{plural(len(exposure.disabled), 'more', 'more')}, if they were enabled again"


def _row(row: Exposed) -> tuple[Value, ...]:
    marks = (("external", row.external), ("public", row.public), ("disabled", row.disabled))
    return (
        row.name,
        row.kind,
        row.account,
        row.route.label,
        " ".join(row.capabilities),
        row.certainty.label,
        row.cost,
        row.steps,
        " ".join(word for word, holds in marks if holds),
        row.identity,
    )


def exposure_sheet(exposure: Exposure) -> Sheet:
    """A row per identity, the plainest routes first, disabled identities last."""
    rows = tuple(_row(row) for row in (*exposure.identities, *exposure.disabled))
    return Sheet(COLUMNS, rows, tuple(_about(exposure)))
