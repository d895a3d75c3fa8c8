"""How long measuring against the escalation corpus takes: the whole file, and per row. Note of a run below.

2026-11-26, two shared cores: 51 rows, 11.2 s of CPU, 0.22 s a row; the one with 42 principals 3.4 s, the others 0.15 s.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time

from ui.desk import Desk
from ui.settings import read_settings
from ui.verifying import escalations

LABS = Path(__file__).parents[1] / "tests" / "data" / "aws" / "escalation-labs-dev.jsonl"


def main(path: Path) -> None:
    """Measure once and print."""
    now = Desk(read_settings({}, Path.cwd())).now()
    begun = process_time()
    found = escalations(path, instant=now)
    spent = process_time() - begun
    print(f"{len(found.rows)} rows: {spent:.1f} s of CPU, {spent / len(found.rows):.2f} s a row")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else LABS)
