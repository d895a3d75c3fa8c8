"""X-005: a notebook open to the internet whose role is or becomes an administrator, or acts in another account."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, LIKELY, escalates, roles
from queries.kernels.search import reached
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_notebook_instance", *IAM)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every notebook that the internet reaches, by what its role becomes."""
    for node in inventory.assets("Notebook"):
        if node.props.get("flavour") != "sagemaker notebook instance":
            continue
        unread = inventory.unread(node, *NEEDS)
        found = list(_bad(inventory, node)) if node.props.get("internet_reachable") else []
        yield from found
        if not found and unread:
            yield blind(node, "its network or its role was not read", unread)
        elif not node.props.get("internet_reachable"):
            yield assessed(node, Verdict.NOT_APPLICABLE, "the internet does not reach it")
        elif not found:
            yield assessed(
                node, Verdict.PASS, "its role becomes no administrator and stays in its account"
            )


def _bad(inventory: Inventory, node: Node) -> Iterator[Assessed]:
    for role in roles(inventory, node.id):
        how = escalates(inventory, role.id)
        abroad = _abroad(inventory, role)
        why = how or (f"acts as `{abroad}` of another account" if abroad else "")
        if why:
            yield Assessed(
                node.id,
                Verdict.FAIL,
                f"open to the internet, and its role `{role.name}` {why}",
                (("role", role.id), ("reaches", abroad or how)),
                identity=(role.id,),
                related=(role.id,),
            )


def _abroad(inventory: Inventory, role: Node) -> str:
    """A role of another account that this role acts as; empty where there is none."""
    view = inventory.view
    at = view.find(role.id)
    if at is None:
        return ""
    mask = reached(view, LIKELY, [view.start(at)])
    own = inventory.account(role)
    for other in inventory.listed("Role"):
        place = view.find(other.id)
        if (
            place is not None
            and inventory.account(other) not in {own, ""}
            and mask[view.start(place)]
        ):
            return other.name
    return ""


RULE = Rule(
    id="x-005",
    ref="X-005",
    title="Internet-open notebook leads to administration or another account",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.CRITICAL,
    on=("Notebook",),
    needs=NEEDS,
    identity=("role",),
    fix="Close the notebook's direct internet access, and give it a role that stays in its account.",
    signals="The notebook is reachable from the internet, and its role reaches an administrator or a role of another account.",
    ask=ask,
)
