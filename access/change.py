"""Facts without some Revocables: what owners' removals leave, written into the documents themselves.

The platform's own form of a removal, on the facts: a statement leaves its document, an attachment its holder. What
follows from that is for `access.resolve` to say; the proof of a cut and a what-if are that.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from access.decision import Revocable, RevocableKind
from access.removal import words
from graph.errors import QueryError
from graph.model import Attachment, Document, DocumentHash, Edge, Facts, NodeId, Role

Json: TypeAlias = dict[str, Any]

_ROLES = {
    RevocableKind.TRUST_ENTRY: frozenset({Role.TRUST}),
    RevocableKind.STATEMENT: frozenset({Role.IDENTITY, Role.RESOURCE, Role.VERSION}),
}
_EDGES = {
    RevocableKind.MEMBERSHIP: "MEMBER_OF",
    RevocableKind.ASSIGNMENT: "ASSIGNED",
    RevocableKind.CREDENTIAL: "OPENS",
}


def facts_without(facts: Facts, gone: Collection[Revocable]) -> Facts:
    """The facts once all of these concrete Revocables are taken away, in one step.

    Raises `QueryError` where one of them is relative, of a kind that no removal is known for, or not in the facts:
    a removal that changes nothing would prove nothing.
    """
    for revocable in gone:
        refuse(revocable)
    found: set[NodeId] = set()
    edges = tuple(edge for edge in facts.edges if not _met(_of_edge(edge, gone), found))
    rows = tuple(row for row in facts.attachments if not _met(_of_row(row, gone), found))
    rows, added = _edited(rows, facts, gone, found)
    missing = [revocable for revocable in gone if revocable.id not in found]
    if missing:
        raise QueryError(f"nothing to take away: there is no {words(missing[0])}")
    documents = {row.hash: row for row in (*facts.documents, *added)}
    edges = tuple(_still_vouching(edges, rows, documents, gone))
    return replace(facts, edges=edges, attachments=rows, documents=tuple(documents.values()))


def refuse(revocable: Revocable) -> None:
    """Raise `QueryError` where no removal of the Revocable is known."""
    if revocable.relative is not None:
        raise QueryError(
            f"`{revocable.id}` is relative: only a concrete Revocable can be taken away"
        )
    known = {*_ROLES, *_EDGES, RevocableKind.ATTACHMENT, RevocableKind.KEY_GRANT}
    if revocable.kind not in known:
        raise QueryError(f"no removal is known for {words(revocable)}")


def _met(gone: Iterable[Revocable], found: set[NodeId]) -> bool:
    """Whether one of these is there; it counts as found."""
    ids = {revocable.id for revocable in gone}
    found |= ids
    return bool(ids)


def _of_edge(edge: Edge, gone: Iterable[Revocable]) -> Iterator[Revocable]:
    """Those that this edge is."""
    for revocable in gone:
        if _EDGES.get(revocable.kind) != edge.kind or edge.source != revocable.holder:
            continue
        match revocable.kind:
            case RevocableKind.MEMBERSHIP if edge.target == revocable.member:
                yield revocable
            case RevocableKind.ASSIGNMENT:
                account = f"aws:account/{edge.discriminator}"
                if (edge.target, account) == (revocable.document, revocable.member):
                    yield revocable
            case RevocableKind.CREDENTIAL if revocable.member in {"", edge.target}:
                yield revocable
            case _:
                pass


def _of_row(row: Attachment, gone: Iterable[Revocable]) -> Iterator[Revocable]:
    """Those that are this whole row: an attached policy, a grant of a key."""
    for revocable in gone:
        if row.holder != revocable.holder:
            continue
        match revocable.kind, row.role:
            case RevocableKind.ATTACHMENT, Role.IDENTITY if row.policy == revocable.member:
                yield revocable
            case RevocableKind.KEY_GRANT, Role.GRANT if row.name == revocable.statement:
                yield revocable
            case _:
                pass


def row_of(facts: Facts, revocable: Revocable) -> Attachment | None:
    """The row whose document the statement, or entry, stands in; None for what stands in none."""
    if revocable.kind not in _ROLES:
        return None
    return next((row for row in facts.attachments if _stands_in(revocable, row)), None)


def _edited(
    rows: Iterable[Attachment], facts: Facts, gone: Collection[Revocable], found: set[NodeId]
) -> tuple[tuple[Attachment, ...], list[Document]]:
    """The rows with documents that the statements, or entries of them, are taken out of; and those documents."""
    texts = {row.hash: row.text for row in facts.documents}
    inside = [revocable for revocable in gone if revocable.kind in _ROLES]
    left: list[Attachment] = []
    added: list[Document] = []
    for row in rows:
        here = [revocable for revocable in inside if _stands_in(revocable, row)]
        if row.document is None or not here:
            left.append(row)
            continue
        found |= {revocable.id for revocable in here}
        document = Document.of(document_without(json.loads(texts[row.document]), here))
        added.append(document)
        left.append(replace(row, document=document.hash))
    return tuple(left), added


def _stands_in(revocable: Revocable, row: Attachment) -> bool:
    """Whether the statement, or entry, stands in the document of this row."""
    if (row.holder, row.document) != (revocable.holder, revocable.hash):
        return False
    named = row.role is not Role.IDENTITY or row.name == revocable.document
    return named and row.role in _ROLES[revocable.kind]


def document_without(document: Json, gone: Iterable[Revocable]) -> Json:
    """The policy document without these of its statements, or without these entries of their principals.

    Places are those of the document as it is; a document left without statements keeps an empty list of them.
    """
    return {**document, "Statement": [one for one in left_of(document, gone) if one is not None]}


def left_of(document: Json, gone: Iterable[Revocable]) -> tuple[Json | None, ...]:
    """What is left of each statement: itself, the statement with fewer principals, or None where it goes."""
    members: dict[int, set[str]] = defaultdict(set)
    for revocable in gone:
        members[revocable.position].add(revocable.member)
    return tuple(
        _statement_without(statement, members.get(position, set()))
        for position, statement in enumerate(statements_of(document))
    )


def statements_of(document: Mapping[str, Any]) -> list[Json]:
    """The statements; a single one may stand without a list around it."""
    statements = document.get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def _statement_without(statement: Json, members: Collection[str]) -> Json | None:
    """The statement without these principal entries; None where the whole statement goes, or no entry is left."""
    if not members:
        return statement
    principal = statement.get("Principal")
    if "" in members or not isinstance(principal, dict):
        return None
    left = {}
    for kind, value in principal.items():
        entries = [value] if isinstance(value, str) else value
        others = [entry for entry in entries if not _names(entry, members)]
        if others:
            left[kind] = others
    return {**statement, "Principal": left} if left else None


def _names(entry: str, members: Collection[str]) -> bool:
    """Whether the entry is one of these; an account's number is its root."""
    return entry in members or f"arn:aws:iam::{entry}:root" in members


def _still_vouching(
    edges: Iterable[Edge],
    rows: Iterable[Attachment],
    documents: Mapping[DocumentHash, Document],
    gone: Iterable[Revocable],
) -> Iterator[Edge]:
    """The edges without those of trust entries that were the last of their kind."""
    lost = {(r.member, r.holder) for r in gone if r.kind is RevocableKind.TRUST_ENTRY}
    losing = {role for _, role in lost}
    trusts = {
        str(row.holder): object_of(documents[row.document].text)
        for row in rows
        if row.role is Role.TRUST and row.document is not None and row.holder in losing
    }
    for edge in edges:
        pair = (str(edge.source), str(edge.target))
        if edge.kind == "VOUCHES_FOR" and pair in lost and not _trusted(trusts.get(pair[1]), pair):
            continue
        yield edge


def object_of(text: str) -> Json:
    """The document as an object; an empty one where the text is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _trusted(trust: Json | None, pair: tuple[str, str]) -> bool:
    """Whether some statement of the trust policy still names the provider."""
    for statement in statements_of(trust or {}):
        principal = statement.get("Principal") if isinstance(statement, dict) else None
        values = principal.values() if isinstance(principal, dict) else ()
        for value in values:
            if pair[0] in ([value] if isinstance(value, str) else value):
                return True
    return False
