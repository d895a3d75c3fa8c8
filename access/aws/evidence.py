"""Why: the needs with their alternatives for what is granted, the statements or layers that stand against what is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from access.aws.catalogue import condition_key
from access.aws.document import Statement
from access.aws.joined import SESSION_NAME
from access.aws.matching import SESSION_KEY, Hit
from access.aws.naming import principal_notes, root_of
from access.aws.patterns import Cover, empty, overlaps, relation
from access.aws.principals import PrincipalKind
from access.aws.request import Form
from access.aws.routes import LIMITS, Layers, Route
from access.aws.solve import MAX_ANSWERS, Area, Literal, Search, Slot, State, TooInvolved
from access.decision import (
    Alternative,
    Condition,
    Decision,
    Effect,
    Layer,
    Need,
    Reason,
    StatementRef,
)
from graph.model import Certainty

_CLOCK = frozenset({"aws:currenttime", "aws:epochtime"})
_GUARDS = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})
_INVOLVED = Condition("too many combinations of conditions")
_SIDES = (Layer.IDENTITY, Layer.RESOURCE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, before it is explained."""

    effect: Effect
    routes: tuple[Route, ...]
    passed: Mapping[Route, State] = field(default_factory=dict)
    search: Search | None = None
    hard: tuple[Hit, ...] = ()  # Denies that cannot be avoided
    involved: bool = False  # the search gave up

    @property
    def best(self) -> State:
        """The state that the answer shows."""
        return min(self.passed.values(), key=lambda state: (len(state.open), len(state.literals)))


# --- denials -------------------------------------------------------------------------------------------------------


def denied(layers: Layers, verdict: Verdict) -> Decision:
    """The denial, with the statements or the layers that make it one."""
    notes = tuple(sorted(set(_odd(layers, ()))))
    assumptions = layers.policies.assumptions
    if verdict.hard:
        reasons = tuple(_reason(hit, "Deny") for hit in _ordered(verdict.hard))
        blocked = tuple(dict.fromkeys(reason.layer for reason in reasons))
        return Decision(
            verdict.effect,
            reasons=reasons,
            blocked_by=blocked,
            notes=notes,
            assumptions=assumptions,
        )
    if layers.ruled_out:
        rule = Reason(Layer.SERVICE, "rule", None, layers.ruled_out)
        return Decision(
            verdict.effect,
            reasons=(rule,),
            blocked_by=(Layer.SERVICE,),
            notes=notes,
            assumptions=assumptions,
        )
    missing = min((route.missing for route in verdict.routes), key=len)
    if missing:
        reasons = tuple(
            Reason(layer, "no Allow", None, f"no {layer} policy allows it") for layer in missing
        )
        return Decision(
            verdict.effect,
            reasons=reasons,
            blocked_by=missing,
            notes=notes,
            assumptions=assumptions,
        )
    at_odds = _ordered(verdict.search.conflicts if verdict.search else ())
    reasons = tuple(
        _reason(
            hit, "Allow" if _allows(hit) else "Deny", "asks for what another statement excludes"
        )
        for hit in at_odds
    )
    blocked = tuple(dict.fromkeys(reason.layer for reason in reasons))
    return Decision(
        verdict.effect, reasons=reasons, blocked_by=blocked, notes=notes, assumptions=assumptions
    )


def _allows(hit: Hit) -> bool:
    return hit.statement is None or hit.statement.allow


def _reason(hit: Hit, effect: str, text: str = "") -> Reason:
    return Reason(hit.origin.layer, effect, _ref(hit), text)


def _ref(hit: Hit) -> StatementRef | None:
    return hit.source.ref(hit.statement) if hit.source and hit.statement else None


def _ordered(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(
        hits,
        key=lambda hit: (
            hit.origin.layer.value,
            hit.origin.policy,
            hit.statement.position if hit.statement else -1,
        ),
    )


# --- grants --------------------------------------------------------------------------------------------------------


def explained(layers: Layers, verdict: Verdict) -> Decision:
    """The grant, with what must stand for it."""
    if verdict.involved or verdict.search is None:
        need = Need(
            "conditions can be met together",
            (Alternative((), (_INVOLVED,), Certainty.CONDITIONAL),),
        )
        return Decision(
            verdict.effect,
            conditions=(_INVOLVED,),
            because=(*_Because(layers, verdict).unsearched(), need),
            assumptions=layers.policies.assumptions,
        )
    best = verdict.best
    chosen, said = _chosen(best)
    patterns, exclusions, more = _region(layers, verdict)
    return Decision(
        effect=verdict.effect,
        conditions=_conditions(best.open),
        because=_Because(layers, verdict).needs(),
        reasons=tuple(_reasons(best)),
        chosen=chosen,
        notes=tuple(sorted({*said, *more, *_odd(layers, best.picks)})),
        assumptions=layers.policies.assumptions,
        limits=tuple(sorted(set(_limits(best)))),
        patterns=patterns,
        exclusions=exclusions,
    )


def _conditions(literals: Sequence[Literal]) -> tuple[Condition, ...]:
    if not literals:
        return ()
    return tuple(
        sorted({condition for literal in literals for condition in _named(literal)}, key=str)
    )


def _named(literal: Literal) -> Iterator[Condition]:
    ref = _ref(literal.hit)
    for clause in literal.atom.shown:
        yield Condition(
            condition_key(clause.key).name,
            clause.operator,
            clause.values,
            ref,
            negated=not literal.wanted and ref is not None,
        )


def _chosen(state: State) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    """The values that the caller sets, and the notes that say so."""
    if not state.literals:
        return (), []
    keys = {literal.atom.key for literal in state.literals if not literal.atom.open}
    values: list[tuple[str, str]] = []
    notes = []
    for key, choice in state.choices.items():
        if key not in keys:
            continue
        name = SESSION_NAME if key == SESSION_KEY else condition_key(key).name
        if choice.values is None:
            notes.append(f"caller leaves out `{name}`")
        for value in choice.values or ():
            values.append((name, value))
            notes.append(f"caller sets `{name}` to `{value}`")
    return tuple(sorted(values)), notes


def _reasons(state: State) -> Iterator[Reason]:
    for hit in _ordered(dict.fromkeys(state.picks)):
        yield _reason(hit, "Allow")
    avoided = {literal.hit: None for literal in state.literals if not _allows(literal.hit)}
    for hit in _ordered(avoided):
        yield _reason(hit, "Deny", "does not apply")


def _limits(state: State) -> Iterator[StatementRef]:
    hits = [*state.picks, *(literal.hit for literal in state.literals)]
    for hit in hits:
        ref = _ref(hit)
        if hit.origin.layer in LIMITS and ref is not None:
            yield ref


def _odd(layers: Layers, hits: Iterable[Hit]) -> Iterator[str]:
    """Notes: odd shapes of the documents that took part, end dates, the missing guard of a service's trust."""
    resource = layers.policies.resource
    document = getattr(resource, "document", None)
    if document is not None:
        yield from principal_notes(document)
        yield from document.notes
    for hit in hits:
        if hit.source is not None:
            yield from hit.source.document.notes
        if hit.statement is not None:
            yield from _dates(hit.statement)
            if layers.frame.request.principal.kind is PrincipalKind.SERVICE and not any(
                item.key in _GUARDS for item in hit.statement.checks
            ):
                yield "no condition on `aws:SourceAccount` or `aws:SourceArn` guards against a confused deputy"


def _dates(statement: Statement) -> Iterator[str]:
    for item in statement.checks:
        if item.key in _CLOCK:
            yield f"holds while `{item.clause.key}` {item.clause.operator} {', '.join(item.clause.values)}"


def _region(layers: Layers, verdict: Verdict) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """Patterns, exclusions and notes on them: the union of all ways to pass."""
    if layers.frame.form is not Form.SOME or verdict.search is None:
        return (), tuple(sorted(verdict.best.area.exclude)), []
    areas: list[Area] = []
    definite = verdict.effect is Effect.ALLOW
    try:
        for route in verdict.passed:
            for state in verdict.search.all(route.slots, definite=definite):
                areas.append(state.area)
                if len(areas) >= MAX_ANSWERS:
                    break
    except TooInvolved:
        pass
    areas = areas or [verdict.best.area]
    patterns = tuple(sorted({pattern for area in areas for pattern in area.patterns or ()}))
    given = set(layers.frame.request.excluding)
    kept, notes = [], []
    for exclusion in sorted({part for area in areas for part in area.exclude} - given):
        if not any(overlaps(exclusion, pattern) for pattern in patterns):
            continue
        reaches = [_reach(area, exclusion) for area in areas]
        if Cover.ALL not in reaches:
            kept.append(exclusion)
        if Cover.PART in reaches:
            notes.append(f"parts of `{exclusion}` are allowed all the same")
    return patterns, tuple(kept), notes


def _reach(area: Area, exclusion: str) -> Cover:
    """How much the area has of what another way to pass excludes."""
    if empty(exclusion, area.exclude):
        return Cover.NONE
    patterns = area.patterns or ()
    if empty(exclusion, patterns) and not any(overlaps(part, exclusion) for part in area.exclude):
        return Cover.ALL
    reached = (relation(pattern, exclusion, area.exclude) for pattern in patterns)
    return Cover.PART if any(one is not Cover.NONE for one in reached) else Cover.NONE


# --- needs ---------------------------------------------------------------------------------------------------------


class _Because:
    """The needs of a grant."""

    def __init__(self, layers: Layers, verdict: Verdict) -> None:
        self._layers = layers
        self._verdict = verdict
        self._action = layers.frame.request.action
        shared: set[Condition] | None = None
        for state in verdict.passed.values():
            found = set(_conditions(_beside(state)))
            shared = found if shared is None else shared & found
        self._shared = shared or set()

    def needs(self) -> tuple[Need, ...]:
        """All needs, those that always stand left out."""
        made = [*self._sides(self._verdict.passed), *self._limits()]
        return tuple(_least(need) for need in made if not need.standing)

    def unsearched(self) -> tuple[Need, ...]:
        """The needs of the sides alone, every Allow an alternative on conditions."""
        whole = {route: State(Area(None)) for route in self._verdict.routes if not route.missing}
        return tuple(_least(need) for need in self._sides(whole) if not need.standing)

    def _sides(self, passed: Mapping[Route, State]) -> Iterator[Need]:
        """Identity and resource side, as needs that must all stand: (direct or handed over) and (direct or own)."""
        direct: list[Alternative] = []
        both: dict[Layer, list[Alternative]] = {}
        own: list[Alternative] = []
        for route, state in passed.items():
            sides = [slot for slot in route.slots if slot.layer in _SIDES]
            if len(sides) == 2:
                for slot in sides:
                    both.setdefault(slot.layer, []).extend(self._alternatives(route, slot, state))
            elif sides[0].layer is Layer.IDENTITY:
                own.extend(self._alternatives(route, sides[0], state))
            else:
                direct.extend(self._alternatives(route, sides[0], state))
        if not both:
            yield self._need(own, direct)
            return
        for layer in _SIDES:
            found = both[layer]
            yield (
                self._need(found, direct)
                if layer is Layer.IDENTITY
                else self._need([], found + direct)
            )

    def _need(self, own: list[Alternative], named: list[Alternative]) -> Need:
        sides = " or ".join(
            word for word, found in (("identity", own), ("resource", named)) if found
        )
        return Need(f"{sides} side allows {self._action}", tuple(own + named))

    def _alternatives(self, route: Route, slot: Slot, base: State) -> Iterator[Alternative]:
        for hit in slot.hits:
            state = self._with(route, slot, hit, base)
            if state is None:
                continue
            if not state.open:
                yield from _taken(hit)
                continue
            beside = {
                condition
                for condition in _conditions(_beside(state))
                if condition not in self._shared
            }
            conditions = tuple(
                sorted(
                    {*beside, *_conditions([test for test in state.open if test.hit is hit])},
                    key=str,
                )
            )
            certainty = Certainty.CONDITIONAL if conditions else Certainty.DEFINITE
            for taken in _taken(hit):
                yield replace(taken, conditions=conditions, certainty=certainty)

    def _with(self, route: Route, slot: Slot, hit: Hit, base: State) -> State | None:
        """The state in which the slot is filled by this hit; None where that cannot be."""
        search = self._verdict.search
        if (not hit.atoms and hit.region.whole) or search is None or self._verdict.involved:
            return base
        if any(picked is hit for picked in base.picks):
            return base
        slots = tuple(replace(one, hits=(hit,)) if one is slot else one for one in route.slots)
        try:
            return search.best(slots, definite=True) or search.best(slots, definite=False)
        except TooInvolved:
            return base

    def _limits(self) -> Iterator[Need]:
        """Limits that allow, and Denies that fail, only on conditions that every route shares."""
        best = self._verdict.best
        for hit in dict.fromkeys(literal.hit for literal in _beside(best)):
            own = [literal for literal in best.open if literal.hit is hit]
            if not set(_conditions(own)) & self._shared:
                continue
            if _allows(hit) and all(literal.wanted for literal in own):
                name, ways = f"{hit.origin.layer} allows {self._action}", [_conditions(own)]
            else:
                name = "no Deny applies"
                tests = [atom for atom in hit.atoms if atom.open]
                ways = [_conditions([Literal(atom, wanted=False, hit=hit)]) for atom in tests]
            yield Need(name, tuple(Alternative((), way, Certainty.CONDITIONAL) for way in ways))


def _least(need: Need) -> Need:
    return need.minimal() if len(need.alternatives) > 1 else need


def _taken(hit: Hit) -> tuple[Alternative, ...]:
    """What can be taken away so that the hit no longer reaches the caller, unconditionally."""
    if hit.source is None or hit.statement is None:
        return tuple(Alternative(way) for way in hit.origin.ways or ((),))
    return hit.source.alternatives(hit.statement, root_of(hit.entry.value) if hit.entry else "")


def _beside(state: State) -> tuple[Literal, ...]:
    """The open tests of limits and Denies: beside those of the two sides."""
    return tuple(
        literal
        for literal in state.open
        if literal.hit.origin.layer in LIMITS or not literal.wanted
    )
