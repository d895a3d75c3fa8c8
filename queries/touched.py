"""Which Grants the loss of some Revocables can touch, and which identities and targets it concerns there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from access.decision import Relative, Revocable, RevocableKind
from graph.model import NodeId
from graph.view import RevocableText, View
from queries.sharing import Sharing


@dataclass(frozen=True, slots=True)
class Touched:
    """One Grant: the identities and targets that must be asked one by one; all others are alike."""

    grant: int
    identities: frozenset[int]
    targets: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Hit:
    """What taking the Revocables away does to one Revocable of a Grant."""

    identities: frozenset[int] = frozenset()
    carriers: frozenset[str] = frozenset()


def touched_grants(view: View, gone: Collection[Revocable], sharing: Sharing) -> Iterator[Touched]:
    """The Grants of which some reason is gone, for all or for some, by position."""
    hits = _hits(view, gone, sharing)
    reasons = view.reasons
    rows = np.flatnonzero(np.isin(reasons.revocable, np.array(sorted(hits), dtype=np.int32)))
    by_grant: dict[int, list[_Hit]] = defaultdict(list)
    for grant, place in zip(
        reasons.grant[rows].tolist(), reasons.revocable[rows].tolist(), strict=True
    ):
        by_grant[grant].append(hits[place])
    for grant in sorted(by_grant):
        found = by_grant[grant]
        yield Touched(
            grant,
            frozenset[int]().union(*(hit.identities for hit in found)),
            _carried(sharing, grant, frozenset[str]().union(*(hit.carriers for hit in found))),
        )


def _hits(view: View, gone: Collection[Revocable], sharing: Sharing) -> dict[int, _Hit]:
    """By position in the texts, those that are gone or that some identity or target loses."""
    place, loose = view.remember("texts", lambda: _indexed(view))
    found = {place[r.id]: _Hit() for r in gone if r.id in place}
    holders = (view.find(r.holder) for r in gone if r.kind is RevocableKind.MEMBERSHIP)
    leavers = frozenset(
        member for holder in holders if holder is not None for member in sharing.members(holder)
    )
    for at in loose:
        hit = _relative(view, view.reasons.texts[at], gone, leavers)
        if hit.identities or hit.carriers:
            found[at] = hit
    return found


def _indexed(view: View) -> tuple[dict[NodeId, int], tuple[int, ...]]:
    """The texts by id, and the places of the relative ones."""
    texts = view.reasons.texts
    return (
        {text.id: at for at, text in enumerate(texts)},
        tuple(at for at, text in enumerate(texts) if text.relative),
    )


def _relative(
    view: View, text: RevocableText, gone: Collection[Revocable], leavers: frozenset[int]
) -> _Hit:
    """Whom the loss concerns of a Revocable that is relative to the identity or to the target."""
    match Relative(text.relative):
        case Relative.MEMBER:
            return _Hit(identities=leavers)
        case Relative.ATTACHED:
            lost = [r for r in gone if r.kind == text.kind and r.member == text.member]
        case Relative.OWN:
            lost = [
                r
                for r in gone
                if r.kind == text.kind
                and (r.document, r.statement) == (text.document, text.statement)
            ]
        case _:
            carriers = (r.holder for r in gone if r.kind == text.kind and r.member == text.member)
            return _Hit(carriers=frozenset(carriers))
    losers = (view.find(revocable.holder) for revocable in lost)
    return _Hit(identities=frozenset(loser for loser in losers if loser is not None))


def _carried(sharing: Sharing, grant: int, carriers: frozenset[str]) -> frozenset[int]:
    """The Grant's targets whose policy, key, bucket or role is one of these."""
    if not carriers:
        return frozenset()
    view, related = sharing.view, ("PART_OF", "ENCRYPTED_BY", "RUNS_AS")
    places = {at for carrier in carriers if (at := view.find(carrier)) is not None}
    keyless = any(
        sharing.kind(at) == "Key" and not sharing.before("ENCRYPTED_BY", at) for at in places
    )
    # A key that nothing is known to be encrypted by may stand behind any target.
    return frozenset(
        target
        for target in sharing.targets(grant)
        if keyless or not places.isdisjoint(sharing.around(target, related))
    )


class Stored:
    """The needs of a Grant as its BECAUSE rows have them, for latent reach, of which no concrete target can be asked.

    What hangs on the target cannot be gone there; what hangs on the identity is looked up by what it is relative to.
    """

    def __init__(self, view: View, gone: Collection[Revocable], sharing: Sharing) -> None:
        self._view = view
        self._gone = gone
        self._ids = {revocable.id for revocable in gone}
        self._sharing = sharing
        self._lost = {(r.holder, r.member) for r in gone if r.kind is RevocableKind.MEMBERSHIP}

    def whole(self, grant: int, identity: int) -> bool:
        """Whether each need keeps an alternative that the identity has not lost."""
        reasons = self._view.reasons
        needs: dict[int, dict[int, bool]] = defaultdict(dict)
        for row in np.flatnonzero(reasons.grant == grant).tolist():
            need, alternative = int(reasons.need[row]), int(reasons.alternative[row])
            stands = self._stands(reasons.texts[int(reasons.revocable[row])], identity)
            needs[need][alternative] = needs[need].get(alternative, True) and stands
        return all(any(alternatives.values()) for alternatives in needs.values())

    def _stands(self, text: RevocableText, identity: int) -> bool:
        if not text.relative:
            return text.id not in self._ids
        if text.relative == Relative.MEMBER:
            return text.member in self._groups(identity)
        hit = _relative(self._view, text, self._gone, frozenset())
        return identity not in hit.identities

    def _groups(self, identity: int) -> set[NodeId]:
        """The groups that the identity is still in, at any depth."""
        ids, found, open_ends = self._view.nodes.ids, set[NodeId](), [identity]
        while open_ends:
            one = open_ends.pop()
            for group in self._sharing.next("MEMBER_OF", one):
                if ids[group] not in found and (ids[one], ids[group]) not in self._lost:
                    found.add(ids[group])
                    open_ends.append(group)
        return found
