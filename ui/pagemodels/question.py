"""What pages about many paths share: from where to where they ask, and the choices of both ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graph.errors import EstateError
from graph.view import Keep, View
from ui.ends import Ends, ends_of
from ui.pagemodels.links import LONGEST, Params
from ui.pagemodels.path import keep_of
from ui.reading import Reading
from ui.render.text import plural

SOURCES = (
    ("external", "outside principals"),
    ("public", "everyone on the internet"),
    ("kind:User", "users"),
    ("kind:Role", "roles"),
    ("identities", "every identity, administrators too"),
)
TARGETS = (
    ("jewels", "crown jewels"),
    ("kind:Dataset+sensitivity:10", "restricted datasets"),
    ("assets+sensitivity:10", "all restricted assets"),
    ("kind:Endpoint", "endpoints"),
    ("kind:ModelVersion", "models"),
    ("kind:Secret", "secrets"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """From where to where an address asks, as selections, and what may be walked; empty stands for the usual ends."""

    source: str = ""
    target: str = ""
    keep: Keep = Keep()  # noqa: RUF009  # a frozen value

    def words(self) -> Iterator[str]:
        """The question as options of the command line."""
        for option, value in (("--from", self.source), ("--to", self.target)):
            if value:
                yield from (option, value)
        if self.keep != Keep():
            yield from ("--certainty", self.keep.certainty.label)
        if not self.keep.indirect:
            yield "--no-indirect"


def question_of(params: Params) -> Question:
    """The question of an address; texts that are too long are passed over."""
    source, target = (params.get(name, "") for name in ("from", "to"))
    return Question(source[:LONGEST], target[:LONGEST], keep_of(params))


def asked_ends(reading: Reading, view: View, question: Question, crown: str) -> Ends | str:
    """The ends that are asked about; one line where the question selects nothing that could be asked."""
    try:
        return ends_of(
            reading.store,
            view,
            source=question.source or None,
            target=question.target or None,
            crown=crown,
            admins=reading.administrators,
        )
    except EstateError as error:
        return ". ".join((str(error), *getattr(error, "__notes__", ())))


def told_ends(ends: Ends) -> str:
    """The ends in a sentence or two."""
    whole = f"From {ends.from_words} to {ends.to_words}".replace("`", "")
    if not ends.passed_over:
        return f"{whole}."
    left = plural(len(ends.passed_over), "administrator")
    return f"{whole}. {left} left out: they reach everything by design."


def choices(known: tuple[tuple[str, str], ...], chosen: str) -> list[tuple[str, str]]:
    """What can be chosen, with what the address asks where that is none of them."""
    told = [(value, words) for value, words in known]
    if chosen and chosen not in dict(known):
        told.append((chosen, chosen))
    return told
