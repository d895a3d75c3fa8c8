"""Changes of facts that somebody thinks of making: a closed list of edits, each as its owner would make it.

An edit is one step of an administrator: join a group, attach a policy, put a document in its place. What follows from
it is for `access.resolve` to say. An edit that changes nothing, or names what is not there, is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from access.change import object_of, statements_of
from graph.errors import QueryError, with_advice
from graph.model import Attachment, Document, Edge, Facts, Node, Role

Json: TypeAlias = Mapping[str, Any]
OPERATIONS = {
    "join": ("identity", "group"),
    "leave": ("identity", "group"),
    "attach": ("identity", "policy"),
    "detach": ("identity", "policy"),
    "put_inline": ("identity", "name", "document"),
    "delete_inline": ("identity", "name"),
    "put_managed": ("policy", "document"),
    "put_resource": ("resource", "document"),
    "put_trust": ("role", "document"),
    "put_boundary": ("identity", "policy"),
    "delete_boundary": ("identity",),
    "remove_statement": ("of", "sid"),
    "remove": ("node",),
}
"""Each operation with the members that it needs."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One operation with what it is about, by the names of `OPERATIONS`; a document stands as canonical JSON."""

    op: str
    about: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        return dict(self.about)[name]

    def __str__(self) -> str:
        told = ", ".join(f"{name} `{value}`" for name, value in self.about if name != "document")
        return f"{self.op.replace('_', ' ')}: {told}"

    @staticmethod
    def of(op: str, **about: str) -> Edit:
        """The edit; `QueryError` where it has not what it needs."""
        return edit_of({"op": op, **about}, where="the edit")


def edits_of(content: object) -> tuple[Edit, ...]:
    """The edits of a parsed file: a list of objects, each with `op` and what it is about."""
    if not isinstance(content, list) or not content:
        raise with_advice(
            QueryError("the changes are no list"),
            'write [{"op": "leave", "identity": ID, "group": ID}, ...]',
        )
    return tuple(edit_of(row, where=f"change {at}") for at, row in enumerate(content, start=1))


def edit_of(row: object, *, where: str) -> Edit:
    """The edit that an object says; `QueryError` that names the place where it says none."""
    if not isinstance(row, Mapping) or row.get("op") not in OPERATIONS:
        raise with_advice(
            QueryError(f"{where} has no known `op`"), f"one of {', '.join(OPERATIONS)}"
        )
    op = str(row["op"])
    needed = OPERATIONS[op]
    if set(row) - {"op"} != set(needed):
        raise with_advice(
            QueryError(f"{where}, `{op}`, has not what it needs"), f"it takes {', '.join(needed)}"
        )
    return Edit(op, tuple((name, _text(name, row[name], where)) for name in needed))


def _text(name: str, value: object, where: str) -> str:
    if name == "document":
        if not isinstance(value, Mapping | str):
            raise QueryError(f"{where}: `document` is no policy document")
        try:
            body = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            raise QueryError(f"{where}: `document` is no JSON") from None
        if not isinstance(body, Mapping) or "Statement" not in body:
            raise QueryError(f"{where}: `document` has no Statement")
        return json.dumps(body)
    if not isinstance(value, str) or not value:
        raise QueryError(f"{where}: `{name}` is no text")
    return value


def edited(facts: Facts, edits: Iterable[Edit]) -> Facts:
    """The facts after these edits, one after the other."""
    for edit in edits:
        after = _MADE[edit.op](facts, edit)
        if after == facts:
            raise QueryError(f"it is so already: {edit}")
        facts = after
    return facts


def _node(facts: Facts, id_: str, edit: Edit) -> Node:
    found = next((node for node in facts.nodes if node.id == id_ and node.present), None)
    if found is None:
        raise QueryError(f"`{id_}` is not in the graph ({edit.op.replace('_', ' ')})")
    return found


def _join(facts: Facts, edit: Edit) -> Facts:
    member, group = _node(facts, edit["identity"], edit), _node(facts, edit["group"], edit)
    made = Edge("MEMBER_OF", member.id, group.id, asserted_by=group.asserted_by)
    if any(edge.id == made.id for edge in facts.edges):
        return facts
    return replace(facts, edges=(*facts.edges, made))


def _leave(facts: Facts, edit: Edit) -> Facts:
    ends = ("MEMBER_OF", edit["identity"], edit["group"])
    left = tuple(edge for edge in facts.edges if (edge.kind, edge.source, edge.target) != ends)
    return replace(facts, edges=left)


def _attach(facts: Facts, edit: Edit) -> Facts:
    holder = _node(facts, edit["identity"], edit)
    _managed(facts, edit)
    made = _row(holder, Role.IDENTITY, policy=edit["policy"])
    return _with_row(facts, made)


def _detach(facts: Facts, edit: Edit) -> Facts:
    return _without_rows(
        facts,
        lambda row: (
            (row.holder, row.role, row.policy) == (edit["identity"], Role.IDENTITY, edit["policy"])
        ),
    )


def _put_inline(facts: Facts, edit: Edit) -> Facts:
    holder = _node(facts, edit["identity"], edit)
    return _with_document(facts, _row(holder, Role.IDENTITY, name=edit["name"]), edit)


def _delete_inline(facts: Facts, edit: Edit) -> Facts:
    return _without_rows(
        facts,
        lambda row: (
            (row.holder, row.role, row.name, row.policy)
            == (edit["identity"], Role.IDENTITY, edit["name"], None)
        ),
    )


def _put_managed(facts: Facts, edit: Edit) -> Facts:
    row = _managed(facts, edit)
    if row.vendor:
        raise QueryError(f"`{edit['policy']}` is managed by the platform: nobody may change it")
    return _with_document(facts, row, edit)


def _put_resource(facts: Facts, edit: Edit) -> Facts:
    holder = _node(facts, edit["resource"], edit)
    return _with_document(facts, _only(facts, holder, Role.RESOURCE), edit)


def _put_trust(facts: Facts, edit: Edit) -> Facts:
    holder = _node(facts, edit["role"], edit)
    return _with_document(facts, _only(facts, holder, Role.TRUST), edit)


def _put_boundary(facts: Facts, edit: Edit) -> Facts:
    holder = _node(facts, edit["identity"], edit)
    _managed(facts, edit)
    rest = _without_rows(facts, lambda row: (row.holder, row.role) == (holder.id, Role.BOUNDARY))
    return _with_row(rest, _row(holder, Role.BOUNDARY, policy=edit["policy"]))


def _delete_boundary(facts: Facts, edit: Edit) -> Facts:
    return _without_rows(
        facts, lambda row: (row.holder, row.role) == (edit["identity"], Role.BOUNDARY)
    )


def _remove_statement(facts: Facts, edit: Edit) -> Facts:
    """Without every statement of this Sid in the documents of one holder: an identity, a policy, a resource."""
    texts = {row.hash: row.text for row in facts.documents}
    for row in facts.attachments:
        if row.holder != edit["of"] or row.document is None or not row.in_force:
            continue
        body = object_of(texts[row.document])
        rows = statements_of(body)
        kept = [one for one in rows if not isinstance(one, dict) or one.get("Sid") != edit["sid"]]
        if len(kept) < len(rows):
            facts = _written(facts, row, {**body, "Statement": kept})
    return facts


def _remove(facts: Facts, edit: Edit) -> Facts:
    """Without the node, what hangs on it, and the facts that name it."""
    node = _node(facts, edit["node"], edit)
    return replace(
        facts,
        nodes=tuple(one for one in facts.nodes if one.id != node.id),
        edges=tuple(edge for edge in facts.edges if node.id not in {edge.source, edge.target}),
        attachments=tuple(row for row in facts.attachments if row.holder != node.id),
    )


def _row(holder: Node, role: Role, *, name: str = "", policy: str | None = None) -> Attachment:
    return Attachment(holder.id, role, name, policy, asserted_by=holder.asserted_by)


def _managed(facts: Facts, edit: Edit) -> Attachment:
    """The version in force of the managed policy."""
    for row in facts.attachments:
        if row.role is Role.VERSION and row.in_force and row.holder == edit["policy"]:
            return row
    raise QueryError(f"no managed policy `{edit['policy']}` was read")


def _only(facts: Facts, holder: Node, role: Role) -> Attachment:
    """The holder's one document in this role; a new row where it has none."""
    found = [row for row in facts.attachments if (row.holder, row.role) == (holder.id, role)]
    return found[0] if found else _row(holder, role)


def _with_row(facts: Facts, row: Attachment) -> Facts:
    if any(other.id == row.id for other in facts.attachments):
        return facts
    return replace(facts, attachments=(*facts.attachments, row))


def _without_rows(facts: Facts, gone: Callable[[Attachment], bool]) -> Facts:
    return replace(facts, attachments=tuple(row for row in facts.attachments if not gone(row)))


def _with_document(facts: Facts, row: Attachment, edit: Edit) -> Facts:
    return _written(facts, row, json.loads(edit["document"]))


def _written(facts: Facts, row: Attachment, body: Json) -> Facts:
    """The facts with this content in the row's place; the row is added where there was none."""
    document = Document.of(dict(body))
    rows = tuple(other for other in facts.attachments if other.id != row.id)
    known = {one.hash: one for one in (*facts.documents, document)}
    changed = replace(row, document=document.hash)
    if len(rows) < len(facts.attachments):
        rows = tuple(changed if other.id == row.id else other for other in facts.attachments)
    else:
        rows = (*rows, changed)
    return replace(facts, attachments=rows, documents=tuple(known.values()))


_MADE: Mapping[str, Callable[[Facts, Edit], Facts]] = {
    "join": _join,
    "leave": _leave,
    "attach": _attach,
    "detach": _detach,
    "put_inline": _put_inline,
    "delete_inline": _delete_inline,
    "put_managed": _put_managed,
    "put_resource": _put_resource,
    "put_trust": _put_trust,
    "put_boundary": _put_boundary,
    "delete_boundary": _delete_boundary,
    "remove_statement": _remove_statement,
    "remove": _remove,
}
