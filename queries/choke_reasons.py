"""The Revocables that may be choke points: what the ways of people rest on, ranked by how many ways that are.

A Revocable of a class or a set is relative: it is made concrete for the identities and the targets of a Grant one by
one, those of most pairs first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from access.decision import Relative, Revocable, revocables, whole
from graph.errors import QueryError
from graph.model import NodeId
from graph.view import Mask, View
from queries.fixes import Evidence, offered
from queries.kernels.lists import Longs
from queries.pairs import Pairs
from queries.sharing import sharing
from queries.walked import Walked
from queries.witness import credential, membership

EACH = 12  # identities, and targets, that a Grant's relative reasons are made concrete for
FALLING = ("MEMBER_OF", "OPENS")  # edges that are Revocables themselves
_OF_IDENTITY = frozenset({Relative.MEMBER, Relative.ATTACHED, Relative.OWN})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A Revocable to be counted: `bound` pairs or more end without it, and about `likely` ways rest on it."""

    revocable: Revocable
    bound: int
    likely: int


@dataclass(frozen=True)
class Ways:
    """The ways that are asked about, in a view of only what leads to the targets.

    `starts` are states and `targets` nodes, the rows and columns of `pairs`. `walked` counts the cheapest ways; `nodes`
    and `edges` are what at least ends without a node, or without one of the `FALLING` edges.
    """

    view: View
    starts: Longs
    targets: tuple[int, ...]
    pairs: Pairs
    walked: Walked
    nodes: Longs
    edges: Longs

    @cached_property
    def of_identity(self) -> dict[int, int]:
        """How many targets each identity reaches, by node."""
        found: dict[int, int] = defaultdict(int)
        owner = self.view.state_node[self.starts].tolist()
        for node, count in zip(owner, self.pairs.sum(axis=1).tolist(), strict=True):
            found[node] += count
        return found

    @cached_property
    def of_target(self) -> dict[int, int]:
        """How many identities reach each target, by node."""
        return dict(zip(self.targets, self.pairs.sum(axis=0).tolist(), strict=True))

    def most_of(self, holder: NodeId) -> int:
        """How many pairs can end at most when what this node holds, or what is said in its policy, goes."""
        everything = int(self.pairs.sum())
        at = self.view.find(holder)
        if at in self.of_identity and self.view.kind_of(at) not in {"Role", "ServiceAccount"}:
            return self.of_identity[at]  # nobody passes through it
        return everything


def proposals(ways: Ways, evidence: Evidence, most: int) -> tuple[Proposal, ...]:
    """What is worth counting, the likeliest first: reasons of the `most` Grants of either ranking, and edges alike."""
    found: dict[NodeId, Revocable] = {}
    likely: dict[NodeId, int] = defaultdict(int)
    bound: dict[NodeId, int] = defaultdict(int)
    is_grant = ways.view.nodes.kind == ways.view.nodes.kinds.index("Grant")
    for grant in _first(ways.walked.grants * is_grant, ways.nodes * is_grant, most):
        for revocable, falls, for_all in _of_grant(ways, grant, evidence):
            found[revocable.id] = revocable
            if falls:
                likely[revocable.id] += max(int(ways.walked.grants[grant]), int(ways.nodes[grant]))
            if for_all:
                bound[revocable.id] = max(bound[revocable.id], int(ways.nodes[grant]))
    of_kind = np.isin(ways.view.edges.kind, [ways.view.edges.kinds.index(k) for k in FALLING])
    for edge in _first(ways.walked.edges * of_kind, ways.edges * of_kind, most):
        revocable = _of_edge(ways.view, edge, evidence)
        found[revocable.id] = revocable
        likely[revocable.id] += max(int(ways.walked.edges[edge]), int(ways.edges[edge]))
        bound[revocable.id] = max(bound[revocable.id], int(ways.edges[edge]))
    told = (
        Proposal(one, bound[id_], min(likely[id_], ways.most_of(NodeId(one.holder))))
        for id_, one in found.items()
        if offered(one)
    )
    return tuple(sorted(told, key=lambda row: (-row.likely, -row.bound, row.revocable.id)))


def _first(one: Longs, other: Longs, most: int) -> tuple[int, ...]:
    """The positions of the highest numbers above 0, of either ranking."""
    found: dict[int, None] = {}
    for ranking in (one, other):
        best = np.argsort(-ranking, kind="stable")[:most]
        found |= dict.fromkeys(best[ranking[best] > 0].tolist())
    return tuple(found)


def _of_grant(ways: Ways, grant: int, evidence: Evidence) -> Iterator[tuple[Revocable, bool, bool]]:
    """The Revocables of a Grant: whether it falls without one for somebody, and whether for all who hold it."""
    ids, reasons = ways.view.nodes.ids, ways.view.reasons
    texts = [reasons.texts[at] for at in reasons.revocable[reasons.grant == grant].tolist()]
    same = {text.id for text in texts if not text.relative}  # for all who hold the Grant
    relative = {Relative(text.relative) for text in texts if text.relative}
    found: dict[NodeId, Revocable] = {}
    falls: dict[NodeId, list[bool]] = defaultdict(list)
    asked = 0
    for identity, target in _concrete(ways, grant, relative):
        try:
            needs = evidence.needs(evidence.grants[ids[grant]], ids[identity], ids[target])
        except QueryError:
            continue  # no reasons can be given for this pair
        asked += 1
        for revocable in revocables(needs):
            found[revocable.id] = revocable
            falls[revocable.id].append(not whole(needs, frozenset({revocable.id})))
    for id_, revocable in found.items():
        everywhere = len(falls[id_]) == asked and all(falls[id_])
        yield revocable, any(falls[id_]), everywhere and id_ in same


def _concrete(ways: Ways, grant: int, relative: Collection[Relative]) -> Iterator[tuple[int, int]]:
    """The identities and targets to ask a Grant's reasons for: one of each, and more where they differ by it."""
    shared = sharing(ways.view)
    holders = shared.before("HOLDS", grant)
    entering = {one for holder in holders for one in shared.entering(holder)}
    people = sorted(entering, key=lambda one: (-ways.of_identity.get(one, 0), one))
    targets = sorted(shared.targets(grant), key=lambda one: (-ways.of_target.get(one, 0), one))
    if not people or not targets:
        return
    of_identity = bool(_OF_IDENTITY & set(relative))
    of_target = bool(set(relative) - _OF_IDENTITY)
    for target in targets[: EACH if of_target else 1]:
        yield people[0], target
    for identity in people[1 : EACH if of_identity else 1]:
        yield identity, targets[0]


def _of_edge(view: View, edge: int, evidence: Evidence) -> Revocable:
    """The membership, or the credential, that an edge is."""
    ids = view.nodes.ids
    source, target = ids[view.edges.source[edge]], ids[view.edges.target[edge]]
    if view.edges.kinds[view.edges.kind[edge]] == "MEMBER_OF":
        return membership(view, source, target, evidence.denies)
    return credential(view, source, opens=target)


def falling_arcs(view: View, kept: Mask) -> Longs:
    """The kept arcs of edges that are Revocables themselves."""
    kinds = [view.edges.kinds.index(kind) for kind in FALLING]
    found: Longs = np.flatnonzero(np.isin(view.arcs.kind, kinds) & kept)
    return found
