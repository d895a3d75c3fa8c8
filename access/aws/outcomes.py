"""From answers per group of targets to effects held: merged where alike, named by a selector, their inputs listed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from access.aws.ask import Questions
from access.aws.selector import Selectors
from access.aws.subjects import Subject
from access.aws.targets import RELATIVE_OF, Codes, Target, Targets
from access.decision import (
    Alternative,
    Condition,
    Decision,
    Layer,
    Need,
    Relative,
    Revocable,
)
from access.estate import Estate
from access.held import Held
from graph.model import Capability, CoverageKey, NodeId

_FEW = 3


@dataclass(frozen=True, slots=True)
class Effect:
    """What is asked for: the capability, and how it comes about."""

    capability: Capability
    how: str
    cost: int = 1
    demonstrated: bool = True
    self_widening: bool = False
    actions: tuple[str, ...] = ()  # asked of the targets
    key_action: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One group of targets (positions in their `Targets`) and the answer for it, with concrete Revocables."""

    places: Codes
    decision: Decision


def relative(decision: Decision, carriers: dict[str, Relative]) -> Decision:
    """The answer with what hangs on the target made relative to the target reached.

    `carriers` names the resources whose policy belongs to the target (itself, its bucket, its key) and the side each
    stands for.
    """

    def loose(revocable: Revocable) -> Revocable:
        side = carriers.get(revocable.holder)
        if side is None or revocable.relative is not None:
            return revocable
        return Revocable(
            revocable.kind, member=revocable.member, relative=side, owner=revocable.owner
        )

    def plain(condition: Condition) -> Condition:
        on_target = condition.statement is not None and condition.statement.layer == Layer.RESOURCE
        return replace(condition, statement=None) if on_target else condition

    def option(alternative: Alternative) -> Alternative:
        return Alternative(
            tuple(sorted({loose(revocable) for revocable in alternative.revocables})),
            tuple(plain(condition) for condition in alternative.conditions),
            alternative.certainty,
        )

    needs = tuple(
        Need(need.name, tuple(option(alternative) for alternative in need.alternatives)).minimal()
        for need in decision.because
    )
    return replace(decision, because=needs, conditions=tuple(map(plain, decision.conditions)))


class Outcomes:
    """Makes `Held` values; knows how targets of a kind hang together and how well they were read."""

    def __init__(self, estate: Estate, questions: Questions) -> None:
        self._estate = estate
        self._questions = questions
        self._selectors = Selectors(questions)
        self._inputs: dict[
            tuple[Targets, bytes], tuple[frozenset[CoverageKey], tuple[str, ...]]
        ] = {}
        self._staleness: dict[frozenset[CoverageKey], tuple[str, ...]] = {}

    def carriers(self, targets: Targets, place: int, key: NodeId | None) -> dict[str, Relative]:
        """Which resources' policies belong to this target, and the side each stands for."""
        _kind, side = RELATIVE_OF.get(targets.kind, (None, Relative.RESOURCE))
        found = {str(targets.bucket(targets.rows[place].node)): side}
        if key is not None:
            found[str(key)] = Relative.KEY
        return found

    def held(
        self,
        subject: Subject,
        effect: Effect,
        *,
        targets: Targets,
        answers: Iterable[Answer],
        holder: NodeId | None = None,
        keys: dict[int, NodeId] | None = None,
        becomes: dict[int, NodeId] | None = None,
        of_kind: str = "",
    ) -> Iterator[Held]:
        """One effect per scope and distinct answer. `becomes` replaces targets (role -> potential workload)."""
        keys = keys or {}
        merged: dict[tuple[str, Decision], list[int]] = defaultdict(list)
        concrete: dict[int, Decision] = {}
        for answer in answers:
            first = int(answer.places[0])
            loose = relative(answer.decision, self.carriers(targets, first, keys.get(first)))
            # INVARIANT: the account is part of a target's signature, so that a group lies in one account.
            merged[targets.rows[first].account, _essence(loose)] += answer.places.tolist()
            concrete[first] = answer.decision
        for (account, loose), places in sorted(merged.items(), key=lambda item: item[1]):
            places.sort()
            alone = concrete.get(places[0]) if len(places) == 1 else None
            decision = _essence(alone) if alone is not None else loose
            nodes = [becomes[place] if becomes else targets.rows[place].node.id for place in places]
            inputs, stale = self._read_from(targets, places, keys)
            yield Held(
                holder=holder or subject.id,
                capability=effect.capability,
                how=effect.how,
                targets=tuple(sorted(nodes)),
                of_kind=of_kind or targets.kind,
                scope=f"aws:account/{account}" if account else "aws:account/unread",
                selector=self._selectors.words(
                    subject,
                    effect.actions,
                    targets,
                    places[0],
                    decision=decision,
                    key=keys.get(places[0]),
                    key_action=effect.key_action,
                )
                + f"; for {effect.how}",
                because=decision.because,
                demonstrated=effect.demonstrated,
                cost=effect.cost,
                notes=decision.notes,
                assumptions=tuple(
                    dict.fromkeys((*decision.assumptions, *self.stale(subject.inputs), *stale))
                ),
                limits=tuple(sorted({str(limit) for limit in decision.limits})),
                inputs=inputs | broad(subject.inputs),
                self_widening=effect.self_widening,
            )

    def single(
        self,
        subject: Subject,
        effect: Effect,
        *,
        holder: NodeId,
        target: NodeId,
        of_kind: str,
        decision: Decision,
    ) -> Held:
        """One effect on one target that is no resource: a class of principals."""
        core = _essence(decision)
        return Held(
            holder=holder,
            capability=effect.capability,
            how=effect.how,
            targets=(target,),
            of_kind=of_kind,
            scope=f"aws:account/{subject.account}",
            selector="",
            because=core.because,
            demonstrated=effect.demonstrated,
            cost=effect.cost,
            notes=core.notes,
            assumptions=tuple(dict.fromkeys((*core.assumptions, *self.stale(subject.inputs)))),
            limits=tuple(sorted({str(limit) for limit in core.limits})),
            inputs=broad(subject.inputs),
            self_widening=effect.self_widening,
        )

    def about(self, held: Held, target: Target) -> Held:
        """The effect, told to depend on what was read of the target as well."""
        stale = self.stale(target.inputs)
        return replace(
            held,
            inputs=held.inputs | broad(target.inputs),
            assumptions=tuple(dict.fromkeys((*held.assumptions, *stale))),
        )

    def _read_from(
        self, targets: Targets, places: list[int], keys: Mapping[int, NodeId]
    ) -> tuple[frozenset[CoverageKey], tuple[str, ...]]:
        """The calls that the answers about the targets stem from, without arguments, and which are stale.

        Those are the calls about the targets, their keys where they are used, and the control policies over them.
        """
        used = sorted({keys[place] for place in places if place in keys})
        name = (targets, repr((places, used)).encode())
        if name not in self._inputs:
            rows = [targets.rows[place] for place in places]
            if used:
                known = self._questions.targets("Key")
                rows += [known.rows[known.position[key]] for key in used]
            found = {key for row in rows for key in row.inputs}
            for account in {row.account for row in rows}:
                found |= self._questions.limits.rcps(account).inputs
            exact = frozenset(found)
            self._inputs[name] = (broad(exact), self.stale(exact))
        return self._inputs[name]

    def stale(self, keys: frozenset[CoverageKey]) -> tuple[str, ...]:
        """One line per operation whose facts stem from an earlier run than this one."""
        if keys not in self._staleness:
            by_call: dict[str, list[CoverageKey]] = defaultdict(list)
            for key in sorted(self._estate.stale(keys)):
                by_call[f"{key.platform}/{key.scope}/{key.region}/{key.operation}"].append(key)
            self._staleness[keys] = tuple(
                self._stale_line(call, found) for call, found in by_call.items()
            )
        return self._staleness[keys]

    def _stale_line(self, call: str, keys: list[CoverageKey]) -> str:
        read = min(filter(None, map(self._estate.last_read, keys)), default=None)
        when = f"last read {read:%Y-%m-%d %H:%M}" if read is not None else "never read completely"
        if len(keys) > _FEW:
            return f"stale: {call} for {len(keys)} resources, {when}"
        arguments = ", ".join(key.call.partition("/")[2] for key in keys if "/" in key.call)
        return f"stale: {call}{' ' if arguments else ''}{arguments}, {when}"


def broad(keys: frozenset[CoverageKey]) -> frozenset[CoverageKey]:
    """The keys without their arguments: what a Grant depends on, at the level of calls."""
    return frozenset(
        CoverageKey(key.platform, key.scope, key.region, key.operation) for key in keys
    )


def _essence(decision: Decision) -> Decision:
    """What makes two answers the same effect: needs, conditions, notes, assumptions and limits."""
    return Decision(
        decision.effect,
        conditions=tuple(sorted(set(decision.conditions), key=str)),
        because=tuple(need for need in decision.because if not need.standing),
        notes=tuple(sorted(set(decision.notes))),
        assumptions=decision.assumptions,
        limits=tuple(sorted(set(decision.limits))),
    )
