"""The generated documentation and the JSON Schema say what the declarations say."""

from __future__ import annotations

import json

import pytest

from graph.model import Attachment, Edge, Node, NodeId, Role
from graph.render import json_schema, markdown, move_sentence
from graph.rows import row_json
from graph.schema import CONTROL, HELD, READ, WRITE, Move, Special, When, schema


@pytest.mark.parametrize(
    ("move", "sentence"),
    [
        (Move(CONTROL, HELD), "`CONTROL` at the source gives `HELD` at the target."),
        (
            Move(WRITE, CONTROL, back=True, when=When.RERUNS),
            "`WRITE` at the target gives `CONTROL` at the source, where the consumer will run again.",
        ),
        (
            Move(Special.EACH, Special.SAME),
            "Each capability of the set at the source gives the same capability at the target.",
        ),
        (
            Move(WRITE, READ, indirect=True),
            "`WRITE` at the source gives `READ` at the target (indirect).",
        ),
    ],
)
def test_a_move_reads_as_a_sentence(move: Move, sentence: str) -> None:
    assert move_sentence(move) == sentence


def test_every_kind_has_its_section() -> None:
    text = markdown(schema())
    missing = [name for name in schema().nodes if f"#### {name}\n" not in text]
    missing += [name for name in schema().edges if f"### {name}\n" not in text]
    assert not missing


def test_every_declaration_speaks_in_sentences() -> None:
    declared = schema()
    docs = [kind.doc for kind in (*declared.nodes.values(), *declared.edges.values())]
    docs += [prop.doc for kind in declared.nodes for prop in declared.props_of(kind).values()]
    docs += [prop.doc for kind in declared.edges.values() for prop in kind.props]
    assert [doc for doc in docs if not doc.endswith((".", "..."))] == []


@pytest.mark.parametrize(
    "row",
    [
        Node(NodeId("n"), "Role", {"path": "/"}),
        Edge("MEMBER_OF", NodeId("u"), NodeId("g")),
        Attachment(NodeId("r"), Role.TRUST),
    ],
    ids=["node", "edge", "attachment"],
)
def test_the_json_schema_names_the_fields_that_rows_have(row: Node | Edge | Attachment) -> None:
    title = row.kind if isinstance(row, Node | Edge) else "Attachment"
    one = next(one for one in json.loads(json_schema(schema()))["oneOf"] if one["title"] == title)
    assert sorted(json.loads(row_json(row))) == one["required"]


def test_the_json_schema_leaves_out_volatile_properties() -> None:
    one = next(one for one in json.loads(json_schema(schema()))["oneOf"] if one["title"] == "Role")
    assert "last_used" not in one["properties"]["props"]["properties"]
