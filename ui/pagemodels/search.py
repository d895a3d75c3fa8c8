"""Search over everything that has a name: by words of the name or id, narrowed by a kind prefix such as `role:`."""

from __future__ import annotations

from dataclasses import dataclass

from graph.model import NodeId
from graph.schema import schema
from graph.view import Flag, View

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Match:
    """One node that fits, and what tells it from others of its name."""

    id: NodeId
    name: str
    kind: str
    account: str

    @property
    def sub(self) -> str:
        """The second line: kind and account."""
        return " · ".join(filter(None, (self.kind, self.account)))


@dataclass(frozen=True, slots=True)
class Found:
    """The best matches, and how many there are in all."""

    matches: tuple[Match, ...]
    total: int


def search(view: View, text: str, *, most: int = SHOWN) -> Found:
    """The nodes whose name or id holds every word; names that begin with the text first, then names, then ids.

    `kind:words` looks among one kind only; a prefix that names no kind is part of the words (ids are full of colons).
    """
    kind, words = _split(text)
    if not words and kind is None:
        return Found((), 0)
    ranked: list[tuple[int, int, str, int]] = []
    for at, name, id_ in _index(view):
        if kind is not None and view.kind_of(at) != kind:
            continue
        if all(word in name or word in id_ for word in words):
            ranked.append((_rank(name, id_, words), len(name), name, at))
    best = sorted(ranked)[:most]
    return Found(tuple(_match(view, at) for *_, at in best), len(ranked))


def match_of(view: View, node: NodeId) -> Match:
    """The node as a search would show it."""
    return _match(view, view.position(node))


def _match(view: View, at: int) -> Match:
    nodes = view.nodes
    return Match(nodes.ids[at], nodes.names[at], view.kind_of(at), view.account_of(at))


def _split(text: str) -> tuple[str | None, tuple[str, ...]]:
    prefix, colon, rest = text.strip().partition(":")
    kinds = {kind.casefold(): kind for kind in schema().nodes}
    named = kinds.get(prefix.strip().casefold()) if colon else None
    words = rest if named is not None else text
    return named, tuple(words.casefold().split())


def _rank(name: str, id_: str, words: tuple[str, ...]) -> int:
    whole = " ".join(words)
    if whole in {name, id_}:
        return 0
    if name.startswith(whole):
        return 1
    return 2 if all(word in name for word in words) else 3


def _index(view: View) -> tuple[tuple[int, str, str], ...]:
    """Position, name and id in one case, of what people name: identities, assets and scopes that are present."""

    def build() -> tuple[tuple[int, str, str], ...]:
        nodes = view.nodes
        named = view.where(Flag.COUNTED | Flag.ACTOR | Flag.ASSET).tolist()
        return tuple((at, nodes.names[at].casefold(), nodes.ids[at].casefold()) for at in named)

    return view.remember("search index", build)
