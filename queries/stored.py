"""The needs of a Grant as its BECAUSE rows have them: for latent reach, of which no concrete target can be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from access.decision import Relative, Revocable, RevocableKind
from graph.model import Certainty, NodeId
from graph.view import RevocableText, View
from queries.redraft import Weaker
from queries.sharing import Sharing
from queries.touched import concerned


@dataclass(slots=True)
class _Way:
    """One alternative of a need, while its rows are read."""

    certainty: Certainty
    conditions: tuple[str, ...]
    stands: bool = True


@dataclass(slots=True)
class _Need:
    """A need, while its rows are read."""

    ways: dict[int, _Way] = field(default_factory=dict)

    def left(self, *, only: bool) -> tuple[Certainty, tuple[str, ...]] | None:
        """The best way of all, or only of those that stand; None where there is none."""
        kept = [way for way in self.ways.values() if way.stands or not only]
        found = [(way.certainty, way.conditions) for way in kept]
        if len(self.ways) <= max(self.ways):
            # A number without rows is a way that nothing can take away; it would be no need if it had no conditions.
            found.append((Certainty.CONDITIONAL, ()))
        return min(found, key=lambda way: (way[0], len(way[1])), default=None)


class Stored:
    """What hangs on the target cannot be gone here; what hangs on the identity is looked up by what it is relative to."""

    def __init__(self, view: View, gone: Collection[Revocable], sharing: Sharing) -> None:
        self._view = view
        self._gone = gone
        self._ids = {revocable.id for revocable in gone}
        self._sharing = sharing
        self._lost = {(r.holder, r.member) for r in gone if r.kind is RevocableKind.MEMBERSHIP}

    def stands(self, grant: int, identity: int) -> tuple[bool, Weaker | None]:
        """Whether each need keeps a way that the identity has not lost, and how sure where that is less than before."""
        needs = self._needs(grant, identity)
        after = [need.left(only=True) for need in needs]
        if None in after:
            return False, None
        before = _joined([need.left(only=False) for need in needs])
        now = _joined(after)
        changed = now[0] > before[0] or set(now[1]) != set(before[1])
        return True, Weaker(*now) if changed else None

    def _needs(self, grant: int, identity: int) -> list[_Need]:
        view, reasons = self._view, self._view.reasons
        needs: dict[int, _Need] = defaultdict(_Need)
        for row in np.flatnonzero(reasons.grant == grant).tolist():
            edge = int(reasons.edge[row])
            way = needs[int(reasons.need[row])].ways.setdefault(
                int(reasons.alternative[row]),
                _Way(
                    Certainty(int(view.edges.certainty[edge])),
                    view.edges.conditions[int(view.edges.condition[edge])],
                ),
            )
            way.stands &= self._kept(reasons.texts[int(reasons.revocable[row])], identity)
        return list(needs.values())

    def _kept(self, text: RevocableText, identity: int) -> bool:
        if not text.relative:
            return text.id not in self._ids
        if text.relative == Relative.MEMBER:
            return text.member in self._groups(identity)
        return identity not in concerned(self._view, text, self._gone, frozenset()).identities

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


def _joined(ways: list[tuple[Certainty, tuple[str, ...]] | None]) -> tuple[int, tuple[str, ...]]:
    """How sure all of these are together, and on what they depend."""
    some = [way for way in ways if way is not None]
    names = dict.fromkeys(name for _, conditions in some for name in conditions)
    return max((int(certainty) for certainty, _ in some), default=0), tuple(names)
