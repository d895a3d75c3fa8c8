"""The app's server, run as a process of its own for tests that ask it or visit it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
HONEST = Path(__file__).parent / "served" / "honest_page.py"
SERVING = (
    "import pathlib, sys\n"
    "from ui.serve import Place, serve\n"
    "serve(Place(port=0), store='sqlite:///none.db', script=pathlib.Path(sys.argv[1]),\n"
    "      told=lambda url: print(url, flush=True))\n"
)


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs, and where."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def served(script: Path, folder: Path) -> Iterator[Served]:
    """The script, served from this folder on a free port until the block ends."""
    started = subprocess.Popen(
        [sys.executable, "-c", SERVING, str(script)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert started.stderr is not None
    try:
        url = started.stdout.readline().strip()
        assert url, started.stderr.read()
        yield Served(started, url)
    finally:
        if started.poll() is None:
            started.terminate()
            started.communicate(timeout=30)
