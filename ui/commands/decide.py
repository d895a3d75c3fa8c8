"""`shadowgraph decide`: what a person decides, for the record: accept a finding until a day, name an owner, review access."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption, StoreOption, day
from ui.desk import Desk
from ui.exits import Exit

SubjectArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="SUBJECT", help="The id of a finding, or an asset or identity.")
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
    subject: SubjectArgument,
    *,
    what: WhatOption,
    reason: ReasonOption,
    by: PersonOption,
    value: ValueOption = "",
    until: UntilOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Add a decision to the record, which is never changed: a later decision takes the place of an earlier one."""
    from graph.model import Decision
    from queries.findings import plain_decision
    from ui.deciding import decided
    from ui.render.text import to_json

    desk = Desk.of(context)
    asked = Decision(desk.now(), by, subject, what, reason, value, day(until) if until else None)
    with desk.store(store) as opened:
        made = decided(opened, desk.view(opened, store), asked)
    if form is Format.TABLE:
        ends = f" until {made.expires:%Y-%m-%d}" if made.expires else ""
        desk.remark(f"decision {made.number}: {made.what}{ends}, by {made.person}")
    else:
        desk.say(to_json(plain_decision(made)))
    return Exit.CLEAN


COMMAND = Command("decide", decide, Panel.REVIEW, 5)
