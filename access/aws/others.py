"""Techniques that widen another identity and then take it: what a role or user becomes with everything allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from access.aws.ask import Questions
from access.aws.joined import either
from access.aws.outcomes import Outcomes
from access.aws.subjects import Subject, Subjects
from access.aws.targets import Codes, Targets
from access.decision import Alternative, Decision, Need
from access.technique import Technique
from graph.model import NodeId

MOST = 8
"""Widened identities that one actor is told of per technique: each leads to what its account's limits leave, so that more
of them name further ways to the same and multiply Grants. A lower bound, as for joining groups."""

_ANOTHER = frozenset({"all($role)", "all($user)"})


class Decide(Protocol):
    """Whether the needs of a technique stand at one binding."""

    def __call__(  # as `Escalation.decision`
        self,
        subject: Subject,
        technique: Technique,
        targets: Targets | None,
        place: int,
        policy: Targets | None = None,
    ) -> Decision:
        """The answer for the target at this place, and this policy of it where the technique needs one."""


def widens_another(technique: Technique) -> bool:
    """Whether the technique gives another identity with everything allowed."""
    return any(gain.at in _ANOTHER for gain in technique.gains)


class Others:
    """Which identities a subject may widen and take, put together by what they become."""

    def __init__(self, questions: Questions, outcomes: Outcomes, subjects: Subjects) -> None:
        self._questions = questions
        self._outcomes = outcomes
        self._subjects = subjects

    def widened(
        self,
        subject: Subject,
        technique: Technique,
        targets: Targets,
        *,
        alike: Iterable[Codes],
        decide: Decide,
    ) -> Iterator[tuple[Subject, Decision]]:
        """What the subject gets by it, each with what must stand: any one of the identities is a way to it."""
        by_policy = any("$policy" in predicate.arguments for predicate in technique.when)
        wider: dict[NodeId, Subject] = {}
        found: dict[NodeId, list[tuple[tuple[Need, ...], Decision]]] = {}
        for places in alike:
            first = None if by_policy else decide(subject, technique, targets, int(places[0]))
            if first is not None and not first.effect.granted:
                continue
            for place in places.tolist():
                one = targets.rows[place].node.id
                known = self._subjects.of_identity.get(one)
                if known is None or one == subject.id:
                    continue
                becomes = self._subjects.everything(known)
                wider[becomes.id] = becomes
                options = found.setdefault(becomes.id, [])
                if first is None:
                    options += self._by_policy(subject, technique, targets, place, decide)
                elif _hangs_on_target(first, str(targets.rows[int(places[0])].node.id)):
                    answer = decide(subject, technique, targets, place)
                    options.append((answer.because, answer))
                elif all(answer != first for _needs, answer in options):
                    options.append((first.because, first))
        for name in sorted(name for name in found if found[name])[:MOST]:
            yield wider[name], either(f"any of {len(found[name])} identities", found[name])

    def _by_policy(  # one call inside the class
        self,
        subject: Subject,
        technique: Technique,
        targets: Targets,
        place: int,
        decide: Decide,
    ) -> Iterator[tuple[tuple[Need, ...], Decision]]:
        """The ways through each customer-managed policy that is attached to the identity."""
        attached = self._subjects.alone(targets.rows[place].node.id).managed
        for policy, ways in sorted(attached.items()):
            answer = decide(subject, technique, targets, place, self._questions.policy(policy))
            if answer.effect.granted:
                need = Need(
                    f"{policy} attached", tuple(Alternative(tuple(sorted(way))) for way in ways)
                )
                yield (*answer.because, need), answer


def _hangs_on_target(answer: Decision, target: str) -> bool:
    """Whether something of the target's own must stand, e.g. an entry of its trust."""
    return any(
        revocable.holder == target
        for need in answer.because
        for alternative in need.alternatives
        for revocable in alternative.revocables
    )
