"""What of an answer arrives: which of its values stand in the rows that it makes, or change them."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from graph.model import Facts
from ingest.estate import Estate
from ingest.fields import moment
from ingest.link import linked
from ingest.source import Answer, Shaped, read_answer

Path = tuple[str, ...]
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Leaf:
    """One value of an answer: where exactly it stands, the names on the way, and what it is."""

    place: Place
    path: Path
    value: Any


def rows_of(answers: Iterable[Answer]) -> list[Shaped]:
    """The rows of the answers, shaped and linked; those that a link took away again included."""
    shaped = [row for answer in answers for row in read_answer(answer)]
    return [*shaped, *linked(shaped, Estate(Facts(), shaped, frozenset()))]


def leaves(value: Any, place: Place = ()) -> Iterator[Leaf]:
    """Every value that is no list and no object, empty ones apart."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from leaves(item, (*place, name))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from leaves(item, (*place, at))
    elif value not in (None, ""):
        yield Leaf(place, tuple(name for name in place if isinstance(name, str)), value)


def texts_of(rows: Iterable[Shaped]) -> str:
    """All that rows say in lower case, one text a line; by whom it is said is no part of it."""
    return "\n".join(text for row in rows for text in _texts(row)).casefold()


def _texts(value: Any) -> Iterator[str]:
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            if field.name != "asserted_by":
                yield from _texts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from (str(name), *_texts(item))
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield str(value)


@dataclass(frozen=True)
class Arrival:
    """A value of an answer, and whether it stands in the rows as text, or another in its place changes them."""

    operation: str
    leaf: Leaf
    said: bool
    felt: bool

    @property
    def arrived(self) -> bool:
        """Whether the value is kept: nearly every word stands somewhere, so one of two or few has to be felt."""
        return self.felt if isinstance(self.leaf.value, bool | int | float) else self.said


def arrivals(answers: Sequence[Answer], asked: Callable[[str, Path], bool]) -> Iterator[Arrival]:
    """How it goes with each value of the answers whose operation and path are asked about."""
    rows = rows_of(answers)
    said, settled = texts_of(rows), _settled(rows)
    for at, answer in enumerate(answers):
        for leaf in leaves(list(answer.pages)):
            if asked(answer.key.operation, leaf.path):
                other = [*answers[:at], _changed(answer, leaf), *answers[at + 1 :]]
                felt = _settled(rows_of(other)) != settled
                yield Arrival(answer.key.operation, leaf, stands(str(leaf.value), said), felt)


def _settled(rows: Iterable[Shaped]) -> list[str]:
    return sorted(map(repr, rows))


def under(path: Path, name: Path) -> bool:
    """Whether the names of `name` stand next to each other somewhere on the path."""
    return any(path[at : at + len(name)] == name for at in range(len(path)))


def stands(text: str, said: str) -> bool:
    """Whether the text, or the time that it is, stands in what is said as a word of its own.

    A text that is JSON stands there where each of its own values does.
    """
    for form in (text, moment({"": text}, "")):
        if form and re.search(
            rf"(?:(?<!\w)|(?=\W)){re.escape(form.casefold())}(?:(?!\w)|(?<=\W))", said
        ):
            return True
    try:
        inner = json.loads(unquote(text) if text.startswith("%7B") else text)
    except ValueError:
        return False
    if not isinstance(inner, dict | list):
        return False
    return all(stands(str(leaf.value), said) for leaf in leaves(inner))


def _changed(answer: Answer, leaf: Leaf) -> Answer:
    """The answer with another value of the same type in this place."""
    other = f"{leaf.value}~" if isinstance(leaf.value, str) else leaf.value + 1
    other = not leaf.value if isinstance(leaf.value, bool) else other
    return replace(answer, pages=tuple(_put(list(answer.pages), leaf.place, other)))


def _put(value: Any, place: Place, other: Any) -> Any:
    if not place:
        return other
    if isinstance(value, list):
        return [
            _put(item, place[1:], other) if at == place[0] else item
            for at, item in enumerate(value)
        ]
    return {
        name: _put(item, place[1:], other) if name == place[0] else item
        for name, item in value.items()
    }
