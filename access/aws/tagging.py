"""Access that a tag stands between: whoever may write the tag gives the asset what a statement asks for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from access.aws.ask import Questions
from access.aws.capable import Capable
from access.aws.document import parse
from access.aws.joined import together
from access.aws.outcomes import Answer, Effect, Outcomes
from access.aws.reads import RESOURCE_TAGS, reads_of
from access.aws.subjects import Subject
from access.aws.targets import Targets
from access.decision import Alternative, Condition, Decision, Need
from access.decision import Effect as Verdict
from access.estate import Estate
from access.held import Held
from access.technique import CapabilityRow, KindRow
from graph.model import Certainty

TECHNIQUE = "abac-tag-resource"


class Tagging:
    """Asks capability rows as if the tags of the asset were the attacker's to choose."""

    def __init__(
        self, estate: Estate, questions: Questions, outcomes: Outcomes, capable: Capable
    ) -> None:
        self._estate = estate
        self._questions = questions
        self._outcomes = outcomes
        self._capable = capable

    @cached_property
    def _read(self) -> bool:
        documents = self._estate.facts.documents
        return any(reads_of(parse(document.text)).resource_tags for document in documents)

    def held(self, subject: Subject, row: CapabilityRow, kind: KindRow) -> Iterator[Held]:
        """What the row would give once the asset carries the tag, where the subject may write it."""
        if not (self._read and kind.tag_writer and row.kind not in {"Role", "User"}):
            return
        asks = [s for s in self._questions.statements(subject, row.action) if _tagged(s.conditions)]
        if not asks or not self._questions.allowed_somewhere(subject, kind.tag_writer):
            return
        targets = self._questions.targets(row.form, row.at)
        if not len(targets):
            return
        answers: list[Answer] = []
        for alike in self._questions.alike(
            subject, row.action, targets, self._questions.places(subject, row.action, targets)
        ):
            for place in alike.tolist():
                answer = self.answer(subject, row, kind, targets, place)
                if answer is not None:
                    answers.append(Answer(alike[alike == place], answer))
        effect = Effect(
            row.capability,
            TECHNIQUE,
            cost=row.cost + 1,
            demonstrated=False,
            actions=(row.action, kind.tag_writer),
        )
        yield from self._outcomes.held(subject, effect, targets=targets, answers=answers)

    def answer(
        self, subject: Subject, row: CapabilityRow, kind: KindRow, targets: Targets, place: int
    ) -> Decision | None:
        """The action with the tag set, and the write of the tag; None where no tag stands between."""
        today = self._capable.decision(subject, row, targets, place)
        if today.effect is Verdict.ALLOW:
            return None
        opened = self._capable.decision(subject, row, targets, place, tags_open=True)
        if opened.effect is not Verdict.CONDITIONAL:
            return None
        between = [condition for condition in opened.conditions if _is_tag(condition)]
        if not between or any(condition.negated for condition in between):
            return None
        context = tuple(sorted(_request(between)))
        write = self._questions.decide_at(subject, kind.tag_writer, targets, place, context)
        if not write.effect.granted:
            return None
        return together(_with_tag(opened), write)


def _is_tag(condition: Condition) -> bool:
    return condition.key.lower().startswith(RESOURCE_TAGS)


def _tagged(conditions: tuple[object, ...]) -> bool:
    return any(str(getattr(c, "key", "")).lower().startswith(RESOURCE_TAGS) for c in conditions)


def _request(between: list[Condition]) -> Iterator[tuple[str, str]]:
    """The request that writes the tags which the statements ask for."""
    for condition in between:
        tag = condition.key.partition("/")[2]
        if condition.values:
            yield f"aws:requesttag/{tag.lower()}", condition.values[0]


def _with_tag(answer: Decision) -> Decision:
    """The answer with the conditions on tags met."""

    def kept(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
        return tuple(condition for condition in conditions if not _is_tag(condition))

    def option(alternative: Alternative) -> Alternative:
        left = kept(alternative.conditions)
        sure = Certainty.DEFINITE if not left else alternative.certainty
        return Alternative(alternative.revocables, left, sure)

    left = kept(answer.conditions)
    return Decision(
        Verdict.CONDITIONAL if left else Verdict.ALLOW,
        conditions=left,
        because=tuple(
            Need(need.name, tuple(map(option, need.alternatives))).minimal()
            for need in answer.because
        ),
        notes=answer.notes,
        assumptions=answer.assumptions,
        limits=answer.limits,
    )
