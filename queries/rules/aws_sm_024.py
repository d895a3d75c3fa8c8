"""AWS-SM-024: a model whose environment holds what looks like a secret."""

from __future__ import annotations

from collections.abc import Iterator

from queries.grounds import assessed, blind, severity_of
from queries.inventory import Inventory
from queries.providers import secret_names
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_model",)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every SageMaker model, by the names of its variables; values are never read."""
    for node in inventory.assets("ModelVersion"):
        if node.props.get("flavour") != "sagemaker model":
            continue
        names = secret_names((inventory.setting(node, "environment") or "").split(","))
        unread = inventory.unread(node, *NEEDS)
        if names:
            weight = severity_of(inventory, node, Severity.HIGH)
            why = f"its environment holds {', '.join(names)}"
            yield Assessed(
                node.id, Verdict.FAIL, why, (("variables", ", ".join(names)),), severity=weight
            )
        elif unread:
            yield blind(node, "its environment was not read", unread)
        else:
            yield assessed(node, Verdict.PASS, "no variable is called like a secret")


RULE = Rule(
    id="aws-sm-024",
    ref="AWS-SM-024",
    title="Model holds a secret in its environment",
    kind=Kind.FIELD,
    family="SEC",
    severity=Severity.HIGH,
    on=("ModelVersion",),
    needs=NEEDS,
    fix="Keep the secret in Secrets Manager and read it when the container starts; replace the one that was written here.",
    signals="A name in DescribeModel.PrimaryContainer or Containers[].Environment is that of a key, token or password.",
    controls=(
        "names that only point to a secret, such as those that end in ARN or NAME, do not count",
    ),
    ask=ask,
)
