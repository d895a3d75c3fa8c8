"""Policies that hold something unknown: what it is and where, since it makes what they do conditional."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from access.aws.conditions import Clause
from access.aws.document import PolicyDocument, parse
from access.aws.operators import illegible, operator
from access.aws.wildcards import has_variables
from graph.model import Attachment, Facts, Role


@dataclass(frozen=True, slots=True, order=True)
class OddPolicy:
    """One thing about one policy that no rule of ours covers."""

    where: str
    what: str


def odd_policies(facts: Facts) -> tuple[OddPolicy, ...]:
    """Unknown elements, operators and versions of all policies in force, and documents that are no policies."""
    known = {document.hash: document for document in facts.documents}
    found: set[OddPolicy] = set()
    for row in facts.attachments:
        document = known.get(row.document) if row.document is not None else None
        if document is None or row.role is Role.GRANT:  # a key grant is no policy
            continue
        if row.in_force or row.role is not Role.VERSION:
            found |= {OddPolicy(_place(row), what) for what in _odd(parse(document.text))}
    return tuple(sorted(found))


def _place(row: Attachment) -> str:
    if row.role is Role.VERSION:
        return f"policy {row.holder} {row.name}"
    if row.name:
        return f"inline policy {row.name} of {row.holder}"
    return f"{row.role} policy of {row.holder}"


def _odd(policy: PolicyDocument) -> Iterator[str]:
    if policy.unreadable:
        yield f"no policy: {policy.unreadable}"
    yield from policy.notes
    for statement in policy.statements:
        for what in statement.unknown:
            yield f"statement {statement.sid}: {what}; whatever it decides is conditional"
        for clause in statement.conditions:
            for what in _odd_clause(clause):
                yield f"statement {statement.sid}: {what}"


def _odd_clause(clause: Clause) -> Iterator[str]:
    found = operator(clause.operator)
    if found is None:
        yield f"unknown operator `{clause.operator}`; whatever it decides is conditional"
        return
    for value in clause.values:
        if not has_variables(value) and illegible(found, value):
            yield f"value `{value}` cannot be evaluated under `{clause.operator}`; taken as matched by no request"
    if not clause.values:
        yield f"`{clause.operator}` of `{clause.key}` names no value; taken as matched by no request"
