"""SH-009: a long-lived Bedrock API key."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory, moment
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict

NEEDS = ("iam.list_service_specific_credentials",)
_BEDROCK = "bedrock.amazonaws.com"


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every service-specific credential of Bedrock: whether it ends, and whether its user is there."""
    for node in inventory.listed("Credential"):
        if node.props.get("flavour") == "service-specific credential":
            service = inventory.setting(node, "service")
            if service in {None, _BEDROCK}:
                yield _assessed(inventory, node, service)


def _assessed(inventory: Inventory, node: Node, service: str | None) -> Assessed:
    if service is None:
        return blind(node, "for which service it is was not read", inventory.unread(node, *NEEDS))
    if node.props.get("enabled") is False:
        return assessed(node, Verdict.NOT_APPLICABLE, "it is disabled")
    ends = moment(node.props.get("expires"))
    if ends is None:
        return Assessed(
            node.id, Verdict.FAIL, "an API key for Bedrock that never ends", (("service", service),)
        )
    if ends < inventory.now:
        return assessed(node, Verdict.NOT_APPLICABLE, f"it ended on {ends:%Y-%m-%d}")
    most = inventory.context.windows.log
    if ends - inventory.now > most:
        why = f"an API key for Bedrock that lasts until {ends:%Y-%m-%d}"
        return Assessed(
            node.id, Verdict.FAIL, why, (("ends", f"{ends:%Y-%m-%d}"),), severity=Severity.LOW
        )
    return assessed(node, Verdict.PASS, f"it ends on {ends:%Y-%m-%d}")


RULE = Rule(
    id="sh-009",
    ref="SH-009",
    title="Long-lived API key of an AI service",
    kind=Kind.FIELD,
    family="SHA",
    severity=Severity.MEDIUM,
    on=("Credential",),
    needs=NEEDS,
    fix="Delete the key, and call Bedrock with a role or a short-term key.",
    signals="A service-specific credential for bedrock.amazonaws.com has no end, or one beyond the window.",
    reason=Reason.UNSANCTIONED,
    ask=ask,
)
