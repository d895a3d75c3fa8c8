"""What if: the estate as it is and as it would be, resolved twice, and everything that differs between the two.

Only identities that lead to a changed move can differ: those that reach its beginning, before or after. Each of them is
walked in both views, so that the difference is exact; the lists are cut where they are told, the counts are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

import numpy as np

from graph.errors import QueryError, with_advice
from graph.model import Capability, Certainty, EdgeId, NodeId
from graph.view import CAPABILITIES, CERTAINTIES, Flag, Keep, View
from queries.attack_paths import disjoint_paths
from queries.fixes import BEHIND
from queries.kernels.lists import Longs
from queries.kernels.search import UNREACHED, best_certainty, reached
from queries.paths import Path, public_starts
from queries.radii import actor_starts
from queries.sharing import sharing
from queries.tally import counted

_ALL = Keep()
MOST_WALKED = 20_000
State: TypeAlias = tuple[NodeId, Capability]
Reach: TypeAlias = dict[State, Certainty]


@dataclass(frozen=True, slots=True)
class PairChange:
    """One identity and one thing: how surely it has the capability before and after; None where it has not."""

    identity: NodeId
    name: str
    target: NodeId
    target_name: str
    capability: Capability
    before: Certainty | None
    after: Certainty | None

    @property
    def word(self) -> str:
        """What became of it: lost, gained, less sure or surer."""
        if self.before is None or self.after is None:
            return "lost" if self.after is None else "gained"
        return "less sure" if self.after > self.before else "surer"

    def plain(self) -> dict[str, object]:
        """The change as plain types, for JSON."""
        return {
            "change": self.word,
            "identity": self.identity,
            "target": self.target,
            "capability": self.capability.value,
            "before": None if self.before is None else self.before.label,
            "after": None if self.after is None else self.after.label,
        }


@dataclass(frozen=True, slots=True)
class Remaining:
    """Why a change has no effect: other routes of a pair that it concerned, one of them by name."""

    identity: NodeId
    target: NodeId
    routes: int
    more: bool
    """Whether there may be more routes than were counted."""
    example: Path

    def plain(self) -> dict[str, object]:
        """The routes as plain types, for JSON."""
        return {
            "identity": self.identity,
            "target": self.target,
            "routes": self.routes,
            "more": self.more,
            "example": self.example.plain(),
        }


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The difference: Grants and other edges gone and new, the pairs that changed, and whom and what they concern.

    `pairs` are the first, lost ones before gained ones; `counts` say how many there are of each word. `remaining` is
    told where edges went and nobody lost anything.
    """

    grants_gone: int
    grants_new: int
    edges_gone: int
    edges_new: int
    counts: tuple[tuple[str, int], ...]
    identities: int
    targets: int
    pairs: tuple[PairChange, ...]
    remaining: Remaining | None

    def count(self, word: str) -> int:
        """How many pairs changed that way."""
        return dict(self.counts).get(word, 0)

    def plain(self) -> dict[str, object]:
        """The difference as plain types, for JSON."""
        return {
            "grants": {"gone": self.grants_gone, "new": self.grants_new},
            "edges": {"gone": self.edges_gone, "new": self.edges_new},
            "counts": dict(self.counts),
            "identities": self.identities,
            "targets": self.targets,
            "pairs": [pair.plain() for pair in self.pairs],
            "remaining": None if self.remaining is None else self.remaining.plain(),
        }


WORDS = ("lost", "gained", "less sure", "surer")


def what_if(before: View, after: View, *, keep: Keep = _ALL, most: int = 200) -> WhatIf:
    """How the second view differs from the first; both must be of the same store version and instant.

    `QueryError` where more identities are concerned than can be walked: narrow the change.
    """
    old, new = _moving(before), _moving(after)
    gone, come = old.keys() - new.keys(), new.keys() - old.keys()
    changed = {id_ for id_ in old.keys() & new.keys() if old[id_] != new[id_]}
    concerned = _leading(before, keep, gone | changed) | _leading(after, keep, come | changed)
    concerned |= _named(before) ^ _named(after)  # who comes or goes may do what everyone may
    if len(concerned) > MOST_WALKED:
        raise with_advice(
            QueryError(f"the change concerns {len(concerned):,} identities"),
            f"at most {MOST_WALKED:,} are compared one by one: make a smaller change",
        )
    pairs = [pair for one in sorted(concerned) for pair in _compared(before, after, one, keep)]
    pairs.sort(
        key=lambda pair: (WORDS.index(pair.word), pair.name, pair.identity, pair.target_name)
    )
    counts = tuple((word, sum(pair.word == word for pair in pairs)) for word in WORDS)
    lost = any(pair.word != "gained" for pair in pairs)
    grants = [set(_grants(view)) for view in (before, after)]
    return WhatIf(
        len(grants[0] - grants[1]),
        len(grants[1] - grants[0]),
        len(gone | changed),
        len(come | changed),
        counts,
        len({pair.identity for pair in pairs}),
        len({pair.target for pair in pairs}),
        tuple(pairs[:most]),
        None if lost or not gone else _remaining(before, after, gone, keep),
    )


def _moving(view: View) -> dict[EdgeId, tuple[int, ...]]:
    """Per edge that makes moves what questions see of it: certainty, cost, and where its moves lead."""
    arcs = view.arcs
    found: dict[EdgeId, tuple[int, ...]] = {}
    names = _edge_ids(view)
    order = np.lexsort((arcs.target, arcs.source, arcs.edge))
    for edge, certainty, cost, indirect, have, gain in zip(
        arcs.edge[order].tolist(),
        arcs.certainty[order].tolist(),
        arcs.cost[order].tolist(),
        arcs.indirect[order].tolist(),
        view.state_capability[arcs.source[order]].tolist(),
        view.state_capability[arcs.target[order]].tolist(),
        strict=True,
    ):
        found[names[edge]] = (
            *found.get(names[edge], ()),
            certainty,
            cost,
            int(indirect),
            have,
            gain,
        )
    return found


def _edge_ids(view: View) -> dict[int, EdgeId]:
    """The ids of the edges that make moves, by position."""
    return view.remember(
        "edge ids", lambda: {at: view.edge_id(at) for at in np.unique(view.arcs.edge).tolist()}
    )


def _grants(view: View) -> Iterator[NodeId]:
    for at in np.flatnonzero(view.nodes.kind == view.nodes.kinds.index("Grant")).tolist():
        yield view.nodes.ids[at]


def _leading(view: View, keep: Keep, changed: set[EdgeId]) -> set[NodeId]:
    """The identities that reach the beginning of a changed move."""
    if not changed:
        return set()
    edges = [at for at, id_ in _edge_ids(view).items() if id_ in changed]
    tails = view.arcs.source[np.isin(view.arcs.edge, edges)]
    mask = reached(view, keep, np.unique(tails).tolist(), inward=True)
    starts = _identities(view)
    nodes = set(view.state_node[starts[mask[starts]]].tolist())
    if any(view.nodes.flags[node] & int(Flag.PUBLIC) for node in nodes):
        nodes = set(view.state_node[starts].tolist())  # a reach adds everyone's
    return {view.nodes.ids[node] for node in nodes}


def _named(view: View) -> set[NodeId]:
    return {view.nodes.ids[node] for node in view.state_node[_identities(view)].tolist()}


def _identities(view: View) -> Longs:
    """The starts of all identities; groups and persons count through their members and accounts."""
    starts = actor_starts(view)
    behind = [view.nodes.kinds.index(kind) for kind in BEHIND]
    alone: Longs = starts[~np.isin(view.nodes.kind[view.state_node[starts]], behind)]
    return alone


def _compared(before: View, after: View, identity: NodeId, keep: Keep) -> Iterator[PairChange]:
    old, new = _reach(before, identity, keep), _reach(after, identity, keep)
    for state in old.keys() | new.keys():
        was, is_ = old.get(state), new.get(state)
        if was != is_:
            yield PairChange(
                identity, _name(before, after, identity), state[0], _name(before, after, state[0]),
                state[1], was, is_,
            )  # fmt: skip


def _name(before: View, after: View, node: NodeId) -> str:
    at = before.find(node)
    return before.nodes.names[at] if at is not None else after.nodes.names[after.position(node)]


def _reach(view: View, identity: NodeId, keep: Keep) -> Reach:
    """What the identity reaches, everyone's reach included, each with its best certainty; nothing where it is not."""
    position = view.find(identity)
    if position is None:
        return {}
    start = view.start(position)
    own = best_certainty(view, keep, (start,))
    everyones = public_starts(view, start)
    shared = best_certainty(view, keep, everyones)
    shared[list(everyones)] = UNREACHED  # everyone's own start is nothing that is gained
    sure = np.where(own >= 0, own, shared)
    told = (sure >= 0) & counted(view) & (view.state_node != position)
    ids = view.nodes.ids
    return {
        (ids[node], CAPABILITIES[capability]): CERTAINTIES[certainty]
        for node, capability, certainty in zip(
            view.state_node[told].tolist(),
            view.state_capability[told].tolist(),
            sure[told].tolist(),
            strict=True,
        )
    }


ROUTES, TRIED = 10, 200


def _remaining(before: View, after: View, gone: set[EdgeId], keep: Keep) -> Remaining | None:
    """Other routes of a pair that one of the edges that went was part of; None where none was found."""
    concerned = sorted(one for one in _leading(before, keep, gone) if after.find(one) is not None)
    tried = ((identity, target) for target in _ends(before, gone) for identity in concerned)
    for identity, target in islice(tried, TRIED):
        if identity != target and after.find(target) is not None:
            paths = disjoint_paths(after, identity, target, ROUTES, keep=keep)
            if paths:
                return Remaining(identity, target, len(paths), len(paths) == ROUTES, paths[0])
    return None


def _ends(view: View, gone: set[EdgeId]) -> list[NodeId]:
    """The things that the edges led to, or that the sets did that they led to."""
    edges, shared = view.edges, sharing(view)
    places = [at for at, id_ in _edge_ids(view).items() if id_ in gone]
    nodes = {int(edges.target[at]) for at in places}
    for node in tuple(nodes):
        if view.kind_of(node) in {"Grant", "AssetSet"}:
            nodes |= set(shared.targets(node)) | set(shared.next("COVERS", node))
    return [
        view.nodes.ids[node]
        for node in sorted(nodes)
        if view.nodes.flags[node] & int(Flag.COUNTED | Flag.ACTOR)
    ]
