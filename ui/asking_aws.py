"""Decisions beside what AWS's own policy simulator says of them: every row asked that can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.aws.simulator import Answer, Opinion, Simulator, Unanswered
from ingest.aws.simulator_questions import Question, Unasked
from queries.second_opinion import Standing, compared
from ui.cloud import aws_access
from ui.desk import Desk
from ui.render.progress import progress
from ui.verifying import Measured, Verdict

COMPARED = (Standing.AGREES, Standing.DIFFERS)
_ASKED = (*COMPARED, Standing.UNDECIDED, Standing.UNANSWERED)


@dataclass(frozen=True, slots=True)
class Second:
    """One row beside AWS: how the two stand, what AWS says (empty where nothing), and why; `as_role` for a session."""

    row: Verdict
    standing: Standing
    theirs: str
    why: str
    as_role: bool = False
    missing_permission: str = ""

    def plain(self) -> dict[str, str]:
        """The row as plain types, for JSON."""
        return {"id": self.row.id, "ours": self.row.got, "theirs": self.theirs, "why": self.why}


@dataclass(frozen=True, slots=True)
class Against:
    """All rows of a corpus beside AWS, in their order."""

    rows: tuple[Second, ...]

    def standing(self, *standings: Standing) -> tuple[Second, ...]:
        """The rows that stand so."""
        return tuple(row for row in self.rows if row.standing in standings)

    @property
    def differ(self) -> tuple[Second, ...]:
        """The rows on which AWS says something else."""
        return self.standing(Standing.DIFFERS)

    @property
    def asked(self) -> tuple[Second, ...]:
        """The rows that AWS was asked about, and knew the caller of."""
        return self.standing(*_ASKED)

    def reasons(self, standing: Standing) -> Mapping[str, int]:
        """Why rows stand so: each reason with the number of its rows, in order of reason."""
        return dict(sorted(Counter(row.why for row in self.standing(standing)).items()))

    @property
    def as_roles(self) -> int:
        """How many sessions were asked as their roles."""
        return sum(row.as_role for row in self.asked)

    @property
    def missing_permission(self) -> str:
        """The permission that AWS says we lack; empty where it denied nothing."""
        return next((row.missing_permission for row in self.rows if row.missing_permission), "")

    @property
    def complete(self) -> bool:
        """Whether AWS answered whatever it was asked, and something could be compared."""
        return not self.standing(Standing.UNANSWERED) and bool(self.standing(*COMPARED))

    def plain(self) -> dict[str, object]:
        """The comparison as plain types, for JSON."""
        return {
            "asked": len(self.asked),
            "agree": len(self.standing(Standing.AGREES)),
            "differ": [row.plain() for row in self.differ],
            "undecided": [row.plain() for row in self.standing(Standing.UNDECIDED)],
            "not_answered": self.reasons(Standing.UNANSWERED),
            "not_asked": self.reasons(Standing.NOT_ASKED),
            "asked_as_roles": self.as_roles,
            "missing_permission": self.missing_permission or None,
        }


def against_aws(desk: Desk, measured: Measured) -> Against:
    """Ask AWS about the decisions, with the credentials of the settings; `SourceError` where there are none."""
    access = aws_access(desk.settings.aws)
    from ingest.aws.client import AwsClient  # noqa: PLC0415  # loads the SDK

    client = AwsClient(access, since=desk.now())
    simulator = Simulator(client, client.home)
    with progress(desk) as told:
        found = []
        for number, row in enumerate(measured.rows):
            if told:
                told("asking AWS", number, len(measured.rows))
            found.append(_second(row, _asked(simulator, row)))
    return Against(tuple(found))


def _asked(simulator: Simulator, row: Verdict) -> Answer:
    if not row.scored:
        return Unasked.UNSCORED
    assert row.question is not None  # noqa: S101  # decisions that are to be asked come with their questions
    return row.question if isinstance(row.question, Unasked) else simulator.ask(row.question)


def _second(row: Verdict, answer: Answer) -> Second:
    if isinstance(answer, Unasked):
        return Second(row, Standing.NOT_ASKED, "", answer.value)
    asked = row.question
    as_role = isinstance(asked, Question) and asked.as_role
    if isinstance(answer, Unanswered):
        missing = answer.permission
        return Second(row, Standing.UNANSWERED, "", answer.reason, as_role, missing)
    return _compared(row, answer, as_role=as_role)


def _compared(row: Verdict, said: Opinion, *, as_role: bool) -> Second:
    assert row.answered is not None and isinstance(row.question, Question)  # noqa: S101, PT018  # as above
    found = compared(row.answered, said.effect, said.missing, partial=row.question.partial)
    why = "" if found.standing is Standing.AGREES else _why(found.why, said.notes, row.why)
    return Second(row, found.standing, found.theirs.value, why, as_role)


def _why(found: str, notes: Iterable[str], ours: str) -> str:
    """What AWS rests on, and what we do."""
    asks = (f"AWS {found}",) if found else ()
    return "; ".join((*asks, *notes, f"ours: {ours}"))
