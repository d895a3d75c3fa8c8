"""`shadowgraph privilege`: what identities were granted and did not use, and a smaller policy for one of them."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from graph.errors import ConfigError, QueryError, with_advice
from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption, StoreOption
from ui.desk import Desk
from ui.exits import Exit, worst

if TYPE_CHECKING:
    from graph.model import Node
    from queries.inventory import Inventory
    from queries.privilege.rightsize import RightSized

IdentityOption: TypeAlias = Annotated[
    str | None, typer.Option("--identity", metavar="WHO", help="One user or role, told whole.")
]
WindowOption: TypeAlias = Annotated[
    int | None, typer.Option("--window", min=1, max=365, help="How many days of use count.")
]
TopOption: TypeAlias = Annotated[
    int, typer.Option("--top", min=1, help="How many identities are told; all are counted.")
]
RightsizeOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--rightsize", metavar="FOLDER", help="Write the smaller policies there."),
]


def privilege(
    context: typer.Context,
    *,
    identity: IdentityOption = None,
    window: WindowOption = None,
    top: TopOption = 50,
    rightsize: RightsizeOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """What was granted and not used, where its use would show: by identity, or one of them with a smaller policy.

    Ends with 1 where something granted is known to be unused, with 3 where use could not be observed.
    """
    from queries.privilege.excess import Ledger, excess, table
    from queries.privilege.rightsize import right_sized
    from ui.answer import Answer, give
    from ui.auditing import inventory_of
    from ui.completeness import completeness
    from ui.lookup import find
    from ui.render.privilege import identity_sheet, privilege_sheet

    desk = Desk.of(context)
    with desk.store(store) as opened:
        view = desk.view(opened, store)
        inventory = inventory_of(opened, view, _context(desk, window))
        known = completeness(opened)
        if identity is None:
            rows = table(inventory, tuple(inventory.listed("User", "Role")))
            answer = Answer(
                [row.plain() for row in rows], privilege_sheet(rows[:top], len(rows)), known
            )
            found = any(row.unused for row in rows)
            hidden = any(row.hidden for row in rows)
        else:
            node = _identity(inventory, str(find(view, identity)))
            row = excess(inventory, node, Ledger(inventory), whole=True)
            made = right_sized(inventory, node)
            _write(made, rightsize)
            value = {"excess": row.plain(), "right_sized": made.plain()}
            answer = Answer(value, identity_sheet(row, made), known)
            found, hidden = row.unused > 0, row.hidden > 0
    exit_ = give(desk, answer, form)
    return worst(
        exit_,
        Exit.FINDINGS if found else Exit.CLEAN,
        Exit.INCOMPLETE if hidden else Exit.CLEAN,
    )


def _context(desk: Desk, window: int | None):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the type would load numpy for the help
    context = desk.settings.context
    if window is None:
        return context
    windows = dataclasses.replace(context.windows, log=timedelta(days=window))
    return dataclasses.replace(context, windows=windows)


def _identity(inventory: Inventory, named: str) -> Node:
    from graph.model import NodeId

    node = inventory.nodes[NodeId(named)]
    if node.kind not in {"User", "Role"}:
        raise with_advice(
            QueryError(f"`{node.name}` is a {node.kind}, and no identity with policies of its own"),
            "name a user or a role",
        )
    return node


def _write(made: RightSized, folder: Path | None) -> None:
    """Write the proposal, its difference, what stands now, and Terraform; nothing where there is no proposal."""
    if folder is None:
        return
    from queries.privilege.rightsize import difference
    from queries.privilege.terraform import terraform

    files = {"about.json": json.dumps(made.plain(), indent=2, ensure_ascii=False) + "\n"}
    for at, one in enumerate(made.policies, start=1):
        files[f"{at:02}-rollback.json"] = f"{one.before}\n"
        files[f"{at:02}.diff"] = difference(one)
        for number, text in enumerate(one.after, start=1):
            files[f"{at:02}-proposed-{number}.json"] = f"{text}\n"
    if made.policies:
        files["proposal.tf"] = terraform(made.identity, made.policies)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise with_advice(
            ConfigError(f"the proposal cannot be written to `{folder}`"),
            str(error.strerror).lower(),
        ) from error


COMMAND = Command("privilege", privilege, Panel.REVIEW, 2)
