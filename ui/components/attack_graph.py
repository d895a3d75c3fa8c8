"""A picture drawn in the page: cards and links as real SVG, chosen by mouse or keyboard, exported as PNG and SVG."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import streamlit as st

from graph.model import Certainty
from ui.drawing.collapse import collapse
from ui.drawing.colours import DARK, LIGHT, kind_colour
from ui.drawing.icons import icon_of
from ui.drawing.layout import Layout, Placed, Routed, layout
from ui.drawing.picture import Card, Link, Picture
from ui.drawing.svg import to_svg
from ui.drawing.telling import best_ways_in, card_words, legend, link_words, short

MOST = 60  # cards; above it a table says more than a drawing
CHOOSING = "Click or press Enter on a step for its evidence"
TOO_MANY = f"There are too many to open them here: a drawing holds {MOST} cards at most."

_HERE = Path(__file__)
_MOUNT = st.components.v2.component(
    "shadowgraph_attack_graph",
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=True,
)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is chosen in a drawing: a `node` or a `link`, and for a counted card the nodes that it stands for."""

    type: str
    id: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphEvent:
    """What a drawing says in one run: what is chosen, which counted card was just opened, which tool was just used."""

    selected: Selection | None = None
    expand: str | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The ids that a drawing shows; nothing else from a browser is believed."""

    nodes: Mapping[str, tuple[str, ...]]  # with the members of counted cards
    links: frozenset[str]

    def find(self, asked: str | None) -> Selection | None:
        """The card or link of this id."""
        if asked is None:
            return None
        if asked in self.nodes:
            return Selection("node", asked, self.nodes[asked])
        return Selection("link", asked) if asked in self.links else None


@dataclass(frozen=True, slots=True)
class Memory:
    """What one drawing remembers from run to run, beside what the browser holds.

    `order` counts how often Python chose; what the browser says counts if it knows of the last order. `echo` is true in
    the run after a choice in the browser: what the page asks for then is its answer to that choice, no order.
    """

    order: int = 0
    asked: str | None = None
    ordered: str | None = None
    state: object = None
    echo: bool = False
    opened: tuple[str, ...] = ()


def known_of(drawn: Picture) -> Known:
    """The ids of a picture."""
    nodes = {card.id: card.members for card in drawn.cards}
    return Known(nodes, frozenset(link.id for link in drawn.links))


def selection_of(state: object, known_ids: Known) -> Selection | None:
    """What a browser's state chooses: a known id of its type, or nothing."""
    if not isinstance(state, Mapping):
        return None
    kind, chosen = state.get("type"), state.get("id")
    if not isinstance(kind, str) or not isinstance(chosen, str):
        return None
    if kind == "node" and chosen in known_ids.nodes:
        return Selection("node", chosen, known_ids.nodes[chosen])
    return Selection("link", chosen) if kind == "link" and chosen in known_ids.links else None


def recalled(memory: Memory | None, asked: str | None, state: object) -> Memory:
    """The memory after one run began: whether the page orders another choice than the browser made."""
    if memory is None:
        return Memory(order=1, asked=asked, ordered=asked, state=state)
    chosen = state != memory.state
    orders = asked != memory.asked and not chosen and not memory.echo
    return replace(
        memory,
        order=memory.order + orders,
        asked=asked,
        ordered=asked if orders else memory.ordered,
        state=state,
        echo=chosen,
    )


def chosen_by(memory: Memory, known_ids: Known) -> Selection | None:
    """What is chosen: what the browser says if it has heard the last order, else what was ordered."""
    state = memory.state
    order = state.get("order") if isinstance(state, Mapping) else None
    if isinstance(order, int) and order >= memory.order:
        return selection_of(state, known_ids)
    return known_ids.find(memory.ordered)


def stand_in(asked: str | None, picture: Picture, drawn: Picture) -> str | None:
    """The id under which a drawing shows what is asked: a node in its counted card, a link in the one it fell into."""
    if asked is None:
        return None
    into = {member: card.id for card in drawn.cards for member in card.members}
    if asked in into:
        return into[asked]
    link = next((link for link in picture.links if link.id == asked), None)
    if link is None:
        return asked

    def ends(one: Link) -> tuple[object, ...]:
        moved = into.get(one.source, one.source), into.get(one.target, one.target)
        return (*moved, one.label, one.certainty, one.indirect)

    ids = {one.id for one in drawn.links}
    shown = (one.id for one in drawn.links if ends(one) == ends(link))
    return asked if asked in ids else next(shown, asked)


def _card_data(placed: Placed, reached: Certainty, *, opens: bool) -> dict[str, Any]:
    card = placed.card
    told = card_words(card, reached)
    return {
        "id": card.id,
        "x": placed.x,
        "y": placed.y,
        "w": placed.w,
        "h": placed.h,
        "column": placed.column,
        "colour": kind_colour(card.kind),
        "icon": icon_of(card.kind),
        "iconAt": placed.face.icon,
        "lines": [
            {**asdict(line), "text": line.text, "full": short(line.full)}
            for line in placed.face.lines
        ],
        "marks": [asdict(mark) for mark in placed.face.marks],
        "count": card.count,
        "critical": card.critical,
        "certainty": reached.label,
        "opens": opens,
        "name": f"{told}, press plus to open" if opens else told,
        "tip": told,
    }


def _link_data(routed: Routed, cards: Mapping[str, Card]) -> dict[str, Any]:
    link, word = routed.link, routed.word
    return {
        "id": link.id,
        "source": link.source,
        "target": link.target,
        "d": routed.d,
        "arrow": routed.arrow,
        "certainty": link.certainty.label,
        "indirect": link.indirect,
        "word": asdict(word) if word else None,
        "name": link_words(link, cards[link.source].label, cards[link.target].label),
    }


def _file_name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()[:80]).strip("-") or "drawing"


def graph_data(
    placed: Layout,
    *,
    title: str,
    selected: Selection | None = None,
    order: int = 0,
    height: int | None = None,
    opening: frozenset[str] = frozenset(),
    opened: int = 0,
    note: str = "",
    choosing: str = CHOOSING,
) -> dict[str, Any]:
    """Everything that the browser draws, as plain values; `hash` changes where the drawing does."""
    cards = {one.card.id: one.card for one in placed.cards}
    ways = best_ways_in(placed)
    drawing = {
        "title": short(title),
        "width": placed.width,
        "height": placed.height,
        "cards": [
            _card_data(one, ways.get(one.card.id, Certainty.DEFINITE), opens=one.card.id in opening)
            for one in placed.cards
        ],
        "links": [_link_data(routed, cards) for routed in placed.links],
        "legend": [asdict(meaning) for meaning in legend(placed)],
        "palettes": {"light": asdict(LIGHT), "dark": asdict(DARK)},
        "svg": {
            "light": to_svg(placed, dark=False, title=title),
            "dark": to_svg(placed, dark=True, title=title),
        },
        "file": _file_name(title),
        "most": height,
        "opened": opened,
        "note": note,
        "choosing": choosing,
    }
    told = json.dumps(drawing, sort_keys=True).encode()
    chosen = {"type": selected.type, "id": selected.id} if selected else None
    return {**drawing, "hash": sha256(told).hexdigest(), "selected": chosen, "order": order}


@lru_cache(maxsize=64)
def _laid_out(drawn: Picture) -> Layout:
    """A rerun of a page draws what it drew before."""
    return layout(drawn)


def drawn_as(
    picture: Picture, keep: frozenset[str] = frozenset(), opened: tuple[str, ...] = ()
) -> tuple[Picture, bool]:
    """The picture as it is drawn, and whether groups had to stay closed, the last opened first, to keep it small."""
    for kept in range(len(opened), 0, -1):
        drawn = collapse(picture, keep=keep, expanded=frozenset(opened[:kept]))
        if len(drawn.cards) <= MOST:
            return drawn, kept < len(opened)
    return collapse(picture, keep=keep), bool(opened)


def _nothing() -> None:
    """Streamlit wants a callback for every value that a component may send."""


def _memory_key(key: str) -> str:
    return f"{key} memory"


def _sent(key: str, name: str) -> object:
    state = st.session_state.get(key)
    return state.get(name) if isinstance(state, Mapping) else None


def _open(key: str) -> None:
    memory: Memory | None = st.session_state.get(_memory_key(key))
    group = _sent(key, "expand")
    if memory is not None and isinstance(group, str) and group not in memory.opened:
        st.session_state[_memory_key(key)] = replace(memory, opened=(*memory.opened, group))


def _act(key: str) -> None:
    memory: Memory | None = st.session_state.get(_memory_key(key))
    if memory is not None and _sent(key, "action") == "close":
        st.session_state[_memory_key(key)] = replace(memory, opened=())


def attack_graph(
    picture: Picture,
    *,
    key: str,
    title: str,
    selected: str | None = None,
    height: int | None = None,
    keep: frozenset[str] = frozenset(),
    expanded: frozenset[str] | None = None,
    choosing: str = CHOOSING,
) -> GraphEvent:
    """Draw the picture, alike cards as one, and say what is chosen in it.

    `selected` is the id of a card or a link: it counts when the drawing appears, and whenever it changes by itself. Groups
    open and close by themselves unless `expanded` is given: then the page has to act on `expand` and on the action
    `close`. `choosing` says what a choice gives. `height` is the most that the drawing may take; it scrolls inside. More than `MOST` cards are refused.
    """
    before: Memory | None = (
        st.session_state.get(_memory_key(key)) if key in st.session_state else None
    )
    own = before.opened if before and expanded is None else ()
    opened = own if expanded is None else tuple(sorted(expanded))
    drawn, closed = drawn_as(picture, keep, opened)
    if len(drawn.cards) > MOST:
        raise ValueError(f"a drawing holds {MOST} cards at most, not {len(drawn.cards)}")
    known = known_of(drawn)
    memory = recalled(before, stand_in(selected, picture, drawn), _sent(key, "selected"))
    st.session_state[_memory_key(key)] = memory
    chosen = chosen_by(memory, known)
    groups = {card.id for card in drawn.cards if card.count > 1}
    result = _MOUNT(
        key=key,
        data=graph_data(
            _laid_out(drawn),
            title=title,
            selected=chosen,
            order=memory.order,
            height=height,
            opening=frozenset(
                group for group in groups if expanded is not None or group.startswith("group:")
            ),
            opened=len(opened),
            note=TOO_MANY if closed else "",
            choosing=choosing,
        ),
        on_selected_change=_nothing,
        on_expand_change=lambda: _open(key),
        on_action_change=lambda: _act(key),
    )
    expand, action = result.get("expand"), result.get("action")
    return GraphEvent(
        chosen,
        expand if isinstance(expand, str) and expand in groups else None,
        action if action == "close" else None,
    )
