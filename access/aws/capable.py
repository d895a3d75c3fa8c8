"""Capability rows asked of a subject: which existing assets one action alone opens to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from access.aws.ask import Questions
from access.aws.joined import conditional, in_one_call
from access.aws.outcomes import Answer, Effect, Outcomes, broad
from access.aws.predicates import Predicates, encryption
from access.aws.subjects import Subject
from access.aws.targets import Codes, Targets, question_at
from access.decision import Decision
from access.decision import Effect as Verdict
from access.estate import Estate
from access.held import Held
from access.technique import CapabilityRow, KindRow, Predicate
from graph.model import Capability, NodeId

_NO_KEY, _KEY_UNREAD = -1, -2
_LATENT = "allowed on what may come"
VIA = {"Dataset": "s3", "Secret": "secretsmanager"}


class Capable:
    """Asks every capability row of a subject."""

    def __init__(self, estate: Estate, questions: Questions, outcomes: Outcomes) -> None:
        self._estate = estate
        self._questions = questions
        self._outcomes = outcomes
        self._predicates = Predicates(estate)
        self._keys: dict[Targets, Codes] = {}
        self._read_keys: dict[Targets, dict[int, NodeId]] = {}
        self._flavours: dict[tuple[Targets, str], NDArray[np.bool_]] = {}
        self._truths: dict[tuple[Targets, Predicate], Codes] = {}

    def held(self, subject: Subject, row: CapabilityRow, kind: KindRow) -> Iterator[Held]:
        """What the row gives the subject; latent where nothing of the kind matches yet."""
        targets = self._questions.targets(row.form, row.at)
        answers = tuple(self._answers(subject, row, targets)) if len(targets) else ()
        effect = Effect(
            row.capability,
            row.action,
            row.cost,
            demonstrated=row.status != "D",
            actions=(row.action,),
            key_action=row.key,
        )
        if answers:
            keys = self.keys(targets) if row.key else {}
            yield from self._outcomes.held(
                subject, effect, targets=targets, answers=answers, keys=keys
            )
        elif subject.kind in {"User", "Role"}:
            yield from self._latent(subject, row, kind)

    def _latent(self, subject: Subject, row: CapabilityRow, kind: KindRow) -> Iterator[Held]:
        """What the row would give on a resource that does not exist, or was not read, in the own account."""
        if not self._questions.allowed_somewhere(subject, row.action):
            return
        pattern = question_at(row.at, kind.arn, kind.arn)
        answer = self._questions.some(subject, row.action, pattern)
        if answer.effect.granted:
            yield Held(
                holder=subject.id,
                capability=Capability.HELD,
                how="latent",
                targets=(),
                of_kind="any",
                scope=f"aws:account/{subject.account}",
                selector="names " + ", ".join(sorted(answer.patterns or (pattern,))),
                # INVARIANT: no word of the action, so that what hangs on the same is one Grant.
                because=tuple(
                    replace(need, name=_LATENT) for need in answer.because if not need.standing
                ),
                demonstrated=row.status != "D",
                assumptions=(*answer.assumptions, *self._outcomes.stale(subject.inputs)),
                inputs=broad(subject.inputs),
                latent_of=(f"{row.kind} {row.capability} {row.action}",),
            )

    def _answers(self, subject: Subject, row: CapabilityRow, targets: Targets) -> Iterator[Answer]:
        places = self._questions.places(subject, row.action, targets)
        places = self._kept(places, row, targets)
        truths = [self.truth(predicate, targets)[places] for predicate in row.when]
        extra = list(truths)
        if row.key:
            extra.append(self.key_codes(subject, row.key, targets, places))
        for alike in self._questions.alike(subject, row.action, targets, places, extra=extra):
            decision = self.decision(subject, row, targets, int(alike[0]))
            if decision.effect.granted:
                yield Answer(alike, decision)

    def _kept(self, places: Codes, row: CapabilityRow, targets: Targets) -> Codes:
        """The places of the row's flavour whose preconditions are not known to be false."""
        found = places[self._of_flavour(row.flavour, targets)[places]] if row.flavour else places
        for predicate in row.when:
            if found.size:
                found = found[self.truth(predicate, targets)[found] != 0]
        return found

    def _of_flavour(self, flavour: str, targets: Targets) -> NDArray[np.bool_]:
        """Per target whether it is of the flavour."""
        key = (targets, flavour)
        if key not in self._flavours:
            found = [row.node.props.get("flavour") == flavour for row in targets.rows]
            self._flavours[key] = np.array(found, dtype=np.bool_)
        return self._flavours[key]

    def truth(self, predicate: Predicate, targets: Targets) -> Codes:
        """Per target whether the precondition is false (0), true (1) or unknown (2)."""
        key = (targets, predicate)
        if key not in self._truths:
            found = [self._predicates.holds(predicate, row.node.id) for row in targets.rows]
            self._truths[key] = np.array(
                [2 if f is None else int(f) for f in found], dtype=np.int64
            )
        return self._truths[key]

    def decision(
        self,
        subject: Subject,
        row: CapabilityRow,
        targets: Targets,
        place: int,
        *,
        tags_open: bool = False,
    ) -> Decision:
        """The whole answer for one target: the action, the key where the row needs one, the preconditions."""
        answer = self._questions.decide_at(subject, row.action, targets, place, tags_open=tags_open)
        if not answer.effect.granted:
            return answer
        if row.key:
            answer = self.with_key(subject, row, targets, place, answer)
        for predicate in row.when:
            truth = int(self.truth(predicate, targets)[place])
            if truth == 0:
                return Decision(Verdict.IMPLICIT_DENY, notes=(f"not the case: {predicate}",))
            if truth == 2 and answer.effect.granted:  # the code for unknown
                answer = conditional(answer, f"{predicate} unread")
        if self._questions.as_public(subject, answer, row.action, targets.rows[place].node.id):
            return Decision(Verdict.IMPLICIT_DENY, notes=("as everyone",))
        return answer

    # Keys of datasets.

    def _key_places(self, targets: Targets) -> Codes:
        """Per dataset the position of its key, or why there is none."""
        if targets not in self._keys:
            position = self._questions.targets("Key").position
            found = []
            for row in targets.rows:
                keys = encryption(self._estate, row.node.id)
                if keys is None:
                    found.append(_KEY_UNREAD)
                else:
                    found.append(position.get(keys[0], _KEY_UNREAD) if keys else _NO_KEY)
            self._keys[targets] = np.array(found, dtype=np.int64)
        return self._keys[targets]

    def keys(self, targets: Targets) -> dict[int, NodeId]:
        """The key of each target that has one which was read, by place."""
        if targets not in self._read_keys:
            rows = self._questions.targets("Key").rows
            places = self._key_places(targets).tolist()
            self._read_keys[targets] = {
                place: rows[key].node.id for place, key in enumerate(places) if key >= 0
            }
        return self._read_keys[targets]

    def key_codes(self, subject: Subject, action: str, targets: Targets, places: Codes) -> Codes:
        """A code per dataset: equal where their keys are answered alike."""
        keys = self._key_places(targets)[places]
        codes = keys.copy()
        wanted = np.unique(keys[keys >= 0])
        for code, alike in enumerate(
            self._questions.alike(subject, action, self._questions.targets("Key"), wanted)
        ):
            codes[np.isin(keys, alike)] = code
        return codes

    def with_key(
        self, subject: Subject, row: CapabilityRow, targets: Targets, place: int, answer: Decision
    ) -> Decision:
        """The answer with what the target's key says of it."""
        key = int(self._key_places(targets)[place])
        if key == _NO_KEY:
            return _own_key(subject, targets, place, answer)
        if key == _KEY_UNREAD:
            named = encryption(self._estate, targets.rows[place].node.id)
            return conditional(answer, f"key {named[0]} unread" if named else "encryption unread")
        keys = self._questions.targets("Key")
        decided = self._questions.decide_at(subject, row.key, keys, key, via=VIA.get(row.kind))
        state = keys.rows[key].node.props.get("state")
        if state is not None and state != "Enabled":
            return Decision(Verdict.IMPLICIT_DENY, notes=(f"key is {state}",))
        return in_one_call(answer, decided)


def _own_key(subject: Subject, targets: Targets, place: int, answer: Decision) -> Decision:
    """The answer under the service's own key, which other accounts cannot use for a secret.

    SOURCE: Secrets Manager guide, permissions for users in a different account: the key must be a customer's own.
    """
    if targets.kind == "Secret" and subject.account != targets.rows[place].account:
        return Decision(Verdict.IMPLICIT_DENY, notes=("under the service's own key",))
    return answer
