"""Removals as changes of documents: what stands there now, what is to stand there, and the difference as a JSON Patch.

A patch is one of RFC 6902, with a test before each removal, so that it applies to the document that it was made for and
to no other. Several removals in one document are one patch.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from access.change import Json, document_without, left_of, refuse, row_of, statements_of
from access.decision import Revocable
from access.removal import command, emptied, words
from graph.model import Document, Facts, NodeId, Role

Operation: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Patch:
    """The change of one document, or one removal that is none of a document (`document` is then empty).

    `owner` is the account that may make it, `holder` what the document hangs on, `commands` how it is done natively.
    """

    owner: str
    holder: str
    document: str
    removals: tuple[Revocable, ...]
    operations: tuple[Operation, ...]
    before: str
    after: str
    commands: tuple[str, ...]

    @property
    def title(self) -> str:
        """What it takes away, in one line."""
        return "; ".join(map(words, self.removals))

    def plain(self) -> dict[str, object]:
        """The patch as plain types, for JSON."""
        return {
            "owner": self.owner,
            "holder": self.holder,
            "document": self.document,
            "removes": [words(one) for one in self.removals],
            "patch": list(self.operations),
            "after": json.loads(self.after) if self.after else None,
            "commands": list(self.commands),
        }


def patches(facts: Facts, gone: Collection[Revocable]) -> tuple[Patch, ...]:
    """What to change so that all of these go: documents by owner and name, then what is none of a document."""
    documents: dict[tuple[NodeId, str, str], list[Revocable]] = defaultdict(list)
    others: list[Revocable] = []
    for revocable in sorted(gone):
        refuse(revocable)
        row = row_of(facts, revocable)
        if row is None:
            others.append(revocable)
        else:
            name = row.name if row.role is Role.IDENTITY else ""
            documents[row.holder, name, str(row.document)].append(revocable)
    texts = {str(document.hash): document for document in facts.documents}
    made = [_edit(*key[:2], texts[key[2]], found) for key, found in documents.items()]
    made.sort(key=lambda patch: (patch.owner, patch.holder, patch.document))
    return (*made, *map(_single, others))


def _edit(holder: NodeId, name: str, document: Document, gone: list[Revocable]) -> Patch:
    body: Json = json.loads(document.text)
    left = document_without(body, gone)
    return Patch(
        gone[0].owner,
        str(holder),
        name or gone[0].document or str(holder),
        tuple(gone),
        tuple(_operations(body, gone)),
        json.dumps(body, indent=2, ensure_ascii=False),
        json.dumps(left, indent=2, ensure_ascii=False),
        tuple(dict.fromkeys(map(command, gone))) if left["Statement"] else (emptied(gone[0]),),
    )


def _single(revocable: Revocable) -> Patch:
    return Patch(
        revocable.owner, revocable.holder, "", (revocable,), (), "", "", (command(revocable),)
    )


def _operations(body: Json, gone: list[Revocable]) -> Iterator[Operation]:
    """The operations on the document; the last statement first, so that the places of the others stay true."""
    rows, left = statements_of(body), left_of(body, gone)
    if not isinstance(body.get("Statement"), list):
        yield {"op": "test", "path": "/Statement", "value": body.get("Statement")}
        kept = [one for one in left if one is not None]
        yield {"op": "replace", "path": "/Statement", "value": kept}
        return
    for place in reversed(range(len(rows))):
        row, rest = rows[place], left[place]
        if rest == row:
            continue
        yield {"op": "test", "path": f"/Statement/{place}", "value": row}
        if rest is None:
            yield {"op": "remove", "path": f"/Statement/{place}"}
        else:
            path = f"/Statement/{place}/Principal"
            yield {"op": "replace", "path": path, "value": rest["Principal"]}
