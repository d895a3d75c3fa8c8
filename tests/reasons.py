"""Why an identity has what: minimal sets of Revocables with the conditions that come with them, over all its Grants."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TypeAlias

from resolved import Resolved

from access.decision import Need
from graph.model import Capability, NodeId

Way: TypeAlias = tuple[frozenset[str], frozenset[str]]  # Revocables by id, conditions by text
Because: TypeAlias = dict[tuple[NodeId, Capability, str], frozenset[Way]]
MOST = 4_000  # combinations of alternatives that are multiplied out


def ways(needs: tuple[Need, ...]) -> frozenset[Way]:
    """The minimal combinations of one alternative per need."""
    found: set[Way] = set()
    size = 1
    for need in needs:
        size *= len(need.alternatives)
    if size > MOST:
        return frozenset({(frozenset({"too many"}), frozenset({str(size)}))})
    for choice in product(*(need.alternatives for need in needs)):
        ids = frozenset(str(one) for alternative in choice for one in alternative.ids)
        on = frozenset(str(c) for alternative in choice for c in alternative.conditions)
        found.add((ids, on))
    return minimal(found)


def minimal(found: set[Way]) -> frozenset[Way]:
    """Those that no other, smaller and no less sure, makes superfluous."""
    return frozenset(
        way
        for way in found
        if not any(other != way and other[0] <= way[0] and other[1] <= way[1] for other in found)
    )


def because(answer: Resolved, identity: NodeId) -> Because:
    """Per access without widening itself: every minimal way to have it, by the action or technique."""
    found: dict[tuple[NodeId, Capability, str], set[Way]] = defaultdict(set)
    for grant, on, target in answer.held(identity):
        if answer.nodes[target].kind == "AssetSet":
            continue
        needs = answer.explainer.needs(grant, identity, target)
        holder = NodeId(str(grant.props["holder"]))
        if answer.nodes[holder].kind == "Group":
            needs = (*needs, Need("membership", tuple(answer.routes(identity, holder))))
        key = (
            _shared(answer, target),
            Capability(str(grant.props["capability"])),
            str(grant.props["how"]),
        )
        found[key] |= ways(needs)
        del on
    return {key: minimal(found[key]) for key in found}


def _shared(answer: Resolved, target: NodeId) -> NodeId:
    """The target; what virtual class an identity becomes depends on who shares it."""
    node = answer.nodes[target]
    return NodeId(str(node.props["virtual"])) if node.kind == "PrincipalClass" else target
