"""AWS-SM-064: every role may be passed to new SageMaker work."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM
from queries.rule import Assessed, Kind, Rule, Severity, Verdict
from queries.statements import everything, statements

CREATES = tuple(
    f"sagemaker:Create{what}"
    for what in ("NotebookInstance", "TrainingJob", "ProcessingJob", "Pipeline", "AutoMLJob")
)
_PASS = "iam:PassRole"  # noqa: S105 - an action, no password


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every user, role and group, by whether its policies pass any role and create what runs as it."""
    for node in inventory.listed("User", "Role"):
        unread = inventory.unread(node, *IAM)
        if unread:
            yield blind(node, "its policies were not read", unread)
        else:
            yield _assessed(inventory, node)


def _assessed(inventory: Inventory, node: Node) -> Assessed:
    allowed = [said for said in statements(inventory, node) if said.statement.allow]
    passing = [
        said for said in allowed if everything(said.statement) and said.statement.speaks_of(_PASS)
    ]
    creates = sorted(
        action for action in CREATES if any(said.statement.speaks_of(action) for said in allowed)
    )
    if not passing or not creates:
        return assessed(node, Verdict.PASS, "it may not pass every role to new work")
    admin = node.id in inventory.administrators
    evidence = (
        ("passes by", passing[0].policy),
        ("statement", passing[0].statement.sid),
        ("creates", ", ".join(creates)),
    )
    why = f"passes any role (`{passing[0].statement.sid}`) and may {', '.join(creates)}"
    return Assessed(
        node.id,
        Verdict.FAIL,
        why,
        evidence,
        severity=Severity.MEDIUM if admin else Severity.CRITICAL,
    )


RULE = Rule(
    id="aws-sm-064",
    ref="AWS-SM-064",
    title="Any role may be passed to new SageMaker work",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.CRITICAL,
    on=("User", "Role"),
    needs=IAM,
    fix="Name the roles that may be passed, and ask for iam:PassedToService.",
    signals="iam:PassRole on every resource without a condition, beside a SageMaker create action, in the identity's own policies or its groups'.",
    controls=("an identity that is an administrator anyway is medium",),
    ask=ask,
)
