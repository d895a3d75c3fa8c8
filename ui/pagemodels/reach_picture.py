"""A reach as a layered picture: the start, then for each hop the kinds that it first reaches, counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from graph.model import Capability
from graph.view import CAPABILITIES, CERTAINTIES, View
from queries.kernels.lists import Longs
from queries.layers import Layers
from ui.drawing.picture import Card, Link, Picture
from ui.pagemodels.reach_rows import Row
from ui.pagemodels.steps import card_of, spaced
from ui.pagemodels.words import sensitivity
from ui.reading import Reading
from ui.render.text import plural

MOST = 60  # cards; above, the page shows the table alone
_GAINED = {
    Capability.HELD: "joins",
    Capability.DELEGATE: "lends",
}  # what is passed through is no access
SINGLE = 16  # up to so many nodes each has a card of its own


def reach_picture(reading: Reading, found: Layers, rows: Iterable[Row]) -> Picture:
    """The picture of these rows along the cheapest ways; without cards where it would hold too many, or only a start.

    What only everyone's reach adds has no way from the start, and stands in the table alone.
    """
    states = np.array([row.state for row in rows if not row.public], dtype=np.int64)
    if not len(states):
        return Picture(())
    every = _with_ways(found, states)
    groups = _Groups(reading, found, every)
    if len(groups.codes) > MOST:
        return Picture(())
    return Picture(tuple(groups.cards()), tuple(groups.links()), tuple(groups.ranks()))


def _with_ways(found: Layers, states: Longs) -> Longs:
    """These states and all at which some hop of their cheapest ways began."""
    seen = front = np.unique(states)
    while len(front):
        before = found.origin[front]
        front = np.setdiff1d(before[before >= 0], seen)
        seen = np.union1d(seen, front)
    return seen


class _Groups:
    """The nodes of some states in groups: by themselves where they are few, else by hop and kind."""

    def __init__(self, reading: Reading, found: Layers, states: Longs) -> None:
        self._reading, self._view, self._found = reading, reading.view, found
        self._states = states
        nodes = self._view.state_node[states].astype(np.int64)
        distinct, place = np.unique(nodes, return_inverse=True)
        self._nodes: Longs = distinct
        self._hop = np.full(len(self._nodes), np.iinfo(np.int64).max, dtype=np.int64)
        np.minimum.at(self._hop, place, found.hop[states])
        self._alone = len(self._nodes) <= SINGLE + 1
        self.codes, self._group = np.unique(self._code(), return_inverse=True)
        self._of_state = self._group[place]

    def _code(self) -> Longs:
        if self._alone:
            return self._nodes
        kinds = self._view.nodes.kind[self._nodes].astype(np.int64)
        codes: Longs = self._hop * len(self._view.nodes.kinds) + kinds
        return codes

    def _members(self, group: int) -> Longs:
        held: Longs = self._nodes[self._group == group]
        return held

    def _name(self, group: int) -> str:
        """The id of the card: a node's own, or hop and kind as a row tells its group."""
        held = self._members(group)
        hop = self._hop_of(group)
        if self._alone or hop == 0:
            return str(self._view.nodes.ids[held[0]])
        return f"{hop}-{self._view.kind_of(int(held[0]))}"

    def _hop_of(self, group: int) -> int:
        return int(self._hop[self._group == group].min())

    def ranks(self) -> Iterator[tuple[str, int]]:
        """The column of each card: its hop."""
        return ((self._name(group), self._hop_of(group)) for group in range(len(self.codes)))

    def cards(self) -> Iterator[Card]:
        """A card per group."""
        return (self._card(group) for group in range(len(self.codes)))

    def _card(self, group: int) -> Card:
        view, held, name = self._view, self._members(group), self._name(group)
        if len(held) == 1:
            start = self._hop_of(group) == 0
            card = card_of(self._reading, view.nodes.ids[held[0]], ends=not start)
            marked = card.critical
            return Card(name, card.kind, card.label, card.sub, critical=marked, word=card.word)
        kind = view.kind_of(int(held[0]))
        weights = view.nodes.weight[held]
        highest, sensitive = int(weights.max()), int((weights >= 3).sum())
        return Card(
            id=name,
            kind=kind,
            label=plural(len(held), spaced(kind).lower()),
            sub=f"{sensitive:,} sensitive" if sensitive else _places(self._reading, view, held),
            count=len(held),
            critical=highest >= 10,
            word=sensitivity(highest) if highest >= 10 else "",
        )

    def links(self) -> Iterator[Link]:
        """An arrow for each pair of groups between which some hop leads, with what is gained most."""
        moved = np.flatnonzero(self._found.origin[self._states] >= 0)
        states, target = self._states[moved], self._of_state[moved]
        source = self._of_state[np.searchsorted(self._states, self._found.origin[states])]
        sure = self._view.arcs.certainty[self._found.arc[states]]
        gained = self._view.state_capability[states]
        pair = source * len(self.codes) + target
        for code in np.unique(pair[source != target]).tolist():
            chosen = pair == code
            yield Link(
                id=f"{self._name(code // len(self.codes))} {self._name(code % len(self.codes))}",
                source=self._name(code // len(self.codes)),
                target=self._name(code % len(self.codes)),
                label=self._label(gained[chosen]),
                certainty=CERTAINTIES[int(sure[chosen].min())],
            )

    def _label(self, gained: NDArray[np.int8]) -> str:
        """The two capabilities that are gained most along an arrow."""
        codes, numbers = np.unique(gained, return_counts=True)
        order = np.lexsort((codes, -numbers))[:2]
        words = [
            _GAINED.get(CAPABILITIES[codes[at]], CAPABILITIES[codes[at]].value.lower())
            for at in order
        ]
        if self._alone or len(gained) == 1:
            return ", ".join(words)
        return ", ".join(f"{word} {numbers[at]:,}" for word, at in zip(words, order, strict=True))


def _places(reading: Reading, view: View, held: NDArray[np.int64]) -> str:
    accounts = {view.account_of(int(at)) for at in held[:200]} - {""}
    if len(accounts) == 1:
        (one,) = accounts
        return reading.account_names.get(one, one)
    return "several accounts" if accounts else ""
