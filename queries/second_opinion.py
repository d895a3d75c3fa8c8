"""Our decision beside another's: whether they agree, where the other may not have been told every condition key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from access.decision import Effect
from queries.verdicts import Answered


class Standing(StrEnum):
    """How a decision of ours stands to another's."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNDECIDED = "undecided"  # the other's answer may depend on a key that the question leaves open
    UNANSWERED = "not answered"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Compared:
    """How ours stands, what the other's answer comes to, and why they differ or cannot be told apart."""

    standing: Standing
    theirs: Effect
    why: str = ""


def compared(ours: Answered, theirs: Effect, missing: Iterable[str], *, partial: bool) -> Compared:
    """Our decision beside the other's, which was made without the `missing` keys that some policy asks for.

    Where the question is not `partial` it says that these keys are absent, and both have decided that. Where it is, they
    are open. The other decided as if they were absent: an effect of its own contradicts a definite one of ours, an equal
    one does not yet confirm it. Ours depends on keys only if the other asks for each of them as well.
    """
    lacking = {key.lower(): key for key in missing}
    named = f"asks for {', '.join(sorted(lacking.values()))}" if lacking else ""
    if not (partial and lacking):
        equal = ours.effect is theirs
        why = "" if equal else named
        return Compared(Standing.AGREES if equal else Standing.DIFFERS, theirs, why)
    if ours.effect is Effect.CONDITIONAL:
        beside = sorted(ours.keys - set(lacking))
        why = f"does not ask for {', '.join(beside)}" if beside else ""
        return Compared(Standing.DIFFERS if beside else Standing.AGREES, Effect.CONDITIONAL, why)
    if ours.effect is theirs:
        why = f"{named}, and does not say whether its answer depends on it"
        return Compared(Standing.UNDECIDED, Effect.CONDITIONAL, why)
    return Compared(
        Standing.DIFFERS, Effect.CONDITIONAL, f"{named}; without, it says {theirs.value}"
    )
