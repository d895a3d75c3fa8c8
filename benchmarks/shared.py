"""A large estate into a shared store: `python -m benchmarks.shared [--nodes 100000 --edges 1000000]`.

A real Neo4j server with a heap of 1 GiB on the same machine takes a generated estate, then the same with 1 % changed; then a
client without a copy brings it into arrays, and one that has the first version follows. Beside it, in the same run, the same
rows go in by one statement per row, and in the batch form of Cartography's loaders (MERGE with everything set, 10,000 a time).

2026-11-27, 2 cores, Python 3.11.7, Neo4j 5.26.30, the driver with its Rust extension, 100,000 nodes and 1,000,000 edges. The
machine was half as fast as the one that the targets were set on, where the SQLite store took 9.1 s for what took 18.2 s here;
in brackets what was measured there, before the arrays were made from columns:

- into an empty server 84.4 s wall (47.3; target 60), 32.6 s of client CPU, 13,037 rows/s; at most 717 MiB of the heap in use,
  90 MiB left by a collection. It is 4.6 times what SQLite takes (5.2 times).
- again with 1 % changed 18.8 s (9.7; target 12).
- a client without a copy, into arrays 5.1 s (10.9; target 5); one that is a version behind 5.5 s (7.3). The live graph's edges,
  read in columns, 1.8 s (1.2).
- states and moves for Cypher 34.9 s (20.2), 270,000 and 666,666 of them; after the change 7.7 s (4.9).
- beside it: Cartography's form 25,388 edges/s of one kind (five properties fewer, no history), 55,691 where nothing changed;
  one statement per row 445 rows/s, 37 minutes (extrapolated).
- without the Rust extension, there and beside other work: 63.7 s wall and 35.5 s of client CPU, 14.8 s with 1 % changed.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from graph.model import Batch, Conclusions, Coverage, CoverageKey, Edge, Node, NodeId, Outcome
from graph.projection import view_of
from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_link import Link, address
from graph.stores.sqlite import SqliteStore
from scripts.neo4j_server import Server, running

NOW = datetime(2026, 11, 27, tzinfo=UTC)
KEY = CoverageKey("aws", "111111111111", "global", "iam.list_users")
BY = frozenset({KEY})
KINDS = (("User", 4), ("Group", 1), ("Role", 1), ("Notebook", 1), ("Dataset", 3))
SHAPES = (
    ("MEMBER_OF", "User", "Group"),
    ("RUNS_AS", "Notebook", "Role"),
    ("OWNED_BY", "Dataset", "User"),
    ("CREATED_BY", "Dataset", "User"),
    ("STORED_IN", "Dataset", "Dataset"),
    ("DERIVED_FROM", "Dataset", "Dataset"),
)
HUB = 13_000  # the largest degree


def estate(nodes: int, edges: int, *, seed: int = 7) -> tuple[list[Node], list[Edge]]:
    """So many nodes of five kinds, and so many edges of six, of which one end each is a hub for many."""
    chance = random.Random(seed)
    names = [kind for kind, share in KINDS for _ in range(share)]
    made = [
        Node(
            NodeId(f"arn:aws:made:eu-west-1:111111111111:{names[at % len(names)].lower()}/{at:07}"),
            names[at % len(names)],
            {"name": f"{names[at % len(names)].lower()}-{at}", "account": "111111111111", "platform": "aws"},
            asserted_by=BY,
        )
        for at in range(nodes)
    ]  # fmt: skip
    by_kind = {kind: [node for node in made if node.kind == kind] for kind, _ in KINDS}
    found: dict[tuple[str, str, str], Edge] = {}
    hubs = {kind: min(HUB, edges // len(SHAPES) // 4) for kind, *_ in SHAPES}
    while len(found) < edges:
        kind, source, target = SHAPES[len(found) % len(SHAPES)]
        to = by_kind[target][0] if hubs[kind] > 0 else chance.choice(by_kind[target])
        hubs[kind] -= 1
        start = chance.choice(by_kind[source])
        if start.id != to.id:
            found.setdefault((kind, start.id, to.id), Edge(kind, start.id, to.id, asserted_by=BY))
    return made, list(found.values())


def changed(
    nodes: list[Node], edges: list[Edge], *, share: float = 0.01
) -> tuple[list[Node], list[Edge]]:
    """The same estate with this share of nodes renamed, and of edges gone and come."""
    every = round(1 / share)
    renamed = [
        replace(node, props={**node.props, "name": f"{node.props['name']}x"}) if at % every == 0 else node
        for at, node in enumerate(nodes)
    ]  # fmt: skip
    ids = {(edge.kind, edge.source, edge.target) for edge in edges}
    gone = edges[::every]
    kept = [edge for at, edge in enumerate(edges) if at % every]
    by_kind = {kind: [node for node in nodes if node.kind == kind] for kind, _ in KINDS}
    chance, come = random.Random(9), []
    for edge in gone:
        target = next(kind_to for kind, _, kind_to in SHAPES if kind == edge.kind)
        to = chance.choice(by_kind[target])
        if (edge.kind, edge.source, to.id) not in ids and edge.source != to.id:
            ids.add((edge.kind, edge.source, to.id))
            come.append(replace(edge, target=to.id))
    moved = [*kept, *come]
    return renamed, moved


def run(
    store: Neo4jStore | SqliteStore, nodes: list[Node], edges: list[Edge]
) -> tuple[float, float]:
    """One run of these rows; the seconds until everything was put, and those of the commit."""
    began = time.perf_counter()
    with store.begin(started=NOW, tool_version="benchmark") as open_:
        for start in range(0, len(nodes), 50_000):
            open_.put(Batch(nodes=tuple(nodes[start : start + 50_000])))
        for start in range(0, len(edges), 50_000):
            open_.put(Batch(edges=tuple(edges[start : start + 50_000])))
        open_.cover((Coverage(KEY, Outcome.OK),))
        open_.close_unseen()
        open_.conclude(Conclusions())
        put = time.perf_counter()
        open_.commit()
    return put - began, time.perf_counter() - put


class Watch:
    """Wall and client CPU of a piece of work, and the most of the server's heap that was in use so far."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def __call__(self, name: str, rows: int, work: Callable[[], object]) -> float:
        """Do it and tell what it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        extra = work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        told = f"{name:<58} {wall:7.1f} s wall  {cpu:6.1f} s client CPU  {rows / wall:10,.0f} rows/s  heap {self.peak()} MiB"
        print(told if extra is None else f"{told}  {extra}", flush=True)
        return wall

    def peak(self) -> str:
        """The most MiB in use when a collection began, and the most that one left."""
        before, after = self._server.heap_used()
        return f"{before:,}/{after:,}"


def peer_rows(nodes: list[Node]) -> Iterator[dict[str, Any]]:
    """The nodes as Cartography's loaders hold them."""
    return ({"id": f"peer:{node.id}", **node.props} for node in nodes)


def beside(link: Link, watch: Watch, nodes: list[Node], edges: list[Edge], seconds: float) -> None:
    """The same rows by one statement each for some seconds, and in batches that set everything."""
    link.alone("CREATE CONSTRAINT peer_id IF NOT EXISTS FOR (n:Peer) REQUIRE n.id IS UNIQUE")
    rows = list(peer_rows(nodes))

    def merged(rows: list[Any], statement: str) -> None:
        for start in range(0, len(rows), 10_000):
            link.write(statement, rows=rows[start : start + 10_000], tag=1)

    watch("Cartography's form: nodes", len(rows), lambda: merged(rows, "UNWIND $rows AS item MERGE (i:Peer {id: item.id}) ON CREATE SET i.firstseen = timestamp() SET i.lastupdated = $tag, i.name = item.name, i.account = item.account, i.platform = item.platform"))  # fmt: skip
    some = [[f"peer:{edge.source}", f"peer:{edge.target}"] for edge in edges if edge.kind == "MEMBER_OF"]  # fmt: skip
    form = "UNWIND $rows AS item MATCH (i:Peer {id: item[0]}) MATCH (j:Peer {id: item[1]}) MERGE (i)-[r:PEER_OF]->(j) ON CREATE SET r.firstseen = timestamp() SET r.lastupdated = $tag, r.a = 1, r.b = 2"  # fmt: skip
    watch("Cartography's form: edges of one kind", len(some), lambda: merged(some, form))
    watch("Cartography's form: the same again", len(some), lambda: merged(some, form))
    done = 0

    def single() -> None:
        nonlocal done
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            start, end = some[done % len(some)]
            link.write("MATCH (i:Peer {id: $start}) MATCH (j:Peer {id: $end}) MERGE (i)-[r:ONE]->(j) SET r.a = 1, r.b = 2", start=start, end=end)  # fmt: skip
            done += 1

    began = time.perf_counter()
    single()
    pace = done / (time.perf_counter() - began)
    print(f"one statement per row: {pace:,.0f} rows/s, so {len(edges):,} edges in {len(edges) / pace / 60:,.0f} min (extrapolated)")  # fmt: skip


def in_a_file(file: Path, nodes: list[Node], edges: list[Edge], watch: Watch) -> None:
    """The same estate in a SQLite store, to measure this machine by."""
    with SqliteStore(file, create=True) as own:
        watch(
            "SQLite: the estate",
            len(nodes) + len(edges),
            lambda: "put {:.1f} s, commit {:.1f} s".format(*run(own, nodes, edges)),
        )


def main() -> None:
    """Measure, and print as it goes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=100_000)
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--heap", default="1g")
    parser.add_argument("--seconds", type=float, default=15.0, help="for one statement per row")
    options = parser.parse_args()
    nodes, edges = estate(options.nodes, options.edges)
    later, left = changed(nodes, edges)
    rows = len(nodes) + len(edges)
    # A client at work holds no estate twice beside its store, and its collector walks over none.
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory() as folder, running(heap=options.heap) as server:
        root, watch = Path(folder), Watch(server)
        environment = {**os.environ, **server.environment}
        in_a_file(root / "own.db", nodes, edges, watch)

        def client(name: str) -> Neo4jStore:
            return Neo4jStore(address(server.url), create=True, environment=environment, replicas=root / name)  # fmt: skip

        with client("writer") as store, client("follower") as follower:
            watch(
                "Neo4j: the estate into an empty server",
                rows,
                lambda: "put {:.1f} s, commit {:.1f} s".format(*run(store, nodes, edges)),
            )
            watch(
                "a client without a copy: into arrays",
                rows,
                lambda: view_of(follower, cache=None) and None,
            )
            view = view_of(store, cache=None)
            watch(
                "states and moves of it, for Cypher",
                len(view.arcs.source),
                lambda: store.publish(view, {}, ("asset",)),
            )
            watch(
                "Neo4j: again, 1 % changed",
                rows,
                lambda: "put {:.1f} s, commit {:.1f} s".format(*run(store, later, left)),
            )
            watch(
                "a client one version behind: into arrays",
                rows,
                lambda: view_of(follower, cache=None) and None,
            )
            view = view_of(store, cache=None)
            watch(
                "states and moves again",
                len(view.arcs.source),
                lambda: store.publish(view, {}, ("asset",)),
            )
            live = columns(store.link, watch)
            print(f"edges in the live graph: {live:,}, in the engine: {len(left):,}")
            beside(store.link, watch, nodes, edges, options.seconds)


def columns(link: Link, watch: Watch) -> int:
    """The edges read out of the live graph in columns, over ranges of nodes."""
    found = 0

    def read() -> None:
        nonlocal found
        ((last,),) = link.read("MATCH (e:Entity) RETURN max(e.number)")
        for start in range(0, last + 1, 5_000):
            ((sources, _, _),) = link.read("MATCH (a:Entity)-[r]->(b:Entity) WHERE a.number >= $from AND a.number < $to RETURN collect(a.number), collect(b.number), collect(type(r))", **{"from": start, "to": start + 5_000})  # fmt: skip
            found += len(sources)

    watch("the live graph's edges, read in columns", 1, read)
    return found


if __name__ == "__main__":
    main()
