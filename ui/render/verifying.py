"""A measure against a corpus as a table: the wrong rows with our reasons, the counts above."""

from __future__ import annotations

from ui.render.sheet import Sheet
from ui.render.text import plural
from ui.verifying import Measured


def verify_sheet(found: Measured) -> Sheet:
    """The rows that we have wrong; above them how many are right, per expected answer and in all."""
    total = len(found.scored)
    above = [f"{found.right} of {total} right"]
    above += [f"  {name}: {right} of {every}" for name, right, every in found.by_class]
    right, every = found.labels
    if every:
        above.append(f"  labels of administrators: {right} of {every}")
    if unscored := len(found.rows) - total:
        above.append(f"{plural(unscored, 'row')} not scored: run, not counted")
    return Sheet(
        ("id", "expected", "got", "why"),
        tuple((row.id, row.expected, row.got, row.why) for row in found.wrong),
        above=tuple(above),
    )
