"""Which node a person means: by full id, by name, or by the end of an id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from graph.errors import EstateError, QueryError, with_advice
from graph.model import NodeId
from graph.view import Flag, View

SHOWN = 8


def find(view: View, text: str) -> NodeId:
    """The node that the text names; `QueryError` with what was probably meant where it names none or several.

    A full id always wins, whatever kind it has. Names and ends of ids are looked for among identities, assets and
    scopes: first the exact name, then an id that ends in the text after `/` or `:`, then the name in any case.
    """
    if text in view.remember("ids", lambda: frozenset(view.nodes.ids)):
        return NodeId(text)
    for found in _tries(view, text):
        present = [at for at in found if view.nodes.flags[at] & Flag.PRESENT]
        chosen = present or found
        if len(chosen) == 1:
            return view.nodes.ids[chosen[0]]
        if chosen:
            raise _ambiguous(view, text, chosen)
    raise _unknown(view, text)


def _tries(view: View, text: str) -> Iterator[list[int]]:
    names, ids, known = view.nodes.names, view.nodes.ids, _known(view)
    yield [at for at in known if names[at] == text]
    ends = (f"/{text}", f":{text}")
    yield [at for at in known if ids[at].endswith(ends) or ids[at].rstrip("/").endswith(ends)]
    folded = text.casefold()
    yield [at for at in known if names[at].casefold() == folded]


def _known(view: View) -> tuple[int, ...]:
    """The positions of what people name: identities, assets and scopes."""
    return view.remember(
        "named", lambda: tuple(view.where(Flag.COUNTED | Flag.ACTOR | Flag.ASSET).tolist())
    )


def _shown(view: View, positions: Iterable[int]) -> str:
    listed = [(view.nodes.ids[at], view.kind_of(at)) for at in positions]
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(f"`{id_}` ({kind})" for id_, kind in listed[:SHOWN]) + more


def _ambiguous(view: View, text: str, positions: list[int]) -> EstateError:
    return with_advice(
        QueryError(f"`{text}` names {len(positions)} nodes"),
        f"give one id: {_shown(view, sorted(positions))}",
    )


def _unknown(view: View, text: str) -> EstateError:
    error = QueryError(f"no node `{text}`")
    by_name: dict[str, list[int]] = {}
    for at in _known(view):
        by_name.setdefault(view.nodes.names[at].casefold(), []).append(at)
        by_name.setdefault(view.nodes.ids[at].casefold(), []).append(at)
    near = get_close_matches(text.casefold(), sorted(by_name), n=3, cutoff=0.7)
    meant = dict.fromkeys(at for name in near for at in by_name[name])
    return with_advice(error, f"did you mean {_shown(view, meant)}?") if meant else error
