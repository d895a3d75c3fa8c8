"""Measuring ourselves against a corpus: its rows read, each decided or walked, and compared with what is expected."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from access.decision import Effect
from access.resolve import resolve
from graph.errors import SourceError
from graph.projection import project
from ingest.aws.simulator_questions import Question, Unasked, question_of
from ingest.files.decisions import policies_of, request_of
from ingest.files.escalations import facts_of
from queries.verdicts import Answered, Case, Sought, answered, escalates, mislabelled

Row: TypeAlias = Mapping[str, Any]
YES, NO = "escalates", "not"
_DECISIONS = frozenset(effect.value for effect in Effect)
_EACH = "each line is one row of the corpus, as JSON"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row: what was expected of it, what we say, and why.

    `labels` are labels of identities, right and all. A decision keeps its whole answer, and where that was wanted
    the question to AWS that it comes to.
    """

    id: str
    expected: str
    got: str
    why: str
    scored: bool
    right: bool
    labels: tuple[int, int] = (0, 0)
    answered: Answered | None = None
    question: Question | Unasked | None = None

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


def decisions(path: Path, *, instant: datetime, questions: bool = False) -> Measured:
    """The evaluator against a file of decision rows, with their questions to AWS where these are wanted.

    `SourceError` where the file cannot be read.
    """

    def decided(row: Row) -> Verdict:
        found = _decided(row, instant)
        return replace(found, question=question_of(row, instant=instant)) if questions else found

    return _measured(path, "expected", _DECISIONS, decided)


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
    request, policies, expected = (
        request_of(row, instant=instant),
        policies_of(row),
        row["expected"],
    )
    found = answered(request, policies, Effect(expected), row.get("condition_keys") or ())
    got, scored = found.effect.value, _scored(row)
    return Verdict(row["id"], expected, got, found.why, scored, found.right, answered=found)


def _scored(row: Row) -> bool:
    return row.get("scored", True) is not False


def _walked(row: Row, instant: datetime) -> Verdict:
    facts = facts_of(row)
    made = resolve(facts, instant=instant)
    nodes, edges = (*facts.nodes, *made.nodes), (*facts.edges, *made.edges)
    order = sorted(edges, key=lambda e: (e.source, e.target, e.kind, e.discriminator))
    case = Case(project(nodes, order, version=1), nodes, edges)
    found, why = escalates(case, _sought(row))
    got, labels = YES if found else NO, row.get("admin_labels") or {}
    wrong = mislabelled(case, {arn: label == "admin" for arn, label in labels.items()})
    if wrong:
        why = f"{why}; labelled otherwise: {', '.join(wrong)}"
    right = got == row["expect"] and not wrong
    counted = (len(labels) - len(wrong), len(labels))
    return Verdict(row["id"], row["expect"], got, why, _scored(row), right, counted)


def _sought(row: Row) -> Sought:
    start, target, technique = row.get("start"), row["target"], row.get("technique")
    if target["kind"] not in {"data", "admin"}:
        raise ValueError(f"`target` is of the unknown kind `{target['kind']}`")
    data = target["kind"] == "data"
    return Sought(
        str(start),
        str(target["arn"] if data else target.get("arn")),
        data,
        technique if isinstance(technique, str) else "",
        tuple(one["action"] for one in row.get("required") or () if "action" in one),
    )
