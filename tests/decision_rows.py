"""Rows of decision corpora, and what the evaluator says of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aws_asking import NOW

from access.aws.decide import decide, effect_of
from access.decision import Decision, Effect
from ingest.files.decisions import policies_of, request_of

Row = dict[str, Any]
OURS = Path(__file__).parent / "cases" / "decisions"
MEASURED = Path(__file__).parent / "data" / "aws" / "decisions-benkehoe.jsonl"


def rows_of(path: Path) -> list[Row]:
    """The rows of one file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def our_rows() -> list[Row]:
    """The rows that we wrote, file by file."""
    return [row for path in sorted(OURS.glob("*.jsonl")) for row in rows_of(path)]


def answer(row: Row) -> tuple[Decision, Effect]:
    """The evaluator's explained answer, and its short one."""
    asked, given = request_of(row, instant=NOW), policies_of(row)
    return decide(asked, given), effect_of(asked, given)
