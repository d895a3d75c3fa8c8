"""`shadowgraph load`: a snapshot or an exported file becomes one run of the store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption, StoreOption
from ui.desk import Desk
from ui.exits import Exit


def load(
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="A snapshot folder, the output of `aws iam get-account-authorization-details`, log files, or a system of record: a Terraform state or plan, an inventory, a list of leavers.",
        ),
    ],
    *,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Read a snapshot or an exported file into the store, and decide who may do what.

    The store is made where there is none. Ends with 3 where some call of the snapshot was not answered.
    """
    from ui.loading import loaded
    from ui.render.loading import load_sheet, plain_load
    from ui.render.sheet import as_csv, as_text, terminal_width
    from ui.render.text import to_json

    desk = Desk.of(context)
    with loaded(desk, path, store) as (_store, report):
        pass
    if form is Format.JSON:
        desk.say(to_json(plain_load(report)))
    elif form is Format.CSV:
        desk.say(as_csv(load_sheet(report)))
    else:
        desk.say(as_text(load_sheet(report), width=terminal_width(sys.stdout.isatty)))
    return Exit.CLEAN if report.complete else Exit.INCOMPLETE


COMMAND = Command("load", load, Panel.START, 4)
