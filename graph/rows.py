"""The canonical JSON of a row: what the change log holds, what hashes are taken over, what files exchange.

Everything that makes a row what it is stands in it; the coverage keys that assert it do not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

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
    canonical,
)

_AS_IT_IS = frozenset({str, bool, int, float})


def plain_props(props: Props) -> dict[str, object]:
    """The properties as JSON knows them: tuples as arrays, maps as objects."""
    return {name: _plain(value) for name, value in props.items()}


def _plain(value: PropValue) -> object:
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def typed_props(props: Mapping[str, Any]) -> Props:
    """The properties that `plain_props` wrote."""
    return {name: tuple(value) if type(value) is list else value for name, value in props.items()}


def row_json(row: Node | Edge | Attachment) -> str:
    """The row as canonical JSON."""
    if isinstance(row, Node):
        return canonical(_node(row))
    return canonical(_edge(row) if isinstance(row, Edge) else _attachment(row))


def _node(node: Node) -> dict[str, object]:
    return {
        "id": node.id,
        "kind": node.kind,
        "present": node.present,
        "props": plain_props(node.props),
    }


def _edge(edge: Edge) -> dict[str, object]:
    return {
        "kind": edge.kind,
        "source": edge.source,
        "target": edge.target,
        "discriminator": edge.discriminator,
        "basis": edge.basis.value,
        "certainty": edge.certainty.label,
        "indirect": edge.indirect,
        "cost": edge.cost,
        "conditions": list(edge.conditions),
        "evidence": list(edge.evidence),
        "inputs": [str(key) for key in sorted(edge.inputs)],
        "props": plain_props(edge.props),
    }


def _attachment(row: Attachment) -> dict[str, object]:
    return {
        "holder": row.holder,
        "role": row.role.value,
        "name": row.name,
        "policy": row.policy,
        "document": row.document,
        "in_force": row.in_force,
        "vendor": row.vendor,
    }


def node_of(text: str) -> Node:
    """The node that `row_json` wrote."""
    said = json.loads(text)
    return Node(NodeId(said["id"]), said["kind"], typed_props(said["props"]), said["present"])


def edge_of(text: str) -> Edge:
    """The edge that `row_json` wrote."""
    said = json.loads(text)
    return Edge(
        said["kind"],
        NodeId(said["source"]),
        NodeId(said["target"]),
        said["discriminator"],
        basis=Basis(said["basis"]),
        certainty=Certainty[said["certainty"].upper()],
        indirect=said["indirect"],
        cost=said["cost"],
        conditions=tuple(said["conditions"]),
        evidence=tuple(said["evidence"]),
        props=typed_props(said["props"]),
        inputs=frozenset(CoverageKey.parse(key) for key in said["inputs"]),
    )


def attachment_of(text: str) -> Attachment:
    """The attachment that `row_json` wrote."""
    said = json.loads(text)
    document = said["document"]
    return Attachment(
        NodeId(said["holder"]),
        Role(said["role"]),
        said["name"],
        said["policy"],
        None if document is None else DocumentHash(document),
        in_force=said["in_force"],
        vendor=said["vendor"],
    )
