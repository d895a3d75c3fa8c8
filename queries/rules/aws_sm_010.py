"""AWS-SM-010: a notebook whose role is an administrator, or becomes one."""

from __future__ import annotations

from collections.abc import Iterator

from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, escalates, roles
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_notebook_instance", *IAM)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every notebook instance, by what its role is or becomes."""
    for node in inventory.assets("Notebook"):
        if node.props.get("flavour") != "sagemaker notebook instance":
            continue
        bad = [
            (role, how)
            for role in roles(inventory, node.id)
            if (how := escalates(inventory, role.id))
        ]
        unread = inventory.unread(node, *NEEDS)
        for role, how in bad:
            yield Assessed(
                node.id,
                Verdict.FAIL,
                f"its role `{role.name}` {how}",
                (("role", role.id),),
                identity=(role.id,),
                related=(role.id,),
            )
        if bad:
            continue
        if unread:
            yield blind(node, "its role, or what roles may do, was not read", unread)
        else:
            yield assessed(node, Verdict.PASS, "its role is no administrator and becomes none")


RULE = Rule(
    id="aws-sm-010",
    ref="AWS-SM-010",
    title="Notebook runs as an administrator",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.CRITICAL,
    on=("Notebook",),
    needs=NEEDS,
    identity=("role",),
    fix="Give the notebook a role of its own that holds what its work needs, and take the way to administration away.",
    signals="The notebook's role holds Grants that widen it to everything, or reaches an identity that does.",
    controls=("ways that are only possible do not count",),
    ask=ask,
)
