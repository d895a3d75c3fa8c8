"""`shadowgraph export`: the graph in the form that BloodHound reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from graph.errors import ConfigError, with_advice
from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption, StoreOption
from ui.desk import Desk
from ui.exits import Exit


def export(
    context: typer.Context,
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FOLDER", help="The folder for its files; made where it is missing."
        ),
    ],
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Write the graph as BloodHound OpenGraph: who may do what to what, with an icon for each kind.

    `opengraph.json` is uploaded as collected data is; `icons.json` is what `/api/v2/custom-nodes` takes.
    """
    from queries import opengraph
    from queries.measures import measures_of
    from ui.answer import Answer, give
    from ui.auditing import inventory_of, kept_findings
    from ui.completeness import completeness
    from ui.render.sheet import Sheet

    desk = Desk.of(context)
    with desk.store(store) as opened:
        known = completeness(opened)
        inventory = inventory_of(opened, desk.view(opened, store), desk.settings.context)
        measures = measures_of(inventory, kept_findings(opened, now=desk.now()))
        rows = inventory.rows
    try:
        out.mkdir(parents=True, exist_ok=True)
        icons = json.dumps(opengraph.icons(), indent=2, sort_keys=True)
        (out / "icons.json").write_text(f"{icons}\n", encoding="utf-8")
        told = _write(
            out / "opengraph.json",
            opengraph.nodes(rows.nodes, measures),
            opengraph.edges(rows.edges, rows.nodes),
        )
    except OSError as error:
        raise with_advice(
            ConfigError(f"`{out}` cannot be written: {error.strerror}"), "name another folder"
        ) from error
    file = str(out / "opengraph.json")
    written = {"file": file, "icons": str(out / "icons.json"), "nodes": told[0], "edges": told[1]}
    sheet = Sheet(("file", "nodes", "edges"), ((file, *told),))
    return give(desk, Answer(written, sheet, known), form)


def _write(path: Path, nodes: Iterable[object], edges: Iterable[object]) -> tuple[int, int]:
    """The payload, row by row, since a large graph is not to stand in memory as one text."""
    from queries.opengraph import SOURCE_KIND

    counts = []
    draft = path.with_name(f".{path.name}")  # a reader never takes half a graph for a whole one
    with draft.open("w", encoding="utf-8") as file:
        file.write(f'{{"metadata": {{"source_kind": "{SOURCE_KIND}"}}, "graph": {{"nodes": [')
        for rows, between in ((nodes, '], "edges": ['), (edges, "]}}\n")):
            count = 0
            for row in rows:
                file.write(("\n" if not count else ",\n") + json.dumps(row))
                count += 1
            file.write(f"\n{between}")
            counts.append(count)
    draft.replace(path)
    return counts[0], counts[1]


COMMAND = Command("export", export, Panel.ASK, 9)
