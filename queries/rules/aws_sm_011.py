"""AWS-SM-011: identities that become a notebook's role only by opening the notebook."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graph.model import Capability, Node, NodeId
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, LIKELY, holdings, roles
from queries.kernels.search import kept
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_notebook_instance", *IAM)
PRESIGN = "sagemaker:CreatePresignedNotebookInstanceUrl"
HOWS = frozenset({PRESIGN, "sm-lifecycle-update"})


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every notebook instance with a role: who opens it and is not that role by any other way."""
    for node in inventory.assets("Notebook"):
        if node.props.get("flavour") != "sagemaker notebook instance":
            continue
        unread = inventory.unread(node, *NEEDS)
        found = list(_gaining(inventory, node))
        yield from found
        if not found and unread:
            yield blind(node, "its role, or who may open it, was not read", unread)
        elif not found:
            yield assessed(node, Verdict.PASS, "whoever opens it may act as its role anyway")


def _gaining(inventory: Inventory, node: Node) -> Iterator[Assessed]:
    for role in roles(inventory, node.id):
        otherwise = _without(inventory, node.id, role.id)
        for held in holdings(inventory, node.id):
            how = sorted(held.hows & HOWS)
            who = held.identity
            if how and who.id not in inventory.administrators and who.id not in otherwise:
                yield Assessed(
                    node.id,
                    Verdict.FAIL,
                    f"`{who.name}` becomes `{role.name}` by opening it, and by nothing else",
                    (("identity", who.id), ("by", ", ".join(how)), ("role", role.id)),
                    identity=(who.id, role.id),
                    related=(who.id, role.id),
                )


def _without(inventory: Inventory, notebook: NodeId, role: NodeId) -> frozenset[NodeId]:
    """Who acts as the role by ways that do not lead over the notebook."""
    view = inventory.view
    at, shut = view.find(role), view.find(notebook)
    if at is None or shut is None:
        return frozenset()
    arranged = kept(view, LIKELY, inward=True)
    seen = np.zeros(view.size, dtype=np.bool_)
    seen[list(view.states_of(shut))] = True  # never walked over
    front = np.array([view.state(at, Capability.CONTROL)], dtype=np.int32)
    found: set[int] = set()
    while len(front):
        seen[front] = True
        found.update(front.tolist())
        ahead = np.unique(arranged.neighbours(front))
        front = ahead[~seen[ahead]]
    starts = (state for state in found if view.capability(state) is Capability.CONTROL)
    return frozenset(view.nodes.ids[int(view.state_node[state])] for state in starts)


RULE = Rule(
    id="aws-sm-011",
    ref="AWS-SM-011",
    title="Opening a notebook lends a role that its user does not have",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.HIGH,
    on=("Notebook",),
    needs=NEEDS,
    identity=("identity", "role"),
    fix="Confine who may open or rewrite the notebook to those who may act as its role, or give it a weaker role.",
    signals="A Grant to open the notebook, or to change its start-up script, is the only way of its holder to the notebook's role.",
    controls=("administrators are left out: they may become any role",),
    ask=ask,
)
