"""The width of text before any font is loaded, and text cut to a width.

Widths are those of the common sans-serif faces (Helvetica, Arial, Liberation Sans). The face of the pages is narrower,
so that what fits here fits there; the SVG document holds each text to the width that was measured.
"""

from __future__ import annotations

import unicodedata

from ui.render.text import safe

NAME_SIZE = 13.0
TEXT_SIZE = 12.0
BOLD = 1.07  # a bold face is about so much wider
CUT = "…"

_THOUSANDTHS = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[]\\ft·",
    333: "()-`r",
    334: "{}",
    355: '"',
    389: "*",
    469: "^",
    500: "Jckszxvy",
    556: "#$0123456789?L_abdeghnopqu",
    584: "+<=>~\N{MULTIPLICATION SIGN}",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "…",
    1015: "@",
}
_WIDTH = {char: width / 1000 for width, chars in _THOUSANDTHS.items() for char in chars}


def _em(char: str) -> float:
    known = _WIDTH.get(char)
    if known is not None:
        return known
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0.0
    return 1.0 if unicodedata.east_asian_width(char) in {"W", "F"} else 0.72


def width_of(text: str, size: float = TEXT_SIZE, *, bold: bool = False) -> float:
    """About how many pixels wide the text is at this size."""
    return sum(map(_em, text)) * size * (BOLD if bold else 1.0)


def cut(text: str, room: float, size: float = TEXT_SIZE, *, bold: bool = False) -> str:
    """The text on one line and safe to show, cut at its end with an ellipsis where it is wider than the room.

    The start is what stays, because names of one estate differ most often by what their owner calls them first.
    """
    # No card has room for more; what follows is not even looked at, since names may be of any length.
    shown = safe(text[:400])
    if width_of(shown, size, bold=bold) <= room and len(text) <= 400:
        return shown
    left = room - width_of(CUT, size, bold=bold)
    kept = 0
    for char in shown:
        left -= width_of(char, size, bold=bold)
        if left < 0:
            break
        kept += 1
    return shown[:kept].rstrip() + CUT
