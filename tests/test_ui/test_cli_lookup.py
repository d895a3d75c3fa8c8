"""Which node a text names: never a guess between two, never silence about none."""

import pytest

from graph.errors import QueryError
from graph.model import Capability, Edge, Node, NodeId
from graph.projection import project
from graph.view import View
from ui.lookup import find

A, B = "arn:aws:iam::111111111111", "arn:aws:iam::222222222222"


def user(arn: str, name: str, *, present: bool = True) -> Node:
    return Node(NodeId(arn), "User", {"name": name}, present=present)


@pytest.fixture
def view() -> View:
    nodes = (
        user(f"{A}:user/team/anna", "anna"),
        user(f"{B}:user/anna", "anna"),
        user(f"{A}:user/Bert", "Bert"),
        user(f"{A}:user/left", "carla", present=False),
        user(f"{B}:user/here", "carla"),
        Node(NodeId("arn:aws:s3:::claims"), "Dataset", {"name": "claims"}),
        Node(NodeId("arn:aws:s3:::claims/raw/"), "Dataset", {"name": "claims/raw/"}),
        Node(NodeId("grant:1"), "Grant", {"name": "anna", "capability": Capability.READ.value}),
    )
    edges = (Edge("PART_OF", NodeId("arn:aws:s3:::claims/raw/"), NodeId("arn:aws:s3:::claims")),)
    return project(nodes, edges, version=1)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (f"{B}:user/anna", f"{B}:user/anna"),
        ("team/anna", f"{A}:user/team/anna"),
        ("222222222222:user/anna", f"{B}:user/anna"),
        ("Bert", f"{A}:user/Bert"),
        ("bert", f"{A}:user/Bert"),
        ("claims", "arn:aws:s3:::claims"),
        ("claims/raw", "arn:aws:s3:::claims/raw/"),
        ("grant:1", "grant:1"),
    ],
)
def test_a_text_that_names_one_node_finds_it(view: View, text: str, meant: str) -> None:
    assert find(view, text) == meant


def test_of_two_of_a_name_the_one_that_is_still_listed_is_meant(view: View) -> None:
    assert find(view, "carla") == f"{B}:user/here"


def test_a_name_of_several_is_refused_with_all_of_them(view: View) -> None:
    with pytest.raises(QueryError, match="`anna` names 2 nodes") as caught:
        find(view, "anna")

    assert caught.value.__notes__ == [
        f"give one id: `{A}:user/team/anna` (User), `{B}:user/anna` (User)"
    ]


def test_a_name_of_none_is_refused_with_what_is_near(view: View) -> None:
    with pytest.raises(QueryError, match="no node `clams`") as caught:
        find(view, "clams")

    assert caught.value.__notes__ == ["did you mean `arn:aws:s3:::claims` (Dataset)?"]


def test_a_name_like_nothing_is_refused_without_a_guess(view: View) -> None:
    with pytest.raises(QueryError) as caught:
        find(view, "qqqqqqqq")

    assert not hasattr(caught.value, "__notes__")


def test_grants_are_not_found_by_name(view: View) -> None:
    with pytest.raises(QueryError) as caught:
        find(view, "anna")

    assert "grant:1" not in caught.value.__notes__[0]
