"""What the platform says and we mean to keep arrives, or stands with a reason among what is dropped."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path as File

import pytest
import yaml
from arrivals import Arrival, Path, arrivals, stands, under
from ingest_cases import answers_of, case_folders
from recorded_answers import ANSWERS, answer_of
from service_shapes import operation, output, paths

import ingest.aws
from ingest.source import Answer, by_operation
from scripts.permissions import distorted

DATA = File(__file__).parents[1] / "data" / "aws"
DROPPED = File(ingest.aws.__file__).parent / "dropped"
CALLS = "calls.yaml"
FAMILIES = sorted(path.name for path in DROPPED.glob("*.yaml") if path.name != CALLS)
LITERALS = frozenset({"string", "blob"})


@cache
def members() -> dict[str, tuple[Path, ...]]:
    """What to keep of each operation's answer, by the names in it."""
    held = json.loads((DATA / "members.json").read_text(encoding="utf-8"))
    return {name: tuple(tuple(row.split(".")) for row in rows) for name, rows in held.items()}


@cache
def reasons(family: str) -> dict[str, dict[str, str]]:
    """The dropped members of a family of operations, each with its reason."""
    held: dict[str, dict[str, str]] = yaml.safe_load((DROPPED / family).read_text(encoding="utf-8"))
    return held


@cache
def dropped() -> dict[str, tuple[Path, ...]]:
    """The dropped members of every operation."""
    found: dict[str, tuple[Path, ...]] = {}
    for family in FAMILIES:
        for name, rows in reasons(family).items():
            found[name] = (*found.get(name, ()), *(tuple(row.split(".")) for row in rows))
    return found


@cache
def silent() -> dict[str, str]:
    """The operations that are known and never called, each with the reason."""
    held: dict[str, str] = yaml.safe_load((DROPPED / CALLS).read_text(encoding="utf-8"))
    return held


def _wanted(name: str, path: Path) -> bool:
    """Whether the member is to be kept and not among what is dropped."""
    return any(under(path, row) for row in members().get(name, ())) and not _is_dropped(name, path)


def _is_dropped(name: str, path: Path) -> bool:
    return any(under(path, row) for row in dropped().get(name, ()))


def _asked(name: str, path: Path) -> bool:
    return _wanted(name, path) or _is_dropped(name, path)


@cache
def recorded() -> tuple[Arrival, ...]:
    """How it goes with the values of recorded answers, each read alone."""
    return tuple(row for path in ANSWERS for row in arrivals([answer_of(path)], _asked))


@cache
def made() -> tuple[Arrival, ...]:
    """How it goes with the values of the well-formed cases, each case read as a whole."""
    found: list[Arrival] = []
    for folder in case_folders():
        given = json.loads((folder / "given.json").read_text(encoding="utf-8"))
        if not distorted(folder, given):
            found += arrivals(answers_of(given), _asked)
    return tuple(found)


def _shown(row: Arrival) -> str:
    return f"{row.operation} {'.'.join(row.leaf.path)}: {row.leaf.value}"


def test_every_recorded_member_of_the_tables_arrives_or_is_dropped_with_a_reason() -> None:
    wanted = [row for row in recorded() if _wanted(row.operation, row.leaf.path)]
    assert len({row.operation for row in wanted}) >= 30
    assert sorted({_shown(row) for row in wanted if not row.arrived}) == []


def test_every_made_member_of_the_tables_arrives_somewhere_or_is_dropped_with_a_reason() -> None:
    found: dict[tuple[str, Path], list[Arrival]] = defaultdict(list)
    for row in made():
        if _wanted(row.operation, row.leaf.path):
            found[row.operation, row.leaf.path].append(row)
    assert len({name for name, _ in found}) >= 150
    lost = [rows[0] for rows in found.values() if not any(row.arrived for row in rows)]
    assert sorted(map(_shown, lost)) == []


def test_no_member_is_dropped_that_every_answer_shows_to_arrive() -> None:
    needless = []
    for name, rows in dropped().items():
        for path in rows:
            held = [
                row
                for row in (*recorded(), *made())
                if row.operation == name and under(row.leaf.path, path)
            ]
            if held and all(row.said and row.felt for row in held):
                needless.append(f"{name} {'.'.join(path)}")
    assert "\n".join(needless) == ""


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_dropped_is_a_member_that_the_answer_can_hold_and_has_a_reason(family: str) -> None:
    for name, rows in reasons(family).items():
        assert name in by_operation("aws"), f"{name} is never called: it belongs in {CALLS}"
        for row, reason in rows.items():
            assert _can_hold(name, tuple(row.split("."))), f"{name} cannot hold {row}"
            assert isinstance(reason, str), f"{name} {row}"
            assert reason.strip(), f"{name} {row}"


def _can_hold(name: str, wanted: Path) -> bool:
    """Whether the path lies in the answer, or goes on inside a text that has a form of its own."""
    for path, shape in paths(output(name)):
        for length in range(1, len(wanted) + 1):
            inside = length == len(wanted) or shape.type_name in LITERALS
            if inside and path[-length:] == wanted[:length]:
                return True
    return False


def test_a_member_is_dropped_in_one_place() -> None:
    for name, rows in dropped().items():
        assert len(set(rows)) == len(rows), name


def test_every_operation_of_the_tables_is_called_or_has_a_reason_not_to_be() -> None:
    assert members().keys() - by_operation("aws").keys() == silent().keys()
    for name, reason in silent().items():
        assert operation(name).name
        assert reason.strip(), name


def test_the_tables_name_members_that_answers_can_hold() -> None:
    lost = [
        f"{name} {'.'.join(row)}"
        for name, rows in members().items()
        for row in rows
        if not any(under(path, row) for path, _ in paths(output(name)))
    ]
    assert lost == []


def _lost(answers: Sequence[Answer]) -> set[str]:
    """The names of the values that do not arrive."""
    found = arrivals(answers, lambda _name, _path: True)
    return {row.leaf.path[-1] for row in found if not row.arrived}


def test_a_value_that_no_row_holds_is_seen() -> None:
    page = {"Buckets": [{"Name": "corpus", "Colour": "mauve", "Size": 5}]}
    given = {"answers": [{"operation": "s3.list_buckets", "pages": [page]}]}
    assert _lost(answers_of(given)) == {"Colour", "Size"}


@pytest.mark.parametrize(
    ("text", "said", "found"),
    [
        ("fs-1", "arn:x:file-system/fs-1", True),
        ("fs-1", "fs-12", False),
        ("/ai/", "/ai/models", True),
        ("2023-03-09T10:41:45+00:00", "2023-03-09t10:41:45z", True),
        ('{"A": ["x", "y"]}', "x\ny", True),
        ('{"A": ["x", "z"]}', "x\ny", False),
        ("%7B%22A%22%3A%20%22x%22%7D", "x", True),
    ],
)
def test_a_text_stands_as_a_word_of_its_own(text: str, said: str, found: bool) -> None:
    assert stands(text, said) is found
