"""Where a shared store is and who one is there: TLS under an authority of one's own, tokens, indexes by the schema."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from neo4j_servers import HEAP, NEEDS_SERVER, empty_store, same_store, where
from small_estate import write_snapshot
from store_rows import USERS, ids, node, ok, run_once

from graph.errors import StoreError
from graph.schema import schema
from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_link import Link, address
from scripts.neo4j_server import Server, TlsFiles

pytestmark = NEEDS_SERVER


@dataclass(frozen=True)
class Secured:
    """A server that speaks TLS alone, and the file of the authority that vouches for it."""

    server: Server
    authority: Path

    def url(self, scheme: str) -> str:
        return f"{scheme}://127.0.0.1:{self.server.port}"


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    """Such a server of this module's own."""
    where()  # skips where none can be started
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1")
    chain = b"".join(part.bytes() for part in made.cert_chain_pems)
    with tempfile.TemporaryDirectory(prefix="neo4j-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "authority.pem"
        authority.cert_pem.write_to_path(str(file))
        tls = TlsFiles(made.private_key_pem.bytes(), chain)
        server = Server(Path(folder) / "home", heap=HEAP, tls=tls)
        server.start()
        yield Secured(server, file)
        server.stop()


def test_a_server_of_ones_own_authority_is_trusted_where_the_environment_names_it(
    secured: Secured, tmp_path: Path
) -> None:
    said = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **secured.server.environment,
        "SSL_CERT_FILE": str(secured.authority),
        "SHADOWGRAPH_REPLICAS": str(tmp_path / "copies"),
    }

    def ran(*asked: str) -> str:
        program = Path(sys.executable).with_name("shadowgraph")
        command = [str(program), *asked, "--format", "json"]
        ended = subprocess.run(command, env=said, capture_output=True, text=True, check=False)
        assert ended.returncode in {0, 3}, ended.stderr
        return ended.stdout

    write_snapshot(tmp_path / "snapshot")
    ran("load", str(tmp_path / "snapshot"), "--store", secured.url("bolt+s"))
    told = [ran("coverage", "--store", secured.url(one)) for one in ("bolt+s", "neo4j+s")]
    assert told[0] == told[1]
    assert json.loads(told[0])["completeness"]["calls"]


@pytest.mark.parametrize("scheme", ["bolt+s", "neo4j+s"])
def test_a_server_that_nobody_known_vouches_for_is_refused_in_one_line(
    scheme: str, secured: Secured
) -> None:
    with pytest.raises(
        StoreError, match="certificate is not trusted here: unable to get"
    ) as caught:
        Link(address(secured.url(scheme)), secured.server.environment)
    assert "\n" not in str(caught.value)
    assert any("SSL_CERT_FILE" in note for note in caught.value.__notes__)


def test_a_server_can_be_taken_at_its_word(secured: Secured, tmp_path: Path) -> None:
    with Neo4jStore(
        address(secured.url("bolt+ssc")),
        create=True,
        environment=secured.server.environment,
        replicas=tmp_path,
    ) as store:
        run_once(store, [node("User", "a")], ok(USERS))
        assert "a" in ids(store)


def test_a_server_that_speaks_tls_alone_is_not_reached_without_it(secured: Secured) -> None:
    with pytest.raises(StoreError, match=r"Couldn't connect .*incomplete handshake"):
        Link(address(secured.url("bolt")), secured.server.environment)


def test_a_token_is_what_is_shown_to_the_server_and_never_repeated() -> None:
    at, environment = where()
    token = "a-token-of-nobody"  # noqa: S105 - made up
    with pytest.raises(StoreError, match="refuses this user") as caught:
        Link(at, {**environment, "NEO4J_BEARER_TOKEN": token})  # before user and password
    assert token not in f"{caught.value} {caught.value.__notes__}"


def test_what_the_schema_says_is_looked_up_by_has_an_index_in_the_graph(tmp_path: Path) -> None:
    wanted = {("Entity", prop.name) for prop in schema().asset_props if prop.index}
    wanted |= {
        (kind.name, prop.name)
        for kind in schema().nodes.values()
        for prop in kind.props
        if prop.index
    }
    with empty_store(tmp_path) as store:
        # A store that an earlier schema made gets what it lacks from the next writer.
        store.link.alone("DROP INDEX entity_account")
        at, environment = where()
        Neo4jStore(at, create=True, environment=environment, replicas=tmp_path / "w").close()
        shown = "SHOW INDEXES YIELD labelsOrTypes, properties, type WHERE type = 'RANGE' RETURN labelsOrTypes, properties"
        found = {
            (labels[0], props[0]) for labels, props in store.link.alone(shown) if len(props) == 1
        }
        assert wanted <= found
    with same_store(tmp_path) as other:
        assert ids(other) == []
