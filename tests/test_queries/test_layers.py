"""Layers of a reach against the hops of each path that is told."""

from __future__ import annotations

import numpy as np
from graph_strategies import Rows, estates, keeps
from hypothesis import given, settings

from graph.projection import Keep, project
from queries.hops import hops
from queries.kernels.search import cheapest
from queries.layers import NOWHERE, Ahead, entered, layers
from queries.paths import path_to
from queries.radii import actor_starts


@settings(deadline=None, max_examples=100)
@given(estates(), keeps())
def test_the_layer_of_a_state_is_the_number_of_hops_of_its_path(rows: Rows, keep: Keep) -> None:
    view = project(rows.nodes, rows.edges, version=1)
    for start in actor_starts(view).tolist()[:4]:
        found = cheapest(view, keep, (start,))
        told = layers(view, keep, found)
        for state in range(view.size):
            if found.cost[state] < 0:
                assert told.hop[state] == NOWHERE
            elif state == start:
                assert told.hop[state] == 0
            else:
                path = path_to(view, keep, found, state)
                walked = hops(view, path)
                ended = walked[-1].steps[-1].kind not in {"IN_CLASS", "HOLDS"}
                whole = ended and view.kind_of(int(view.state_node[state])) != "AssetSet"
                assert told.hop[state] == len(walked) - (not whole)
                before = walked[-1].steps[0]
                origin = view.state(view.position(before.source), before.have)
                assert told.origin[state] == origin


@settings(deadline=None, max_examples=100)
@given(estates(), keeps())
def test_the_next_state_inward_lies_on_a_cheapest_way(rows: Rows, keep: Keep) -> None:
    view = project(rows.nodes, rows.edges, version=1)
    goals = tuple(range(0, view.size, 3))
    found = cheapest(view, keep, goals, inward=True)
    ahead, arc = entered(view, keep, found, inward=True)
    far = np.flatnonzero(np.isfinite(found.weight) & (found.weight > 0))
    assert (ahead[far] >= 0).all()
    assert (view.arcs.source[arc[far]] == far).all()
    assert (view.arcs.target[arc[far]] == ahead[far]).all()
    assert (found.steps[ahead[far]] == found.steps[far] - 1).all()


@settings(deadline=None, max_examples=100)
@given(estates(), keeps())
def test_the_way_ahead_ends_at_a_goal_and_costs_what_the_search_found(
    rows: Rows, keep: Keep
) -> None:
    view = project(rows.nodes, rows.edges, version=1)
    goals = tuple(range(0, view.size, 3))
    way = Ahead.to(view, keep, goals)
    for state in range(view.size):
        arcs = list(way.arcs(state))
        ends = [state, *view.arcs.target[arcs].tolist()]
        assert view.arcs.source[arcs].tolist() == ends[:-1]
        assert (ends[-1] in goals) == (way.found.cost[state] >= 0)
        if ends[-1] in goals:
            assert (sum(view.arcs.cost[arcs].tolist()), len(arcs)) == (
                way.found.cost[state],
                way.found.steps[state],
            )
