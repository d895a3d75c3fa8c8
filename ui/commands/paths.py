"""`shadowgraph paths`: the cheapest way from one node to another, and because of what it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from graph.model import NodeId
    from graph.store import Store
    from graph.view import View
    from queries.paths import Path
    from ui.answer import Answer


def paths(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Option(
            "--from", metavar="ID", help="Where it starts: an id, a name, or the end of an id."
        ),
    ],
    target: Annotated[str, typer.Option("--to", metavar="ID", help="Where it ends, likewise.")],
    *,
    capability: CapabilityOption = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Show the policy texts, the deciding statement marked, and the removals.",
        ),
    ] = False,
    certainty: CertaintyOption = Sureness.POSSIBLE,
    no_indirect: NoIndirectOption = False,
    edge_kinds: EdgeKindsOption = None,
    left_out: LeftOutOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """By which steps one node reaches another, and what holds each step up."""
    from queries.paths import cheapest_path
    from ui.answer import give
    from ui.lookup import find

    desk = Desk.of(context)
    keep = keep_of(certainty, no_indirect=no_indirect, edge_kinds=edge_kinds, left_out=left_out)
    wanted = capability.capability if capability else None
    with desk.store(store) as opened:
        view = desk.view(opened, store)
        start, goal = find(view, source), find(view, target)
        path = cheapest_path(view, start, goal, capability=wanted, keep=keep)
        if path is None:
            answer = _none(opened, view, (start, goal), wanted)
        else:
            answer = _one(opened, view, path, explain=explain)
    return give(desk, answer, form)


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
