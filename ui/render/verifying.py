"""A measure against a corpus as a table: the wrong rows with our reasons, the counts above; beside AWS where asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from queries.second_opinion import Standing
from ui.render.sheet import Sheet
from ui.render.text import plural
from ui.verifying import Measured

if TYPE_CHECKING:
    from ui.asking_aws import Against, Second

_SHOWN = (Standing.DIFFERS, Standing.UNDECIDED)
_COUNTED = {
    Standing.AGREES: "agree",
    Standing.DIFFERS: "differ",
    Standing.UNDECIDED: "undecided",
    Standing.UNANSWERED: "not answered",
}


def verify_sheet(found: Measured, against: Against | None = None) -> Sheet:
    """The rows that we have wrong; above them how many are right, per expected answer and in all.

    Beside AWS also the rows on which it does not agree.
    """
    total = len(found.scored)
    above = [f"{found.right} of {total} right"]
    above += [f"  {name}: {right} of {every}" for name, right, every in found.by_class]
    right, every = found.labels
    if every:
        above.append(f"  labels of administrators: {right} of {every}")
    if unscored := len(found.rows) - total:
        above.append(f"{plural(unscored, 'row')} not scored: run, not counted")
    if against is not None:
        return _beside(against, (*above, *against_lines(against)))
    return Sheet(
        ("id", "expected", "got", "why"),
        tuple((row.id, row.expected, row.got, row.why) for row in found.wrong),
        above=tuple(above),
    )


def against_lines(against: Against) -> Iterator[str]:
    """How we stand to AWS, in numbers, with why rows were not asked or not answered."""
    told = ", ".join(
        f"{word}: {len(against.standing(standing)):,}" for standing, word in _COUNTED.items()
    )
    yield f"against AWS, by the policies that the account has now: {plural(len(against.asked), 'row')} asked"
    yield f"  {told}"
    if against.as_roles:
        yield f"  {plural(against.as_roles, 'session')} asked as the role: AWS simulates no session"
    for standing in (Standing.UNANSWERED, Standing.NOT_ASKED):
        for why, count in against.reasons(standing).items():
            yield f"  {standing.value}, {why}: {plural(count, 'row')}"


def _beside(against: Against, above: tuple[str, ...]) -> Sheet:
    shown = (
        one
        for one in against.rows
        if one.standing in _SHOWN or (one.row.scored and not one.row.right)
    )
    return Sheet(
        ("id", "expected", "got", "aws", "why"), tuple(map(_second_row, shown)), above=above
    )


def _second_row(one: Second) -> tuple[str, ...]:
    row, why = one.row, one.why if one.standing in _SHOWN else one.row.why
    return row.id, row.expected, row.got, one.theirs or one.standing.value, why
