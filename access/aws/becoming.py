"""Techniques that change one thing of an identity: its boundary, the version of a policy, a tag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from access.aws.ask import Questions
from access.aws.others import MOST, Decide
from access.aws.ruling import allows_all_of_iam
from access.aws.single_sign_on import ACCOUNT, SET
from access.aws.subjects import Subject, Subjects
from access.aws.targets import Codes, Targets
from access.aws.variants import UNBOUNDED, Step, Variants
from access.decision import Alternative, Decision, Need
from access.technique import Ask, Technique
from graph.model import NodeId

Way: TypeAlias = tuple[Subject, Subject, Decision]
"""Who takes the step, what it has then, and what must stand."""

_SELF = frozenset({"unbounded($self)", "tagged($self)"})
_VERSION = "versioned($self, $policy)"
_ROLE = frozenset({"unbounded($role)", "tagged($role)"})
PROFILES = "profiles($res)"
_ELSEWHERE = frozenset({SET, ACCOUNT, PROFILES})
_TAGGING = frozenset({"iam:TagRole", "iam:TagUser"})


def changes(technique: Technique) -> bool:
    """Whether the technique gives an identity with one thing changed, or one of single sign-on."""
    known = {*_SELF, *_ROLE, *_ELSEWHERE, _VERSION}
    return any(gain.at in known for gain in technique.gains)


def changes_another(technique: Technique) -> bool:
    """Whether the technique gives another identity than the actor's own."""
    return any(gain.at in _ROLE | _ELSEWHERE for gain in technique.gains)


class Becoming:
    """Finds the steps that a technique opens to a subject."""

    def __init__(
        self, questions: Questions, subjects: Subjects, variants: Variants, decide: Decide
    ) -> None:
        self._questions = questions
        self._subjects = subjects
        self._variants = variants
        self._decide = decide

    def of_self(self, subject: Subject, technique: Technique) -> Iterator[Way]:
        """What the subject makes of itself; told of identities as they are, and of those that joined a group."""
        if subject.virtual not in {"", "joined"}:
            return
        if technique.gains[0].at == _VERSION:
            yield from self._versions(subject, technique)
            return
        for step in self._steps(subject, technique):
            yield from self._by_itself(subject, _asking(technique, step), step)

    def of_roles(
        self, subject: Subject, technique: Technique, targets: Targets, places: Codes
    ) -> Iterator[Way]:
        """What other roles become, once changed and assumed; a lower bound, as for those that are widened."""
        told = 0
        for place in places.tolist():
            role = targets.rows[place].node.id
            if role == subject.id or role not in self._subjects.of_identity:
                continue
            alone = self._subjects.alone(role)
            for step in self._steps(alone, technique):
                answer = self._decide(subject, _asking(technique, step), targets, place)
                if answer.effect.granted and told < MOST:
                    told += 1
                    yield subject, self._variants.of(alone, step), answer

    def _steps(self, subject: Subject, technique: Technique) -> Iterator[Step]:
        """The changes of this kind that would make something else of the subject."""
        if technique.gains[0].at.startswith("unbounded"):
            if subject.boundary is not None:
                yield UNBOUNDED
        else:
            ruling = allows_all_of_iam(subject) is not None
            yield from self._variants.tags(subject, spared=ruling)

    def _by_itself(self, subject: Subject, technique: Technique, step: Step) -> Iterator[Way]:
        """Asked of each member on its own ARN: a name pattern may cover some members only."""
        targets = self._questions.targets(subject.kind)
        selves = subject.members or (NodeId(subject.principal.arn),)
        places = np.array([targets.position[one] for one in selves if one in targets.position])
        granted: list[tuple[Codes, Decision]] = []
        for alike in self._questions.alike(subject, technique.needs, targets, places):
            answer = self._decide(subject, technique, targets, int(alike[0]))
            if answer.effect.granted:
                granted.append((alike, answer))
        if len(granted) == 1 and len(granted[0][0]) == len(selves):
            yield subject, self._variants.of(subject, step), granted[0][1]
            return
        for alike, _answer in granted:
            for place in alike.tolist():
                one = self._subjects.alone(targets.rows[place].node.id)
                answer = self._decide(one, technique, targets, place)
                yield one, self._variants.of(one, step), answer

    def _versions(self, subject: Subject, technique: Technique) -> Iterator[Way]:
        """Every wider version of each customer-managed policy that the subject may bring into force."""
        for policy, ways in sorted(subject.managed.items()):
            steps = list(self._variants.wider(policy))
            if not steps:
                continue
            answer = self._decide(subject, technique, self._questions.policy(policy), 0)
            if not answer.effect.granted:
                continue
            attached = tuple(Alternative(tuple(sorted(way))) for way in ways)
            needs = (*answer.because, Need(f"{policy} attached", attached))
            for step in steps:
                yield subject, self._variants.of(subject, step), replace(answer, because=needs)


def _asking(technique: Technique, step: Step) -> Technique:
    """The technique with the tag that it writes."""
    if step[0] != "tagged":
        return technique
    request = ((f"aws:requesttag/{step[1].lower()}", step[2]), ("aws:tagkeys", step[1]))

    def asked(part: object) -> object:
        if isinstance(part, Ask) and part.action in _TAGGING:
            return replace(part, context=tuple(sorted((*part.context, *request))))
        return part

    needs = tuple(
        replace(need, any=tuple(asked(part) for part in need.any))  # type: ignore[misc]  # parts stay what they are
        for need in technique.needs
    )
    return replace(technique, needs=needs)
