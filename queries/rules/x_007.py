"""X-007: a person who acts as a workload's identity that is stronger than they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.model import Capability, Node, NodeId
from queries.grounds import SENSITIVE, assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, LIKELY, escalates, gained
from queries.kernels.search import reached
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

_WORK = frozenset(
    {
        "Notebook",
        "Job",
        "Pipeline",
        "Endpoint",
        "Agent",
        "Function",
        "Service",
        "Cluster",
        "VirtualMachine",
    }
)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every user, by the workload roles that it acts as and what those have beyond it."""
    strong = dict(_strong(inventory))
    for user in inventory.listed("User"):
        unread = inventory.unread(user, *IAM)
        found = (
            list(_borrowed(inventory, user, strong))
            if user.id not in inventory.administrators
            else []
        )
        yield from found
        if not found and unread:
            yield blind(user, "what it may do was not read", unread)
        elif not found:
            yield assessed(user, Verdict.PASS, "it acts as no workload identity that is stronger")


def _strong(inventory: Inventory) -> Iterator[tuple[NodeId, str]]:
    """The roles of workloads that are or become administrators, or read restricted data, with what makes them strong."""
    for role in inventory.listed("Role"):
        works = [
            one
            for one in inventory.sources(role.id, "RUNS_AS")
            if one.kind in _WORK and not one.props.get("potential")
        ]
        if not works:
            continue
        how = escalates(inventory, role.id)
        data = [
            asset
            for asset, gains in gained(inventory, role.id).items()
            if Capability.READ in gains and inventory.sensitivity(asset) >= SENSITIVE
        ]
        if how or data:
            yield role.id, how or f"reads restricted data ({len(data)})"


def _borrowed(inventory: Inventory, user: Node, strong: Mapping[NodeId, str]) -> Iterator[Assessed]:
    view = inventory.view
    at = view.find(user.id)
    if at is None:
        return
    mask = reached(view, LIKELY, [view.start(at)])
    for role, why in sorted(strong.items()):
        place = view.find(role)
        if place is not None and mask[view.start(place)]:
            node = inventory.nodes[role]
            yield Assessed(
                user.id,
                Verdict.FAIL,
                f"acts as the workload role `{node.name}`, which {why}",
                (("role", role), ("the role", why)),
                identity=(role,),
                related=(role,),
            )


RULE = Rule(
    id="x-007",
    ref="X-007",
    title="Person borrows a stronger workload identity",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.HIGH,
    on=("User",),
    needs=IAM,
    identity=("role",),
    fix="Cut the way to the role: who may open, start or rewrite the workload, and whom the role trusts.",
    signals="A user that is no administrator reaches CONTROL of a role that a workload runs as, and that is or becomes an administrator or reads restricted data.",
    controls=(
        "ways that are only possible do not count",
        "roles of workloads that nobody made yet do not count",
    ),
    ask=ask,
)
