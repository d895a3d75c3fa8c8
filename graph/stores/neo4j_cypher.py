"""Cypher that somebody wrote: it may read, within a time and a number of rows, and do nothing else.

A read transaction alone is no guard: it lets files and addresses be loaded, other transactions be ended, and the server's
settings and users be listed. So the server explains the statement first; what is no plain read, or has a step that this
module does not know to be harmless, is refused before it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, LiteralString, cast

import neo4j
from neo4j.exceptions import ClientError, CypherSyntaxError
from neo4j.graph import Node, Path, Relationship

from graph.errors import QueryError, with_advice
from graph.store import Answered
from graph.stores.neo4j_link import Link

PROCEDURES = frozenset(
    {"db.labels", "db.propertykeys", "db.relationshiptypes", "db.schema.visualization"}
)
"""The procedures that a statement may call: they tell names and nothing else."""
_REFUSED = re.compile(
    r"load|show|terminate|transaction|administration|command|procedure"
    r"|create|delete|remove|merge|foreach|drop|alter|grant|revoke|deny|^set",
    re.IGNORECASE,
)
_PROCEDURE = re.compile(r"\s*`?([\w.`]+)\(")
_LOADING = """
OPTIONAL MATCH (r:Run) WHERE r.state <> 'committed' WITH count(r) AS open
OPTIONAL MATCH (s:Store {name: 'shadowgraph'}) OPTIONAL MATCH (c:Run {state: 'committed'})
RETURN open > 0, max(c.version), max(s.published)"""


def ask(
    link: Link, statement: str, parameters: Mapping[str, object], *, most: int, seconds: float
) -> Answered:
    """What the statement answers: at most so many rows, within so many seconds.

    Errors:
        QueryError: it does more than read, it does not parse, or it takes too long.
    """
    with link.asking() as session:
        _check(session, statement, parameters)
        before = _standing(session)
        columns, rows, more = _run(session, statement, parameters, most, seconds)
        after = _standing(session)
    return Answered(columns, rows, more, _loading(before, after))


def _standing(session: neo4j.Session) -> tuple[object, ...]:
    record = session.run(_LOADING).single()
    return tuple(record.values()) if record else ()


def _loading(before: tuple[object, ...], after: tuple[object, ...]) -> str:
    open_, version, published = after
    if open_ or before[0]:
        return "a run is being written: rows may be of two versions"
    if before != after:
        return "a run was committed meanwhile: rows may be of two versions"
    if version is not None and published != version:
        return "states, moves and measures are of an older version"
    return ""


def _check(session: neo4j.Session, statement: str, parameters: Mapping[str, object]) -> None:
    """Refuse a statement whose plan does anything but read the graph."""
    explained = _explained(session, statement, parameters)
    if explained.query_type != "r" or not explained.plan:
        raise _refusal("it does more than read")
    for step in _steps(cast("Mapping[str, Any]", explained.plan)):
        name = str(step["operatorType"]).partition("@")[0]
        if name == "ProcedureCall":
            called = _PROCEDURE.match(str(step.get("args", {}).get("Details", "")))
            procedure = called[1].replace("`", "").lower() if called else "a procedure"
            if procedure not in PROCEDURES:
                raise _refusal(f"it calls {procedure}")
        elif _REFUSED.search(name):
            raise _refusal(f"it has a step {name}")


def _explained(
    session: neo4j.Session, statement: str, parameters: Mapping[str, object]
) -> neo4j.ResultSummary:
    try:
        return session.run(_text(f"EXPLAIN {statement}"), dict(parameters)).consume()
    except (CypherSyntaxError, ClientError) as error:
        raise _told(error) from error


def _refusal(why: str) -> Exception:
    return with_advice(
        QueryError(f"the statement is refused: {why}"),
        "only statements that read the graph are run",
    )


def _told(error: Exception) -> QueryError:
    lines = (getattr(error, "message", None) or str(error)).splitlines() or [""]
    return QueryError(f"the server does not take the statement: {lines[0][:300]}")


def _steps(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    todo = [plan]
    while todo:
        step = todo.pop()
        yield step
        todo += step.get("children", ())


def _run(
    session: neo4j.Session,
    statement: str,
    parameters: Mapping[str, object],
    most: int,
    seconds: float,
) -> tuple[tuple[str, ...], tuple[tuple[object, ...], ...], bool]:
    @neo4j.unit_of_work(timeout=seconds)
    def work(transaction: neo4j.ManagedTransaction) -> tuple[tuple[str, ...], list[list[Any]]]:
        result = transaction.run(_text(statement), dict(parameters))
        return tuple(result.keys()), [record.values() for record in result.fetch(most + 1)]

    try:
        columns, found = session.execute_read(work)
    except (CypherSyntaxError, ClientError) as error:
        if "TransactionTimedOut" in (error.code or ""):
            raise with_advice(
                QueryError(f"the statement took longer than {seconds:g} s"),
                "bound its paths, or ask for less",
            ) from error
        raise _told(error) from error
    rows = tuple(tuple(map(_plain, row)) for row in found[:most])
    return columns, rows, len(found) > most


def _text(statement: str) -> LiteralString:
    """The statement as the driver takes it; it was checked, and parameters never become part of it."""
    return cast("Any", statement)  # type: ignore[no-any-return]  # a text that somebody wrote is no literal


def _plain(value: object) -> object:
    """A value as plain types: a node by its id, a relationship by its type, a path as both in turn."""
    if isinstance(value, Path):
        ends = [_plain(node) for node in value.nodes]
        between = [one.type for one in value.relationships]
        return [one for pair in zip(ends, [*between, None], strict=True) for one in pair][:-1]
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping) and not isinstance(value, Node | Relationship):
        return {str(name): _plain(one) for name, one in value.items()}
    return _single(value)


def _single(value: object) -> object:
    if isinstance(value, Node):
        return value.get("id", value.get("key", sorted(value.labels)))
    if isinstance(value, Relationship):
        return value.type
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes"
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
