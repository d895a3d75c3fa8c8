"""What the analyses say of single nodes, as properties that a shared graph keeps beside them: what Cypher ranks by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from graph.model import NodeId
from queries.findings import Finding
from queries.inventory import Inventory
from queries.privilege.excess import Ledger, table
from queries.reach import blast_radii

MEASURES: Mapping[str, str] = {
    "asset": "whether it counts as an asset that is there",
    "reach_assets": "how many assets the identity reaches, everyone's reach included",
    "reach_sensitivity": "the sum of the sensitivities of what it reaches",
    "exposed_to": "how many enabled identities reach the asset",
    "exposed_external": "how many of them are outside the estate",
    "exposed_public": "whether everyone on the internet reaches it",
    "administrator": "whether the identity may grant itself everything",
    "worth": "the sensitivity that counts, 0 to 10; absent where nobody stated one",
    "granted": "how many pairs of an action and an asset the identity holds",
    "unused": "how many of these were not used in the window, and would have been seen",
    "not_observed": "how many of these no log that was read would show",
    "privilege_index": "how much of what it holds is more than it uses, 0 to 100",
    "open_findings": "how many findings are open on it",
}
"""The measures by name, with what each says."""

REVIEWED_AT_MOST = (
    5_000  # identities; where there are more, what is held and used stays with the review itself
)


def measures_of(
    inventory: Inventory, findings: Iterable[Finding]
) -> dict[NodeId, dict[str, object]]:
    """The measures of every node that has one."""
    found: dict[NodeId, dict[str, object]] = defaultdict(dict)
    for radius in blast_radii(inventory.view):
        found[radius.identity] |= {
            "reach_assets": radius.tally.total_assets,
            "reach_sensitivity": radius.tally.sensitivity,
        }
    for asset in filter(None, map(inventory.exposed, inventory.nodes)):
        found[asset.asset] |= {
            "asset": True,
            "exposed_to": asset.identities,
            "exposed_external": asset.external,
            "exposed_public": asset.everyone,
        }
    for identity in inventory.administrators:
        found[identity]["administrator"] = True
    for id_ in inventory.nodes:
        if (worth := inventory.sensitivity(id_)) >= 0:
            found[id_]["worth"] = worth
    for id_, held in _held(inventory):
        found[id_] |= held
    for id_, number in Counter(one.row.asset for one in findings if one.active).items():
        found[id_]["open_findings"] = number
    return dict(found)


def _held(inventory: Inventory) -> Iterable[tuple[NodeId, dict[str, object]]]:
    """What identities hold and use, where they are not too many."""
    ledger = Ledger(inventory)
    identities = tuple(
        inventory.nodes[id_] for id_ in sorted(ledger.held) if id_ in inventory.nodes
    )
    if len(identities) > REVIEWED_AT_MOST:
        return
    for row in table(inventory, identities, ledger):
        yield (
            row.identity,
            {
                "granted": row.granted,
                "unused": row.unused,
                "not_observed": row.hidden,
                "privilege_index": row.index,
            },
        )
