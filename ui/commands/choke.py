"""`shadowgraph choke`: which node, or what can be taken away, ends most paths."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.command import Command, Panel
from ui.commands.options import (
    CertaintyOption,
    EdgeKindsOption,
    Format,
    FormatOption,
    FromOption,
    LeftOutOption,
    NoIndirectOption,
    StoreOption,
    Sureness,
    ToOption,
    keep_of,
)
from ui.desk import Desk, kernel_for
from ui.exits import Exit


def choke(
    context: typer.Context,
    *,
    source: FromOption = None,
    target: ToOption = None,
    top: Annotated[
        int, typer.Option("--top", min=1, max=10_000, help="How many of each sort are told.")
    ] = 20,
    recount: Annotated[
        int,
        typer.Option(
            "--recount",
            min=0,
            max=1_000,
            help="How many of each sort are counted again without them.",
        ),
    ] = 10,
    certainty: CertaintyOption = Sureness.POSSIBLE,
    no_indirect: NoIndirectOption = False,
    edge_kinds: EdgeKindsOption = None,
    left_out: LeftOutOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """What, removed, cuts most: nodes, and statements, memberships and attachments that can be taken away."""
    from queries.choke import choke_points
    from ui.answer import Answer, give
    from ui.completeness import completeness
    from ui.ends import ends_of
    from ui.evidence import evidence_of
    from ui.render.choke import choke_sheet

    desk = Desk.of(context)
    keep = keep_of(certainty, no_indirect=no_indirect, edge_kinds=edge_kinds, left_out=left_out)
    crown = desk.settings.context.crown_jewels
    with desk.store(store) as opened:
        view = desk.view(opened, store)
        ends = ends_of(opened, view, source=source, target=target, crown=crown)
        found = choke_points(
            view,
            ends.targets,
            entries=None if source is None else ends.entries,
            passed_over=ends.passed_over,
            evidence=evidence_of(opened),
            keep=keep,
            recount=recount,
            most=top,
            fast=kernel_for(view),
        )
        known = completeness(opened)
    return give(desk, Answer(found.plain(), choke_sheet(found, ends), known), form)


COMMAND = Command("choke", choke, Panel.ASK, 4)
