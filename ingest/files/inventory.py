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
_DAYS = ("approved_on", "expires")
_LISTS = {"assets": INVENTORY, "asset": INVENTORY, "leavers": LEAVERS, "leaver": LEAVERS}


def table_of(text: str, suffix: str, name: str) -> object:
    """The parsed content of a table that is no JSON: CSV or TOML by the file's ending; `SourceError` where it is none."""
    try:
        return tomllib.loads(text) if suffix == ".toml" else _csv(text.removeprefix("\ufeff"), name)
    except RecursionError:
        raise SourceError(f"`{name}` cannot be read: it is nested too deeply") from None
    except (ValueError, csv.Error) as error:  # a number may have too many digits for any reader
        reason = " ".join(str(error).split())
        raise SourceError(f"`{name}` cannot be read: {reason}") from None


def _csv(text: str, name: str) -> object:
    """The rows of a CSV as the form that its header says it is; cells are parted by what parts most of the header."""
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), strict=True, delimiter=max(",;\t", key=head.count))
    columns = [column.strip().lower() for column in reader.fieldnames or ()]
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise SourceError(f"`{name}` cannot be read: column `{twice[0]}` stands twice")
    rows = [dict(row) for row in reader]
    form = _form(set(columns))
    return rows if form is None else {form: rows}  # the header alone is an empty table


def rows_in(content: object) -> tuple[str, list[Any]] | None:
    """Which form of table it is, and its rows; None where it is none."""
    if isinstance(content, Mapping):
        for word, flavour in _LISTS.items():
            if isinstance(content.get(word), list):
                return flavour, list(content[word])
        return None
    if not isinstance(content, list) or not content or not isinstance(content[0], Mapping):
        return None
    return None if (form := _form(_columns(content))) is None else (_LISTS[form], content)


def _columns(rows: list[Any]) -> set[str]:
    return {str(key).strip().lower() for row in rows if isinstance(row, Mapping) for key in row}


def _form(columns: set[str]) -> str | None:
    """Which table has these columns; None where none has."""
    if "left" in columns and columns & {"email", "user"}:
        return "leavers"
    named = columns & {"id", "name"}
    return "assets" if named and (columns <= named or columns & set(COLUMNS[2:])) else None


def read_table(flavour: str, rows: list[Any], stem: str, name: str) -> Record:
    """The record of an inventory or a list of leavers."""
    held: list[tuple[int, dict[str, str]]] = []
    skipped: list[str] = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            skipped.append(f"row {number} is no object")
        elif None in row:
            skipped.append(f"row {number} has more cells than there are columns")
        else:
            cells = {str(key).strip().lower(): _text(value) for key, value in row.items()}
            held.append((number, cells))
    if flavour == LEAVERS:
        return _leavers(held, skipped, stem, name)
    unknown = sorted({key for _, row in held for key in row} - set(COLUMNS))
    listed = [found for number, row in held for found in _row(number, row, skipped)]
    odd = _unread(unknown)
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
    elif any(mark in arn for mark in "*?"):
        why = f"`{arn}` in `id` is a pattern; a row lists one asset"
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
        expires=_day(row.get("expires", "")) or "",
    )


def _wrong(row: Mapping[str, str]) -> str:
    """What is wrong with the values of a row; empty where nothing is."""
    for column in _DAYS:
        if row.get(column) and _day(row[column]) is None:
            return f"`{row[column]}` in `{column}` is no day such as 2026-12-31"
    status = row.get("status", "").lower()
    return f"`{status}` is no status" if status and status not in STATUSES else ""


def _day(text: str) -> str | None:
    """The day of a date or a time, as 2026-12-31; None where it is none."""
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        return None


def _leavers(
    held: list[tuple[int, dict[str, str]]], skipped: list[str], stem: str, name: str
) -> Record:
    """Who left, as settings of the record: `left:ADDRESS` -> day, for the address and for the name of an account."""
    left: dict[str, str] = {}
    rows: list[Listed] = []
    for number, row in held:
        called = [row[column].lower() for column in ("email", "user") if row.get(column)]
        day = _day(row.get("left", ""))
        if not called or day is None:
            skipped.append(f"row {number}: it needs an email or user, and the day on which they left, such as 2026-12-31")  # fmt: skip
            continue
        rows += [Listed(f"row {number}", name=one, left=day) for one in called]
        for one in called:
            left[f"{LEFT}{one}"] = max(day, left.get(f"{LEFT}{one}", ""))
    unknown = sorted({key for _, row in held for key in row} - {"email", "user", "left"})
    return Record(LEAVERS, stem, name, tuple(rows), left, tuple(skipped), _unread(unknown))


def _unread(names: list[str]) -> tuple[str, ...]:
    """The remark on columns that nothing is taken from; none where there are none."""
    return (f"columns that are not read: {', '.join(names)}",) if names else ()


def not_a_table(name: str) -> SourceError:
    """The error for a table that is neither an inventory nor a list of leavers."""
    error = SourceError(f"`{name}` is no inventory and no list of leavers")
    advice = f"an inventory has the columns {', '.join(COLUMNS)}; leavers have email and left"
    with_advice(error, advice)
    return error
