"""Grants of KMS keys: uses of a key that are given beside its policy, read as statements about their grantee.

A grant names one grantee, the operations it gives, and perhaps an encryption context that every request must carry. It
needs no word of the key's policy nor of the grantee's own policies; Denies and control policies bind it as they bind
all else. A grant to a service is nobody's.

SOURCE: AWS KMS developer guide, grants. That a grantee of another account needs no policy of its own is read from the
guide's example of a grant to the service-linked role of another account, whose policy names no key (check).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from access.aws.document import PolicyDocument, parse
from access.aws.policies import Origin, Sourced
from access.decision import Layer, Revocable, RevocableKind
from access.estate import Estate
from graph.model import CoverageKey, Node, Role


def key_grants(
    estate: Estate, key: Node, account: str
) -> tuple[tuple[Sourced, ...], frozenset[CoverageKey]]:
    """The grants of the key, each with what revokes it, and the calls that told them."""
    found: list[Sourced] = []
    inputs: set[CoverageKey] = set()
    for row in estate.attached(key.id, Role.GRANT):
        inputs |= row.asserted_by
        content = estate.content(row)
        document = None if content is None else as_statement(content.text)
        if document is not None:
            template = Revocable(
                RevocableKind.KEY_GRANT,
                holder=str(key.id),
                document=str(key.id),
                owner=account,
                hash=content.hash if content else "",
            )
            origin = Origin(Layer.RESOURCE, f"{key.id} grant {row.name}", ((),), template)
            found.append(Sourced(document, origin))
    return tuple(found), frozenset(inputs)


def as_statement(text: str) -> PolicyDocument | None:
    """The grant as one statement; None where it gives an account's principal nothing that can be read."""
    grant = _object(text)
    grantee, operations = grant.get("GranteePrincipal"), grant.get("Operations")
    if not isinstance(grantee, str) or not isinstance(operations, list):
        return None
    if not grantee.startswith("arn:") and not grantee.isalnum():
        return None  # the name of a service
    statement: dict[str, object] = {
        "Sid": str(grant.get("GrantId", "")),
        "Effect": "Allow",
        "Principal": {"AWS": grantee},
        "Action": [f"kms:{operation}" for operation in operations if isinstance(operation, str)],
        "Resource": "*",
    }
    asked = dict(_constraints(grant.get("Constraints")))
    if asked:
        statement["Condition"] = {"StringEquals": asked}
    return parse(json.dumps({"Version": "2012-10-17", "Statement": statement}))


def _constraints(given: Any) -> Iterator[tuple[str, str]]:
    """What each constraint asks of the encryption context, by a name that no request is known to carry."""
    for kind, pairs in sorted(given.items()) if isinstance(given, Mapping) else ():
        for name, value in sorted(pairs.items()) if isinstance(pairs, Mapping) else ():
            yield f"{kind}:{name}", str(value)


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}
