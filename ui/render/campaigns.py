"""Campaigns of access reviews as tables: how far each is, and the evidence of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.model import Node, NodeId
from queries.campaigns import Campaign, Item, Stage
from ui.render.sheet import Sheet, Value

LIST = (
    "CAMPAIGN",
    "OPENED",
    "DUE",
    "BY",
    "IDENTITIES",
    "DECIDED",
    "PASSED ON",
    "TO DECIDE",
    "STATE",
    "REASON",
)
EVIDENCE = (
    "IDENTITY",
    "KIND",
    "ACCOUNT",
    "REVIEWER",
    "STAGE",
    "VERDICT",
    "BY",
    "ON",
    "REASON",
    "DECISION",
    "ID",
)


@dataclass(frozen=True, slots=True)
class Progress:
    """A campaign with its identities."""

    campaign: Campaign
    items: tuple[Item, ...]

    def count(self, stage: Stage) -> int:
        """How many identities are at this stage."""
        return sum(one.stage is stage for one in self.items)

    @property
    def left(self) -> int:
        """How many identities somebody still has to decide on."""
        return len(self.items) - self.count(Stage.DECIDED)

    def state(self, now: datetime) -> str:
        """Whether it is done, under way, or late."""
        if not self.left:
            return "done"
        return "overdue" if self.campaign.overdue(now) else "under way"

    def plain(self, now: datetime) -> dict[str, object]:
        """The campaign as plain types, for JSON."""
        made = self.campaign
        return {
            "name": made.name,
            "opened": made.opened.isoformat(),
            "due": made.due.isoformat(),
            "by": made.person,
            "reason": made.reason,
            "shares": dict(made.shares),
            "state": self.state(now),
            "items": [one.plain() for one in self.items],
        }


def campaigns_sheet(progress: Sequence[Progress], now: datetime) -> Sheet:
    """A row per campaign."""
    return Sheet(LIST, tuple(_campaign(one, now) for one in progress))


def _campaign(one: Progress, now: datetime) -> tuple[Value, ...]:
    made = one.campaign
    return (
        made.name,
        f"{made.opened:%Y-%m-%d}",
        f"{made.due:%Y-%m-%d}",
        made.person,
        len(one.items),
        one.count(Stage.DECIDED),
        one.count(Stage.PASSED_ON),
        one.count(Stage.OPEN),
        one.state(now),
        made.reason,
    )


def evidence_sheet(
    progress: Progress, nodes: Mapping[NodeId, Node], *, reviewer: str = ""
) -> Sheet:
    """A row per identity of one campaign, or of one reviewer's share in it, with the verdict and who gave it."""
    made = progress.campaign
    lines = (
        f"campaign {made.name}, opened {made.opened:%Y-%m-%d} by {made.person}, due {made.due:%Y-%m-%d}: {made.reason}",
        f"{progress.count(Stage.DECIDED):,} of {len(progress.items):,} decided, {progress.count(Stage.PASSED_ON):,} passed on",
    )
    rows = tuple(
        _evidence(one, nodes[one.identity])
        for one in progress.items
        if not reviewer or one.reviewer == reviewer
    )
    return Sheet(EVIDENCE, rows, lines)


def _evidence(one: Item, node: Node) -> tuple[Value, ...]:
    made = one.verdict
    return (
        node.name,
        node.kind,
        str(node.props.get("account", "")),
        one.reviewer,
        one.stage.value,
        *((made.what, made.person, f"{made.made:%Y-%m-%d}", made.reason, made.number) if made else ("", "", "", "", None)),
        str(one.identity),
    )  # fmt: skip
