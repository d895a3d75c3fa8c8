"""The options that several commands share, declared once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from graph.model import Capability, Certainty


class Format(StrEnum):
    """The form of an answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Access(StrEnum):
    """The capabilities that may be asked for; the others are only passed through."""

    READ = "READ"
    WRITE = "WRITE"
    INVOKE = "INVOKE"
    PROMOTE = "PROMOTE"
    CONTROL = "CONTROL"
    ADMIN = "ADMIN"

    @property
    def capability(self) -> Capability:
        """The capability of the graph."""
        return Capability(self.value)


class Sureness(StrEnum):
    """How sure the edges must be that an answer walks."""

    DEFINITE = "definite"
    CONDITIONAL = "conditional"
    POSSIBLE = "possible"

    @property
    def certainty(self) -> Certainty:
        """The least sure certainty that is still walked."""
        return Certainty[self.name]


StoreOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="The store, e.g. sqlite:///estate.db; else that of the settings.",
    ),
]
FormatOption: TypeAlias = Annotated[
    Format, typer.Option("--format", "-f", case_sensitive=False, help="The form of the answer.")
]
CertaintyOption: TypeAlias = Annotated[
    Sureness,
    typer.Option(
        "--certainty",
        case_sensitive=False,
        help="Walk only what is at least this sure: definite, with conditional, or with possible steps.",
    ),
]
NoIndirectOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--no-indirect", help="Leave out what shows only later: after retraining, or in answers."
    ),
]
CapabilityOption: TypeAlias = Annotated[
    Access | None,
    typer.Option(
        "--capability", "-c", case_sensitive=False, help="The capability that is asked about."
    ),
]
