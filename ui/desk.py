"""What a command works with: settings, clock, store, and the two output streams."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ui.exits import Exit
from ui.render.text import safe
from ui.settings import Settings

if TYPE_CHECKING:
    from graph.store import Store
    from graph.view import View

PROGRAM = "shadowgraph"


@dataclass(frozen=True, slots=True)
class Desk:
    """One call of the program: read settings and nothing global."""

    settings: Settings
    quiet: bool = False

    @staticmethod
    def of(context: typer.Context) -> Desk:
        """The desk that the program's start put into the context."""
        desk = context.obj
        assert isinstance(desk, Desk)  # noqa: S101 - the callback of the program puts it there
        return desk

    def now(self) -> datetime:
        """The instant that a run counts as its start."""
        return self.settings.now or datetime.now(UTC)

    def url(self, named: str | None) -> str:
        """The store to use: the one named on the command line, else the one of the settings."""
        return named or self.settings.store.url

    @contextmanager
    def store(self, named: str | None, *, create: bool = False) -> Iterator[Store]:
        """The open store, closed at the end."""
        from graph.stores import open_store  # noqa: PLC0415  # only commands that read pay for stores

        opened = open_store(self.url(named), create=create)
        try:
            yield opened
        finally:
            opened.close()

    def view(self, store: Store, named: str | None) -> View:
        """The projection of the store's newest version, from the cache where one stands."""
        from graph.projection import view_of  # noqa: PLC0415  # numpy is paid for by questions only

        return view_of(store, cache=self.settings.store.cache or cache_beside(self.url(named)))

    def say(self, text: str) -> None:
        """Write an answer to the standard output stream; the text is safe already."""
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read the answer has seen enough; nothing may write to the closed pipe at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(Exit.CUT_OFF) from None

    def remark(self, text: str) -> None:
        """Write a line about the answer to the standard error stream, unless the user asked for quiet."""
        if not self.quiet:
            sys.stderr.write(f"{safe(text)}\n")

    @property
    def shows_progress(self) -> bool:
        """Whether somebody watches the standard error stream."""
        return not self.quiet and sys.stderr.isatty()


COMPILED_PAYS = 100_000  # states; below, loading the compiled kernel costs more than it saves


def kernel_for(view: View) -> bool | None:
    """Which kernel a sweep over this view is to use: the plain one where it is small, else the best there is."""
    return None if view.size >= COMPILED_PAYS else False


def cache_beside(url: str) -> Path | None:
    """The cache folder of a store: beside its file, or where local copies of shared stores are kept."""
    from graph.stores import shared  # noqa: PLC0415  # only commands that read pay for stores

    if shared(url):
        from graph.stores.neo4j_replica import cache_folder  # noqa: PLC0415  # as above

        return cache_folder() / "views"
    scheme, separator, place = url.partition("://")
    if not separator:
        return Path(f"{url}.cache")
    if scheme == "sqlite" and place.startswith("/") and len(place) > 1:
        return Path(f"{place[1:]}.cache")
    return None


def tool_version() -> str:
    """The version of this program."""
    return version(PROGRAM)
