"""Facts and one instant in, conclusions out: who may do what in the whole estate, and because of what.

A pure function: the same facts and instant always give the same conclusions, with the same ids. A run, a what-if and
the proof of a cut all call it.
"""

from __future__ import annotations

from datetime import datetime

from access.aws.policy import Policy as AwsPolicy
from access.estate import Estate
from access.held import Verdicts
from access.lift import lift
from access.rows import Rows
from graph.model import Conclusions, Facts, NodeId


def resolve(facts: Facts, *, instant: datetime, lifted: bool = True) -> Conclusions:
    """The conclusions that follow from the facts at this instant.

    `lifted` false leaves every effect with the class or identity that has it, for comparison.
    """
    estate = Estate(facts, instant=instant)
    rows = Rows(estate)
    for verdicts in (AwsPolicy(estate).verdicts(),):
        rows.write(_lifted(verdicts, estate) if lifted else verdicts)
    return rows.conclusions()


def _lifted(verdicts: Verdicts, estate: Estate) -> Verdicts:
    members: dict[NodeId, tuple[NodeId, ...]] = {
        row.id: row.members for row in verdicts.classes if row.members
    }
    held = tuple(lift(verdicts.held, members, estate))
    return Verdicts(held, verdicts.classes, verdicts.nodes, verdicts.runs_as, verdicts.yields)
