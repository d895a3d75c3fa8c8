"""Columns of cards: how far right each one stands, once every cycle is opened at one link."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ui.drawing.picture import Link, Picture


def _following(links: Iterable[Link]) -> dict[str, list[Link]]:
    """The links that leave each card, by target, then id."""
    out: dict[str, list[Link]] = defaultdict(list)
    for link in sorted(links, key=lambda link: (link.target, link.id)):
        out[link.source].append(link)
    return out


def closing(links: tuple[Link, ...]) -> frozenset[str]:
    """The ids of links that close a cycle, found depth first from cards that nothing leads to, then by id."""
    out = _following(links)
    targets = {link.target for link in links}
    roots = sorted(out, key=lambda card: (card in targets, card))
    back: set[str] = set()
    done: set[str] = set()
    for root in roots:
        if root not in done:
            _search(root, out, done, back)
    return frozenset(back)


def _search(root: str, out: Mapping[str, list[Link]], done: set[str], back: set[str]) -> None:
    open_cards = {root}
    stack = [(root, iter(out.get(root, ())))]
    while stack:
        card, rest = stack[-1]
        link = next(rest, None)
        if link is None:
            stack.pop()
            open_cards.discard(card)
            done.add(card)
        elif link.target in open_cards:
            back.add(link.id)
        elif link.target not in done:
            open_cards.add(link.target)
            stack.append((link.target, iter(out.get(link.target, ()))))


def columns(picture: Picture) -> dict[str, int]:
    """The column of every card: the longest way to it, or the rank that the picture fixes, without empty columns."""
    cards = sorted(card.id for card in picture.cards)
    fixed = dict(picture.rank)
    links = tuple(link for link in picture.links if link.source != link.target)
    back = closing(links)
    ahead = _following(link for link in links if link.id not in back)
    waiting = dict.fromkeys(cards, 0)
    for leaving in ahead.values():
        for link in leaving:
            waiting[link.target] += 1
    rank = {card: fixed.get(card, 0) for card in cards}
    ready = [card for card in cards if not waiting[card]]
    for card in ready:
        for link in ahead.get(card, ()):
            if link.target not in fixed:
                rank[link.target] = max(rank[link.target], rank[card] + 1)
            waiting[link.target] -= 1
            if not waiting[link.target]:
                ready.append(link.target)
    place = {at: column for column, at in enumerate(sorted(set(rank.values())))}
    return {card: place[at] for card, at in rank.items()}
