"""`shadowgraph whatif`: what a change of memberships, attachments or policies would open and end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

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
    from graph.store import Store
    from graph.view import Keep, View
    from queries.whatif import WhatIf


Ends: TypeAlias = tuple[str, str]
ChangesArgument: TypeAlias = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", help="A JSON list of changes, each with its `op`."),
]
JoinOption: TypeAlias = Annotated[
    Ends | None,
    typer.Option("--join", metavar="IDENTITY GROUP", help="The identity joins the group."),
]
LeaveOption: TypeAlias = Annotated[
    Ends | None,
    typer.Option("--leave", metavar="IDENTITY GROUP", help="The identity leaves the group."),
]
AttachOption: TypeAlias = Annotated[
    Ends | None,
    typer.Option("--attach", metavar="IDENTITY POLICY", help="The policy is attached."),
]
DetachOption: TypeAlias = Annotated[
    Ends | None,
    typer.Option("--detach", metavar="IDENTITY POLICY", help="The policy is detached."),
]
RemoveOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--remove", metavar="ID", help="The node goes, with what hangs on it."),
]
RemoveStatementOption: TypeAlias = Annotated[
    Ends | None,
    typer.Option(
        "--remove-statement",
        metavar="OF SID",
        help="The statements of this Sid go from an identity, a policy or a resource.",
    ),
]
TopOption: TypeAlias = Annotated[
    int, typer.Option("--top", min=1, help="How many changed pairs are told; all are counted.")
]


def whatif(
    context: typer.Context,
    changes: ChangesArgument = None,
    *,
    join: JoinOption = None,
    leave: LeaveOption = None,
    attach: AttachOption = None,
    detach: DetachOption = None,
    remove: RemoveOption = None,
    remove_statement: RemoveStatementOption = None,
    top: TopOption = 200,
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
    from ui.answer import Answer, give
    from ui.completeness import completeness
    from ui.render.whatif import whatif_sheet

    desk = Desk.of(context)
    keep = keep_of(certainty, no_indirect=no_indirect, edge_kinds=edge_kinds, left_out=left_out)
    said = {
        "join": ("identity", "group", join),
        "leave": ("identity", "group", leave),
        "attach": ("identity", "policy", attach),
        "detach": ("identity", "policy", detach),
        "remove_statement": ("of", "sid", remove_statement),
        "remove": ("node", "", None if remove is None else (remove, "")),
    }
    with desk.store(store) as opened:
        edits = _edits(desk.view(opened, store), changes, said)
        after, found = _tried(opened, edits, keep, top)
        known = completeness(opened)
    result = {"changes": [str(edit) for edit in edits], **found.plain()}
    exit_ = give(desk, Answer(result, whatif_sheet(after, found, edits), known), form)
    opened_up = found.count("gained") + found.count("surer")
    return worst(exit_, Exit.FINDINGS) if opened_up else exit_


def _edits(
    view: View, changes: Path | None, said: dict[str, tuple[str, str, Ends | None]]
) -> list[Edit]:
    """The changes of the file, then those of the options."""
    edits = [] if changes is None else list(_read(changes))
    for op, (first, second, ends) in said.items():
        if ends is not None:
            edits.append(_edit(view, op, first, second, ends))
    if not edits:
        raise with_advice(
            ConfigError("no change is named"), "name a file of changes, or `--leave WHO GROUP`"
        )
    return edits


def _tried(store: Store, edits: list[Edit], keep: Keep, top: int) -> tuple[View, WhatIf]:
    """The estate after the changes, and how it differs.

    Both sides are resolved by this version of the program: what was kept may be of another.
    """
    from access.edit import edited  # the help needs no evaluator
    from queries.again import Again  # as above
    from queries.whatif import what_if  # as above
    from ui.auditing import newest  # as above

    facts, run = store.facts(), newest(store)
    before = Again(facts, run.started, run.version).view
    after = Again(edited(facts, edits), run.started, run.version).view
    return after, what_if(before, after, keep=keep, most=top)


def _read(path: Path) -> tuple[Edit, ...]:
    """The changes of a file."""
    from access.edit import edits_of  # the help needs no evaluator

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0].lower()
        raise ConfigError(f"the changes in `{path}` cannot be read: {reason}") from error
    return edits_of(content)


def _edit(view: View, op: str, first: str, second: str, ends: Ends) -> Edit:
    """The change that an option says; nodes may be named as everywhere, policies by their ARN."""
    from access.edit import Edit  # as above
    from ui.lookup import find  # nor arrays

    known = ends[0] if ":policy/" in ends[0] else str(find(view, ends[0]))
    about = {first: known}
    if second:
        about[second] = str(find(view, ends[1])) if second == "group" else ends[1]
    return Edit.of(op, **about)


COMMAND = Command("whatif", whatif, Panel.ASK, 6)
