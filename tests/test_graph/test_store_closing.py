"""What goes and what stays when calls were, or were not, read again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_rows import (
    BUCKETS,
    GROUPS,
    START,
    USERS,
    attachment,
    edge,
    ids,
    key,
    node,
    not_ok,
    observation,
    ok,
    operations,
    run_once,
)

from graph.model import Batch, Certainty, Conclusions, Document, Edge, Node, NodeId, Outcome
from graph.store import Store

POLICY = key("s3.get_bucket_policy/b")
STATUS = key("s3.get_bucket_policy_status/b")
BUCKET = node("Dataset", "b", BUCKETS)
NOTEBOOK = (node("Notebook", "nb", BUCKETS), edge("OWNED_BY", "nb", "leaver", BUCKETS))
LEAVER = node("User", "leaver", USERS, name="Leaver")
NAMED = node("User", "leaver", BUCKETS, referenced_only=True)


def held(store: Store) -> list[str]:
    """The names of the live attachments."""
    return [row.name for row in store.attachments()]


# Keys.


def test_a_row_that_a_complete_call_no_longer_says_goes(store: Store) -> None:
    run_once(store, [node("User", "a"), node("User", "b")], ok(USERS))
    run_once(store, [node("User", "a")], ok(USERS), day=1)
    assert ids(store) == ["a"]


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.OK])
def test_a_call_that_was_not_answered_keeps_all_its_rows(store: Store, outcome: Outcome) -> None:
    rows = [
        node("User", "u"),
        node("Group", "g"),
        edge("MEMBER_OF", "u", "g"),
        attachment("u", "p"),
    ]
    run_once(store, rows, ok(USERS))
    run_once(store, [node("User", "a")], not_ok(outcome, USERS), day=1)
    assert (ids(store), len(list(store.edges())), held(store)) == (["a", "g", "u"], 1, ["p"])


def test_a_call_that_was_not_asked_keeps_all_its_rows(store: Store) -> None:
    run_once(store, [node("User", "u")], ok(USERS))
    run_once(store, [], ok(GROUPS), day=1)
    assert ids(store) == ["u"]


def test_a_call_closes_only_its_own_rows(store: Store) -> None:
    run_once(store, [node("User", "u"), node("Group", "g", GROUPS)], ok(USERS, GROUPS))
    run_once(store, [], ok(USERS), day=1)
    assert ids(store) == ["g"]


def test_a_row_said_by_two_calls_goes_with_the_second(store: Store) -> None:
    run_once(store, [node("User", "u"), node("User", "u", GROUPS)], ok(USERS, GROUPS))
    run_once(store, [], ok(USERS), day=1)
    assert ids(store) == ["u"]
    run_once(store, [], ok(GROUPS), day=2)
    assert ids(store) == []


def test_a_run_that_does_not_close_takes_nothing_away(store: Store) -> None:
    run_once(store, [node("User", "u")], ok(USERS))
    with store.begin(started=START, tool_version="test") as run:
        run.cover(ok(USERS))
        run.commit()
    assert ids(store) == ["u"]


def test_closing_takes_attachments_and_edges_too(store: Store) -> None:
    rows = [node("User", "u"), node("Group", "g")]
    run_once(store, [*rows, edge("MEMBER_OF", "u", "g"), attachment("u", "p")], ok(USERS))
    run_once(store, rows, ok(USERS), day=1)
    assert (list(store.edges()), held(store)) == ([], [])


# Children.


def test_a_child_whose_item_is_gone_gives_up_its_rows(store: Store) -> None:
    covered = (*ok(BUCKETS), *ok(POLICY, parent=BUCKETS))
    run_once(store, [BUCKET, attachment("b", "p", POLICY)], covered)
    run_once(store, [], ok(BUCKETS), day=1)
    assert (ids(store), held(store)) == ([], [])


def test_a_child_of_a_child_whose_item_is_gone_gives_up_its_rows(store: Store) -> None:
    covered = (*ok(BUCKETS), *ok(POLICY, parent=BUCKETS), *ok(STATUS, parent=POLICY))
    run_once(store, [BUCKET, attachment("b", "p", STATUS)], covered)
    run_once(store, [], ok(BUCKETS), day=1)
    assert (ids(store), held(store)) == ([], [])


def test_a_child_whose_parent_was_denied_keeps_its_rows(store: Store) -> None:
    covered = (*ok(BUCKETS), *ok(POLICY, parent=BUCKETS))
    run_once(store, [BUCKET, attachment("b", "p", POLICY)], covered)
    run_once(store, [], not_ok(Outcome.DENIED, BUCKETS), day=1)
    assert (ids(store), held(store)) == (["b"], ["p"])


def test_a_child_that_was_denied_keeps_its_rows_although_its_parent_was_read(store: Store) -> None:
    covered = (*ok(BUCKETS), *ok(POLICY, parent=BUCKETS))
    run_once(store, [BUCKET, attachment("b", "p", POLICY)], covered)
    denied = tuple(replace(row, parent=BUCKETS) for row in not_ok(Outcome.DENIED, POLICY))
    run_once(store, [BUCKET], (*ok(BUCKETS), *denied), day=1)
    assert held(store) == ["p"]


def test_a_child_without_a_policy_is_known_to_have_none(store: Store) -> None:
    covered = (*ok(BUCKETS), *ok(POLICY, parent=BUCKETS))
    run_once(store, [BUCKET, attachment("b", "p", POLICY)], covered)
    run_once(store, [BUCKET], covered, day=1)
    assert (held(store), [row.key for row in store.coverage()]) == ([], [POLICY, BUCKETS])


def test_the_coverage_of_a_vanished_item_is_forgotten(store: Store) -> None:
    covered = (*ok(BUCKETS), *ok(POLICY, parent=BUCKETS), *ok(STATUS, parent=POLICY))
    run_once(store, [BUCKET], covered)
    run_once(store, [], ok(BUCKETS), day=1)
    assert [row.key for row in store.coverage()] == [BUCKETS]


def test_a_child_that_speaks_without_coverage_is_not_taken_for_gone(store: Store) -> None:
    covered = (*ok(BUCKETS), *ok(POLICY, parent=BUCKETS))
    run_once(store, [BUCKET, attachment("b", "p", POLICY)], covered)
    run_once(store, [BUCKET, attachment("b", "q", POLICY)], ok(BUCKETS), day=1)
    assert sorted(held(store)) == ["p", "q"]


# Ends that something still names.


def test_an_end_that_a_live_edge_names_stays_absent(store: Store) -> None:
    run_once(store, [LEAVER, *NOTEBOOK], ok(USERS, BUCKETS))
    run_once(store, NOTEBOOK, ok(USERS, BUCKETS), day=1)
    leaver = store.get(NodeId("leaver"))
    assert leaver == Node(NodeId("leaver"), "User", {"name": "Leaver"}, present=False)


def test_becoming_absent_is_logged_as_a_change(store: Store) -> None:
    run_once(store, [LEAVER, *NOTEBOOK], ok(USERS, BUCKETS))
    run_once(store, NOTEBOOK, ok(USERS, BUCKETS), day=1)
    assert operations(store, since=1) == [("node", "changed")]


def test_an_absent_end_stays_absent_and_silent_in_later_runs(store: Store) -> None:
    run_once(store, [LEAVER, *NOTEBOOK], ok(USERS, BUCKETS))
    for day in (1, 2):
        run_once(store, NOTEBOOK, ok(USERS, BUCKETS), day=day)
    assert operations(store, since=2) == []


def test_an_absent_end_is_among_the_facts(store: Store) -> None:
    run_once(store, [LEAVER, *NOTEBOOK], ok(USERS, BUCKETS))
    run_once(store, NOTEBOOK, ok(USERS, BUCKETS), day=1)
    assert [(one.id, one.present) for one in store.facts().nodes] == [
        ("leaver", False),
        ("nb", True),
    ]


def test_an_absent_end_goes_when_nothing_names_it_any_more(store: Store) -> None:
    run_once(store, [LEAVER, *NOTEBOOK], ok(USERS, BUCKETS))
    run_once(store, NOTEBOOK, ok(USERS, BUCKETS), day=1)
    run_once(store, NOTEBOOK[:1], ok(USERS, BUCKETS), day=2)
    assert ids(store) == ["nb"]


def test_an_absent_end_that_is_listed_again_is_present(store: Store) -> None:
    run_once(store, [LEAVER, *NOTEBOOK], ok(USERS, BUCKETS))
    run_once(store, NOTEBOOK, ok(USERS, BUCKETS), day=1)
    run_once(store, [LEAVER, *NOTEBOOK], ok(USERS, BUCKETS), day=2)
    assert store.get(NodeId("leaver")) == LEAVER


def test_a_holder_that_a_live_attachment_names_stays_absent(store: Store) -> None:
    run_once(store, [node("User", "u"), attachment("u", "p", GROUPS)], ok(USERS, GROUPS))
    run_once(store, [], ok(USERS), day=1)
    assert [(one.id, one.present) for one in store.nodes()] == [("u", False)]


def test_an_end_that_is_only_mentioned_now_stays_as_it_was_listed(store: Store) -> None:
    run_once(store, [LEAVER, NAMED, *NOTEBOOK], ok(USERS, BUCKETS))
    run_once(store, [NAMED, *NOTEBOOK], ok(USERS, BUCKETS), day=1)
    assert store.get(NodeId("leaver")) == replace(
        LEAVER, present=False, asserted_by=frozenset({BUCKETS})
    )


def test_an_absent_end_that_was_only_mentioned_goes_with_the_mention(store: Store) -> None:
    run_once(store, [LEAVER, NAMED], ok(USERS, BUCKETS))
    run_once(store, [NAMED], ok(USERS, BUCKETS), day=1)
    assert [one.present for one in store.nodes()] == [False]
    run_once(store, [], ok(USERS, BUCKETS), day=2)
    assert ids(store) == []


def test_an_end_that_was_never_listed_is_present_and_goes_with_its_mention(store: Store) -> None:
    run_once(store, [NAMED, *NOTEBOOK], ok(BUCKETS))
    assert store.get(NodeId("leaver")) == NAMED
    run_once(store, [], ok(BUCKETS), day=1)
    assert ids(store) == []


def test_an_end_that_was_never_listed_outlives_its_mention_while_an_edge_names_it(
    store: Store,
) -> None:
    mention = node("User", "leaver", GROUPS, referenced_only=True)
    run_once(store, [mention, *NOTEBOOK], ok(GROUPS, BUCKETS))
    run_once(store, NOTEBOOK, ok(GROUPS, BUCKETS), day=1)
    assert store.get(NodeId("leaver")) == replace(mention, asserted_by=frozenset())


def test_a_mention_of_a_known_end_by_an_edge_in_another_scope_is_enough(store: Store) -> None:
    run_once(store, [LEAVER], ok(USERS))
    run_once(store, NOTEBOOK, ok(BUCKETS), day=1)
    assert [one.source for one in store.edges()] == ["nb"]


def test_conclusions_do_not_keep_an_end(store: Store) -> None:
    grant = Conclusions(
        (Node(NodeId("grant:1"), "Grant"),), (Edge("HOLDS", NodeId("u"), NodeId("grant:1")),)
    )
    run_once(store, [node("User", "u")], ok(USERS), conclusions=grant)
    with store.begin(started=START, tool_version="test") as run:
        run.cover(ok(USERS))
        run.close_unseen()
        run.commit()
    assert (ids(store), list(store.edges())) == (["grant:1"], [])


def test_a_conclusion_about_a_target_that_is_gone_goes_with_it(store: Store) -> None:
    grant = Conclusions(
        (Node(NodeId("grant:1"), "Grant"),), (Edge("ON", NodeId("grant:1"), NodeId("u")),)
    )
    run_once(store, [node("User", "u")], ok(USERS), conclusions=grant)
    with store.begin(started=START, tool_version="test") as run:
        run.cover(ok(USERS))
        run.close_unseen()
        run.commit()
    assert list(store.edges()) == []


def test_a_mention_of_what_was_a_conclusion_is_a_mention(store: Store) -> None:
    run_once(store, conclusions=Conclusions((Node(NodeId("leaver"), "External"),)))
    run_once(store, [NAMED], ok(BUCKETS), day=1)
    assert list(store.nodes()) == [NAMED]


def test_facts_of_a_run_do_not_hold_an_end_that_only_conclusions_name(store: Store) -> None:
    grant = Conclusions(
        (Node(NodeId("grant:1"), "Grant"),), (Edge("HOLDS", NodeId("u"), NodeId("grant:1")),)
    )
    run_once(store, [node("User", "u")], ok(USERS), conclusions=grant)
    with store.begin(started=START, tool_version="test") as run:
        run.cover(ok(USERS))
        run.close_unseen()
        assert run.facts().nodes == ()


def test_observations_of_a_node_that_is_gone_are_not_shown(store: Store) -> None:
    run_once(store, [node("User", "u"), observation("u", "calls", 1, GROUPS)], ok(USERS, GROUPS))
    run_once(store, [], ok(USERS), day=1)
    assert list(store.observations()) == []


# Fragments.


def test_fragments_of_a_node_add_up(store: Store) -> None:
    run_once(
        store,
        [node("User", "u", USERS, name="u"), node("User", "u", GROUPS, path="/")],
        ok(USERS, GROUPS),
    )
    (found,) = store.nodes()
    assert (found.props, found.asserted_by) == ({"name": "u", "path": "/"}, {USERS, GROUPS})


@pytest.mark.parametrize("backwards", [False, True])
def test_of_two_values_that_of_the_later_key_stands_whatever_the_order_of_arrival(
    store: Store, backwards: bool
) -> None:
    first, last = sorted((USERS, GROUPS))
    said = [(first, "/first"), (last, "/last")]
    for day, (call, path) in enumerate(reversed(said) if backwards else said):
        run_once(store, [node("User", "u", call, path=path)], ok(call), day=day)
    assert [one.props for one in store.nodes()] == [{"path": "/last"}]


def test_a_fragment_that_falls_takes_its_properties_along(store: Store) -> None:
    rows = [node("User", "u", USERS, name="u"), node("User", "u", GROUPS, path="/")]
    run_once(store, rows, ok(USERS, GROUPS))
    run_once(store, rows[:1], ok(USERS, GROUPS), day=1)
    assert list(store.nodes()) == rows[:1]


def test_a_property_that_a_call_no_longer_says_is_gone(store: Store) -> None:
    run_once(store, [node("User", "u", USERS, name="u", path="/")], ok(USERS))
    run_once(store, [node("User", "u", USERS, name="u")], not_ok(Outcome.THROTTLED, USERS), day=1)
    assert [one.props for one in store.nodes()] == [{"name": "u"}]


def test_a_row_put_again_in_one_run_counts_as_said_last(store: Store) -> None:
    with store.begin(started=START, tool_version="t") as run:
        run.put(Batch.of([node("User", "u", USERS, name="first", path="/")]))
        run.put(Batch.of([node("User", "u", USERS, name="second")]))
        run.commit()
    assert [one.props for one in store.nodes()] == [{"name": "second"}]


def test_listing_outweighs_mentioning_whatever_the_keys(store: Store) -> None:
    first, last = sorted((USERS, GROUPS))
    rows = [
        node("User", "u", first, name="listed"),
        node("User", "u", last, name="mentioned", referenced_only=True, account="1"),
    ]
    run_once(store, rows, ok(USERS, GROUPS))
    assert [one.props for one in store.nodes()] == [{"name": "listed", "account": "1"}]


def test_an_edge_is_as_sure_as_its_surest_fragment(store: Store) -> None:
    ends = [node("User", "u"), node("Group", "g")]
    first, last = sorted((USERS, GROUPS))
    rows = [
        edge("MEMBER_OF", "u", "g", first, evidence=("a",)),
        edge(
            "MEMBER_OF",
            "u",
            "g",
            last,
            certainty=Certainty.CONDITIONAL,
            conditions=("x",),
            evidence=("b", "a"),
        ),
    ]
    run_once(store, [*ends, *rows], ok(USERS, GROUPS))
    (found,) = store.edges()
    assert (found.certainty, found.conditions, found.evidence) == (
        Certainty.DEFINITE,
        (),
        ("a", "b"),
    )


def test_an_attachment_whose_document_one_call_could_not_read_keeps_the_document(
    store: Store,
) -> None:
    document = Document.of({"Statement": []})
    first, last = sorted((USERS, GROUPS))
    rows = [
        node("User", "u"),
        attachment("u", "p", first, document=document),
        attachment("u", "p", last),
        document,
    ]
    run_once(store, rows, ok(USERS, GROUPS))
    assert [row.document for row in store.attachments()] == [document.hash]


def test_a_new_version_of_the_tool_may_change_the_kind_of_a_node(store: Store) -> None:
    run_once(store, [node("Job", "x")], ok(USERS))
    run_once(store, [node("Pipeline", "x")], ok(USERS), day=1)
    assert [one.kind for one in store.nodes(kinds=frozenset({"Pipeline"}))] == ["Pipeline"]
