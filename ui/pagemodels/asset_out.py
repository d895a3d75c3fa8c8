"""Access out: what follows once the node is taken, the Grants that it holds, and the policies attached to it."""

from __future__ import annotations

from dataclasses import dataclass

from graph.model import Node
from graph.schema import schema
from graph.view import PASSED, Keep
from ui.pagemodels.asset_in import grants_held
from ui.pagemodels.asset_policies import PolicyText, policies_of
from ui.pagemodels.asset_words import Listed, Told, name_of
from ui.pagemodels.blast import BlastAsked
from ui.pagemodels.blast import build_model as reach
from ui.pagemodels.filters import Filters
from ui.pagemodels.metric import Metric
from ui.pagemodels.steps import spaced
from ui.pagemodels.words import VERBS
from ui.reading import Reading
from ui.render.sheet import Sheet
from ui.render.text import plural

TOP = 20


@dataclass(frozen=True, slots=True)
class OutTab:
    """What the node leads to; `reached` holds the most sensitive first, and `headline` says what it starts from."""

    told: Told
    headline: str
    metrics: tuple[Metric, ...]
    reached: Listed
    grants: Listed
    without: str  # what is said where it holds no Grant
    policies: tuple[PolicyText, ...]


def out_tab(reading: Reading, node: Node, *, keep: Keep, filters: Filters) -> OutTab:
    """What a node of the newest run leads to."""
    kind = schema().node(node.kind)
    grants = grants_held(reading, node.id)
    policies = policies_of(reading, node.id)
    model = (
        None
        if kind.start is None
        else reach(reading, BlastAsked(start=node.id, keep=keep), filters)
    )
    if model is None:
        headline = f"A {spaced(node.kind).lower()} starts nothing by itself"
        told = Told(grants.sheet, rests_on=reading.known)
        return OutTab(told, headline, (), Listed("", Sheet((), ())), grants, _none(node), policies)
    listed = Listed(
        "Reached, the most sensitive first",
        Sheet(model.sheet.columns, model.sheet.rows[:TOP]),
        model.leads[:TOP],
        len(model.sheet.rows),
    )
    if model.start in PASSED:
        verb = "holds" if node.kind == "Grant" else "belongs to"
        begins = f"Whoever {verb} {name_of(reading, node.id)}"
    else:
        begins = f"Whoever can {VERBS[model.start]} {node.name}"
    if node.kind == "Public":
        begins = f"{node.name[:1].upper()}{node.name[1:]}"
    own = sum(not row.public for row in model.rows)
    also = f", beside {plural(listed.of - own, 'node')} that everyone reaches"
    if model.all_rows and not listed.of:
        headline = f"{begins} reaches {plural(model.all_rows, 'more node')}, but the filters leave none of them"
    else:
        headline = f"{begins} reaches {plural(own, 'more node') if own else 'nothing more by that'}"
        headline += also if listed.of > own else ""
    return OutTab(
        told=Told(
            model.sheet, model.command, model.rests_on, rows=1, shown=1, checked=model.checked
        ),
        headline=headline,
        metrics=model.metrics if listed.of else (),
        reached=listed,
        grants=grants,
        without=_none(node),
        policies=policies,
    )


def _none(node: Node) -> str:
    """What is said where the node holds no Grant by itself."""
    if node.kind == "Group":
        return "There are none: what its policies give stands with each member."
    return "There are none."
