"""`shadowgraph schema`: the declared kinds of nodes and edges, with their moves."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from ui.command import Command, Panel
from ui.desk import Desk
from ui.exits import Exit


class Page(StrEnum):
    """The form of the schema."""

    MARKDOWN = "markdown"
    JSON = "json"


def schema(
    context: typer.Context,
    *,
    form: Annotated[
        Page,
        typer.Option(
            "--format",
            "-f",
            case_sensitive=False,
            help="A page for people, or JSON Schema of rows.",
        ),
    ] = Page.MARKDOWN,
) -> Exit:
    """What the graph may hold: kinds of nodes and edges, their properties and their moves."""
    from graph.render import json_schema, markdown
    from graph.schema import schema as declared

    render = json_schema if form is Page.JSON else markdown
    Desk.of(context).say(render(declared()).rstrip("\n") + "\n")
    return Exit.CLEAN


COMMAND = Command("schema", schema, Panel.KNOW, 2)
