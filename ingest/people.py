"""People: users of any platform that carry one e-mail address belong to one person; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from graph.model import Basis, Certainty, Edge, Node, NodeId, Row
from ingest.estate import Estate
from ingest.fields import address

SURE, SHARED = 0.8, 0.4
"""How sure a link by address is; an address on several users of one account may be a team's."""

CONDITION = "the address names the person who uses the account"


def address_of(user: Node) -> str | None:
    """The user's e-mail address in lower case: as the platform or a tag gives it, else as its name; or None."""
    return address(user.props.get("email")) or address(user.props.get("name"))


def people(estate: Estate) -> Iterator[Row]:
    """A person per address, with the accounts that carry it; asserted by whatever told the addresses."""
    users: dict[str, list[Node]] = defaultdict(list)
    for user in estate.of_kind("User"):
        mail = address_of(user)
        if mail is not None:
            users[mail].append(user)
    for mail, held in sorted(users.items()):
        person = NodeId(f"person:{mail}")
        homes = Counter(user.props.get("account") for user in held)
        for user in held:
            confidence = SURE if homes[user.props.get("account")] == 1 else SHARED
            yield Node(
                person,
                "Person",
                {"name": mail, "email": mail},
                asserted_by=user.asserted_by,
            )
            yield Edge(
                "HAS_ACCOUNT",
                person,
                user.id,
                basis=Basis.INFERRED,
                certainty=Certainty.CONDITIONAL,
                conditions=(CONDITION,),
                evidence=(mail,),
                props={"confidence": confidence},
                asserted_by=user.asserted_by,
            )
