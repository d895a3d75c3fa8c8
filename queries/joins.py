"""What graph rules look up: roles of workloads, who holds what on an asset, who becomes whom, and who is an administrator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.model import Capability, Certainty, Node, NodeId
from graph.view import CAPABILITIES, Flag, Keep, Mask
from queries.kernels.search import reached
from queries.sharing import sharing

if TYPE_CHECKING:
    from queries.inventory import Inventory

LIKELY = Keep(Certainty.CONDITIONAL)  # what is only possible is no ground for a finding
IAM = ("iam.get_account_authorization_details",)


@dataclass(frozen=True, slots=True)
class Holding:
    """An identity that holds Grants on a node: what it gains, and by which actions or techniques."""

    identity: Node
    gains: frozenset[Capability]
    hows: frozenset[str]
    outside: bool  # everyone, or a principal of a foreign account


def holdings(inventory: Inventory, node: NodeId) -> tuple[Holding, ...]:
    """Who holds Grants on the node, by itself, its groups and classes, on the node or on a set that covers it."""
    view = inventory.view
    at = view.find(node)
    if at is None:
        return ()
    shared = sharing(view)
    grants = {
        grant for on in (at, *shared.before("COVERS", at)) for grant in shared.before("ON", on)
    }
    found: dict[int, tuple[set[Capability], set[str]]] = defaultdict(lambda: (set(), set()))
    for grant in grants:
        gain = CAPABILITIES[int(view.nodes.capability[grant])]
        how = view.nodes.hows[int(view.nodes.how[grant])]
        for holder in shared.before("HOLDS", grant):
            for actor in {holder, *shared.entering(holder)} if shared.is_actor(holder) else shared.entering(holder):  # fmt: skip
                found[actor][0].add(gain)
                found[actor][1].add(how)
    rows = (_holding(inventory, actor, *gained) for actor, gained in found.items())
    return tuple(sorted(rows, key=lambda row: row.identity.id))


def _holding(inventory: Inventory, at: int, gains: set[Capability], hows: set[str]) -> Holding:
    view = inventory.view
    outside = bool(view.nodes.flags[at] & int(Flag.EXTERNAL | Flag.PUBLIC))
    node = inventory.nodes[view.nodes.ids[at]]
    return Holding(node, frozenset(gains), frozenset(hows), outside)


def roles(inventory: Inventory, node: NodeId) -> tuple[Node, ...]:
    """The identities that the workload runs as, in id order."""
    found = inventory.targets(node, "RUNS_AS")
    return tuple(sorted(found, key=lambda one: one.id))


def escalates(inventory: Inventory, identity: NodeId) -> str:
    """How the identity comes to everything, in words; empty where it does not."""
    if identity in inventory.administrators:
        return "is an administrator"
    at = inventory.view.find(identity)
    if at is None:
        return ""
    mask = toward(inventory, inventory.administrators)
    start = inventory.view.start(at, Capability.CONTROL) if _controls(inventory, at) else None
    return "becomes an administrator" if start is not None and mask[start] else ""


def _controls(inventory: Inventory, at: int) -> bool:
    view = inventory.view
    return any(view.capability(state) is Capability.CONTROL for state in view.states_of(at))


def toward(inventory: Inventory, identities: Iterable[NodeId]) -> Mask:
    """Per state, whether it leads to acting as one of these identities."""
    chosen = tuple(sorted(identities))
    return inventory.view.remember(("toward", chosen), lambda: _toward(inventory, chosen))


def _toward(inventory: Inventory, identities: tuple[NodeId, ...]) -> Mask:
    view = inventory.view
    places = [at for one in identities if (at := view.find(one)) is not None]
    states = [view.state(at, Capability.CONTROL) for at in places if _controls(inventory, at)]
    return reached(view, LIKELY, states, inward=True)


def gained(inventory: Inventory, identity: NodeId) -> Mapping[NodeId, frozenset[Capability]]:
    """The assets that the identity reaches, with what it gains on each; what is only possible is left out."""
    view = inventory.view
    at = view.find(identity)
    if at is None or not _controls(inventory, at):
        return {}
    mask = reached(view, LIKELY, [view.state(at, Capability.CONTROL)])
    found: dict[NodeId, set[Capability]] = defaultdict(set)
    wanted = int(Flag.ASSET | Flag.PRESENT)
    for state in mask.nonzero()[0].tolist():
        node = int(view.state_node[state])
        if view.nodes.flags[node] & wanted == wanted:
            found[view.nodes.ids[node]].add(view.capability(state))
    return {asset: frozenset(gains) for asset, gains in found.items()}


def served(inventory: Inventory, endpoint: NodeId) -> tuple[Node, ...]:
    """The models that the endpoint serves, in id order."""
    return tuple(sorted(inventory.targets(endpoint, "SERVES"), key=lambda one: one.id))


def packages(inventory: Inventory, model: Node) -> tuple[Node, ...]:
    """The model packages that a model was made from, as far as they are known."""
    names = (inventory.setting(model, "packages") or "").split(",")
    return tuple(inventory.nodes[NodeId(name)] for name in names if NodeId(name) in inventory.nodes)


def bucket_of(node: NodeId) -> NodeId:
    """The bucket of a prefix; the id itself where it is none."""
    return NodeId(str(node).partition("/")[0]) if ":s3:::" in node else node
