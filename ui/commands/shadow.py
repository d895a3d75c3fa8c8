"""`shadowgraph shadow`: the assets that are unmanaged, unsanctioned, idle, orphaned, without lineage, or copied."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption, StoreOption
from ui.desk import Desk
from ui.exits import Exit, worst


class Why(StrEnum):
    """The reasons that may be asked for."""

    UNMANAGED = "unmanaged"
    UNSANCTIONED = "unsanctioned"
    IDLE = "idle"
    ORPHANED = "orphaned"
    LINEAGE_LESS = "lineage-less"
    COPIED = "copied"


ReasonOption: TypeAlias = Annotated[
    Why | None, typer.Option("--reason", case_sensitive=False, help="Only assets that are so.")
]


def shadow(
    context: typer.Context,
    *,
    reason: ReasonOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """The assets in the shadow, one line each: why, since when, who answers for them, what to do.

    Ends with 1 where there is one that nobody has accepted, with 3 where some answer could not be given.
    """
    from queries.shadow import shadow_assets
    from ui.answer import Answer, give
    from ui.auditing import keep_audit
    from ui.completeness import completeness
    from ui.render.check import unassessed
    from ui.render.shadow import shadow_sheet

    desk = Desk.of(context)
    with desk.store(store) as opened:
        view = desk.view(opened, store)
        made = keep_audit(opened, view, desk.settings.context, now=desk.now())
        known = completeness(opened)
    told = [one for one in made.audit.results if one.rule.reason is not None]
    assets = [
        one
        for one in shadow_assets(made.findings, after=None)
        if one.became != "gone" and (reason is None or reason.value in one.reasons)
    ]
    sheet = shadow_sheet(assets, tuple(unassessed(told)))
    exit_ = give(desk, Answer([one.plain() for one in assets], sheet, known), form)
    complete = type(made.audit)(tuple(told)).complete
    return worst(
        exit_,
        Exit.FINDINGS if any(one.became != "accepted" for one in assets) else Exit.CLEAN,
        Exit.CLEAN if complete else Exit.INCOMPLETE,
    )


COMMAND = Command("shadow", shadow, Panel.REVIEW, 3)
