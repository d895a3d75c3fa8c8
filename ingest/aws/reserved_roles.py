"""Which permission set each single sign-on role stands for: its name says so, and nothing else does."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from graph.model import Basis, Edge, Node, Row
from ingest.aws.names import account_of
from ingest.estate import Estate

# SOURCE: IAM Identity Center user guide, "Referencing permission sets in resource policies".
_NAME = re.compile(r"AWSReservedSSO_(?P<set>.+)_[0-9a-f]+")


def set_name(role: Node) -> str | None:
    """The permission set that the role's name holds; None where it is no single sign-on role."""
    found = _NAME.fullmatch(role.name) if role.props.get("reserved") == "sso" else None
    return found["set"] if found else None


def reserved_roles(estate: Estate) -> Iterator[Row]:
    """Each role that a permission set manages, where exactly one set of that name is provisioned to its account."""
    sets: dict[str, list[Node]] = defaultdict(list)
    for node in estate.of_kind("PermissionSet"):
        sets[node.name].append(node)
    for role in estate.of_kind("Role"):
        account = account_of(role.id) or ""
        held = [one for one in sets.get(set_name(role) or "", ()) if _reaches(one, account)]
        if len(held) == 1:
            yield Edge(
                "MANAGED_BY",
                role.id,
                held[0].id,
                basis=Basis.INFERRED,
                evidence=(f"its name holds `{held[0].name}`",),
                asserted_by=role.asserted_by,
            )


def _reaches(one: Node, account: str) -> bool:
    """Whether the set is provisioned to the account; where that was not read it may be."""
    settings = one.props.get("settings")
    accounts = settings.get("accounts") if isinstance(settings, Mapping) else None
    return accounts is None or account in accounts.split(",")
