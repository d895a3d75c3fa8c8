"""Owners: a tag that names a user, or a user's address, makes that user answer for the asset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from graph.model import Basis, Edge, Node, Row
from ingest.estate import Estate, Keys
from ingest.people import address_of
from ingest.source import tag_telling


class Users:
    """The users of the estate by all that a tag or a sign-on may call them; those who left are still found."""

    def __init__(self, estate: Estate) -> None:
        self._held: dict[str, list[Node]] = defaultdict(list)
        for user in sorted(estate.ever("User"), key=lambda row: row.id):
            names = {str(user.id).lower(), user.name.lower(), address_of(user) or ""}
            for name in names - {""}:
                self._held[name].append(user)

    def called(self, name: str) -> list[Node]:
        """All users that go by this name, address or ARN, in id order."""
        return self._held.get(name.strip().lower(), [])

    def named(self, name: str, node: Node) -> list[Node]:
        """The users meant: those of the asset's own account, else the only one of that name, else nobody."""
        users = self.called(name)
        near = [user for user in users if user.props.get("account") == node.props.get("account")]
        return near or (users if len(users) == 1 else [])


def owned(estate: Estate) -> Iterator[Row]:
    """OWNED_BY edges from owner tags.

    A user who left is still found, so that what the tag names stays owned by someone who is gone.
    """
    users = Users(estate)
    for node in sorted(estate.nodes.values(), key=lambda row: row.id):
        owner, basis = node.props.get("owner"), node.props.get("owner_basis")
        keys = _keys(node)
        if not isinstance(owner, str) or not keys or node.kind in {"User", "Person"}:
            continue
        if basis not in {None, "tag"}:
            continue  # told by another member of an answer, and completed where that is read
        for user in users.named(owner, node):
            yield Edge(
                "OWNED_BY",
                node.id,
                user.id,
                basis=Basis.INFERRED,
                evidence=(f"owner tag `{owner}`",),
                asserted_by=keys,
            )


def _keys(node: Node) -> Keys:
    """The calls that told the tag."""
    return frozenset(key for key in node.asserted_by if key.operation in tag_telling(key.platform))
