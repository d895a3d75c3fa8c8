"""X-010: one node whose removal would cut a large share of the ways to crown jewels."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import NodeId
from queries.choke import ChokePoint, ChokePoints, choke_points
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, LIKELY
from queries.rule import Assessed, Kind, Rule, Severity, Verdict
from queries.selection import jewels

NEEDS = IAM
MOST = 200  # jewels; where there are more, the heaviest are asked about
_LEAST = 3  # pairs: of fewer every node is a large share


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """The nodes that most ways to crown jewels lead through, by the share of pairs that end without each."""
    targets = _targets(inventory)
    if not targets:
        return
    found = choke_points(
        inventory.view, targets, passed_over=tuple(inventory.administrators), keep=LIKELY
    )
    points = [point for point in found.nodes if point.node in inventory.nodes]
    unread = {gap for one in targets for gap in inventory.unread(inventory.nodes[one], *NEEDS)}
    gaps = tuple(sorted(unread, key=str))
    if not gaps:
        yield from (_told(inventory, point, found) for point in points)
        return
    for one in [point.node for point in points if point.node is not None] or targets:
        yield blind(inventory.nodes[one], "who reaches crown jewels was not read whole", gaps)


def _targets(inventory: Inventory) -> tuple[NodeId, ...]:
    named = jewels(inventory.view, inventory.context.crown_jewels)
    held = [one for one in named if one in inventory.nodes]
    return tuple(sorted(held, key=lambda one: (-inventory.sensitivity(one), one))[:MOST])


def _told(inventory: Inventory, point: ChokePoint, found: ChokePoints) -> Assessed:
    node = point.id
    share = point.pairs / found.pairs
    words = f"{'' if point.exact else 'at least '}{point.pairs:,} of {found.pairs:,} pairs ({share:.0%})"
    if found.pairs < _LEAST or share < inventory.context.choke_share:
        return assessed(inventory.nodes[node], Verdict.PASS, f"without it {words} would end")
    return Assessed(
        node,
        Verdict.FAIL,
        f"without it {words} of identities and crown jewels would end",
        (
            ("pairs cut", str(point.pairs)),
            ("pairs", str(found.pairs)),
            ("counted", "exact" if point.exact else "lower bound"),
            ("identities", str(found.entries)),
            ("crown jewels", str(found.targets)),
        ),
    )


RULE = Rule(
    id="x-010",
    ref="X-010",
    title="Choke point of the ways to crown jewels",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.INFO,
    on=("Role", "User", "Group", "Notebook", "Job", "Pipeline", "Endpoint", "Agent", "Function", "Service", "Cluster", "VirtualMachine", "Workspace", "Dataset", "Secret", "Code", "Image", "Key", "KnowledgeBase", "ModelVersion", "Application", "ServiceAccount", "IdentityProvider", "Schedule", "External", "PermissionSet"),
    needs=NEEDS,
    fix="Start here: `shadowgraph choke --to jewels` ranks what to take away, Revocables included, and `shadowgraph cut --to jewels` finds the smallest set.",
    signals="Removing the node ends at least the share context.choke_share of all pairs of an identity and a crown jewel.",
    controls=(
        "administrators are passed over, and fewer than three pairs tell nothing",
        "counted again without the node, or told as a lower bound",
        "Revocables are ranked by `shadowgraph choke`",
    ),
    ask=ask,
)  # fmt: skip
