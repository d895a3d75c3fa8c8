"""A reach as a layered picture: the start, then for each hop the kinds that it first reaches, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from graph.model import Capability
from graph.view import CERTAINTIES, View
from queries.layers import Layers
from queries.reach import Blast
from ui.drawing.picture import Card, Link, Picture
from ui.pagemodels.reach_rows import Row
from ui.pagemodels.steps import card_of, spaced
from ui.pagemodels.words import sensitivity
from ui.reading import Reading
from ui.render.text import plural

MOST = 60  # cards; above, the page shows the table alone
SINGLE = 24  # up to so many nodes each has a card of its own


def reach_picture(reading: Reading, blast: Blast, found: Layers, rows: Iterable[Row]) -> Picture:
    """The picture of these rows; without cards where it would hold too many.

    What only everyone's reach adds has no way from the start, and stands in the table alone.
    """
    own = [row for row in rows if not row.public]
    drawing = _Drawing(reading, blast, found, alone=len(own) <= SINGLE)
    for row in own:
        drawing.add(row)
    return drawing.picture()


class _Drawing:
    """Cards and links being gathered along the cheapest ways."""

    def __init__(self, reading: Reading, blast: Blast, found: Layers, *, alone: bool) -> None:
        self._reading, self._view, self._found = reading, reading.view, found
        self._alone = alone
        self._start = blast.start
        self._groups: dict[str, list[int]] = {}
        self._rank: dict[str, int] = {}
        self._links: dict[tuple[str, str], Counter[Capability]] = {}
        self._sure: dict[tuple[str, str], int] = {}
        self._place(self._view.position(blast.start), 0)

    def add(self, row: Row) -> None:
        """Add a node by the state in which it is first reached, with all that its way passes."""
        at = self._view.position(row.node)
        states = [
            self._view.state(at, one)
            for one in row.capabilities
            if self._found.hop[self._view.state(at, one)] == row.hops
        ]
        self._walk(states[0], counted=True)

    def _walk(self, state: int, *, counted: bool) -> str:
        """The card of a state, linked to the one before it on its cheapest way."""
        node, hop = int(self._view.state_node[state]), int(self._found.hop[state])
        known = self._card(node, hop)
        fresh = node not in self._groups.get(known, [])
        self._place(node, hop)
        before = int(self._found.origin[state])
        if before >= 0 and (fresh or counted):
            source = self._walk(before, counted=False)
            if source != known:
                pair = (source, known)
                gained = self._view.capability(state)
                self._links.setdefault(pair, Counter())[gained] += 1
                worst = self._certainty(state)
                self._sure[pair] = min(self._sure.get(pair, worst), worst)
        return known

    def _certainty(self, state: int) -> int:
        return int(self._view.arcs.certainty[self._found.arc[state]])

    def _card(self, node: int, hop: int) -> str:
        if hop == 0 or self._alone:
            return str(self._view.nodes.ids[node])
        return f"{hop}-{self._view.kind_of(node)}"

    def _place(self, node: int, hop: int) -> None:
        name = self._card(node, hop)
        held = self._groups.setdefault(name, [])
        if node not in held:
            held.append(node)
        self._rank[name] = min(hop, self._rank.get(name, hop))

    def picture(self) -> Picture:
        """The picture, or one without cards where it would hold too many."""
        if len(self._groups) > MOST or len(self._groups) < 2:
            return Picture(())
        return Picture(
            cards=tuple(self._drawn(name, held) for name, held in sorted(self._groups.items())),
            links=tuple(
                Link(
                    f"{source} {target}",
                    source,
                    target,
                    _label(gained, alone=self._alone),
                    CERTAINTIES[self._sure[source, target]],
                )
                for (source, target), gained in sorted(self._links.items())
            ),
            rank=tuple(sorted(self._rank.items())),
        )

    def _drawn(self, name: str, held: list[int]) -> Card:
        ids = self._view.nodes.ids
        if len(held) == 1:
            card = card_of(self._reading, ids[held[0]], ends=self._rank[name] > 0)
            return Card(
                name, card.kind, card.label, card.sub, critical=card.critical, word=card.word
            )
        kind = self._view.kind_of(held[0])
        highest = max(int(self._view.nodes.weight[at]) for at in held)
        marked = sum(int(self._view.nodes.weight[at]) >= 3 for at in held)
        return Card(
            id=name,
            kind=kind,
            label=plural(len(held), spaced(kind).lower()),
            sub=f"{marked:,} sensitive" if marked else _places(self._reading, self._view, held),
            count=len(held),
            critical=highest >= 10,
            word=sensitivity(highest) if highest >= 10 else "",
            members=tuple(ids[at] for at in sorted(held)),
        )


def _places(reading: Reading, view: View, held: list[int]) -> str:
    accounts = {view.account_of(at) for at in held} - {""}
    if len(accounts) == 1:
        return reading.account_names.get(next(iter(accounts)), next(iter(accounts)))
    return plural(len(accounts), "account") if accounts else ""


def _label(gained: Mapping[Capability, int], *, alone: bool) -> str:
    """The capabilities gained along an arrow, the most frequent first."""
    told = sorted(gained.items(), key=lambda one: (-one[1], one[0]))
    words = [
        one.value.lower() if alone else f"{one.value.lower()} {number:,}" for one, number in told
    ]
    return ", ".join(words[:2])
