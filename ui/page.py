"""A page, declared: its name, address, icon and place in the navigation, and the function that draws it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.shell import Shell


@dataclass(frozen=True, slots=True)
class PageDeclaration:
    """A module of `ui.pages` declares one as `PAGE`. `hidden` pages are reached by links only."""

    title: str
    url_path: str  # empty for the page at the root
    icon: str  # a Material symbol, e.g. `:material/home:`
    place: int
    draw: Callable[[Shell], None]
    hidden: bool = False


def pages() -> tuple[PageDeclaration, ...]:
    """All pages, in the order of the navigation."""
    package = importlib.import_module("ui.pages")
    found = (
        importlib.import_module(f"ui.pages.{entry.name}")
        for entry in pkgutil.iter_modules(package.__path__)
    )
    declared = (module.PAGE for module in found if hasattr(module, "PAGE"))
    return tuple(sorted(declared, key=lambda page: (page.hidden, page.place)))
