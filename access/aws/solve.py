"""The search for one request that every layer lets pass: an Allow per slot, every Deny avoided, all tests satisfiable together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from access.aws.choose import Choice, Demand, assign
from access.aws.conditions import Atom
from access.aws.matching import Hit, Region
from access.aws.patterns import empty, meet
from access.aws.wildcards import TooManyStates
from access.decision import Layer

MAX_STEPS = 4_000  # of one search; beyond it nothing is claimed
MAX_ANSWERS = 64  # regions collected for one question about a pattern


class TooInvolved(Exception):  # noqa: N818  # no failure: the signal that a search gives up
    """A search that is not worth finishing."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A test with the outcome that is counted on, and the statement that asks for it."""

    atom: Atom
    wanted: bool
    hit: Hit


@dataclass(frozen=True, slots=True)
class Area:
    """The resources that an answer is true of; `patterns` None where the question names a single one."""

    patterns: tuple[str, ...] | None
    exclude: tuple[str, ...] = ()

    def within(self, region: Region) -> Area | None:
        """The part of it inside the region; None where nothing is left."""
        if region.whole or self.patterns is None:
            return replace(self, exclude=_joined(self.exclude, region.exclude))
        patterns = self.patterns
        if region.include is not None:
            patterns = tuple(
                dict.fromkeys(
                    p for a in patterns for b in region.include for p in meet(a, b).patterns
                )
            )
        return _rest(patterns, _joined(self.exclude, region.exclude))

    def without(self, region: Region) -> Area | None:
        """The part of it outside the region; None where nothing is left."""
        if self.patterns is None or region.whole:
            return None
        if region.include is not None:
            return _rest(self.patterns, _joined(self.exclude, region.include))
        return self.within(Region(region.exclude))


def _joined(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*left, *right))) if right else left


def _rest(patterns: tuple[str, ...], exclude: tuple[str, ...]) -> Area | None:
    kept = tuple(pattern for pattern in patterns if not empty(pattern, exclude))
    return Area(kept, exclude) if kept else None


@dataclass(frozen=True, slots=True)
class State:
    """How far a search has come."""

    area: Area
    demands: Mapping[str, frozenset[Demand]] = field(default_factory=dict)
    literals: tuple[Literal, ...] = ()
    picks: tuple[Hit, ...] = ()

    @property
    def open(self) -> tuple[Literal, ...]:
        """The tests that it counts on without anybody choosing them."""
        literals = self.literals
        return tuple(one for one in literals if one.atom.open) if literals else ()

    @property
    def choices(self) -> Mapping[str, Choice]:
        """Values that meet all demands."""
        return assign(self.demands) or {}


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """One place that must hold an Allow."""

    layer: Layer
    name: str
    hits: tuple[Hit, ...]

    @property
    def plain(self) -> Hit | None:
        """A hit that says nothing but yes: it makes all others superfluous."""
        return next((hit for hit in self.hits if not hit.atoms and hit.region.whole), None)


@dataclass(slots=True)
class Search:
    """Searches of one decision: they share its Denies, its step budget and what they learn about conflicts."""

    denies: Sequence[Hit]
    area: Area
    steps: int = 0
    conflicts: dict[Hit, None] = field(
        default_factory=dict
    )  # statements that could not be met together

    def best(self, slots: Sequence[Slot], *, definite: bool) -> State | None:
        """A way to pass; with `definite`, one that counts on no open test."""
        return next(self.all(slots, definite=definite), None)

    def all(self, slots: Sequence[Slot], *, definite: bool) -> Iterator[State]:
        """The ways to pass, simplest first."""
        plain = [slot.plain for slot in slots]
        picks = tuple(hit for hit in plain if hit is not None)
        start = State(self.area, picks=picks)
        if len(picks) == len(slots):
            yield from self._avoid(0, start, definite=definite)
            return
        left = [slot for slot, hit in zip(slots, plain, strict=True) if hit is None]
        left.sort(key=lambda slot: _least(slot.hits))
        yield from self._pick(left, 0, start, definite=definite)

    def _step(self) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooInvolved

    def _pick(
        self, slots: Sequence[Slot], at: int, state: State, *, definite: bool
    ) -> Iterator[State]:
        if at == len(slots):
            yield from self._avoid(0, state, definite=definite)
            return
        for hit in sorted(slots[at].hits, key=lambda hit: (hit.opens, len(hit.atoms))):
            if definite and hit.opens:
                continue
            self._step()
            after = self._with(state, [Literal(atom, wanted=True, hit=hit) for atom in hit.atoms])
            area = None if after is None else after.area.within(hit.region)
            if after is not None and area is not None:
                picked = replace(after, area=area, picks=(*after.picks, hit))
                yield from self._pick(slots, at + 1, picked, definite=definite)

    def _avoid(self, at: int, state: State, *, definite: bool) -> Iterator[State]:
        """Ways past the Denies from the one at `at` on: one test of each fails, or the resource lies elsewhere."""
        if at == len(self.denies):
            yield state
            return
        deny = self.denies[at]
        for atom in deny.atoms:
            if not atom.open:
                yield from self._falsify(atom, deny, at, state, definite=definite)
        area = state.area.without(deny.region)
        if area is not None:
            self._step()
            yield from self._avoid(at + 1, replace(state, area=area), definite=definite)
        if not definite:
            for atom in deny.atoms:
                if atom.open:
                    yield from self._falsify(atom, deny, at, state, definite=definite)

    def _falsify(
        self, atom: Atom, deny: Hit, at: int, state: State, *, definite: bool
    ) -> Iterator[State]:
        self._step()
        after = self._with(state, [Literal(atom, wanted=False, hit=deny)])
        if after is not None:
            yield from self._avoid(at + 1, after, definite=definite)

    def _with(self, state: State, literals: Sequence[Literal]) -> State | None:
        """The state with these literals counted on as well; None where they contradict it."""
        if not literals:
            return state
        demands = dict(state.demands)
        touched: set[str] = set()
        for literal in literals:
            atom = literal.atom
            if atom.demand is not None:
                demand = atom.demand if literal.wanted else atom.demand.opposite
                demands[atom.key] = demands.get(atom.key, frozenset()) | {demand}
                touched.add(atom.key)
        try:
            fits = not touched or assign(_linked(demands, touched)) is not None
        except TooManyStates as many:
            raise TooInvolved from many
        if fits:
            return replace(state, demands=demands, literals=(*state.literals, *literals))
        for literal in (*state.literals, *literals):
            if literal.atom.key in touched or literal.atom.key.startswith("aws:requesttag/"):
                self.conflicts[literal.hit] = None
        return None


def _linked(
    demands: Mapping[str, frozenset[Demand]], touched: set[str]
) -> Mapping[str, frozenset[Demand]]:
    """The demands that the touched keys have a say in; tags of the request hang together."""
    tags = any(key == "aws:tagkeys" or key.startswith("aws:requesttag/") for key in touched)
    return {
        key: wanted
        for key, wanted in demands.items()
        if key in touched or (tags and (key == "aws:tagkeys" or key.startswith("aws:requesttag/")))
    }


def _least(hits: Sequence[Hit]) -> tuple[int, int]:
    return min(((hit.opens, len(hit.atoms)) for hit in hits), default=(0, 0))
