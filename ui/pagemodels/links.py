"""Addresses of pages: where a link leads, and reading of the parameters that an address carries.

Parameters are written by whoever made the link. Each is checked against what is known, and passed over where it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypeVar
from urllib.parse import quote, urlencode

from graph.model import Capability, NodeId
from graph.view import PASSED, View

Params: TypeAlias = Mapping[str, str]
C = TypeVar("C", bound=StrEnum)

LONGEST = 2048  # characters of one parameter; ids of platforms are shorter


@dataclass(frozen=True, slots=True)
class Link:
    """A page with its parameters; those of the shell (filters) are added where it is shown."""

    page: str  # url_path; empty for the overview
    params: tuple[tuple[str, str], ...] = ()
    label: str = ""

    def address(self, more: Iterable[tuple[str, str]] = ()) -> str:
        """The address relative to the app, e.g. `blast?id=..`."""
        query = urlencode([*self.params, *more], quote_via=quote)
        return self.page + (f"?{query}" if query else "")


def link(page: str, label: str = "", /, **params: str | int | None) -> Link:
    """A link to the page with these parameters; None and empty ones are left out. `from_` stands for `from`."""
    kept = {
        name.rstrip("_"): str(value) for name, value in params.items() if value not in {None, ""}
    }
    return Link(page, tuple(kept.items()), label)


def node_of(view: View | None, params: Params, name: str) -> NodeId | None:
    """The node that a parameter names by its full id; None where the graph holds none such."""
    text = params.get(name, "")
    at = view.find(text) if view is not None and 0 < len(text) <= LONGEST else None
    return None if view is None or at is None else view.nodes.ids[at]


def choice_of(params: Params, name: str, choices: type[C], default: C) -> C:
    """The member of a closed list that a parameter names, else the default."""
    return next((one for one in choices if one.value == params.get(name)), default)


def capability_of(
    params: Params, name: str, legal: Iterable[Capability] = Capability
) -> Capability | None:
    """The capability that a parameter names, if it is one that can be asked about."""
    allowed = {one.value: one for one in legal if one not in PASSED}
    return allowed.get(params.get(name, ""))


def number_of(params: Params, name: str, *, least: int, most: int, default: int) -> int:
    """The whole number that a parameter names, if it lies within the bounds."""
    text = params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return default
    return int(text) if least <= int(text) <= most else default
