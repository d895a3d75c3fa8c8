"""How CloudTrail records the use of an action: what a log that shows none can say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from access.aws.catalogue import packaged


class Recorded(StrEnum):
    """By which events the use of an action shows."""

    MANAGEMENT = "management events"
    DATA = "data events"  # written only where a trail was told to
    NOWHERE = "no events of its own"


@dataclass(frozen=True, slots=True)
class _Table:
    """The shipped rows: types of data events by service and beginning, and what no event is named after."""

    data: Mapping[str, tuple[tuple[str, str], ...]]
    silent: frozenset[str]
    implied: Mapping[str, tuple[str, ...]]
    mixed: Mapping[str, tuple[str, ...]]


@cache
def _table() -> _Table:
    body = packaged("recorded.yaml")
    data: dict[str, list[tuple[str, str]]] = {}
    for row in body["data"]:
        data.setdefault(row["service"], []).extend((name, row["type"]) for name in row["begins"])
    return _Table(
        {service: tuple(rows) for service, rows in data.items()},
        frozenset(f"{service}:{name}" for service, names in body["silent"].items() for name in names),
        {service: tuple(names) for service, names in body["implied"].items()},
        {action: tuple(names) for action, names in body["mixed"].items()},
    )  # fmt: skip


@lru_cache(maxsize=65_536)
def recorded(action: str, asset: str = "") -> Recorded:
    """By which events the use of `service:Action` on the asset shows; on any asset where none is named.

    An action that is not known counts as a management event.
    """
    service, _, name = action.partition(":")
    table = _table()
    implied = (*table.implied.get("*", ()), *table.implied.get(service, ()))
    if action in table.silent or name.startswith(implied):
        return Recorded.NOWHERE
    partly = table.mixed.get(action)
    if partly is not None and (not asset or any(one in asset for one in partly)):
        return Recorded.DATA
    return Recorded.DATA if data_type(action) else Recorded.MANAGEMENT


@cache
def data_type(action: str) -> str:
    """The type of resource that selectors of a trail name for the action's data events; empty where it has none."""
    service, _, name = action.partition(":")
    rows = _table().data.get(service, ())
    return next((type_ for begin, type_ in rows if name.startswith(begin)), "")
