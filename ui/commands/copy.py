"""`shadowgraph copy`: a store, whole, into another one."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption
from ui.desk import Desk
from ui.exits import Exit


def copy(
    context: typer.Context,
    *,
    source: Annotated[
        str,
        typer.Option("--from", metavar="URL", help="The store to copy, e.g. sqlite:///estate.db."),
    ],
    target: Annotated[
        str,
        typer.Option(
            "--to", metavar="URL", help="An empty one, e.g. neo4j://host:7687; a file is made."
        ),
    ],
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Copy a store to a server, or from there to a file: graph, history, findings and decisions.

    The target is empty: nothing is ever replaced or mixed.
    """
    from graph.projection import view_of
    from graph.stores import open_store
    from graph.stores.copying import copy_store
    from ui.auditing import publish
    from ui.render.progress import progress
    from ui.render.sheet import Sheet, as_csv, as_text, terminal_width
    from ui.render.text import to_json

    desk = Desk.of(context)
    with progress(desk) as told:
        made = copy_store(source, target, told=told)
        opened = open_store(target)
        try:
            if opened.abilities.cypher and made.version:
                view = view_of(opened, cache=None)
                publish(opened, view, desk.settings.context, now=desk.now(), told=told)
        finally:
            opened.close()
    sheet = Sheet(("what", "in the target"), tuple(asdict(made).items()))
    if form is Format.JSON:
        desk.say(to_json(asdict(made)))
    elif form is Format.CSV:
        desk.say(as_csv(sheet))
    else:
        desk.say(as_text(sheet, width=terminal_width(sys.stdout.isatty)))
    return Exit.CLEAN


COMMAND = Command("copy", copy, Panel.START, 9)
