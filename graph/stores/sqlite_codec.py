"""Rows as the columns of the SQLite store, and back.

A state is the canonical JSON of all that is hashed of a row but its id, in ASCII (so that any text is held), with
defaults left out and coverage keys by number.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from graph.merge import listed
from graph.model import (
    Attachment,
    Basis,
    Certainty,
    CoverageKey,
    DocumentHash,
    Edge,
    Node,
    NodeId,
    Props,
    PropValue,
    Role,
)
from graph.rows import plain_props, typed_props

KeyNumber = Callable[[CoverageKey], int]
KeySet = Callable[[str], frozenset[CoverageKey]]

NO_KEYS: frozenset[CoverageKey] = frozenset()
_dump = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode
_DECLARED, _DEFINITE = Basis.DECLARED, Certainty.DEFINITE
_load = json.JSONDecoder().decode


def joined(numbers: Iterable[int]) -> str:
    """Numbers of coverage keys as text: the value of a `keys` column."""
    return ",".join(map(str, sorted(numbers)))


def value_state(value: PropValue) -> str:
    """A property value as JSON."""
    return _dump(plain_props({"": value})[""])


def value_of(state: str) -> PropValue:
    """The property value that `value_state` wrote."""
    return typed_props({"": _load(state)})[""]


def node_state(node: Node, props: Props) -> str:
    """The state of a node that has these of its properties."""
    said: dict[str, object] = {"kind": node.kind}
    if props:
        said["props"] = plain_props(props)
    if not node.present:
        said["present"] = False
    return _dump(said)


def node_of(name: str, state: str, keys: frozenset[CoverageKey]) -> Node:
    """The node that `node_state` wrote."""
    said = _load(state)
    props = said.get("props")
    return Node(
        NodeId(name),
        said["kind"],
        typed_props(props) if props else {},
        said.get("present", True),
        keys,
    )


def node_extra(node: Node) -> tuple[str, int]:
    """The columns `kind` and `listed`."""
    return node.kind, int(listed(node))


def edge_state(edge: Edge, number: KeyNumber) -> str:
    """The state of an edge; `{}` for one that is all defaults."""
    said: dict[str, object] = {}
    if edge.basis is not Basis.DECLARED:
        said["basis"] = edge.basis.value
    if edge.certainty is not Certainty.DEFINITE:
        said["certainty"] = int(edge.certainty)
    if edge.indirect:
        said["indirect"] = True
    if edge.cost != 1:
        said["cost"] = edge.cost
    if edge.conditions:
        said["conditions"] = edge.conditions
    if edge.evidence:
        said["evidence"] = edge.evidence
    if edge.props:
        said["props"] = plain_props(edge.props)
    if edge.inputs:
        said["inputs"] = joined(map(number, edge.inputs))
    return _dump(said) if said else "{}"


def edge_of(
    ends: tuple[str, NodeId, NodeId, str],
    state: bytes,
    keys: frozenset[CoverageKey],
    key_set: KeySet,
) -> Edge:
    """The edge of these kind, source, target and discriminator that `edge_state` wrote, in ASCII."""
    if state == b"{}":
        return Edge(*ends, _DECLARED, _DEFINITE, False, 1, (), (), {}, NO_KEYS, keys)
    said = _load(state.decode("ascii"))
    props = said.get("props")
    inputs = said.get("inputs")
    return Edge(
        *ends,
        Basis(said.get("basis", "declared")),
        Certainty(said.get("certainty", 0)),
        said.get("indirect", False),
        said.get("cost", 1),
        tuple(said.get("conditions", ())),
        tuple(said.get("evidence", ())),
        typed_props(props) if props else {},
        key_set(inputs) if inputs else NO_KEYS,
        keys,
    )


def attachment_state(row: Attachment) -> str:
    """The state of an attachment."""
    said: dict[str, object] = {"holder": row.holder, "role": row.role.value}
    if row.name:
        said["name"] = row.name
    if row.policy is not None:
        said["policy"] = row.policy
    if row.document is not None:
        said["document"] = row.document
    if not row.in_force:
        said["in_force"] = False
    if row.vendor:
        said["vendor"] = True
    return _dump(said)


def attachment_of(state: str, keys: frozenset[CoverageKey]) -> Attachment:
    """The attachment that `attachment_state` wrote."""
    said = _load(state)
    document = said.get("document")
    return Attachment(
        NodeId(said["holder"]),
        Role(said["role"]),
        said.get("name", ""),
        said.get("policy"),
        None if document is None else DocumentHash(document),
        in_force=said.get("in_force", True),
        vendor=said.get("vendor", False),
        asserted_by=keys,
    )
