"""The page of queries: the saved ones, and what one of them, or a statement of one's own, answers."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from graph.errors import EstateError
from graph.store import cypher_store
from graph.stores.neo4j_text import key_text
from queries.saved import Saved, saved
from ui.commands.options import QUERY_ROWS, QUERY_SECONDS
from ui.completeness import Completeness
from ui.lookup import find
from ui.pagemodels.links import Params
from ui.querying import asked, catalogue_sheet, rows_sheet
from ui.reading import Reading
from ui.render.sheet import Sheet


@dataclass(frozen=True, slots=True)
class QueryModel:
    """Everything that the page shows beside the answer: what may be asked, and what is chosen."""

    cypher: bool  # whether the store answers it
    catalogue: Sheet
    names: tuple[tuple[str, str], ...]
    chosen: Saved | None
    given: Mapping[str, str]
    missing: tuple[str, ...]
    rests_on: Completeness


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """The rows, or the one line that says why there are none; `loading` where they may not be of one version."""

    sheet: Sheet
    problem: str = ""
    advice: tuple[str, ...] = ()
    loading: str = ""
    command: str = ""


def build_model(reading: Reading, params: Params) -> QueryModel:
    """The model of what the address asks: `name`, and `p_` with the name of each parameter."""
    chosen = saved().get(params.get("name", ""))
    names = tuple((one.name, one.title) for one in saved().values())
    given: dict[str, str] = {}
    if chosen is not None:
        given = {one.name: params.get(f"p_{one.name}", "") for one in chosen.parameters}
    return QueryModel(
        cypher_store(reading.store) is not None,
        catalogue_sheet(),
        names,
        chosen,
        given,
        tuple(name for name, value in given.items() if not value),
        reading.known,
    )


def answer_saved(reading: Reading, model: QueryModel) -> QueryAnswer:
    """What the chosen query answers."""
    if model.chosen is None:
        return QueryAnswer(Sheet((), ()))
    try:
        bound = model.chosen.bound(model.given, lambda text: key_text(find(reading.view, text)))
    except EstateError as error:
        return _problem(error)
    told = [word for name, value in model.given.items() for word in ("-p", f"{name}={value}")]
    command = shlex.join(["shadowgraph", "query", model.chosen.name, *told])
    return _answer(reading, model.chosen.statement, bound, command)


def answer_own(reading: Reading, statement: str) -> QueryAnswer:
    """What a statement of one's own answers; it stays out of the address, so that no link runs one."""
    return _answer(reading, statement, {}, "shadowgraph query --cypher FILE")


def _answer(
    reading: Reading, statement: str, parameters: Mapping[str, object], command: str
) -> QueryAnswer:
    store = cypher_store(reading.store)
    if store is None:
        return QueryAnswer(Sheet((), ()))
    try:
        answered, _ = asked(store, statement, parameters, most=QUERY_ROWS, seconds=QUERY_SECONDS)
    except EstateError as error:
        return _problem(error)
    return QueryAnswer(rows_sheet(answered), "", (), answered.loading, command)


def _problem(error: EstateError) -> QueryAnswer:
    return QueryAnswer(Sheet((), ()), str(error), tuple(getattr(error, "__notes__", ())))
