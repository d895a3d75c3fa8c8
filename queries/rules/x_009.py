"""X-009: a copy of restricted data with other readers than the original."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Capability, Node, NodeId
from queries.exposure import exposure
from queries.grounds import SENSITIVE, assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, LIKELY
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict

NEEDS = ("s3.get_bucket_policy", *IAM)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every dataset that was made from another, by who reads it and not its source."""
    for node in inventory.assets("Dataset"):
        sources = [
            one for one in inventory.targets(node.id, "DERIVED_FROM") if one.kind == "Dataset"
        ]
        if not sources:
            continue
        unread = tuple(gap for one in (node, *sources) for gap in inventory.unread(one, *NEEDS))
        found = list(_wider(inventory, node, sources))
        yield from found
        if not found and unread:
            yield blind(node, "who reads it, or what it was made from, was not read", unread)
        elif not found:
            yield assessed(
                node, Verdict.PASS, "nobody reads it who may not read what it was made from"
            )


def _wider(inventory: Inventory, node: Node, sources: list[Node]) -> Iterator[Assessed]:
    for source in sources:
        level = inventory.sensitivity(source.id)
        more = sorted(readers(inventory, node.id) - readers(inventory, source.id))
        if level >= SENSITIVE and more:
            names = ", ".join(f"`{inventory.nodes[one].name}`" for one in more[:5])
            rest = f" and {len(more) - 5} more" if len(more) > 5 else ""
            yield Assessed(
                node.id,
                Verdict.FAIL,
                f"a copy of the restricted `{source.name}`, read by {names}{rest}, who may not read the original",
                (("source", source.id), ("more readers", str(len(more)))),
                identity=(source.id,),
                related=(source.id, *more[:20]),
            )


def readers(inventory: Inventory, dataset: NodeId) -> frozenset[NodeId]:
    """The identities that read the dataset; people and groups count through their members."""
    if inventory.view.find(dataset) is None:
        return frozenset()
    found = exposure(inventory.view, dataset, capability=Capability.READ, keep=LIKELY).identities
    return frozenset(row.identity for row in found if row.kind not in {"Person", "Group"})


RULE = Rule(
    id="x-009",
    ref="X-009",
    title="Copy of restricted data has more readers",
    kind=Kind.GRAPH,
    family="SHA",
    severity=Severity.HIGH,
    on=("Dataset",),
    needs=NEEDS,
    identity=("source",),
    fix="Delete the copy, or confine it to those who may read the original.",
    signals="A dataset with a DERIVED_FROM edge (replication, copy events, jobs) to restricted data is read by identities that may not read that.",
    reason=Reason.COPIED,
    ask=ask,
)
