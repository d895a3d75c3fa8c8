"""A picture as values: cards with links between them, before anything is placed."""

from __future__ import annotations

from dataclasses import dataclass

from graph.model import Certainty


@dataclass(frozen=True, slots=True)
class Card:
    """One node of a picture, or several alike.

    `label` is its name, `sub` the muted second line (type, account), `badge` a short text in a red corner mark. `count`
    above 1 means that the card stands for so many nodes. `critical` gives the red outline; `word` says why in text, so
    that no meaning hangs on the colour.
    """

    id: str
    kind: str  # a node kind of the schema
    label: str
    sub: str = ""
    badge: str = ""
    count: int = 1
    critical: bool = False
    word: str = ""
    members: tuple[str, ...] = ()  # the ids of the nodes that a counted card stands for


@dataclass(frozen=True, slots=True)
class Link:
    """One arrow: dashed where it is conditional, dotted where it is possible; `indirect` shows only later."""

    id: str
    source: str
    target: str
    label: str = ""
    certainty: Certainty = Certainty.DEFINITE
    indirect: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Cards and links. `rank` fixes the column of a card where the caller knows it (hops of a reach)."""

    cards: tuple[Card, ...]
    links: tuple[Link, ...] = ()
    rank: tuple[tuple[str, int], ...] = ()
