"""People: users of any platform that carry one e-mail address belong to one person; pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from graph.model import Basis, Certainty, Edge, Node, NodeId, Row
from ingest.estate import Estate

ADDRESS = re.compile(r"[^@\s<>,;\"']+@[^@\s<>,;\"']+\.[^@\s<>,;\"'.]+")
SURE, SHARED = 0.8, 0.4
"""How sure a link by address is; an address on several users of one account may be a team's."""

CONDITION = "the address names the person who uses the account"


def address_of(user: Node) -> str | None:
    """The user's e-mail address in lower case: as the platform or a tag gives it, else as its name; or None."""
    for value in (user.props.get("email"), user.props.get("name")):
        if isinstance(value, str) and ADDRESS.fullmatch(value.strip()):
            return value.strip().lower()
    return None


def people(estate: Estate) -> Iterator[Row]:
    """A person per address, with the accounts that carry it; asserted by whatever told the addresses."""
    users: dict[str, list[Node]] = defaultdict(list)
    for user in estate.of_kind("User"):
        address = address_of(user)
        if address is not None:
            users[address].append(user)
    for address, held in sorted(users.items()):
        person = NodeId(f"person:{address}")
        homes = Counter(user.props.get("account") for user in held)
        for user in held:
            confidence = SURE if homes[user.props.get("account")] == 1 else SHARED
            yield Node(
                person,
                "Person",
                {"name": address, "email": address},
                asserted_by=user.asserted_by,
            )
            yield Edge(
                "HAS_ACCOUNT",
                person,
                user.id,
                basis=Basis.INFERRED,
                certainty=Certainty.CONDITIONAL,
                conditions=(CONDITION,),
                evidence=(address,),
                props={"confidence": confidence},
                asserted_by=user.asserted_by,
            )
