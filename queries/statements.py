"""The statements that an identity's policies hold, read for what they say: breadth, not whether it is in force.

Whether something is allowed is decided in `access`; rules about how a policy is written read the policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from access.aws.document import Statement, parse
from graph.model import Attachment, Node, NodeId, Role

if TYPE_CHECKING:
    from queries.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Said:
    """One statement with where it stands: the policy's id or name, who holds it, and whether the vendor wrote it."""

    statement: Statement
    policy: str
    holder: NodeId
    vendor: bool


def statements(inventory: Inventory, identity: Node) -> Iterator[Said]:
    """The statements of the identity's own policies and of those of its groups, in order."""
    holders = [identity.id, *sorted(one.id for one in inventory.targets(identity.id, "MEMBER_OF"))]
    for holder in holders:
        for row in inventory.attached.get(holder, ()):
            if row.role is Role.IDENTITY:
                text = text_of(inventory, row)
                for statement in parse(text).statements if text else ():
                    yield Said(statement, row.policy or row.name, holder, row.vendor)


def text_of(inventory: Inventory, row: Attachment) -> str:
    """The text of the attached policy: inline, or the version in force of a managed one."""
    if row.document is not None:
        return inventory.document(row.document)
    versions = inventory.attached.get(NodeId(row.policy or ""), ())
    held = [one for one in versions if one.role is Role.VERSION and one.in_force and one.document]
    return inventory.document(held[0].document) if held and held[0].document else ""


def everything(statement: Statement) -> bool:
    """Whether the statement speaks of every resource, on no condition."""
    return "*" in statement.resources and not statement.conditions


def opened(inventory: Inventory, identity: Node) -> tuple[str, ...]:
    """Through what people and pipelines get in: console, access keys, single sign-on, outside identity providers."""
    found = []
    if identity.kind == "User":
        if identity.props.get("console_password"):
            found.append("a console password")
        if identity.props.get("access_keys"):
            found.append("access keys")
        if not found and identity.props.get("console_password") is None:
            found.append("credentials that were not read")
    if identity.props.get("reserved") == "sso":
        found.append("single sign-on")
    providers = inventory.sources(identity.id, "VOUCHES_FOR")
    return (*found, *(f"the identity provider `{one.name}`" for one in providers))
