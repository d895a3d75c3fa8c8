"""One figure of the questions, taken by the process that is started for it; the last line printed is JSON.

python -m benchmarks.question_figures FIGURE FOLDER
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.drawn import Regime, drawn
from benchmarks.drawn_view import view_of_drawn
from graph.model import NodeId
from graph.projection_cache import load
from graph.view import Flag, Keep, View
from queries.attack_paths import top_paths, usual_entries
from queries.choke import choke_points
from queries.exposure import exposures
from queries.grant_cut import grant_cut
from queries.kernels.condense import Condensed
from queries.kernels.layout import Layout
from queries.kernels.lists import Lists
from queries.kernels.search import kept
from queries.kernels.sweep import has_numba, warm_up
from queries.radii import actor_starts
from queries.reach import blast_radii, blast_radius

STAMP = ("drawn", "drawn")
Figure = Mapping[str, object]


def peak() -> int:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def timed(work: Callable[[], object]) -> float:
    """CPU seconds of the work, all threads together."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def warm() -> None:
    """Load the compiled kernels, or compile them."""
    small = view_of_drawn(drawn(300, Regime.GIANT))
    blast_radii(small)
    exposures(small)


def all_radii(view: View) -> Figure:
    """Every blast radius, from a view of which nothing is arranged yet."""
    begun = time.time()
    spent = timed(lambda: blast_radii(view))
    wall = time.time() - begun
    again = timed(lambda: blast_radii(view))
    note = f"{wall:.3g} s by the clock; {again:.3g} s with the arcs arranged"
    return {"seconds": spent, "note": note if has_numba() else f"without numba; {note}"}


def all_plain(view: View) -> Figure:
    """The same by numpy alone."""
    return {"seconds": timed(lambda: blast_radii(view, fast=False))}


def all_exposures(view: View) -> Figure:
    """How many reach each asset."""
    return {"seconds": timed(lambda: exposures(view))}


def one_radius(view: View) -> Figure:
    """One blast radius with costs and ways, the mean of ten identities; the arcs are arranged before."""
    starts = actor_starts(view)
    some = [view.nodes.ids[view.state_node[at]] for at in starts[:: max(1, len(starts) // 10)]]
    blast_radius(view, some[0])
    spent = timed(lambda: [blast_radius(view, start) for start in some])
    return {"seconds": spent / len(some), "note": f"mean of {len(some)}"}


def ends(view: View) -> tuple[list[NodeId], list[NodeId]]:
    """Who attacks in these figures, and what: everybody, and a hundred assets spread evenly."""
    present = int(Flag.ASSET | Flag.PRESENT)
    assets = np.flatnonzero((view.nodes.flags & present) == present)
    some = assets[:: max(1, len(assets) // 100)][:100]
    return list(usual_entries(view)), [view.nodes.ids[at] for at in some.tolist()]


def top_100(view: View) -> Figure:
    """The hundred cheapest loop-free paths of everybody to a hundred assets; the arcs are arranged before."""
    entries, targets = ends(view)
    first = timed(lambda: top_paths(view, entries, targets, 100))
    spent = timed(lambda: top_paths(view, entries, targets, 100))
    return {"seconds": spent, "note": f"{first:.3g} s with the arcs to arrange"}


def chokes(view: View) -> Figure:
    """Dominators of a hundred assets; nothing is counted again."""
    _, targets = ends(view)
    choke_points(view, targets[:1], recount=0)
    found = choke_points(view, targets, recount=0)
    spent = timed(lambda: choke_points(view, targets, recount=0))
    return {"seconds": spent, "note": f"100 targets, {found.pairs:,} pairs"}


def severed(view: View) -> Figure:
    """The fewest Grants between 150 identities and a hundred assets."""
    entries, targets = ends(view)
    found = grant_cut(view, entries[:150], targets)
    spent = timed(lambda: grant_cut(view, entries[:150], targets))
    return {"seconds": spent, "note": f"{found.cost} Grants, each falling by itself"}


def cold(_view: View) -> Figure:
    """The first sweep of a process, kernels compiled before: loading numba and its cache."""
    return {"seconds": timed(warm_up), "note": "the first sweep of a process, kernels in the cache"}


def networkx(view: View) -> Figure:
    """From each of some identities."""
    import networkx as nx  # noqa: PLC0415  # only this figure's process holds it

    graph = nx.DiGraph(list(zip(view.arcs.source.tolist(), view.arcs.target.tolist(), strict=True)))
    graph.add_nodes_from(actor_starts(view).tolist())
    return sampled(view, lambda start: nx.descendants(graph, start), 20)


def rustworkx(view: View) -> Figure:
    """From each of some identities."""
    import rustworkx as rx  # noqa: PLC0415  # as above

    graph: rx.PyDiGraph[int, None] = rx.PyDiGraph()
    graph.add_nodes_from(range(view.size))
    graph.add_edges_from_no_data(
        list(zip(view.arcs.source.tolist(), view.arcs.target.tolist(), strict=True))
    )
    return sampled(view, lambda start: rx.descendants(graph, start), 100)


def scipy(view: View) -> Figure:
    """From each of some identities."""
    from scipy.sparse import csr_array  # noqa: PLC0415  # as above
    from scipy.sparse.csgraph import breadth_first_order  # noqa: PLC0415  # as above

    way = kept(view, Keep())
    ones = np.ones(len(way.indices), dtype=np.int8)
    graph = csr_array((ones, way.indices, way.indptr), shape=(view.size, view.size))
    return sampled(
        view, lambda start: breadth_first_order(graph, start, return_predecessors=False), 100
    )


def sampled(view: View, walk: Callable[[int], object], most: int) -> Figure:
    """The time of all identities, from at most about so many, spread evenly."""
    starts = actor_starts(view).tolist()
    some = starts[:: max(1, len(starts) // most)]
    spent = timed(lambda: [walk(start) for start in some])
    return {
        "seconds": spent * len(starts) / len(some),
        "peer": True,
        "extrapolated": len(some) < len(starts),
        "note": f"{len(some)} of {len(starts)} sources",
    }


def roofline(view: View) -> Figure:
    """The least bytes of the sweep (one row read per edge and block), and the share of the machine's rate that it has."""
    seen: dict[str, Any] = {}
    if not has_numba():
        return {"note": "needs numba"}
    from queries.kernels import fast  # noqa: PLC0415  # numba is an optional extra

    whole = fast.add_up

    def watched(small: Condensed, layout: Layout, queries: Lists, looks: Any) -> Any:
        """The kernel, timed; only the first call counts, which is the sweep over all items."""
        begun = time.process_time()
        answer = whole(small, layout, queries, looks)
        seen.setdefault("spent", time.process_time() - begun)
        seen.setdefault("rows", len(small.successors))
        edges = len(small.successors.values) + len(queries.values)
        seen.setdefault("edges", edges)
        seen.setdefault("words", layout.words)
        return answer

    fast.add_up = watched
    blast_radii(view, fast=True)
    least = seen["edges"] * seen["words"] * 8
    gather, stream = rates(int(seen["rows"]))
    reached = least / seen["spent"]
    note = (
        f"{seen['edges']:,} edges x {seen['words']:,} words = {least / 1e9:.3g} GB at least, {reached / 1e9:.3g} GB/s:"
        f" {reached / gather:.0%} of {gather / 1e9:.3g} GB/s, random 64-byte reads of {seen['rows']:,} rows;"
        f" streaming {stream / 1e9:.3g} GB/s"
    )
    return {"seconds": seen["spent"], "note": note}


def rates(rows: int) -> tuple[float, float]:
    """Bytes a second and core: rows of 64 bytes read in random order, and a large array read from end to end."""
    from benchmarks.gather import gathered  # noqa: PLC0415  # needs numba

    pick = np.random.default_rng(1)
    table = pick.integers(0, 1 << 60, (max(rows, 1), 8)).astype(np.uint64)
    order = pick.integers(0, max(rows, 1), 4_000_000).astype(np.int32)
    gathered(table, order[:10])
    spent = timed(lambda: gathered(table, order))
    large = np.zeros(1 << 25, dtype=np.uint64)
    large += np.uint64(1)  # so that its pages are there
    streamed = timed(lambda: [np.bitwise_or.reduce(large) for _ in range(3)]) / 3
    return len(order) * 64 / spent, large.nbytes / streamed


FIGURES: dict[str, Callable[[View], Figure] | None] = {
    "all blast radii": all_radii,
    "all blast radii, without numba": all_plain,
    "all exposures": all_exposures,
    "one blast radius": one_radius,
    "kernels, cold": cold,
    "top 100 attack paths": top_100,
    "choke points": chokes,
    "smallest cut": severed,
    "roofline of all blast radii": roofline,
    "scipy": scipy,
    "rustworkx": rustworkx,
    "igraph": None,  # in an environment of its own
    "networkx": networkx,
}


def write_arcs(view: View, folder: Path) -> None:
    """The arcs for a peer that is asked in another environment."""
    starts, arcs = actor_starts(view), view.arcs
    head = np.array([view.size, len(starts), len(arcs.source)])
    body = np.concatenate((head, starts, arcs.source, arcs.target)).astype(np.int32)
    (folder / "arcs.bin").write_bytes(body.tobytes())


def main(figure: str, folder: Path) -> None:
    """Take the figure and print it."""
    view = load(folder, STAMP)
    if view is None:
        raise SystemExit("no drawn estate in the folder")
    if figure == "arcs":
        write_arcs(view, folder)
        return
    work = FIGURES[figure]
    if work is None:
        raise SystemExit(f"{figure} has an environment of its own")
    if figure not in {"kernels, cold", "scipy", "rustworkx", "networkx"}:
        warm()
    loaded = peak()
    found = work(view)
    print(json.dumps({"loaded_mb": loaded, **found, "peak_mb": peak()}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
