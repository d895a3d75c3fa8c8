"""How the app words what the graph says: sensitivities, capabilities, times, severities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, TypeAlias

from graph.model import Capability, Certainty

Colour: TypeAlias = Literal["red", "orange", "yellow", "green", "blue", "violet", "gray"]

SENSITIVITY = {10: "restricted", 3: "confidential", 1: "internal", 0: "not sensitive"}
UNRATED = "not rated"
VERBS = {
    Capability.READ: "read",
    Capability.WRITE: "change",
    Capability.INVOKE: "use",
    Capability.PROMOTE: "approve or deploy versions of",
    Capability.CONTROL: "act as",
    Capability.ADMIN: "change who has access to",
}


class Severity(StrEnum):
    """How much a path matters: by what it ends at and how sure it is."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNRATED = "not rated"


def sensitivity(value: int) -> str:
    """The word for a level of sensitivity; -1 is what nobody rated."""
    below = [level for level in SENSITIVITY if level <= value]
    return SENSITIVITY[max(below)] if below else UNRATED


def severity(value: int, certainty: Certainty) -> Severity:
    """Critical: restricted data by steps that are all definite; one step down for each doubt and each lower level."""
    if value < 0:
        return Severity.UNRATED
    ranks = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
    lower = {"restricted": 0, "confidential": 1, "internal": 2}.get(sensitivity(value), 3)
    return ranks[min(3, lower + (certainty is not Certainty.DEFINITE))]


SEVERITY_LOOKS: Mapping[Severity, tuple[str, Colour]] = {
    Severity.CRITICAL: (":material/error:", "red"),
    Severity.HIGH: (":material/keyboard_double_arrow_up:", "orange"),
    Severity.MEDIUM: (":material/drag_handle:", "yellow"),
    Severity.LOW: (":material/keyboard_arrow_down:", "gray"),
    Severity.UNRATED: (":material/question_mark:", "gray"),
}
"""Icon and colour of each severity; the word always stands beside them."""


def instant(when: datetime | None) -> str:
    """An instant in UTC, as every page writes it."""
    return "never" if when is None else f"{when:%d %b %Y %H:%M} UTC"


def age(span: timedelta) -> str:
    """How long ago, in its largest unit."""
    minutes = max(0, int(span.total_seconds() // 60))
    for unit, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= size:
            count = minutes // size
            return f"{count:,} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
