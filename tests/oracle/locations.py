"""The slow, obvious twin of the places in object stores: character by character, and every pair compared."""

from __future__ import annotations


def named_prefix(key: str) -> str:
    """What a resource pattern's key names literally: all up to the last slash before a wildcard or variable."""
    literal = ""
    for at, char in enumerate(key):
        if char in "*?" or key[at : at + 2] == "${":
            break
        literal += char
    while literal and not literal.endswith("/"):
        literal = literal[:-1]
    return literal


def enclosing(prefix: str, others: list[str]) -> str:
    """The longest other prefix that this one lies in; empty where there is none."""
    around = [
        other
        for other in others
        if other != prefix and other.endswith("/") and prefix.startswith(other)
    ]
    return max(around, key=len, default="")
