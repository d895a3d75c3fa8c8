"""Saved queries in Cypher for a shared store: each a file with a header that says what it answers and what it takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from graph.errors import QueryError, with_advice

_ENDING = ".cypher"
_HEADER = re.compile(r"// (title|question|parameter|columns): (.+)")
_PARAMETER = re.compile(r"(\w+) (id|text|number), (.+)")


class Sort(StrEnum):
    """What a parameter takes."""

    ID = "id"  # of a node; a name or the end of an id is looked up
    TEXT = "text"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a saved query."""

    name: str
    sort: Sort
    says: str


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved query."""

    name: str
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    statement: str

    def bound(self, given: Mapping[str, str], find: Callable[[str], str]) -> dict[str, str | int]:
        """The parameters as the statement takes them; `find` gives the id of the node that somebody means.

        Errors:
            QueryError: one is missing, unknown, or no number where a number belongs.
        """
        names = {parameter.name for parameter in self.parameters}
        strange, missing = sorted(given.keys() - names), sorted(names - given.keys())
        if strange or missing:
            what = f"has no parameter `{strange[0]}`" if strange else f"needs `{missing[0]}`"
            raise with_advice(QueryError(f"`{self.name}` {what}"), self.usage)
        return {
            parameter.name: _value(parameter, given[parameter.name], find)
            for parameter in self.parameters
        }

    @property
    def usage(self) -> str:
        """How it is asked."""
        told = " ".join(f"-p {one.name}={one.sort.value.upper()}" for one in self.parameters)
        return f"shadowgraph query {self.name} {told}".rstrip()


def _value(parameter: Parameter, text: str, find: Callable[[str], str]) -> str | int:
    if parameter.sort is Sort.ID:
        return find(text)
    if parameter.sort is Sort.TEXT:
        return text
    try:
        return int(text)
    except ValueError:
        raise QueryError(f"`{parameter.name}` takes a whole number, not `{text}`") from None


def parsed(name: str, text: str) -> Saved:
    """The saved query of a file; `ValueError` where its header is not whole."""
    head: dict[str, list[str]] = {}
    body: list[str] = []
    for line in text.splitlines():
        found = _HEADER.fullmatch(line)
        if found and not body:
            head.setdefault(found[1], []).append(found[2])
        else:
            body.append(line)
    parameters = []
    for line in head.get("parameter", ()):
        found = _PARAMETER.fullmatch(line)
        if not found:
            raise ValueError(f"{name}: `{line}` is no parameter")
        parameters.append(Parameter(found[1], Sort(found[2]), found[3]))
    try:
        (title,), (question,), (columns,) = head["title"], head["question"], head["columns"]
    except (KeyError, ValueError):
        raise ValueError(
            f"{name}: the header needs a title, a question and columns, once each"
        ) from None
    statement = "\n".join(body).strip().removesuffix(";")
    return Saved(name, title, question, tuple(parameters), tuple(columns.split(", ")), statement)


@cache
def saved() -> Mapping[str, Saved]:
    """All saved queries by name, in the order of their names."""
    folder = files("queries") / "cypher"
    found = sorted(
        entry.name.removesuffix(_ENDING)
        for entry in folder.iterdir()
        if entry.name.endswith(_ENDING)
    )
    return {
        name: parsed(name, (folder / f"{name}{_ENDING}").read_text(encoding="utf-8"))
        for name in found
    }


def saved_query(name: str) -> Saved:
    """The saved query of this name; `QueryError` where there is none."""
    found = saved().get(name)
    if found is None:
        raise with_advice(QueryError(f"no saved query `{name}`"), "list them: shadowgraph query")
    return found
