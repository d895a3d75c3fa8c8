"""`shadowgraph import`: what another program's graph says, as context."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption, StoreOption
from ui.desk import Desk
from ui.exits import Exit


def import_graph(
    context: typer.Context,
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="The server that Cartography writes to, e.g. neo4j://host:7687."
        ),
    ],
    *,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Take the AWS identities and AI assets of a Cartography graph as inferred context.

    What is read from AWS itself takes their place; access is never taken from there.
    """
    from ingest.cartography import cartography_intake
    from ui.loading import taken_in
    from ui.render.loading import load_sheet, plain_load
    from ui.render.progress import progress
    from ui.render.sheet import as_csv, as_text, terminal_width
    from ui.render.text import to_json

    desk = Desk.of(context)
    intake = cartography_intake(url, os.environ)
    with progress(desk) as told, desk.store(store, create=True) as opened:
        report = taken_in(desk, opened, store, intake, told, source=url)
    if form is Format.JSON:
        desk.say(to_json(plain_load(report)))
    elif form is Format.CSV:
        desk.say(as_csv(load_sheet(report)))
    else:
        desk.say(as_text(load_sheet(report), width=terminal_width(sys.stdout.isatty)))
    return Exit.CLEAN if report.complete else Exit.INCOMPLETE


COMMAND = Command("import", import_graph, Panel.START, 8)
