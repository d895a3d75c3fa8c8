"""AWS-SM-026: an endpoint that serves a model without an approved package."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind, severity_of
from queries.inventory import Inventory
from queries.joins import packages, served
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict

NEEDS = (
    "sagemaker.describe_endpoint",
    "sagemaker.describe_endpoint_config",
    "sagemaker.describe_model",
)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every SageMaker model, where an endpoint that is in service serves it."""
    live = {
        model.id: endpoint
        for endpoint in inventory.assets("Endpoint")
        if endpoint.props.get("state") == "InService"
        for model in served(inventory, endpoint.id)
    }
    for node in inventory.assets("ModelVersion"):
        if node.props.get("flavour") != "sagemaker model":
            continue
        if node.id in live:
            yield _assessed(inventory, node, live[node.id])
        else:
            yield assessed(node, Verdict.NOT_APPLICABLE, "no endpoint in service serves it")


def _assessed(inventory: Inventory, node: Node, endpoint: Node) -> Assessed:
    unread = inventory.unread(node, "sagemaker.describe_model")
    if unread:
        return blind(node, "what it was made from was not read", unread)
    evidence = (("served by", endpoint.id),)
    weight = severity_of(inventory, endpoint, Severity.HIGH)
    if node.props.get("registered") is not True:
        why = f"endpoint `{endpoint.name}` serves it, and it comes from no model package"
        return Assessed(
            node.id, Verdict.FAIL, why, evidence, severity=weight, related=(endpoint.id,)
        )
    held = packages(inventory, node)
    bad = [one for one in held if one.props.get("approval") != "Approved"]
    if bad:
        why = f"endpoint `{endpoint.name}` serves it, and package `{bad[0].name}` is {bad[0].props.get('approval', 'unknown')}"
        return Assessed(
            node.id, Verdict.FAIL, why, evidence, severity=weight, related=(endpoint.id, bad[0].id)
        )
    if not held:
        return blind(
            node,
            "its model package was not read",
            inventory.unread(node, "sagemaker.describe_model_package"),
        )
    return assessed(node, Verdict.PASS, "its model package is approved")


RULE = Rule(
    id="aws-sm-026",
    ref="AWS-SM-026",
    title="Endpoint serves a model that no registry approved",
    kind=Kind.GRAPH,
    family="GOV",
    severity=Severity.HIGH,
    on=("ModelVersion",),
    needs=(*NEEDS, "sagemaker.describe_model_package"),
    fix="Register the model as a package, have it approved, and deploy from the package.",
    signals="A model behind an endpoint in service has no ModelPackageName, or that package's ModelApprovalStatus is not Approved.",
    reason=Reason.LINEAGE_LESS,
    ask=ask,
)
