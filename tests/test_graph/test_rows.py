"""The canonical JSON of rows loses nothing and hides nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from store_rows import GROUPS, USERS

from graph.model import (
    Attachment,
    Basis,
    Certainty,
    DocumentHash,
    Edge,
    Node,
    NodeId,
    Role,
)
from graph.rows import attachment_of, edge_of, node_of, row_json
from graph.stores import sqlite_codec

texts = st.text(alphabet=st.characters(exclude_categories=()), max_size=8)
values = (
    texts
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.lists(texts, max_size=3).map(tuple)
    | st.dictionaries(texts, texts, max_size=3)
)
props = st.dictionaries(texts, values, max_size=3)
keys = st.frozensets(st.sampled_from((USERS, GROUPS)))
nodes = st.builds(Node, texts.map(NodeId), texts, props, st.booleans())
edges = st.builds(
    Edge,
    texts,
    texts.map(NodeId),
    texts.map(NodeId),
    texts,
    st.sampled_from(Basis),
    st.sampled_from(Certainty),
    st.booleans(),
    st.integers(0),
    st.lists(texts, max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
    props,
    keys,
)
attachments = st.builds(
    Attachment,
    texts.map(NodeId),
    st.sampled_from(Role),
    texts,
    st.none() | texts,
    st.none() | texts.map(DocumentHash),
    st.booleans(),
    st.booleans(),
)
NUMBERS = {USERS: 1, GROUPS: 2}
SETS = {"": frozenset[object](), "1": {USERS}, "2": {GROUPS}, "1,2": {USERS, GROUPS}}


@given(nodes)
def test_a_node_survives_its_json(row: Node) -> None:
    assert node_of(row_json(row)) == row


@given(edges)
def test_an_edge_survives_its_json(row: Edge) -> None:
    assert edge_of(row_json(row)) == row


@given(attachments)
def test_an_attachment_survives_its_json(row: Attachment) -> None:
    assert attachment_of(row_json(row)) == row


@given(nodes)
def test_a_node_survives_its_columns(row: Node) -> None:
    state = sqlite_codec.node_state(row, row.props)
    assert sqlite_codec.node_of(row.id, state, frozenset()) == row


@given(edges)
def test_an_edge_survives_its_columns(row: Edge) -> None:
    state = sqlite_codec.edge_state(row, NUMBERS.__getitem__)
    ends = (row.kind, row.source, row.target, row.discriminator)
    found = sqlite_codec.edge_of(
        ends,
        state.encode("ascii"),
        frozenset(),
        lambda text: frozenset(SETS[text]),  # type: ignore[arg-type]  # a table of keys
    )
    assert found == row


@given(attachments)
def test_an_attachment_survives_its_columns(row: Attachment) -> None:
    assert sqlite_codec.attachment_of(sqlite_codec.attachment_state(row), frozenset()) == row


@given(values)
def test_a_value_survives_its_column(value: object) -> None:
    state = sqlite_codec.value_state(value)  # type: ignore[arg-type]  # drawn from property values
    found = sqlite_codec.value_of(state)
    assert (found, type(found)) == (value, type(value))


@given(edges)
def test_who_asserts_an_edge_is_no_part_of_its_json(row: Edge) -> None:
    assert row_json(replace(row, asserted_by=frozenset({USERS}))) == row_json(row)
