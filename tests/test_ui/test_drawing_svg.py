"""The drawing as a document: whole, standing alone, and deaf to what strangers write into names."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from graph.model import Certainty
from ui.drawing.layout import layout
from ui.drawing.picture import Card, Link, Picture
from ui.drawing.svg import to_svg

NS = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "rect", "path", "g", "text"}
HOSTILE = [
    "<script>alert(1)</script>",
    "]]>",
    '" onload="alert(1)',
    "' onload='alert(1)",
    "&#x0;",
    "&xxe;",
    "<!-- -->",
    '<image href="http://elsewhere.example/x"/>',
    "\ud800",
    "\u202egnp.exe",
    "a\nb\r\tc",
    "\x00\x1b[31m\x7f",
    "\ufffe\uffff",
    "x" * 10_000,
    "漢字 🙂 é",
]


def written(name: str, *, dark: bool = False) -> str:
    picture = Picture(
        (
            Card(name, "Role", name, name, badge=name, critical=True, word=name),
            Card("b", name, "b", count=3),
        ),
        (Link(name, name, "b", name, Certainty.POSSIBLE, indirect=True),),
    )
    return to_svg(layout(picture), dark=dark, title=name)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text.encode())  # noqa: S314 - the text is what we wrote ourselves


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text(name: str, dark: bool) -> None:
    root = parsed(written(name, dark=dark))

    for element in root.iter():
        assert element.tag.removeprefix(NS) in DRAWN
        for attribute, value in element.attrib.items():
            assert not attribute.lower().startswith("on")
            assert "href" not in attribute.lower()
            assert "url(" not in value
    assert "\u202e" not in "".join(root.itertext())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_does_not_swell_the_document(name: str) -> None:
    assert len(written(name)) < 20_000


def test_the_document_says_what_it_shows() -> None:
    picture = Picture(
        (Card("a", "User", "ada", "User · dev"), Card("b", "Dataset", "claims", word="restricted")),
        (Link("1", "a", "b", "reads", Certainty.CONDITIONAL),),
    )
    root = parsed(to_svg(layout(picture), dark=False, title="Ada reads claims"))
    titles = [element.text for element in root.iter(f"{NS}title")]

    assert root.get("role") == "img"
    assert titles == [
        "Ada reads claims",
        "ada reads claims, conditional",
        "ada, User · dev",
        "claims, Dataset, reached only as conditional, restricted",
    ]


def test_no_text_is_smaller_than_twelve_pixels() -> None:
    sizes = {float(text.get("font-size", "0")) for text in parsed(written("a")).iter(f"{NS}text")}

    assert min(sizes) >= 12


def test_certainty_is_told_by_dashes() -> None:
    links = tuple(Link(str(int(one)), "a", "b", "", one) for one in Certainty)
    root = parsed(
        to_svg(
            layout(Picture((Card("a", "Role", "a"), Card("b", "Role", "b")), links)),
            dark=False,
            title="t",
        )
    )
    dashes = [
        path.get("stroke-dasharray")
        for path in root.iter(f"{NS}path")
        if path.get("stroke-width") == "2" and path.get("transform") is None
    ]

    assert dashes == [None, "6 4", "1.5 5"]


def test_the_themes_differ_in_colours_only() -> None:
    light, dark = (parsed(written("a", dark=dark)) for dark in (False, True))
    colours = {"fill", "stroke"}

    def shape(root: ET.Element) -> list[object]:
        return [
            (
                element.tag,
                element.text,
                {k: v for k, v in element.attrib.items() if k not in colours},
            )
            for element in root.iter()
        ]

    assert shape(light) == shape(dark)
    assert written("a") != written("a", dark=True)
