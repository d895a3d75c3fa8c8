"""What every store does: reading back, runs whole or not at all, conclusions, hostile text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
    observation,
    ok,
    operations,
    run_once,
)

from graph.errors import SchemaError, StoreError
from graph.model import (
    Attachment,
    Basis,
    Batch,
    Certainty,
    Conclusions,
    Coverage,
    Document,
    Edge,
    Node,
    NodeId,
    Outcome,
    Role,
    RunId,
)
from graph.rows import row_json
from graph.store import Store

MEMBERSHIP = (node("User", "u"), node("Group", "g"), edge("MEMBER_OF", "u", "g"))
GRANTED = Conclusions(
    (Node(NodeId("grant:1"), "Grant", {"capability": "READ"}),),
    (
        Edge("HOLDS", NodeId("u"), NodeId("grant:1"), inputs=frozenset({USERS})),
        Edge(
            "ON", NodeId("grant:1"), NodeId("g"), certainty=Certainty.CONDITIONAL, conditions=("x",)
        ),
    ),
)
HOSTILE = [
    "'; DROP TABLE nodes; --",
    '"double" `back` $param :name ?1 %s {x}',
    "nul\x00inside",
    "line\nbreak\r\ttab",
    "lone surrogate \ud800 and \udfff",
    "snow ☃ and beyond \U0001f512",
    "e\u0301 is not \u00e9",
    " padded ",
    "long " + "x" * 100_000,
]


def test_an_empty_store_has_version_zero_and_no_rows(store: Store) -> None:
    assert (store.version(), ids(store), list(store.edges()), store.runs()) == (0, [], [], ())


def test_a_node_comes_back_with_every_type_of_property(store: Store) -> None:
    props = {
        "name": "n",
        "tags": {"team": "ml", "": "empty name"},
        "sensitivity": 3,
        "root": False,
        "created": "2026-01-01T00:00:00+00:00",
        "aliases": ("alias/a", "alias/b"),
    }
    run_once(store, [node("Key", "k", **props), node("Person", "p", confidence=0.5)], ok(USERS))
    assert [store.get(NodeId(name)) for name in ("k", "p")] == [
        node("Key", "k", **props),
        node("Person", "p", confidence=0.5),
    ]


def test_an_empty_map_and_an_absent_one_stay_apart(store: Store) -> None:
    run_once(store, [node("User", "read", tags={}), node("User", "unread")], ok(USERS))
    assert [dict(one.props) for one in store.nodes()] == [{"tags": {}}, {}]


def test_an_edge_comes_back_whole(store: Store) -> None:
    said = edge(
        "OPENS",
        "s",
        "u",
        discriminator="CONTROL",
        basis=Basis.INFERRED,
        certainty=Certainty.POSSIBLE,
        indirect=True,
        cost=4,
        conditions=("a", "b"),
        evidence=("why",),
        props={"gain": "CONTROL"},
        inputs=frozenset({GROUPS, BUCKETS}),
    )
    run_once(store, [node("Secret", "s"), node("User", "u"), said], ok(USERS))
    assert list(store.edges()) == [said]


def test_an_attachment_and_its_document_come_back(store: Store) -> None:
    document = Document.of({"Statement": []})
    managed = Attachment(
        NodeId("u"),
        Role.BOUNDARY,
        policy="arn:policy",
        in_force=False,
        vendor=True,
        asserted_by=frozenset({USERS}),
    )
    inline = attachment("u", "inline", document=document)
    run_once(store, [node("User", "u"), inline, managed, document], ok(USERS))
    assert list(store.attachments()) == sorted((inline, managed), key=lambda row: row.id)
    assert store.document(document.hash) == document


def test_a_document_that_nothing_names_any_more_stays_readable(store: Store) -> None:
    document = Document.of({"Statement": []})
    run_once(
        store, [node("User", "u"), attachment("u", "p", document=document), document], ok(USERS)
    )
    run_once(store, [node("User", "u")], ok(USERS))
    assert (store.document(document.hash), store.facts().documents) == (document, ())


def test_facts_carry_documents_that_only_a_property_names(store: Store) -> None:
    document = Document.of({"actions": ["*"]})
    code = node("Code", "c", hash=document.hash)
    run_once(store, [code, document], ok(USERS))
    assert store.facts().documents == (document,)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_any_text_survives_as_id_property_name_and_discriminator(store: Store, text: str) -> None:
    call = key(f"s3.get_bucket_policy/{text}")
    document = Document.of(text)
    rows = [
        node("User", text, call, name=text, tags={text: text}),
        node("Secret", "secret", call),
        edge("OPENS", "secret", text, call, discriminator=text, evidence=(text,)),
        attachment(text, text, call, document=document),
        observation(text, text, text, call),
        document,
    ]
    covered = Coverage(call, Outcome.OK, detail=text, missing_permission=text)
    run_once(store, rows, [covered])
    facts = store.facts()
    assert store.get(NodeId(text)) == rows[0]
    assert facts.edges == (rows[2],)
    assert facts.attachments == (rows[3],)
    assert list(store.observations(NodeId(text))) == [rows[4]]
    assert facts.documents == (document,)
    assert facts.coverage == (Coverage(call, Outcome.OK, 0, text, text, None, START),)
    assert [change.after for change in store.changes()] == [row_json(one) for one in _logged(rows)]
    assert store.asserted(call) == 4


def _logged(rows: list[object]) -> list[Node | Edge | Attachment]:
    """The rows that the log holds, in its order."""
    of_family = [
        [row for row in rows if isinstance(row, family)] for family in (Node, Edge, Attachment)
    ]
    nodes = sorted(of_family[0], key=lambda row: str(row.id))  # ids are numbered in text order
    return [*nodes, *of_family[1], *of_family[2]]


def test_results_keep_any_text(store: Store) -> None:
    for text in HOSTILE:
        store.put_results(text, text)
    assert [store.results(text) for text in HOSTILE] == HOSTILE


def test_nodes_come_in_id_order_and_edges_in_order_of_their_ends(store: Store) -> None:
    names = ["b", "a", "Z", "é", "a\x00", "\U0001f512", "\ud800", "\uffff", ""]
    people = [node("User", f"u{name}") for name in names]
    groups = [node("Group", f"g{name}") for name in names]
    joined = [edge("MEMBER_OF", one.id, group.id) for one in people for group in groups]
    run_once(store, [*people, *groups, *joined], ok(USERS))
    assert ids(store) == sorted(one.id for one in [*people, *groups])
    assert list(store.edges()) == sorted(joined, key=lambda one: (one.source, one.target))


def test_kinds_choose_among_nodes_and_edges(store: Store) -> None:
    run_once(store, [*MEMBERSHIP, edge("OWNED_BY", "u", "u")], ok(USERS))
    kinds = frozenset({"Group", "No'Such"})
    assert [one.id for one in store.nodes(kinds=kinds)] == ["g"]
    assert [one.kind for one in store.edges(kinds=frozenset({"OWNED_BY"}))] == ["OWNED_BY"]
    assert list(store.nodes(kinds=frozenset())) == []


def test_get_of_an_unknown_node_is_none(store: Store) -> None:
    assert store.get(NodeId("nobody")) is None


# Runs.


def test_each_committed_run_adds_one_version(store: Store) -> None:
    run_once(store)
    written = run_once(store, day=1)
    assert (written.record.version, store.version()) == (2, 2)


def test_runs_are_listed_oldest_first_with_their_start(store: Store) -> None:
    run_once(store)
    run_once(store, day=1)
    assert [run.started for run in store.runs()] == [START, START + timedelta(days=1)]


def test_a_start_in_another_zone_is_kept_as_the_same_instant(store: Store) -> None:
    started = datetime.fromisoformat("2026-01-01T02:00:00+02:00")
    with store.begin(started=started, tool_version="test") as run:
        run.commit()
    assert store.runs()[0].started == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_start_without_zone_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="time zone"):
        store.begin(started=datetime(2026, 1, 1), tool_version="test")  # noqa: DTZ001  # the wrong use


def test_leaving_a_run_without_commit_leaves_nothing(store: Store) -> None:
    with store.begin(started=START, tool_version="test") as run:
        run.put(Batch.of(MEMBERSHIP))
        run.close_unseen()
    assert (store.version(), ids(store), store.runs()) == (0, [], ())


def test_an_error_inside_a_run_leaves_nothing(store: Store) -> None:
    with pytest.raises(SchemaError):
        run_once(
            store, MEMBERSHIP, ok(USERS), conclusions=Conclusions((Node(NodeId("g"), "Grant"),))
        )
    assert ids(store) == []


def test_an_aborted_run_is_over(store: Store) -> None:
    run = store.begin(started=START, tool_version="test")
    run.abort()
    run.abort()
    with pytest.raises(StoreError, match="has ended"):
        run.put(Batch())


def test_a_committed_run_is_over(store: Store) -> None:
    with store.begin(started=START, tool_version="test") as run:
        run.commit()
        with pytest.raises(StoreError, match="has ended"):
            run.commit()


def test_readers_see_nothing_of_a_run_before_its_commit(store: Store) -> None:
    with store.begin(started=START, tool_version="test") as run:
        run.put(Batch.of(MEMBERSHIP))
        run.cover(ok(USERS))
        run.close_unseen()
        assert (ids(store), store.coverage(), store.version()) == ([], (), 0)
        run.commit()
    assert ids(store) == ["g", "u"]


def test_a_reader_keeps_the_version_it_began_with(store: Store) -> None:
    run_once(store, MEMBERSHIP, ok(USERS))
    rows = store.nodes()
    next(rows)
    run_once(store, [], ok(USERS), day=1)
    assert ([one.id for one in rows], ids(store)) == (["u"], [])


def test_facts_inside_a_run_are_those_that_it_commits(store: Store) -> None:
    run_once(store, [*MEMBERSHIP, node("User", "gone")], ok(USERS))
    with store.begin(started=START + timedelta(days=1), tool_version="test") as run:
        run.put(Batch.of(MEMBERSHIP))
        run.cover(ok(USERS))
        run.close_unseen()
        inside = run.facts()
        run.commit()
    assert inside == store.facts()
    assert [one.id for one in inside.nodes] == ["g", "u"]


def test_facts_do_not_contain_conclusions(store: Store) -> None:
    run_once(store, MEMBERSHIP, ok(USERS), conclusions=GRANTED)
    facts = store.facts()
    assert [one.id for one in facts.nodes] == ["g", "u"]
    assert [one.kind for one in facts.edges] == ["MEMBER_OF"]


def test_putting_after_closing_is_refused(store: Store) -> None:
    with store.begin(started=START, tool_version="test") as run:
        run.close_unseen()
        with pytest.raises(StoreError, match="before"):
            run.put(Batch())


def test_rows_may_be_put_in_many_batches(store: Store) -> None:
    with store.begin(started=START, tool_version="test") as run:
        for row in MEMBERSHIP:
            run.put(Batch.of([row]))
        run.commit()
    assert ids(store) == ["g", "u"]


def test_a_batch_with_a_wrong_row_is_refused_whole_and_the_run_goes_on(store: Store) -> None:
    with store.begin(started=START, tool_version="test") as run:
        with pytest.raises(SchemaError, match="end `g`"):
            run.put(Batch.of([node("User", "u"), edge("MEMBER_OF", "u", "g")]))
        run.put(Batch.of([node("User", "v")]))
        run.commit()
    assert ids(store) == ["v"]


def test_calls_of_one_run_must_agree_on_the_kind_of_a_node(store: Store) -> None:
    with store.begin(started=START, tool_version="test") as run:
        run.put(Batch.of([node("User", "x")]))
        with pytest.raises(SchemaError, match="both `User` and `Role`"):
            run.put(Batch.of([node("Role", "x", GROUPS)]))


# Conclusions.


def test_conclusions_are_read_with_the_facts(store: Store) -> None:
    run_once(store, MEMBERSHIP, ok(USERS), conclusions=GRANTED)
    assert ids(store) == ["g", "grant:1", "u"]
    assert list(store.edges(kinds=frozenset({"HOLDS", "ON"}))) == [
        GRANTED.edges[1],
        GRANTED.edges[0],
    ]


def test_conclusions_are_replaced_by_the_next_ones(store: Store) -> None:
    run_once(store, MEMBERSHIP, ok(USERS), conclusions=GRANTED)
    run_once(store, MEMBERSHIP, ok(USERS), day=1)
    assert (ids(store), [one.kind for one in store.edges()]) == (["g", "u"], ["MEMBER_OF"])


def test_a_run_that_concludes_nothing_keeps_the_conclusions(store: Store) -> None:
    run_once(store, MEMBERSHIP, ok(USERS), conclusions=GRANTED)
    with store.begin(started=START, tool_version="test") as run:
        run.commit()
    assert ids(store) == ["g", "grant:1", "u"]


def test_concluding_twice_keeps_the_second(store: Store) -> None:
    with store.begin(started=START, tool_version="test") as run:
        run.put(Batch.of(MEMBERSHIP))
        run.conclude(GRANTED)
        run.conclude(Conclusions())
        written = run.commit()
    assert (ids(store), dict(written.conclusions)) == (["g", "u"], {})


def test_a_conclusion_may_not_take_the_place_of_a_fact(store: Store) -> None:
    with pytest.raises(SchemaError, match="`u` is a fact"):
        run_once(store, MEMBERSHIP, conclusions=Conclusions((Node(NodeId("u"), "External"),)))


def test_a_concluded_edge_may_not_take_the_place_of_a_fact(store: Store) -> None:
    same = Edge("MEMBER_OF", NodeId("u"), NodeId("g"))
    with pytest.raises(SchemaError, match="is a fact"):
        run_once(store, MEMBERSHIP, conclusions=Conclusions(edges=(same,)))


def test_a_fact_takes_the_place_of_a_former_conclusion(store: Store) -> None:
    run_once(store, conclusions=Conclusions((Node(NodeId("x"), "External"),)))
    run_once(store, [node("Role", "x")], ok(USERS), day=1)
    assert store.get(NodeId("x")) == node("Role", "x")


def test_a_conclusion_takes_the_place_of_a_former_fact(store: Store) -> None:
    run_once(store, [node("Role", "x")], ok(USERS))
    outside = Node(NodeId("x"), "External")
    run_once(store, [], ok(USERS), conclusions=Conclusions((outside,)), day=1)
    assert store.get(NodeId("x")) == outside
    assert operations(store, since=1) == [("node", "changed")]


def test_a_fact_edge_may_not_end_at_a_conclusion(store: Store) -> None:
    run_once(store, conclusions=Conclusions((Node(NodeId("x"), "External"),)))
    with pytest.raises(SchemaError, match="end `x`"):
        run_once(store, [node("User", "u"), edge("CREATED_BY", "u", "x")], day=1)


ANYWHERE = (
    'it\'s "quoted" `ticked` \\ $x {y} // z /* */ ; MATCH (n) DETACH DELETE n',
    "\u202egnp.exe\u2066\u0000\x1b[31m\ud800\r\n\t",
    "\ufffd\ufffdmarked",
    "x" * 1_000_000,
    "\U0001f480" * 250_000,
)


@pytest.mark.parametrize("text", ANYWHERE, ids=["quotes", "controls", "marked", "long", "wide"])
def test_a_hostile_text_is_kept_as_it_is_wherever_it_stands(store: Store, text: str) -> None:
    rows = [
        node("User", text, USERS, name=text, tags={text: text}),
        node("Group", f"{text}!", GROUPS, name="plain"),
        edge("MEMBER_OF", text, f"{text}!", USERS, conditions=(text,)),
        observation(text, text, text),
        attachment(text, text, USERS),
    ]
    run_once(store, rows, ok(USERS, GROUPS))
    run_once(store, rows, ok(USERS, GROUPS))
    store.put_results(text, text)

    assert [one.id for one in store.nodes()] == sorted([text, f"{text}!"])
    assert list(store.live().nodes) == list(store.nodes())
    assert store.live().edges.shapes[0].conditions == (text,)
    found = store.get(NodeId(text))
    assert found is not None
    assert (found.props["name"], found.props["tags"]) == (text, {text: text})
    (held,) = store.edges(about=NodeId(text))
    assert held.conditions == (text,)
    assert [(one.name, one.value) for one in store.observations(NodeId(text))] == [(text, text)]
    assert [one.name for one in store.attachments(about=NodeId(text))] == [text]
    assert store.results(text) == text
    assert store.version() == 2
    assert not list(store.changes(since=RunId(1)))
