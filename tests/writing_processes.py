"""Writing processes for tests of stores: started, listened to, killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOREVER = 1_000_000


@contextmanager
def writer(
    place: Path | str,
    name: str,
    runs: int,
    environment: Mapping[str, str] | None = None,
    *more: str,
) -> Iterator[subprocess.Popen[str]]:
    """A writing process over a file or a server; it is gone afterwards."""
    command = [
        sys.executable,
        str(ROOT / "tests" / "store_writer.py"),
        str(place),
        name,
        str(runs),
        *more,
    ]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", **(environment or {})},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> list[int]:
    """The versions that the process told of and that were not read yet."""
    assert process.stdout is not None
    return [int(line) for line in process.stdout]


def first(process: subprocess.Popen[str]) -> int:
    """The first version that the process tells of, waiting for it."""
    assert process.stdout is not None
    return int(process.stdout.readline())
