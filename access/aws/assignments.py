"""Single sign-on: who is assigned to a permission set in an account may become the set's role there."""

from __future__ import annotations

from collections.abc import Iterator

from access.aws.arns import account_of
from access.decision import Alternative, Need, Revocable, RevocableKind
from access.estate import Estate
from access.held import Held
from graph.model import Capability, Edge, NodeId

HOW = "assignment"


def _needs(edge: Edge) -> tuple[Need, ...]:
    """The one thing that must stand: the assignment itself."""
    assignment = Revocable(
        RevocableKind.ASSIGNMENT,
        holder=str(edge.source),
        document=str(edge.target),
        member=f"aws:account/{edge.discriminator}",
        owner=edge.discriminator,
    )
    return (Need("assigned to the permission set", (Alternative((assignment,)),)),)


class Assignments:
    """What assignments of Identity Center give: CONTROL of the reserved role, to the group or user assigned.

    Identity Center is the only one that the role's trust lets in, by the provider that it manages itself; so the
    assignment decides alone. A role that was not read, or that no longer exists, gives nothing.
    """

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def held(self) -> Iterator[Held]:
        """One effect per assignment whose role was read."""
        for node in self._estate.of_kind("User", "Group"):
            for edge in self._estate.outgoing(node.id, "ASSIGNED"):
                yield from self._of(edge)

    def _of(self, edge: Edge) -> Iterator[Held]:
        for role in self._roles(edge):
            yield Held(
                holder=edge.source,
                capability=Capability.CONTROL,
                how=HOW,
                targets=(role,),
                of_kind="Role",
                scope=f"aws:account/{edge.discriminator}",
                selector="",
                because=_needs(edge),
                inputs=edge.asserted_by,
            )

    def _roles(self, edge: Edge) -> Iterator[NodeId]:
        """The roles of the permission set in the account of the assignment."""
        for managed in self._estate.incoming(edge.target, "MANAGED_BY"):
            role = self._estate.nodes.get(managed.source)
            if role is None or not role.present or role.kind != "Role":
                continue
            if account_of(role.id) == edge.discriminator:
                yield role.id

    def needs(self, holder: NodeId, target: NodeId) -> tuple[Need, ...] | None:
        """The needs of the holder's assignment that leads to this role; None where there is none."""
        for edge in self._estate.outgoing(holder, "ASSIGNED"):
            if target in self._roles(edge):
                return _needs(edge)
        return None
