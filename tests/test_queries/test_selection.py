"""Selections: which nodes a text means, never more and never silently none."""

from __future__ import annotations

import pytest

from graph.errors import QueryError
from graph.model import Node, NodeId, PropValue
from graph.projection import project
from graph.view import View
from queries.selection import Selection, jewels
from ui.lookup import find

ROLE = "arn:aws:iam::111111111111:role/team+ops, night"


def node(id_: str, kind: str, *, present: bool = True, **props: PropValue) -> Node:
    return Node(NodeId(id_), kind, {"name": id_.rpartition(":")[2], **props}, present=present)


@pytest.fixture
def view() -> View:
    rows = (
        node("public:all", "Public"),
        node("aws:account/9", "External"),
        node("u:ana", "User", account="1"),
        node("u:ben", "User", account="2", environment="prod"),
        node("u:gone", "User", account="1", present=False),
        node(ROLE, "Role", account="1"),
        node("d:claims", "Dataset", account="1", sensitivity=10, tags={"pii": "Yes", "team": "a"}),
        node("d:Claims[1]", "Dataset", account="2", sensitivity=1, tier="crown"),
        node("d:logs", "Dataset", account="2", tags={"pii2": "yes"}),
        node("g:1", "Grant", capability="READ"),
    )
    return project(rows, (), version=1)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("external", {"aws:account/9"}),
        ("public, external", {"public:all", "aws:account/9"}),
        ("kind:user", {"u:ana", "u:ben"}),
        ("kind:User+account:1", {"u:ana"}),
        ("kind:User+env:PROD", {"u:ben"}),
        ("name:*claims*", {"d:claims", "d:Claims[1]"}),
        ("name:claims[1]", {"d:Claims[1]"}),
        ("id:d:*+account:2", {"d:Claims[1]", "d:logs"}),
        ("tag:pii", {"d:claims"}),
        ("tag:pii=yes", {"d:claims"}),
        ("tag:pii*=yes", {"d:claims", "d:logs"}),
        ("tag:pii=no", set()),
        ("sensitivity:3", {"d:claims"}),
        ("sensitivity:0", {"d:claims", "d:Claims[1]"}),
        ("jewels", {"d:Claims[1]"}),
        ("u:ana", {"u:ana"}),
        (ROLE, {ROLE}),
        ("u:gone", set()),
        ("assets+account:1", {"d:claims"}),
    ],
)
def test_a_text_selects_what_it_says(view: View, text: str, meant: set[str]) -> None:
    assert set(Selection(text).nodes(view)) == meant


def test_identities_are_whoever_acts(view: View) -> None:
    found = {view.kind_of(view.position(one)) for one in Selection("identities").nodes(view)}

    assert found == {"Public", "External", "User", "Role"}


def test_a_name_is_looked_up_where_a_lookup_is_given(view: View) -> None:
    assert Selection("ana, tag:pii").nodes(view, find=find) == ("d:claims", "u:ana")


def test_the_settings_say_what_else_is_a_crown_jewel(view: View) -> None:
    assert jewels(view, "tag:pii, d:logs") == ("d:Claims[1]", "d:claims", "d:logs")
    assert Selection("jewels+account:2", "tag:pii, d:logs").nodes(view) == (
        "d:Claims[1]",
        "d:logs",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" , ", "empty"),
        ("ana", "selects nothing"),
        ("colour:red", "selects nothing"),
        ("kind:Usr", "no kind"),
        ("sensitivity:high", "no sensitivity"),
        ("sensitivity:-1", "no sensitivity"),
        ("external+nobody", "selects nothing"),
    ],
)
def test_what_is_no_selection_is_refused_with_what_is_wrong(
    view: View, text: str, said: str
) -> None:
    with pytest.raises(QueryError, match=said):
        Selection(text).nodes(view)
