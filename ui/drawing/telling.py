"""A drawing in words: names for those who cannot see it, and what its lines and marks mean."""

from __future__ import annotations

from dataclasses import dataclass

from graph.model import Certainty
from ui.drawing.collapse import kind_words
from ui.drawing.layout import Layout
from ui.drawing.picture import Card, Link
from ui.render.text import safe

LONGEST = 300  # characters of one name


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one kind of line or mark in a drawing means; `sample` says what to draw beside the words."""

    sample: str
    words: str


LINES = {
    Certainty.DEFINITE: Meaning("definite", "holds as it stands"),
    Certainty.CONDITIONAL: Meaning("conditional", "dashed: needs a condition"),
    Certainty.POSSIBLE: Meaning("possible", "dotted: possible, not demonstrated"),
}


def short(text: str) -> str:
    """The text made safe, and of a length that can be read out."""
    return safe(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")


def card_words(card: Card, reached: Certainty = Certainty.DEFINITE) -> str:
    """A card as one phrase: name, kind, second line, count, and why it is marked."""
    kind = kind_words(card.kind)
    # The second line often begins with the kind already.
    about = card.sub if card.sub.lower().startswith(kind.lower()) else f"{kind}, {card.sub}"
    marks = (
        f"{card.count:,} alike" if card.count > 1 else "",
        "" if reached is Certainty.DEFINITE else f"reached only as {reached.label}",
        "critical" if card.critical else "",
        card.word,
        card.badge,
    )
    told = (card.label, about.removesuffix(", "), *marks)
    return ", ".join(short(part) for part in told if part)


def link_words(link: Link, source: str, target: str) -> str:
    """A link as one phrase: from where, how, to where, how sure."""
    later = ", shows only later" if link.indirect else ""
    how = short(link.label) or "leads to"
    return f"{short(source)} {how} {short(target)}, {link.certainty.label}{later}"


def best_ways_in(layout: Layout) -> dict[str, Certainty]:
    """The best certainty of the links into each card."""
    best: dict[str, Certainty] = {}
    for routed in layout.links:
        link = routed.link
        best[link.target] = min(best.get(link.target, link.certainty), link.certainty)
    return best


def legend(layout: Layout) -> tuple[Meaning, ...]:
    """What the lines and marks that occur in a drawing mean; a drawing of plain lines only needs no words for them."""
    links = [routed.link for routed in layout.links]
    found = {link.certainty for link in links}
    told = [LINES[one] for one in sorted(found)] if found - {Certainty.DEFINITE} else []
    if any(link.indirect for link in links):
        told.append(Meaning("", "later: shows only after retraining, or in answers"))
    if any(placed.card.critical for placed in layout.cards):
        told.append(Meaning("critical", "red outline: critical, the card says why"))
    return tuple(told)
