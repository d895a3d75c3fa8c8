"""What sort of route an arc belongs to: how far from plain access a way that uses it is."""

from __future__ import annotations

import re
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from graph.model import Capability
from graph.schema import Family, schema
from graph.view import CODE, Ints, Mask, View

_TECHNIQUE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


class Route(IntEnum):
    """The classes of routes, from the plainest; a way is of the class of its least plain arc."""

    DIRECT = 0  # Grants of the identity or of its class, and where the content lies
    GROUP = 1  # through a group
    ASSUMED = 2  # as another identity: a trusted role, a workload's identity, an opened secret
    ESCALATION = 3  # through a technique, or through rights over another identity
    SUPPLY_CHAIN = 4  # through what a workload runs, serves, is trained or grounded on

    @property
    def label(self) -> str:
        """The words shown to people and written to JSON."""
        return self.name.lower().replace("_", " ")


_BY_KIND = {
    "MEMBER_OF": Route.GROUP,
    "RUNS_AS": Route.ASSUMED,
    "OPENS": Route.ASSUMED,
    "VOUCHES_FOR": Route.ESCALATION,
    "YIELDS": Route.ESCALATION,
    "EXECUTES": Route.SUPPLY_CHAIN,
    "TRIGGERS": Route.SUPPLY_CHAIN,
    "SERVES": Route.SUPPLY_CHAIN,
    "FOLLOWS": Route.SUPPLY_CHAIN,
    "TRAINED_ON": Route.SUPPLY_CHAIN,
    "GROUNDED_ON": Route.SUPPLY_CHAIN,
    "CALLS": Route.SUPPLY_CHAIN,
}


def is_technique(how: str) -> bool:
    """Whether a Grant's `how` is a technique's id, rather than an action or a word such as `trust`."""
    return _TECHNIQUE.fullmatch(how) is not None


def routes(view: View) -> NDArray[np.int8]:
    """The route class of each arc."""
    return view.remember("routes", lambda: _routes(view))


def _routes(view: View) -> NDArray[np.int8]:
    arcs, edges = view.arcs, view.edges
    by_kind = np.array([_BY_KIND.get(kind, Route.DIRECT) for kind in edges.kinds], dtype=np.int8)
    route = by_kind[arcs.kind]
    # Calling an endpoint is the plain use of the model that it serves.
    plain_use = (arcs.kind == edges.kinds.index("SERVES")) & (
        view.state_capability[arcs.target] == CODE[Capability.INVOKE]
    )
    route[plain_use] = Route.DIRECT
    of_grant = arcs.grant >= 0
    route[of_grant] = _of_grants(view)[arcs.grant[of_grant]]
    return route


def _of_grants(view: View) -> NDArray[np.int8]:
    """Per node, where it is a Grant, the route class of using it."""
    nodes = view.nodes
    hows = [is_technique(how) for how in nodes.hows]
    technique = np.array([*hows, False], dtype=np.bool_)[nodes.how]
    trusted = np.array([*(how == "trust" for how in nodes.hows), False], dtype=np.bool_)[nodes.how]
    over = _over_identities(view)
    return np.select(
        [technique | (over & ~trusted), over],
        [np.int8(Route.ESCALATION), np.int8(Route.ASSUMED)],
        default=np.int8(Route.DIRECT),
    )


def _over_identities(view: View) -> Mask:
    """Per node, where it is a Grant, whether it gives something over an identity, by itself or in a set."""
    edges = view.edges
    identities = schema().kinds_of(Family.IDENTITY) - {"Credential", "IdentityProvider"}
    kinds = np.array([kind in identities for kind in view.nodes.kinds], dtype=np.bool_)
    marked: Mask = kinds[view.nodes.kind]
    _spread(marked, view, edges.source, edges.target, "COVERS")
    over = np.zeros(len(marked), dtype=np.bool_)
    on = edges.kind == edges.kinds.index("ON")
    over[edges.source[on & marked[edges.target]]] = True
    return over


def _spread(marked: Mask, view: View, source: Ints, target: Ints, kind: str) -> None:
    """Mark the source of every edge of this kind whose target is marked."""
    of_kind = view.edges.kind == view.edges.kinds.index(kind)
    marked[source[of_kind & marked[target]]] = True
