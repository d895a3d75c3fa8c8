"""`shadowgraph blast`: what one node reaches, or every identity."""

from __future__ import annotations

from typing import Annotated

import typer

from graph.errors import ConfigError, with_advice
from graph.model import Capability
from ui.command import Command, Panel
from ui.commands.options import (
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
from ui.desk import Desk, kernel_for
from ui.exits import Exit


def blast(
    context: typer.Context,
    node: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Where it starts: an id, a name, or the end of an id."),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="A row for every identity.")] = False,
    capability: Annotated[
        Capability | None,
        typer.Option(
            "--capability",
            "-c",
            case_sensitive=False,
            help="What the attacker has there; by kind where it is not given, e.g. CONTROL of a role.",
        ),
    ] = None,
    certainty: CertaintyOption = Sureness.POSSIBLE,
    no_indirect: NoIndirectOption = False,
    edge_kinds: EdgeKindsOption = None,
    left_out: LeftOutOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """What an identity, notebook, model or dataset reaches once it is taken."""
    from queries.reach import blast_radii, blast_radius
    from ui.answer import Answer, give
    from ui.completeness import completeness, grants_among
    from ui.lookup import find
    from ui.render.blast import blast_rows, blast_sheet, radii_sheet, reached_states

    if every == (node is not None) or (every and capability):
        raise with_advice(
            ConfigError("name one node, or ask for all"),
            "`shadowgraph blast ID [--capability C]`, or `shadowgraph blast --all`",
        )
    desk = Desk.of(context)
    keep = keep_of(certainty, no_indirect=no_indirect, edge_kinds=edge_kinds, left_out=left_out)
    with desk.store(store) as opened:
        view = desk.view(opened, store)
        if node is None:
            radii = blast_radii(view, keep=keep, fast=kernel_for(view))
            sheet, known = radii_sheet(radii), completeness(opened)
            answer = Answer([row.plain() for row in radii], sheet, known)
        else:
            start = find(view, node)
            reach = blast_radius(view, start, capability=capability, keep=keep)
            name = view.nodes.names[view.position(start)]
            known = completeness(opened, grants=grants_among(view, reached_states(reach)))
            answer = Answer(reach.plain(), blast_sheet(reach, name), known, blast_rows(reach))
    return give(desk, answer, form)


COMMAND = Command("blast", blast, Panel.ASK, 1)
