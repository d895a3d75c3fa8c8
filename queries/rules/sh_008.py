"""SH-008: the key of an AI provider outside the vaults that may hold one."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind, severity_of
from queries.inventory import Inventory
from queries.providers import names_provider, provider_names
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict

NEEDS = ("secretsmanager.list_secrets", "lambda.list_functions", "sagemaker.describe_model")
_WORK = ("Function", "Service", "Job", "Pipeline", "Schedule", "ModelVersion")
_NEEDED = {"Function": "lambda.list_functions", "ModelVersion": "sagemaker.describe_model"}


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every secret by its name, and every workload and model by the names of its variables; no value is read."""
    for node in inventory.assets("Secret"):
        yield _secret(inventory, node)
    for node in inventory.assets(*_WORK):
        if node.kind != "ModelVersion" or node.props.get("flavour") == "sagemaker model":
            yield _work(inventory, node)


def _secret(inventory: Inventory, node: Node) -> Assessed:
    vaults = inventory.context.vaults
    sanctioned = any(inventory.context.allows(vaults, text) for text in (node.name, str(node.id)))
    if not names_provider(node.name):
        return assessed(node, Verdict.PASS, "it is not called after an AI provider")
    if sanctioned:
        return assessed(node, Verdict.PASS, "a vault that the settings name")
    if not vaults:
        return blind(
            node,
            "called after an AI provider, and no setting says which vaults may hold such keys",
            (),
        )
    weight = severity_of(inventory, node, Severity.MEDIUM)
    return Assessed(
        node.id,
        Verdict.FAIL,
        "called after an AI provider, and no sanctioned vault",
        (("place", "secret name"),),
        severity=weight,
    )


def _work(inventory: Inventory, node: Node) -> Assessed:
    names = provider_names((inventory.setting(node, "environment") or "").split(","))
    if names:
        why = f"its environment holds {', '.join(names)}"
        weight = severity_of(inventory, node, Severity.HIGH)
        return Assessed(
            node.id,
            Verdict.FAIL,
            why,
            (("place", "environment variable"), ("names", ", ".join(names))),
            severity=weight,
        )
    needed = _NEEDED.get(node.kind)
    unread = inventory.unread(node, needed) if needed else ()
    if unread:
        return blind(node, "its environment was not read", unread)
    return assessed(node, Verdict.PASS, "no variable holds the key of an AI provider")


RULE = Rule(
    id="sh-008",
    ref="SH-008",
    title="Key of an AI provider outside a sanctioned vault",
    kind=Kind.FIELD,
    family="SHA",
    severity=Severity.HIGH,
    on=("Secret", *_WORK),
    needs=NEEDS,
    fix="Move the key into the sanctioned vault or gateway, and replace the one that was exposed.",
    signals="A variable or secret is called after an AI provider's key; the place and the name are kept, never a value.",
    controls=("vaults are the setting context.vaults; without it a secret is not assessed",),
    reason=Reason.UNSANCTIONED,
    ask=ask,
)
