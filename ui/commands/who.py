"""`shadowgraph who`: the identities that reach an asset."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.command import Command, Panel
from ui.commands.options import (
    CapabilityOption,
    CertaintyOption,
    EdgeKindsOption,
    Format,
    FormatOption,
    LeftOutOption,
    NoIndirectOption,
    StoreOption,
    Sureness,
    keep_of,
)
from ui.desk import Desk
from ui.exits import Exit


def who(
    context: typer.Context,
    asset: Annotated[
        str,
        typer.Argument(
            metavar="ASSET", help="What is reached: an id, a name, or the end of an id."
        ),
    ],
    *,
    capability: CapabilityOption = None,
    certainty: CertaintyOption = Sureness.POSSIBLE,
    no_indirect: NoIndirectOption = False,
    edge_kinds: EdgeKindsOption = None,
    left_out: LeftOutOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Who can reach an asset, and by what sort of route."""
    from queries.exposure import exposure
    from queries.kernels.search import reached
    from queries.paths import goals_of
    from ui.answer import Answer, give
    from ui.completeness import completeness, grants_among
    from ui.lookup import find
    from ui.render.exposure import exposure_sheet

    desk = Desk.of(context)
    keep = keep_of(certainty, no_indirect=no_indirect, edge_kinds=edge_kinds, left_out=left_out)
    wanted = capability.capability if capability else None
    with desk.store(store) as opened:
        view = desk.view(opened, store)
        goal = find(view, asset)
        found = exposure(view, goal, capability=wanted, keep=keep)
        before = reached(view, keep, goals_of(view, goal, wanted), inward=True).nonzero()[0]
        known = completeness(opened, grants=grants_among(view, before.tolist()))
    return give(desk, Answer(found.plain(), exposure_sheet(found), known), form)


COMMAND = Command("who", who, Panel.ASK, 2)
