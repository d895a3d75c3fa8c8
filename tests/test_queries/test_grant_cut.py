"""The cut of Grants one by one, against networkx and against every set of them."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from examples import RUN, share
from graph_strategies import Rows, estates, keeps
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle.reach import Oracle, State

from graph.errors import QueryError
from graph.model import Capability, NodeId
from graph.projection import project
from graph.schema import is_asset
from graph.view import Keep
from queries.attack_paths import goal_states
from queries.grant_cut import grant_cut
from queries.kernels.flow import sever

MOST = 9  # Grants of which all sets are tried


@share(0.1)
@given(rows=estates(), keep=keeps())
def test_no_set_of_fewer_grants_separates_them(rows: Rows, keep: Keep) -> None:
    oracle = Oracle.of(rows.nodes, rows.edges, keep)
    view = project(rows.nodes, rows.edges, version=1)
    targets = [node.id for node in rows.nodes if is_asset(node)][:2]
    entries = [one for one in oracle.actors if one not in targets]
    grants = [node.id for node in rows.nodes if node.kind == "Grant"]
    states = {one: {(one, view.capability(s)) for s in goal_states(view, one)} for one in targets}
    assume(len(grants) <= MOST)
    # One that is enjoyed and serves a workload as well is two arcs, and could be told twice.
    assume(not any(oracle.graph.out_degree((grant, Capability.DELEGATE)) for grant in grants))

    found = grant_cut(view, entries, targets, keep=keep)

    open_ = {one for one in targets if reaches(oracle, entries, states[one], set(grants))}
    assert set(found.open_targets) == open_
    rest = set().union(*(states[one] for one in targets if one not in open_), set())
    fewest = next(
        size
        for size in range(len(grants) + 1)
        if any(not reaches(oracle, entries, rest, set(some)) for some in combinations(grants, size))
    )
    assert (len(found.grants), found.cost) == (fewest, fewest)
    assert not reaches(oracle, entries, rest, set(found.grants))
    RUN["grant cuts"] += 1


def reaches(oracle: Oracle, entries: list[NodeId], ends: set[State], without: set[NodeId]) -> bool:
    left = oracle.graph.subgraph(s for s in oracle.graph if s[0] not in without)
    seen = {s for e in entries for s in ({oracle.start(e)} | nx.descendants(left, oracle.start(e)))}
    return bool(seen & ends)


@share(0.25)
@given(
    edges=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40, unique=True),
    price=st.lists(st.integers(0, 5), min_size=10, max_size=10),
)
def test_the_value_is_that_of_networkx(edges: list[tuple[int, int]], price: list[int]) -> None:
    edges = [(a, b) for a, b in edges if a != b]
    graph: nx.DiGraph[object] = nx.DiGraph()
    for node, cost in enumerate(price):
        graph.add_edge(("in", node), ("out", node), **({"capacity": cost} if cost else {}))
    for a, b in edges:
        graph.add_edge(("out", a), ("in", b))
    graph.add_edge("source", ("in", 0))
    graph.add_edge(("out", 9), "sink")
    tails, heads = (np.array([e[i] for e in edges], dtype=np.int64) for i in (0, 1))

    try:
        value, _ = nx.minimum_cut(graph, "source", "sink")
    except nx.NetworkXUnbounded:
        with pytest.raises(QueryError, match="separates"):
            sever(10, (tails, heads), sources=[0], sinks=[9], price=np.array(price))
        return

    found = sever(10, (tails, heads), sources=[0], sinks=[9], price=np.array(price))
    assert found.value == value == sum(price[state] for state in found.states.tolist())
