"""`shadowgraph cut`: the smallest set of what can be taken away that keeps attackers from their targets."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
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
    FromOption,
    LeftOutOption,
    NoIndirectOption,
    StoreOption,
    Sureness,
    ToOption,
    keep_of,
)
from ui.desk import Desk
from ui.exits import Exit, worst

if TYPE_CHECKING:
    from access.decision import Revocable
    from graph.model import NodeId
    from graph.store import Store
    from graph.view import Keep, View
    from queries.context import Context
    from queries.cut import Cut, Proof
    from ui.ends import Ends


KeepUsedOption: TypeAlias = Annotated[
    bool,
    typer.Option("--keep-used/--take-used", help="Keep what access that was used rests on."),
]
FreezeOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--freeze", metavar="ID", help="Keep this Revocable; once for each."),
]
CostOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--cost",
        metavar="OWNER=N",
        help="How many times the usual cost a removal by this account costs.",
    ),
]
LimitOption: TypeAlias = Annotated[
    float, typer.Option("--time-limit", min=1, metavar="SECONDS", help="How long it may take.")
]
ProofOption: TypeAlias = Annotated[
    bool, typer.Option("--proof/--no-proof", help="Resolve the estate again without the cut.")
]
PatchesOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--patches", metavar="FOLDER", help="Write the changes of policies there."),
]


def cut(
    context: typer.Context,
    *,
    source: FromOption = None,
    target: ToOption = None,
    keep_used: KeepUsedOption = True,
    freeze: FreezeOption = None,
    cost: CostOption = None,
    limit: LimitOption = 60.0,
    prove: ProofOption = True,
    patches: PatchesOption = None,
    certainty: CertaintyOption = Sureness.POSSIBLE,
    no_indirect: NoIndirectOption = False,
    edge_kinds: EdgeKindsOption = None,
    left_out: LeftOutOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """The smallest set of statements, memberships and attachments to take away, with its proof and its patches."""
    from graph.model import NodeId
    from ui.answer import Answer, give
    from ui.completeness import completeness
    from ui.ends import ends_of
    from ui.render.cut import cut_sheet

    desk = Desk.of(context)
    keep = keep_of(certainty, no_indirect=no_indirect, edge_kinds=edge_kinds, left_out=left_out)
    asked = _Asked(frozenset(map(NodeId, freeze or [])), _prices(cost or []), limit, keep_used)
    with desk.store(store) as opened:
        view = desk.view(opened, store)
        crown = desk.settings.context.crown_jewels
        ends = ends_of(opened, view, source=source, target=target, crown=crown)
        found, kept = _found(opened, view, ends, keep, asked, context=desk.settings.context)
        proof = _proof(opened, view, found, ends, keep) if prove and found.removals else None
        changes = _patches(opened, found.revocables, patches)
        known = completeness(opened)
    result = {
        **found.plain(),
        "kept": kept,
        "proof": None if proof is None else proof.plain(),
        "patches": changes,
    }
    sheet = cut_sheet(view, found, ends, frozen=kept, proof=proof)
    exit_ = give(desk, Answer(result, sheet, known), form)
    return exit_ if proof is None or proof.agrees else worst(exit_, Exit.FINDINGS)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What may go and what it costs, as the options say it."""

    frozen: frozenset[NodeId]
    prices: dict[str, int]
    limit: float
    keep_used: bool


def _found(
    store: Store, view: View, ends: Ends, keep: Keep, asked: _Asked, *, context: Context
) -> tuple[Cut, int]:
    """The cut, and how many Revocables were kept from it."""
    from queries.cut import Terms, revocations, usual_cost  # the help needs none
    from queries.used import Uses, used_revocables  # as above
    from ui.auditing import inventory_of  # as above
    from ui.evidence import evidence_of  # as above

    uses = Uses(inventory_of(store, view, context))
    end = time.monotonic() + asked.limit
    evidence, frozen = evidence_of(store), asked.frozen
    if asked.keep_used:
        frozen |= used_revocables(view, store.observations(), evidence)
    terms = Terms(
        frozen,
        lambda one: asked.prices.get(one.owner, 1) * usual_cost(one),
        lambda: end - time.monotonic(),
        uses,
    )
    found = revocations(view, ends.targets, evidence, entries=ends.entries, keep=keep, terms=terms)
    return found, len(frozen)


def _prices(texts: list[str]) -> dict[str, int]:
    """What removals cost by owner; anything but a whole number from 1 on is refused."""
    found = {}
    for text in texts:
        owner, _, number = text.partition("=")
        if not owner or not number.isascii() or not number.isdigit() or int(number) < 1:
            raise with_advice(
                ConfigError(f"`{text}` is no cost"), "write it like --cost 111111111111=5"
            )
        found[owner] = int(number)
    return found


def _proof(store: Store, view: View, cut_: Cut, ends: Ends, keep: Keep) -> Proof:
    """The estate resolved again without the cut."""
    from access.change import facts_without  # paid for by proofs only
    from queries.again import Again  # as above
    from queries.cut import proved  # as above

    left = facts_without(store.facts(), cut_.revocables)
    again = Again(left, store.runs()[-1].started, view.version).view
    return proved(again, cut_, ends.entries, ends.targets, keep=keep)


def _patches(
    store: Store, gone: tuple[Revocable, ...], folder: Path | None
) -> list[dict[str, object]]:
    """The changes that the removals come to; written into the folder where one is named."""
    from access.patch import patches  # as above

    made = [patch.plain() for patch in patches(store.facts(), gone)]
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for number, patch in enumerate(made, start=1):
                text = json.dumps(patch, indent=2, sort_keys=True)
                (folder / f"{number:03}.json").write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            raise with_advice(
                ConfigError(f"the patches cannot be written to `{folder}`"),
                f"{error.strerror}: name a folder that can be written",
            ) from error
    return made


COMMAND = Command("cut", cut, Panel.ASK, 5)
