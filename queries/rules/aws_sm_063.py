"""AWS-SM-063: all of SageMaker for a person or a pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM
from queries.rule import Assessed, Kind, Rule, Severity, Verdict
from queries.statements import opened, statements

FULL = "AmazonSageMakerFullAccess"
_ALL = frozenset({"*", "sagemaker:*"})


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every user, and every role that people or pipelines sign in to."""
    for node in inventory.listed("User", "Role"):
        ways = opened(inventory, node)
        unread = inventory.unread(node, *IAM)
        if unread:
            yield blind(node, "its policies were not read", unread)
        elif not ways:
            yield assessed(node, Verdict.NOT_APPLICABLE, "no person and no pipeline signs in as it")
        else:
            yield from _assessed(inventory, node, ways)


def _assessed(inventory: Inventory, node: Node, ways: tuple[str, ...]) -> Iterator[Assessed]:
    found = {
        said.policy
        for said in statements(inventory, node)
        if said.policy.endswith(f"/{FULL}")
        or (said.statement.allow and _ALL & {action.lower() for action in said.statement.actions})
    }
    for policy in sorted(found):
        yield Assessed(
            node.id,
            Verdict.FAIL,
            f"`{policy.rpartition('/')[2]}` gives all of SageMaker to whoever gets in by {', '.join(ways)}",
            (("policy", policy), ("gets in by", ", ".join(ways))),
            identity=(policy,),
        )
    if not found:
        yield assessed(node, Verdict.PASS, "no policy gives it all of SageMaker")


RULE = Rule(
    id="aws-sm-063",
    ref="AWS-SM-063",
    title="Person or pipeline holds all of SageMaker",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.HIGH,
    on=("User", "Role"),
    needs=IAM,
    identity=("policy",),
    fix="Replace it with the actions that the work needs; `shadowgraph privilege` proposes them.",
    signals="AmazonSageMakerFullAccess, or a statement that allows sagemaker:* or *, at an identity that people or pipelines sign in to.",
    controls=("roles that only services assume are left out",),
    ask=ask,
)
