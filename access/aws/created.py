"""One resource that a technique creates: every action asked of it must be allowed for one and the same name."""

from __future__ import annotations

from access.aws.ask import Questions
from access.aws.patterns import intersect
from access.aws.subjects import Subject
from access.technique import Ask, Technique, TechniqueNeed

Names = tuple[str, ...]


class Created:
    """The names that a subject may give to what a technique creates."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._names: dict[tuple[str, str], dict[str, Names]] = {}

    def names(self, subject: Subject, technique: Technique) -> dict[str, Names]:
        """Per pattern of a created resource the names for which all actions that must stand are allowed."""
        key = (str(subject.id), technique.id)
        if key not in self._names:
            found: dict[str, Names] = {}
            for need in technique.needs:
                only = _only(need)
                if only is not None:
                    allowed = self._allowed(subject, only)
                    found[only.pattern] = meeting(found.get(only.pattern, allowed), allowed)
            self._names[key] = found
        return self._names[key]

    def fits(self, subject: Subject, technique: Technique, ask: Ask) -> bool:
        """Whether the action is allowed for a name that the other actions are allowed for too."""
        names = self.names(subject, technique).get(ask.pattern)
        return names is None or bool(meeting(names, self._allowed(subject, ask)))

    def _allowed(self, subject: Subject, ask: Ask) -> Names:
        answer = self._questions.some(subject, ask.action, ask.pattern, ask.context)
        # An answer that names no pattern bounds nothing: it may be any name.
        return (answer.patterns or ("*",)) if answer.effect.granted else ()


def _only(need: TechniqueNeed) -> Ask | None:
    """The action of a need without a choice, where it is asked of something that is created."""
    part = need.any[0]
    return part if len(need.any) == 1 and isinstance(part, Ask) and part.at == "new" else None


def meeting(left: Names, right: Names) -> Names:
    """The patterns of what both lists name."""
    return tuple(dict.fromkeys(both for a in left for b in right for both in intersect(a, b)))
