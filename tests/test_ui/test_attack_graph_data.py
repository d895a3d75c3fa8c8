"""What the drawing gives to the browser, and what of its answers is believed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from graph.model import Certainty
from ui.components.attack_graph import (
    MOST,
    Known,
    Memory,
    Selection,
    attack_graph,
    chosen_by,
    drawn_as,
    graph_data,
    known_of,
    recalled,
    selection_of,
    stand_in,
)
from ui.drawing.layout import layout
from ui.drawing.picture import Card, Link, Picture

KNOWN = Known({"role": (), "group:1": ("d0", "d1")}, frozenset({"reads"}))
CLICK = {"type": "node", "id": "role", "order": 1}


def star(count: int, kinds: tuple[str, ...] = ("Dataset",)) -> Picture:
    """A role with so many nodes that it reads, of these kinds by turns."""
    leaves = tuple(Card(f"d{at:03}", kinds[at % len(kinds)], f"leaf-{at}") for at in range(count))
    return Picture(
        (Card("role", "Role", "reader"), *leaves),
        tuple(Link(f"l{at:03}", "role", leaf.id, "reads") for at, leaf in enumerate(leaves)),
    )


@pytest.mark.parametrize(
    "state",
    [
        {},
        None,
        [],
        "role",
        7,
        {"type": "node"},
        {"id": "role"},
        {"type": "node", "id": "unknown"},
        {"type": "node", "id": ""},
        {"type": "node", "id": None},
        {"type": "node", "id": ["role"]},
        {"type": "node", "id": {"role": 1}},
        {"type": ["node"], "id": "role"},
        {"type": "link", "id": "role"},
        {"type": "node", "id": "reads"},
        {"type": "none", "order": 3},
        {"type": "edge", "id": "reads"},
    ],
)
def test_only_a_known_id_of_its_type_is_a_selection(state: object) -> None:
    assert selection_of(state, KNOWN) is None


def test_a_known_id_is_a_selection_with_the_members_of_its_card() -> None:
    assert selection_of({"type": "node", "id": "role"}, KNOWN) == Selection("node", "role")
    assert selection_of({"type": "link", "id": "reads"}, KNOWN) == Selection("link", "reads")
    assert selection_of({"type": "node", "id": "group:1"}, KNOWN) == Selection(
        "node", "group:1", ("d0", "d1")
    )


def runs(*steps: tuple[str | None, object]) -> list[str | None]:
    """What is chosen after each run, given what the page asks for and what the browser says."""
    memory: Memory | None = None
    chosen = []
    for asked, state in steps:
        memory = recalled(memory, asked, state)
        selection = chosen_by(memory, KNOWN)
        chosen.append(selection.id if selection else None)
    return chosen


def test_what_the_page_asks_for_at_first_is_chosen() -> None:
    assert runs(("role", None)) == ["role"]
    assert runs(("unknown", None)) == [None]
    assert runs((None, {})) == [None]


def test_a_choice_in_the_browser_counts_more_than_what_the_page_still_asks_for() -> None:
    assert runs(("reads", None), ("reads", CLICK), ("reads", CLICK)) == ["reads", "role", "role"]


def test_a_page_that_answers_a_choice_by_another_name_does_not_undo_it() -> None:
    assert runs((None, None), (None, CLICK), ("reads", CLICK)) == [None, "role", "role"]


def test_a_page_that_asks_for_something_else_by_itself_is_obeyed() -> None:
    shown = runs((None, None), (None, CLICK), ("role", CLICK), (None, CLICK), (None, CLICK))

    assert shown == [None, "role", "role", None, None]


def test_a_choice_made_before_the_last_order_was_heard_is_old() -> None:
    asked = [(None, None), (None, CLICK), ("role", CLICK), ("reads", CLICK)]
    newer = {**CLICK, "order": 2}

    assert runs(*asked)[-1] == "reads"
    assert runs(*asked, ("reads", newer))[-1] == "role"


def test_clearing_in_the_browser_clears() -> None:
    assert runs(("role", None), ("role", {"type": "none", "order": 1})) == ["role", None]


def test_the_data_is_plain_and_its_hash_follows_the_drawing_only() -> None:
    placed = layout(star(2))
    data = graph_data(placed, title="t")
    chosen = graph_data(placed, title="t", selected=Selection("node", "role"), order=4)

    assert json.loads(json.dumps(data))["hash"] == chosen["hash"]
    assert graph_data(placed, title="other")["hash"] != data["hash"]
    assert (chosen["selected"], chosen["order"]) == ({"type": "node", "id": "role"}, 4)


def test_cards_come_from_left_to_right_with_their_names_in_full() -> None:
    picture = Picture(
        (
            Card("b", "Dataset", "claims " * 9, critical=True, word="restricted"),
            Card("a", "User", "ada"),
        ),
        (Link("1", "a", "b", "reads", Certainty.POSSIBLE, indirect=True),),
    )
    data = graph_data(layout(picture), title="t")

    assert [card["id"] for card in data["cards"]] == ["a", "b"]
    assert data["cards"][1]["lines"][0]["full"].startswith("claims claims claims claims claims")
    assert data["cards"][1]["name"].endswith(
        ", Dataset, reached only as possible, critical, restricted"
    )
    assert data["links"][0]["name"].startswith("ada reads claims")
    assert data["links"][0]["name"].endswith(", possible, shows only later")


def test_the_legend_names_only_what_is_there() -> None:
    plain = star(1)
    dashed = replace(plain, links=(replace(plain.links[0], certainty=Certainty.CONDITIONAL),))

    assert graph_data(layout(plain), title="t")["legend"] == []
    assert [entry["sample"] for entry in graph_data(layout(dashed), title="t")["legend"]] == [
        "conditional"
    ]


@pytest.mark.parametrize("name", ["\u202egnp", "a\x00b", "\ud800", "a\nb"])
def test_names_come_without_what_reorders_or_hides_them(name: str) -> None:
    picture = Picture((Card("a", "Role", name, name),))
    shown = graph_data(layout(picture), title=name)

    texts = [shown["title"], *(line["full"] for line in shown["cards"][0]["lines"])]
    assert all(text.isprintable() for text in texts)


def test_a_file_is_named_after_the_title_and_after_nothing_else() -> None:
    assert graph_data(layout(star(1)), title="../../A & B?")["file"] == "a-b"
    assert graph_data(layout(star(1)), title="漢字")["file"] == "drawing"


def test_a_member_stands_for_its_card_and_a_link_for_the_one_it_fell_into() -> None:
    picture = star(3)
    drawn, _ = drawn_as(picture)
    group = next(card.id for card in drawn.cards if card.count == 3)

    assert stand_in("d001", picture, drawn) == group
    assert stand_in("l002", picture, drawn) == "l000"
    assert stand_in("role", picture, drawn) == "role"
    assert stand_in("unknown", picture, drawn) == "unknown"
    assert stand_in(None, picture, drawn) is None
    assert known_of(drawn).nodes[group] == ("d000", "d001", "d002")


def test_a_group_that_is_too_large_stays_closed_and_says_so() -> None:
    picture = star(MOST + 10)
    drawn, _ = drawn_as(picture)
    group = next(card.id for card in drawn.cards if card.count > 1)

    assert drawn_as(picture, opened=(group,)) == (drawn, True)


def test_more_cards_than_a_drawing_holds_are_refused() -> None:
    cards = tuple(Card(f"r{at}", "Role", f"r{at}") for at in range(MOST + 1))

    with pytest.raises(ValueError, match="60 cards at most, not 61"):
        attack_graph(Picture(cards), key="too-many", title="t")
