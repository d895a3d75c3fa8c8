"""What leaves the app as a file: the rows of a page in each form, with what they rest on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from ui.completeness import Completeness
from ui.render.sheet import Sheet
from ui.render.text import to_json


@dataclass(frozen=True, slots=True)
class Export:
    """The rows of a page, its question on the command line, and what the answer rests on."""

    name: str
    sheet: Sheet
    command: str = ""
    rests_on: Completeness | None = None


def file_name(name: str, ending: str, when: datetime) -> str:
    """A file name that any system takes, whatever the assets are called."""
    kept = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:60] or "export"
    return f"shadowgraph-{kept}-{when:%Y%m%d}.{ending}"


def as_json(export: Export) -> str:
    """The rows by column name, beside the completeness of what they rest on."""
    rows = [dict(zip(export.sheet.columns, row, strict=True)) for row in export.sheet.rows]
    rests_on = None if export.rests_on is None else export.rests_on.plain()
    return to_json({"completeness": rests_on, "question": export.command, "rows": rows})
