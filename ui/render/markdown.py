r"""Names in markdown: the one way in which text of the estate reaches a label, a heading or a paragraph of the app.

Markdown would make links, images (which every reader's browser fetches), colours, icons and formulas of what a stranger
called a bucket. `plain` shows the text as it is written; `code` shows it as an identifier.
"""

import re

from ui.render.text import safe

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
JOINER = (
    "\u2060"  # as wide as nothing, and enough to keep addresses and `:icons:` from being recognised
)
_JOINED = re.compile(r"(?<=[:@])|(?<=[Ww]{3})(?=\\?\.)")


def plain(text: str) -> str:
    """The text for a markdown sink, shown letter for letter: every punctuation escaped, nothing recognised as an address."""
    escaped = _PUNCTUATION.sub(r"\\\1", safe(text))
    return _JOINED.sub(JOINER, escaped)


def badge(text: str) -> str:
    """The text for `st.badge`, which escapes square brackets by itself: twice would make them markup again."""
    return plain(text).replace("\\[", "[").replace("\\]", "]")


def entry(text: str) -> str:
    """The text for a cell of a written table: an address or id as a code span, which can be copied as it is.

    One colon makes no id: names of actions are words of the table, and stand in one piece.
    """
    shown = plain(text)
    return code(text) if JOINER in shown and " " not in text and text.count(":") != 1 else shown


def code(text: str) -> str:
    """The text as a code span, whatever backticks it holds; a blank text is shown as a blank."""
    shown = safe(text) or " "
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    # A span that begins or ends with a backtick needs a space, which markdown takes away again on both sides.
    room = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{room}{shown}{room}{fence}"
