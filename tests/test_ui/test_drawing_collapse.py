"""Cards alike become one, and only those."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.model import Certainty
from ui.drawing.collapse import collapse, kind_words, kinds_words
from ui.drawing.picture import Card, Link, Picture


def fan(count: int, kind: str = "Dataset") -> Picture:
    """A role that reads so many nodes alike."""
    leaves = tuple(Card(f"d{at}", kind, f"bucket-{at}", "Dataset · prod") for at in range(count))
    return Picture(
        (Card("role", "Role", "reader"), *leaves),
        tuple(Link(f"l{at}", "role", f"d{at}", "reads") for at in range(count)),
    )


def group_of(picture: Picture) -> Card:
    return next(card for card in picture.cards if card.id.startswith("group:"))


def test_siblings_alike_become_one_counted_card() -> None:
    drawn = collapse(fan(3))
    group = group_of(drawn)

    assert (group.kind, group.label, group.count) == ("Dataset", "Datasets", 3)
    assert group.members == ("d0", "d1", "d2")
    assert group.sub == "Dataset · prod: bucket-0, bucket-1, bucket-2"
    assert drawn.links == (Link("l0", "role", group.id, "reads"),)


def test_the_id_of_a_group_hangs_on_its_members_only() -> None:
    picture = fan(3)
    mixed = Picture(picture.cards[::-1], picture.links[::-1])

    assert collapse(mixed) == collapse(picture)
    assert group_of(collapse(fan(4))).id != group_of(collapse(picture)).id


def test_what_is_kept_never_joins_a_group() -> None:
    drawn = collapse(fan(3), keep=frozenset({"d1"}))

    assert {card.id for card in drawn.cards if card.count == 1} == {"role", "d1"}
    assert group_of(drawn).members == ("d0", "d2")


def test_an_open_group_stays_open() -> None:
    group = group_of(collapse(fan(3))).id

    drawn = collapse(fan(3), expanded=frozenset({group}))

    assert (set(drawn.cards), drawn.links) == (set(fan(3).cards), fan(3).links)


@pytest.mark.parametrize(
    "change",
    [
        {"label": "writes"},
        {"certainty": Certainty.CONDITIONAL},
        {"indirect": True},
        {"source": "d1", "target": "role"},
    ],
)
def test_another_link_keeps_a_card_apart(change: dict[str, object]) -> None:
    picture = fan(3)
    links = (*picture.links[:-1], replace(picture.links[-1], **change))

    drawn = collapse(Picture(picture.cards, links))

    assert "d2" in {card.id for card in drawn.cards}


def test_another_kind_or_column_keeps_a_card_apart() -> None:
    picture = fan(3)
    other = (*picture.cards[:-1], replace(picture.cards[-1], kind="Secret"))

    assert group_of(collapse(Picture(other, picture.links))).count == 2
    assert group_of(collapse(replace(picture, rank=(("d2", 4),)))).count == 2


def test_cards_without_links_and_cards_with_loops_stay_alone() -> None:
    cards = tuple(Card(name, "Role", name) for name in "abc")
    loops = tuple(Link(name, name, name) for name in "ab")

    assert collapse(Picture(cards, loops)) == Picture(cards, loops)


def test_a_group_is_critical_where_one_of_its_members_is_and_says_why() -> None:
    picture = fan(2)
    marked = replace(picture.cards[-1], critical=True, word="restricted")

    group = group_of(collapse(Picture((*picture.cards[:-1], marked), picture.links)))

    assert (group.critical, group.word) == (True, "restricted")


def test_counts_and_members_add_up_where_a_member_counts_already() -> None:
    picture = fan(2)
    many = replace(picture.cards[-1], count=5, members=("x", "y", "z", "v", "w"))

    group = group_of(collapse(Picture((*picture.cards[:-1], many), picture.links)))

    assert (group.count, group.members) == (6, ("d0", "x", "y", "z", "v", "w"))


def test_two_fans_behind_each_other_collapse_only_where_their_neighbours_are_shared() -> None:
    cards = tuple(Card(name, "Role", name) for name in ("a", "b1", "b2", "c1", "c2"))
    links = tuple(
        Link(f"{source}{target}", source, target)
        for source, target in (("a", "b1"), ("a", "b2"), ("b1", "c1"), ("b2", "c2"))
    )

    assert len(collapse(Picture(cards, links)).cards) == 5


@pytest.mark.parametrize(
    ("kind", "one", "several"),
    [
        ("ServiceAccount", "Service account", "Service accounts"),
        ("Registry", "Registry", "Registries"),
        ("Key", "Key", "Keys"),
        ("VectorIndex", "Vector index", "Vector indexes"),
        ("PrincipalClass", "Principal class", "Principal classes"),
        ("Person", "Person", "People"),
        ("Code", "Code", "Code"),
    ],
)
def test_kinds_are_said_in_words(kind: str, one: str, several: str) -> None:
    assert (kind_words(kind), kinds_words(kind)) == (one, several)
