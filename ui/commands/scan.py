"""`shadowgraph scan`: read clouds and load what was read; what a schedule runs."""

from __future__ import annotations

import sys

import typer

from ui.command import Command, Panel
from ui.commands.collect import AccountsOption, RegionsOption, ToOption, gathered
from ui.commands.options import Format, FormatOption, StoreOption
from ui.desk import Desk
from ui.exits import Exit


def scan(
    context: typer.Context,
    *,
    to: ToOption = None,
    accounts: AccountsOption = None,
    regions: RegionsOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Read AWS into a snapshot folder, load it into the store, and decide who may do what.

    What could not be read keeps what earlier runs read of it. The setting `records.files` names systems of record that
    are loaded as well. Ends with 3 where some call was not answered.
    """
    from ingest.intake import record_intake
    from ui.loading import loaded
    from ui.render.collecting import collection_lines, plain_collection
    from ui.render.loading import load_sheet, plain_load
    from ui.render.sheet import as_csv, as_text, terminal_width
    from ui.render.text import to_json

    desk = Desk.of(context)
    records = [record_intake(path) for path in desk.settings.records]  # before hours of reading
    collection = gathered(desk, to, accounts, regions)
    with loaded(desk, collection.folder, store, records=records) as (_store, report):
        pass
    if form is Format.JSON:
        desk.say(to_json({"collect": plain_collection(collection), "load": plain_load(report)}))
    elif form is Format.CSV:
        desk.say(as_csv(load_sheet(report)))
    else:
        for line in collection_lines(collection):
            desk.remark(line)
        desk.say(as_text(load_sheet(report), width=terminal_width(sys.stdout.isatty)))
    complete = collection.collected.complete and report.complete
    return Exit.CLEAN if complete else Exit.INCOMPLETE


COMMAND = Command("scan", scan, Panel.START, 3)
