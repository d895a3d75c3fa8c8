"""Saved queries over generated estates, which have what the sample has no case of: the graph and the engine agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graph_strategies import make
from neo4j_servers import NEEDS_SERVER, check_live, empty_store
from oracle.cypher_estate import Estate
from oracle.cypher_rows import ANSWERS
from store_rows import key

from graph.model import Batch, Conclusions, Coverage, Edge, Node, Outcome
from graph.projection import view_of
from graph.schema import Written, schema
from graph.store import Store, cypher_store
from graph.stores.sqlite import SqliteStore
from queries.measures import MEASURES
from queries.saved import Sort, saved

NOW = datetime.fromisoformat("2026-11-03T06:00:00+00:00")
QUERIES = saved()


def _filled(store: Store, seed: int) -> Estate:
    """A generated estate in the store, with measures by lot; what the engine holds of it."""
    made, chance = make(seed, 40, 220), Random(seed)  # noqa: S311  # seeded on purpose
    by = frozenset({key("iam.list")})
    drawn = {edge.id: edge for edge in map(_legal, made.edges)}.values()
    facts = [replace(node, present=True) for node in made.nodes if not _concluded(node)]
    held = {node.id for node in facts}
    edges = [edge for edge in drawn if schema().edge(edge.kind).written is Written.FACT and {edge.source, edge.target} <= held]  # fmt: skip
    edges += [
        Edge("MANAGED_BY", facts[at].id, facts[-1].id) for at in range(0, len(facts) - 1, 3)
    ] + [Edge("DERIVED_FROM", one.id, other.id) for one, other in pairwise(facts) if one.kind == other.kind == "Dataset"]  # fmt: skip
    with store.begin(started=NOW, tool_version="test") as run:
        run.put(Batch.of([replace(row, asserted_by=by) for row in (*facts, *edges)]))
        run.cover((Coverage(key("iam.list"), Outcome.OK), Coverage(key("s3.list"), Outcome.DENIED)))
        run.conclude(
            Conclusions(
                tuple(replace(node, present=True) for node in made.nodes if node.id not in held),
                tuple(
                    edge for edge in drawn if schema().edge(edge.kind).written is Written.CONCLUSION
                ),
            )
        )
        run.commit()
    view = view_of(store, cache=None)
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


def _legal(edge: Edge) -> Edge:
    """The edge with the discriminator that a store takes."""
    declared = schema().edge(edge.kind).discriminator
    return replace(edge, discriminator=(edge.discriminator or "x") if declared else "")


def _fixed(value: Any) -> Any:
    return tuple(map(_fixed, value)) if isinstance(value, list | tuple) else value


def _concluded(node: Node) -> bool:
    return schema().node(node.kind).written is Written.CONCLUSION or bool(
        node.props.get("potential")
    )


@NEEDS_SERVER
@pytest.mark.parametrize("seed", range(12))
def test_a_generated_estate_has_the_same_answers_in_the_graph_and_in_the_engine(
    seed: int, tmp_path: Path
) -> None:
    with empty_store(tmp_path) as shared, SqliteStore(tmp_path / "own.db", create=True) as own:
        estate = _filled(own, seed)
        _filled(shared, seed)
        check_live(shared)
        assert list(shared.nodes()) == list(own.nodes())
        assert list(shared.edges()) == list(own.edges())
        chance = Random(seed)  # noqa: S311  # seeded on purpose
        for name, query in QUERIES.items():
            given: dict[str, Any] = {
                one.name: chance.choice(sorted(estate.nodes)) if one.sort is Sort.ID else chance.randrange(8) if one.sort is Sort.NUMBER else "production"
                for one in query.parameters
            }  # fmt: skip
            answered = shared.ask(query.statement, given, most=100_000, seconds=60)
            wanted = [_fixed(row) for row in ANSWERS[name](estate, given)]
            assert Counter(map(_fixed, answered.rows)) == Counter(wanted), (name, given)
