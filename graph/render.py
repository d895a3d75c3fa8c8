"""The schema as text: `docs/schema.md` for people, JSON Schema for programs that exchange rows; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from graph.model import Basis, Capability, Certainty, Role
from graph.schema import (
    SCHEMA_VERSION,
    EdgeKind,
    Family,
    Move,
    NodeKind,
    Prop,
    Schema,
    Special,
    When,
)

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HEAD = f"""# The schema of the graph

Generated from `graph/kinds`; `shadowgraph schema --format markdown` writes it. Schema version {SCHEMA_VERSION}.

Compromise moves along edges. A state is a node with a capability; a move says which state leads to which. Facts are
what a platform said, conclusions are computed from facts. Every edge also carries `basis`, `certainty`, `indirect`,
`cost`, `conditions`, `evidence` and, for conclusions, `inputs`. A volatile property is kept with the observations,
outside the change log."""
_TYPES: Mapping[str, Mapping[str, object]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "list": {"type": "array", "items": {"type": "string"}},
    "map": {"type": "object", "additionalProperties": {"type": "string"}},
}


def markdown(schema: Schema) -> str:
    """The whole of `docs/schema.md`."""
    parts = [_HEAD, "## Node kinds", "### Every node\n", _props(schema.asset_props)]
    for family in Family:
        kinds = [kind for kind in schema.nodes.values() if kind.family is family]
        parts += [f"### Family: {family.value}", *map(_node_kind, sorted(kinds, key=_name))]
    parts += ["## Edge kinds"]
    parts += [_edge_kind(kind, schema) for kind in sorted(schema.edges.values(), key=_name)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _name(kind: NodeKind | EdgeKind) -> str:
    return kind.name


def _node_kind(kind: NodeKind) -> str:
    caps = ", ".join(_words(kind.caps)) or "none"
    start = f"`{kind.start}`" if kind.start else "none"
    lines = [
        f"#### {kind.name}",
        kind.doc,
        f"- Capabilities: {caps}\n- Start of a blast radius: {start}\n- Written as: {kind.written.value}",
    ]
    if kind.props:
        lines.append(_props(kind.props))
    return "\n\n".join(lines)


def _edge_kind(kind: EdgeKind, schema: Schema) -> str:
    discriminator = f"\n- Parallel edges are told apart by: {kind.discriminator}"
    lines = [
        f"### {kind.name}",
        kind.doc,
        f"- From: {_ends(kind.sources, schema)}\n- To: {_ends(kind.targets, schema)}"
        f"\n- Written as: {kind.written.value}\n- Falls by: {kind.falls_by.value}"
        + (discriminator if kind.discriminator else ""),
    ]
    if kind.moves:
        lines.append("\n".join(f"- {move_sentence(move)}" for move in kind.moves))
    else:
        lines.append("No move: this edge is context.")
    if kind.props:
        lines.append(_props(kind.props))
    return "\n\n".join(lines)


def move_sentence(move: Move) -> str:
    """The move as one sentence."""
    near, far = ("target", "source") if move.back else ("source", "target")
    when = "" if move.when is When.ALWAYS else f", where {move.when.value}"
    late = " (indirect)" if move.indirect else ""
    have = _word(move.have)
    said = have[0].upper() + have[1:]
    return f"{said} at the {near} gives {_word(move.gain)} at the {far}{when}{late}."


def _word(what: Capability | Special) -> str:
    return f"`{what}`" if isinstance(what, Capability) else what.value


def _words(capabilities: Iterable[Capability]) -> list[str]:
    return [f"`{capability}`" for capability in capabilities]


def _ends(kinds: frozenset[str], schema: Schema) -> str:
    """The kinds, with whole families named as such."""
    whole = [family for family in Family if schema.kinds_of(family) <= kinds]
    rest = kinds - schema.kinds_of(*whole)
    families = [f"any {family.value} kind" for family in whole]
    return ", ".join([*families, *(f"`{kind}`" for kind in sorted(rest))])


def _props(props: Iterable[Prop]) -> str:
    rows = [
        f"| `{prop.name}` | {prop.type}{', volatile' if prop.volatile else ''} | {_cell(prop.doc)} |"
        for prop in props
    ]
    return "\n".join(["| property | type | what it says |", "| --- | --- | --- |", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def json_schema(schema: Schema) -> str:
    """The JSON Schema of a row as `graph.rows.row_json` writes it."""
    nodes = [_node_schema(kind, schema) for kind in sorted(schema.nodes.values(), key=_name)]
    edges = [_edge_schema(kind) for kind in sorted(schema.edges.values(), key=_name)]
    whole = {
        "$schema": _DIALECT,
        "title": f"A row of the graph, schema version {SCHEMA_VERSION}",
        "oneOf": [*nodes, *edges, _attachment_schema()],
        "$defs": {prop.name: _prop_schema(prop) for prop in schema.asset_props},
    }
    return json.dumps(whole, indent=2) + "\n"


def _object(title: str, doc: str, properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "title": title,
        "description": doc,
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _prop_schema(prop: Prop) -> dict[str, object]:
    return {**_TYPES[prop.type], "description": prop.doc}


def _props_schema(props: Iterable[Prop], common: frozenset[str] = frozenset()) -> dict[str, object]:
    declared = {
        prop.name: {"$ref": f"#/$defs/{prop.name}"} if prop.name in common else _prop_schema(prop)
        for prop in props
        if not prop.volatile
    }
    return {"type": "object", "properties": declared, "additionalProperties": False}


def _node_schema(kind: NodeKind, schema: Schema) -> dict[str, object]:
    own = {prop.name for prop in kind.props}
    common = frozenset(prop.name for prop in schema.asset_props if prop.name not in own)
    return _object(
        kind.name,
        kind.doc,
        {
            "id": {"type": "string", "minLength": 1},
            "kind": {"const": kind.name},
            "present": {"type": "boolean"},
            "props": _props_schema(schema.props_of(kind.name).values(), common),
        },
    )


def _edge_schema(kind: EdgeKind) -> dict[str, object]:
    texts = {"type": "array", "items": {"type": "string"}}
    return _object(
        kind.name,
        kind.doc,
        {
            "kind": {"const": kind.name},
            "source": {"type": "string", "minLength": 1},
            "target": {"type": "string", "minLength": 1},
            "discriminator": {"type": "string"} if kind.discriminator else {"const": ""},
            "basis": {"enum": [basis.value for basis in Basis]},
            "certainty": {"enum": [certainty.label for certainty in Certainty]},
            "indirect": {"type": "boolean"},
            "cost": {"type": "integer", "minimum": 0},
            "conditions": texts,
            "evidence": texts,
            "inputs": texts,
            "props": _props_schema(kind.props),
        },
    )


def _attachment_schema() -> dict[str, object]:
    text = {"type": "string"}
    maybe = {"type": ["string", "null"]}
    return _object(
        "Attachment",
        "One document, in one role, at one holder.",
        {
            "holder": {"type": "string", "minLength": 1},
            "role": {"enum": [role.value for role in Role]},
            "name": text,
            "policy": maybe,
            "document": maybe,
            "in_force": {"type": "boolean"},
            "vendor": {"type": "boolean"},
        },
    )
