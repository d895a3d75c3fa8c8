"""The drawn estates of the benchmarks are what the projection of their rows would be."""

from __future__ import annotations

from dataclasses import fields

import networkx as nx
import numpy as np
import pytest

from benchmarks.drawn import Drawn, Regime, drawn
from benchmarks.drawn_view import view_of_drawn
from graph.projection import project
from graph.view import View

PARTS = ("nodes", "edges", "arcs", "reasons")


def columns(view: View) -> dict[str, object]:
    told: dict[str, object] = {"node": view.state_node, "capability": view.state_capability}
    for part in PARTS:
        body = getattr(view, part)
        told |= {f"{part}.{column.name}": getattr(body, column.name) for column in fields(body)}
    return told


@pytest.mark.parametrize("regime", Regime)
def test_the_columns_are_the_projection_of_the_rows(regime: Regime) -> None:
    estate = drawn(700, regime)
    by_rows, by_columns = (
        columns(project(*estate.rows(), version=1)),
        columns(view_of_drawn(estate)),
    )
    assert by_rows.keys() == by_columns.keys()
    for name, wanted in by_rows.items():
        found = by_columns[name]
        if isinstance(wanted, np.ndarray):
            assert isinstance(found, np.ndarray), name
            assert (found.dtype, found.tolist()) == (wanted.dtype, wanted.tolist()), name
        else:
            assert found == wanted, name


def component(estate: Drawn) -> float:
    """The share of the nodes that have a state in the largest strong component."""
    view = view_of_drawn(estate)
    graph = nx.DiGraph(list(zip(view.arcs.source.tolist(), view.arcs.target.tolist(), strict=True)))
    largest = max(nx.strongly_connected_components(graph), key=len)
    return len({int(view.state_node[state]) for state in largest}) / len(estate.kind)


def test_only_the_giant_regime_has_a_giant_component() -> None:
    shares = {regime: component(drawn(6000, regime)) for regime in Regime}
    assert shares[Regime.GIANT] > 0.08
    assert max(shares[Regime.CHAIN], shares[Regime.SEGMENTED]) < 0.001


def test_an_estate_has_the_wanted_number_of_edges_and_a_few_large_groups() -> None:
    estate = drawn(10_000, Regime.SEGMENTED)
    assert 9 < len(estate.source) / len(estate.kind) < 9.6
    joined = estate.edge_kind == estate.edge_kinds.index("MEMBER_OF")
    members = np.sort(np.bincount(estate.target[joined], minlength=len(estate.kind)))
    assert members[-1] > 10 * members[members > 0].mean()


def test_the_same_seed_draws_the_same_estate_and_another_seed_another() -> None:
    first, again, other = (drawn(500, Regime.GIANT, seed=seed) for seed in (1, 1, 2))
    assert first.rows() == again.rows()
    assert first.rows() != other.rows()
