"""Text that is safe to show: names of assets are written by strangers, and may be written to attack the reader.

Every string of the estate passes one of these on its way out: `safe` to a terminal, `cell` to a CSV file,
`to_json` to JSON.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe(text: str) -> str:
    r"""The text on one line, with everything that a terminal would not print shown as an escape.

    Control characters, terminal sequences, line breaks, reordering and zero-width characters and odd spaces become
    visible escapes such as `\x1b` or `\u202e`. The result is printed as it is, never read as markup.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def cell(value: str | float | bool | None) -> str:
    """A cell of a CSV file: safe text that no spreadsheet takes for a formula.

    A text cell that begins, after trimming, like a formula gets a leading apostrophe. Numbers stay numbers.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    risky = value.startswith(FORMULA_STARTS) or value.lstrip().startswith(FORMULA_STARTS)
    shown = safe(value)
    return f"'{shown}" if risky else shown


def to_json(value: object) -> str:
    """The value as JSON with sorted keys, in ASCII, so that it is safe on a terminal and equal values give equal text."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return text.replace("\x7f", "\\u007f") + "\n"


def json_pieces(head: Mapping[str, object], name: str, rows: Iterable[object]) -> Iterator[str]:
    """The text that `to_json` gives of the head with the rows under this name, in pieces: rows are held one at a time."""
    between = "{"
    for key in sorted((*head, name)):
        yield f"{between}\n  {to_json(key).rstrip()}: "
        between = ","
        if key == name:
            yield from _list_pieces(rows)
        else:
            yield _indented(head[key], 2)
    yield "\n}\n"


def _list_pieces(rows: Iterable[object]) -> Iterator[str]:
    between = "["
    for row in rows:
        yield f"{between}\n    {_indented(row, 4)}"
        between = ","
    yield "[]" if between == "[" else "\n  ]"


def _indented(value: object, by: int) -> str:
    return to_json(value).rstrip("\n").replace("\n", "\n" + " " * by)


def plural(count: int, noun: str, nouns: str = "") -> str:
    """The count with its noun, e.g. `1 call` or `1,204 identities`."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
