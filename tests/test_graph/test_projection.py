from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from graph_strategies import Rows, estates
from hypothesis import given, settings
from oracle.reach import kept_arcs
from stored_rows import keep

from graph.errors import QueryError, SchemaError
from graph.model import Capability, Edge, Node, NodeId
from graph.moves import arcs_of, edge_class, node_class
from graph.projection import Keep, View, project, view_of
from graph.schema import schema
from graph.stores.sqlite import SqliteStore
from graph.view import CAPABILITIES

T = TypeVar("T", Node, Edge)


def node(id_: str, kind: str, **props: object) -> Node:
    return Node(NodeId(id_), kind, props)  # type: ignore[arg-type]  # plain values


def arcs_in(view: View) -> list[tuple[object, ...]]:
    arcs = view.arcs
    told = []
    for at in range(len(arcs.edge)):
        source, target = int(arcs.source[at]), int(arcs.target[at])
        told.append(
            (
                int(arcs.edge[at]),
                view.nodes.ids[view.state_node[source]],
                view.capability(source),
                view.nodes.ids[view.state_node[target]],
                view.capability(target),
                bool(arcs.indirect[at]),
                int(arcs.cost[at]),
                int(arcs.certainty[at]),
            )
        )
    return told


def hows_of(view: View) -> list[str]:
    return ["" if at < 0 else view.nodes.hows[at] for at in view.arcs.how.tolist()]


def words_of(view: View) -> list[tuple[object, ...]]:
    edges = view.edges
    return [
        (edges.kinds[kind], edges.discriminators[word], certainty, edges.conditions[condition])
        for kind, word, certainty, condition in zip(
            *(edges.kind.tolist(), edges.discriminator.tolist()),
            *(edges.certainty.tolist(), edges.condition.tolist()),
            strict=True,
        )
    ]


def reasons_of(view: View) -> list[tuple[object, ...]]:
    held = view.reasons
    columns = (held.edge, held.grant, held.revocable, held.need, held.alternative)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [(edge, grant, held.texts[at], *need) for edge, grant, at, *need in rows]


@settings(deadline=None, max_examples=200)
@given(estates())
def test_the_arcs_of_a_view_are_the_moves_of_its_edges(rows: Rows) -> None:
    by_id = {n.id: n for n in rows.nodes}
    place = {edge.id: at for at, edge in enumerate(rows.edges)}
    wanted = [
        (
            place[edge.id],
            arc.source,
            arc.have,
            arc.target,
            arc.gain,
            arc.indirect,
            edge.cost,
            int(edge.certainty),
        )
        for edge, arc in kept_arcs(by_id, rows.edges, Keep())
    ]
    assert arcs_in(project(rows.nodes, rows.edges, version=1)) == wanted


@settings(deadline=None, max_examples=200)
@given(estates())
def test_every_legal_state_is_there_once_and_found_by_its_name(rows: Rows) -> None:
    view = project(rows.nodes, rows.edges, version=1)
    for state in range(view.size):
        owner = int(view.state_node[state])
        assert view.state(owner, CAPABILITIES[int(view.state_capability[state])]) == state


@settings(deadline=None, max_examples=25)
@given(estates())
def test_a_view_of_a_store_is_the_view_of_its_rows(rows: Rows) -> None:
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "s.db", create=True) as store:  # fmt: skip
        keep(store, rows)
        found, wanted = view_of(store, cache=None), project(store.nodes(), store.edges(), version=1)
    assert found.nodes.ids == wanted.nodes.ids
    assert arcs_in(found) == arcs_in(wanted)
    assert (hows_of(found), words_of(found)) == (hows_of(wanted), words_of(wanted))
    assert reasons_of(found) == reasons_of(wanted)


class Noted(dict[str, object]):
    """Properties that note which of them were asked for."""

    def __init__(self, props: Mapping[str, object], asked: set[str]) -> None:
        super().__init__(props)
        self.asked = asked

    def get(self, name: str, default: object = None) -> object:  # type: ignore[override]  # one form of it
        self.asked.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)

    def __getitem__(self, name: str) -> object:
        self.asked.add(name)
        return super().__getitem__(name)


@settings(deadline=None, max_examples=100)
@given(estates())
def test_moves_read_nothing_of_a_row_that_its_class_leaves_out(rows: Rows) -> None:
    moves_of, class_of = defaultdict[type, set[str]](set), defaultdict[type, set[str]](set)

    def noted(row: T, asked: dict[type, set[str]]) -> T:
        return replace(row, props=Noted(row.props, asked[type(row)]))  # type: ignore[arg-type]  # names are texts

    by_id = {row.id: row for row in rows.nodes}
    for edge in rows.edges:
        source, target = (noted(by_id[end], moves_of) for end in (edge.source, edge.target))
        list(arcs_of(noted(edge, moves_of), source, target, schema()))
        edge_class(noted(edge, class_of))
    for one in rows.nodes:
        node_class(noted(one, class_of))
    assert all(asked <= class_of[row] for row, asked in moves_of.items())


def test_an_edge_to_a_node_that_is_not_there_is_refused() -> None:
    edge = Edge("HOLDS", NodeId("a"), NodeId("nowhere"))
    with pytest.raises(SchemaError, match="nowhere"):
        project([node("a", "User")], [edge], version=1)


def test_an_empty_store_gives_an_empty_view() -> None:
    view = project([], [], version=0)
    assert (view.size, len(view.arcs.edge), view.nodes.ids) == (0, 0, ())


def test_a_prefix_is_anchored_at_its_bucket_and_as_sensitive_as_what_holds_it() -> None:
    nodes = [node("b", "Dataset", sensitivity=3), node("b/p", "Dataset"), node("b/p/q", "Dataset")]
    parts = [("b/p", "b"), ("b/p/q", "b/p")]
    edges = [Edge("PART_OF", NodeId(part), NodeId(whole)) for part, whole in parts]
    view = project(nodes, edges, version=1)
    assert view.nodes.anchor.tolist() == [0, 0, 0]
    assert view.nodes.weight.tolist() == [3, 3, 3]
    assert view.nodes.sensitivity.tolist() == [3, -1, -1]


def test_an_unknown_id_is_refused_with_what_was_probably_meant() -> None:
    view = project([node("arn:aws:iam::1:user/alice", "User", name="alice")], [], version=1)
    with pytest.raises(QueryError, match="no node `alice`") as caught:
        view.position("alice")
    assert caught.value.__notes__ == ["did you mean `arn:aws:iam::1:user/alice`"]


def test_a_capability_that_the_kind_does_not_have_is_refused() -> None:
    view = project([node("d", "Dataset")], [], version=1)
    with pytest.raises(QueryError, match="has no state `INVOKE`"):
        view.state(0, Capability.INVOKE)


def test_an_unknown_edge_kind_in_a_filter_is_refused() -> None:
    view = project([node("d", "Dataset")], [], version=1)
    with pytest.raises(SchemaError, match="FLIES_TO"):
        Keep(edge_kinds=frozenset({"FLIES_TO"})).mask(view)


def test_the_arrays_of_a_view_cannot_be_written() -> None:
    view = project([node("d", "Dataset")], [], version=1)
    with pytest.raises(ValueError, match="read-only"):
        view.nodes.kind[0] = 1
