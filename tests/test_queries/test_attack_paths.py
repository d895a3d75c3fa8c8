"""Attack paths between sets, against walks over every way."""

from __future__ import annotations

from examples import RUN, share
from graph_strategies import Rows, estates, keeps
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle.paths import TooManyError, best, best_through, simple_ways
from oracle.reach import Oracle, State

from graph.model import Capability, Edge, Node, NodeId
from graph.projection import project
from graph.schema import is_asset
from graph.view import Keep, View
from queries.attack_paths import (
    attack_paths,
    disjoint_paths,
    goal_states,
    loops,
    top_paths,
    usual_entries,
)
from queries.paths import Path

CONTENT = {"READ", "WRITE", "INVOKE", "CONTROL"}
EVERYTHING = 10_000


def asked(rows: Rows, keep: Keep) -> tuple[Oracle, View, list[NodeId], list[NodeId]]:
    """The twin, the view, everyone who acts, and every asset."""
    oracle = Oracle.of(rows.nodes, rows.edges, keep)
    view = project(rows.nodes, rows.edges, version=1)
    return oracle, view, oracle.actors, [node.id for node in rows.nodes if is_asset(node)]


def goals(oracle: Oracle, target: NodeId) -> set[State]:
    return {state for state in oracle.graph if state[0] == target and state[1].value in CONTENT}


def stands(oracle: Oracle, path: Path) -> bool:
    return all(
        oracle.graph.has_edge(*ends) for ends in zip(path.states, path.states[1:], strict=False)
    )


@share(1)
@given(rows=estates(), keep=keeps(), most=st.sampled_from((1, 5, 40)))
def test_the_cheapest_paths_are_those_of_a_walk_over_all_ways(
    rows: Rows, keep: Keep, most: int
) -> None:
    oracle, view, actors, assets = asked(rows, keep)
    ends = set().union(*(goals(oracle, asset) for asset in assets))
    try:
        ways = sorted(simple_ways(oracle, map(oracle.start, actors), ends, most=4_000))
    except TooManyError:
        assume(False)

    told = [
        (path.cost, len(path.steps))
        for path in top_paths(view, actors, assets, most, keep=keep).paths
    ]
    assert told == [way[:2] for way in ways[:most]]
    RUN["top paths"] += 1


@share(1)
@given(rows=estates(), keep=keeps())
def test_no_path_enters_a_node_again_and_none_is_told_twice(rows: Rows, keep: Keep) -> None:
    oracle, view, actors, assets = asked(rows, keep)

    paths = top_paths(view, actors, assets, 60, keep=keep).paths

    assert len({path.states for path in paths}) == len(paths)
    assert all(stands(oracle, path) and not loops(path) for path in paths)
    RUN["simple"] += 1


@share(1)
@given(rows=estates(), keep=keeps())
def test_every_pair_is_in_one_group_and_told_by_its_cheapest_way(rows: Rows, keep: Keep) -> None:
    oracle, view, actors, assets = asked(rows, keep)
    costs = {
        (actor, asset): least
        for actor in actors
        for asset in assets
        if actor != asset
        and (least := best(oracle, oracle.start(actor), goals(oracle, asset))) is not None
    }

    found = attack_paths(view, actors, assets, EVERYTHING, keep=keep)

    assert found.pairs == len(costs) == sum(group.alike for group in found.groups)
    assert found.groups_in_all == len(found.groups)
    assert found.unreached == len(assets) - len({asset for _, asset in costs})
    for group in found.groups:
        path, target = group.path, group.path.target
        least = costs[path.source, target]
        assert stands(oracle, path)
        assert (path.cost, len(path.steps)) == least or (
            not loops(path) and (path.cost, len(path.steps)) > least
        )
        assert all(costs[entry, target] >= least for entry in group.entries)
    RUN["groups"] += 1


@share(1)
@given(rows=estates(), keep=keeps(), data=st.data())
def test_paths_through_a_node_are_the_cheapest_that_lead_through_it(
    rows: Rows, keep: Keep, data: st.DataObject
) -> None:
    oracle, view, actors, assets = asked(rows, keep)
    via = data.draw(st.sampled_from([node.id for node in rows.nodes]))
    through = [state for state in oracle.graph if state[0] == via]
    costs = {
        (actor, asset): least
        for actor in actors
        for asset in assets
        if actor != asset
        and (least := best_through(oracle, oracle.start(actor), through, goals(oracle, asset)))
        is not None
    }

    found = attack_paths(view, actors, assets, EVERYTHING, via=via, keep=keep)

    assert found.pairs == len(costs)
    for group in found.groups:
        assert stands(oracle, group.path)
        assert via in {node for node, _ in group.path.states}
        told = group.path.cost, len(group.path.steps)
        assert told == costs[group.path.source, group.path.target]
    RUN["through"] += 1


@share(1)
@given(rows=estates(), keep=keeps(), data=st.data())
def test_alternatives_of_a_pair_share_no_edge_and_no_grant(
    rows: Rows, keep: Keep, data: st.DataObject
) -> None:
    oracle, view, actors, assets = asked(rows, keep)
    actor, asset = data.draw(st.sampled_from(actors)), data.draw(st.sampled_from(assets))
    assume(actor != asset)

    paths = disjoint_paths(view, actor, asset, 20, keep=keep)

    used = [step.edge_id for path in paths for step in path.steps]
    grants = [{step.grant for step in path.steps if step.grant} for path in paths]
    least = best(oracle, oracle.start(actor), goals(oracle, asset))
    assert len(used) == len(set(used))
    assert sum(map(len, grants)) == len(set().union(*grants))
    assert all(stands(oracle, path) for path in paths)
    assert (least is None) is not bool(paths)
    assert [(p.cost, len(p.steps)) for p in paths[:1]] == ([] if least is None else [least])
    assert [p.cost for p in paths] == sorted(p.cost for p in paths)
    RUN["disjoint"] += 1


# --- by hand -------------------------------------------------------------------------------------------------------


def some(id_: str, kind: str, **props: object) -> Node:
    return Node(NodeId(id_), kind, props)  # type: ignore[arg-type]  # plain values


def edge(kind: str, source: str, target: str, **more: object) -> Edge:
    return Edge(kind, NodeId(source), NodeId(target), **more)  # type: ignore[arg-type]  # fields of Edge


def department() -> View:
    """A group of fifty that reads a dataset, an outsider and everyone on the internet who read it too."""
    people = [some(f"u:{n:02}", "User") for n in range(50)]
    nodes = [
        *people,
        some("g", "Group"),
        some("out", "External"),
        some("public", "Public"),
        some("d", "Dataset"),
        some("e", "Dataset"),
        some("gone", "User", enabled=False),
        *(some(f"grant:{n}", "Grant", capability="READ", how="s3:GetObject") for n in range(3)),
    ]
    edges = [edge("MEMBER_OF", person.id, "g") for person in (*people, nodes[-4])]
    for number, holder in enumerate(("g", "out", "public")):
        edges += [
            edge("HOLDS", holder, f"grant:{number}"),
            edge("ON", f"grant:{number}", "d", cost=1 + 4 * number),
        ]
    return project(nodes, sorted(edges, key=lambda e: (e.source, e.target)), version=1)


def test_who_goes_on_alike_is_told_once_with_how_many_there_are() -> None:
    view = department()

    found = attack_paths(view, usual_entries(view), [NodeId("d"), NodeId("e")], 10)

    assert [(group.alike, group.public) for group in found.groups] == [
        (50, False),
        (1, False),
        (1, True),
    ]
    assert (found.pairs, found.entries, found.unreached) == (52, 52, 1)
    assert found.groups[0].entries == tuple(f"u:{n:02}" for n in range(5))


def test_the_first_few_groups_are_the_cheapest_and_all_are_counted() -> None:
    view = department()

    found = attack_paths(view, usual_entries(view), [NodeId("d")], 1)

    assert (len(found.groups), found.groups_in_all, found.groups[0].path.cost) == (1, 3, 3)


def test_who_is_passed_over_is_no_entry() -> None:
    view = department()

    assert "u:07" not in usual_entries(view, {NodeId("u:07")})
    assert "gone" not in usual_entries(view)


def test_a_search_that_is_given_up_says_so() -> None:
    view = department()

    found = top_paths(view, usual_entries(view), [NodeId("d")], 10, most_looked=4)

    assert not found.complete


def test_a_capability_that_the_target_cannot_have_has_no_path() -> None:
    view = department()

    found = attack_paths(
        view, usual_entries(view), [NodeId("d")], 10, capability=Capability.PROMOTE
    )

    assert (found.groups, found.unreached) == ((), 1)
    assert goal_states(view, NodeId("d"), Capability.PROMOTE) == ()
