"""The colours of pictures: two palettes, and one colour per node kind, dark enough for white icons."""

from __future__ import annotations

from dataclasses import dataclass

from graph.errors import SchemaError
from graph.schema import Family, schema

ICON = "#FFFFFF"
SLATE = "#43536A"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, each as `#rrggbb`."""

    primary: str
    background: str
    second: str
    text: str
    border: str
    card: str
    card_border: str
    muted: str
    line: str
    danger: str
    on_danger: str  # text on a mark filled with the danger colour


LIGHT = Palette(
    primary="#0B5FA5",
    background="#FFFFFF",
    second="#F4F6F9",
    text="#1B2430",
    border="#D5DBE3",
    card="#FFFFFF",
    card_border="#C3CCD7",
    muted="#586575",
    line="#8A97A6",
    danger="#B4232A",
    on_danger="#FFFFFF",
)
DARK = Palette(
    primary="#5BA8F5",
    background="#0F1620",
    second="#18212E",
    text="#E6EBF2",
    border="#314054",
    card="#18212E",
    card_border="#40526A",
    muted="#A3B1C2",
    line="#7D8FA5",
    danger="#FF6B6B",
    on_danger="#0F1620",
)

_OF_FAMILY = {
    Family.IDENTITY: "#0072B2",
    Family.COMPUTE: "#00795C",
    Family.DATA: "#7A3E9D",
    Family.ARTEFACT: "#B03060",
    Family.ACCESS: SLATE,
    Family.SCOPE: SLATE,
}
# What acts on behalf of others is told apart from who acts.
_OF_KIND = dict.fromkeys(("Role", "ServiceAccount", "Application"), "#9C5B00")


def kind_colour(kind: str) -> str:
    """The colour behind the icon of a node kind; slate for a kind that the schema does not know."""
    try:
        family = schema().node(kind).family
    except SchemaError:
        return SLATE
    return _OF_KIND.get(kind, _OF_FAMILY[family])


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours after WCAG 2, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
