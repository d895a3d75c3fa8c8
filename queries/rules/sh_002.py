"""SH-002: an endpoint that nobody called in the window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from graph.model import Node
from queries.grounds import assessed, blind, excused, severity_of
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Unread, Verdict

METRIC = "cloudwatch.get_metric_statistics"
NEEDS = ("sagemaker.describe_endpoint", METRIC)
_CALLS, _WINDOW = "invocations|", "metric_window|"
_LATE = timedelta(days=2)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every SageMaker endpoint that is up, by the calls of all its variants."""
    for node in inventory.assets("Endpoint"):
        if node.props.get("flavour") == "sagemaker endpoint":
            yield _assessed(inventory, node)


def _assessed(inventory: Inventory, node: Node) -> Assessed:
    warn, most = inventory.context.windows.endpoint
    since = inventory.now - most
    last = _last_call(inventory, node)
    if last is not None and last >= inventory.now - warn:
        return assessed(node, Verdict.PASS, f"called on {last:%Y-%m-%d}")
    if node.props.get("state") not in {None, "InService", "Updating"}:
        return assessed(node, Verdict.NOT_APPLICABLE, f"its state is {node.props.get('state')}")
    excuse = excused(inventory, node)
    if excuse:
        return assessed(node, Verdict.NOT_APPLICABLE, excuse)
    unread = inventory.unread(node, *NEEDS)
    short = _short(inventory, node, since)
    if unread or short:
        return blind(node, short or "its calls were not read", unread or (Unread(METRIC),))
    age = inventory.age(node)
    if age is None or age < warn:
        return blind(node, "it is younger than the window", ())
    return _idle(inventory, node, last)


def _idle(inventory: Inventory, node: Node, last: datetime | None) -> Assessed:
    warn, most = inventory.context.windows.endpoint
    warned = last is not None and last >= inventory.now - most
    days = most.days if last is None else (inventory.now - last).days
    why = f"not called for {'more than ' if last is None else ''}{days} days"
    evidence = (
        ("last call", "none in the window" if last is None else f"{last:%Y-%m-%d}"),
        ("window", f"{most.days} days, warned after {warn.days}"),
    )
    base = Severity.LOW if warned else Severity.MEDIUM
    return Assessed(
        node.id, Verdict.FAIL, why, evidence, severity=severity_of(inventory, node, base)
    )


def _last_call(inventory: Inventory, node: Node) -> datetime | None:
    """The newest day on which some variant was called."""
    days = [
        day
        for name, value in inventory.seen(node.id).items()
        if name.startswith(_CALLS) and isinstance(value, Mapping)
        for day, count in value.items()
        if count not in {"", "0"}
    ]
    newest = max(days, default=None)
    return (
        None
        if newest is None
        else datetime.fromisoformat(newest).replace(tzinfo=inventory.now.tzinfo)
    )


def _short(inventory: Inventory, node: Node, since: datetime) -> str:
    """Why the metrics do not speak for the whole window; empty where they do."""
    windows = [value for name, value in inventory.seen(node.id).items() if name.startswith(_WINDOW)]
    if not windows:
        return "no metric of its calls was read"
    for held in windows:
        first, last = (
            (_moment(held.get(word)) for word in ("since", "until"))
            if isinstance(held, Mapping)
            else (None, None)
        )
        if first is None or last is None or first > since + _LATE or last < inventory.now - _LATE:
            return "its metrics were read for a part of the window only"
    return ""


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None


RULE = Rule(
    id="sh-002",
    ref="SH-002",
    title="Endpoint is idle",
    kind=Kind.FIELD,
    family="SHA",
    severity=Severity.MEDIUM,
    on=("Endpoint",),
    needs=NEEDS,
    fix="Delete the endpoint, or say in a decision why it stands by.",
    signals="CloudWatch AWS/SageMaker Invocations of every variant sum to 0 over the window; asked about, not missing.",
    controls=(
        "a week of grace after creation",
        "an endpoint younger than the window is not assessed",
        "metrics that were not read for the whole window are not assessed",
        "called within the longer window: low, as a warning",
    ),
    reason=Reason.IDLE,
    ask=ask,
)
