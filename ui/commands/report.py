"""`shadowgraph report`: what a schedule writes: what is new, still open and gone, in every form, and a short message."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from ui.command import Command, Panel
from ui.commands.options import StoreOption
from ui.desk import Desk
from ui.exits import Exit, worst

NameArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="shadow or privilege.")
]
SinceOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--since", help="What to compare with: `last` report, the number of a run, or a day."
    ),
]
FormsOption: TypeAlias = Annotated[
    str, typer.Option("--format", "-f", help="The forms, with commas: html, csv, xlsx, json.")
]
OutOption: TypeAlias = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="Where the files are written.")
]
NotifyOption: TypeAlias = Annotated[
    bool,
    typer.Option("--notify", help="Send the short message by the mail and webhook that are set."),
]


def report(
    context: typer.Context,
    name: NameArgument,
    *,
    since: SinceOption = "last",
    forms: FormsOption = "html,csv,xlsx,json",
    out: OutOption = Path("reports"),
    notify: NotifyOption = False,
    store: StoreOption = None,
) -> Exit:
    """Write a report on the newest version; the same version gives the same files, however often it is asked for.

    Ends with 1 where something is new or open, with 3 where the data behind it was not complete.
    """
    from ui.notify import notified
    from ui.render.reports import forms_of, only_one, write
    from ui.report import named_report, remember

    desk = Desk.of(context)
    wanted = forms_of(forms)
    with only_one(out), desk.store(store) as opened:
        context_ = desk.settings.context
        made = named_report(opened, name, since=since, now=desk.now(), context=context_)
        files = write(made, out, wanted)
        remember(opened, made, tuple(path.name for path in files))
        sent = notified(opened, made, desk.settings.notify) if notify else ()
    for line in made.head():
        desk.remark(line)
    for path in files:
        desk.say(f"{path}\n")
    for channel in sent:
        desk.remark(f"sent by {channel}")
    found = Exit.FINDINGS if made.calls_for_action else Exit.CLEAN
    return worst(found, Exit.CLEAN if made.rests_on.complete else Exit.INCOMPLETE)


COMMAND = Command("report", report, Panel.REVIEW, 4)
