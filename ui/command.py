"""A command, declared: its name, the function that runs it and the part of the help that lists it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ui.exits import Exit


class Panel(StrEnum):
    """The parts of the help, in the order in which they are listed."""

    START = "Start"
    ASK = "Ask"
    REVIEW = "Review"
    KNOW = "Know what the answers rest on"


@dataclass(frozen=True, slots=True)
class Command:
    """A module of `ui.commands` declares one as `COMMAND`; its function's docstring is its help."""

    name: str
    run: Callable[..., Exit]
    panel: Panel
    place: int  # within its panel
