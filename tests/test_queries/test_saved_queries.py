"""Saved queries: each file keeps the house rules, runs without a warning, and answers what the engine answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

import neo4j as driver
import pytest
import pytest_socket
from neo4j_servers import NEEDS_SERVER, empty_store, where
from oracle.cypher_estate import Estate
from oracle.cypher_rows import ANSWERS
from sample_estate import SAMPLE

from access.resolve import resolve
from graph.errors import QueryError
from graph.model import Coverage
from graph.projection import view_of
from graph.schema import schema
from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_states import moves_of
from graph.stores.sqlite import SqliteStore
from ingest.load import load_snapshot
from queries.context import Context
from queries.measures import MEASURES, measures_of
from queries.saved import parsed, saved
from ui.auditing import keep_audit

NOW = datetime.fromisoformat("2026-11-03T06:00:00+00:00")
QUERIES = saved()
BUCKET = "arn:aws:s3:::alderwick-prod-claims-history"
PROD = "111111111111"
GIVEN: dict[str, list[dict[str, Any]]] = {
    "blast-radius": [{"id": "marta.holm"}, {"id": "irma.falk"}],
    "who-reaches": [{"id": BUCKET}],
    "shortest-takeover": [{"from": "irma.falk", "to": "?Role"}, {"from": "marta.holm", "to": "pricing-actuary-notebook"}],
    "takeover-steps": [{"from": "marta.holm", "to": "pricing-actuary-notebook"}],
    "who-can-promote": [{"id": "?Model"}],
    "who-invokes-endpoint": [{"id": "?Endpoint"}],
    "certain-reach": [{"id": "irma.falk"}],
    "grants-of": [{"id": "irma.falk"}],
    "grants-on": [{"id": BUCKET}],
    "why-granted": [{"id": "?User", "asset": BUCKET}],
    "members-of": [{"id": "?Group"}],
    "lineage-of": [{"id": "?ModelVersion"}],
    "made-from": [{"id": "?Dataset"}],
    "key-opens": [{"id": "policyholder-data"}],
    "notebooks-with-production-data": [{"environment": "production"}, {"environment": "prod"}],
    "findings-of-rule": [{"rule": "sh-001"}],
    "new-since": [{"run": 0}, {"run": 1}],
    "changed-in-run": [{"run": 1}],
    "sensitive-and-exposed": [{"sensitivity": 3, "identities": 2}],
    "code-in-writable-places": [{"identities": 0}],
}  # fmt: skip
OWN = {"id", "number", "label", "present", "long_id", "long_name", "first_run", "changed_run"}
EMPTY_HERE = {"listed-but-gone", "administrator-workloads", "orphans"}
"""What the sample has no case of; all others must answer something."""


# The house rules.


def test_there_are_enough_and_each_has_an_answer_of_the_engine() -> None:
    assert len(QUERIES) >= 40
    assert QUERIES.keys() == ANSWERS.keys()


@pytest.mark.parametrize("name", QUERIES)
def test_a_saved_query_keeps_the_house_rules(name: str) -> None:
    text = QUERIES[name].statement
    assert not re.search(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|FOREACH|LOAD|CALL)\b", text)
    for bound in re.findall(r"\*(\d*)(\.\.)?(\d*)(?=\])", text):
        assert bound[2] or (bound[0] and not bound[1]), f"{name}: a `*` without an upper bound"
    assert not re.search(r"\)\s*(\+|\{\d*,\})", text), "a quantified path without an upper bound"
    for match in re.findall(r"MATCH (.+?)(?=\n|WHERE)", text):
        assert not re.search(r"\)\s*,\s*\(", match), "two MATCH rather than a comma"
    for counted in re.findall(r"\bcount\((?!DISTINCT|asset\)|change\))", text):
        raise AssertionError(f"{name}: {counted} counts ways and not things")
    assert "ORDER BY" in text
    used = set(re.findall(r"\$(\w+)", text))
    assert used == {one.name for one in QUERIES[name].parameters}
    assert not re.search(r"\bexists\s*\(|\bid\s*\(|elementId|\bsize\s*\(\s*\(", text)


@pytest.mark.parametrize(
    "text",
    ["MATCH (n) RETURN n", "// title: t\n// question: q\nRETURN 1", "// title: t\n// question: q\n// columns: a\n// parameter: x date, no\nRETURN 1"],
)  # fmt: skip
def test_a_header_that_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="bad"):
        parsed("bad", text)


def test_parameters_are_bound_by_what_they_take() -> None:
    ranked = QUERIES["widest-reach"]
    assert ranked.bound({"most": "3"}, str) == {"most": 3}
    assert QUERIES["who-reaches"].bound({"id": "x"}, lambda text: f"arn:{text}") == {"id": "arn:x"}
    for given, what in (({}, "needs `most`"), ({"most": "3", "x": "1"}, "no parameter `x`"), ({"most": "many"}, "whole number")):  # fmt: skip
        with pytest.raises(QueryError, match=what):
            ranked.bound(given, str)


# The answers.


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Neo4jStore, SqliteStore]]:
    """The sample in both stores, with everything that a load keeps."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)
    folder = tmp_path_factory.mktemp("shared")
    with empty_store(folder) as shared, SqliteStore(folder / "estate.db", create=True) as own:
        for store in (shared, own):
            load_snapshot(SAMPLE / "snapshot", store, resolve=resolve, now=NOW)
            keep_audit(store, view_of(store, cache=None), Context(), now=NOW)
        yield shared, own


@pytest.fixture(scope="module")
def estate(stores: tuple[Neo4jStore, SqliteStore]) -> Estate:
    """What the engine holds of the sample, from the store in a file."""
    _, own = stores
    view = view_of(own, cache=None)
    audited = keep_audit(own, view, Context(), now=NOW)
    nodes = tuple(own.nodes())
    return Estate(
        nodes,
        tuple(own.edges()),
        view,
        measures_of(audited.inventory, audited.findings),
        tuple(own.findings()),
        own.coverage(),
        tuple(own.changes()),
        dict.fromkeys((node.id for node in nodes), 1),
    )


def _parameters(name: str, estate: Estate) -> list[dict[str, Any]]:
    given = GIVEN.get(name) or [{one.name: 12 for one in QUERIES[name].parameters}]
    by_name = {str(estate.name(one)): one for one in sorted(estate.nodes, reverse=True)}

    def meant(value: Any) -> list[Any]:
        if isinstance(value, str) and value.startswith("?"):  # some of a kind
            return [one for one in sorted(estate.nodes) if estate.kind(one) == value[1:] and estate.nodes[one].present][:40]  # fmt: skip
        return [by_name.get(value, value) if isinstance(value, str) else value]

    found: list[dict[str, Any]] = [{}]
    for key in given[0]:
        found = [{**row, key: one} for row in found for one in meant(given[0][key])]
    rest = [{key: meant(value)[0] for key, value in row.items()} for row in given[1:]]
    return found + rest


def _fixed(value: Any) -> Any:
    return tuple(map(_fixed, value)) if isinstance(value, list | tuple) else value


@NEEDS_SERVER
@pytest.mark.parametrize("name", QUERIES)
def test_a_saved_query_answers_what_the_engine_answers(
    name: str, stores: tuple[Neo4jStore, SqliteStore], estate: Estate
) -> None:
    shared, _ = stores
    query, told = QUERIES[name], 0
    for given in _parameters(name, estate):
        answered = shared.ask(query.statement, given, most=100_000, seconds=60)
        wanted = [_fixed(row) for row in ANSWERS[name](estate, given)]

        assert answered.columns == query.columns
        assert not answered.loading
        assert Counter(map(_fixed, answered.rows)) == Counter(wanted)
        told += len(wanted)
    assert told or name in EMPTY_HERE


@NEEDS_SERVER
@pytest.mark.usefixtures("stores")
@pytest.mark.parametrize("name", QUERIES)
def test_the_server_has_nothing_to_warn_of(name: str) -> None:
    at, environment = where()
    query = QUERIES[name]
    given = {one.name: 1 if one.sort.value == "number" else "x" for one in query.parameters}
    auth = (environment.get("NEO4J_USERNAME", "neo4j"), environment["NEO4J_PASSWORD"])
    with (
        driver.GraphDatabase.driver(
            at.url, auth=auth, notifications_min_severity="INFORMATION"
        ) as open_,
        open_.session() as session,
    ):
        summary = session.run(query.statement, given).consume()  # type: ignore[arg-type]  # a file of ours
    warned = [
        (one.raw_classification, one.status_description)
        for one in summary.gql_status_objects
        if one.is_notification and one.raw_classification != "UNRECOGNIZED"  # see the next test
    ]
    assert warned == []


@pytest.mark.parametrize("name", QUERIES)
def test_a_saved_query_names_only_what_is_declared(name: str) -> None:
    text = re.sub(r"'[^']*'", "", QUERIES[name].statement)
    props = {prop for kind in schema().nodes for prop in schema().props_of(kind)}
    known = props | MEASURES.keys() | OWN | {field.name for field in fields(Coverage)}
    known |= {"outcome", "platform", "scope", "region", "call", "missing_permission"}
    known |= {"rule", "status", "family", "op", "run", "capability", "entry", "kind", "certainty", "indirect"}  # fmt: skip
    labels = {*schema().nodes, "Entity", "State", "Finding", "Change", "Coverage"}
    assert set(re.findall(r"\b[a-z]\w*\.(\w+)", text)) <= known
    assert set(re.findall(r"\(\w*:(\w+)", text)) <= labels
    kinds = {kind for group in re.findall(r"\[\w*:([A-Z_|]+)", text) for kind in group.split("|")}
    assert kinds <= {*schema().edges, "STATE", "MOVE", "ABOUT"}


@NEEDS_SERVER
def test_both_stores_hold_the_same_and_every_analysis_starts_from_the_same_arrays(
    stores: tuple[Neo4jStore, SqliteStore],
) -> None:
    shared, own = stores
    assert list(shared.nodes()) == list(own.nodes())
    assert list(shared.edges()) == list(own.edges())
    assert list(shared.attachments()) == list(own.attachments())
    assert shared.facts() == own.facts()
    assert list(shared.observations()) == list(own.observations())
    assert shared.coverage() == own.coverage()
    assert list(shared.findings()) == list(own.findings())
    assert list(shared.changes()) == list(own.changes())


@NEEDS_SERVER
def test_the_states_and_moves_of_the_shared_graph_are_those_of_the_engine(
    stores: tuple[Neo4jStore, SqliteStore], estate: Estate
) -> None:
    shared, _ = stores
    found = shared.link.read(
        "MATCH (a:Entity)-[:STATE]->(s:State)-[m:MOVE]->(t:State)<-[:STATE]-(b:Entity)"
        " RETURN a.id, s.capability, b.id, t.capability, m.kind, m.how, m.certainty, m.indirect, m.cost"
    )
    view, states = estate.view, estate.states
    wanted = {
        (*states[source], *states[target], *rest)
        for source, target, *rest in moves_of(view, list(range(view.size)))
    }
    assert {tuple(row) for row in found} == wanted
    assert len(found) == len(wanted)
    counted = shared.link.read(
        "MATCH (s:State) RETURN count(s), count(CASE WHEN s.entry THEN 1 END)"
    )
    assert counted == [[view.size, len(list(estate.entries()))]]


@NEEDS_SERVER
def test_publishing_twice_sends_nothing_the_second_time(
    stores: tuple[Neo4jStore, SqliteStore], estate: Estate
) -> None:
    shared, _ = stores
    again = shared.publish(view_of(shared, cache=None), estate.measures, tuple(MEASURES))
    assert again.sent == 0
    assert again.states == estate.view.size


def test_the_measures_have_names_that_no_property_of_a_kind_has() -> None:
    declared = {name for kind in schema().nodes for name in schema().props_of(kind)}
    assert not declared & (MEASURES.keys() | OWN)
