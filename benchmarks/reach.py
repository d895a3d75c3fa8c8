"""All blast radii beside rustworkx and networkx, in one run: CPU seconds and ratios.

    python -m benchmarks.reach [--nodes 10000] [--segmented] [--sample 200]

Peers walk the same graph of states from each identity (`descendants`) and count nothing; where all sources would take
too long, a sample is walked and the figure says that it is extrapolated.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import networkx as nx
import rustworkx as rx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.estate import Estate, Size
from graph.projection import View, project
from queries.exposure import exposures
from queries.kernels.sweep import has_numba
from queries.radii import actor_starts
from queries.reach import blast_radii, blast_radius

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds of the process, all threads together, and the result."""
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def fresh(view: View) -> View:
    """The view as if it had just been made."""
    view.memo.clear()
    return view


def per_source(name: str, starts: list[int], sample: int, walk: Callable[[int], object]) -> float:
    """The time for all starts, extrapolated from a sample where there are more than that."""
    some = starts if len(starts) <= sample else starts[:: len(starts) // sample]
    seconds, _ = timed(lambda: [walk(start) for start in some])
    whole = seconds * len(starts) / len(some)
    how = "full" if len(some) == len(starts) else f"extrapolated from {len(some)} sources"
    print(f"  {name:<42}{whole:10.3f} s  {how}")
    return whole


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--edges-per-node", type=int, default=10)
    parser.add_argument("--segmented", action="store_true")
    parser.add_argument("--sample", type=int, default=300)
    asked = parser.parse_args()
    size = Size(asked.nodes, asked.edges_per_node, giant=not asked.segmented)
    nodes, edges = Estate(size).rows()
    seconds, view = timed(lambda: project(nodes, edges, version=1))
    starts = actor_starts(view).tolist()
    print(
        f"{len(nodes)} nodes, {len(edges)} edges, {len(view.arcs.edge)} arcs, {len(starts)} identities"
    )
    print(f"  {'projection from rows':<42}{seconds:10.3f} s")
    ours: dict[str, float] = {}
    for name, fast in (("without numba", False), ("with numba", True)):
        if fast and not has_numba():
            continue
        if fast:
            blast_radii(fresh(view), fast=True)  # compile, or load what was compiled
        ours[name], table = timed(lambda fast=fast: blast_radii(fresh(view), fast=fast))  # type: ignore[misc]  # bound now
        print(
            f"  {'all blast radii, ' + name:<42}{ours[name]:10.3f} s  exact, per kind and weighted"
        )
        again, _ = timed(lambda fast=fast: blast_radii(view, fast=fast))  # type: ignore[misc]  # bound now
        print(f"  {'  the same, arcs already arranged':<42}{again:10.3f} s")
        seconds, _ = timed(lambda fast=fast: exposures(fresh(view), fast=fast))  # type: ignore[misc]  # bound now
        print(f"  {'all exposures, ' + name:<42}{seconds:10.3f} s")
    print(f"  mean assets per identity {table.assets.mean():.0f}, most {table.assets.max()}")
    blast_radius(view, view.nodes.ids[view.state_node[starts[0]]])
    some = [view.nodes.ids[view.state_node[start]] for start in starts[:: len(starts) // 10]]
    seconds, _ = timed(lambda: [blast_radius(view, start) for start in some])
    print(f"  {'one blast radius, costs and rows':<42}{seconds / len(some):10.4f} s")
    peers = compare(view, starts, asked.sample)
    for name, peer in peers.items():
        for mine, seconds in ours.items():
            print(f"  {name} / ours {mine}: {peer / seconds:.0f} x")


def compare(view: View, starts: list[int], sample: int) -> dict[str, float]:
    """The peers' times for walking from every start."""
    ends = list(zip(view.arcs.source.tolist(), view.arcs.target.tolist(), strict=True))
    fast: rx.PyDiGraph[int, None] = rx.PyDiGraph()
    fast.add_nodes_from(range(view.size))
    fast.add_edges_from_no_data(ends)
    plain = nx.DiGraph(ends)
    plain.add_nodes_from(starts)
    return {
        "rustworkx": per_source(
            "rustworkx descendants", starts, sample * 10, lambda start: rx.descendants(fast, start)
        ),
        "networkx": per_source(
            "networkx descendants", starts, sample, lambda start: nx.descendants(plain, start)
        ),
    }


if __name__ == "__main__":
    main()
