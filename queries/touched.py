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
class Hit:
    """What taking the Revocables away does to one Revocable of a Grant."""

    identities: frozenset[int] = frozenset()
    carriers: frozenset[str] = frozenset()


def touched_grants(view: View, gone: Collection[Revocable], sharing: Sharing) -> Iterator[Touched]:
    """The Grants of which some reason is gone, for all or for some, by position."""
    hits = _hits(view, gone, sharing)
    reasons = view.reasons
    rows = np.flatnonzero(np.isin(reasons.revocable, np.array(sorted(hits), dtype=np.int32)))
    by_grant: dict[int, list[Hit]] = defaultdict(list)
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


def _hits(view: View, gone: Collection[Revocable], sharing: Sharing) -> dict[int, Hit]:
    """By position in the texts, those that are gone or that some identity or target loses."""
    place, loose = view.remember("texts", lambda: _indexed(view))
    found = {place[r.id]: Hit() for r in gone if r.id in place}
    holders = (view.find(r.holder) for r in gone if r.kind is RevocableKind.MEMBERSHIP)
    leavers = frozenset(
        member for holder in holders if holder is not None for member in sharing.members(holder)
    )
    for at in loose:
        hit = concerned(view, view.reasons.texts[at], gone, leavers)
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


def concerned(
    view: View, text: RevocableText, gone: Collection[Revocable], leavers: frozenset[int]
) -> Hit:
    """Whom the loss concerns of a Revocable that is relative to the identity or to the target."""
    match Relative(text.relative):
        case Relative.MEMBER:
            return Hit(identities=leavers)
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
            return Hit(carriers=frozenset(carriers))
    losers = (view.find(revocable.holder) for revocable in lost)
    return Hit(identities=frozenset(loser for loser in losers if loser is not None))


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
