"""Who answers for an asset, on what basis, and whether that somebody is still there.

The order is that of the context values: a decision, a tag, what a registry or the platform says, who created it. A name
that no directory holds is not known to be gone, unless the directory was read whole and keeps people by that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from graph.model import Node, NodeId
from queries.inventory import called
from queries.rule import Unread

if TYPE_CHECKING:
    from queries.inventory import Inventory

OWNER = "owner"  # the verdict of a decision that names an owner
LEFT = "left:"  # how settings of a list of leavers begin: `left:ADDRESS` -> date
DIRECTORIES = ("identitystore.list_users", "iam.get_account_authorization_details")
_PEOPLE = frozenset({"User", "Group"})


class Standing(StrEnum):
    """Whether an owner is still there."""

    LIVING = "living"
    GONE = "gone"
    UNKNOWN = "unknown"
    NONE = "none"  # nobody is named, on any basis


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of an asset: as named, by what basis, where that stands, and which node it is where it is one."""

    name: str
    basis: str
    standing: Standing
    why: str = ""
    node: NodeId | None = None
    unread: tuple[Unread, ...] = ()


def owner_of(inventory: Inventory, asset: Node) -> Owner:
    """The first owner in order that is named at all."""
    return next(_owners(inventory, asset), Owner("", "", Standing.NONE, "no owner is recorded"))


def _owners(inventory: Inventory, asset: Node) -> Iterator[Owner]:
    decided = _decided(inventory, asset.id)
    if decided:
        yield _standing(inventory, asset, decided, "decision")
    named, basis = asset.props.get("owner"), str(asset.props.get("owner_basis", "tag"))
    if isinstance(named, str) and named.strip():
        yield _standing(inventory, asset, named, basis)
    for edge in inventory.out(asset.id, "OWNED_BY"):
        yield _node(inventory, edge.target, "platform")
    for edge in inventory.out(asset.id, "CREATED_BY"):
        creator = inventory.nodes.get(edge.target)
        if creator is not None and creator.kind in _PEOPLE:
            yield _node(inventory, creator.id, "creator")


def _decided(inventory: Inventory, asset: NodeId) -> str:
    said = [row.value for row in inventory.decisions if row.subject == asset and row.what == OWNER]
    return said[-1] if said else ""


def _node(inventory: Inventory, owner: NodeId, basis: str) -> Owner:
    """An owner that is a node: gone where its source no longer lists it, or it is disabled, or a list says it left."""
    node = inventory.nodes.get(owner)
    if node is None:
        return Owner(str(owner), basis, Standing.UNKNOWN, "the owner is not known here")
    gone = _gone(inventory, node)
    if gone:
        return Owner(node.name, basis, Standing.GONE, gone, owner)
    if node.props.get("referenced_only"):
        why = "the directory of the owner was not read"
        return Owner(node.name, basis, Standing.UNKNOWN, why, owner)
    return Owner(node.name, basis, Standing.LIVING, f"{node.kind} `{node.name}` is there", owner)


def _gone(inventory: Inventory, node: Node) -> str:
    """Why the identity can answer for nothing any more; empty where it can."""
    if not node.present:
        return f"{node.kind} `{node.name}` was deleted"
    if node.props.get("enabled") is False:
        return f"{node.kind} `{node.name}` is disabled"
    when = inventory.seen(node.id).get("left") or _left(inventory, str(node.props.get("email", "")))
    if when:
        return f"{node.kind} `{node.name}` left on {when}"
    if node.kind == "Group":
        members = inventory.sources(node.id, "MEMBER_OF")
        read = node.props.get("members_read") is not False
        if read and not any(not _gone(inventory, one) for one in members):
            return f"Group `{node.name}` has no active member"
    return ""


def _standing(inventory: Inventory, asset: Node, named: str, basis: str) -> Owner:
    """An owner that is a name or an address: a node of the estate where one is meant, else what the lists say of it."""
    context = inventory.context
    for edge in inventory.out(asset.id, "OWNED_BY"):
        node = inventory.nodes.get(edge.target)
        if node is not None and named.strip().lower() in called(node):
            found = _node(inventory, node.id, basis)
            return Owner(named, basis, found.standing, found.why, node.id, found.unread)
    left = _left(inventory, named)
    if left:
        return Owner(named, basis, Standing.GONE, f"`{named}` left on {left}")
    known = [
        _node(inventory, node.id, basis) for node in inventory.people.get(named.strip().lower(), ())
    ]
    for found in sorted(known, key=lambda one: one.standing is not Standing.LIVING):
        return Owner(named, basis, found.standing, found.why, found.node, found.unread)
    if context.allows(context.teams, named):
        return Owner(named, basis, Standing.LIVING, f"`{named}` is a team that the settings name")
    if inventory.read_anywhere("identitystore.list_users") and "@" in named:
        why = f"`{named}` is in no directory that was read"
        return Owner(named, basis, Standing.GONE, why)
    unread = (Unread("identitystore.list_users"),)
    why = f"whether `{named}` is still there cannot be told: no directory that was read holds it"
    return Owner(named, basis, Standing.UNKNOWN, why, unread=unread)


def _left(inventory: Inventory, address: str) -> str:
    """When whoever has this address left, as a list of leavers tells; empty where none does."""
    wanted = f"{LEFT}{address.strip().lower()}"
    for record in inventory.listed("Registry"):
        when = inventory.setting(record, wanted) if address.strip() else None
        if when:
            return when
    return ""
