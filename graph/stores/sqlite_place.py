"""Where a SQLite store lies: recognising the file, making it, bringing it forward, connecting to it.

A file that is not ours is recognised from its first bytes, read as a plain file, so it is never touched. SQLite's
write-ahead log needs a local file system: readers and the writer share memory beside the file (no NFS, no SMB).
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from graph.check import shown
from graph.errors import NoStoreError, StoreError
from graph.schema import SCHEMA_VERSION
from graph.stores.sqlite_tables import APPLICATION_ID, STEPS

_MAGIC = b"SQLite format 3\x00"
_HEADER = struct.Struct(">16s44xI4xI")  # magic, user version at 60, application id at 68
_HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}  # primary codes, without their extensions
PATIENCE_SECONDS = 600.0  # how long a writer waits for another one


@dataclass(frozen=True, slots=True)
class Place:
    """A store's file, and how it may be opened: `rw`, `ro`, or `immutable` where not even locks can be written."""

    path: Path
    mode: str
    patience: float
    stamp: tuple[int, int] = (0, 0)  # size and time of an immutable file when it was opened

    @property
    def writable(self) -> bool:
        """Whether runs can be written."""
        return self.mode == "rw"

    def connect(self) -> sqlite3.Connection:
        """A new connection in autocommit mode; threads may share it where they take turns."""
        mode = "mode=ro&immutable=1" if self.mode == "immutable" else f"mode={self.mode}"
        with spoken(self.path):
            link = sqlite3.connect(
                f"{self.path.as_uri()}?{mode}",
                uri=True,
                timeout=self.patience,
                isolation_level=None,
                check_same_thread=False,
            )
            link.text_factory = read_text
            link.execute(
                "PRAGMA synchronous = FULL"
            )  # in WAL mode: one sync, at the commit of a run
            link.execute("PRAGMA temp_store = MEMORY")
            link.execute("PRAGMA cache_size = -65536")
            link.execute("PRAGMA journal_size_limit = 67108864")
        return link

    def check_unchanged(self) -> None:
        """Refuse what was read without locks if someone wrote meanwhile."""
        if self.mode == "immutable" and (
            _stamp(self.path) != self.stamp or _wal(self.path).exists()
        ):
            raise StoreError(
                f"store `{shown(self.path)}` was written to while it was read without locks"
            )


def read_text(raw: bytes) -> str:
    """Text of the store, with lone surrogates as they were bound."""
    return raw.decode("utf-8", "surrogatepass")


def bind_text(text: str) -> str | bytes:
    """The text as a parameter of `CAST(? AS TEXT)`: bytes where SQLite's binding would refuse the text."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


@contextmanager
def spoken(path: Path) -> Iterator[None]:
    """Errors of SQLite, told as errors of the store."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _HELD:
            raise StoreError(f"store `{shown(path)}` is held by another run") from error
        reason = str(error).rstrip(".")
        raise StoreError(f"store `{shown(path)}`: {reason[:1].lower()}{reason[1:]}") from error


def open_place(path: Path, *, create: bool, patience: float = PATIENCE_SECONDS) -> Place:
    """The store's place, made or brought forward where needed; `StoreError` where it is no store of ours."""
    try:
        path = path.absolute()
        if create and (not path.exists() or path.stat().st_size == 0):
            _make(path, patience)
        elif not path.exists():
            error = NoStoreError(f"no store at `{shown(path)}`")
            error.add_note("load a snapshot to make one, or check the path")
            raise error
        _check_header(path)
        place = Place(path, _mode(path), patience, _stamp(path))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise StoreError(f"store `{shown(path)}` cannot be opened: {reason.lower()}") from error
    try:
        _bring_forward(place)
    except StoreError as error:
        if place.mode == "ro" and _wal(path).exists():
            error.add_note(
                f"its log `{_wal(path).name}` is unfinished; open it once where it can be written"
            )
        raise
    return place


def _check_header(path: Path) -> None:
    if path.is_dir():
        raise StoreError(f"store `{shown(path)}` is a directory")
    if not path.is_file():
        raise StoreError(f"store `{shown(path)}` is no file")
    with path.open("rb") as file:
        head = file.read(_HEADER.size)
    if len(head) < _HEADER.size or not head.startswith(_MAGIC):
        raise StoreError(f"`{shown(path)}` is not a store: it is no SQLite file")
    _, version, application = _HEADER.unpack(head)
    if application != APPLICATION_ID:
        raise StoreError(
            f"`{shown(path)}` is not a store: it is the SQLite file of another program"
        )
    _check_format(path, version)


def _check_format(path: Path, version: int) -> None:
    if version > len(STEPS):
        raise StoreError(f"store `{shown(path)}` was written by a newer version")


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _may(path: Path, how: int) -> bool:
    return os.access(path, how, effective_ids=os.access in os.supports_effective_ids)


def _mode(path: Path) -> str:
    folder = _may(path.parent, os.W_OK)
    if folder and _may(path, os.W_OK):
        return "rw"
    if folder or _wal(path).exists():
        return "ro"
    return "immutable"


def _make(path: Path, patience: float) -> None:
    """An empty store. Killed in the middle, it leaves an empty file, which is made again."""
    if path.is_dir():
        raise StoreError(f"store `{shown(path)}` is a directory")
    if not path.parent.is_dir():
        raise StoreError(f"no directory `{shown(path.parent)}` for the store")
    if not _may(path.parent, os.W_OK):
        raise StoreError(f"directory `{shown(path.parent)}` is read-only")
    with (
        spoken(path),
        closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as link,
    ):
        # INVARIANT: the rollback journal holds until our mark is in the file itself, where `_check_header` looks.
        link.execute("BEGIN EXCLUSIVE")
        if not link.execute("PRAGMA schema_version").fetchone()[0]:
            link.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            step_forward(link)
        link.execute("COMMIT")
        link.execute("PRAGMA journal_mode = WAL")


def step_forward(link: sqlite3.Connection, *, steps: tuple[tuple[str, ...], ...] = STEPS) -> None:
    """Bring the tables, inside the open transaction, from the format they have to the newest."""
    version = link.execute("PRAGMA user_version").fetchone()[0]
    for step in steps[version:]:
        for statement in step:
            link.execute(statement)
    link.execute(f"PRAGMA user_version = {len(steps)}")


def _bring_forward(place: Place) -> None:
    with spoken(place.path), closing(place.connect()) as link:
        version = link.execute("PRAGMA user_version").fetchone()[0]
        _check_format(place.path, version)
        if version < len(STEPS):
            _migrate(place, link)
        newest = link.execute("SELECT max(schema_version) FROM runs").fetchone()[0]
        if newest is not None and newest > SCHEMA_VERSION:
            raise StoreError(f"store `{shown(place.path)}` was written by a newer version")


def _migrate(place: Place, link: sqlite3.Connection) -> None:
    if not place.writable:
        error = StoreError(f"store `{shown(place.path)}` has an older format and is read-only")
        error.add_note("open it once where it can be written")
        raise error
    link.execute("BEGIN IMMEDIATE")
    step_forward(link)
    link.execute("COMMIT")
    link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
