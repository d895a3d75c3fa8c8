"""How fragments of one row add up."""

from __future__ import annotations

from store_rows import BUCKETS, GROUPS, USERS, attachment, edge, node

from graph.merge import listed, merge_attachments, merge_edges, merge_nodes
from graph.model import Certainty, Document


def test_a_node_that_is_only_mentioned_is_not_listed() -> None:
    assert [listed(node("User", "u", referenced_only=said)) for said in (True, False)] == [
        False,
        True,
    ]


def test_every_call_that_says_a_row_asserts_the_sum() -> None:
    parts = [node("User", "u", by) for by in (GROUPS, USERS)]
    assert merge_nodes(parts).asserted_by == {GROUPS, USERS}


def test_a_node_that_all_mention_stays_a_mention() -> None:
    parts = [node("User", "u", by, referenced_only=True) for by in (GROUPS, USERS)]
    assert not listed(merge_nodes(parts))


def test_of_listings_the_last_gives_the_kind() -> None:
    parts = [
        node("Job", "x", GROUPS),
        node("Pipeline", "x", USERS),
        node("Code", "x", BUCKETS, referenced_only=True),
    ]
    assert merge_nodes(parts).kind == "Pipeline"


def test_settings_that_different_calls_tell_add_up() -> None:
    parts = [
        node("Job", "x", GROUPS, settings={"a": "1", "b": "1"}),
        node("Job", "x", USERS, settings={"b": "2"}, name="x"),
        node("Job", "x", BUCKETS, name="y"),
    ]
    assert merge_nodes(parts).props == {"settings": {"a": "1", "b": "2"}, "name": "y"}


def test_settings_of_a_mention_give_way_to_those_of_a_listing() -> None:
    parts = [
        node("Job", "x", USERS, settings={"a": "listed"}),
        node("Job", "x", GROUPS, settings={"a": "named", "b": "named"}, referenced_only=True),
    ]
    assert merge_nodes(parts).props["settings"] == {"a": "listed", "b": "named"}


def test_of_equally_sure_edges_the_last_gives_the_cost() -> None:
    parts = [
        edge("MEMBER_OF", "u", "g", GROUPS, cost=5),
        edge("MEMBER_OF", "u", "g", USERS, cost=2),
    ]
    assert merge_edges(parts).cost == 2


def test_a_surer_edge_gives_the_cost_wherever_it_stands() -> None:
    parts = [
        edge("MEMBER_OF", "u", "g", GROUPS, cost=5),
        edge("MEMBER_OF", "u", "g", USERS, cost=2, certainty=Certainty.POSSIBLE),
    ]
    assert merge_edges(parts).cost == 5


def test_inputs_of_an_edge_add_up() -> None:
    parts = [
        edge("MEMBER_OF", "u", "g", by, inputs=frozenset({more}))
        for by, more in ((GROUPS, BUCKETS), (USERS, USERS))
    ]
    assert merge_edges(parts).inputs == {BUCKETS, USERS}


def test_of_two_documents_the_last_is_in_force() -> None:
    old, new = Document.of("old"), Document.of("new")
    parts = [
        attachment("u", "p", GROUPS, document=old),
        attachment("u", "p", USERS, document=new),
    ]
    assert merge_attachments(parts).document == new.hash


def test_settings_that_two_calls_tell_are_united_and_of_one_setting_the_later_stands() -> None:
    parts = [
        node("Dataset", "b", GROUPS, settings={"acl": "private", "log": "old"}),
        node("Dataset", "b", USERS, settings={"log": "new"}),
    ]

    assert merge_nodes(parts).props["settings"] == {"acl": "private", "log": "new"}
