"""The slow twin of revoking: a walk over the rows that remembers who entered and which Grant is being used.

Nothing is shared or copied here: at every target of every Grant the needs are asked for the identity at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from oracle.reach import ACTORS

from access.decision import Need, Revocable, RevocableKind
from graph.model import Capability, Certainty, Edge, Node, NodeId
from graph.moves import arcs_of
from graph.projection import Keep
from graph.schema import schema

Place = tuple[
    NodeId, Capability, NodeId, NodeId | None
]  # state, who entered, the Grant whose set this is


def best(needs: Collection[Need], gone: frozenset[NodeId]) -> Certainty | None:
    """The certainty of the surest combination that is left; None where some need has none."""
    left = [[a.certainty for a in need.alternatives if not a.ids & gone] for need in needs]
    if not all(left):
        return None
    return max((min(certainties) for certainties in left), default=Certainty.DEFINITE)


def states_without(
    nodes: Collection[Node],
    edges: Collection[Edge],
    gone: Collection[Revocable],
    needs: Callable[[Node, NodeId, NodeId], tuple[Need, ...]],
    *,
    start: NodeId,
    keep: Keep = Keep(),  # noqa: B008 - a frozen value
) -> set[tuple[NodeId, Capability]]:
    """The states that the identity still reaches, its own included."""
    by_id = {node.id: node for node in nodes}
    ids = frozenset(revocable.id for revocable in gone)
    lost = {(r.holder, r.member) for r in gone if r.kind is RevocableKind.MEMBERSHIP}

    covering = {edge.source for edge in edges if edge.kind == "COVERS"}

    def gives(grant: NodeId, identity: NodeId, target: NodeId) -> bool:
        """Whether every need is whole, and in a way that is sure enough unless that was no matter before."""
        asked = needs(by_id[grant], identity, target)
        before, after = best(asked, frozenset()), best(asked, ids)
        return after is not None and (after == before or after <= keep.certainty)

    first: Place = (
        start,
        schema().node(by_id[start].kind).start or Capability.CONTROL,
        start,
        None,
    )
    seen, open_ends = {first}, [first]
    while open_ends:
        state, capability, identity, grant = open_ends.pop()
        for edge in edges:
            if edge.certainty > keep.certainty or (
                edge.kind == "MEMBER_OF" and (edge.source, edge.target) in lost
            ):
                continue
            for arc in arcs_of(edge, by_id[edge.source], by_id[edge.target], schema()):
                if (arc.source, arc.have) != (state, capability):
                    continue
                using = None
                if edge.kind == "ON":
                    if arc.target in covering:
                        using = edge.source
                    elif not gives(edge.source, identity, arc.target):
                        continue
                elif edge.kind == "COVERS" and (
                    grant is None or not gives(grant, identity, arc.target)
                ):
                    continue
                acts = by_id[arc.target].kind in ACTORS - {"Group"} and arc.gain.value in {
                    "CONTROL",
                    "DELEGATE",
                }
                place: Place = (arc.target, arc.gain, arc.target if acts else identity, using)
                if place not in seen:
                    seen.add(place)
                    open_ends.append(place)
    return {(state, capability) for state, capability, _, _ in seen}
