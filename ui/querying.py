"""Asking a shared store in Cypher, for the command and the page: what may be asked, and the rows as a sheet."""

from __future__ import annotations

from collections.abc import Mapping

from graph.errors import QueryError, with_advice
from graph.store import Answered, CypherStore, Store, cypher_store
from queries.saved import saved
from ui.completeness import Completeness, completeness
from ui.render.sheet import Sheet, Value
from ui.render.text import plural, to_json


def cypher_of(store: Store) -> CypherStore:
    """The store as one that answers Cypher; `QueryError` where it does not."""
    shared = cypher_store(store)
    if shared is None:
        raise with_advice(
            QueryError("Cypher needs a store on a Neo4j server"),
            "name one: --store neo4j://host:7687; blast, who, paths and the others answer on every store",
        )
    return shared


def asked(
    store: CypherStore,
    statement: str,
    parameters: Mapping[str, object],
    *,
    most: int,
    seconds: float,
) -> tuple[Answered, Completeness]:
    """What the statement answers, and what that rests on."""
    answered = store.ask(statement, parameters, most=most, seconds=seconds)
    return answered, completeness(store)


def rows_sheet(answered: Answered) -> Sheet:
    """The rows for people and programs: what is no single value is told as JSON."""
    rows = tuple(tuple(_cell(value) for value in row) for row in answered.rows)
    below = []
    if answered.more:
        below.append(
            f"there are more than these {plural(len(rows), 'row')}: ask for more with --rows"
        )
    if answered.loading:
        below.append(answered.loading)
    return Sheet(answered.columns, rows, (), tuple(below))


def _cell(value: object) -> Value:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return to_json(value).strip()


def catalogue() -> list[dict[str, object]]:
    """All saved queries as plain types, for JSON."""
    return [
        {
            "name": one.name,
            "title": one.title,
            "question": one.question,
            "parameters": [
                {"name": held.name, "takes": held.sort.value, "says": held.says}
                for held in one.parameters
            ],
            "columns": list(one.columns),
        }
        for one in saved().values()
    ]


def catalogue_sheet() -> Sheet:
    """All saved queries for people."""
    rows = tuple(
        (one.name, ", ".join(held.name for held in one.parameters), one.question)
        for one in saved().values()
    )
    return Sheet(
        ("name", "parameters", "question"),
        rows,
        (),
        ("ask one: shadowgraph query NAME -p KEY=VALUE --store neo4j://host:7687",),
    )
