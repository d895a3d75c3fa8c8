"""What changed between two runs: the net effect of the change log on each row; pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.model import Change, RunId


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that two runs see differently; `before` and `after` are canonical JSON, None where it is absent.

    `kind` is the kind of a node or edge, or the role of an attachment. `fields` name what differs in a changed row,
    properties as `props.name`.
    """

    family: str
    kind: str
    row: str
    op: str  # added, removed, changed
    before: str | None
    after: str | None
    fields: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The row in one line: a node's id, an edge as a sentence, an attachment with its holder."""
        said = json.loads(self.after or self.before or "{}")
        if self.family == "node":
            return str(said["id"])
        if self.family == "edge":
            return " ".join(filter(None, (said["source"], self.kind, said["target"])))
        return " ".join(filter(None, (said["holder"], self.kind, said["name"], said["policy"])))


@dataclass(frozen=True, slots=True)
class RowCount:
    """How many rows of one kind had one fate."""

    family: str
    kind: str
    op: str
    rows: int


@dataclass(frozen=True, slots=True)
class Diff:
    """What the run `new` sees differently from the run `old`, in (family, kind, operation, row) order."""

    old: RunId
    new: RunId
    rows: tuple[RowChange, ...]

    @property
    def counts(self) -> tuple[RowCount, ...]:
        """The rows counted by family, kind and operation, in that order."""
        tally = Counter((row.family, row.kind, row.op) for row in self.rows)
        return tuple(RowCount(*fate, rows) for fate, rows in sorted(tally.items()))


def diff(changes: Iterable[Change], *, old: RunId, new: RunId) -> Diff:
    """The net changes from run `old` to run `new`, which may be the earlier one; run 0 is the empty store.

    `changes` are the log in the order written; lines of runs outside the two are passed over.
    """
    low, high = sorted((old, new))
    first: dict[tuple[str, str], str | None] = {}
    last: dict[tuple[str, str], str | None] = {}
    for change in changes:
        if low < change.run <= high:
            key = (change.family, change.row)
            first.setdefault(key, change.before)
            last[key] = change.after
    if old > new:
        first, last = last, first
    rows = (
        _row_change(family, row, first[family, row], last[family, row]) for family, row in first
    )
    kept = [row for row in rows if row is not None]
    return Diff(old, new, tuple(sorted(kept, key=lambda r: (r.family, r.kind, r.op, r.row))))


def _row_change(family: str, row: str, before: str | None, after: str | None) -> RowChange | None:
    """The net change of one row; none where it came and went, or changed back."""
    if before == after:
        return None
    then, now = ({} if text is None else json.loads(text) for text in (before, after))
    said = now or then
    kind = said["role" if family == "attachment" else "kind"]
    if before is None or after is None:
        return RowChange(family, kind, row, "added" if before is None else "removed", before, after)
    return RowChange(family, kind, row, "changed", before, after, _fields(then, now))


def _fields(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of what differs."""
    named = {name for name in then.keys() | now.keys() if then.get(name) != now.get(name)}
    if "props" in named:
        old, new = then.get("props", {}), now.get("props", {})
        inner = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        named = (named - {"props"}) | {f"props.{name}" for name in inner}
    return tuple(sorted(named))
