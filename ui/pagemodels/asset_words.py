"""What the tabs of the asset page share: the answer that each gives, nodes and conditions in words, edges around a node."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from graph.model import Capability
from graph.schema import Written, schema
from graph.view import CAPABILITIES, CERTAINTIES, View
from queries.kernels.lists import Longs
from ui.completeness import Completeness
from ui.pagemodels.links import Link, link
from ui.pagemodels.steps import spaced
from ui.reading import Reading
from ui.render.sheet import Sheet, Value

STRENGTH = (
    Capability.ADMIN,
    Capability.CONTROL,
    Capability.WRITE,
    Capability.PROMOTE,
    Capability.INVOKE,
    Capability.READ,
)
"""Capabilities from the one that gives most."""

MOST_GRANTS = 500
EDGE_WORDS = {
    "APPROVED_BY": "was approved by",
    "ASSIGNED": "is assigned",
    "BECAUSE": "stands because of",
    "CALLS": "calls",
    "CONTAINS": "contains",
    "COVERS": "covers",
    "CREATED_BY": "was created by",
    "DERIVED_FROM": "is derived from",
    "ENCRYPTED_BY": "is encrypted by",
    "EXECUTES": "executes",
    "FOLLOWS": "follows",
    "GROUNDED_ON": "is grounded on",
    "HAS_ACCOUNT": "signs in as",
    "HOLDS": "holds",
    "IN_CLASS": "belongs to",
    "MANAGED_BY": "is managed by",
    "MEMBER_OF": "is a member of",
    "ON": "is on",
    "OPENS": "opens",
    "OWNED_BY": "is owned by",
    "PART_OF": "is part of",
    "RUNS_AS": "runs as",
    "SERVES": "serves",
    "STORED_IN": "is stored in",
    "TRAINED_ON": "was trained on",
    "TRIGGERS": "triggers",
    "VERSION_OF": "is a version of",
    "VIEW_OF": "is a view of",
    "VOUCHES_FOR": "vouches for",
    "YIELDS": "yields",
}
"""Each kind of edge as the verb of a sentence from its source to its target."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one tab answers: its rows as a file holds them, the question, and how many rows the filters leave."""

    sheet: Sheet
    command: str = ""
    rests_on: Completeness | None = None
    rows: int = 1
    shown: int = 1
    checked: str = "what the newest run says of it"


@dataclass(frozen=True, slots=True)
class Listed:
    """A table whose rows lead on: what it holds, how much of all that is, and where each row leads."""

    title: str
    sheet: Sheet
    leads: tuple[tuple[Link, ...], ...] = ()
    of: int = 0  # rows in all

    @property
    def more(self) -> str:
        """How many rows are shown, where that is not all of them."""
        shown = len(self.sheet.rows)
        return f"Showing {shown:,} of {self.of:,}." if self.of > shown else ""


def strongest(capabilities: Iterable[Capability]) -> Capability | None:
    """The capability among these that gives most."""
    held = set(capabilities)
    return next((one for one in STRENGTH if one in held), None)


def is_grant(view: View, at: int) -> bool:
    """Whether the node at this position is a Grant."""
    return int(view.nodes.capability[at]) >= 0


def concluded(kind: str) -> bool:
    """Whether nodes of this kind are worked out, rather than read."""
    return schema().node(kind).written is Written.CONCLUSION


def name_at(view: View, at: int) -> str:
    """What people call the node at this position; a Grant has no name and is told by what it gives."""
    if not is_grant(view, at):
        return view.nodes.names[at]
    return f"Grant of {CAPABILITIES[int(view.nodes.capability[at])]} by {how_at(view, at)}"


def how_at(view: View, at: int) -> str:
    """The action or technique by which the Grant at this position gives what it gives."""
    how = int(view.nodes.how[at])
    return view.nodes.hows[how] if how >= 0 else "no stated action"


def name_of(reading: Reading, node: str) -> str:
    """What people call the node; its id where it is not in the newest run."""
    at = reading.view.find(node)
    return node if at is None else name_at(reading.view, at)


def kind_at(view: View, at: int) -> str:
    """The kind of the node at this position, in words."""
    return spaced(view.kind_of(at))


def edge_words(kind: str) -> str:
    """The verb of an edge of this kind."""
    return EDGE_WORDS.get(kind) or kind.replace("_", " ").lower()


def open_node(reading: Reading, node: str) -> Link:
    """The link to the page of a node."""
    return link("asset", f"Open {name_of(reading, node)}", id=node)


def edges_from(view: View, kind: str, nodes: Longs) -> Longs:
    """The positions of the edges of this kind that leave any of these nodes."""
    return _edges(view, kind, view.edges.source, nodes)


def edges_to(view: View, kind: str, nodes: Longs) -> Longs:
    """The positions of the edges of this kind that enter any of these nodes."""
    return _edges(view, kind, view.edges.target, nodes)


def _edges(view: View, kind: str, ends: Longs | np.ndarray, nodes: Longs) -> Longs:
    if kind not in view.edges.kinds or not len(nodes):
        return np.zeros(0, dtype=np.int64)
    of_kind = view.edges.kind == view.edges.kinds.index(kind)
    at = np.flatnonzero(of_kind & np.isin(ends, nodes))
    return at.astype(np.int64)


GRANTS = ("Capability", "How", "Held by", "On", "Through", "Certainty", "Depends on", "Id")


@dataclass(frozen=True, slots=True)
class Given:
    """One Grant between its holder and what it is on; positions in the view, with those of the two edges."""

    grant: int
    holder: int
    target: int
    holds: int
    on: int
    through: str = ""  # the set that the target is a member of


def grant_row(view: View, given: Given) -> tuple[Value, ...]:
    """The Grant as a row of `GRANTS`."""
    edges = view.edges
    sure = max(int(edges.certainty[given.holds]), int(edges.certainty[given.on]))
    conditions = dict.fromkeys(
        text
        for edge in (given.holds, given.on)
        for text in edges.conditions[int(edges.condition[edge])]
    )
    return (
        CAPABILITIES[int(view.nodes.capability[given.grant])].value,
        how_at(view, given.grant),
        name_at(view, given.holder),
        name_at(view, given.target),
        given.through,
        CERTAINTIES[sure].label,
        "; ".join(conditions) or "nothing open",
        view.nodes.ids[given.grant],
    )


def grants_listed(
    view: View, title: str, given: Iterable[Given], *, other: str, leave: tuple[str, ...]
) -> Listed:
    """The Grants as a table; `other` (`holder` or `target`) is the end that rows lead to, `leave` the columns left out."""
    order = {one: rank for rank, one in enumerate(STRENGTH)}
    nodes = view.nodes

    def rank(one: Given) -> tuple[int, int, str, str]:
        gives = CAPABILITIES[int(nodes.capability[one.grant])]
        end = int(getattr(one, other))
        weight = -int(nodes.weight[end])
        return weight, order.get(gives, 9), nodes.names[end], nodes.ids[one.grant]

    every = sorted(given, key=rank)
    shown = every[:MOST_GRANTS]
    kept = [at for at, column in enumerate(GRANTS) if column not in leave]
    rows = (grant_row(view, one) for one in shown)
    return Listed(
        title=title,
        sheet=Sheet(
            tuple(GRANTS[at] for at in kept), tuple(tuple(row[at] for at in kept) for row in rows)
        ),
        leads=tuple(_leads(view, one, int(getattr(one, other))) for one in shown),
        of=len(every),
    )


def _leads(view: View, one: Given, end: int) -> tuple[Link, ...]:
    nodes = view.nodes
    gives = CAPABILITIES[int(nodes.capability[one.grant])]
    asked = gives.value if gives in STRENGTH else None
    return (
        link("asset", f"Open {nodes.names[end]}", id=nodes.ids[end]),
        link("asset", "Open the Grant", id=nodes.ids[one.grant]),
        link("path", "The path", from_=nodes.ids[one.holder], to=nodes.ids[one.target], cap=asked),
    )
