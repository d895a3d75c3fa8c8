"""A drawing as one SVG document: it needs nothing beside itself and can run nothing."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from graph.model import Certainty
from ui.drawing.colours import DARK, ICON, LIGHT, Palette, kind_colour
from ui.drawing.face import ICON_SIZE, Line, Mark
from ui.drawing.icons import icon_of
from ui.drawing.layout import Layout, Placed, Routed
from ui.drawing.lettering import NAME_SIZE, TEXT_SIZE, width_of
from ui.drawing.telling import best_ways_in, card_words, link_words, short

FONT = "system-ui, sans-serif"
DASHES = {Certainty.CONDITIONAL: "6 4", Certainty.POSSIBLE: "1.5 5"}

Looks = dict[str, float | str]


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _tag(name: str, inner: str = "", /, **attributes: float | str) -> str:
    """An element; a trailing or inner underscore of an attribute stands for a hyphen."""
    told = "".join(
        f" {key.replace('_', '-')}={quoteattr(value if isinstance(value, str) else _number(value))}"
        for key, value in attributes.items()
    )
    return f"<{name}{told}>{inner}</{name}>" if inner else f"<{name}{told}/>"


def _text(
    text: str, x: float, y: float, *, fill: str, size: float, bold: bool, middle: bool
) -> str:
    # The length keeps the text inside its room whatever face the reader has.
    return _tag(
        "text",
        escape(text),
        x=x,
        y=y,
        fill=fill,
        font_size=size,
        font_weight="600" if bold else "400",
        text_anchor="middle" if middle else "start",
        textLength=width_of(text, size, bold=bold),
        lengthAdjust="spacingAndGlyphs",
    )


def _line(placed: Placed, line: Line, palette: Palette) -> str:
    warns = line.role == "word" and placed.card.critical
    fill = {"name": palette.text}.get(line.role, palette.danger if warns else palette.muted)
    size = NAME_SIZE if line.role == "name" else TEXT_SIZE
    return _text(
        line.text,
        placed.x + line.x,
        placed.y + line.y,
        fill=fill,
        size=size,
        bold=line.role != "sub",
        middle=False,
    )


def _mark(placed: Placed, mark: Mark, palette: Palette) -> Iterator[str]:
    red = mark.role == "badge"
    x, y = placed.x + mark.x, placed.y + mark.y
    yield _tag(
        "rect",
        x=x,
        y=y,
        width=mark.w,
        height=mark.h,
        rx=mark.h / 2,
        fill=palette.danger if red else palette.second,
        stroke=palette.danger if red else palette.card_border,
    )
    fill = palette.on_danger if red else palette.text
    middle = x + mark.w / 2
    yield _text(mark.text, middle, y + 13.3, fill=fill, size=TEXT_SIZE, bold=True, middle=True)


def _card(placed: Placed, palette: Palette, told: str) -> str:
    card = placed.card
    box: Looks = {"width": placed.w, "height": placed.h, "rx": 8.0, "fill": palette.card}
    parts = [_tag("title", escape(told))]
    if card.count > 1:
        below: Looks = {**box, "width": placed.w - 12, "stroke": palette.card_border}
        parts.append(_tag("rect", x=placed.x + 6, y=placed.y + 5, **below))
    parts.append(
        _tag(
            "rect",
            x=placed.x,
            y=placed.y,
            **box,
            stroke=palette.danger if card.critical else palette.card_border,
            stroke_width=2.4 if card.critical else 1.2,
        )
    )
    x, y = placed.x + placed.face.icon[0], placed.y + placed.face.icon[1]
    square: Looks = {"width": ICON_SIZE, "height": ICON_SIZE, "rx": 7.0}
    parts.append(_tag("rect", x=x, y=y, **square, fill=kind_colour(card.kind)))
    parts.append(
        _tag(
            "path",
            d=icon_of(card.kind),
            transform=f"translate({_number(x + 8)} {_number(y + 8)}) scale(0.8333)",
            fill="none",
            stroke=ICON,
            stroke_width=2.0,
            stroke_linecap="round",
            stroke_linejoin="round",
        )
    )
    parts += [_line(placed, line, palette) for line in placed.face.lines]
    parts += [part for mark in placed.face.marks for part in _mark(placed, mark, palette)]
    return _tag("g", "".join(parts))


def _link(routed: Routed, palette: Palette, told: str) -> str:
    dashes = DASHES.get(routed.link.certainty)
    dotted = routed.link.certainty is Certainty.POSSIBLE
    look: Looks = {"stroke_dasharray": dashes} if dashes else {}
    if dotted:
        look["stroke_linecap"] = "round"
    line = _tag("path", d=routed.d, fill="none", stroke=palette.line, stroke_width=2.0, **look)
    head = _tag("path", d=routed.arrow, fill=palette.line)
    return _tag("g", _tag("title", escape(told)) + line + head)


def _word(routed: Routed, palette: Palette) -> str:
    word = routed.word
    if word is None:
        return ""
    return _text(
        word.text, word.x, word.y + 4, fill=palette.text, size=TEXT_SIZE, bold=False, middle=True
    )


def to_svg(layout: Layout, *, dark: bool, title: str) -> str:
    """The drawing as a document of its own, in one of the two themes."""
    palette = DARK if dark else LIGHT
    names = {placed.card.id: placed.card.label for placed in layout.cards}
    ways = best_ways_in(layout)
    size: Looks = {"width": layout.width, "height": layout.height}
    parts = [_tag("title", escape(short(title)) or "Drawing")]
    parts.append(_tag("rect", **size, fill=palette.background))
    for routed in layout.links:
        link = routed.link
        parts.append(
            _link(routed, palette, link_words(link, names[link.source], names[link.target]))
        )
    parts += [_word(routed, palette) for routed in layout.links]
    parts += [
        _card(
            placed, palette, card_words(placed.card, ways.get(placed.card.id, Certainty.DEFINITE))
        )
        for placed in layout.cards
    ]
    document = _tag(
        "svg",
        "\n".join(part for part in parts if part),
        xmlns="http://www.w3.org/2000/svg",
        **size,
        viewBox=f"0 0 {_number(layout.width)} {_number(layout.height)}",
        role="img",
        font_family=FONT,
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{document}\n'
