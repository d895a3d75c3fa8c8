"""`shadowgraph review`: campaigns of access reviews: opened, listed, and the evidence of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from graph.errors import ConfigError, with_advice
from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption, StoreOption, day
from ui.desk import Desk
from ui.exits import Exit, worst

if TYPE_CHECKING:
    from graph.store import Store
    from queries.inventory import Inventory
    from ui.render.campaigns import Progress

NameArgument: TypeAlias = Annotated[
    str | None, typer.Argument(metavar="[CAMPAIGN]", help="A campaign; all of them are listed without.")
]  # fmt: skip
ReviewerOption: TypeAlias = Annotated[
    str, typer.Option("--reviewer", metavar="WHO", help="Only the share of this reviewer.")
]
DueOption: TypeAlias = Annotated[
    str | None, typer.Option("--due", metavar="DAY", help="Opens the campaign: the day it is due.")
]
ShareOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--share", metavar="WHO=SELECTION", help="With --due: what a reviewer looks at; once for each."),
]  # fmt: skip
ByOption: TypeAlias = Annotated[
    str, typer.Option("--by", metavar="WHO", help="With --due: who opens the campaign.")
]
ReasonOption: TypeAlias = Annotated[str, typer.Option("--reason", help="With --due: why.")]


def review(
    context: typer.Context,
    name: NameArgument = None,
    *,
    reviewer: ReviewerOption = "",
    due: DueOption = None,
    share: ShareOption = None,
    by: ByOption = "",
    reason: ReasonOption = "",
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Campaigns of access reviews: how far each is; with a name, every identity with its verdict; with --due, opened.

    Ends with 1 where somebody still has to decide.
    """
    from ui.answer import Answer, give
    from ui.auditing import inventory_of
    from ui.completeness import completeness
    from ui.render.campaigns import campaigns_sheet, evidence_sheet

    desk, now = Desk.of(context), Desk.of(context).now()
    with desk.store(store) as opened:
        view = desk.view(opened, store)
        inventory = inventory_of(opened, view, desk.settings.context)
        if due is not None:
            _open(desk, opened, inventory, name=name or "", due=due, shares=share or [], by=by, reason=reason)  # fmt: skip
        told = _progress(desk, opened, inventory, name)
        known = completeness(opened)
        sheet = (
            campaigns_sheet(told, now)
            if name is None
            else evidence_sheet(told[0], inventory.nodes, reviewer=reviewer)
        )
    result = [one.plain(now) for one in told]
    exit_ = give(desk, Answer(result if name is None else result[0], sheet, known), form)
    return worst(exit_, Exit.FINDINGS if any(one.left for one in told) else Exit.CLEAN)


def _open(
    desk: Desk,
    store: Store,
    inventory: Inventory,
    *,
    name: str,
    due: str,
    shares: list[str],
    by: str,
    reason: str,
) -> None:
    from queries.campaigns import opening
    from ui.deciding import opened

    split = [one.partition("=") for one in shares]
    if not all(who.strip() and selection.strip() for who, _, selection in split):
        raise with_advice(
            ConfigError("a share names a reviewer and a selection"),
            "write `--share jo@example.com=account:111111111111`",
        )
    asked = {who.strip(): selection.strip() for who, _, selection in split}
    made = opening(name, asked, due=day(due), person=by, reason=reason, now=desk.now())
    opened(store, inventory.view, made)


def _progress(
    desk: Desk, store: Store, inventory: Inventory, name: str | None
) -> tuple[Progress, ...]:
    from queries.campaigns import campaign_named, campaigns, items
    from ui.render.campaigns import Progress

    decisions = store.decisions()
    held = campaigns(decisions) if name is None else (campaign_named(decisions, name),)
    crown = desk.settings.context.crown_jewels
    return tuple(Progress(one, items(one, inventory, decisions, crown=crown)) for one in held)


COMMAND = Command("review", review, Panel.REVIEW, 6)
