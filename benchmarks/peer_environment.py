"""An environment of its own for a peer that is a Python package: in a cache folder, never a dependency of this project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

_INSTALL_SECONDS = 300


class Absent(Exception):  # noqa: N818  # no failure of ours: why there is nothing to compare with
    """Why the peer is not there."""


def environment(package: str, version: str) -> Path:
    """The folder of the environment with this version of the package, made first where it is not there yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "shadowgraph-benchmarks" / f"{package}-{version}"
    if not folder.is_dir():
        _make(folder, f"{package}=={version}")
    return folder


def _make(folder: Path, wanted: str) -> None:
    """Install beside and move: a broken install is never taken for a whole one."""
    beside = folder.with_name(f"{folder.name}.{os.getpid()}")
    try:
        for command in (
            [sys.executable, "-m", "venv", str(beside)],
            [str(beside / "bin" / "python"), "-m", "pip", "install", "--quiet", wanted],
        ):
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
            )
            if done.returncode:
                raise Absent(f"cannot install {wanted}: {' '.join(done.stderr.split())[-300:]}")
        beside.rename(folder)
    except subprocess.TimeoutExpired:
        raise Absent(f"installing {wanted} took longer than {_INSTALL_SECONDS} s") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def told(folder: Path, driver: Path, *arguments: str) -> dict[str, Any]:
    """What the driver prints, run with this environment alone."""
    done = subprocess.run(
        [str(folder / "bin" / "python"), "-I", str(driver), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
