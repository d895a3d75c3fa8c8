"""`shadowgraph coverage`: what was read, what was refused, and which permission is missing."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption, StoreOption
from ui.desk import Desk
from ui.exits import Exit


def coverage(
    context: typer.Context,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="List the calls that were answered as well.")
    ] = False,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """What was read, what was not, and the permission that would let it be read."""
    from ui.answer import Answer, give
    from ui.completeness import completeness
    from ui.loading import kept_remarks, odd_remarks
    from ui.render.coverage import coverage_rows, coverage_sheet

    desk = Desk.of(context)
    with desk.store(store) as opened:
        known, rows = completeness(opened), opened.coverage()
        remarks = tuple(sorted({*kept_remarks(opened), *odd_remarks(opened)}))
    outcomes = Counter(row.outcome.value for row in rows)
    result = {
        "outcomes": dict(sorted(outcomes.items())),
        "calls": coverage_rows(rows),
        "remarks": [remark.plain() for remark in remarks],
    }
    sheet = coverage_sheet(rows, known, remarks, every=every)
    whole = coverage_sheet(rows, known, remarks, every=True)
    return give(desk, Answer(result, sheet, known, whole), form)


COMMAND = Command("coverage", coverage, Panel.KNOW, 1)
