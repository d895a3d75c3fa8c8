"""SH-005: a model that nothing deploys, and that nobody reads."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind, excused
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict

NEEDS = ("sagemaker.list_endpoints", "sagemaker.list_transform_jobs", "sagemaker.describe_model")
_KEEPS = ("SERVES", "EXECUTES", "DERIVED_FROM")


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every SageMaker model, by what serves, runs or was made from it."""
    for node in inventory.assets("ModelVersion"):
        if node.props.get("flavour") == "sagemaker model":
            yield _assessed(inventory, node)


def _assessed(inventory: Inventory, node: Node) -> Assessed:
    users = [one for kind in _KEEPS for one in inventory.sources(node.id, kind)]
    if users:
        return assessed(node, Verdict.PASS, f"used by `{users[0].name}`")
    excuse = excused(inventory, node)
    if excuse:
        return assessed(node, Verdict.NOT_APPLICABLE, excuse)
    unread = inventory.unread(node, *NEEDS)
    if unread:
        return blind(node, "what deploys it was not read", unread)
    most = inventory.context.windows.model
    age = inventory.age(node)
    if age is None or age < most:
        return blind(node, f"it is younger than the window of {most.days} days", ())
    days = age.days
    why = f"made {days} days ago, and no endpoint or transform job uses it"
    evidence = (("reads of its artefact", "not looked at: they show in data events only"),)
    return Assessed(node.id, Verdict.FAIL, why, evidence)


RULE = Rule(
    id="sh-005",
    ref="SH-005",
    title="Model is used by nothing",
    kind=Kind.FIELD,
    family="SHA",
    severity=Severity.LOW,
    on=("ModelVersion",),
    needs=NEEDS,
    fix="Delete the model and its artefact, or register it where it is kept on purpose.",
    signals="No endpoint configuration, transform job or other model uses it, and it is older than the window.",
    controls=("a week of grace after creation", "younger than the window: not assessed"),
    reason=Reason.IDLE,
    ask=ask,
)
