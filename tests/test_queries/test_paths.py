from __future__ import annotations

import pytest
from graph_strategies import Rows, estates, keeps
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.reach import Oracle

from graph.errors import QueryError
from graph.model import Capability, Certainty, Edge, Node, NodeId
from graph.projection import Keep, View, project
from queries.hops import hops
from queries.paths import Path, cheapest_path


def some(id_: str, kind: str, **props: object) -> Node:
    return Node(NodeId(id_), kind, props)  # type: ignore[arg-type]  # plain values


def edge(kind: str, source: str, target: str, **more: object) -> Edge:
    return Edge(kind, NodeId(source), NodeId(target), **more)  # type: ignore[arg-type]  # fields of Edge


@settings(deadline=None, max_examples=300)
@given(rows=estates(), keep=keeps(), data=st.data())
def test_a_path_costs_what_dijkstra_says_and_replays_on_the_arcs(
    rows: Rows, keep: Keep, data: st.DataObject
) -> None:
    oracle = Oracle.of(rows.nodes, rows.edges, keep)
    states = sorted(oracle.graph, key=str)
    start, goal = (data.draw(st.sampled_from(states)) for _ in range(2))
    view = project(rows.nodes, rows.edges, version=1)
    path = cheapest_path(view, start[0], goal[0], start=start[1], capability=goal[1], keep=keep)
    costs = oracle.costs(start)
    if goal not in costs:
        assert path is None or path.public
    else:
        assert path is not None
        assert (path.cost, len(path.steps)) == costs[goal]
    if path is not None:
        assert all(
            oracle.graph.has_edge(*ends) for ends in zip(path.states, path.states[1:], strict=False)
        )


@settings(deadline=None, max_examples=100)
@given(rows=estates(), data=st.data())
def test_the_hops_of_a_path_hold_every_step_once(rows: Rows, data: st.DataObject) -> None:
    view = project(rows.nodes, rows.edges, version=1)
    ids = [node.id for node in rows.nodes if node.kind != "AssetSet"]
    path = cheapest_path(view, ids[0], data.draw(st.sampled_from(ids)))
    if path is not None:
        assert tuple(step for hop in hops(view, path) for step in hop.steps) == path.steps


def test_of_two_equally_cheap_paths_the_shorter_one_is_told() -> None:
    nodes = [some("a", "User"), some("b", "Role"), some("r", "Role"), some("d", "Dataset")]
    nodes += [some(f"g{n}", "Grant", capability="CONTROL", how="trust") for n in range(3)]
    nodes += [some("g3", "Grant", capability="READ", how="s3:GetObject")]
    edges = [
        edge("HOLDS", "a", "g0", cost=0),
        edge("ON", "g0", "b", cost=0),
        edge("HOLDS", "b", "g1", cost=0),
        edge("ON", "g1", "r", cost=0),
        edge("HOLDS", "a", "g2", cost=0),
        edge("ON", "g2", "r", cost=0),
        edge("HOLDS", "r", "g3"),
        edge("ON", "g3", "d"),
    ]
    path = cheapest_path(project(nodes, edges, version=1), NodeId("a"), NodeId("d"))
    assert path is not None
    assert [step.target for step in path.steps] == ["g2", "r", "g3", "d"]


def poisoning() -> View:
    nodes = [
        some("u/alice", "User", name="alice"),
        some("g/team", "Group", name="team"),
        some("c", "PrincipalClass"),
        some("grant:w", "Grant", capability="WRITE", how="s3:PutObject"),
        some("grant:r", "Grant", capability="READ", how="s3:GetObject"),
        some("set:m", "AssetSet", of_kind="Dataset"),
        some("b/models/", "Dataset", name="models"),
        some("mv", "ModelVersion", name="llm 3"),
        some("ep", "Endpoint", name="chat", reruns=True),
        some("role", "Role", name="serving"),
        some("claims", "Dataset", name="claims"),
    ]
    edges = [
        edge("MEMBER_OF", "u/alice", "g/team"),
        edge("HOLDS", "g/team", "grant:w"),
        edge(
            "ON", "grant:w", "set:m", certainty=Certainty.CONDITIONAL, conditions=("aws:SourceIp",)
        ),
        edge("COVERS", "set:m", "b/models/"),
        edge("STORED_IN", "mv", "b/models/"),
        edge("EXECUTES", "ep", "mv", certainty=Certainty.POSSIBLE),
        edge("RUNS_AS", "ep", "role"),
        edge("IN_CLASS", "role", "c"),
        edge("HOLDS", "c", "grant:r"),
        edge("ON", "grant:r", "claims"),
    ]
    return project(nodes, edges, version=1)


def poisoned() -> tuple[View, Path]:
    view = poisoning()
    path = cheapest_path(view, NodeId("u/alice"), NodeId("claims"))
    assert path is not None
    return view, path


def test_a_poisoning_reads_as_sentences() -> None:
    view, path = poisoned()
    assert [hop.sentence for hop in hops(view, path)] == [
        "`alice` is a member of the group `team`",
        "the group `team` may change the dataset `models` (s3:PutObject)",
        "the content of the model version `llm 3` lies in the dataset `models`",
        "the endpoint `chat` runs the model version `llm 3` when it starts",
        "the endpoint `chat` runs as the role `serving`",
        "the role `serving` may read the dataset `claims` (s3:GetObject)",
    ]


def test_an_access_hop_names_its_grant_and_who_entered() -> None:
    view, path = poisoned()
    told = [(hop.grant, hop.identity, hop.holder) for hop in hops(view, path) if hop.grant]
    assert told == [("grant:w", "u/alice", "g/team"), ("grant:r", "role", "role")]


def test_a_path_is_as_certain_as_its_weakest_step_and_names_its_conditions() -> None:
    _, path = poisoned()
    assert (path.certainty, path.conditions) == (Certainty.POSSIBLE, ("aws:SourceIp",))


def test_a_filter_that_cuts_the_only_way_leaves_no_path() -> None:
    keep = Keep(certainty=Certainty.CONDITIONAL)
    assert cheapest_path(poisoning(), NodeId("u/alice"), NodeId("claims"), keep=keep) is None


def test_leaving_out_an_action_leaves_out_its_grants() -> None:
    keep = Keep(without_techniques=frozenset({"s3:PutObject"}))
    assert cheapest_path(poisoning(), NodeId("u/alice"), NodeId("claims"), keep=keep) is None


def test_the_way_from_a_node_to_itself_has_no_steps() -> None:
    path = cheapest_path(poisoning(), NodeId("u/alice"), NodeId("u/alice"))
    assert path is not None
    assert (path.steps, path.cost) == ((), 0)


def test_a_misspelt_id_is_refused() -> None:
    with pytest.raises(QueryError, match="no node `u/alicia`"):
        cheapest_path(poisoning(), NodeId("u/alicia"), NodeId("claims"))


def test_a_path_to_a_capability_that_the_kind_lacks_is_refused() -> None:
    with pytest.raises(QueryError, match="has no state `INVOKE`"):
        cheapest_path(
            poisoning(), NodeId("u/alice"), NodeId("claims"), capability=Capability.INVOKE
        )
