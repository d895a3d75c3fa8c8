"""The nodes of a reach as rows, and their counts by kind, capability, sensitivity and environment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from graph.model import Capability, Certainty, NodeId
from graph.schema import schema
from graph.view import View
from queries.layers import Layers
from queries.reach import Blast, Reached
from ui.pagemodels.words import sensitivity
from ui.render.sheet import Sheet

CAPABILITIES = (
    Capability.READ,
    Capability.WRITE,
    Capability.INVOKE,
    Capability.PROMOTE,
    Capability.CONTROL,
    Capability.ADMIN,
)
LEVELS = (10, 3, 1, 0, -1)


@dataclass(frozen=True, slots=True)
class Row:
    """One node of the reach with all that is gained on it; hops, cost and certainty are those of its nearest state."""

    node: NodeId
    state: int  # the nearest state, by its place in the view
    name: str
    kind: str
    account: str
    environment: str
    capabilities: tuple[Capability, ...]
    sensitivity: int
    hops: int
    cost: int
    certainty: Certainty
    public: bool

    @property
    def group(self) -> str:
        """Where it stands in a picture of groups: its hop and kind, as an address may carry it."""
        return f"{self.hops}-{self.kind}"


def rows_of(view: View, blast: Blast, found: Layers) -> Iterator[Row]:
    """A row per node, the most sensitive first, then the nearest."""
    told: dict[NodeId, list[tuple[int, int, int, Reached]]] = {}
    for state in blast.states:
        at = view.state(view.position(state.node), state.capability)
        # What only everyone's reach adds has no way of its own: it is told with the steps of that way.
        hops = state.steps if state.public else int(found.hop[at])
        told.setdefault(state.node, []).append((hops, state.cost, at, state))
    rows = (_row(view, node, gained) for node, gained in told.items())
    yield from sorted(
        rows, key=lambda row: (-row.sensitivity, row.hops, row.kind, row.name, row.node)
    )


def _row(view: View, node: NodeId, gained: list[tuple[int, int, int, Reached]]) -> Row:
    hops, cost, at, near = min(gained)  # no two are of one state, so that rows are never compared
    capabilities = {state.capability for *_, state in gained}
    position = int(view.state_node[at])
    return Row(
        node=node,
        state=at,
        name=near.name,
        kind=near.kind,
        account=near.account,
        environment=view.environment_of(position),
        capabilities=tuple(one for one in CAPABILITIES if one in capabilities),
        sensitivity=int(view.nodes.weight[position]),
        hops=hops,
        cost=cost,
        certainty=min(state.certainty for *_, state in gained),
        public=all(state.public for *_, state in gained),
    )


def is_asset(row: Row) -> bool:
    """Whether the row is something that an organisation protects."""
    return schema().node(row.kind).asset


def counts(rows: tuple[Row, ...]) -> Sheet:
    """How many nodes of each kind are reached with each capability."""
    cells = Counter((row.kind, one) for row in rows for one in row.capabilities)
    nodes = Counter(row.kind for row in rows)
    return Sheet(
        ("Kind", "Nodes", *(one.value for one in CAPABILITIES)),
        tuple(
            (kind, nodes[kind], *(cells[kind, one] or None for one in CAPABILITIES))
            for kind in sorted(nodes, key=lambda kind: (-nodes[kind], kind))
        ),
    )


def levels(rows: tuple[Row, ...]) -> Sheet:
    """How many assets of each sensitivity, by environment."""
    assets = [row for row in rows if is_asset(row)]
    environments = sorted({row.environment for row in assets}, key=lambda name: (not name, name))
    cells = Counter((sensitivity(row.sensitivity), row.environment) for row in assets)
    return Sheet(
        ("Sensitivity", "Assets", *(name or "unstated" for name in environments)),
        tuple(
            (
                sensitivity(level),
                sum(cells[sensitivity(level), name] for name in environments),
                *(cells[sensitivity(level), name] or None for name in environments),
            )
            for level in LEVELS
        ),
    )
