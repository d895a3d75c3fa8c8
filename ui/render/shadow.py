"""Shadow assets, as rows and sentences."""

from __future__ import annotations

from collections.abc import Sequence

from queries.rule import Reason
from queries.shadow import ShadowAsset
from ui.render.check import day, status_words
from ui.render.sheet import Sheet
from ui.render.text import plural

COLUMNS = (
    "severity", "asset", "kind", "account", "reasons", "why", "owner", "action", "since", "status", "id",
)  # fmt: skip


def shadow_sheet(assets: Sequence[ShadowAsset], unknown: tuple[str, ...]) -> Sheet:
    """A row per asset, the weightiest first; above it the counts by reason and what could not be told."""
    counts = ", ".join(
        f"{reason.value} {sum(reason in one.reasons for one in assets):,}" for reason in Reason
    )
    head = (f"{plural(len(assets), 'asset')} in the shadow: {counts}", *unknown)
    rows = tuple(
        (
            one.severity.label,
            one.name,
            one.kind,
            one.account,
            ", ".join(reason.value for reason in one.reasons),
            one.why,
            one.owner or "nobody",
            one.action,
            day(min(each.opened for each in one.findings)),
            "accepted" if one.became == "accepted" else status_words(one.findings[0]),
            str(one.asset),
        )
        for one in assets
    )
    return Sheet(COLUMNS, rows, head)
