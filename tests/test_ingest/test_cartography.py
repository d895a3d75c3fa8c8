"""A Cartography graph, on a real server, as context: named, inferred, conditional, and less than what AWS itself says.

The graph is written by hand after Cartography's models of nodes and relationships (cartography/models/aws).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from neo4j_servers import NEEDS_SERVER, wiped
from sample_estate import SAMPLE

from access.resolve import resolve
from graph.errors import SourceError
from graph.model import Basis, Certainty, NodeId, Outcome
from graph.stores.neo4j_link import Link
from graph.stores.sqlite import SqliteStore
from ingest.cartography import cartography_intake
from ingest.load import load_intake, load_snapshot

pytestmark = NEEDS_SERVER

A = "111111111111"
NOW = datetime(2026, 11, 27, tzinfo=UTC)
HOSTILE = "x'; MATCH (n) DETACH DELETE n // \u202e"
USER, ROLE = f"arn:aws:iam::{A}:user/ana", f"arn:aws:iam::{A}:role/work"
NOTEBOOK = f"arn:aws:sagemaker:eu-west-1:{A}:notebook-instance/nb"
GRAPH = f"""
CREATE (account:AWSAccount {{id: '{A}', name: $hostile}})
CREATE (user:AWSPrincipal:AWSUser {{id: '{USER}', arn: '{USER}', name: 'ana'}})
CREATE (group:AWSPrincipal:AWSGroup {{id: 'arn:aws:iam::{A}:group/g', arn: 'arn:aws:iam::{A}:group/g', name: 'g'}})
CREATE (role:AWSPrincipal:AWSRole {{id: '{ROLE}', arn: '{ROLE}', name: 'work'}})
CREATE (notebook:AWSSageMakerNotebookInstance {{id: '{NOTEBOOK}', arn: '{NOTEBOOK}', notebook_instance_name: $hostile, region: 'eu-west-1'}})
CREATE (model:AWSSageMakerModel {{id: 'arn:aws:sagemaker:eu-west-1:{A}:model/m', arn: 'arn:aws:sagemaker:eu-west-1:{A}:model/m', model_name: 'm'}})
CREATE (agent:AWSBedrockAgent {{id: 'arn:aws:bedrock:eu-west-1:{A}:agent/AG', arn: 'arn:aws:bedrock:eu-west-1:{A}:agent/AG', agent_name: 'helper'}})
CREATE (stack:AWSCloudFormationStack {{id: 'arn:aws:cloudformation:eu-west-1:{A}:stack/s/1'}})
CREATE (account)-[:RESOURCE]->(user), (account)-[:RESOURCE]->(role), (account)-[:RESOURCE]->(notebook)
CREATE (user)-[:MEMBER_AWS_GROUP]->(group)
CREATE (notebook)-[:HAS_EXECUTION_ROLE]->(role), (model)-[:HAS_EXECUTION_ROLE]->(role), (stack)-[:HAS_EXECUTION_ROLE]->(role)
CREATE (user)-[:STS_ASSUMEROLE_ALLOW]->(role)
"""


@pytest.fixture
def graph() -> Iterator[tuple[Link, str, Mapping[str, str]]]:
    """A Cartography graph on the server, its address, and the environment of a client."""
    at, environment = wiped()
    link = Link(at, environment)
    link.write(GRAPH, hostile=HOSTILE)
    said = {
        name.replace("NEO4J_", "CARTOGRAPHY_"): value
        for name, value in environment.items()
        if name in {"NEO4J_USERNAME", "NEO4J_PASSWORD"}
    }
    yield link, str(at), said
    link.write("MATCH (n) DETACH DELETE n")
    link.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty store."""
    with SqliteStore(tmp_path / "own.db", create=True) as opened:
        yield opened


def imported(store: SqliteStore, url: str, environment: Mapping[str, str], *, day: int = 0) -> None:
    intake = cartography_intake(url, environment)
    load_intake(intake, store, resolve=resolve, now=NOW + timedelta(days=day))


def test_its_identities_and_assets_come_as_named_and_its_edges_as_inferred(
    graph: tuple[Link, str, Mapping[str, str]], store: SqliteStore
) -> None:
    _, url, environment = graph
    imported(store, url, environment)

    facts = store.facts()
    assert {(node.kind, node.props.get("name")) for node in facts.nodes} == {
        ("Account", HOSTILE),
        ("User", "ana"),
        ("Group", "g"),
        ("Role", "work"),
        ("Notebook", HOSTILE),
        ("ModelVersion", "m"),
        ("Agent", "helper"),
    }
    assert all(node.props["referenced_only"] for node in facts.nodes)
    assert {(edge.kind, edge.source, edge.target) for edge in facts.edges} == {
        ("MEMBER_OF", USER, f"arn:aws:iam::{A}:group/g"),
        ("RUNS_AS", NOTEBOOK, ROLE),
    }
    assert {(edge.basis, edge.certainty) for edge in facts.edges} == {(Basis.INFERRED, Certainty.CONDITIONAL)}  # fmt: skip
    assert {row.outcome for row in facts.coverage} == {Outcome.OK}
    # What it says of access is no fact: nobody may do anything.
    assert not [
        node for node in store.nodes() if node.kind == "Grant" and node.props.get("holder") == USER
    ]


def test_what_it_no_longer_says_goes(
    graph: tuple[Link, str, Mapping[str, str]], store: SqliteStore
) -> None:
    link, url, environment = graph
    imported(store, url, environment)
    link.write("MATCH (n:AWSBedrockAgent) DETACH DELETE n")
    imported(store, url, environment, day=1)
    assert "Agent" not in {node.kind for node in store.nodes() if node.present}


def test_what_cannot_be_read_is_told_and_takes_nothing_away(
    graph: tuple[Link, str, Mapping[str, str]], store: SqliteStore
) -> None:
    link, url, environment = graph
    imported(store, url, environment)
    link.write("MATCH (n:AWSUser) SET n.arn = 'no arn', n.id = 'no arn'")
    intake = cartography_intake(url, environment)
    assert [row.why for row in intake.skipped] == ["`no arn` is no ARN"]
    load_intake(intake, store, resolve=resolve, now=NOW + timedelta(days=1))
    assert store.get(NodeId(USER)) is not None


def test_what_aws_itself_says_takes_its_place(
    graph: tuple[Link, str, Mapping[str, str]], store: SqliteStore
) -> None:
    link, url, environment = graph
    role = f"arn:aws:iam::{A}:role/OrganizationAccountAccessRole"
    link.write("MATCH (r:AWSRole) SET r.arn = $role, r.name = 'told otherwise'", role=role)
    load_snapshot(SAMPLE / "snapshot", store, resolve=resolve, now=NOW)
    before = store.get(NodeId(role))
    imported(store, url, environment, day=1)
    assert before is not None
    assert store.get(NodeId(role)) == before


def test_a_graph_of_something_else_is_refused(
    graph: tuple[Link, str, Mapping[str, str]],
) -> None:
    link, url, environment = graph
    link.write("MATCH (n:AWSAccount) DETACH DELETE n")
    with pytest.raises(SourceError, match="no Cartography graph"):
        cartography_intake(url, environment)
