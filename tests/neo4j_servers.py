"""A real Neo4j server for tests: the one that NEO4J_URI names, else one started here and stopped at the end.

A test that needs one and cannot have it is skipped with the reason; in CI it fails instead.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

from graph.schema import schema
from graph.store import Store
from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_link import Address, Link, address
from graph.stores.neo4j_text import key_text, live_edge, live_node
from queries.measures import MEASURES
from scripts.neo4j_server import NoServerError, Server

HERE = ["127.0.0.1", "localhost", "::1"]
NEEDS_SERVER = pytest.mark.allow_hosts(HERE)
HEAP = "512m"
_OF_RUNS = {"number", "first_run", "changed_run", *MEASURES}
_LIVE_EDGES = "MATCH (a:Entity)-[r]->(b:Entity) RETURN type(r), a.id, b.id, properties(r)"
_WIPE = "MATCH (n) WITH n LIMIT 5000 DETACH DELETE n RETURN count(*)"


@cache
def _started() -> Server | str:
    """The server of this session, or why there is none."""
    folder = tempfile.TemporaryDirectory(prefix="neo4j-", ignore_cleanup_errors=True)
    try:
        server = Server(Path(folder.name), heap=HEAP)
        server.start()
    except NoServerError as error:
        folder.cleanup()
        return str(error)
    atexit.register(folder.cleanup)
    atexit.register(server.stop)
    return server


def where() -> tuple[Address, Mapping[str, str]]:
    """Where the server is, and what a client's environment says of user and password."""
    given = os.environ.get("NEO4J_URI")
    if given:
        return address(given), os.environ
    server = _started()
    if isinstance(server, Server):
        return address(server.url), server.environment
    if os.environ.get("CI") == "true":
        pytest.fail(server)
    pytest.skip(server)


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, kind: type, step: str) -> Iterator[None]:
    """What stands in the block comes as far as this step, and dies there."""

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(kind, step, dies)
        with pytest.raises(KeyboardInterrupt):
            yield


def wipe(link: Link) -> None:
    """Remove everything but the constraints."""
    while link.write(_WIPE)[0][0]:
        pass


def wiped() -> tuple[Address, Mapping[str, str]]:
    """The server with nothing in it."""
    at, environment = where()
    link = Link(at, environment)
    wipe(link)
    link.close()
    return at, environment


def same_store(folder: Path) -> Neo4jStore:
    """The store that is on the server, opened by a client that has no copy of it yet."""
    at, environment = where()
    return Neo4jStore(at, environment=environment, replicas=folder / uuid4().hex)


def check_live(store: Store) -> None:
    """What Cypher finds in the live graph is what the store says, row by row, with labels and properties."""
    assert isinstance(store, Neo4jStore)
    found = {
        row["id"]: (set(labels), {name: said for name, said in row.items() if name not in _OF_RUNS})
        for row, labels in store.link.read("MATCH (e:Entity) RETURN properties(e), labels(e)")
    }
    wanted = {}
    for node in store.nodes():
        told = live_node(node, 0)
        family = schema().node(node.kind).family.value.capitalize()
        del told["number"]
        wanted[told["id"]] = ({"Entity", node.kind, family}, told)
    assert found == wanted
    edges = [
        (kind, source, target, {name: said for name, said in row.items() if name not in _OF_RUNS})
        for kind, source, target, row in store.link.read(_LIVE_EDGES)
    ]
    expected = [
        (edge.kind, key_text(edge.source), key_text(edge.target), live_edge(edge))
        for edge in store.edges()
    ]
    assert sorted(edges, key=repr) == sorted(expected, key=repr)


def empty_store(folder: Path) -> Neo4jStore:
    """An empty store on the server, with its local copies in this folder."""
    at, environment = wiped()
    return Neo4jStore(at, create=True, environment=environment, replicas=folder / "copies")
