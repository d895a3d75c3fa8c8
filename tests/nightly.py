"""What takes a night: the evaluator and the questions against their slow twins, bent policies, every cut of the sample; what ran is logged.

    PYTHONPATH=.:tests:tests/test_access python tests/nightly.py oracle 100000

A night is run in parts, each a process of its own with the next seed, so that none grows large. The last line says how
many examples were compared to the end, and is added to `nightly.log`: it is never written before it is so.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]
LOG = ROOT / "tests" / "nightly.log"
COMPARED = ("test_aws_oracle", "test_aws_oracle_estates")
QUESTIONS = (
    "test_sweep",
    "test_reach",
    "test_exposure",
    "test_attack_paths",
    "test_choke",
    "test_cut",
    "test_grant_cut",
)
PART = 2_000


@dataclass
class Part:
    """What one process did."""

    seed: int
    ran: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0  # of processor time
    disagreements: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)


def comparisons(modules: tuple[str, ...]) -> Iterator[Callable[[], None]]:
    """Every hypothesis test of the modules that hold something against its twin."""
    for name in modules:
        for found in vars(importlib.import_module(name)).values():
            if getattr(found, "is_hypothesis_test", False):
                yield found


def oracle(examples: int, seed: int) -> Part:
    """The evaluator's comparisons."""
    return compared(COMPARED, examples, seed)


def queries(examples: int, seed: int) -> Part:
    """The comparisons of the questions."""
    return compared(QUESTIONS, examples, seed)


def compared(modules: tuple[str, ...], examples: int, seed: int) -> Part:
    """So many examples of each comparison; the share of a test is the test's own."""
    os.environ["SHADOWGRAPH_EXAMPLES"] = str(examples)  # before the tests are imported
    found = Part(seed, importlib.import_module("examples").RUN)
    for test in comparisons(modules):
        tried(hypothesis.seed(seed)(test), found)
    return _done(found)


def bent(examples: int, seed: int) -> Part:
    """So many bent documents."""
    found = Part(seed)
    check = importlib.import_module("mutated_policies").check
    tried(lambda: check(examples, seed=seed, ran=found.ran), found)
    return _done(found)


def sample(_examples: int, seed: int) -> Part:
    """Every cut of the sample, resolved again."""
    os.environ["SHADOWGRAPH_THOROUGH"] = "1"
    found = Part(seed)

    class Counted:
        """Counts the tests of a run."""

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            """A test that was called, or could not be."""
            if report.when == "call":
                found.ran["tests"] += 1
            if report.failed:
                found.disagreements.append(report.nodeid)

    cuts = ROOT / "tests" / "test_ui" / "test_sample_answers.py"
    code = pytest.main([str(cuts), "--timeout=0"], plugins=[Counted()])
    if code and not found.disagreements:
        found.exceptions.append(f"pytest ended with {code}")
    return _done(found)


def tried(test: Callable[[], Any], found: Part) -> None:
    """Run it; what it raises is kept, apart by whether the two sides disagreed or something broke."""
    try:
        test()
    except Exception as error:  # noqa: BLE001  # whatever it is, the night goes on and tells it
        every = error.exceptions if isinstance(error, ExceptionGroup) else (error,)
        for one in every:
            text = "".join(traceback.format_exception(one))
            (found.disagreements if isinstance(one, AssertionError) else found.exceptions).append(
                text
            )


def _done(found: Part) -> Part:
    found.seconds = time.process_time()
    return found


NIGHTS: dict[str, Callable[[int, int], Part]] = {
    "oracle": oracle,
    "bent": bent,
    "sample": sample,
    "queries": queries,
}


def night(what: str, examples: int, *, first: int, jobs: int) -> list[Part]:
    """All parts, in the order of their seeds."""
    sizes = [min(PART, examples - at) for at in range(0, examples, PART)] or [0]
    seeds = range(first, first + len(sizes))
    with ProcessPoolExecutor(jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        found = []
        for part in pool.map(NIGHTS[what], sizes, seeds):
            found.append(part)
            tell(
                f"{what} {part.seed - first + 1} of {len(sizes)}: {told(part.ran)}, {part.seconds:.0f} s"
            )
            for text in (*part.disagreements, *part.exceptions):
                tell(text)
        return found


def told(ran: Counter[str]) -> str:
    """How many of each."""
    return ", ".join(f"{count:,} {name}" for name, count in sorted(ran.items())) or "nothing"


def line(what: str, parts: list[Part], *, now: datetime, commit: str) -> str:
    """What the log says of a night."""
    ran = sum((part.ran for part in parts), Counter[str]())
    disagreements = sum(len(part.disagreements) for part in parts)
    exceptions = sum(len(part.exceptions) for part in parts)
    return (
        f"{now:%Y-%m-%d} {commit} {what}: {told(ran)}; seeds {parts[0].seed} to {parts[-1].seed}; "
        f"{sum(part.seconds for part in parts):,.0f} s CPU; "
        f"{disagreements} disagreements, {exceptions} exceptions"
    )


def commit() -> str:
    """The commit at hand, marked where files differ from it."""
    words = [
        "git",
        "-C",
        str(ROOT),
        "describe",
        "--always",
        "--abbrev=10",
        "--exclude=*",
        "--dirty=+changes",
    ]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def tell(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Run one night and log it; 1 where anything disagreed or raised."""
    parser = argparse.ArgumentParser(
        description="Run one of the long comparisons and log what ran."
    )
    parser.add_argument("what", choices=sorted(NIGHTS))
    parser.add_argument("examples", type=int, nargs="?", default=0)
    parser.add_argument("--first", type=int, default=1, help="the seed of the first part")
    parser.add_argument("--jobs", type=int, default=1, help="parts at a time")
    parser.add_argument("--log", type=Path, default=LOG)
    asked = parser.parse_args()
    at = commit()  # what was run, not what is there when it ends
    parts = night(asked.what, asked.examples, first=asked.first, jobs=asked.jobs)
    text = line(asked.what, parts, now=datetime.now(UTC), commit=at)
    tell(text)
    with asked.log.open("a", encoding="utf-8") as log:
        log.write(f"{text}\n")
    return int(any(part.disagreements or part.exceptions for part in parts))


if __name__ == "__main__":
    sys.exit(main())
