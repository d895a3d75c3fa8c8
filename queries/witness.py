"""What a path rests on: for each of its steps the Revocables of one way to have it, all of which the attacker needs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from access.decision import Alternative, Need, Revocable, RevocableKind, revocables, surest
from graph.errors import QueryError
from graph.model import Certainty, NodeId
from graph.view import Keep, View
from queries.fixes import Evidence
from queries.hops import Hop, hops
from queries.paths import Path
from queries.sharing import sharing

Free: TypeAlias = Callable[[Revocable], bool]


class Access(NamedTuple):
    """What a step uses: the identity that acts, by which Grant, on what."""

    identity: NodeId
    grant: NodeId
    target: NodeId


@dataclass(frozen=True, slots=True)
class Witness:
    """The Revocables that may go and that a path needs, all of them; none where nothing that may go ends it."""

    path: Path
    needed: tuple[Revocable, ...]
    access: Mapping[NodeId, frozenset[Access]]
    """What each of the needed gives on this path; a membership, what the path goes on to do by it."""

    @property
    def ids(self) -> frozenset[NodeId]:
        """The ids of what is needed."""
        return frozenset(revocable.id for revocable in self.needed)


def witness(
    view: View, path: Path, evidence: Evidence, *, keep: Keep, gone: frozenset[NodeId], free: Free
) -> Witness:
    """The witness of a path that stands without `gone`: of each need the alternative with the least that may go.

    `view` is the one that the path was found in; `gone` is what was taken away to make it.
    """
    found: dict[NodeId, Revocable] = {}
    access: dict[NodeId, set[Access]] = {}
    given: set[Access] = set()
    for hop in reversed(tuple(hops(view, path))):
        if hop.grant is not None:
            given = {Access(hop.identity, hop.grant, hop.target)}
        for alternative in _standing(needs_of(view, hop, evidence), keep, gone, free):
            for one in filter(free, alternative.revocables):
                found[one.id] = one
                access.setdefault(one.id, set()).update(given)
    needed = tuple(sorted(found.values(), key=lambda one: one.id))
    return Witness(path, needed, {id_: frozenset(rows) for id_, rows in access.items()})


def needs_of(view: View, hop: Hop, evidence: Evidence) -> tuple[Need, ...]:
    """What must stand for the hop; nothing for one that no owner can take away by itself."""
    match hop.kind:
        case "MEMBER_OF":
            entered = membership(view, hop.holder, hop.target, evidence.denies)
            return (_one("the membership itself", entered, hop.certainty),)
        case "OPENS":
            opened = credential(view, hop.holder, opens=hop.target)
            return (_one("the credential itself", opened, hop.certainty),)
        case "VOUCHES_FOR":
            entries = tuple(_trusting(view, hop, evidence))
            ways = tuple(Alternative((entry,)) for entry in entries)
            return (Need("the trust in the provider", ways),) if ways else ()
        case _ if hop.grant is not None:
            return _granted(hop.grant, hop, evidence)
        case _:
            return ()


def _granted(grant: NodeId, hop: Hop, evidence: Evidence) -> tuple[Need, ...]:
    try:
        return evidence.needs(evidence.grants[grant], hop.identity, hop.target)
    except QueryError:
        return ()  # no reasons can be given for it, so nothing of it can be taken away


def membership(
    view: View, member: NodeId, group: NodeId, denies: Callable[[NodeId], bool]
) -> Revocable:
    """The membership by which a step enters a group; its owner is the group's account.

    `denies` says whether a policy of the group denies: leaving it would lift that.
    """
    return Revocable(
        RevocableKind.MEMBERSHIP,
        holder=member,
        member=group,
        owner=view.account_of(view.position(group)),
        lifts_deny=denies(group),
    )


def credential(view: View, holder: NodeId, *, opens: NodeId) -> Revocable:
    """What the holder lets its readers act as; it is the matter of whoever owns the holder."""
    return Revocable(
        RevocableKind.CREDENTIAL,
        holder=holder,
        member=opens,
        owner=view.account_of(view.position(holder)),
    )


def _one(name: str, revocable: Revocable, certainty: Certainty) -> Need:
    return Need(name, (Alternative((revocable,), certainty=certainty),))


def _trusting(view: View, hop: Hop, evidence: Evidence) -> Iterator[Revocable]:
    """The entries of the role's trust policy that name the provider, from the Grants that rest on them."""
    reasons = view.reasons
    places = {
        at
        for at, text in enumerate(reasons.texts)
        if text.kind == RevocableKind.TRUST_ENTRY
        and (text.member, text.holder) == (hop.holder, hop.target)
    }
    shared, role = sharing(view), view.position(hop.target)
    seen: set[NodeId] = set()
    for grant, place in zip(reasons.grant.tolist(), reasons.revocable.tolist(), strict=True):
        wanted = reasons.texts[place].id
        if place not in places or wanted in seen or role not in shared.targets(grant):
            continue
        entering = (e for holder in shared.before("HOLDS", grant) for e in shared.entering(holder))
        identity = next(entering, None)
        if identity is not None:
            ids = view.nodes.ids
            try:
                needs = evidence.needs(evidence.grants[ids[grant]], ids[identity], hop.target)
            except QueryError:
                continue  # this identity has it by nothing that stands; another may
            seen.add(wanted)
            yield from (one for one in revocables(needs) if one.id == wanted)


def _standing(
    needs: Collection[Need], keep: Keep, gone: frozenset[NodeId], free: Free
) -> Iterator[Alternative]:
    """Per need the whole alternative with the least that may go, of those that are sure enough."""
    if not needs:
        return
    # Where a Grant is less sure than what may be walked, it was walked as it stood: `without` keeps that.
    limit = max(keep.certainty, surest(needs, frozenset())[0])
    for need in needs:
        left = [one for one in need.alternatives if one.certainty <= limit and not one.ids & gone]
        if left:
            yield min(left, key=lambda one: (sum(map(free, one.revocables)), one))
