"""`shadowgraph verify`: how far our decisions and escalations agree with a corpus."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption
from ui.desk import Desk
from ui.exits import Exit


class Part(StrEnum):
    """What is measured."""

    DECISIONS = "decisions"
    ESCALATIONS = "escalations"


def verify(
    context: typer.Context,
    part: Annotated[
        Part,
        typer.Argument(
            metavar="decisions|escalations",
            help="Single authorization decisions, or escalations in whole accounts.",
            case_sensitive=False,
        ),
    ],
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="The corpus: one row a line, as JSON.")
    ],
    *,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Measure the AWS evaluator or the escalation engine against a corpus with known answers.

    Rows that are not scored are run and not counted. Ends with 0 where every scored row is right, 1 where one is
    wrong, 2 where the file cannot be read. No store is needed.
    """
    from ui.render.sheet import as_csv, as_text, terminal_width
    from ui.render.text import plural, to_json
    from ui.render.verifying import verify_sheet
    from ui.verifying import decisions, escalations

    desk = Desk.of(context)
    measure = decisions if part is Part.DECISIONS else escalations
    found = measure(path, instant=desk.now())
    if form is Format.JSON:
        desk.say(to_json(found.plain()))
    elif form is Format.CSV:
        desk.say(as_csv(verify_sheet(found)))
    else:
        desk.say(as_text(verify_sheet(found), width=terminal_width(sys.stdout.isatty)))
    unscored = len(found.rows) - len(found.scored)
    if unscored and form is not Format.TABLE:
        desk.remark(f"{plural(unscored, 'row')} not scored: run, not counted")
    return Exit.FINDINGS if found.wrong else Exit.CLEAN


COMMAND = Command("verify", verify, Panel.KNOW, 3)
