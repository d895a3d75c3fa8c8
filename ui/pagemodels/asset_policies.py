"""The policies at a node, as texts to read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from graph.model import Attachment, DocumentHash, NodeId, Role
from ui.reading import Reading
from ui.render.text import safe

MOST = 40
WORDS = {
    Role.IDENTITY: "Grants and denies to it",
    Role.BOUNDARY: "Permissions boundary: limits it",
    Role.TRUST: "Trust policy: who may become it",
    Role.RESOURCE: "Resource policy: who may use it",
    Role.SCP: "Service control policy: limits identities below it",
    Role.RCP: "Resource control policy: limits access below it",
    Role.GRANT: "Grant: who may use it beside its policy",
    Role.VERSION: "A version of this policy",
}


@dataclass(frozen=True, slots=True)
class PolicyText:
    """One document in one role; without `text` its content was not read, and `note` says so."""

    role: Role
    title: str
    text: str
    note: str = ""


def policies_of(reading: Reading, node: NodeId) -> tuple[PolicyText, ...]:
    """What is attached to the node, managed policies with the content of the version in force; the first of many."""
    order = list(Role)
    rows = sorted(
        reading.store.attachments(about=node),
        key=lambda row: (order.index(row.role), row.name, row.policy or ""),
    )
    return tuple(_policy(reading, row) for row in rows[:MOST])


def _policy(reading: Reading, row: Attachment) -> PolicyText:
    name = row.policy or row.name
    vendor = ", kept by the platform's vendor" if row.vendor else ""
    force = "" if row.in_force else ", not in force"
    content = _content(reading, row)
    return PolicyText(
        role=row.role,
        title=" · ".join(filter(None, (WORDS[row.role], name))) + vendor + force,
        text="" if content is None else indented(content),
        note="" if content is not None else "Its content was not read.",
    )


def _content(reading: Reading, row: Attachment) -> str | None:
    hashes = [row.document] if row.document is not None else list(_in_force(reading, row.policy))
    for one in hashes:
        document = None if one is None else reading.store.document(one)
        if document is not None:
            return document.text
    return None


def _in_force(reading: Reading, policy: str | None) -> Iterator[DocumentHash | None]:
    if policy is None:
        return
    for version in reading.store.attachments(about=NodeId(policy)):
        if version.role is Role.VERSION and version.in_force:
            yield version.document


def indented(text: str) -> str:
    """The document as it may be shown: JSON indented in its own order, anything else line by line."""
    try:
        told = json.dumps(json.loads(text), indent=2)
    except (ValueError, RecursionError):
        told = text
    return "\n".join(safe(line) for line in told.split("\n"))
