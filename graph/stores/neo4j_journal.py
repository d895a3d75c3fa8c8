"""What one run changed in a store's tables, as a file: what a shared store hands to its clients.

The file is itself one of SQLite: `put_T` holds the rows of table T that are new or differ, `gone_T` the keys of those that
went. It brings any copy of the earlier version to the later one, in the speed of SQLite and with every value as it was. The
record of a whole version is the store file as it is, which costs its reader nothing but the unpacking.
"""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from string import Template

from graph.errors import StoreError
from graph.stores.sqlite_place import spoken
from graph.stores.sqlite_tables import STEPS

PART_BYTES = 1 << 20
_LEVEL = 1  # the least compression: a load waits for it


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    key: tuple[str, ...]
    grows: str = (
        ""  # the column that tells new rows of a table of which no row ever changes or goes
    )

    def fill(self, template: str, **more: str) -> str:
        """The statement for this table; only names of tables and columns are filled in, never values."""
        return Template(template).substitute(
            name=self.name,
            grows=self.grows,
            first=self.key[0],
            keys=", ".join(self.key),
            w_keys=", ".join(f"w.{column}" for column in self.key),
            same=" AND ".join(f"w.{column} = n.{column}" for column in self.key),
            **more,
        )


_PUT_GROWN = """
CREATE TABLE put_$name AS SELECT * FROM now.$name
WHERE $grows > (SELECT coalesce(max($grows), 0) FROM was.$name)"""
_PUT = """
CREATE TABLE put_$name AS SELECT n.* FROM now.$name n LEFT JOIN was.$name w ON $same WHERE w.$first IS NULL$differs"""
_GONE = """
CREATE TABLE gone_$name AS SELECT $w_keys FROM was.$name w LEFT JOIN now.$name n ON $same WHERE n.$first IS NULL"""
_DELETE = Template("DELETE FROM main.$name WHERE ($keys) IN (SELECT $keys FROM journal.gone_$name)")
_INSERT = Template("INSERT OR REPLACE INTO main.$name SELECT * FROM journal.put_$name")

_EDGE = ("src", "dst", "kind", "disc")
_TABLES = (
    _Table("runs", ("id",), "id"),
    _Table("names", ("id",), "id"),
    _Table("keys", ("id",)),
    _Table("coverage", ("run", "key"), "run"),
    _Table("documents", ("hash",)),
    _Table("nodes", ("id",)),
    _Table("node_claims", ("id", "key")),
    _Table("node_changes", ("run", "id"), "run"),
    _Table("edges", _EDGE),
    _Table("edge_claims", (*_EDGE, "key")),
    _Table("edge_changes", ("run", *_EDGE), "run"),
    _Table("attachments", ("id",)),
    _Table("attachment_claims", ("id", "key")),
    _Table("attachment_changes", ("run", "id"), "run"),
    _Table("observations", ("id", "name", "key")),
)


class FormatError(StoreError):
    """A record has another format than the file that it is to bring forward."""


def write(was: Path, now: Path, into: Path) -> None:
    """Write to `into` what leads from the store file `was` to the store file `now`; both have the newest format."""
    with closing(sqlite3.connect(into, isolation_level=None)) as link:
        link.execute("PRAGMA journal_mode = OFF")
        link.execute("PRAGMA synchronous = OFF")
        link.execute("ATTACH ? AS now", (str(now),))
        link.execute("ATTACH ? AS was", (str(was),))
        link.execute(f"PRAGMA user_version = {len(STEPS)}")
        for table in _TABLES:
            _write(link, table)


def _write(link: sqlite3.Connection, table: _Table) -> None:
    if table.grows:
        link.execute(table.fill(_PUT_GROWN))
        return
    columns = [row[1] for row in link.execute(table.fill("PRAGMA now.table_info($name)"))]
    rest = [column for column in columns if column not in table.key]
    link.execute(table.fill(_PUT, differs="".join(f" OR w.{one} IS NOT n.{one}" for one in rest)))
    link.execute(table.fill(_GONE))


def apply(journal: Path, onto: Path) -> None:
    """Bring the store file `onto` to the version that the journal leads to; both may be of an older format.

    Errors:
        FormatError: their formats differ.
    """
    with spoken(onto), closing(sqlite3.connect(onto, isolation_level=None)) as link:
        link.execute("PRAGMA trusted_schema = OFF")  # the file comes from a server
        link.execute("PRAGMA synchronous = OFF")  # a copy that breaks here is made again
        link.execute("ATTACH ? AS journal", (str(journal),))
        one, other = (link.execute(f"PRAGMA {name}.user_version").fetchone() for name in ("main", "journal"))  # fmt: skip
        if one != other:
            raise FormatError("a record of the shared store has another format than its copy here")
        link.execute("BEGIN IMMEDIATE")
        for table, key in _recorded(link):
            if key:
                link.execute(_DELETE.substitute(name=table, keys=key))
            link.execute(_INSERT.substitute(name=table))
        link.execute("COMMIT")
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _recorded(link: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """The tables that the journal has rows of, with the key by which rows went where any may have gone."""
    told = {name for (name,) in link.execute("SELECT name FROM journal.sqlite_master").fetchall()}
    tables = link.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        if f"put_{table}" in told:
            held, gone = (
                [row[1] for row in link.execute(f"PRAGMA {name}.table_info({schema}{table})")]
                for name, schema in (("main", ""), ("journal", "gone_"))
            )
            if not set(gone) <= set(held):  # names go into statements: none that is not ours
                raise StoreError("a record of the shared store is none of ours")
            yield table, ", ".join(gone)


def verify(file: Path) -> None:
    """Refuse a file that is not built as a store file of its format is: views and triggers of somebody else, for one.

    Errors:
        StoreError: it is no SQLite file, or built otherwise.
    """
    with spoken(file), closing(sqlite3.connect(file)) as link:
        (version,) = link.execute("PRAGMA user_version").fetchone()
        found = _built(link)
    if version > len(STEPS):
        raise StoreError("the shared store was written by a newer version")
    with closing(sqlite3.connect(":memory:")) as wanted:
        for statement in chain.from_iterable(STEPS[:version]):
            wanted.execute(statement)
        if found != _built(wanted):
            raise StoreError("a record of the shared store is no store file of ours")


def _built(link: sqlite3.Connection) -> frozenset[tuple[str, ...]]:
    """How tables, indexes and whatever else there is are defined."""
    return frozenset(link.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


def parts(journal: Path) -> Iterator[bytes]:
    """The file, compressed, in parts of about a MiB."""
    packer = zlib.compressobj(_LEVEL)
    held = bytearray()
    with journal.open("rb") as file:
        while chunk := file.read(PART_BYTES):
            held += packer.compress(chunk)
            while len(held) >= PART_BYTES:
                yield bytes(held[:PART_BYTES])
                del held[:PART_BYTES]
    held += packer.flush()
    yield bytes(held)


def join(pieces: Iterable[bytes], into: Path) -> None:
    """Write the file that `parts` took apart."""
    packer = zlib.decompressobj()
    try:
        with into.open("wb") as file:
            for piece in pieces:
                file.write(packer.decompress(piece))
            file.write(packer.flush())
    except zlib.error as error:
        raise StoreError("a record of the shared store is damaged") from error
    if not packer.eof:
        raise StoreError("a record of the shared store is cut short")


def copied(file: Path, to: Path) -> None:
    """A copy of a closed store file, which nobody else can read."""
    shutil.copyfile(file, to)
    to.chmod(0o600)
