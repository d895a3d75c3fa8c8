"""Where things of a drawing stand: nothing covers anything, and the order of the input does not matter."""

from __future__ import annotations

import random
import time
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Certainty
from graph.schema import schema
from ui.drawing.colours import DARK, ICON, LIGHT, Palette, contrast, kind_colour
from ui.drawing.icons import ICONS, icon_of
from ui.drawing.layout import Layout, Routed, layout
from ui.drawing.lettering import CUT, cut, width_of
from ui.drawing.picture import Card, Link, Picture
from ui.drawing.ranks import closing, columns

Box = tuple[float, float, float, float]
KINDS = ("Role", "Dataset", "Notebook")
LABELS = ("", "runs as", "can assume", "reads and writes everything that it finds there")


def cards(names: str) -> tuple[Card, ...]:
    return tuple(Card(name, "Role", f"role-{name}", "Role") for name in names.split())


def links(ends: str, label: str = "can assume") -> tuple[Link, ...]:
    """Links written as `a-b c-d`, each with an id of its own."""
    pairs = [pair.split("-") for pair in ends.split()]
    return tuple(Link(f"{at}", source, target, label) for at, (source, target) in enumerate(pairs))


def drawn(names: str, ends: str, label: str = "can assume") -> Layout:
    return layout(Picture(cards(names), links(ends, label)))


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def card_boxes(placed: Layout) -> dict[str, Box]:
    return {one.card.id: (one.x, one.y, one.x + one.w, one.y + one.h) for one in placed.cards}


def word_boxes(placed: Layout) -> dict[str, Box]:
    return {
        one.link.id: (
            one.word.x - one.word.w / 2,
            one.word.y - one.word.h / 2,
            one.word.x + one.word.w / 2,
            one.word.y + one.word.h / 2,
        )
        for one in placed.links
        if one.word
    }


def strokes(routed: Routed) -> list[Box]:
    """The line of a link as thin boxes."""
    return [
        (
            min(start[0], end[0]) - 0.5,
            min(start[1], end[1]) - 0.5,
            max(start[0], end[0]) + 0.5,
            max(start[1], end[1]) + 0.5,
        )
        for start, end in pairwise(routed.points)
    ]


def faults(placed: Layout) -> list[str]:
    """All that lies on something else or outside of the drawing."""
    on_cards, on_words = card_boxes(placed), word_boxes(placed)
    boxes = {f"card {name}": box for name, box in on_cards.items()}
    boxes |= {f"word {name}": box for name, box in on_words.items()}
    found = [
        f"{one} on {other}"
        for (one, first), (other, second) in combinations(boxes.items(), 2)
        if overlap(first, second)
    ]
    for routed in placed.links:
        for stroke in strokes(routed):
            found += [
                f"line {routed.link.id} through {name}"
                for name, (left, top, right, bottom) in boxes.items()
                if overlap(stroke, (left + 1, top + 1, right - 1, bottom - 1))
            ]
    found += [
        f"{name} outside"
        for name, (left, top, right, bottom) in boxes.items()
        if left < 0 or top < 0 or right > placed.width or bottom > placed.height
    ]
    return found


@pytest.mark.parametrize(
    ("names", "ends"),
    [
        ("a", ""),
        ("a b c d e f", "a-b b-c c-d d-e e-f"),
        ("a b c d e f", "a-b a-c a-d a-e a-f"),
        ("a b c d e f", "b-a c-a d-a e-a f-a"),
        ("a b c d", "a-b a-c b-d c-d"),
        ("a b c d", "a-b b-c c-d a-d a-c b-d"),
        ("a b c", "a-b b-c c-a"),
        ("a b", "a-b b-a"),
        ("a b", "a-b a-b a-b a-b a-b"),
        ("a b", "a-a a-a a-a a-b"),
        ("a b c d e f", "a-d a-e a-f b-d b-e b-f c-d c-e c-f"),
        ("a b c d e f g h", "a-e a-f a-g a-h b-e b-f b-g b-h c-e c-f c-g c-h d-e d-f d-g d-h"),
        ("a b c d", "a-d b-c"),
        ("a b c d e", "a-b b-c c-d d-e e-a c-a"),
    ],
)
@pytest.mark.parametrize("label", LABELS)
def test_nothing_lies_on_anything_else(names: str, ends: str, label: str) -> None:
    placed = drawn(names, ends, label)

    assert faults(placed) == []
    assert len(placed.cards) == len(names.split())
    assert len(placed.links) == len(ends.split())


@st.composite
def pictures(draw: st.DrawFn, *, ranked: bool = False) -> Picture:
    names = [f"n{at}" for at in range(draw(st.integers(1, 9)))]
    drawn_cards = tuple(
        Card(
            name,
            draw(st.sampled_from(KINDS)),
            draw(st.text(max_size=30)),
            badge=draw(st.sampled_from(("", "2", "!"))),
            count=draw(st.sampled_from((1, 1, 3, 1204))),
        )
        for name in names
    )
    drawn_links = tuple(
        Link(
            f"l{at}",
            draw(st.sampled_from(names)),
            draw(st.sampled_from(names)),
            draw(st.sampled_from(LABELS)),
            draw(st.sampled_from(Certainty)),
            draw(st.booleans()),
        )
        for at in range(draw(st.integers(0, 14)))
    )
    rank = tuple((name, draw(st.integers(0, 3))) for name in names) if ranked else ()
    return Picture(drawn_cards, drawn_links, rank)


def of_cards_and_words(placed: Layout) -> list[str]:
    return [fault for fault in faults(placed) if not fault.startswith("line")]


@settings(max_examples=150, deadline=None)
@given(st.one_of(pictures(), pictures(ranked=True)))
def test_no_card_and_no_word_lies_on_another_in_any_small_picture(picture: Picture) -> None:
    placed = layout(picture)

    assert of_cards_and_words(placed) == []
    assert {one.card.id for one in placed.cards} == {card.id for card in picture.cards}
    assert {one.link.id for one in placed.links} == {link.id for link in picture.links}


@settings(max_examples=100, deadline=None)
@given(st.one_of(pictures(), pictures(ranked=True)))
def test_no_line_runs_through_a_card_in_any_small_picture(picture: Picture) -> None:
    through = [fault for fault in faults(layout(picture)) if "through card" in fault]

    assert through == []


@settings(max_examples=50, deadline=None)
@given(pictures(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(picture: Picture, shuffled: random.Random) -> None:
    mixed_cards, mixed_links = list(picture.cards), list(picture.links)
    shuffled.shuffle(mixed_cards)
    shuffled.shuffle(mixed_links)

    assert layout(Picture(tuple(mixed_cards), tuple(mixed_links))) == layout(picture)


def test_a_chain_is_one_straight_line() -> None:
    placed = drawn("a b c d e f", "a-b b-c c-d d-e e-f")

    assert len({one.y for one in placed.cards}) == 1
    assert [one.card.id for one in placed.cards] == list("abcdef")
    assert all("Q" not in one.d for one in placed.links)


def test_a_fan_stands_evenly_around_its_origin() -> None:
    placed = {one.card.id: one for one in drawn("a b c d", "a-b a-c a-d").cards}

    assert placed["c"].y == placed["a"].y
    assert placed["b"].y - placed["a"].y == placed["a"].y - placed["d"].y == -88


def test_a_link_against_the_columns_still_points_to_its_target() -> None:
    placed = drawn("a b c", "a-b b-c c-a")
    back = next(one for one in placed.links if one.link.source == "c")
    boxes = card_boxes(placed)

    assert back.points[0][0] == boxes["c"][0]
    assert back.points[-1][0] == boxes["a"][2]


def test_a_cycle_opens_at_the_link_that_leads_back_to_the_start() -> None:
    picture = Picture(cards("a b c"), links("a-b b-c c-b"))

    assert closing(picture.links) == {"2"}
    assert columns(picture) == {"a": 0, "b": 1, "c": 2}


def test_a_fixed_rank_is_kept_and_empty_columns_are_left_out() -> None:
    picture = Picture(cards("a b c"), links("a-b"), (("a", 0), ("b", 5), ("c", 2)))

    assert columns(picture) == {"a": 0, "c": 1, "b": 2}


def test_a_link_to_a_card_that_is_not_drawn_is_left_out() -> None:
    assert drawn("a", "a-z z-a").links == ()


def test_a_picture_of_nothing_has_a_size() -> None:
    placed = layout(Picture(()))

    assert placed.width > 0 < placed.height


def test_a_name_is_cut_earlier_beside_a_mark() -> None:
    long = "nb-churn-explore-2024-07-with-a-long-tail"
    plain, marked = (
        layout(Picture((Card("a", "Role", long, "Role", badge=badge),))).cards[0].face
        for badge in ("", "12")
    )
    name, mark = marked.lines[0], marked.marks[0]

    assert len(name.text) < len(plain.lines[0].text) < len(long)
    assert name.text.endswith(CUT)
    assert name.x + width_of(name.text, 13, bold=True) < mark.x


def test_the_word_of_a_link_is_cut_but_says_that_it_shows_later() -> None:
    label = "is trained on everything that was ever written into"
    picture = Picture(cards("a b"), (Link("1", "a", "b", label, indirect=True),))
    word = layout(picture).links[0].word

    assert word is not None
    assert word.text.endswith(f"{CUT} · later")


@pytest.mark.parametrize("text", ["", "a", "x" * 10_000, "\u202egnp.exe", "漢字" * 40, "a\nb"])
def test_cut_text_fits_its_room(text: str) -> None:
    shown = cut(text, 120)

    assert width_of(shown) <= 120
    assert shown.isprintable()


def test_sixty_cards_are_laid_out_in_a_moment() -> None:
    chance = random.Random(1)  # noqa: S311 - a fixed seed of a test
    names = " ".join(f"n{at:02}" for at in range(60))
    ends = " ".join(f"n{chance.randrange(at):02}-n{at:02}" for at in range(1, 60))
    picture = Picture(cards(names), links(ends))
    layout(picture)

    begun = time.process_time()
    layout(picture)

    assert time.process_time() - begun < 0.1


def test_every_node_kind_has_an_icon_and_a_colour_for_a_white_one() -> None:
    kinds = schema().nodes

    assert set(ICONS) == set(kinds)
    assert {
        kind: kind_colour(kind) for kind in kinds if contrast(kind_colour(kind), ICON) < 4.5
    } == {}


def test_a_kind_that_nobody_knows_has_an_icon_and_a_colour_too() -> None:
    assert icon_of("Unheard")
    assert contrast(kind_colour("Unheard"), ICON) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_all_text_can_be_read_in_both_themes(palette: Palette) -> None:
    pairs = [
        (text, behind)
        for text in (palette.text, palette.muted, palette.danger, palette.primary)
        for behind in (palette.background, palette.card)
    ]
    pairs += [(palette.on_danger, palette.danger), (palette.text, palette.second)]

    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []
