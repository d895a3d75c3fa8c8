"""Policy documents as AWS hands them out: objects, JSON text, or URL-encoded JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from graph.model import Attachment, Document, NodeId, Role


class UnreadableDocumentError(ValueError):
    """A policy document that is none of the three forms; its text says what it is instead."""


def parsed_document(value: object) -> Mapping[str, Any]:
    """The policy document as an object; `UnreadableDocumentError` where it is none."""
    if isinstance(value, str):
        value = _parsed(value)
    if not isinstance(value, Mapping):
        raise UnreadableDocumentError(f"a policy document is an object, not {_kind(value)}")
    return value


def _parsed(text: str) -> object:
    stripped = text.lstrip()
    if not stripped:
        raise UnreadableDocumentError("a policy document is empty text")
    if not stripped.startswith(("{", "[", '"')):
        stripped = unquote(stripped, errors="strict") if "%" in stripped else stripped
    try:
        parsed: object = json.loads(stripped)
    except (ValueError, RecursionError):
        raise UnreadableDocumentError(
            f"a policy document is text that is no JSON: `{text[:40]}`"
        ) from None
    return parsed


def _kind(value: object) -> str:
    names = {list: "a list", str: "text", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")


def attached(
    holder: NodeId,
    role: Role,
    content: object,
    *,
    name: str = "",
    in_force: bool = True,
    vendor: bool = False,
) -> Iterator[Document | Attachment]:
    """The document and its attachment to the holder; `UnreadableDocumentError` where it is none."""
    document = Document.of(parsed_document(content))
    yield document
    yield Attachment(
        holder, role, name=name, document=document.hash, in_force=in_force, vendor=vendor
    )
