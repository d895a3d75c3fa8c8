"""The local copy of a shared store: one closed SQLite file per version, made from what the runs recorded.

A file is never changed once it has its name, so that processes which read an older one are not disturbed. What is in it is
everything the estate says: folder and files are for their owner alone.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from graph.check import shown
from graph.errors import StoreError
from graph.stores import neo4j_journal
from graph.stores.neo4j_link import Link
from graph.stores.sqlite import SqliteStore

_STORE = "MATCH (s:Store {name: 'shadowgraph'}) RETURN s.uid, s.format, s.schema_version"
_RUNS = """
MATCH (r:Run) WHERE r.state = 'committed' RETURN r.id, r.version, r.mark, r.whole_parts > 0
ORDER BY r.version DESC"""
_NEWEST = "MATCH (r:Run) WHERE r.state = 'committed' RETURN r.version, r.mark ORDER BY r.version DESC LIMIT 1"
_PARTS = "MATCH (p:Part {run: $run, whole: $whole}) RETURN p.data ORDER BY p.number"
_NAME = re.compile(r"[0-9a-f]{32}")
_KEPT = 3  # files of older versions that stay for those who read them


@dataclass(frozen=True, slots=True)
class Landed:
    """A run as its record tells it, of version 0 while it is none; `whole`: whether a record leads to it from nothing."""

    run: int
    version: int
    mark: str
    whole: bool = False

    @property
    def name(self) -> str:
        """The file of this version."""
        _named(self.mark)
        return f"{self.version}-{self.mark}.db"


def cache_folder() -> Path:
    """Where local copies are kept: `SHADOWGRAPH_REPLICAS`, else the user's cache folder."""
    said = os.environ.get("SHADOWGRAPH_REPLICAS")
    if said:
        return Path(said)
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "shadowgraph" / "replicas"


class Replica:
    """The folder of local copies of one shared store."""

    def __init__(self, link: Link, uid: str, root: Path | None = None) -> None:
        self._link = link
        self.folder = (root or cache_folder()) / uid
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            told = StoreError(
                f"no folder `{self.folder}` for the local copy of the store: {error.strerror}"
            )
            told.add_note("set SHADOWGRAPH_REPLICAS to a folder that can be written")
            raise told from error

    def format(self) -> int:
        """The format of the newest record on the server."""
        found = identity(self._link)
        return 0 if found is None else found[1]

    def newest(self) -> tuple[int, str]:
        """Version and mark of the newest committed run; (0, "") where there is none."""
        found = self._link.read(_NEWEST)
        return (found[0][0], found[0][1]) if found else (0, "")

    def file(self) -> Path:
        """The file of the newest committed version, made where it is not there yet."""
        landed = self._landed()
        if not landed:
            return self.empty()
        wanted = self.folder / landed[0].name
        if not wanted.exists():
            with self.working() as work:
                self._bring(work, landed)
                work.replace(wanted)
            self._tidy(wanted)
        return wanted

    def make(self, work: Path, unfinished: Landed) -> None:
        """Make the file that a run leads to of which the record is whole, and which is no version yet."""
        self._bring(work, [unfinished, *self._landed()])

    def _landed(self) -> list[Landed]:
        return [Landed(*row) for row in self._link.read(_RUNS)]

    def empty(self) -> Path:
        """The file of a store without runs."""
        file = self.folder / "0-.db"
        if not file.exists():
            with self.working() as work:
                SqliteStore(work, create=True).close()
                work.replace(file)
        return file

    def _bring(self, work: Path, landed: Sequence[Landed]) -> None:
        """Make the newest version, in the newest format: from the nearest file that is here, else from a whole record."""
        self._forward_from_the_nearest(work, landed)
        SqliteStore(work).close()  # an older format is brought forward

    def _forward_from_the_nearest(self, work: Path, landed: Sequence[Landed]) -> None:
        none = len(landed)
        whole = next((at for at, one in enumerate(landed) if one.whole), none)
        held = (
            at for at, one in enumerate(landed[: whole + 1]) if (self.folder / one.name).exists()
        )
        near = next(held, none)
        if near < none:
            try:
                neo4j_journal.copied(self.folder / landed[near].name, work)
                self._forward(landed[:near], work)
            except neo4j_journal.FormatError:
                pass  # an earlier version of the program wrote the records, or the file
            else:
                return
        if whole == none:
            raise StoreError("the shared store lacks the record of a whole version")
        self.fetch(landed[whole].run, work)
        self._forward(landed[:whole], work)

    def _forward(self, newer: Sequence[Landed], work: Path) -> None:
        for one in reversed(newer):
            self.apply(one.run, work)

    def fetch(self, run: int, into: Path) -> None:
        """Write the store file that the server keeps as the record of a whole version."""
        pieces = (row[0] for row in self._link.read(_PARTS, run=run, whole=True))
        neo4j_journal.join(pieces, into)
        into.chmod(0o600)
        neo4j_journal.verify(into)

    def apply(self, run: int, onto: Path) -> None:
        """Bring a file forward by the record of one run."""
        journal = onto.with_suffix(".journal")
        try:
            pieces = (row[0] for row in self._link.read(_PARTS, run=run, whole=False))
            neo4j_journal.join(pieces, journal)
            neo4j_journal.apply(journal, onto)
        finally:
            journal.unlink(missing_ok=True)

    def keep(self, work: Path, one: Landed) -> Path:
        """Give a finished file the name of its version."""
        wanted = self.folder / one.name
        work.replace(wanted)
        self._tidy(wanted)
        return wanted

    @contextmanager
    def working(self) -> Iterator[Path]:
        """The path of a file to make something in, gone at the end with all that SQLite put beside it."""
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="work-") as folder:
            yield Path(folder) / "store.db"

    def _tidy(self, newest: Path) -> None:
        """Remove files of versions that nobody starts from any more."""

        def version(file: Path) -> int:
            return int(file.name.partition("-")[0])

        others = sorted(
            (file for file in self.folder.glob("*-*.db") if file != newest), key=version
        )
        for file in others[:-_KEPT]:
            for one in (
                file,
                file.with_name(f"{file.name}-wal"),
                file.with_name(f"{file.name}-shm"),
            ):
                with suppress(OSError):
                    one.unlink()


def identity(link: Link) -> tuple[str, int, int] | None:
    """The id, record format and schema version of the store at the other end; None where there is none."""
    found = link.read(_STORE)
    if not found:
        return None
    uid, form, version = found[0]
    _named(str(uid))
    return uid, form, version


def _named(text: str) -> None:
    """Refuse what is to name a file or folder and is no name of ours: what a server says is not trusted with paths."""
    if not _NAME.fullmatch(text):
        raise StoreError(
            f"the shared store names itself `{shown(text)[:40]}`, which is no name of a store"
        )
