"""Rows that do not fit the schema are refused, each with one line that names it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from store_rows import GROUPS, USERS, attachment, edge, node, observation

from graph.check import check_batch, check_conclusions, shown
from graph.errors import SchemaError
from graph.model import Batch, Conclusions, CoverageKey, Edge, Node, NodeId, Row
from graph.schema import schema

STORED = {NodeId("u"): "User", NodeId("g"): "Group", NodeId("secret"): "Secret"}
NOBODY: frozenset[CoverageKey] = frozenset()


def check(*rows: Row) -> None:
    check_batch(Batch.of(rows), schema(), kind_of=STORED.get)


def check_concluded(*rows: Node | Edge) -> None:
    conclusions = Conclusions(
        tuple(row for row in rows if isinstance(row, Node)),
        tuple(row for row in rows if isinstance(row, Edge)),
    )
    check_conclusions(conclusions, schema(), kind_of=STORED.get)


GOOD_PROPS: list[tuple[str, dict[str, Any]]] = [
    ("Dataset", {"name": "", "sensitivity": 3, "tags": {}, "root": True}),
    ("Key", {"aliases": ()}),
    ("Person", {"confidence": 1}),
    ("Person", {"confidence": 0.25}),
    ("Credential", {"expires": "2026-01-01T00:00:00Z"}),
    ("Credential", {"expires": "2026-01-01T00:00:00.123456+00:00"}),
    ("Role", {"last_used": "2026-01-01T00:00:00Z"}),
]
BAD_PROPS: list[tuple[str, dict[str, Any]]] = [
    ("Dataset", {"name": 1}),
    ("Dataset", {"name": None}),
    ("Dataset", {"sensitivity": True}),
    ("Dataset", {"sensitivity": 1.0}),
    ("Dataset", {"root": 1}),
    ("Dataset", {"tags": ("a",)}),
    ("Dataset", {"tags": {"a": 1}}),
    ("Dataset", {"tags": {1: "a"}}),
    ("Key", {"aliases": ["a"]}),
    ("Key", {"aliases": ("a", 1)}),
    ("Key", {"aliases": "a"}),
    ("Person", {"confidence": float("nan")}),
    ("Person", {"confidence": float("inf")}),
    ("Person", {"confidence": "1"}),
    ("Credential", {"expires": "2026-01-01T00:00:00"}),
    ("Credential", {"expires": "2026-01-01T02:00:00+02:00"}),
    ("Credential", {"expires": "soon"}),
    ("Credential", {"expires": 0}),
]


@pytest.mark.parametrize(("kind", "props"), GOOD_PROPS, ids=str)
def test_a_property_of_its_declared_type_is_taken(kind: str, props: dict[str, Any]) -> None:
    check(node(kind, "n", **props))


@pytest.mark.parametrize(("kind", "props"), BAD_PROPS, ids=str)
def test_a_property_of_another_type_is_refused(kind: str, props: dict[str, Any]) -> None:
    with pytest.raises(SchemaError, match=f"`n` has property `{next(iter(props))}`, which is no "):
        check(node(kind, "n", **props))


REFUSED: list[tuple[str, tuple[Row, ...]]] = [
    ("unknown node kind `Spaceship`", (node("Spaceship", "n"),)),
    ("unknown edge kind `FLIES`", (edge("FLIES", "u", "g"),)),
    ("node `n` has property `wings`, which is not declared", (node("User", "n", wings=2),)),
    (
        "edge `u` MEMBER_OF `g` has property `wings`, which is not declared",
        (edge("MEMBER_OF", "u", "g", props={"wings": 2}),),
    ),
    ("of kind `User` and without id", (node("User", ""),)),
    ("put as absent", (replace(node("User", "n"), present=False),)),
    ("both `User` and `Role`", (node("User", "n"), node("Role", "n", GROUPS))),
    ("`Grant`, which only conclusions have", (node("Grant", "n"),)),
    (
        "of a kind that only conclusions have",
        (node("Dataset", "d"), node("Dataset", "e"), edge("YIELDS", "d", "e", discriminator="x")),
    ),
    ("without its end `nobody`", (edge("MEMBER_OF", "nobody", "g"),)),
    ("without its end `nothing`", (edge("MEMBER_OF", "u", "nothing"),)),
    ("not allowed to run `Group` to `User`", (edge("MEMBER_OF", "g", "u"),)),
    ("not in need as discriminator", (edge("MEMBER_OF", "u", "g", discriminator="x"),)),
    ("in need of capability as discriminator", (edge("OPENS", "secret", "u"),)),
    ("of cost `-1`", (edge("MEMBER_OF", "u", "g", cost=-1),)),
    ("asserted by 0 calls", (replace(node("User", "n"), asserted_by=NOBODY),)),
    (
        "asserted by 2 calls",
        (replace(edge("MEMBER_OF", "u", "g"), asserted_by=frozenset({USERS, GROUPS})),),
    ),
    ("asserted by 0 calls", (replace(attachment("u", "p"), asserted_by=NOBODY),)),
    ("asserted by 0 calls", (replace(observation("u", "n", 1), asserted_by=NOBODY),)),
    ("without a holder", (attachment("", "p"),)),
    ("observation `calls` of `nobody` is without its node", (observation("nobody", "calls", 1),)),
    ("of a value that no property has", (observation("u", "calls", None),)),
    ("has an empty part", (node("User", "n", CoverageKey("aws", "", "global", "x")),)),
    ("has a slash before its call", (node("User", "n", CoverageKey("aws", "a/b", "global", "x")),)),
]


@pytest.mark.parametrize(("message", "rows"), REFUSED, ids=[message for message, _ in REFUSED])
def test_a_fact_that_does_not_fit_is_refused(message: str, rows: tuple[Row, ...]) -> None:
    with pytest.raises(SchemaError) as caught:
        check(*rows)
    assert message in str(caught.value)


def test_an_edge_may_end_at_nodes_of_its_batch_and_of_the_store() -> None:
    check(node("User", "new"), edge("MEMBER_OF", "new", "g"))


def test_a_concluded_edge_may_end_at_facts_and_conclusions() -> None:
    grant = Node(NodeId("grant:1"), "Grant", {"capability": "READ"})
    check_concluded(grant, Edge("HOLDS", NodeId("u"), grant.id), Edge("ON", grant.id, NodeId("g")))


def test_conclusions_may_be_of_kinds_that_facts_have() -> None:
    check_concluded(
        Node(NodeId("potential:x"), "Job", {"potential": True}),
        Edge("RUNS_AS", NodeId("potential:x"), NodeId("u")),
    )


CONCLUDED: list[tuple[str, tuple[Node | Edge, ...]]] = [
    ("`u` is a fact", (Node(NodeId("u"), "External"),)),
    ("concluded twice", (Node(NodeId("n"), "Grant"), Node(NodeId("n"), "Grant"))),
    ("which no call asserts", (node("Grant", "n"),)),
    ("which no call asserts", (edge("MEMBER_OF", "u", "g"),)),
    ("without its end `grant:1`", (Edge("HOLDS", NodeId("u"), NodeId("grant:1")),)),
    (
        "not allowed to run `Grant` to `User`",
        (Node(NodeId("n"), "Grant"), Edge("HOLDS", NodeId("n"), NodeId("u"))),
    ),
    (
        "has a slash before its call",
        (
            Edge(
                "MEMBER_OF",
                NodeId("u"),
                NodeId("g"),
                inputs=frozenset({CoverageKey("aws", "a/b", "global", "x")}),
            ),
        ),
    ),
]


@pytest.mark.parametrize(("message", "rows"), CONCLUDED, ids=[message for message, _ in CONCLUDED])
def test_a_conclusion_that_does_not_fit_is_refused(
    message: str, rows: tuple[Node | Edge, ...]
) -> None:
    with pytest.raises(SchemaError) as caught:
        check_concluded(*rows)
    assert message in str(caught.value)


def test_every_type_that_a_property_may_declare_is_checked() -> None:
    declared = schema()
    props = [prop for kind in declared.nodes for prop in declared.props_of(kind).values()]
    props += [prop for kind in declared.edges.values() for prop in kind.props]
    assert {prop.type for prop in props} <= {"str", "int", "float", "bool", "time", "list", "map"}


@pytest.mark.parametrize("text", ["a\nb", "a\x00b", "a\x1b[31mb", "\ud800", "x" * 5000])
def test_a_name_in_a_message_is_one_printable_line_of_bearable_length(text: str) -> None:
    assert shown(text).isprintable()
    assert len(shown(text)) < 300


def test_a_message_about_a_hostile_id_is_one_line() -> None:
    with pytest.raises(SchemaError) as caught:
        check(edge("MEMBER_OF", "evil\nname", "g"))
    assert str(caught.value).isprintable()
