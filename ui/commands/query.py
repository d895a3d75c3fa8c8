"""`shadowgraph query`: a saved query, or Cypher of one's own, over a shared store."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graph.errors import ConfigError, with_advice
from ui.command import Command, Panel
from ui.commands.options import (
    QUERY_ROWS,
    QUERY_SECONDS,
    Format,
    FormatOption,
    StoreOption,
)
from ui.desk import Desk
from ui.exits import Exit

if TYPE_CHECKING:
    from graph.store import Store


def query(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A saved query; without one they are listed."),
    ] = None,
    *,
    given: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="KEY=VALUE", help="A parameter of the query."),
    ] = None,
    cypher: Annotated[
        Path | None,
        typer.Option(
            "--cypher", metavar="FILE", help="Cypher of one's own; `-` reads it from the input."
        ),
    ] = None,
    rows: Annotated[int, typer.Option("--rows", min=1, help="How many rows at most.")] = QUERY_ROWS,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, help="How long it may take.")
    ] = QUERY_SECONDS,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Ask the shared graph in Cypher: a saved query by name, or a statement that only reads.

    It needs a store on a Neo4j server. The named analyses (blast, who, paths ...) answer on every store.
    """
    from queries.saved import saved_query
    from ui.answer import Answer, give
    from ui.querying import asked, cypher_of, rows_sheet

    desk = Desk.of(context)
    if name is not None and cypher is not None:
        raise with_advice(
            ConfigError("name a saved query, or give a file, not both"), "shadowgraph query --help"
        )
    if name is None and cypher is None:
        return _listed(desk, form)
    entry = None if name is None else saved_query(name)
    statement = _read(cypher) if entry is None else entry.statement
    bound: Mapping[str, object] = _parameters(given or ())
    with desk.store(store) as opened:
        shared = cypher_of(opened)
        if entry is not None:
            bound = entry.bound(
                _parameters(given or ()), lambda text: _find(desk, opened, store, text)
            )
        answered, known = asked(shared, statement, bound, most=rows, seconds=seconds)
    result = {
        "columns": list(answered.columns),
        "rows": [list(row) for row in answered.rows],
        "more": answered.more,
        "loading": answered.loading,
    }
    ended = give(desk, Answer(result, rows_sheet(answered), known), form)
    return Exit.INCOMPLETE if answered.loading else ended


def _listed(desk: Desk, form: Format) -> Exit:
    from ui.querying import catalogue, catalogue_sheet
    from ui.render.sheet import as_csv, as_text, terminal_width
    from ui.render.text import to_json

    if form is Format.JSON:
        desk.say(to_json(catalogue()))
    elif form is Format.CSV:
        desk.say(as_csv(catalogue_sheet()))
    else:
        desk.say(as_text(catalogue_sheet(), width=terminal_width(sys.stdout.isatty)))
    return Exit.CLEAN


def _parameters(given: list[str] | tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        key, mark, value = one.partition("=")
        if not mark or not key:
            raise with_advice(ConfigError(f"`{one}` is no parameter"), "write -p key=value")
        found[key] = value
    return found


def _find(desk: Desk, opened: Store, named: str | None, text: str) -> str:
    from graph.stores.neo4j_text import key_text
    from ui.lookup import find

    return key_text(find(desk.view(opened, named), text))


def _read(path: Path | None) -> str:
    if path is None or str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise with_advice(
            ConfigError(f"`{path}` cannot be read"), "give a file with one statement"
        ) from error


COMMAND = Command("query", query, Panel.ASK, 8)
