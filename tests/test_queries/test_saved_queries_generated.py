"""Generated estates in both stores, of every shape that the sample has no case of: rows, analyses and saved queries agree."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from graph_strategies import Rows, make
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from neo4j_servers import NEEDS_SERVER, check_live, empty_store
from oracle.cypher_estate import Estate
from oracle.cypher_rows import ANSWERS
from store_rows import START
from stored_rows import keep, listed

from graph.model import Edge, Node
from graph.projection import view_of
from graph.store import Store, cypher_store
from graph.stores.sqlite import SqliteStore
from graph.view import Flag, View
from queries.admins import administrators
from queries.attack_paths import attack_paths, usual_entries
from queries.choke import choke_points
from queries.context import Context
from queries.exposure import exposures
from queries.grant_cut import grant_cut
from queries.measures import MEASURES
from queries.privilege.excess import table
from queries.reach import blast_radii
from queries.saved import Sort, saved
from ui.auditing import keep_audit

QUERIES = saved()
ESTATES = int(os.environ.get("SHADOWGRAPH_ESTATES", "12"))  # each needs an empty server


def _with_lineage(rows: Rows) -> tuple[Edge, ...]:
    """Edges that the generator draws none of: what a record lists, and what was made from what."""
    facts = listed(rows)
    managed = [Edge("MANAGED_BY", facts[at].id, facts[-1].id) for at in range(0, len(facts) - 1, 3)]
    made = [
        Edge("DERIVED_FROM", one.id, other.id)
        for one, other in pairwise(facts)
        if one.kind == other.kind == "Dataset"
    ]
    return (*managed, *made)


def _measured(store: Store, view: View, seed: int) -> Estate:
    """What the engine holds of the store, with measures by lot, which a server is given too."""
    chance = Random(seed)  # noqa: S311  # seeded on purpose
    nodes = tuple(store.nodes())
    measures = {
        node.id: {
            "asset": chance.random() < 0.8,
            "administrator": True if chance.random() < 0.3 else None,
            **{name: chance.randrange(9) for name in ("exposed_to", "exposed_external", "worth", "reach_assets", "reach_sensitivity", "granted", "unused", "not_observed", "privilege_index", "open_findings")},
        }
        for node in nodes
    }  # fmt: skip
    if (shared := cypher_store(store)) is not None:
        shared.publish(view, measures, tuple(MEASURES))
    return Estate(
        nodes, tuple(store.edges()), view, measures, (), store.coverage(), tuple(store.changes()), dict.fromkeys((node.id for node in nodes), 1),
    )  # fmt: skip


def _crown(view: View) -> list[Any]:
    return [view.nodes.ids[at] for at in view.where(Flag.ASSET).tolist()][:5]


def _audited(store: Store, view: View) -> object:
    made = keep_audit(store, view, Context(), now=START)
    people = tuple(node for node in store.nodes() if node.kind in {"User", "Role"})
    return (
        made.audit.results,
        made.findings,
        tuple(store.findings()),
        table(made.inventory, people),
    )


ANALYSES: Mapping[str, Callable[[Store, View], object]] = {
    "blast radius of everybody": lambda _, view: blast_radii(view),
    "who reaches each asset": lambda _, view: exposures(view),
    "attack paths": lambda _, view: attack_paths(view, usual_entries(view), _crown(view), 20),
    "choke points": lambda _, view: choke_points(view, _crown(view)),
    "smallest cut": lambda _, view: grant_cut(view, usual_entries(view), _crown(view)),
    "administrators": lambda store, _: administrators(store.nodes(), store.edges()),
    "rules, findings and excess privilege": _audited,
}


def _plain(value: Any) -> Any:
    """A result as values that can be compared: arrays as lists, records as what is in them."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Node | Edge):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _fixed(value: Any) -> Any:
    return tuple(map(_fixed, value)) if isinstance(value, list | tuple) else value


def _asked(estate: Estate, shared: Any, seed: int) -> None:
    """Every saved query with parameters by lot: the graph answers what the engine does."""
    chance = Random(seed)  # noqa: S311  # seeded on purpose
    for name, query in QUERIES.items():
        given_: dict[str, Any] = {
            one.name: chance.choice(sorted(estate.nodes)) if one.sort is Sort.ID else chance.randrange(8) if one.sort is Sort.NUMBER else "production"
            for one in query.parameters
        }  # fmt: skip
        answered = shared.ask(query.statement, given_, most=100_000, seconds=60)
        wanted = [_fixed(row) for row in ANSWERS[name](estate, given_)]
        assert Counter(map(_fixed, answered.rows)) == Counter(wanted), (name, given_)


estates = st.builds(
    make, seed=st.integers(0, 2**32), nodes=st.integers(5, 40), edges=st.integers(20, 220)
)


@NEEDS_SERVER
@pytest.mark.timeout(900)
@settings(max_examples=ESTATES, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=estates, seed=st.integers(0, 2**32))
def test_a_generated_estate_is_the_same_in_both_stores_and_has_the_same_answers(
    rows: Rows, seed: int
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        empty_store(Path(folder)) as shared,
        SqliteStore(Path(folder) / "own.db", create=True) as own,
    ):
        for store in (own, shared):
            keep(store, rows, more=_with_lineage(rows))
        check_live(shared)
        assert list(shared.nodes()) == list(own.nodes())
        assert list(shared.edges()) == list(own.edges())
        assert shared.facts() == own.facts()
        views = view_of(shared, cache=None), view_of(own, cache=None)
        for name, analysis in ANALYSES.items():
            told = _plain(analysis(shared, views[0])), _plain(analysis(own, views[1]))
            assert told[0] == told[1], name
        estate = _measured(own, views[1], seed)
        _measured(shared, views[0], seed)
        _asked(estate, shared, seed)
