"""A number that a page shows large."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """A number with its name, and one sentence that says what is counted."""

    name: str
    value: str
    help: str
