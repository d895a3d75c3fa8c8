"""Whether the needs of a technique stand for a subject at one binding."""

from __future__ import annotations

from dataclasses import replace

from access.aws.ask import Questions
from access.aws.binding import Bound
from access.aws.created import Created
from access.aws.joined import conditional, together
from access.aws.predicates import Predicates
from access.aws.subjects import Subject
from access.aws.targets import Targets
from access.aws.trust import Trusts
from access.decision import Decision, flat
from access.decision import Effect as Verdict
from access.estate import Estate
from access.technique import Ask, Predicate, Technique, TechniqueNeed
from graph.model import NodeId

PASSING = "iam:PassRole"
PASSED_TO = "iam:passedtoservice"
_ALLOWED = Decision(Verdict.ALLOW)
_DENIED = Decision(Verdict.IMPLICIT_DENY)


class Standing:
    """Asks each need of a technique at what it is bound to."""

    def __init__(self, estate: Estate, questions: Questions) -> None:
        self._questions = questions
        self._created = Created(questions)
        self.predicates = Predicates(estate)
        self.trusts = Trusts(estate, questions)

    def decision(
        self,
        subject: Subject,
        technique: Technique,
        targets: Targets | None,
        place: int,
        policy: Targets | None = None,
    ) -> Decision:
        """Whether all needs of the technique stand for the subject at this binding.

        `policy` is the managed policy where the technique ranges over an identity and a policy of it.
        """
        answers = [
            self._need(subject, technique, need, Bound(targets, place, policy))
            for need in technique.needs
        ]
        answer = together(*answers)
        if not answer.effect.granted or targets is None:
            return answer
        for predicate in technique.when:
            if self.predicates.speaks_of_node(predicate):
                truth = self.predicates.holds(predicate, targets.rows[place].node.id)
                if truth is False:
                    return _DENIED
                if truth is None:
                    answer = conditional(answer, f"{predicate} unread")
        if self._questions.as_public(subject, answer, technique.how, targets.rows[place].node.id):
            return _DENIED
        return answer

    def _need(
        self,
        subject: Subject,
        technique: Technique,
        need: TechniqueNeed,
        bound: Bound,
    ) -> Decision:
        options = [
            self._part(subject, technique, part, bound)
            if isinstance(part, Predicate) or self._created.fits(subject, technique, part)
            else _DENIED
            for part in need.any
        ]
        granted = [option for option in options if option.effect.granted]
        if len(granted) <= 1:
            return granted[0] if granted else options[0]
        if any(option == _ALLOWED for option in granted):
            return _ALLOWED
        surest = min(granted, key=lambda option: option.certainty)
        name = " or ".join(str(part.action if isinstance(part, Ask) else part) for part in need.any)
        return Decision(
            surest.effect,
            conditions=surest.conditions,
            because=(flat(name, (option.because for option in granted)),),
            notes=tuple(dict.fromkeys(note for option in granted for note in option.notes)),
            assumptions=surest.assumptions,
            limits=surest.limits,
        )

    def _part(
        self,
        subject: Subject,
        technique: Technique,
        part: Ask | Predicate,
        bound: Bound,
    ) -> Decision:
        targets, place = bound.of(part)
        if isinstance(part, Predicate):
            node = NodeId("") if targets is None else targets.rows[place].node.id
            return self._precondition(part, node)
        context = dict(part.context)
        if part.action == PASSING and technique.passes:
            context[PASSED_TO] = technique.passes
        known = tuple(sorted(context.items()))
        if part.at in {"new", "*"}:
            return self._new(subject, part, known)
        if targets is None:
            return _DENIED
        if part.trust:
            return self.trusts.rewritten(subject, part.action, targets, place)
        return self._questions.decide_at(subject, part.action, targets, place, known)

    def _new(self, subject: Subject, part: Ask, known: tuple[tuple[str, str], ...]) -> Decision:
        """The action on something that the technique creates; the names it may have are noted."""
        answer = self._questions.some(subject, part.action, part.pattern or "*", known)
        if part.at == "*" or not answer.effect.granted:
            return answer
        every = self._questions.filled(subject, part.pattern)
        if not answer.patterns or answer.patterns == (every,):
            return answer
        names = f"{part.action} on {', '.join(answer.patterns)}"
        return replace(answer, notes=(*answer.notes, names))

    def _precondition(self, predicate: Predicate, node: NodeId) -> Decision:
        truth = self.predicates.holds(predicate, node)
        if truth is None:
            return conditional(_ALLOWED, f"{predicate} unread")
        return _ALLOWED if truth else _DENIED
