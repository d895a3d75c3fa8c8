"""What selects the members of a set, in words that a policy's reader knows."""

from __future__ import annotations

from collections.abc import Iterator

from access.aws.arns import session_prefix
from access.aws.ask import Questions
from access.aws.document import Statement
from access.aws.reads import RESOURCE_TAGS, reads_of_statement
from access.aws.subjects import Subject
from access.aws.targets import Targets
from access.decision import Decision, Relative
from graph.model import NodeId

_TARGET_SIDE = (Relative.TRUST, Relative.KEY, Relative.RESOURCE)


class Selectors:
    """Words for sets. They depend on the asker's policies and the sort of answer alone.

    Never on which targets there are, nor on what others hold: a new target joins its set without renaming it.
    """

    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    def words(
        self,
        subject: Subject,
        actions: tuple[str, ...],
        targets: Targets,
        place: int,
        *,
        decision: Decision,
        key: NodeId | None,
        key_action: str,
    ) -> str:
        """The selector of the set that this target belongs to."""
        spoken = self._spoken(subject, actions)
        parts = [*_names(spoken, targets, place)]
        if key_action:
            parts += self._under(subject, key_action, key)
        parts += sorted(_sides(decision))
        if decision.conditions:
            parts.append("if " + ", ".join(sorted({str(c.key) for c in decision.conditions})))
        parts += decision.notes
        parts += self._asker(subject, targets, spoken, by_key=bool(key_action))
        return "; ".join(parts)

    def _spoken(self, subject: Subject, actions: tuple[str, ...]) -> tuple[Statement, ...]:
        found = (s for action in actions for s in self._questions.statements(subject, action))
        return tuple(dict.fromkeys(found))

    def _under(self, subject: Subject, action: str, key: NodeId | None) -> Iterator[str]:
        """How the dataset's key is named, where it has one that was read."""
        keys = self._questions.targets("Key")
        place = None if key is None else keys.position.get(key)
        if place is None:
            yield "under no customer key that was read"
        else:
            found = "; ".join(_names(self._spoken(subject, (action,)), keys, place))
            yield f"under keys: {found}"

    @staticmethod
    def _asker(
        subject: Subject, targets: Targets, spoken: tuple[Statement, ...], *, by_key: bool
    ) -> Iterator[str]:
        """What of the asker itself decides which targets these are."""
        own = subject.principal.arn
        prefix = session_prefix(own)
        named = own in targets.specific or (by_key and own in targets.key_names)
        if prefix is not None:
            named = named or any(entry.startswith(prefix) for entry in targets.specific)
        keys = {key for statement in spoken for key in reads_of_statement(statement).keys}
        if named or any(key.startswith(("aws:principal", "aws:user")) for key in keys):
            yield f"as reached by {subject.id}"
        elif any(key.startswith(RESOURCE_TAGS) for key in keys):
            clauses = {
                f"{c.key} {c.operator} {', '.join(c.values)}" for s in spoken for c in s.conditions
            }
            yield "where " + ", ".join(sorted(clauses))
        if subject.boundary is not None:
            yield "within " + ", ".join(policy.origin.policy for policy in subject.boundary)
        if subject.account not in targets.by_account or len(targets.by_account) > 1:
            yield f"asked from {subject.account or subject.id}"


def _names(spoken: tuple[Statement, ...], targets: Targets, place: int) -> Iterator[str]:
    """The patterns that name the target, those of other Allows that do not, and those that Denies leave out."""
    met, unmet, without = set[str](), set[str](), set[str]()
    for statement in spoken:
        if not statement.allow:
            without |= {*statement.resources, *(f"not {p}" for p in statement.not_resources)}
        elif statement.not_resources or any(targets.vector(p)[place] for p in statement.resources):
            met |= {*statement.resources, *(f"not {p}" for p in statement.not_resources)}
        else:
            unmet |= {*statement.resources}
    yield "all names" if met <= {"*"} else "names " + ", ".join(sorted(met))
    if unmet:
        yield "but not " + ", ".join(sorted(unmet))
    if without:
        yield "without " + ", ".join(sorted(without))


def _sides(decision: Decision) -> set[str]:
    """The entries of the targets' own policies that the answer hangs on."""
    return {
        f"{revocable.relative} entry {revocable.member}"
        for need in decision.because
        for alternative in need.alternatives
        for revocable in alternative.revocables
        if revocable.relative in _TARGET_SIDE
    }
