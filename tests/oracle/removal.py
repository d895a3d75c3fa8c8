"""Facts without a Revocable: what an owner's removal leaves, written into the documents themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from access.decision import Revocable, RevocableKind
from graph.model import Attachment, Document, Facts, Role

_ROLE = {
    RevocableKind.TRUST_ENTRY: {Role.TRUST},
    RevocableKind.STATEMENT: {Role.IDENTITY, Role.RESOURCE, Role.VERSION},
}


def facts_without(facts: Facts, gone: Revocable) -> Facts:
    """The facts once the Revocable is taken away."""
    match gone.kind:
        case RevocableKind.MEMBERSHIP:
            edges = tuple(
                edge
                for edge in facts.edges
                if (edge.kind, edge.source, edge.target) != ("MEMBER_OF", gone.holder, gone.member)
            )
            return replace(facts, edges=edges)
        case RevocableKind.ATTACHMENT:
            rows = tuple(
                row
                for row in facts.attachments
                if (row.role, row.holder, row.policy) != (Role.IDENTITY, gone.holder, gone.member)
            )
            return replace(facts, attachments=rows)
        case RevocableKind.KEY_GRANT:
            rows = tuple(
                row
                for row in facts.attachments
                if (row.role, row.holder, row.name) != (Role.GRANT, gone.holder, gone.statement)
            )
            return replace(facts, attachments=rows)
        case RevocableKind.STATEMENT | RevocableKind.TRUST_ENTRY:
            return _edited(facts, gone)
    raise AssertionError(gone)


def _edited(facts: Facts, gone: Revocable) -> Facts:
    """The facts with the statement, or its one principal entry, taken out of its document."""
    texts = {row.hash: row.text for row in facts.documents}
    rows: list[Attachment] = []
    added: list[Document] = []
    for row in facts.attachments:
        if row.document is None or not _meant(row, gone):
            rows.append(row)
            continue
        content = json.loads(texts[row.document])
        content["Statement"] = _left(content["Statement"], gone)
        edited = Document.of(content)
        added.append(edited)
        rows.append(replace(row, document=edited.hash))
    edges = facts.edges
    if gone.kind is RevocableKind.TRUST_ENTRY and not _still_vouched(rows, added, texts, gone):
        edges = tuple(
            edge
            for edge in edges
            if (edge.kind, edge.source, edge.target) != ("VOUCHES_FOR", gone.member, gone.holder)
        )
    documents = {row.hash: row for row in (*facts.documents, *added)}
    return replace(facts, attachments=tuple(rows), edges=edges, documents=tuple(documents.values()))


def _meant(row: Attachment, gone: Revocable) -> bool:
    if row.role not in _ROLE[gone.kind] or row.holder != gone.holder or row.document != gone.hash:
        return False
    return row.role is not Role.IDENTITY or row.name == gone.document


def _left(statements: Any, gone: Revocable) -> list[dict[str, Any]]:
    kept = []
    for position, statement in enumerate(
        statements if isinstance(statements, list) else [statements]
    ):
        if position != gone.position:
            kept.append(statement)
            continue
        left = _without_member(statement, gone.member) if gone.member else None
        if left is not None:
            kept.append(left)
    return kept


def _without_member(statement: dict[str, Any], member: str) -> dict[str, Any] | None:
    """The statement without one principal entry; None where no entry is left."""
    principal = statement.get("Principal")
    if not isinstance(principal, dict):
        return None
    left = {}
    for kind, value in principal.items():
        entries = [value] if isinstance(value, str) else value
        others = [entry for entry in entries if member not in {entry, f"arn:aws:iam::{entry}:root"}]
        if others:
            left[kind] = others
    return {**statement, "Principal": left} if left else None


def _still_vouched(
    rows: list[Attachment], added: list[Document], texts: dict[Any, str], gone: Revocable
) -> bool:
    known = {**texts, **{row.hash: row.text for row in added}}
    return any(
        gone.member in known[row.document]
        for row in rows
        if row.role is Role.TRUST and row.holder == gone.holder and row.document is not None
    )


def applied(facts: Facts, gone: Revocable) -> bool:
    """Whether taking it away changes the facts at all: a Revocable that stands somewhere must."""
    return facts_without(facts, gone) != facts
