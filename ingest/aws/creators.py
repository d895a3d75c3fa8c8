"""Who created what: the identity that an answer names, found among those of the estate."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Basis, Edge, Node, NodeId, Row
from ingest.aws.asset import referenced
from ingest.aws.names import Arn, account_of
from ingest.estate import Estate
from ingest.source import Link


def created(estate: Estate) -> Iterator[Row]:
    """CREATED_BY edges to users, and to the roles whose sessions created something.

    A session names its role without the role's path: one that nobody lists cannot be told apart from another, and gives
    no edge. Whoever left is still found.
    """
    roles = {(str(row.props.get("account", "")), row.name): row.id for row in estate.ever("Role")}
    users = {row.id for row in estate.ever("User")}
    for mention in estate.mentions(Link.CREATED_BY):
        creator = _identity(mention.text, roles, users)
        day = mention.props.get("log")
        # A log names what is gone as well: only what the estate knows has a creator.
        if creator is None or (day is not None and mention.subject not in estate.nodes):
            continue
        kind = "User" if ":user/" in creator or creator in users else "Role"
        stub = referenced(creator, kind, account=account_of(creator))
        yield Node(creator, kind, stub.props, asserted_by=mention.asserted_by)
        yield Edge(
            "CREATED_BY",
            mention.subject,
            creator,
            basis=Basis.DECLARED if day is None else Basis.OBSERVED,
            evidence=(mention.text if day is None else f"the log of {day}",),
            asserted_by=mention.asserted_by,
        )


def _identity(name: str, roles: dict[tuple[str, str], NodeId], users: set[NodeId]) -> NodeId | None:
    """The node of the identity or of the session's role; None where none can be told."""
    if name in users:
        return NodeId(name)
    arn = Arn.parse(name)
    if arn is None:
        return None
    parts = arn.resource.split("/")
    if arn.service == "sts" and parts[0] == "assumed-role" and len(parts) > 1:
        return roles.get((arn.account, parts[1]))
    if arn.service == "iam" and parts[0] in {"user", "role"} and parts[-1]:
        return NodeId(name)
    return None
