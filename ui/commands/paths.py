"""`shadowgraph paths`: by which ways nodes are reached from others, and because of what each stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from graph.errors import ConfigError, with_advice
from ui.command import Command, Panel
from ui.commands.options import (
    CapabilityOption,
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
from ui.exits import Exit

if TYPE_CHECKING:
    from graph.model import Capability, NodeId
    from graph.store import Store
    from graph.view import Keep, View
    from queries.paths import Path
    from ui.answer import Answer
    from ui.completeness import Completeness
    from ui.ends import Ends

TOLD = 20


class Grouping(StrEnum):
    """How paths between sets are told."""

    ALIKE = "alike"
    NONE = "none"


TopOption: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--top", min=1, max=100_000, help="List the cheapest paths between sets, so many."
    ),
]
ViaOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--via", metavar="ID", help="Only paths that lead through this node."),
]
GroupOption: TypeAlias = Annotated[
    Grouping,
    typer.Option(
        "--group",
        case_sensitive=False,
        help="The best path of each pair, alike ones once; or all of them, alike or not.",
    ),
]
DisjointOption: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--disjoint", min=1, max=1_000, help="Ways of one pair that share no edge and no Grant."
    ),
]
ExplainOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--explain", help="Show the policy texts, the deciding statement marked, and the removals."
    ),
]


def paths(
    context: typer.Context,
    *,
    source: FromOption = None,
    target: ToOption = None,
    capability: CapabilityOption = None,
    top: TopOption = None,
    via: ViaOption = None,
    group: GroupOption = Grouping.ALIKE,
    disjoint: DisjointOption = None,
    explain: ExplainOption = False,
    certainty: CertaintyOption = Sureness.POSSIBLE,
    no_indirect: NoIndirectOption = False,
    edge_kinds: EdgeKindsOption = None,
    left_out: LeftOutOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """By which steps one node reaches another; between sets, the cheapest paths in order."""
    from ui.answer import give
    from ui.ends import ends_of

    desk = Desk.of(context)
    keep = keep_of(certainty, no_indirect=no_indirect, edge_kinds=edge_kinds, left_out=left_out)
    wanted = capability.capability if capability else None
    crown = desk.settings.context.crown_jewels
    with desk.store(store) as opened:
        view = desk.view(opened, store)
        ends = ends_of(opened, view, source=source, target=target, crown=crown)
        pair = len(ends.entries) == len(ends.targets) == 1
        if disjoint is not None:
            answer = _disjoint(opened, view, ends, disjoint, (wanted, keep))
        elif top is not None or via is not None or source is None or not pair:
            asked = Asked(top or TOLD, via, group)
            answer = _several(opened, view, ends, asked, (wanted, keep))
        else:
            answer = _single(opened, view, ends, (wanted, keep), explain=explain)
    return give(desk, answer, form)


@dataclass(frozen=True, slots=True)
class Asked:
    """How many paths between sets are wanted, through what, and how they are told."""

    top: int
    via: str | None
    group: Grouping


def _single(
    store: Store, view: View, ends: Ends, how: tuple[Capability | None, Keep], *, explain: bool
) -> Answer:
    from queries.paths import cheapest_path

    wanted, keep = how
    start, goal = ends.entries[0], ends.targets[0]
    path = cheapest_path(view, start, goal, capability=wanted, keep=keep)
    if path is None:
        return _none(store, view, (start, goal), wanted)
    return _one(store, view, path, explain=explain)


def _several(
    store: Store, view: View, ends: Ends, asked: Asked, how: tuple[Capability | None, Keep]
) -> Answer:
    from queries.attack_paths import attack_paths, top_paths
    from ui.answer import Answer
    from ui.lookup import find
    from ui.render.attack_paths import groups_sheet, top_sheet

    wanted, keep = how
    if asked.group is Grouping.NONE:
        if asked.via is not None:
            raise ConfigError("`--via` goes with paths that are grouped: leave out `--group none`")
        plain = top_paths(view, ends.entries, ends.targets, asked.top, capability=wanted, keep=keep)
        known = _known(store, plain.paths)
        return Answer(plain.plain(), top_sheet(view, plain, ends), known)
    through = None if asked.via is None else find(view, asked.via)
    found = attack_paths(
        view, ends.entries, ends.targets, asked.top, via=through, capability=wanted, keep=keep
    )
    known = _known(store, [group.path for group in found.groups])
    return Answer(found.plain(), groups_sheet(view, found, ends), known)


def _disjoint(
    store: Store, view: View, ends: Ends, most: int, how: tuple[Capability | None, Keep]
) -> Answer:
    from queries.attack_paths import disjoint_paths
    from ui.answer import Answer
    from ui.render.attack_paths import disjoint_sheet

    if len(ends.entries) != 1 or len(ends.targets) != 1:
        raise with_advice(
            ConfigError("`--disjoint` is about one pair"),
            "name one node with --from and one with --to",
        )
    wanted, keep = how
    found = disjoint_paths(
        view, ends.entries[0], ends.targets[0], most, capability=wanted, keep=keep
    )
    result = {"paths": [path.plain() for path in found]}
    return Answer(result, disjoint_sheet(view, found, ends), _known(store, found))


def _known(store: Store, told: Iterable[Path]) -> Completeness:
    """What the paths that are told rest on."""
    from ui.completeness import completeness

    grants = {step.grant for path in told for step in path.steps if step.grant is not None}
    return completeness(store, grants=frozenset(grants))


def _name(view: View, node: NodeId) -> str:
    return view.nodes.names[view.position(node)]


def _one(store: Store, view: View, path: Path, *, explain: bool) -> Answer:
    """The answer that holds this path."""
    from access.explain import Explainer
    from ui.answer import Answer
    from ui.completeness import completeness
    from ui.render.path import path_lines, path_rows, title
    from ui.render.sheet import Sheet
    from ui.told import told

    grants = frozenset(step.grant for step in path.steps if step.grant is not None)
    known = completeness(store, grants=grants)
    instant = store.runs()[-1].started
    explainer = Explainer(store.facts(), instant=instant)
    hops = told(view, path, store, explainer, texts=explain)
    head = [title(path, _name(view, path.source), _name(view, path.target), len(hops))]
    if path.public:
        head.append("it starts at everyone: the node that was asked about has no way of its own")
    sheet = Sheet((), (), tuple(head), path_lines(hops, explain=explain))
    result = {"path": {**path.plain(), "hops": [hop.plain() for hop in hops]}}
    return Answer(result, sheet, known, path_rows(hops))


def _none(store: Store, view: View, ends: tuple[NodeId, NodeId], wanted: str | None) -> Answer:
    """The answer that there is no path, with what was not readable."""
    from ui.answer import Answer
    from ui.completeness import completeness
    from ui.render.path import path_rows
    from ui.render.sheet import Sheet

    known = completeness(store, grants=frozenset())
    source, target = (_name(view, end) for end in ends)
    gained = f" with {wanted}" if wanted else ""
    sheet = Sheet(
        (), (), (f"no path from `{source}` to `{target}`{gained}",), tuple(known.unread())
    )
    return Answer({"path": None, "from": ends[0], "to": ends[1]}, sheet, known, path_rows(()))


COMMAND = Command("paths", paths, Panel.ASK, 3)
