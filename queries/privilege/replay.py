"""Recorded calls, decided again with smaller policies in place: a proposal that would deny one is not made."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from access.aws.catalogue import takes, wildcard_only
from access.aws.decide import Policies, Request, effect_of
from access.aws.policy import Policy
from access.aws.request import Form
from access.estate import Estate
from graph.model import Attachment, Document, Facts, Node, Role
from queries.inventory import Inventory
from queries.logs import Window
from queries.privilege.smaller import Proposed, name_of


@dataclass(frozen=True, slots=True)
class Replay:
    """The recorded calls decided again: how many there are, in how many days, and which would be denied.

    All calls that were recorded are, also those from before the window; `days` is then longer than it.
    """

    calls: int
    days: int
    denied: tuple[str, ...]

    def words(self) -> str:
        """What it comes to, in one sentence."""
        return f"would have denied {len(self.denied)} of {self.calls:,} observed calls in {self.days} days"


def replayed(
    inventory: Inventory, identity: Node, made: Sequence[Proposed], window: Window
) -> Replay:
    """Every recorded call of the identity that its own policies allow, decided with the proposals in their place."""
    held = inventory.use.by_identity.get(identity.id, {})
    now = facts_of(inventory)
    before = _decider(inventory, now, identity)
    after = _decider(inventory, changed(now, identity, made), identity)
    denied = [
        f"{action} on {asset or 'what the log does not name'}"
        for action, asset in sorted(held)
        if before(action, asset) and not after(action, asset)
    ]
    calls = sum(sum(days.values()) for days in held.values())
    first = min((day for days in held.values() for day in days), default="")
    length = (window.until.date() - window.since.date()).days
    if first:
        length = max(length, (window.until.date() - date.fromisoformat(first)).days)
    return Replay(calls, length, tuple(denied))


def facts_of(inventory: Inventory) -> Facts:
    """The facts that the inventory was resolved from."""
    return Facts(
        tuple(node for node in inventory.nodes.values() if node.asserted_by),
        tuple(edge for edge in inventory.edges if edge.asserted_by),
        tuple(row for rows in inventory.attached.values() for row in rows),
        inventory.documents,
        tuple(inventory.coverage.values()),
    )


def changed(facts: Facts, identity: Node, made: Sequence[Proposed]) -> Facts:
    """The facts with the proposals in the place of the policies that they are for."""
    gone = {(one.managed, one.name) for one in made}
    kept = [
        row
        for row in facts.attachments
        if row.holder != identity.id
        or row.role is not Role.IDENTITY
        or (row.policy or "", name_of(row)) not in gone
    ]
    fresh = [
        (Document.of(json.loads(text)), f"{one.name}-{number}")
        for one in made
        for number, text in enumerate(one.after, start=1)
    ]
    rows = [
        Attachment(
            identity.id,
            Role.IDENTITY,
            name,
            document=document.hash,
            asserted_by=identity.asserted_by,
        )
        for document, name in fresh
    ]
    documents = {row.hash: row for row in (*facts.documents, *(document for document, _ in fresh))}
    return replace(facts, attachments=(*kept, *rows), documents=tuple(documents.values()))


def _decider(inventory: Inventory, facts: Facts, identity: Node) -> Callable[[str, str], bool]:
    """What decides whether the identity's own policies and boundary let it do something."""
    subject = Policy(Estate(facts, instant=inventory.now)).subjects.alone(identity.id)
    policies = Policies(identity=subject.identity, boundary=subject.boundary)

    def allowed(action: str, asset: str) -> bool:
        # The log counts objects at their bucket, and may name nothing at all.
        inside = ":s3:::" in asset and not takes(action, asset)
        part = asset + "*" if inside else asset or "*"
        request = Request(
            principal=subject.principal,
            action=action,
            resource=part,
            now=inventory.now,
            resource_account=inventory.account(identity),
            form=Form.CONCRETE if part == asset else Form.SOME,
            wildcard_only=wildcard_only(action),
        )
        return effect_of(request, policies).granted

    return allowed
