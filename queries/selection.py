"""Which nodes a question starts at or ends at, as people write it: `external`, `kind:Dataset+tag:pii=yes`, an id.

A selection is terms with commas between (any of them); a term is words with `+` between (all of them):

    external  public  identities  assets  jewels       what the node is
    kind:Role  account:123456789012  env:prod          its kind, account, environment
    name:*claims*  id:arn:aws:s3:::*                   a pattern over its name or id, `*` and `?`, letters in any case
    tag:key=value  tag:key                             a tag that was read; patterns as above
    sensitivity:3                                      a known sensitivity of at least this
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from re import IGNORECASE, Pattern
from re import compile as compiled

import numpy as np

from graph.errors import QueryError, with_advice
from graph.model import NodeId
from graph.view import Flag, Mask, View

JEWELS = "jewels"


@dataclass(frozen=True, slots=True)
class Selection:
    """A question's nodes, as the text names them. `crown` is the settings' own selector of crown jewels."""

    text: str
    crown: str = ""

    def mask(self, view: View, *, find: Callable[[View, str], NodeId] | None = None) -> Mask:
        """One truth value per node: whether it is selected, and still there.

        A term without `:` that is no word names one node, which `find` looks up (by default only a full id is taken).
        `QueryError` where the text is no selection; what matches nothing selects nothing.
        """
        chosen = np.zeros(len(view.nodes.ids), dtype=np.bool_)
        whole = view.find(self.text) is not None  # an id may hold a comma too
        for term in [self.text] if whole else _parts(self.text, ","):
            chosen |= self._term(view, term, find)
        return chosen & _flagged(view, Flag.PRESENT)

    def nodes(
        self, view: View, *, find: Callable[[View, str], NodeId] | None = None
    ) -> tuple[NodeId, ...]:
        """The selected nodes, in id order."""
        return tuple(view.nodes.ids[at] for at in np.flatnonzero(self.mask(view, find=find)))

    def _term(self, view: View, term: str, find: Callable[[View, str], NodeId] | None) -> Mask:
        # An id may hold `+` and `:`, so that a text which is an id is that.
        place = view.find(term)
        words = [term] if place is not None else _parts(term, "+")
        chosen = np.ones(len(view.nodes.ids), dtype=np.bool_)
        for word in words:
            chosen &= self._word(view, word, find)
        return chosen

    def _word(self, view: View, word: str, find: Callable[[View, str], NodeId] | None) -> Mask:
        place = view.find(word)
        if place is None and word == JEWELS:
            return self._jewels(view)
        if place is None and word in _WORDS:
            return _flagged(view, _WORDS[word])
        key, separator, value = word.partition(":")
        if place is None and separator and key in _TESTS:
            return _TESTS[key](view, value)
        if place is None and find is not None:
            place = view.position(find(view, word))
        if place is None:
            raise with_advice(
                QueryError(f"`{word}` selects nothing that is known"),
                f"an id, {', '.join((*_WORDS, JEWELS))}, or {', '.join(f'{key}:' for key in _TESTS)}",
            )
        one = np.zeros(len(view.nodes.ids), dtype=np.bool_)
        one[place] = True
        return one

    def _jewels(self, view: View) -> Mask:
        own = _flagged(view, Flag.CROWN)
        return own | Selection(self.crown).mask(view) if self.crown else own


def jewels(view: View, crown: str = "") -> tuple[NodeId, ...]:
    """The crown jewels: those whose tier says so, and those that the settings' selector names."""
    return Selection(JEWELS, crown).nodes(view)


def most_sensitive(view: View, *, least: int) -> tuple[NodeId, ...]:
    """The assets of the highest sensitivity that anything is rated at; none where that is below `least`."""
    assets = np.flatnonzero(_flagged(view, Flag.ASSET) & _flagged(view, Flag.PRESENT))
    weight = view.nodes.weight[assets]
    level = int(weight.max(initial=-1))
    chosen = assets[weight == level].tolist() if level >= least else []
    return tuple(view.nodes.ids[at] for at in chosen)


def _parts(text: str, separator: str) -> list[str]:
    found = [part for piece in text.split(separator) if (part := piece.strip())]
    if not found:
        raise QueryError("a selection is empty")
    return found


def _flagged(view: View, flag: Flag) -> Mask:
    found: Mask = (view.nodes.flags & int(flag)) != 0
    return found


def _pattern(text: str) -> Pattern[str]:
    return compiled(translate(text.replace("[", "[[]")), IGNORECASE)


def _texts(texts: Iterable[str], value: str) -> Mask:
    match = _pattern(value).match
    return np.fromiter((match(text) is not None for text in texts), dtype=np.bool_)


def _kind(view: View, value: str) -> Mask:
    named = [at for at, kind in enumerate(view.nodes.kinds) if kind.lower() == value.lower()]
    if not named:
        raise with_advice(QueryError(f"no kind `{value}`"), f"one of {', '.join(view.nodes.kinds)}")
    found: Mask = view.nodes.kind == named[0]
    return found


def _account(view: View, value: str) -> Mask:
    return _texts(view.nodes.accounts, value)[view.nodes.account]


def _environment(view: View, value: str) -> Mask:
    return _texts(view.nodes.environments, value)[view.nodes.environment]


def _tag(view: View, value: str) -> Mask:
    wanted = _pattern(value if "=" in value else f"{value}=*").match
    some = (any(wanted(tag) for tag in tags) for tags in view.nodes.tags)
    return np.fromiter(some, dtype=np.bool_)[view.nodes.tag]


def _sensitivity(view: View, value: str) -> Mask:
    if not (value.isascii() and value.isdigit()):
        raise with_advice(QueryError(f"`{value}` is no sensitivity"), "a whole number from 0 to 10")
    found: Mask = view.nodes.weight >= int(value)
    return found


_WORDS: Mapping[str, Flag] = {
    "external": Flag.EXTERNAL,
    "public": Flag.PUBLIC,
    "identities": Flag.ACTOR,
    "assets": Flag.ASSET,
}
_TESTS: Mapping[str, Callable[[View, str], Mask]] = {
    "kind": _kind,
    "account": _account,
    "env": _environment,
    "name": lambda view, value: _texts(view.nodes.names, value),
    "id": lambda view, value: _texts(view.nodes.ids, value),
    "tag": _tag,
    "sensitivity": _sensitivity,
}
