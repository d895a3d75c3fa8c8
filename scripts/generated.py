"""Generated files: written, or held against what they should hold."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]


def write_or_check(written: Mapping[Path, str], description: str) -> None:
    """Write the files that differ, or with `--check` name them and end with 1."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 where old")
    options = parser.parse_args()
    old = [
        path
        for path, text in written.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in old:
        if options.check:
            print(f"{path.relative_to(ROOT)} is out of date: run `make docs`")
        else:
            path.write_text(written[path], encoding="utf-8", newline="\n")
    sys.exit(1 if options.check and old else 0)
