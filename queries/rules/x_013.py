"""X-013: a deployed model that stands in no registry."""

from __future__ import annotations

from collections.abc import Iterator

from queries.grounds import assessed, blind, severity_of
from queries.inventory import Inventory
from queries.joins import served
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict

NEEDS = (
    "sagemaker.describe_endpoint",
    "sagemaker.describe_endpoint_config",
    "sagemaker.describe_model",
)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every endpoint, by whether all that it serves stands in a registry."""
    for node in inventory.assets("Endpoint"):
        if node.props.get("flavour") != "sagemaker endpoint":
            continue
        models = [one for one in served(inventory, node.id) if not one.props.get("referenced_only")]
        unread = (
            *inventory.unread(node, *NEEDS[:2]),
            *(gap for one in models for gap in inventory.unread(one, NEEDS[2])),
        )
        bad = [one for one in models if one.props.get("registered") is False]
        for model in bad:
            yield Assessed(
                node.id,
                Verdict.FAIL,
                f"serves `{model.name}`, which stands in no registry",
                (("model", model.id), ("artefact", str(model.props.get("uri", "unknown")))),
                identity=(model.id,),
                severity=severity_of(inventory, node, Severity.MEDIUM),
                related=(model.id,),
                unread=tuple(unread),
            )
        if not bad and unread:
            yield blind(node, "what it serves was not read", tuple(unread))
        elif not bad:
            yield assessed(node, Verdict.PASS, "all that it serves stands in a registry")


RULE = Rule(
    id="x-013",
    ref="X-013",
    title="Deployed model stands in no registry",
    kind=Kind.GRAPH,
    family="SHA",
    severity=Severity.HIGH,
    on=("Endpoint",),
    needs=NEEDS,
    identity=("model",),
    fix="Register the model, and deploy the endpoint from the registered version.",
    signals="An endpoint serves a model whose containers name no model package.",
    reason=Reason.LINEAGE_LESS,
    ask=ask,
)
