"""X-012: a production model that no run and no data stands behind."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import packages
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict
from queries.rules.aws_sm_034 import PROD

NEEDS = ("sagemaker.describe_model", "sagemaker.list_training_jobs")
_SAID = ("commit", "repository", "generated_by", "project")


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every SageMaker model of production, by what it is known to come from."""
    for node in inventory.assets("ModelVersion"):
        if (
            node.props.get("flavour") != "sagemaker model"
            or inventory.environment(node) not in PROD
        ):
            continue
        behind = _behind(inventory, node)
        unread = inventory.unread(node, *NEEDS)
        if behind:
            yield assessed(node, Verdict.PASS, behind)
        elif unread:
            yield blind(node, "what it comes from was not read", unread)
        else:
            yield assessed(
                node, Verdict.FAIL, "no training run, dataset or package stands behind it"
            )


def _behind(inventory: Inventory, node: Node) -> str:
    """What stands behind the model; empty where nothing does."""
    for one in (node, *packages(inventory, node)):
        for kind in ("TRAINED_ON", "DERIVED_FROM"):
            found = inventory.targets(one.id, kind)
            if found:
                return f"comes from `{found[0].name}`"
        made = inventory.targets(one.id, "CREATED_BY")
        if any(maker.kind in {"Job", "Pipeline"} for maker in made):
            return f"was made by `{made[0].name}`"
        told = [f"{word} {value}" for word in _SAID if (value := inventory.setting(one, word))]
        if told:
            return f"its package says {told[0]}"
    return ""


RULE = Rule(
    id="x-012",
    ref="X-012",
    title="Production model has no lineage",
    kind=Kind.GRAPH,
    family="GOV",
    severity=Severity.MEDIUM,
    on=("ModelVersion",),
    needs=NEEDS,
    fix="Register the model with the run, commit and data that it comes from, and deploy it from there.",
    signals="No TRAINED_ON or DERIVED_FROM edge leads from the model or its package, and the package's MetadataProperties are empty.",
    controls=(
        "jobs are listed for a window only: a model of an older run is found by its package's metadata",
    ),
    reason=Reason.LINEAGE_LESS,
    ask=ask,
)
