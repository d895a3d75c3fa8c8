"""Inventories that people keep: what is sanctioned, by ARN or by name; and lists of those who left.

CSV with a header line, JSON (a list of objects, or one under `assets` or `leavers`) or TOML (`[[asset]]`, `[[leaver]]`).
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from graph.errors import SourceError, with_advice
from ingest.files.record import INVENTORY, LEAVERS, Listed, Record

COLUMNS = (
    "id", "name", "kind", "account", "owner", "status", "approved_by", "approved_on", "expires", "reason",
)  # fmt: skip
STATUSES = ("approved", "requested", "retired", "sandbox")
LEFT = "left:"
_DAYS = ("approved_on", "expires", "left")
_LISTS = {"assets": INVENTORY, "asset": INVENTORY, "leavers": LEAVERS, "leaver": LEAVERS}


def table_of(text: str, suffix: str, name: str) -> object:
    """The parsed content of a table that is no JSON: CSV or TOML by the file's ending; `SourceError` where it is none."""
    try:
        if suffix == ".toml":
            return tomllib.loads(text)
        reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
        return [dict(row) for row in reader]
    except (tomllib.TOMLDecodeError, csv.Error) as error:
        reason = " ".join(str(error).split())
        raise SourceError(f"`{name}` cannot be read: {reason}") from None


def rows_in(content: object) -> tuple[str, list[Any]] | None:
    """Which form of table it is, and its rows; None where it is none."""
    if isinstance(content, Mapping):
        for word, flavour in _LISTS.items():
            if isinstance(content.get(word), list):
                return flavour, list(content[word])
        return None
    if not isinstance(content, list) or not content or not isinstance(content[0], Mapping):
        return None
    names = {str(column).strip().lower() for column in content[0]}
    if "left" in names and names & {"email", "user"}:
        return LEAVERS, content
    return (INVENTORY, content) if names & {"id", "name"} and names & set(COLUMNS[2:]) else None


def read_table(flavour: str, rows: list[Any], stem: str, name: str) -> Record:
    """The record of an inventory or a list of leavers."""
    held: list[tuple[int, dict[str, str]]] = []
    skipped: list[str] = []
    for number, row in enumerate(rows, start=1):
        if isinstance(row, Mapping):
            held.append((number, {str(key).strip().lower(): _text(value) for key, value in row.items() if key}))  # fmt: skip
        else:
            skipped.append(f"row {number} is no object")
    if flavour == LEAVERS:
        return _leavers(held, skipped, stem, name)
    unknown = sorted({key for _, row in held for key in row} - set(COLUMNS))
    odd = (f"columns that are not read: {', '.join(unknown)}",) if unknown else ()
    listed = [found for number, row in held for found in _row(number, row, skipped)]
    return Record(INVENTORY, stem, name, tuple(listed), skipped=tuple(skipped), odd=odd)


def _text(value: object) -> str:
    if value is None or isinstance(value, list | dict):
        return ""
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _row(number: int, row: Mapping[str, str], skipped: list[str]) -> Iterator[Listed]:
    arn, name = row.get("id", ""), row.get("name", "")
    why = _wrong(row)
    if not arn and not (name and row.get("kind")):
        why = "it has neither an id nor a name with a kind"
    if why:
        skipped.append(f"row {number}: {why}")
        return
    yield Listed(
        f"row {number}",
        arn=arn,
        name=name,
        kind=row.get("kind", ""),
        account=row.get("account", ""),
        owner=row.get("owner", ""),
        status=row.get("status", "").lower(),
        approved_by=row.get("approved_by", ""),
        expires=row.get("expires", ""),
    )


def _wrong(row: Mapping[str, str]) -> str:
    """What is wrong with the values of a row; empty where nothing is."""
    for column in _DAYS:
        if row.get(column) and not _is_day(row[column]):
            return f"`{row[column]}` in `{column}` is no day such as 2026-12-31"
    status = row.get("status", "").lower()
    return f"`{status}` is no status" if status and status not in STATUSES else ""


def _is_day(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _leavers(
    held: list[tuple[int, dict[str, str]]], skipped: list[str], stem: str, name: str
) -> Record:
    """Who left, as settings of the record: `left:ADDRESS` -> day."""
    left: dict[str, str] = {}
    for number, row in held:
        who, day = row.get("email") or row.get("user", ""), row.get("left", "")
        if not who or not day or not _is_day(day):
            skipped.append(
                f"row {number}: it needs an email or user, and the day on which they left"
            )
            continue
        left[f"{LEFT}{who.lower()}"] = day
    return Record(LEAVERS, stem, name, (), left, tuple(skipped))


def not_a_table(name: str) -> SourceError:
    """The error for a table that is neither an inventory nor a list of leavers."""
    error = SourceError(f"`{name}` is no inventory and no list of leavers")
    advice = f"an inventory has the columns {', '.join(COLUMNS)}; leavers have email and left"
    with_advice(error, advice)
    return error
