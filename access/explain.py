"""Explanations on demand: a Grant's needs made concrete for one identity and target, and the text that decides.

What a Grant stores is relative where a class or a set shares it. Here the question is asked again for the identity
that entered and the target that was reached, so that every Revocable names its holder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from access.aws.policy import Policy
from access.decision import Need, Revocable
from access.estate import Estate
from graph.errors import QueryError
from graph.model import DocumentHash, Facts, Node, NodeId


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A document's text, indented, with the lines of the deciding statement (first inclusive, last exclusive)."""

    name: str
    text: str
    first: int
    last: int


class Explainer:
    """Answers for one state of the facts; evaluators are built once and kept."""

    def __init__(self, facts: Facts, *, instant: datetime) -> None:
        self._facts = facts
        self._instant = instant
        self._known: dict[tuple[NodeId, NodeId, NodeId], tuple[Need, ...]] = {}

    @cached_property
    def estate(self) -> Estate:
        """The facts, indexed."""
        return Estate(self._facts, instant=self._instant)

    @cached_property
    def _policy(self) -> Policy:
        return Policy(self.estate)

    def needs(self, grant: Node, identity: NodeId, target: NodeId) -> tuple[Need, ...]:
        """The Grant's needs with every relative Revocable made concrete for this identity and target.

        Empty where nothing that can be taken away holds it up; raises `QueryError` where the Grant does not give the
        target to the identity.
        """
        key = (grant.id, identity, target)
        if key not in self._known:
            found = self._policy.explain(grant, identity, target)
            if found is None:
                raise QueryError(
                    f"grant `{grant.id}` gives `{target}` to `{identity}` by nothing that stands"
                )
            self._known[key] = found
        return self._known[key]

    def denies(self, group: NodeId) -> bool:
        """Whether some policy of the group denies, so that leaving it would lift a Deny."""
        return self._policy.subjects.denies(group)

    def source(self, revocable: Revocable) -> Excerpt | None:
        """The document that the Revocable stands in, with its statement marked; None for what is no statement."""
        document = self.estate.document(DocumentHash(revocable.hash)) if revocable.hash else None
        if document is None or revocable.position < 0:
            return None
        return marked(revocable.document or revocable.holder, document.text, revocable.position)


def marked(name: str, text: str, position: int) -> Excerpt | None:
    """The document as indented JSON, with the lines of the statement at this position."""
    try:
        body = json.loads(text)
    except ValueError:
        return None
    statements = body.get("Statement", [])
    rows = statements if isinstance(statements, list) else [statements]
    if position >= len(rows):
        return None
    lines: list[str] = [f'{{"Version": {json.dumps(body.get("Version"))}, "Statement": [']
    first = last = 0
    for place, row in enumerate(rows):
        block = json.dumps(row, indent=2, ensure_ascii=False).splitlines()
        if place == position:
            first, last = len(lines), len(lines) + len(block)
        block[-1] += "," if place < len(rows) - 1 else ""
        lines += [f"  {line}" for line in block]
    lines.append("]}")
    return Excerpt(name, "\n".join(lines), first, last)
