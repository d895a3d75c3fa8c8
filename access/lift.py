"""Lifting: an effect that a group's documents alone bring to every member is held by the group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from access.decision import PRINCIPAL_SIDE, Alternative, Need, Revocable, RevocableKind
from access.estate import Estate
from access.held import Held
from graph.model import NodeId


def via(alternative: Alternative) -> NodeId | None:
    """The one group through which the alternative arrives; None where it is the identity's own or mixed."""
    groups = {
        revocable.member
        for revocable in alternative.revocables
        if revocable.kind is RevocableKind.MEMBERSHIP
    }
    own = any(
        revocable.relative in PRINCIPAL_SIDE
        for revocable in alternative.revocables
        if revocable.kind is not RevocableKind.MEMBERSHIP
    )
    return NodeId(groups.pop()) if len(groups) == 1 and not own else None


def without_membership(alternative: Alternative) -> Alternative:
    """The alternative as the group itself has it."""
    kept = tuple(r for r in alternative.revocables if r.kind is not RevocableKind.MEMBERSHIP)
    return replace(alternative, revocables=kept)


def _principal_side(revocable: Revocable, members: frozenset[str]) -> bool:
    return revocable.relative in PRINCIPAL_SIDE or revocable.holder in members


def _neutral(need: Need, members: frozenset[str]) -> bool:
    """Whether nothing of the need hangs on the identity: it is the same for the group."""
    return not any(
        _principal_side(revocable, members) or revocable.kind is RevocableKind.MEMBERSHIP
        for alternative in need.alternatives
        for revocable in alternative.revocables
    )


def through(
    because: Iterable[Need], group: NodeId, members: frozenset[str]
) -> tuple[Need, ...] | None:
    """The needs as the group's documents alone meet them; None where they do not."""
    kept: list[Need] = []
    for need in because:
        if _neutral(need, members):
            kept.append(need)
            continue
        arriving = tuple(without_membership(a) for a in need.alternatives if via(a) == group)
        if not arriving:
            return None
        kept.append(replace(need, alternatives=arriving).minimal())
    return tuple(need for need in kept if not need.standing)


def _wholly_through(held: Held, group: NodeId, members: frozenset[str]) -> bool:
    return all(
        _neutral(need, members) or all(via(a) == group for a in need.alternatives)
        for need in held.because
    )


def _groups(held: Held) -> Iterator[NodeId]:
    """The groups through which it arrives; none that also denies: its membership must stay in the reasons, with its mark."""
    found = {
        group
        for need in held.because
        for alternative in need.alternatives
        if (group := via(alternative)) is not None
        and not any(
            revocable.lifts_deny and revocable.kind is RevocableKind.MEMBERSHIP
            for revocable in alternative.revocables
        )
    }
    yield from sorted(found)


def lift(
    held: Iterable[Held], members_of: Mapping[NodeId, tuple[NodeId, ...]], estate: Estate
) -> list[Held]:
    """The same effects, each held by a group where its whole membership has it through that group alone.

    `members_of` gives the identities of each real holder. Reach and the answers to "why" stay the same.
    """
    rows = list(held)
    offers: dict[tuple[NodeId, Held], set[NodeId]] = defaultdict(set)
    sources: dict[tuple[NodeId, Held], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        identities = members_of.get(row.holder)
        if not identities:
            continue
        names = frozenset(map(str, identities))
        for group in _groups(row):
            needs = through(row.because, group, names)
            if needs is not None:
                offer = (group, replace(_bare(row), holder=group, because=needs))
                offers[offer].update(identities)
                sources[offer].append(place)
    dropped: set[int] = set()
    lifted: list[Held] = []
    for offer, covered in offers.items():
        group, form = offer
        whole = estate.members_of(group)
        if not whole or not covered.issuperset(whole):
            continue
        lifted.append(_resting_on(form, [rows[place] for place in sources[offer]]))
        dropped.update(
            place
            for place in sources[offer]
            if _wholly_through(
                rows[place], group, frozenset(map(str, members_of[rows[place].holder]))
            )
        )
    return [row for place, row in enumerate(rows) if place not in dropped] + _joined(lifted)


def _bare(row: Held) -> Held:
    """The effect without what it was read from and what it takes for granted: calls that are stale part no effects."""
    return replace(row, inputs=frozenset(), assumptions=())


def _resting_on(form: Held, rows: Iterable[Held]) -> Held:
    """The effect, resting on all that these rest on."""
    held = tuple(rows)
    return replace(
        form,
        inputs=frozenset().union(*(row.inputs for row in held)),
        assumptions=tuple(dict.fromkeys(one for row in held for one in row.assumptions)),
    )


def _joined(lifted: list[Held]) -> list[Held]:
    """The same effects, those joined that differ in their targets alone: what kept them apart was the members'."""
    found: dict[Held, list[Held]] = defaultdict(list)
    for row in lifted:
        found[replace(_bare(row), targets=())].append(row)
    return [
        replace(
            _resting_on(form, rows),
            targets=tuple(sorted({target for row in rows for target in row.targets})),
        )
        for form, rows in found.items()
    ]
