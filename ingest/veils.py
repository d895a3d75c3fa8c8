"""What of an answer is never written: values that are often secrets are emptied before anything keeps them.

A veil is a dotted path into an answer, through lists. What lies there loses all its texts and keeps its names. Behind
a colon stands how much is taken instead: `:secrets` the values of names that look like secrets, and what environment
variables hold; `:json` the same in a text that is JSON; `:digest` the text, in whose place its hash stands.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from ingest.fields import Json

DIGEST = "sha256:"
UNREADABLE = "unreadable"
"""What stands in the place of a text that should be JSON and is none: nobody can say what is secret in it."""

_VARIABLES = frozenset({"environment", "environmentvariables", "variables"})
_SECRET = frozenset(
    {"auth", "credential", "credentials", "passphrase", "passwd", "password", "pwd", "secret"}
    | {"secrets", "token", "apikey", "accesskey", "privatekey", "secretkey", "dsn"}
)
_KEYS = frozenset({"access", "account", "api", "auth", "license", "master", "private", "secret"})
_NAMES = frozenset({"arn", "arns", "id", "ids", "name", "names", "type"})
"""Words that end the name of something that points to a secret and is none."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ASSIGNED = re.compile(
    r"(?P<name>(?<![\w.-])-{0,2}[A-Za-z_][\w.-]*)(?P<sep>=|(?<=\w)\s+)(?P<value>\S+)"
)
_FLAG = re.compile(r"-{1,2}[\w.-]+")


def veiled(pages: Iterable[Json], paths: Iterable[str]) -> tuple[Json, ...]:
    """The pages with what lies at these veils taken away."""
    found = tuple(pages)
    for path in paths:
        place, _, how = path.partition(":")
        found = tuple(_at(page, place.split("."), _HOW[how]) for page in found)
    return found


def looks_secret(name: str) -> bool:
    """Whether a value of this name is likely a secret, by the words in the name."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] in _NAMES:
        return False
    pairs = pairwise(words)
    return bool(_SECRET & set(words)) or any(
        first in _KEYS and second == "key" for first, second in pairs
    )


def _at(value: Any, path: list[str], take: Callable[[Any], Any]) -> Any:
    if not path:
        return take(value)
    if isinstance(value, list):
        return [_at(item, path, take) for item in value]
    if isinstance(value, Mapping) and path[0] in value:
        return {**value, path[0]: _at(value[path[0]], path[1:], take)}
    return value


def _emptied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _emptied(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_emptied(item) for item in value]
    return "" if isinstance(value, str) else value


def _variables(value: Any) -> Any:
    """Variables as a map, or as a list of objects with a name and a value."""
    if isinstance(value, list):
        return [_valueless(item) for item in value]
    return _emptied(value)


def _valueless(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return _emptied(value)
    return {
        name: item if name.lower() == "name" else _emptied(item) for name, item in value.items()
    }


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        label = value.get("Name") or value.get("name")
        hidden = isinstance(label, str) and looks_secret(label)
        return {name: _named(name, item, hidden) for name, item in value.items()}
    if isinstance(value, list):
        return _arguments(value)
    return value


def _named(name: str, value: Any, hidden: bool) -> Any:
    """The value of this name; `hidden` where it belongs to something whose own name looks like a secret."""
    if name.lower() in _VARIABLES and isinstance(value, Mapping | list):
        return _variables(value)
    if looks_secret(name) or (hidden and name.lower() in {"value", "defaultvalue"}):
        return _emptied(value)
    return _without_secrets(value)


def _arguments(items: list[Any]) -> list[Any]:
    """The items, which may be the arguments of a program: `--token x`, `--token=x` and `TOKEN=x` lose their `x`."""
    found: list[Any] = []
    hide = False
    for item in items:
        is_flag = isinstance(item, str) and _FLAG.fullmatch(item) is not None
        if hide and not is_flag:
            found.append(_emptied(item))
        elif isinstance(item, str):
            found.append(_ASSIGNED.sub(_assigned, item))
        else:
            found.append(_without_secrets(item))
        hide = is_flag and looks_secret(item)
    return found


def _assigned(match: re.Match[str]) -> str:
    name, sep = match["name"], match["sep"]
    given = sep == "=" or name.startswith("-")
    return f"{name}{sep}" if given and looks_secret(name) else match[0]


def _json_without_secrets(value: Any) -> Any:
    if not isinstance(value, str) or not value:
        return value
    try:
        return json.dumps(_without_secrets(json.loads(value)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return UNREADABLE


def digest(text: str) -> str:
    """The hash that stands for a text; one that is a hash already stands for itself."""
    if text.startswith(DIGEST):
        return text
    return DIGEST + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _digested(value: Any) -> Any:
    if isinstance(value, list):
        return [_digested(item) for item in value]
    return digest(value) if isinstance(value, str) and value else value


_HOW: Mapping[str, Callable[[Any], Any]] = {
    "": _emptied,
    "secrets": _without_secrets,
    "json": _json_without_secrets,
    "digest": _digested,
}
