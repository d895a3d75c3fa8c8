"""Access reviews as campaigns: who has to look at which identities by when, and how far they are.

Opening a campaign is a decision like others: subject `campaign:NAME`, `value` the share of each reviewer, `expires` the
day on which it is due. What is decided on an identity after that, counts for the campaign.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from graph.errors import QueryError, with_advice
from graph.model import Decision, NodeId
from queries.decisions import REVIEW, What
from queries.inventory import Inventory
from queries.selection import Selection

PREFIX = "campaign:"


class Stage(StrEnum):
    """How far the review of one identity is."""

    OPEN = "to decide"
    PASSED_ON = "passed on"  # its reviewer said that somebody else has to decide
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Campaign:
    """One round of reviews. `shares` are selections (`queries.selection`) by reviewer, in the order they were given."""

    name: str
    opened: datetime
    due: datetime
    person: str
    reason: str
    shares: Mapping[str, str]
    number: int = 0

    def overdue(self, now: datetime) -> bool:
        """Whether the day on which it was due has passed."""
        return now > self.due


@dataclass(frozen=True, slots=True)
class Item:
    """One identity to review, who has to, and the newest verdict on it since the campaign was opened."""

    identity: NodeId
    reviewer: str
    verdict: Decision | None

    @property
    def stage(self) -> Stage:
        """How far it is."""
        if self.verdict is None:
            return Stage.OPEN
        return Stage.PASSED_ON if self.verdict.what == What.NOT_MINE else Stage.DECIDED

    def plain(self) -> dict[str, object]:
        """The item as plain types, for JSON."""
        made = self.verdict
        return {
            "identity": self.identity,
            "reviewer": self.reviewer,
            "stage": self.stage.value,
            "verdict": made.what if made else None,
            "by": made.person if made else None,
            "made": made.made.isoformat() if made else None,
            "reason": made.reason if made else None,
            "decision": made.number if made else None,
        }


def opening(
    name: str, shares: Mapping[str, str], *, due: datetime, person: str, reason: str, now: datetime
) -> Decision:
    """The decision that opens a campaign; `queries.decisions.checked` judges it."""
    if not name.strip() or not shares:
        raise with_advice(
            QueryError("a campaign needs a name, and a share for each reviewer"),
            "say `--share jo@example.com=account:111111111111`",
        )
    value = json.dumps(dict(shares))
    return Decision(now, person, f"{PREFIX}{name.strip()}", What.CAMPAIGN, reason, value, due)


def campaigns(decisions: Iterable[Decision]) -> tuple[Campaign, ...]:
    """The campaigns that were opened and not withdrawn, by name; opened again, the newest opening stands."""
    found: dict[str, Campaign] = {}
    for row in sorted(decisions, key=lambda one: one.number):
        if row.what == What.CAMPAIGN and row.expires is not None:
            name = row.subject.removeprefix(PREFIX)
            shares = json.loads(row.value)
            found[row.subject] = Campaign(name, row.made, row.expires, row.person, row.reason, shares, row.number)  # fmt: skip
        elif row.what == What.WITHDRAW:
            found.pop(row.subject, None)
    return tuple(found[subject] for subject in sorted(found))


def campaign_named(decisions: Iterable[Decision], name: str) -> Campaign:
    """The campaign of this name; `QueryError` where there is none."""
    held = campaigns(decisions)
    for one in held:
        if one.name == name:
            return one
    known = ", ".join(f"`{one.name}`" for one in held) or "none is open"
    raise with_advice(QueryError(f"no campaign `{name}`"), f"campaigns: {known}")


def items(
    campaign: Campaign, inventory: Inventory, decisions: Iterable[Decision], *, crown: str = ""
) -> tuple[Item, ...]:
    """The identities of the campaign that are there, each with the first reviewer whose share selects it, in id order.

    What the platform itself holds (service-linked roles) is nobody's to review. A withdrawal after the campaign was
    opened takes back the verdict before it.
    """
    reviewed = {
        node.id for node in inventory.listed("User", "Role") if not node.props.get("reserved")
    }
    reviewers: dict[NodeId, str] = {}
    for reviewer, share in campaign.shares.items():
        for node in Selection(share, crown).nodes(inventory.view):
            if node in reviewed:
                reviewers.setdefault(node, reviewer)
    verdicts = _verdicts(campaign, decisions)
    return tuple(Item(node, reviewers[node], verdicts.get(node)) for node in sorted(reviewers))


def _verdicts(campaign: Campaign, decisions: Iterable[Decision]) -> Mapping[str, Decision]:
    """By identity, the newest verdict that was made for the campaign, or at least after it was opened."""
    found: dict[str, Decision] = {}
    for row in sorted(decisions, key=lambda one: one.number):
        if row.number <= campaign.number:
            continue
        if row.what in REVIEW:
            found[row.subject] = row
        elif row.what == What.WITHDRAW:
            found.pop(row.subject, None)
    return found
