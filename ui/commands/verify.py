"""`shadowgraph verify`: how far our decisions and escalations agree with a corpus."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graph.errors import ConfigError, with_advice
from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption
from ui.desk import Desk
from ui.exits import Exit, worst

if TYPE_CHECKING:
    from ui.asking_aws import Against
    from ui.verifying import Measured


class Part(StrEnum):
    """What is measured."""

    DECISIONS = "decisions"
    ESCALATIONS = "escalations"


class Other(StrEnum):
    """Whose decisions ours are compared with."""

    AWS = "aws"


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
    against: Annotated[
        Other | None,
        typer.Option(
            "--against",
            metavar="aws",
            help="Ask iam:SimulatePrincipalPolicy about each decision as well, and compare. It answers by the policies "
            "that the account has now, not by those of the row.",
            case_sensitive=False,
        ),
    ] = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Measure the AWS evaluator or the escalation engine against a corpus with known answers.

    Rows that are not scored are run and not counted. Ends with 0 where every scored row is right, 1 where one is
    wrong or AWS differs, 2 where the file cannot be read, 3 where AWS did not answer or nothing could be compared with
    it. No store is needed.
    """
    from ui.verifying import decisions, escalations

    desk = Desk.of(context)
    if part is Part.ESCALATIONS:
        if against is not None:
            raise with_advice(
                ConfigError("AWS simulates decisions, not escalations"),
                "`shadowgraph verify decisions FILE --against aws`",
            )
        return _told(desk, form, escalations(path, instant=desk.now()))
    found = decisions(path, instant=desk.now(), questions=against is not None)
    if against is None:
        return _told(desk, form, found)
    from ui.asking_aws import against_aws

    return _told(desk, form, found, against_aws(desk, found))


def _told(desk: Desk, form: Format, found: Measured, against: Against | None = None) -> Exit:
    """Say what was found, and how the command ends."""
    from ui.render.sheet import as_csv, as_text, terminal_width
    from ui.render.text import plural, to_json
    from ui.render.verifying import against_lines, verify_sheet

    if form is Format.JSON:
        beside = {} if against is None else {"against_aws": against.plain()}
        desk.say(to_json(found.plain() | beside))
    elif form is Format.CSV:
        desk.say(as_csv(verify_sheet(found, against)))
    else:
        width = terminal_width(sys.stdout.isatty)
        desk.say(as_text(verify_sheet(found, against), width=width))
    unscored = len(found.rows) - len(found.scored)
    if unscored and form is not Format.TABLE:
        desk.remark(f"{plural(unscored, 'row')} not scored: run, not counted")
    if against is None:
        return Exit.FINDINGS if found.wrong else Exit.CLEAN
    if form is Format.CSV:
        for line in against_lines(against):
            desk.remark(line)
    return worst(
        Exit.FINDINGS if found.wrong or against.differ else Exit.CLEAN,
        Exit.CLEAN if against.complete else Exit.INCOMPLETE,
    )


COMMAND = Command("verify", verify, Panel.KNOW, 3)
