"""A command line that was run in-process, and how it ended."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Ended:
    """How one command line ended."""

    code: int
    out: str
    err: str


Run: TypeAlias = Callable[..., Ended]
