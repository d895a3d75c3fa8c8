"""`shadowgraph whatif`: what a change of memberships, attachments or policies would open and end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graph.errors import ConfigError, with_advice
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
from ui.desk import Desk
from ui.exits import Exit, worst

if TYPE_CHECKING:
    from access.edit import Edit
    from graph.view import View


def whatif(
    context: typer.Context,
    changes: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A JSON list of changes, each with its `op`."),
    ] = None,
    *,
    join: Annotated[
        tuple[str, str] | None,
        typer.Option("--join", metavar="IDENTITY GROUP", help="The identity joins the group."),
    ] = None,
    leave: Annotated[
        tuple[str, str] | None,
        typer.Option("--leave", metavar="IDENTITY GROUP", help="The identity leaves the group."),
    ] = None,
    attach: Annotated[
        tuple[str, str] | None,
        typer.Option("--attach", metavar="IDENTITY POLICY", help="The policy is attached."),
    ] = None,
    detach: Annotated[
        tuple[str, str] | None,
        typer.Option("--detach", metavar="IDENTITY POLICY", help="The policy is detached."),
    ] = None,
    remove: Annotated[
        str | None,
        typer.Option("--remove", metavar="ID", help="The node goes, with what hangs on it."),
    ] = None,
    remove_statement: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--remove-statement",
            metavar="OF SID",
            help="The statements of this Sid go from an identity, a policy or a resource.",
        ),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", min=1, help="How many changed pairs are told; all are counted.")
    ] = 200,
    certainty: CertaintyOption = Sureness.POSSIBLE,
    no_indirect: NoIndirectOption = False,
    edge_kinds: EdgeKindsOption = None,
    left_out: LeftOutOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """What a change would open and end: the estate resolved again, and all that differs.

    Ends with 1 where somebody gains access, or has it more surely.
    """
    from access.edit import edited
    from queries.again import Again
    from queries.whatif import what_if
    from ui.answer import Answer, give
    from ui.completeness import completeness
    from ui.render.whatif import whatif_sheet

    desk = Desk.of(context)
    keep = keep_of(certainty, no_indirect=no_indirect, edge_kinds=edge_kinds, left_out=left_out)
    said = {
        "join": (join, "group"),
        "leave": (leave, "group"),
        "attach": (attach, "policy"),
        "detach": (detach, "policy"),
    }
    with desk.store(store) as opened:
        view = desk.view(opened, store)
        edits = [] if changes is None else list(_read(changes))
        for op, (ends, second) in said.items():
            if ends is not None:
                edits.append(_edit(view, op, "identity", second, ends))
        if remove_statement is not None:
            edits.append(_edit(view, "remove_statement", "of", "sid", remove_statement))
        if remove is not None:
            edits.append(_edit(view, "remove", "node", "", (remove, "")))
        if not edits:
            raise with_advice(
                ConfigError("no change is named"), "name a file of changes, or `--leave WHO GROUP`"
            )
        facts, run = opened.facts(), opened.runs()[-1]
        # Both sides are resolved by this version of the program: what was kept may be of another.
        before = Again(facts, run.started, view.version).view
        after = Again(edited(facts, edits), run.started, view.version).view
        found = what_if(before, after, keep=keep, most=top)
        known = completeness(opened)
    result = {"changes": [str(edit) for edit in edits], **found.plain()}
    exit_ = give(desk, Answer(result, whatif_sheet(after, found, edits), known), form)
    opened_up = found.count("gained") + found.count("surer")
    return worst(exit_, Exit.FINDINGS) if opened_up else exit_


def _read(path: Path) -> tuple[Edit, ...]:
    """The changes of a file."""
    from access.edit import edits_of  # the help needs no evaluator

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0].lower()
        raise ConfigError(f"the changes in `{path}` cannot be read: {reason}") from error
    return edits_of(content)


def _edit(view: View, op: str, first: str, second: str, ends: tuple[str, str]) -> Edit:
    """The change that an option says; nodes may be named as everywhere, policies by their ARN."""
    from access.edit import Edit  # as above
    from ui.lookup import find  # nor arrays

    known = ends[0] if ":policy/" in ends[0] else str(find(view, ends[0]))
    about = {first: known}
    if second:
        about[second] = str(find(view, ends[1])) if second == "group" else ends[1]
    return Edit.of(op, **about)


COMMAND = Command("whatif", whatif, Panel.ASK, 6)
