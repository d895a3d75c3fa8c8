"""The options that several commands share, declared once."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from graph.errors import ConfigError, with_advice
from graph.model import Capability, Certainty

if TYPE_CHECKING:
    from graph.view import Keep


QUERY_ROWS = 1_000  # of one answer in Cypher, where nobody says otherwise
QUERY_SECONDS = 30.0  # as above


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
SELECTION = (
    "an id, a name, or a selection such as `kind:User+account:1*`, `external`, `jewels`, `tag:pii`"
)
FromOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="WHO",
        help=f"Where attackers start: {SELECTION}; else everybody but administrators.",
    ),
]
ToOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="WHAT",
        help=f"What is to be reached: {SELECTION}; else the crown jewels, or the most sensitive assets.",
    ),
]
EdgeKindsOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--edge-kind", metavar="KIND", help="Walk edges of this kind only; give it once per kind."
    ),
]
LeftOutOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--without-technique",
        metavar="ID",
        help="Leave out this technique, or action; give it once for each.",
    ),
]


def day(text: str) -> datetime:
    """The day that the text writes, or the instant; days begin in UTC."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise with_advice(ConfigError(f"`{text}` is no day"), "write it like 2026-12-31") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def keep_of(
    certainty: Sureness,
    *,
    no_indirect: bool,
    edge_kinds: list[str] | None,
    left_out: list[str] | None,
) -> Keep:
    """The filter that the options ask for; a kind that is none is refused."""
    from graph.schema import schema  # the help needs no schema
    from graph.view import Keep  # nor arrays

    kinds = frozenset(edge_kinds) if edge_kinds else None
    for kind in sorted(kinds or ()):
        if kind not in schema().edges:
            raise with_advice(
                ConfigError(f"no edge kind `{kind}`"), f"one of {', '.join(sorted(schema().edges))}"
            )
    return Keep(certainty.certainty, not no_indirect, kinds, frozenset(left_out or ()))
