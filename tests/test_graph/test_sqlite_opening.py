"""Opening a SQLite store: what is ours, what is not, and that nothing is touched that is not."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from store_rows import USERS, ids, node, ok, run_once

from graph.errors import StoreError
from graph.stores import open_store, sqlite_path
from graph.stores.sqlite import SqliteStore
from graph.stores.sqlite_place import step_forward
from graph.stores.sqlite_tables import APPLICATION_ID, STEPS

NOBODY = 65534


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """The file of a closed store with one user."""
    path = tmp_path / "store.db"
    with SqliteStore(path, create=True) as store:
        run_once(store, [node("User", "u")], ok(USERS))
    return path


@contextmanager
def unprivileged() -> Iterator[None]:
    """Act as someone to whom permissions apply."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shelf(filled: Path) -> Iterator[Path]:
    """A store in a folder where nobody may write."""
    folder = Path("/tmp") / f"shelf-{os.getpid()}"  # noqa: S108  # pytest's own folder is closed to others
    folder.mkdir()
    path = Path(shutil.copy(filled, folder / "store.db"))
    path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    folder.chmod(0o555)
    yield path
    folder.chmod(0o755)
    shutil.rmtree(folder)


def pragma(path: Path, *statements: str) -> None:
    """Run statements on a file, outside the store."""
    with closing(sqlite3.connect(path)) as link:
        for statement in statements:
            link.execute(statement)
        link.commit()


# URLs.


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///here.db", "here.db"),
        ("sqlite:////var/lib/there.db", "/var/lib/there.db"),
        ("sqlite:///no-suffix", "no-suffix"),
        ("here.db", "here.db"),
        ("/var/lib/there.db", "/var/lib/there.db"),
    ],
)
def test_a_url_names_a_file(url: str, path: str) -> None:
    assert sqlite_path(url) == Path(path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "here",
        "sqlite://",
        "sqlite:///",
        "sqlite://host/x.db",
        "bolt://",
        "neo4j://ana:secret@host",
        "neo4j://host/a/b",
        "mysql:///x.db",
    ],
)
def test_a_url_of_no_store_is_refused(url: str) -> None:
    with pytest.raises(StoreError):
        open_store(url)


def test_odd_characters_in_a_path_are_characters(tmp_path: Path) -> None:
    path = tmp_path / "a b%20?mode=memory#x;'é.db"
    with SqliteStore(path, create=True) as store:
        run_once(store, [node("User", "u")], ok(USERS))
    assert path.is_file()
    with SqliteStore(path) as store:
        assert ids(store) == ["u"]


# Making and finding.


def test_a_made_store_is_found_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    store = open_store(url, create=True)
    run_once(store, [node("User", "u")], ok(USERS))
    store.close()
    again = open_store(url)
    assert ids(again) == ["u"]
    again.close()


def test_create_opens_a_store_that_is_there(filled: Path) -> None:
    with SqliteStore(filled, create=True) as store:
        assert ids(store) == ["u"]


def test_a_made_store_carries_our_mark_in_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path, create=True)
    head = path.read_bytes()[:100]
    store.close()
    assert (head[60:64], head[68:72]) == (
        len(STEPS).to_bytes(4, "big"),
        APPLICATION_ID.to_bytes(4, "big"),
    )


def test_an_empty_file_is_made_into_a_store_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch()
    with SqliteStore(path, create=True) as store:
        assert store.version() == 0


def test_a_store_is_in_wal_mode(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as link:
        assert link.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# What is no store of ours.


def foreign(path: Path) -> None:
    pragma(path, "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)")


def marked_by_another(path: Path) -> None:
    pragma(path, "PRAGMA application_id = 1", "CREATE TABLE runs (x)")


def newer(path: Path) -> None:
    SqliteStore(path, create=True).close()
    pragma(path, f"PRAGMA user_version = {len(STEPS) + 1}")


def newer_schema(path: Path) -> None:
    with SqliteStore(path, create=True) as store:
        run_once(store)
    pragma(path, "UPDATE runs SET schema_version = 10000")


EMPTY = "is no SQLite file"  # refused, but for `create`, which makes a store of it
STRANGE = {
    "is not a store: it is the SQLite file of another program": foreign,
    "it is the SQLite file of another program": marked_by_another,
    "was written by a newer version": newer,
    "written by a newer version": newer_schema,
    "is not a store: it is no SQLite file": lambda path: path.write_text("id,name\n" * 100),
    "it is no SQLite file": lambda path: path.write_bytes(b"SQLite format 3\x00"),
    EMPTY: lambda path: path.touch(),
}


@pytest.mark.parametrize(
    ("message", "create"),
    [
        (message, create)
        for message in STRANGE
        for create in (False, True)
        if message != EMPTY or not create
    ],
)
def test_a_strange_file_is_refused_in_one_line_and_left_as_it_was(
    tmp_path: Path, message: str, create: bool
) -> None:
    path = tmp_path / "store.db"
    STRANGE[message](path)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=message) as caught:
        SqliteStore(path, create=create)
    assert "\n" not in str(caught.value)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])


def test_a_missing_store_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store at"):
        SqliteStore(tmp_path / "store.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("create", [False, True])
def test_a_directory_is_refused(tmp_path: Path, create: bool) -> None:
    with pytest.raises(StoreError, match="is a directory"):
        SqliteStore(tmp_path, create=create)


def test_a_missing_directory_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no directory"):
        SqliteStore(tmp_path / "deep" / "store.db", create=True)
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(StoreError, match="no store at") as caught:
        SqliteStore(Path("nul\x00and\nline.db"))
    assert str(caught.value).isprintable()


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "store.db")
    with pytest.raises(StoreError, match="is no file"):
        SqliteStore(tmp_path / "store.db")


def test_a_damaged_store_is_told_as_a_store_error(filled: Path) -> None:
    raw = bytearray(filled.read_bytes())
    raw[4096:] = b"\xff" * (len(raw) - 4096)
    filled.write_bytes(raw)
    with pytest.raises(StoreError) as caught, SqliteStore(filled) as store:
        ids(store)
    assert "\n" not in str(caught.value)


# Read-only places.


def test_a_store_on_a_read_only_shelf_is_read(shelf: Path) -> None:
    with unprivileged(), SqliteStore(shelf) as store:
        found = (ids(store), store.version(), len(store.facts().nodes))
    assert found == (["u"], 1, 1)


def test_reading_leaves_a_read_only_shelf_as_it_was(shelf: Path) -> None:
    before = shelf.read_bytes()
    with unprivileged(), SqliteStore(shelf) as store:
        ids(store)
    assert (shelf.read_bytes(), list(shelf.parent.iterdir())) == (before, [shelf])


def test_writing_to_a_read_only_store_is_refused(shelf: Path) -> None:
    with unprivileged(), SqliteStore(shelf) as store, pytest.raises(StoreError, match="read-only"):
        run_once(store)


def test_results_cannot_be_kept_in_a_read_only_store(shelf: Path) -> None:
    with unprivileged(), SqliteStore(shelf) as store, pytest.raises(StoreError, match="read-only"):
        store.put_results("reach", "{}")


def test_a_store_is_not_made_in_a_read_only_directory(shelf: Path) -> None:
    with unprivileged(), pytest.raises(StoreError, match="is read-only"):
        SqliteStore(shelf.with_name("other.db"), create=True)


def test_a_store_on_a_read_only_shelf_whose_log_is_unfinished_is_refused_with_advice(
    filled: Path, shelf: Path
) -> None:
    with SqliteStore(filled) as store:
        run_once(store, [node("User", "v")], ok(USERS), day=1)
        shelf.parent.chmod(0o755)
        for name in ("store.db", "store.db-wal"):
            (shelf.parent / name).unlink(missing_ok=True)
            shutil.copy(filled.with_name(name), shelf.parent / name)
        shelf.parent.chmod(0o555)
    with unprivileged(), pytest.raises(StoreError) as caught:
        SqliteStore(shelf)
    assert "unfinished" in caught.value.__notes__[0]


def test_a_read_only_file_in_a_writable_directory_is_read(filled: Path) -> None:
    filled.chmod(0o444)
    filled.parent.chmod(0o777)
    with SqliteStore(filled) as store:
        assert ids(store) == ["u"]


def test_what_was_read_without_locks_is_refused_if_someone_wrote(shelf: Path) -> None:
    with unprivileged():
        store = SqliteStore(shelf)
    rows = store.nodes()
    next(rows)
    os.utime(shelf, ns=(1, 1))
    with pytest.raises(StoreError, match="written to while"):
        list(rows)
    store.close()


def test_an_unreadable_store_is_refused(shelf: Path) -> None:
    shelf.chmod(0)
    with unprivileged(), pytest.raises(StoreError, match="permission denied"):
        SqliteStore(shelf)


# Formats.


def bare(path: Path) -> None:
    """A store of format 0: our mark and nothing else."""
    pragma(path, f"PRAGMA application_id = {APPLICATION_ID}", "PRAGMA journal_mode = WAL")


def test_a_store_of_an_older_format_is_brought_forward(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    bare(path)
    with SqliteStore(path) as store:
        run_once(store, [node("User", "u")], ok(USERS))
        assert ids(store) == ["u"]


def test_steps_start_at_the_format_of_the_file(tmp_path: Path) -> None:
    steps = (("CREATE TABLE a (x)",), ("CREATE TABLE b (x)", "INSERT INTO b SELECT x FROM a"))
    with closing(sqlite3.connect(tmp_path / "x.db")) as link:
        step_forward(link, steps=steps[:1])
        link.execute("INSERT INTO a VALUES (7)")
        step_forward(link, steps=steps)
        step_forward(link, steps=steps)
        assert link.execute("SELECT x FROM b").fetchall() == [(7,)]


def test_an_older_store_in_a_read_only_place_is_refused_with_advice(
    shelf: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old.db"
    bare(old)
    shelf.parent.chmod(0o755)
    shelf.unlink()
    shutil.copy(old, shelf)
    shelf.parent.chmod(0o555)
    with unprivileged(), pytest.raises(StoreError, match="older format") as caught:
        SqliteStore(shelf)
    assert caught.value.__notes__ == ["open it once where it can be written"]


def test_a_failing_step_leaves_the_older_store_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    bare(path)
    pragma(path, "CREATE TABLE edges (x)")  # in the way of the first step
    with pytest.raises(StoreError):
        SqliteStore(path)
    with closing(sqlite3.connect(path)) as link:
        tables = [name for (name,) in link.execute("SELECT name FROM sqlite_schema")]
        assert (tables, link.execute("PRAGMA user_version").fetchone()) == (["edges"], (0,))
