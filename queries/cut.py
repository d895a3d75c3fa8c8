"""The smallest cut: what to take away so that no entry reaches a target, proved smallest, or with its gap.

An implicit hitting set. Each path that stands needs a set of Revocables, its witness: whatever ends all paths takes at
least one of each. The cheapest set that hits the witnesses seen so far is found by an integer program; the paths that
stand without it give new witnesses; when none stands, no cheaper set ends all of them, since each program asked for less
than that. Taking away never adds access: what would lift a Deny is not offered.

A path whose witness is empty cannot be cut. Its pair is told apart, and its other witnesses are forgotten: they must not
make the cut of the rest larger.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from access.decision import Revocable, RevocableKind
from access.removal import command, words
from graph.model import NodeId
from graph.view import Keep, View
from queries.fixes import Evidence, towards
from queries.layers import Ahead
from queries.pairs import Asked, Pairs, still_there
from queries.paths import Path, path_along
from queries.program import Program, Solved
from queries.revoke import without
from queries.use import Answer
from queries.witness import Access, Witness, witness

_ALL = Keep()
PER_TARGET = 512
"""Paths of a target that one round looks at, each by another next step: more of them make fewer rounds."""
SWAPS = 60
"""How many other answers are tried in all, after the cut is found."""


@dataclass(frozen=True, slots=True)
class Uncut:
    """A pair that nothing that may go separates, with a path that shows it."""

    entry: NodeId
    target: NodeId
    path: Path

    def plain(self) -> dict[str, object]:
        """The pair as plain types, for JSON."""
        return {"entry": self.entry, "target": self.target, "path": self.path.plain()}


@dataclass(frozen=True, slots=True)
class Removal:
    """One Revocable to take away, with its cost, and others that would do in its place, all else being equal."""

    revocable: Revocable
    cost: int
    instead: tuple[Revocable, ...] = ()
    use: Answer | None = None
    """What is known of the use of what it gives on the paths asked about; None where nobody looked."""

    def plain(self) -> dict[str, object]:
        """The removal as plain types, for JSON."""
        return {
            "use": None if self.use is None else self.use.value,
            "id": self.revocable.id,
            "kind": self.revocable.kind.value,
            "words": words(self.revocable),
            "owner": self.revocable.owner,
            "removal": command(self.revocable),
            "cost": self.cost,
            "instead": [words(one) for one in self.instead],
        }


@dataclass(frozen=True, slots=True)
class Cut:
    """What to take away, and how far that is proved.

    `cost` is the sum of the costs, `bound` what every cut costs at least: where they are equal, none is smaller.
    `pairs` were connected, `cut_pairs` no longer are, `uncut` cannot be separated; `witnesses` and `rounds` say what the
    answer rests on.
    """

    removals: tuple[Removal, ...]
    bound: int
    pairs: int
    cut_pairs: int
    uncut: tuple[Uncut, ...]
    witnesses: int
    rounds: int

    @property
    def cost(self) -> int:
        """The sum of the costs."""
        return sum(removal.cost for removal in self.removals)

    @property
    def proved(self) -> bool:
        """Whether no cheaper set ends the same pairs."""
        return self.cost == self.bound

    @property
    def revocables(self) -> tuple[Revocable, ...]:
        """What is taken away."""
        return tuple(removal.revocable for removal in self.removals)

    def plain(self) -> dict[str, object]:
        """The cut as plain types, for JSON."""
        return {
            "removals": [removal.plain() for removal in self.removals],
            "cost": self.cost,
            "bound": self.bound,
            "proved": self.proved,
            "pairs": self.pairs,
            "cut_pairs": self.cut_pairs,
            "uncut": [one.plain() for one in self.uncut],
            "witnesses": self.witnesses,
            "rounds": self.rounds,
        }


WHOLE_ACCOUNT = 4
BY_USE = {None: 1, Answer.UNUSED: 1, Answer.NOT_OBSERVED: 2, Answer.USED: 4}
"""How many times the usual cost a removal costs, by the use of what it gives: what nobody uses goes first."""


def usual_cost(revocable: Revocable) -> int:
    """What a removal costs where nobody says: 1, and more for the entry of a whole account, or of everyone.

    That entry is what a resource's other users come by, and without it a key may be out of its owner's hands.
    """
    wide = revocable.member == "*" or revocable.member.endswith(":root")
    return WHOLE_ACCOUNT if wide and revocable.kind is RevocableKind.STATEMENT else 1


@dataclass(frozen=True, slots=True)
class Terms:
    """What may go, and what it costs: `frozen` Revocables stay, others cost what `cost` says (1 or more).

    Where `use` tells what is known of the use of a step, that counts too (`BY_USE`).
    """

    frozen: frozenset[NodeId] = frozenset()
    cost: Callable[[Revocable], int] = usual_cost
    time_left: Callable[[], float] = lambda: float("inf")
    use: Callable[[Access], Answer] | None = None

    def free(self, revocable: Revocable) -> bool:
        """Whether it may be taken away."""
        return (
            revocable.id not in self.frozen
            and not revocable.lifts_deny
            and revocable.relative is None
        )


def revocations(
    view: View,
    targets: Collection[NodeId],
    evidence: Evidence,
    *,
    entries: Collection[NodeId] | None = None,
    passed_over: Collection[NodeId] = (),
    keep: Keep = _ALL,
    terms: Terms = Terms(),
) -> Cut:
    """The cheapest Revocables without which no entry reaches a target, but for the pairs that nothing separates.

    Where the time is up first, the set is completed greedily, and `bound` says how far from the smallest it may be.
    """
    asked = Asked.of(view, targets, entries=entries, passed_over=passed_over)
    near = towards(view, keep, asked.goals)
    search = _Search(near, asked, evidence, keep, terms, asked.connected(near, keep))
    return search.cut()


@dataclass(slots=True, eq=False)
class _Search:
    """The state of one search: the witnesses so far by pair, and which pairs cannot be cut."""

    view: View
    asked: Asked
    evidence: Evidence
    keep: Keep
    terms: Terms
    now: Pairs
    seen: dict[tuple[int, int], set[frozenset[NodeId]]] = field(default_factory=dict)
    known: dict[NodeId, Revocable] = field(default_factory=dict)
    access: dict[NodeId, set[Access]] = field(default_factory=dict)
    uncut: dict[tuple[int, int], Path] = field(default_factory=dict)
    rounds: int = 0
    swaps: int = 0

    def cut(self) -> Cut:
        """Rounds of solving and looking, until nothing stands or the time is up."""
        solved = Solved((), 0.0)
        while self.terms.time_left() > 0:
            self.rounds += 1
            new = self._look(solved.chosen)
            if new is None:
                return self._told(solved.chosen, solved)
            solved = self._program.solve(time_left=self.terms.time_left())
            if not solved.chosen and self._program.sets:
                break
        taken = self._completed(solved.chosen)
        # Pairs that turned out to be uncuttable since took their witnesses along: the bound is one of the rest.
        return self._told(taken, self._program.solve(time_left=1.0))

    @property
    def _program(self) -> Program:
        sets = {ids for found in self.seen.values() for ids in found}
        return Program(frozenset(sets), {id_: self._cost(id_) for id_ in self.known})

    def _use(self, id_: NodeId) -> Answer | None:
        """The most that is known of the use of what the Revocable gives on the paths seen so far."""
        if self.terms.use is None:
            return None
        told = {self.terms.use(one) for one in self.access.get(id_, ())}
        return max(told, key=BY_USE.__getitem__, default=Answer.NOT_OBSERVED)

    def _cost(self, id_: NodeId) -> int:
        return self.terms.cost(self.known[id_]) * BY_USE[self._use(id_)]

    def _without(self, chosen: Iterable[NodeId]) -> View:
        gone = [self.known[id_] for id_ in sorted(chosen)]
        return without(self.view, gone, grants=self.evidence.grants, needs=self.evidence.needs)

    def _look(self, chosen: Iterable[NodeId]) -> int | None:
        """Add the witnesses of paths that stand without these; None where no path of a pair that can be cut stands."""
        left, gone = self._without(chosen), frozenset(chosen)
        standing = self.asked.connected(left, self.keep)
        found = 0
        for at in range(len(self.asked.ends)):
            starts = np.flatnonzero(standing[:, at] & ~self._apart(at))
            if len(starts):
                found += self._look_at(left, gone, at, starts)
        return found or None

    def _apart(self, at: int) -> Pairs:
        mask = np.zeros(len(self.asked.starts), dtype=np.bool_)
        mask[[start for start, target in self.uncut if target == at]] = True
        return mask

    def _look_at(
        self,
        left: View,
        gone: frozenset[NodeId],
        at: int,
        starts: np.ndarray[tuple[int], np.dtype[np.int64]],
    ) -> int:
        """Witnesses of paths to one target, one per next step; of all that go on alike where one cannot be cut."""
        ahead = Ahead.to(left, self.keep, self.asked.ends[at])
        alike: dict[int, list[int]] = {}
        for start in starts.tolist():
            alike.setdefault(int(ahead.state[self.asked.starts[start]]), []).append(start)

        def seen(start: int) -> Witness:
            state = int(self.asked.starts[start])
            path = path_along(left, list(ahead.arcs(state)), otherwise=state)
            one = witness(
                left, path, self.evidence, keep=self.keep, gone=gone, free=self.terms.free
            )
            self._add((start, at), one)
            return one

        for members in sorted(alike.values(), key=len, reverse=True)[:PER_TARGET]:
            if not seen(members[0]).needed:
                for start in members[1:]:
                    seen(start)
        return len(alike)

    def _add(self, pair: tuple[int, int], one: Witness) -> None:
        if not one.needed:
            self.uncut[pair] = one.path
            self.seen.pop(pair, None)
        elif pair not in self.uncut:
            self.seen.setdefault(pair, set()).add(one.ids)
            self.known |= {revocable.id: revocable for revocable in one.needed}
            for id_, rows in one.access.items():
                self.access.setdefault(id_, set()).update(rows)

    def _completed(self, chosen: Iterable[NodeId]) -> tuple[NodeId, ...]:
        """The chosen and, one by one, what the most paths that still stand need, for its price."""
        taken = list(chosen)
        while self._look(taken) is not None:
            sets = {ids for found in self.seen.values() for ids in found}
            while rest := [ids for ids in sets if not ids & set(taken)]:
                counts: dict[NodeId, float] = {}
                for id_ in (id_ for ids in rest for id_ in ids):
                    counts[id_] = counts.get(id_, 0.0) + 1.0 / self._cost(id_)
                taken.append(min(counts, key=lambda id_: (-counts[id_], id_)))
        return tuple(taken)

    def _told(self, chosen: Collection[NodeId], solved: Solved) -> Cut:
        removals = tuple(
            Removal(
                self.known[id_],
                self._cost(id_),
                tuple(self._instead(id_, chosen)),
                self._use(id_),
            )
            for id_ in sorted(chosen)
        )
        bound = int(np.ceil(solved.bound - 1e-6))
        ids = self.view.nodes.ids
        owner = self.view.state_node
        uncut = tuple(
            Uncut(
                ids[owner[self.asked.starts[start]]],
                ids[owner[self.asked.ends[target][0]]],
                path,
            )
            for (start, target), path in sorted(self.uncut.items())
        )
        pairs = int(self.now.sum())
        return Cut(
            removals,
            max(bound, 0),
            pairs,
            pairs - len(uncut),
            uncut,
            len(self._program.sets),
            self.rounds,
        )

    def _instead(self, id_: NodeId, chosen: Collection[NodeId]) -> Iterator[Revocable]:
        """Others of no higher cost that end the same with the rest of the cut: tried, not guessed."""
        others = set(chosen) - {id_}
        alone = [ids for ids in self._program.sets if not ids & others]
        if not alone:
            return
        price = self._cost(id_)
        for other in sorted(frozenset.intersection(*alone) - {id_}):
            if self._cost(other) > price:
                continue
            if self.swaps >= SWAPS or self.terms.time_left() <= 0:
                return
            self.swaps += 1
            standing = self.asked.connected(self._without({*others, other}), self.keep)
            for start, target in self.uncut:
                standing[start, target] = False
            if not standing.any():
                yield self.known[other]


@dataclass(frozen=True, slots=True)
class Proof:
    """The facts without the cut, resolved again: how many pairs still connect, and whether those are the ones told."""

    left: int
    expected: int
    unexpected: tuple[tuple[NodeId, NodeId], ...]
    """Pairs that still connect although the cut claims to end them, or no longer do although it does not."""

    @property
    def agrees(self) -> bool:
        """Whether resolving again gives exactly what the cut claims."""
        return not self.unexpected

    def plain(self) -> dict[str, object]:
        """The proof as plain types, for JSON."""
        return {
            "left": self.left,
            "expected": self.expected,
            "agrees": self.agrees,
            "unexpected": [list(pair) for pair in self.unexpected],
        }


def proved(
    again: View,
    cut: Cut,
    entries: Collection[NodeId],
    targets: Collection[NodeId],
    *,
    keep: Keep = _ALL,
) -> Proof:
    """Whether the view of the facts without the cut connects exactly the pairs that cannot be cut."""
    asked = Asked.of(again, still_there(again, targets), entries=still_there(again, entries))
    left = asked.named(again, keep)
    wanted = {(one.entry, one.target) for one in cut.uncut}
    return Proof(len(left), len(wanted), tuple(sorted(left ^ wanted)))
