"""`shadowgraph demo`: the sample estate, loaded, summed up and served, with questions to try."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graph.errors import ConfigError, SourceError, with_advice
from ui.command import Command, Panel
from ui.commands.app import PortOption, place_of, serve_until_stopped
from ui.commands.options import Format, FormatOption
from ui.desk import PROGRAM, Desk
from ui.exits import Exit

if TYPE_CHECKING:
    from ingest.load import LoadReport
    from ui.completeness import Completeness
    from ui.serve import Place
    from ui.summary import Summary

SAMPLE = Path(__file__).parents[2] / "sample" / "snapshot"
STORE = "sqlite:///.demo/estate.db"
QUESTIONS = (
    (
        "a contractor who uploads a model reads the claims history",
        "paths --from irma.falk --to alderwick-prod-claims-history --capability READ",
    ),
    (
        "the same, with the policy texts and the removals",
        "paths --from irma.falk --to alderwick-prod-claims-history --capability READ --explain",
    ),
    ("what a person of the support team reaches", "blast marta.holm"),
    ("who reaches the data of all policy holders", "who alderwick-prod-policyholders"),
    ("what could not be read, and what would let it be read", "coverage"),
)


def demo(
    context: typer.Context,
    *,
    store: Annotated[
        str, typer.Option("--store", metavar="URL", help="Where to put the sample estate.")
    ] = STORE,
    form: FormatOption = Format.TABLE,
    port: PortOption = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="Do not serve the app; end after the summary.")
    ] = False,
) -> Exit:
    """Load the sample estate of an insurer, sum it up, say what to ask next and serve the app over it.

    The sample holds two calls that were refused, so that unknowns can be seen; the questions end with 3 because of
    them. The app listens on this machine only. `--headless`, as any form but the table, serves nothing. Ends with 0
    where the sample was loaded.
    """
    desk = Desk.of(context)
    place = None
    if form is Format.TABLE and not headless:
        place = _free(place_of(desk, port=port, address="127.0.0.1"))
    _show(desk, store, form=form)
    return Exit.CLEAN if place is None else serve_until_stopped(desk, store, place)


def _free(place: Place) -> Place:
    """The place, where it can be served at all: a taken port is told before the sample is loaded."""
    from ui.serve import listening, require_ui

    try:
        require_ui()
        listening(place).close()
    except ConfigError as error:
        error.add_note("or load the sample without the app: `--headless`")
        raise
    return place


def _show(desk: Desk, store: str, *, form: Format) -> None:
    """Load the sample and sum it up."""
    from ui.completeness import completeness
    from ui.loading import loaded
    from ui.render.text import to_json
    from ui.summary import summary

    if not SAMPLE.is_dir():
        raise with_advice(
            SourceError("the sample estate is not part of this installation"),
            "run `make demo` in a checkout of the source, or load a snapshot of your own",
        )
    _make_folder(store)
    with loaded(desk, SAMPLE, store, sample=True) as (opened, report):
        view, known = desk.view(opened, store), completeness(opened)
    found = summary(view)
    if form is Format.TABLE:
        desk.say(_text(report, found, known, store))
    else:
        desk.say(to_json({"completeness": known.plain(), "result": found.plain()}))


def _make_folder(url: str) -> None:
    """Make the folder of the default store; one that a user names must be there."""
    if url == STORE:
        Path(".demo").mkdir(exist_ok=True)


def _program() -> str:
    """How this program is called from where the user stands."""
    return PROGRAM if shutil.which(PROGRAM) else sys.argv[0]


def _text(report: LoadReport, found: Summary, known: Completeness, store: str) -> str:
    from ui.render.loading import load_lines
    from ui.render.sheet import Sheet, as_text, terminal_width
    from ui.render.summary import summary_text

    width = terminal_width(sys.stdout.isatty)
    head = (
        "the sample estate: an insurer with claims, pricing and payments models, in three accounts",
        *load_lines(report)[1:],
        *known.lines(),
    )
    place = shlex.quote(store)
    questions = tuple(
        line
        for about, command in QUESTIONS
        for line in (f"  # {about}", f"  {_program()} {command} --store {place}")
    )
    return (
        summary_text(found, head, width=width)
        + "\n"
        + as_text(Sheet((), (), ("ask next:", *questions)))
    )


COMMAND = Command("demo", demo, Panel.START, 1)
