"""From where to where a question goes, as options say it: selections, or who attacks and what matters by default."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.errors import QueryError, with_advice
from ui.lookup import find
from ui.render.text import plural

if TYPE_CHECKING:
    from graph.model import NodeId
    from graph.store import Store
    from graph.view import View

LEVEL = 3  # confidential: what is less sensitive is no target by itself
MOST_TARGETS = 200


@dataclass(frozen=True, slots=True)
class Ends:
    """Entries and targets, with how they were chosen; `passed_over` are administrators by design."""

    entries: tuple[NodeId, ...]
    targets: tuple[NodeId, ...]
    passed_over: tuple[NodeId, ...]
    from_words: str
    to_words: str

    def lines(self) -> Iterator[str]:
        """What was asked, for people."""
        yield f"from {self.from_words} to {self.to_words}"
        if self.passed_over:
            count = plural(len(self.passed_over), "administrator")
            yield f"{count} passed over: they reach everything by design (name them with --from to ask about them)"


def ends_of(
    store: Store,
    view: View,
    *,
    source: str | None,
    target: str | None,
    crown: str,
    admins: tuple[NodeId, ...] | None = None,
) -> Ends:
    """The ends of a question.

    Without a source: everyone, outside principals and enabled identities but administrators. Without a target: the crown
    jewels, or where none is declared the most sensitive assets. `admins` are looked for where they are not given.
    """
    targets, to_words = _targets(view, target, crown)
    if source is not None:
        entries = chosen(view, source, crown)
        if not entries:
            raise QueryError(f"`{source}` selects nobody")
        return Ends(entries, targets, (), f"{_count(len(entries), 'node')} (`{source}`)", to_words)
    from queries.attack_paths import usual_entries  # noqa: PLC0415  # as above

    if admins is None:
        from ui.outlook import administrators_of  # noqa: PLC0415  # as above

        admins = tuple(row.identity for row in administrators_of(store))
    entries = usual_entries(view, admins)
    words = f"{_count(len(entries), 'identity', 'identities')} that may attack"
    return Ends(entries, targets, admins, words, to_words)


def chosen(view: View, text: str, crown: str) -> tuple[NodeId, ...]:
    """The nodes that the text selects; a text that names one node means it, even where it is no longer listed."""
    from graph.errors import EstateError  # noqa: PLC0415  # as above
    from queries.selection import Selection  # noqa: PLC0415  # as above

    selected = Selection(text, crown).nodes(view, find=find)
    if selected:
        return selected
    try:
        return (find(view, text),)
    except EstateError:
        return ()


def _targets(view: View, target: str | None, crown: str) -> tuple[tuple[NodeId, ...], str]:
    from queries.selection import jewels, most_sensitive  # noqa: PLC0415  # as above

    if target is not None:
        found = chosen(view, target, crown)
        if not found:
            raise QueryError(f"`{target}` selects nothing")
        words = f"{_count(len(found), 'target')} (`{target}`)"
    elif found := jewels(view, crown):
        words = _count(len(found), "crown jewel")
    else:
        found = most_sensitive(view, least=LEVEL)
        words = (
            f"{_count(len(found), 'asset')} of the highest sensitivity (no crown jewel is declared)"
        )
    if not found:
        raise with_advice(
            QueryError("nothing is declared a crown jewel, and nothing is rated sensitive"),
            "name the targets with --to, or set `context.crown_jewels`",
        )
    if len(found) > MOST_TARGETS:
        raise with_advice(
            QueryError(f"{len(found):,} targets are more than can be asked about at once"),
            f"name at most {MOST_TARGETS} with --to",
        )
    return found, words


def _count(number: int, one: str, many: str = "") -> str:
    return plural(number, one, many)
