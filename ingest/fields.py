"""Typed readers of parsed JSON: each gives the value of the type asked for, or says that it is not there.

Answers of platforms carry unknown members and leave known ones out; nothing here raises on either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

Json: TypeAlias = Mapping[str, Any]

_ADDRESS = re.compile(r"[^@\s<>,;\"']+@[^@\s<>,;\"']+\.[^@\s<>,;\"'.]+")


def text(row: Json, name: str) -> str | None:
    """The member as text; None where it is absent, empty or of another type."""
    value = row.get(name)
    return value if isinstance(value, str) and value else None


def number(row: Json, name: str) -> int | None:
    """The member as a whole number; None where it is none."""
    value = row.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(row: Json, name: str) -> bool | None:
    """The member as a truth value; None where it is none."""
    value = row.get(name)
    return value if isinstance(value, bool) else None


def word(value: bool | None) -> str | None:
    """A truth value as settings spell it; None where it is not known."""
    return None if value is None else str(value).lower()


def member(row: Json, name: str) -> Json:
    """The member as an object; an empty one where it is none."""
    value = row.get(name)
    return value if isinstance(value, Mapping) else {}


def rows(row: Json, name: str) -> Iterator[Json]:
    """The objects in the member's list; none where it is no list."""
    value = row.get(name)
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))


def texts(row: Json, name: str) -> tuple[str, ...]:
    """The texts in the member's list; none where it is no list."""
    value = row.get(name)
    return (
        tuple(item for item in value if isinstance(item, str) and item)
        if isinstance(value, list)
        else ()
    )


def moment(row: Json, name: str) -> str | None:
    """The member as a point in time, ISO 8601 in UTC; None where it cannot be read as one.

    Parsed answers hold ISO text; exports of some command line tools hold seconds since 1970.
    """
    value = row.get(name)
    try:
        if isinstance(value, str):
            when = datetime.fromisoformat(value)
            when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            when = datetime.fromtimestamp(value, tz=UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return when.isoformat().replace("+00:00", "Z")


def tag_map(row: Json, name: str, *, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """A list of key and value objects as a map; the first of two equal keys stands."""
    found: dict[str, str] = {}
    for item in rows(row, name):
        label, content = item.get(key), item.get(value)
        if isinstance(label, str):
            found.setdefault(label, content if isinstance(content, str) else "")
    return found


def string_map(row: Json, name: str) -> dict[str, str]:
    """The member's texts by name; values of other types are left out."""
    return {
        label: content
        for label, content in member(row, name).items()
        if isinstance(label, str) and isinstance(content, str)
    }


def address(value: object) -> str | None:
    """The e-mail address that this text is, in lower case; None where it is none."""
    if isinstance(value, str) and _ADDRESS.fullmatch(value.strip()):
        return value.strip().lower()
    return None


def pick(pages: Iterable[Json], path: str) -> Iterator[str]:
    """Every text at this dotted path of the pages, through lists, each once, in order of first sight."""
    level = _down(list(pages), path)
    yield from dict.fromkeys(item for item in level if isinstance(item, str) and item)


def objects(pages: Iterable[Json], path: str) -> Iterator[Json]:
    """Every object at this dotted path of the pages, through lists; the pages themselves where it is empty."""
    level = _down(list(pages), path) if path else list(pages)
    yield from (item for item in level if isinstance(item, Mapping))


def words(row: Json, path: str) -> tuple[str, ...]:
    """The texts, numbers and truth values at this dotted path of the object, as words; `true` is one of them."""
    return tuple(
        str(item).lower() if isinstance(item, bool) else str(item)
        for item in _down([row], path)
        if isinstance(item, str | int) and item != ""
    )


def _down(level: list[Any], path: str) -> list[Any]:
    for part in path.split("."):
        level = [
            item
            for row in level
            if isinstance(row, Mapping) and part in row
            for item in (row[part] if isinstance(row[part], list) else [row[part]])
        ]
    return level
