"""The command line: every declared command, and the one place that reports what went wrong."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import ui.commands
from graph.errors import EstateError
from ui.command import Command, Panel
from ui.desk import PROGRAM, Desk, tool_version
from ui.exits import Exit
from ui.render.text import safe

DEBUG_VARIABLE = "SHADOWGRAPH_DEBUG"


def commands() -> tuple[Command, ...]:
    """All commands, in the order in which the help lists them."""
    found = (
        importlib.import_module(f"ui.commands.{entry.name}")
        for entry in pkgutil.iter_modules(ui.commands.__path__)
    )
    panels = list(Panel)
    return tuple(
        sorted(
            (module.COMMAND for module in found if hasattr(module, "COMMAND")),
            key=lambda command: (panels.index(command.panel), command.place),
        )
    )


def _start(
    context: typer.Context,
    *,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="No progress and no remarks; answers and errors only."),
    ] = False,
    show_version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True)
    ] = False,
) -> Exit | None:
    """Who can reach what in an AI estate: read it, ask it, and see what every answer rests on.

    Exit codes: 0 answered from complete data, 1 findings, 2 wrong use or unreadable input, 3 answered from
    incomplete data.
    """
    if show_version:
        typer.echo(f"{PROGRAM} {tool_version()}")
        raise typer.Exit(Exit.CLEAN)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(Exit.WRONG)
    from ui import log  # noqa: PLC0415  # the help needs no logging
    from ui.settings import read_settings  # noqa: PLC0415  # nor any settings

    settings = read_settings(os.environ, Path.cwd())
    log.configure(settings.log)
    context.obj = Desk(settings, quiet=quiet)
    return None


class Listing(TyperGroup):
    """The group of all commands; its help lists them part by part, a whole sentence each."""

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]  # typer hides the base types
        """Write a section for each part."""
        del ctx
        listed = commands()
        for panel in Panel:
            rows = [
                (command.name, (command.run.__doc__ or "").partition("\n")[0])
                for command in listed
                if command.panel is panel
            ]
            if rows:
                with formatter.section(panel.value):
                    formatter.write_dl(rows)


def application() -> typer.Typer:
    """The program, with every command in its part of the help."""
    app = typer.Typer(
        name=PROGRAM,
        cls=Listing,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # its help costs three times the start of everything else
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback(invoke_without_command=True)(_start)
    for command in commands():
        app.command(command.name)(command.run)
    return app


def _tell(message: str, advice: Iterable[str] = ()) -> None:
    for line in (f"{PROGRAM}: {message}", *advice):
        sys.stderr.write(f"{safe(line)}\n")


def _usage(wrong: typer.TyperException) -> Exit:
    """Report a command line that does not parse, with the help to look at."""
    message = wrong.format_message().strip().rstrip(".").replace("\n", " ")
    context = getattr(wrong, "ctx", None)
    path = context.command_path if context is not None else PROGRAM
    _tell(message[:1].lower() + message[1:], (f"see `{path} --help`",))
    return Exit.WRONG


def _crash(fault: Exception) -> Exit:
    """Report a fault of the program in one line; the trace only where it was asked for."""
    if os.environ.get(DEBUG_VARIABLE, "0") not in {"", "0"}:
        sys.stderr.write("".join(traceback.format_exception(fault)))
    reason = str(fault).splitlines()[0] if str(fault) else ""
    _tell(
        f"unexpected {type(fault).__name__}{': ' if reason else ''}{reason}",
        (f"this is a fault of the program; {DEBUG_VARIABLE}=1 shows where it happened",),
    )
    return Exit.CRASHED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    try:
        ended = application()(
            args=None if arguments is None else list(arguments),
            prog_name=PROGRAM,
            standalone_mode=False,
        )
    except EstateError as error:
        _tell(str(error), getattr(error, "__notes__", ()))
        return Exit.WRONG
    except typer.Abort:
        return Exit.STOPPED
    except typer.TyperException as wrong:
        return _usage(wrong)
    except Exception as fault:  # noqa: BLE001 - the one place that reports crashes
        return _crash(fault)
    return int(ended or Exit.CLEAN)
