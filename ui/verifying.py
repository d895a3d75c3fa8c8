"""Measuring ourselves against a corpus: its rows read, each decided or walked, and compared with what is expected."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from access.aws.corpus import answered
from access.aws.technique_names import steps_of
from access.resolve import resolve
from graph.errors import SourceError
from graph.model import Certainty, Edge, Node, NodeId
from graph.projection import project
from graph.view import View
from ingest.files.escalations import facts_of
from queries.admins import administrators
from queries.escalates import Escalation, administration, control, escalation, reading, ruling

Row: TypeAlias = Mapping[str, Any]
YES, NO = "escalates", "not"
_DECISIONS = frozenset({"allow", "implicit_deny", "explicit_deny", "conditional"})
_EACH = "each line is one row of the corpus, as JSON"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row: what was expected of it, what we say, and why; `labels` are labels of identities, right and all."""

    id: str
    expected: str
    got: str
    why: str
    scored: bool
    right: bool
    labels: tuple[int, int] = (0, 0)

    def plain(self) -> dict[str, str]:
        """The row as plain types, for JSON."""
        return {"id": self.id, "expected": self.expected, "got": self.got, "why": self.why}


@dataclass(frozen=True, slots=True)
class Measured:
    """All rows of a corpus; those that are not scored were run and are not counted."""

    rows: tuple[Verdict, ...]

    @property
    def scored(self) -> tuple[Verdict, ...]:
        """The rows that count."""
        return tuple(row for row in self.rows if row.scored)

    @property
    def wrong(self) -> tuple[Verdict, ...]:
        """The rows that count and that we have wrong."""
        return tuple(row for row in self.scored if not row.right)

    @property
    def right(self) -> int:
        """How many rows that count are right."""
        return len(self.scored) - len(self.wrong)

    @property
    def by_class(self) -> tuple[tuple[str, int, int], ...]:
        """Per expected answer: the answer, how many are right, how many there are."""
        every = Counter(row.expected for row in self.scored)
        right = Counter(row.expected for row in self.scored if row.right)
        return tuple((name, right[name], every[name]) for name in sorted(every))

    @property
    def labels(self) -> tuple[int, int]:
        """Labels of administrators in all rows that count: right, and all."""
        held = [row.labels for row in self.scored]
        return sum(right for right, _all in held), sum(every for _right, every in held)

    def plain(self) -> dict[str, object]:
        """The measure as plain types, for JSON."""
        return {
            "total": len(self.scored),
            "right": self.right,
            "wrong": [row.plain() for row in self.wrong],
        }


def decisions(path: Path, *, instant: datetime) -> Measured:
    """The evaluator against a file of decision rows; `SourceError` where it cannot be read."""
    return _measured(path, "expected", _DECISIONS, lambda row: _decided(row, instant))


def escalations(path: Path, *, instant: datetime) -> Measured:
    """The escalation engine against a file of escalation rows; `SourceError` where it cannot be read."""
    return _measured(path, "expect", frozenset({YES, NO}), lambda row: _walked(row, instant))


# Reading.


def _measured(
    path: Path, field: str, answers: frozenset[str], ask: Callable[[Row], Verdict]
) -> Measured:
    found = []
    for number, row in _rows(path):
        where = f"`{path}` line {number}"
        if not isinstance(row.get("id"), str):
            raise SourceError(f"{where}: the row has no `id`; {_EACH}")
        if row.get(field) not in answers:
            wanted = ", ".join(sorted(answers))
            raise SourceError(
                f"{where}: `{field}` of `{row['id']}` is none of {wanted}; correct it"
            )
        try:
            found.append(ask(row))
        except KeyError as error:
            raise SourceError(
                f"{where}: `{row['id']}` has no {error} or an unknown one; correct the row"
            ) from error
        except (AttributeError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise SourceError(
                f"{where}: `{row['id']}` cannot be read: {reason}; correct the row"
            ) from error
    if not found:
        raise SourceError(f"`{path}` holds no row; {_EACH}")
    return Measured(tuple(found))


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise SourceError(
            f"`{path}` cannot be read: {error.strerror}; name a file of rows in JSON, one a line"
        ) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise SourceError(f"`{path}` line {line}: this is no UTF-8; {_EACH}") from error
    for number, told in enumerate(text.split("\n"), start=1):
        if told.strip():
            yield number, _row(told, f"`{path}` line {number}")


def _row(line: str, where: str) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise SourceError(f"{where}: this is no JSON ({reason}); {_EACH}") from error
    if not isinstance(row, dict):
        raise SourceError(f"{where}: this is no JSON object; {_EACH}")
    return row


# One row.


def _decided(row: Row, instant: datetime) -> Verdict:
    found = answered(row, instant=instant)
    return Verdict(
        row["id"], row["expected"], found.effect.value, found.why, _scored(row), found.right
    )


def _scored(row: Row) -> bool:
    return row.get("scored", True) is not False


def _walked(row: Row, instant: datetime) -> Verdict:
    facts = facts_of(row)
    made = resolve(facts, instant=instant)
    nodes, edges = (*facts.nodes, *made.nodes), (*facts.edges, *made.edges)
    order = sorted(edges, key=lambda e: (e.source, e.target, e.kind, e.discriminator))
    view = project(nodes, order, version=1)
    got, why = _escalates(row, view, nodes, edges)
    right, every, wrong = _labels(row, nodes, edges)
    if wrong:
        why = f"{why}; labelled otherwise: {', '.join(wrong)}"
    return Verdict(
        row["id"],
        row["expect"],
        got,
        why,
        _scored(row),
        got == row["expect"] and right == every,
        (right, every),
    )


def _escalates(
    row: Row, view: View, nodes: tuple[Node, ...], edges: tuple[Edge, ...]
) -> tuple[str, str]:
    """What we say of the row, and why."""
    start, target = row.get("start"), row["target"]
    if not isinstance(start, str) or view.find(NodeId(start)) is None:
        return NO, f"the start `{start}` is no identity of the row"
    if target["kind"] == "data":
        goals = reading(view, NodeId(str(target["arn"])))
    elif target["kind"] == "admin":
        goals = administration(view, nodes, edges)
        if "*" in str(target.get("arn")):
            # The row declares no one identity but whichever matches to be its administrator.
            goals += control(view, str(target["arn"]))
    else:
        raise ValueError(f"`target` is of the unknown kind `{target['kind']}`")
    if not goals:
        what = f"`{target['arn']}`" if target["kind"] == "data" else "an administrator"
        return NO, f"nothing in the row is {what}"
    using = _using(row)
    rulers = ruling(view, nodes, edges)
    if target["kind"] == "admin":
        goals += rulers
    found = escalation(view, NodeId(start), goals, using=using, ends=rulers)
    if found is not None:
        return _told(found)
    other = escalation(view, NodeId(start), goals) if using is not None else None
    if other is not None:
        return NO, f"not by {row['technique']}, but {_told(other)[1]}"
    return NO, "no way from the start to the target"


def _using(row: Row) -> frozenset[str] | None:
    """The steps of which one must be taken; None where the row or our catalogue names none."""
    name = row.get("technique")
    if not isinstance(name, str):
        return None
    required = [one["action"] for one in row.get("required") or () if "action" in one]
    return steps_of(name, required) or None


def _told(found: Escalation) -> tuple[str, str]:
    way = f"by {', '.join(found.hows) or 'what it is'} to `{found.end}`"
    if found.certainty is Certainty.POSSIBLE:
        return NO, f"only possible: {way}, a way that nobody has demonstrated"
    if found.certainty is Certainty.CONDITIONAL:
        return YES, f"conditional: {way}, depending on {'; '.join(found.conditions)}"
    return YES, f"definite: {way}"


def _labels(
    row: Row, nodes: tuple[Node, ...], edges: tuple[Edge, ...]
) -> tuple[int, int, tuple[str, ...]]:
    """Labels right, labels in all, and the identities that are labelled otherwise by us."""
    labels = row.get("admin_labels") or {}
    if not labels:
        return 0, 0, ()
    found = {one.identity for one in administrators(nodes, edges) if one.star_on_star}
    wrong = sorted(arn for arn, label in labels.items() if (arn in found) is not (label == "admin"))
    return len(labels) - len(wrong), len(labels), tuple(wrong)
