"""X-004: something that everyone may call, and whose role reads restricted data."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Capability, Node
from queries.grounds import SENSITIVE, assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, gained, holdings, roles
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

_KINDS = ("Endpoint", "Agent", "Function", "Service")
NEEDS = (
    "sagemaker.get_endpoint_policy",
    "lambda.get_policy",
    "lambda.list_function_url_configs",
    *IAM,
)
_OWN = {"Endpoint": ("sagemaker.get_endpoint_policy",), "Function": ("lambda.get_policy",)}


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every endpoint, agent, function and service, by whether everyone may call it and what its role reads."""
    for node in inventory.assets(*_KINDS):
        unread = inventory.unread(node, *_OWN.get(node.kind, ()), *IAM)
        if not _open(inventory, node):
            if unread:
                yield blind(node, "who may call it was not read", unread)
            else:
                yield assessed(node, Verdict.PASS, "not everyone may call it")
            continue
        found = list(_bad(inventory, node))
        yield from found
        if not found:
            yield assessed(
                node, Verdict.PASS, "everyone may call it, and its role reads nothing restricted"
            )


def _open(inventory: Inventory, node: Node) -> bool:
    rows = holdings(inventory, node.id)
    return any(row.identity.kind == "Public" and Capability.INVOKE in row.gains for row in rows)


def _bad(inventory: Inventory, node: Node) -> Iterator[Assessed]:
    for role in roles(inventory, node.id):
        data = sorted(
            asset
            for asset, gains in gained(inventory, role.id).items()
            if Capability.READ in gains and inventory.sensitivity(asset) >= SENSITIVE
        )
        if data:
            yield Assessed(
                node.id,
                Verdict.FAIL,
                f"everyone may call it, and its role `{role.name}` reads restricted data ({len(data)})",
                (("role", role.id), *(("reads", asset) for asset in data[:5])),
                identity=(role.id,),
                related=(role.id, *data[:20]),
            )


RULE = Rule(
    id="x-004",
    ref="X-004",
    title="Open to everyone, and reads restricted data",
    kind=Kind.GRAPH,
    family="EXP",
    severity=Severity.CRITICAL,
    on=_KINDS,
    needs=NEEDS,
    identity=("role",),
    fix="Ask callers who they are, and give it a role that reads only what its answers need.",
    signals="Everyone holds INVOKE on it, and the role that it runs as reaches READ of data rated restricted.",
    controls=("ways that are only possible do not count",),
    ask=ask,
)
