"""An answer on its way out: the value, its table, and what it rests on."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

from ui.commands.options import Format
from ui.completeness import Completeness
from ui.desk import Desk
from ui.exits import Exit
from ui.render.sheet import Sheet, as_csv, as_text, terminal_width
from ui.render.text import to_json


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `result` is the value as plain types, `sheet` its rows for people, `rows` those for a program.

    Where the table for people groups or leaves out, `rows` holds the whole; CSV is written from it.
    """

    result: object
    sheet: Sheet
    rests_on: Completeness
    rows: Sheet | None = None


def rendered(answer: Answer, form: Format, *, width: int | None = None) -> str:
    """The answer in this form. JSON holds the value itself beside the completeness of what it rests on."""
    if form is Format.JSON:
        return to_json({"completeness": answer.rests_on.plain(), "result": answer.result})
    if form is Format.CSV:
        return as_csv(answer.rows or answer.sheet)
    above = (*answer.sheet.above, *answer.rests_on.lines())
    return as_text(replace(answer.sheet, above=above), width=width)


def give(desk: Desk, answer: Answer, form: Format) -> Exit:
    """Write the answer; the exit code says whether the data behind it was complete."""
    desk.say(rendered(answer, form, width=terminal_width(sys.stdout.isatty)))
    if form is Format.CSV:
        # A CSV file has no place for it, and an incomplete answer must not look complete.
        for line in answer.rests_on.lines():
            desk.remark(line)
    return Exit.CLEAN if answer.rests_on.complete else Exit.INCOMPLETE
