"""AWS-SM-059: a pipeline whose role is an administrator, or that more identities start than may act as its role."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Capability, Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, escalates, holdings, roles, toward
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_pipeline", *IAM)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every SageMaker pipeline, by what its role becomes and who may start it."""
    for node in inventory.assets("Pipeline"):
        if node.props.get("flavour") != "sagemaker pipeline":
            continue
        found = list(_bad(inventory, node))
        unread = inventory.unread(node, *NEEDS)
        yield from found
        if not found and unread:
            yield blind(node, "its role, or who may start it, was not read", unread)
        elif not found:
            yield assessed(
                node,
                Verdict.PASS,
                "its role becomes no administrator, and whoever starts it may act as it",
            )


def _bad(inventory: Inventory, node: Node) -> Iterator[Assessed]:
    for role in roles(inventory, node.id):
        how = escalates(inventory, role.id)
        if how:
            yield Assessed(
                node.id,
                Verdict.FAIL,
                f"its role `{role.name}` {how}",
                (("role", role.id),),
                identity=("role", role.id),
                severity=Severity.CRITICAL,
                related=(role.id,),
            )
        ahead = toward(inventory, (role.id,))
        view = inventory.view
        for held in holdings(inventory, node.id):
            at = view.position(held.identity.id)
            starts = held.gains & {Capability.INVOKE, Capability.WRITE}
            if starts and held.identity.id != role.id and not ahead[view.start(at)]:
                yield Assessed(
                    node.id,
                    Verdict.FAIL,
                    f"`{held.identity.name}` may start it, and may not act as its role `{role.name}`",
                    (("identity", held.identity.id), ("role", role.id)),
                    identity=("start", held.identity.id),
                    related=(held.identity.id, role.id),
                )


RULE = Rule(
    id="aws-sm-059",
    ref="AWS-SM-059",
    title="Pipeline lends more than its starters have",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.HIGH,
    on=("Pipeline",),
    needs=NEEDS,
    identity=("what", "who"),
    fix="Give the pipeline a role that holds what its steps need, and name who may start it.",
    signals="DescribePipeline.RoleArn reaches administration, or sagemaker:StartPipelineExecution is held by identities that do not reach the role.",
    ask=ask,
)
