"""What many rules say in the same words: results, excuses that keep a finding away, and how much one matters."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from graph.model import Node
from queries.rule import Assessed, Severity, Unread, Verdict

if TYPE_CHECKING:
    from queries.inventory import Inventory

SENSITIVE = 10
EXPIRES = ("expires", "expiry", "expiration", "expires-on")
TEAM = (
    "team",
    "owner",
    "cost-center",
    "project",
)  # tags that say whose something is, the first that is there counts
_SANDBOX = frozenset({"sandbox", "experiment", "playground"})
_MADE_BY_SERVICE = ("AmazonSageMaker-", "sagemaker-studio-", "aws-glue-assets-", "cdk-hnb659fds-")


def assessed(node: Node, verdict: Verdict, why: str) -> Assessed:
    """A result without more to say."""
    return Assessed(node.id, verdict, why)


def blind(node: Node, why: str, unread: tuple[Unread, ...]) -> Assessed:
    """A result that could not be had, with what was missing."""
    return Assessed(node.id, Verdict.NOT_ASSESSED, why, unread=unread)


def excused(inventory: Inventory, node: Node) -> str:
    """Why nothing is held against the asset yet, or at all: too young, a sandbox until its day, made by a service."""
    grace = inventory.context.windows.grace
    if inventory.young(node, grace):
        return f"younger than {grace.days} days"
    ends = sandbox_until(inventory, node)
    if ends is not None and ends > inventory.now:
        return f"a sandbox until {ends:%Y-%m-%d}"
    if node.name.startswith(_MADE_BY_SERVICE):
        return "made by a service for another asset"
    return ""


def sandbox_until(inventory: Inventory, node: Node) -> datetime | None:
    """When the sandbox that the asset is ends, by its tags; None where it is no sandbox or says no day."""
    tags = {name.lower(): value for name, value in (inventory.tags(node) or {}).items()}
    words = {value.lower() for value in tags.values()} | set(tags)
    if not words & _SANDBOX:
        return None
    for name in EXPIRES:
        try:
            ends = datetime.fromisoformat(tags.get(name, ""))
        except ValueError:
            continue
        return ends if ends.tzinfo else ends.replace(tzinfo=inventory.now.tzinfo)
    return None


def team_of(inventory: Inventory, node: Node) -> str:
    """The team that the node's tags name; empty where none was read or none names one."""
    tags = {name.lower(): value for name, value in (inventory.tags(node) or {}).items()}
    return next((tags[name] for name in TEAM if tags.get(name)), "")


def severity_of(inventory: Inventory, node: Node, base: Severity) -> Severity:
    """The base, a step up where the asset is restricted, or where the public or somebody outside reaches it."""
    row = inventory.exposed(node.id)
    outside = row is not None and (row.everyone or row.external > 0)
    raised = inventory.sensitivity(node.id) >= SENSITIVE or outside
    return Severity(min(base + 1, Severity.CRITICAL)) if raised else base
