"""Cards alike drawn as one: same kind, same neighbours, by the same links."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from hashlib import sha256

from graph.model import Certainty
from ui.drawing.picture import Card, Link, Picture

_PLURAL = {
    "Person": "People",
    "Code": "Code",
    "Public": "Public",
    "External": "External identities",
}
NAMES_SHOWN = 12

Tie = tuple[str, str, str, Certainty, bool]
Likeness = tuple[str, int, tuple[Tie, ...]]


def kind_words(kind: str) -> str:
    """The node kind in words, e.g. `Service account`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind)
    return words[:1] + words[1:].lower()


def kinds_words(kind: str) -> str:
    """Several of a node kind in words, e.g. `Vector indexes`."""
    words = kind_words(kind)
    if kind in _PLURAL:
        return _PLURAL[kind]
    if words.endswith(("s", "x")):
        return f"{words}es"
    return re.sub(r"(?<![aeiou])y$", "ie", words) + "s"


def _likeness(picture: Picture) -> dict[str, Likeness]:
    """What must be equal for two cards to be drawn as one."""
    ties: dict[str, list[Tie]] = defaultdict(list)
    for link in picture.links:
        about = (link.label, link.certainty, link.indirect)
        ties[link.source].append(("to", link.target, *about))
        ties[link.target].append(("from", link.source, *about))
    rank = dict(picture.rank)
    return {
        card.id: (card.kind, rank.get(card.id, -1), tuple(sorted(set(ties[card.id]))))
        for card in picture.cards
    }


def _group_id(members: tuple[str, ...]) -> str:
    told = "".join(f"{len(member)}:{member}" for member in members)
    return f"group:{sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _members(card: Card) -> tuple[str, ...]:
    return card.members or (card.id,)


def _as_one(cards: list[Card], group: str) -> Card:
    """The card that stands for all of these, with the names of the first ones below."""
    first = cards[0]
    subs = {card.sub for card in cards}
    names = ", ".join(card.label for card in cards[:NAMES_SHOWN])
    more = ", …" if len(cards) > NAMES_SHOWN else ""
    about = f"{first.sub}: " if len(subs) == 1 and first.sub else ""
    badges = {card.badge for card in cards}
    return Card(
        id=group,
        kind=first.kind,
        label=kinds_words(first.kind),
        sub=f"{about}{names}{more}",
        badge=first.badge if len(badges) == 1 else "",
        count=sum(card.count for card in cards),
        critical=any(card.critical for card in cards),
        word=next((card.word for card in cards if card.critical and card.word), first.word),
        members=tuple(member for card in cards for member in _members(card)),
    )


def _groups(picture: Picture, keep: frozenset[str]) -> dict[str, list[Card]]:
    alike: dict[Likeness, list[Card]] = defaultdict(list)
    like = _likeness(picture)
    for card in sorted(picture.cards, key=lambda card: card.id):
        ties = like[card.id][2]
        # A card without links is alone for a reason of its own, and a loop ties a card to itself.
        if card.id not in keep and ties and all(tie[1] != card.id for tie in ties):
            alike[like[card.id]].append(card)
    return {
        _group_id(tuple(card.id for card in cards)): cards
        for cards in alike.values()
        if len(cards) > 1
    }


def _merged(links: tuple[Link, ...], into: dict[str, str]) -> tuple[Link, ...]:
    """The links between what is drawn; of those that fall together the first id stays."""
    kept: dict[tuple[object, ...], Link] = {}
    for link in sorted(links, key=lambda link: link.id):
        ends = into.get(link.source, link.source), into.get(link.target, link.target)
        moved = ends != (link.source, link.target)
        alike = (*ends, link.label, link.certainty, link.indirect) if moved else (link.id,)
        kept.setdefault(alike, replace(link, source=ends[0], target=ends[1]))
    return tuple(kept.values())


def collapse(
    picture: Picture,
    *,
    keep: frozenset[str] = frozenset(),
    expanded: frozenset[str] = frozenset(),
) -> Picture:
    """The picture with alike siblings as one counted card each, sorted by id.

    Alike are cards of one kind and column that the same links tie to the same neighbours. The ids in `keep` are never
    part of a group; the groups in `expanded` stay open. The id of a group is the same as long as its members are.
    """
    groups = {
        group: cards for group, cards in _groups(picture, keep).items() if group not in expanded
    }
    into = {card.id: group for group, cards in groups.items() for card in cards}
    cards = [card for card in picture.cards if card.id not in into]
    cards += [_as_one(members, group) for group, members in groups.items()]
    rank = {into.get(card, card): at for card, at in picture.rank}
    return Picture(
        cards=tuple(sorted(cards, key=lambda card: card.id)),
        links=_merged(picture.links, into),
        rank=tuple(sorted(rank.items())),
    )
