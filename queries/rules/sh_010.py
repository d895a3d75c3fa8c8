"""SH-010: a training run on an image or a repository that nobody approved."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_training_job",)
_VENDOR = "/sagemaker-"  # images that AWS publishes for SageMaker


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every training job, by the images that it ran."""
    for node in inventory.assets("Job"):
        if node.props.get("flavour") == "sagemaker training job":
            yield _assessed(inventory, node)


def _assessed(inventory: Inventory, node: Node) -> Assessed:
    allowed = inventory.context.images
    unread = inventory.unread(node, *NEEDS)
    images = [
        value
        for name, value in sorted(inventory.settings(node).items())
        if name.startswith("image:")
    ]
    if not allowed:
        return blind(node, "no setting says which images may be run", ())
    bad = [
        image
        for image in images
        if not _vendor(image) and not inventory.context.allows(allowed, image)
    ]
    if bad:
        return Assessed(
            node.id,
            Verdict.FAIL,
            f"ran `{bad[0]}`, which no setting allows",
            tuple(("image", one) for one in bad),
        )
    if unread:
        return blind(node, "its image was not read", unread)
    return assessed(node, Verdict.PASS, "it ran images that may be run")


def _vendor(image: str) -> bool:
    return ".dkr.ecr." in image and _VENDOR in image


RULE = Rule(
    id="sh-010",
    ref="SH-010",
    title="Training ran on an unapproved image",
    kind=Kind.FIELD,
    family="SHA",
    severity=Severity.MEDIUM,
    on=("Job",),
    needs=NEEDS,
    fix="Train on an approved image, or name the image in context.images.",
    signals="AlgorithmSpecification.TrainingImage is none that the settings allow.",
    controls=(
        "images that AWS publishes for SageMaker are approved",
        "without the setting nothing is assessed",
    ),
    reason=Reason.UNSANCTIONED,
    ask=ask,
)
