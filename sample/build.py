"""Builds the sample estate: `python -m sample.build [--into FOLDER] [--seed N]`.

Writes `snapshot/`, `answers.json` and `ANSWERS.md` into the folder; the same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from sample.estate.calls import calls
from sample.estate.snapshot import write

SEED = 20261102


def build(into: Path, *, seed: int = SEED) -> None:
    """Write the estate's snapshot with its answers; an earlier snapshot in the folder is replaced."""
    snapshot = into / "snapshot"
    if (snapshot / "manifest.jsonl").exists():
        shutil.rmtree(snapshot)
    write(list(calls(seed)), snapshot)


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description="Build the sample estate.")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    build(options.into, seed=options.seed)


if __name__ == "__main__":
    main()
