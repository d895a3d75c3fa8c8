"""X-014: an approval that no approver gave, and that no change ticket covers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from graph.model import Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_model_package",)
UPDATE = "sagemaker:UpdateModelPackage"
_TICKETS = ("ticket", "change", "change-ticket", "change-request", "jira", "cr")
_TICKET = re.compile(r"\b([A-Z][A-Z0-9]{1,9}-\d{1,7}|(CHG|RFC|INC|CR)\d{4,12})\b")


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every approved model package, by who approved it and whether a ticket is named."""
    for node in inventory.assets("ModelVersion"):
        if node.props.get("flavour") == "sagemaker model package":
            yield _assessed(inventory, node)


def _assessed(inventory: Inventory, node: Node) -> Assessed:
    unread = inventory.unread(node, *NEEDS)
    if unread:
        return blind(node, "its approval was not read", unread)
    if node.props.get("approval") != "Approved":
        return assessed(node, Verdict.NOT_APPLICABLE, "it is not approved")
    if ticket := ticket_of(inventory, node):
        return assessed(node, Verdict.PASS, f"`{ticket}` covers it")
    if not inventory.context.approvers:
        return assessed(node, Verdict.NOT_APPLICABLE, "the settings name no approvers")
    return _by(inventory, node)


def _by(inventory: Inventory, node: Node) -> Assessed:
    who = approvers_of(inventory, node)
    if not who:
        return blind(node, "who approved it is not known", ())
    strangers = {name: said for name, said in who.items() if not _may(inventory, name)}
    if not strangers:
        return assessed(node, Verdict.PASS, "an approver approved it")
    name, said = min(strangers.items())
    return Assessed(
        node.id,
        Verdict.FAIL,
        f"`{name}`, who is no approver, changed its approval, and no ticket is named",
        (("identity", name), ("known by", said)),
    )


def approvers_of(inventory: Inventory, node: Node) -> Mapping[str, str]:
    """Who changed the package, by the log or by the registry, each with how that is known."""
    calls = inventory.use.by_asset.get(node.id, {}).get(UPDATE, {})
    found = {str(identity): "calls of UpdateModelPackage" for identity in calls}
    last = inventory.setting(node, "changed_by") or inventory.setting(node, "changed_by_profile")
    if last and not found:
        found[last] = "last change in the registry"
    return found


def _may(inventory: Inventory, name: str) -> bool:
    context = inventory.context
    return context.allows(context.approvers, name) or context.allows(
        context.approvers, name.rpartition("/")[2]
    )


def ticket_of(inventory: Inventory, node: Node) -> str:
    """The ticket that a tag, or the words of the approval, name; empty where none does."""
    tags = {name.lower(): value for name, value in (inventory.tags(node) or {}).items()}
    tagged = next((tags[name] for name in _TICKETS if tags.get(name)), "")
    if tagged:
        return tagged
    found = _TICKET.search(inventory.setting(node, "approval_description") or "")
    return found.group() if found else ""


RULE = Rule(
    id="x-014",
    ref="X-014",
    title="Model was approved by no approver, and without a ticket",
    kind=Kind.GRAPH,
    family="GOV",
    severity=Severity.HIGH,
    on=("ModelVersion",),
    needs=NEEDS,
    fix="Let an approver look at it again, name the ticket in ApprovalDescription, and deny sagemaker:UpdateModelPackage to everybody else.",
    signals="An approved package that was changed by an identity which context.approvers does not name, by the log's calls of UpdateModelPackage or the registry's LastModifiedBy, and for which no tag or approval description names a ticket.",
    controls=(
        "not applicable until the setting context.approvers names the approvers",
        "any change moves LastModifiedBy: calls in the log count before it",
    ),
    ask=ask,
)
