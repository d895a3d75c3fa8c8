"""How long the app takes: `python -m benchmarks.pages [--nodes N]`.

Two figures. The first page over the sample estate: wall seconds to a drawn overview in a real browser, from the start of
the command and from the moment at which it told its address. And each page over a large store after the first: CPU seconds of one whole run of the app's script, each time
with another question, so that nothing was worked out before; what a run costs on an empty store stands beside it, as
that is what the frame costs by itself.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from access.resolve import resolve
from benchmarks.bulk import beside
from graph.model import Batch, Capability
from graph.stores import open_store
from graph.view import Flag, View
from queries.exposure import exposure
from ui.reading import open_reading

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 3, 6, tzinfo=UTC)
SCRIPT = """
import streamlit as st
from ui.navigation import page_objects
from ui.page import pages
from ui.shell import frame

objects = page_objects()
st.navigation(list(objects.values()), position="hidden")
frame(next(page for page in pages() if page.url_path == {page!r}), objects)
"""
QUESTIONS = 12


def sample_store(path: Path) -> str:
    """The sample estate in a store of its own, as the program itself loads it: with what a load keeps for the pages."""
    url = f"sqlite:///{path}"
    program = [str(Path(sys.executable).with_name("shadowgraph")), "demo", "--headless"]
    subprocess.run([*program, "--store", url], cwd=ROOT, check=True, capture_output=True)
    return url


def large_store(sample: str, path: Path, *, nodes: int) -> str:
    """The sample estate with a generated one beside it."""
    facts = open_store(sample).facts()
    small = Batch(facts.nodes, facts.edges, facts.attachments, facts.documents)
    rows = beside(small, resolve(facts, instant=NOW), nodes=nodes, edges_per_node=9)
    store = open_store(f"sqlite:///{path}", create=True)
    with store.begin(started=NOW, tool_version="benchmark") as run:
        run.put(_one_key(rows.batch))
        run.cover((*facts.coverage, rows.call))
        run.close_unseen()
        run.conclude(rows.conclusions)
        run.commit()
    store.close()
    return f"sqlite:///{path}"


def _one_key(batch: Batch) -> Batch:
    """Every row under one of the keys that assert it: a run takes a row from one call at a time."""

    def first(row: object) -> object:
        keys = row.asserted_by  # type: ignore[attr-defined]  # nodes, edges and attachments
        return replace(row, asserted_by=frozenset(sorted(keys)[:1]))  # type: ignore[type-var]  # as above

    return Batch(
        tuple(map(first, batch.nodes)),  # type: ignore[arg-type]  # as above
        tuple(map(first, batch.edges)),  # type: ignore[arg-type]  # as above
        tuple(map(first, batch.attachments)),  # type: ignore[arg-type]  # as above
        batch.documents,
        (),
    )


def found_paths(view: View) -> list[dict[str, str]]:
    """Paths of the sample that are there, each from another identity, so that each is explained and its fixes counted."""
    data = [view.nodes.ids[at] for at in view.where(Flag.ASSET).tolist()]
    prod = [one for one in data if one.startswith("arn:aws:s3:::alderwick-prod")]
    pairs = {
        row.identity: {"from": row.identity, "to": asset, "cap": "READ"}
        for asset in prod
        for row in exposure(view, asset, capability=Capability.READ).identities
        if row.steps > 3
    }
    return list(pairs.values())


def questions(view: View, page: str) -> Iterator[dict[str, str]]:
    """Different questions for a page; paths are between ends of the sample, so that they are explained."""
    chance = random.Random(5)
    actors = [view.nodes.ids[at] for at in view.where(Flag.ACTOR).tolist()]
    assets = [view.nodes.ids[at] for at in view.where(Flag.ASSET).tolist()]
    paths = found_paths(view) if page == "path" else [{}]
    chance.shuffle(paths)
    for number in range(QUESTIONS):
        yield {
            "": {"since": str(number)},
            "blast": {"id": chance.choice(actors)},
            "path": paths[number % len(paths)],
            "asset": {
                "id": chance.choice(assets),
                "tab": ("facts", "in", "out", "history")[number % 4],
            },
            "sources": {"outcome": ("", "denied", "ok")[number % 3]},
        }[page]


def page_costs(url: str, *, known: View | None = None) -> None:
    """Print the CPU seconds of a run of each page, after the first."""
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415  # only this part needs it

    os.environ["SHADOWGRAPH_STORE"], os.environ["SHADOWGRAPH_NOW"] = url, NOW.isoformat()
    for page in ("", "blast", "path", "asset", "sources"):
        costs = []
        for params in questions(known, page) if known else [dict[str, str]()] * 5:
            at = AppTest.from_string(SCRIPT.format(page=page), default_timeout=600)
            at.query_params.update(params)
            begun = time.process_time()
            at.run()
            costs.append(time.process_time() - begun)
            if at.exception:
                sys.exit(f"{page}: {at.exception}")
        later = sorted(costs[1:])
        print(
            f"  {page or 'overview':9} first {costs[0]:6.2f}   then median {statistics.median(later):.3f}"
            f"   worst {later[-1]:.3f} CPU s"
        )


def first_page(url: str) -> tuple[float, float]:
    """Wall seconds to a drawn overview in a browser: from starting the command, and from its telling the address."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # only this part needs it

    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        page = browser.new_page()
        begun = time.perf_counter()
        program = [
            str(Path(sys.executable).with_name("shadowgraph")),
            "ui",
            "--store",
            url,
            "--port",
            "8597",
        ]
        with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
            try:
                if server.stdout is None or "http" not in server.stdout.readline():
                    sys.exit("the app did not say where it listens")
                told = time.perf_counter()
                page.goto("http://127.0.0.1:8597/")
                page.get_by_text("What to fix first").wait_for(timeout=60_000)
                drawn = time.perf_counter()
                return drawn - begun, drawn - told
            finally:
                server.terminate()
                browser.close()


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description="Measure the app's pages.")
    parser.add_argument("--nodes", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sample = sample_store(Path(folder) / "sample.db")
        tries = sorted(first_page(sample) for _ in range(5))
        started, told = (statistics.median(column) for column in zip(*tries, strict=True))
        print(
            f"first page over the sample, medians of {len(tries)}: {told:.2f} s after the address was told, "
            f"{started:.2f} s after the command was started"
        )
        nothing = f"sqlite:///{Path(folder) / 'none.db'}"
        print("pages over no store at all: what the frame costs by itself")
        page_costs(nothing)
        large = large_store(sample, Path(folder) / "large.db", nodes=options.nodes)
        reading = open_reading(large, cache=Path(f"{folder}/cache")).reading
        if reading is None:
            sys.exit("the large store cannot be read")
        nodes, arcs = len(reading.view.nodes.ids), len(reading.view.arcs.edge)
        print(f"pages over {nodes:,} nodes and {arcs:,} moves")
        page_costs(large, known=reading.view)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MiB")


if __name__ == "__main__":
    main()
