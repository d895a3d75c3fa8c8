"""`shadowgraph ui`: the app over a store, served until it is asked to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ui.command import Command, Panel
from ui.commands.options import StoreOption
from ui.desk import PROGRAM, Desk
from ui.exits import Exit

if TYPE_CHECKING:
    from ui.serve import Place

PortOption: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--port",
        metavar="PORT",
        min=0,
        max=65_535,
        help="The port to listen on, 0 for a free one; else that of the settings.",
    ),
]


def ui(
    context: typer.Context,
    *,
    store: StoreOption = None,
    port: PortOption = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--address",
            metavar="ADDRESS",
            help="The address to listen on; whoever reaches it reads the estate.",
        ),
    ] = None,
) -> Exit:
    """Serve the app over a store and tell its address, until Ctrl-C or a termination ends it.

    There is no sign-in: the app listens on this machine only, unless the settings or `--address` say otherwise. A
    store that is missing yet is served as well; the app then says how to make one. Ends with 0 when asked to stop.
    """
    desk = Desk.of(context)
    return serve_until_stopped(desk, store, place_of(desk, port=port, address=address))


def place_of(desk: Desk, *, port: int | None = None, address: str | None = None) -> Place:
    """Where to serve: what the command line names, else what the settings say."""
    from ui.serve import Place

    named = desk.settings.ui
    return Place(
        address=address or named.address,
        port=named.port if port is None else port,
        hosts=named.allowed_hosts,
    )


def serve_until_stopped(desk: Desk, store: str | None, place: Place) -> Exit:
    """Serve the app and tell its address once it listens."""
    from ui.serve import serve

    if not place.only_here:
        desk.remark(
            "anyone who reaches this address reads the estate: there is no sign-in "
            f"(answers to the names {', '.join(place.names)})"
        )
    serve(place, store=desk.url(store), told=lambda url: desk.say(f"{PROGRAM} is at {url}\n"))
    return Exit.CLEAN


COMMAND = Command("ui", ui, Panel.START, 3)
