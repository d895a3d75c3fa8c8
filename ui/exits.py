"""Exit codes: what a script may conclude from how a command ended."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended; where several apply, `worst` says which is told."""

    CLEAN = 0  # answered from complete data, nothing found
    FINDINGS = 1  # something was found that needs attention
    WRONG = 2  # wrong use, or input that could not be read
    INCOMPLETE = 3  # answered, but some of the data behind the answer was not read
    CRASHED = 70  # a fault of the program
    CUT_OFF = 141  # the reader of the output went away
    STOPPED = 130  # interrupted from the keyboard


_ORDER = (Exit.CRASHED, Exit.WRONG, Exit.FINDINGS, Exit.INCOMPLETE, Exit.CLEAN)


def worst(*exits: Exit) -> Exit:
    """The one code that is told: findings beat incomplete data, both beat clean."""
    return min(exits, key=_ORDER.index, default=Exit.CLEAN)
