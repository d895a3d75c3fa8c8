"""SH-003: a notebook that runs and nobody opens, or that was stopped long ago and keeps its disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from graph.model import Node
from queries.grounds import assessed, blind, excused, severity_of
from queries.inventory import Inventory, moment
from queries.joins import roles
from queries.logs import LOOKUP, logged, window_of
from queries.prices import monthly
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_notebook_instance", LOOKUP)
_OPENED = (
    "sagemaker:CreatePresignedNotebookInstanceUrl",
    "sagemaker:StartNotebookInstance",
    "sagemaker:UpdateNotebookInstance",
)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every notebook instance, by its state and by who opened it."""
    for node in inventory.assets("Notebook"):
        if node.props.get("flavour") == "sagemaker notebook instance":
            yield _assessed(inventory, node)


def _assessed(inventory: Inventory, node: Node) -> Assessed:
    unread = inventory.unread(node, NEEDS[0])
    if unread:
        return blind(node, "its state was not read", unread)
    excuse = excused(inventory, node)
    if excuse:
        return assessed(node, Verdict.NOT_APPLICABLE, excuse)
    if node.props.get("state") == "Stopped":
        return _stopped(inventory, node)
    if node.props.get("state") != "InService":
        return assessed(node, Verdict.NOT_APPLICABLE, f"its state is {node.props.get('state')}")
    return _running(inventory, node)


def _stopped(inventory: Inventory, node: Node) -> Assessed:
    changed = moment(inventory.seen(node.id).get("last_changed"))
    most = inventory.context.windows.stopped
    if changed is None:
        return blind(node, "when it was stopped is not known", ())
    if inventory.now - changed <= most:
        return assessed(node, Verdict.PASS, f"stopped since {changed:%Y-%m-%d}")
    days = (inventory.now - changed).days
    why = f"stopped for {days} days and keeps its disk"
    weight = severity_of(inventory, node, Severity.LOW)
    return Assessed(
        node.id, Verdict.FAIL, why, (("last change", f"{changed:%Y-%m-%d}"),), severity=weight
    )


def _running(inventory: Inventory, node: Node) -> Assessed:
    warn, most = inventory.context.windows.notebook
    last = _last_opened(inventory, node)
    if last is not None and inventory.now - last < warn:
        return assessed(node, Verdict.PASS, f"opened on {last:%Y-%m-%d}")
    window = window_of(inventory, most)
    region = str(node.props.get("region", ""))
    gaps = logged(inventory, inventory.account(node), region, window)
    if gaps:
        return blind(node, "the log was not read for the whole window", gaps)
    if inventory.young(node, warn):
        return blind(node, "it is younger than the window", ())
    busy = _busy(inventory, node)
    if busy:
        return blind(node, busy, ())
    days = most.days if last is None else (inventory.now - last).days
    cost = monthly(inventory.setting(node, "instance_type") or "")
    evidence = [
        ("last opened", "not in the window" if last is None else f"{last:%Y-%m-%d}"),
        ("window", f"{most.days} days"),
    ]
    if cost:
        evidence.append(("cost a month", cost))
    why = f"runs, and nobody opened it for {'more than ' if last is None else ''}{days} days"
    base = Severity.LOW if last is not None and inventory.now - last < most else Severity.MEDIUM
    return Assessed(
        node.id, Verdict.FAIL, why, tuple(evidence), severity=severity_of(inventory, node, base)
    )


def _last_opened(inventory: Inventory, node: Node) -> datetime | None:
    used = inventory.use.by_asset.get(node.id, {})
    days = [day for action in _OPENED for held in used.get(action, {}).values() for day in held]
    newest = max(days, default=None)
    return (
        None
        if newest is None
        else datetime.fromisoformat(newest).replace(tzinfo=inventory.now.tzinfo)
    )


def _busy(inventory: Inventory, node: Node) -> str:
    """Why it may be at work without anybody opening it: its role was used. Empty where nothing says so."""
    window = window_of(inventory, inventory.context.windows.notebook[0])
    for role in roles(inventory, node.id):
        held = inventory.use.by_identity.get(role.id, {})
        if any(window.holds(day) for days in held.values() for day in days):
            return f"nobody opened it, but its role `{role.name}` was used"
    return ""


RULE = Rule(
    id="sh-003",
    ref="SH-003",
    title="Notebook is idle",
    kind=Kind.FIELD,
    family="SHA",
    severity=Severity.LOW,
    on=("Notebook",),
    needs=NEEDS,
    fix="Stop it, set an idle shutdown, or delete it with its disk.",
    signals="It runs, and no presigned URL, start or change of it stands in a log that was read for the whole window; or it was stopped long ago.",
    controls=(
        "a log that was not read for the whole window is not assessed",
        "a role that was used in the window may be background work: not assessed",
        "younger than the window: not assessed",
    ),
    reason=Reason.IDLE,
    ask=ask,
)
