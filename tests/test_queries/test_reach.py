from __future__ import annotations

import pytest
from examples import RUN, share
from graph_strategies import Rows, estates, keeps
from hypothesis import given
from hypothesis import strategies as st
from oracle.reach import Oracle

from graph.errors import QueryError
from graph.model import Capability, Certainty, Edge, Node, NodeId
from graph.projection import Keep, View, project
from queries.kernels.sweep import has_numba
from queries.reach import blast_radii, blast_radius


def view_of_rows(rows: Rows) -> View:
    return project(rows.nodes, rows.edges, version=1)


def some(id_: str, kind: str, **props: object) -> Node:
    return Node(NodeId(id_), kind, props)  # type: ignore[arg-type]  # plain values


def edge(kind: str, source: str, target: str) -> Edge:
    return Edge(kind, NodeId(source), NodeId(target))


@share(1)
@given(estates(), keeps())
def test_all_blast_radii_equal_those_walked_one_by_one(rows: Rows, keep: Keep) -> None:
    oracle = Oracle.of(rows.nodes, rows.edges, keep)
    told = [
        (row.identity, row.tally.plain(), row.through_public.states)
        for row in blast_radii(view_of_rows(rows), keep=keep, fast=False)
    ]
    wanted = []
    for actor in oracle.actors:
        own, public = oracle.reach(oracle.start(actor))
        counted = oracle.tally(own | public), oracle.tally(public)
        assert isinstance(counted[1]["states"], list)
        only_public = sum(line["number"] for line in counted[1]["states"])
        wanted.append((actor, counted[0], only_public))
    assert told == wanted
    RUN["radii"] += 1


@pytest.mark.skipif(not has_numba(), reason="numba is an optional extra")
@share(0.5)
@given(rows=estates(), keep=keeps())
def test_the_compiled_kernel_gives_the_same_numbers(rows: Rows, keep: Keep) -> None:
    view = view_of_rows(rows)
    slow, fast = (blast_radii(view, keep=keep, fast=fast) for fast in (False, True))
    assert (slow.own == fast.own).all()
    assert (slow.public == fast.public).all()
    RUN["compiled"] += 1


@share(0.3)
@given(estates(), keeps(), st.data())
def test_one_blast_radius_equals_a_walk_from_its_start(
    rows: Rows, keep: Keep, data: st.DataObject
) -> None:
    oracle = Oracle.of(rows.nodes, rows.edges, keep)
    start = data.draw(st.sampled_from(sorted(oracle.graph, key=str)))
    view = view_of_rows(rows)
    blast = blast_radius(view, start[0], capability=start[1], keep=keep)
    own, public = oracle.reach(start)
    assert blast.tally.plain() == oracle.tally(own | public)
    told = {(state.node, state.capability, state.public) for state in blast.states}
    hidden = {"PrincipalClass", "Grant", "AssetSet"}
    wanted = {
        (node, capability, (node, capability) in public)
        for node, capability in own | public
        if capability not in {Capability.HELD, Capability.DELEGATE}
        and oracle.nodes[node].kind not in hidden
        and not oracle.nodes[node].props.get("potential")
    }
    assert told == wanted
    RUN["radius"] += 1


@share(0.2)
@given(estates(), keeps(), st.data())
def test_costs_and_steps_are_the_least(rows: Rows, keep: Keep, data: st.DataObject) -> None:
    oracle = Oracle.of(rows.nodes, rows.edges, keep)
    start = data.draw(st.sampled_from(sorted(oracle.graph, key=str)))
    costs = oracle.costs(start)
    blast = blast_radius(view_of_rows(rows), start[0], capability=start[1], keep=keep)
    for state in blast.states:
        if not state.public:
            assert (state.cost, state.steps) == costs[state.node, state.capability]
    RUN["costs"] += 1


@share(0.1)
@given(estates())
def test_the_tally_of_one_and_the_row_in_all_are_the_same(rows: Rows) -> None:
    view = view_of_rows(rows)
    for row in blast_radii(view):
        blast = blast_radius(view, row.identity)
        assert (blast.tally, blast.through_public) == (row.tally, row.through_public)
    RUN["tallies"] += 1


@share(0.1)
@given(estates(), st.data())
def test_a_state_is_as_certain_as_the_surest_way_to_it(rows: Rows, data: st.DataObject) -> None:
    view = view_of_rows(rows)
    start = data.draw(
        st.sampled_from(sorted(node.id for node in rows.nodes if node.kind != "AssetSet"))
    )
    whole = blast_radius(view, start)
    for certainty in Certainty:
        sure = blast_radius(view, start, keep=Keep(certainty=certainty))
        told = {
            (s.node, s.capability)
            for s in whole.states
            if s.certainty <= certainty and not s.public
        }
        assert told == {(s.node, s.capability) for s in sure.states if not s.public}
    RUN["certainties"] += 1


def test_what_only_everyone_reaches_is_added_once_and_marked() -> None:
    nodes = [
        some("alice", "User"),
        some("everyone", "Public"),
        some("g", "Grant", capability="READ", how="s3:GetObject"),
        some("open", "Dataset", sensitivity=1),
    ]
    edges = [edge("HOLDS", "everyone", "g"), edge("ON", "g", "open")]
    view = project(nodes, edges, version=1)
    blast = blast_radius(view, NodeId("alice"))
    assert [(state.node, state.public) for state in blast.states] == [("open", True)]
    assert blast.path(view, NodeId("open"), Capability.READ).public
    assert blast_radii(view).of(NodeId("everyone")).through_public.states == 0


def test_a_role_that_may_change_itself_does_not_count_itself() -> None:
    nodes = [some("r", "Role"), some("g", "Grant", capability="ADMIN", how="iam:PutRolePolicy")]
    view = project(nodes, [edge("HOLDS", "r", "g"), edge("ON", "g", "r")], version=1)
    assert blast_radii(view).of(NodeId("r")).tally.states == 0


def test_the_highest_sensitivity_reached_in_a_bucket_counts_once() -> None:
    nodes = [
        some("alice", "User"),
        some("bob", "User"),
        some("b", "Dataset", sensitivity=1),
        some("b/x/", "Dataset", sensitivity=10),
        some("b/y/", "Dataset"),
        some("ga", "Grant", capability="READ", how="s3:GetObject"),
        some("gb", "Grant", capability="READ", how="s3:GetObject"),
    ]
    edges = [
        edge("HOLDS", "alice", "ga"),
        edge("ON", "ga", "b/x/"),
        edge("ON", "ga", "b/y/"),
        edge("HOLDS", "bob", "gb"),
        edge("ON", "gb", "b/y/"),
        edge("PART_OF", "b/x/", "b"),
        edge("PART_OF", "b/y/", "b"),
    ]
    rows = blast_radii(project(nodes, edges, version=1))
    sums = [(row.identity, row.tally.sensitivity, row.tally.total_assets) for row in rows]
    assert sums == [("alice", 10, 2), ("bob", 1, 1)]


def test_a_node_without_a_default_start_asks_for_a_capability() -> None:
    view = project([some("s", "AssetSet")], [], version=1)
    with pytest.raises(QueryError, match="no default start"):
        blast_radius(view, NodeId("s"))


def test_an_identity_without_a_row_is_refused() -> None:
    view = project([some("d", "Dataset")], [], version=1)
    with pytest.raises(QueryError, match="no identity"):
        blast_radii(view).of(NodeId("d"))
