"""`shadowgraph decide`: what a person decides, for the record: accept a finding until a day, name an owner, review access."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption, StoreOption, day
from ui.desk import Desk
from ui.exits import Exit

SubjectsArgument: TypeAlias = Annotated[
    list[str],
    typer.Argument(metavar="SUBJECT...", help="Ids of findings, or assets or identities."),
]
WhatOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--what",
        help="accept, withdraw, owner, sensitivity, keep, reduce, revoke or `not mine`.",
    ),
]
ReasonOption: TypeAlias = Annotated[str, typer.Option("--reason", help="Why; kept with it.")]
PersonOption: TypeAlias = Annotated[str, typer.Option("--by", metavar="WHO", help="Who decides.")]
ValueOption: TypeAlias = Annotated[
    str, typer.Option("--value", help="The owner, or the sensitivity, that it sets.")
]
UntilOption: TypeAlias = Annotated[
    str | None, typer.Option("--until", metavar="DAY", help="The day on which it ends.")
]


def decide(
    context: typer.Context,
    subjects: SubjectsArgument,
    *,
    what: WhatOption,
    reason: ReasonOption,
    by: PersonOption,
    value: ValueOption = "",
    until: UntilOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Add a decision to the record, which is never changed: a later decision takes the place of an earlier one.

    Of several subjects each gets its own; where one may not be decided so, none is.
    """
    from graph.model import Decision
    from queries.findings import plain_decision
    from ui.deciding import decided_alike
    from ui.render.text import to_json

    desk = Desk.of(context)
    asked = Decision(desk.now(), by, "", what, reason, value, day(until) if until else None)
    with desk.store(store) as opened:
        view = desk.view(opened, store)
        made = decided_alike(opened, view, asked, tuple(dict.fromkeys(subjects)))
    if form is Format.TABLE:
        for one in made:
            ends = f" until {one.expires:%Y-%m-%d}" if one.expires else ""
            desk.remark(f"decision {one.number}: {one.what}{ends}, by {one.person}")
    else:
        desk.say(to_json([plain_decision(one) for one in made]))
    return Exit.CLEAN


COMMAND = Command("decide", decide, Panel.REVIEW, 5)
