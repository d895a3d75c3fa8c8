"""AWS-SM-033: a shadow variant or inference component that serves a model without approval."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import packages, served
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = (
    "sagemaker.describe_endpoint_config",
    "sagemaker.list_inference_components",
    "sagemaker.describe_model",
)
_COMPONENT = "component:"


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every SageMaker endpoint with a shadow variant or a component; the others are passed over."""
    for node in inventory.assets("Endpoint"):
        if node.props.get("flavour") != "sagemaker endpoint":
            continue
        unread = inventory.unread(node, *NEEDS[:2])
        names = inventory.settings(node)
        beside = bool(names.get("shadow_variants")) or any(
            name.startswith(_COMPONENT) for name in names
        )
        if unread:
            yield blind(node, "its configuration or components were not read", unread)
        elif not beside:
            yield assessed(
                node, Verdict.NOT_APPLICABLE, "it has no shadow variant and no component"
            )
        else:
            yield from _assessed(inventory, node)


def _assessed(inventory: Inventory, node: Node) -> Iterator[Assessed]:
    models = served(inventory, node.id)
    bad = [one for one in models if not _approved(inventory, one)]
    unread = tuple(
        gap
        for one in models
        if one.props.get("flavour") == "sagemaker model"
        for gap in inventory.unread(one, NEEDS[2])
    )
    for model in bad:
        yield Assessed(
            node.id,
            Verdict.FAIL,
            f"serves `{model.name}` beside its production variant, and nothing approved it",
            (("model", model.id),),
            identity=(model.id,),
            related=(model.id,),
            unread=unread,
        )
    if not bad and unread:
        yield blind(node, "what it serves was not read", unread)
    elif not bad:
        yield assessed(node, Verdict.PASS, "all that it serves is approved")


def _approved(inventory: Inventory, model: Node) -> bool:
    held = packages(inventory, model)
    return bool(held) and all(one.props.get("approval") == "Approved" for one in held)


RULE = Rule(
    id="aws-sm-033",
    ref="AWS-SM-033",
    title="Endpoint serves an unapproved model beside the approved one",
    kind=Kind.GRAPH,
    family="GOV",
    severity=Severity.HIGH,
    on=("Endpoint",),
    needs=(*NEEDS, "sagemaker.describe_model_package"),
    identity=("model",),
    fix="Approve the model's package, or take the shadow variant or component away.",
    signals="A shadow variant, or an inference component, serves a model or artefact without an approved package.",
    controls=(
        "which of several variants serves a model is not told apart: one unapproved model is enough",
    ),
    ask=ask,
)
