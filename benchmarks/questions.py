"""The questions beside other libraries, in one run: CPU seconds, peak memory, ratios, targets and the machine's limits.

    python -m benchmarks.questions [--nodes 10000 100000] [--regime giant] [--format table|json] [--only NAME ...]

Every figure is taken in a process of its own, which loads the drawn estate from a file, so that its peak memory is its
own. Seconds are those of the processor, all threads together. Peers walk the same graph of states, which is more than a
graph of nodes, from each identity and count nothing; what a sample of sources took, times their number, is marked `~`.
igraph (GPL) is installed into a cache folder, never imported here.

2026-11-26, two cores shared with other work (figures of peers differed by up to 2 x between runs), regime giant, seed 7:

| | 10k | 100k | 1M nodes | target |
|---|---|---|---|---|
| all blast radii | 0.051 s, 195 MB | 0.59 s, 439 MB | 13.5 s, 2.8 GB (1.3 GB the loaded view) | 0.05 / 1 / 40 s |
| without numba | 0.072 s | 0.75 s | not run | 6 s at 100k met |
| all exposures | 0.034 s | 0.34 s | 6.1 s, 2.4 GB | |
| one blast radius | | 0.022 s | | 0.02 s at 100k |
| top 100 attack paths | 0.015 s | 0.097 s | 1.0 s | 0.2 s at 1M missed |
| choke points of 100 targets, as bounds | 0.082 s | 0.79 s, later 2.4 s with edges bounded too | 17.6 s, before that | |
| smallest cut, a Grant an arc | 0.006 s | 0.031 s | 0.43 s | 0.05 / 1.5 s met |
| scipy | ~42 x ours | ~300 x | ~3,100 x | |
| rustworkx | ~61 x | ~520 x (~930 x in another run) | | |
| igraph | ~19 x | ~220 x (~310 x) | | |
| networkx | ~450 x | ~22,000 x | | |

Missed, and why:
- The stretch of all blast radii (0.02 / 0.3 / 8 s). The kernel alone takes 0.003 / 0.09 / 7.8 s, which is 16 / 27 / 53 % of
  the rate of random 64-byte reads; the rest is spent on sorting arcs and lists (`_arrange`, `condense`, `lay_out`).
- 10k meets or misses its target by a hair: 0.047 to 0.051 s in five runs. So does one blast radius, of which the search
  for costs alone takes about 0.013 s; its rows, made when they are asked for, take ten times as long.
- Top 100 at 1M: the search against the arrows, scipy's, takes nearly all of it over 24 million arcs.
- The first sweep of a process took 0.55 s with kernels and Python's byte code in their caches, and 1.8 s where no byte code
  was kept: scipy's import, numba's and its first call, 0.6 s each.
- The peak at 1M was not taken apart; the table of bits is 8 MB a thread of it. What reaches what is never written out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.drawn import Regime, drawn
from benchmarks.drawn_view import view_of_drawn
from benchmarks.peer_environment import Absent, environment
from benchmarks.question_figures import FIGURES, STAMP
from graph.projection_cache import save

_HERE = Path(__file__).parent
LARGE = 1_000_000  # nodes from which on figures that are too slow or too large are left out
TARGETS = {  # CPU seconds, by figure and number of nodes
    ("all blast radii", 10_000): 0.05,
    ("all blast radii", 100_000): 1.0,
    ("all blast radii", 1_000_000): 40.0,
    ("all blast radii, without numba", 100_000): 6.0,
    ("one blast radius", 100_000): 0.02,
    ("top 100 attack paths", 1_000_000): 0.2,
    ("smallest cut", 100_000): 0.05,
    ("smallest cut", 1_000_000): 1.5,
}
STRETCH = {10_000: 0.02, 100_000: 0.3, 1_000_000: 8.0}
SLOW = (
    "all blast radii, without numba",
    "rustworkx",
    "igraph",
    "networkx",
)  # left out of large estates


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: `seconds` and `peak_mb` None where it was not taken, and then `note` says why."""

    nodes: int
    regime: str
    figure: str
    seconds: float | None
    peak_mb: int | None
    loaded_mb: int | None
    target: float | None
    ratio: float | None  # to ours of all blast radii, for peers
    extrapolated: bool
    note: str


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(description="The questions beside other libraries.")
    parser.add_argument("--nodes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--regime", type=Regime, nargs="+", default=[Regime.GIANT])
    parser.add_argument("--format", choices=["table", "json"], default="table")
    parser.add_argument("--only", nargs="+", default=[])
    asked = parser.parse_args()
    told: list[Row] = []
    for nodes in asked.nodes:
        for regime in asked.regime:
            if asked.format == "table":
                print(f"\n{nodes} nodes, {regime}")
            for row in rows(nodes, regime, asked.only):
                told.append(row)
                if asked.format == "table":
                    print(line(row), flush=True)
    if asked.format == "json":
        print(json.dumps([asdict(row) for row in told], indent=2))


def rows(nodes: int, regime: Regime, only: list[str]) -> Iterator[Row]:
    """The figures of one estate; those that peers are compared with come first."""
    ours: float | None = None
    with tempfile.TemporaryDirectory() as folder:
        keep_view(Path(folder), nodes, regime)
        for figure in FIGURES:
            if only and figure not in only:
                continue
            found = taken(figure, Path(folder), nodes)
            seconds = found.get("seconds")
            if figure == "all blast radii" and isinstance(seconds, float):
                ours = seconds
            peer = bool(found.get("peer")) and isinstance(seconds, float) and ours
            yield Row(
                nodes=nodes,
                regime=str(regime),
                figure=figure,
                seconds=seconds,  # type: ignore[arg-type]  # a figure's process prints a number
                peak_mb=found.get("peak_mb"),  # type: ignore[arg-type]  # as above
                loaded_mb=found.get("loaded_mb"),  # type: ignore[arg-type]  # as above
                target=TARGETS.get((figure, nodes)),
                ratio=seconds / ours if peer and isinstance(seconds, float) and ours else None,
                extrapolated=bool(found.get("extrapolated")),
                note=str(found.get("note", "")),
            )


def keep_view(folder: Path, nodes: int, regime: Regime) -> None:
    """Draw the estate in a process of its own: what drawing takes is nobody's peak."""
    words = [str(folder), str(nodes), str(regime)]
    subprocess.run([sys.executable, "-m", "benchmarks.questions", "--draw", *words], check=True)


def draw(folder: str, nodes: str, regime: str) -> None:
    """What that process does."""
    save(Path(folder), STAMP, view_of_drawn(drawn(int(nodes), Regime(regime))))


def taken(figure: str, folder: Path, nodes: int) -> dict[str, object]:
    """The figure from a process of its own, or a note that says why there is none."""
    if nodes >= LARGE and figure in SLOW:
        return {"note": "not run: it would take hours, or more memory than there is"}
    words = [sys.executable, "-m", "benchmarks.question_figures", figure, str(folder)]
    if figure == "igraph":
        try:
            words = igraph_words(folder)
        except Absent as absent:
            return {"note": f"not run: {str(absent)[:120]}"}
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
        return {"note": f"failed: {last}"}
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def igraph_words(folder: Path) -> list[str]:
    """How igraph is run; its arcs are written to a file first. `Absent` where it cannot be installed."""
    python = environment("igraph", "1.0.0") / "bin" / "python"
    words = [sys.executable, "-m", "benchmarks.question_figures", "arcs", str(folder)]
    subprocess.run(words, check=True)
    return [str(python), "-I", str(_HERE / "igraph_driver.py"), str(folder / "arcs.bin")]


def line(row: Row) -> str:
    """The row as the table shows it."""
    if row.seconds is None:
        return f"  {row.figure:<34}{'-':>11}  {row.note}"
    words = [f"{'~' if row.extrapolated else ''}{row.seconds:.4g} s".rjust(11)]
    words.append(f"{row.peak_mb} MB".rjust(9))
    words.append("" if row.loaded_mb is None else f"({row.loaded_mb} MB loaded)")
    if row.ratio is not None:
        words.append(f"{row.ratio:,.0f} x ours")
    if row.target is not None:
        met = "met" if row.seconds <= row.target else "missed"
        words.append(f"target {row.target:g} s: {met}")
        if row.figure == "all blast radii":
            far = STRETCH[row.nodes]
            words.append(f"stretch {far:g} s: {'met' if row.seconds <= far else 'missed'}")
    return f"  {row.figure:<34}{' '.join(words)}  {row.note}".rstrip()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--draw"]:
        draw(*sys.argv[2:5])
    else:
        main()
