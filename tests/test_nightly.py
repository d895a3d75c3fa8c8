"""A night logs what really ran, and says where something disagreed or raised."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nightly import LOG, ROOT, Part, line, tried

LINE = re.compile(
    r"\d{4}-\d\d-\d\d [0-9a-f]{10}(\+changes)? (oracle|bent|sample|queries): (?P<ran>[\d, a-z]+); seeds \d+ to \d+; "
    r"[\d,]+ s CPU; (?P<bad>\d+) disagreements, (?P<raised>\d+) exceptions"
)


_TESTS = ROOT / "tests"
_FOLDERS = (ROOT, _TESTS, _TESTS / "test_access", _TESTS / "test_queries")


@pytest.mark.parametrize(
    ("what", "ran"),
    [
        ("oracle", {"strict": 5, "estates": 1}),
        ("bent", {"documents": 5}),
        ("queries", {"sweeps": 5, "radii": 5, "exposures": 5}),
    ],
)
def test_a_night_logs_as_many_examples_as_were_compared(
    tmp_path: Path, what: str, ran: dict[str, int]
) -> None:
    path = os.pathsep.join(map(str, _FOLDERS))
    words = [sys.executable, ROOT / "tests" / "nightly.py", what, "5", "--log", tmp_path / "log"]
    ended = subprocess.run(
        words, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": path}
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = LINE.fullmatch((tmp_path / "log").read_text(encoding="utf-8").strip())
    assert found
    told = {name: int(count) for count, name in re.findall(r"([\d,]+) ([a-z]+)", found["ran"])}
    assert told | ran == told
    assert (found["bad"], found["raised"]) == ("0", "0")


def test_what_fails_is_told_apart_and_counted() -> None:
    found = Part(3, Counter(strict=7), seconds=1.0)

    def wrong() -> None:
        raise AssertionError("they differ")

    def broken() -> None:
        raise ExceptionGroup("two", [KeyError("a"), AssertionError("they differ")])

    tried(wrong, found)
    tried(broken, found)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert line("oracle", [found], now=now, commit="0123456789") == (
        "2026-03-01 0123456789 oracle: 7 strict; seeds 3 to 3; 1 s CPU; 2 disagreements, 1 exceptions"
    )


def test_every_line_of_the_log_is_one_of_a_night() -> None:
    lines = LOG.read_text(encoding="utf-8").splitlines()

    assert lines
    assert [one for one in lines if not LINE.fullmatch(one)] == []
