"""A store copied into another: the live graph, documents, coverage, findings, decisions, results and the change log."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from graph.errors import StoreError, with_advice
from graph.store import Told
from graph.stores import open_store, shared, sqlite_path
from graph.stores.neo4j import Neo4jStore
from graph.stores.sqlite import SqliteStore


@dataclass(frozen=True, slots=True)
class Copied:
    """What stands in the target now."""

    version: int
    nodes: int
    edges: int
    findings: int
    decisions: int


def copy_store(source: str, target: str, *, told: Told | None = None) -> Copied:
    """Copy the store at one URL to the other, which is empty or not there; nothing is ever replaced.

    Errors:
        StoreError: there is no store at the source, or the target holds something.
    """
    with tempfile.TemporaryDirectory(prefix="shadowgraph-") as folder:
        file = Path(folder) / "estate.db"
        opened = open_store(source)
        try:
            if not isinstance(opened, SqliteStore | Neo4jStore):  # pragma: no cover - there are two
                raise StoreError(f"store `{source}` cannot be copied")
            opened.export(file)
        finally:
            opened.close()
        if shared(target):
            _into_server(file, target, told)
        else:
            _into_file(file, target)
    return _told(target)


def _into_server(file: Path, target: str, told: Told | None) -> None:
    opened = open_store(target, create=True)
    try:
        if isinstance(opened, Neo4jStore):
            opened.adopt(file, told=told)
    finally:
        opened.close()


def _into_file(file: Path, target: str) -> None:
    path = sqlite_path(target)
    if path.exists() and not _is_empty(path):
        raise with_advice(StoreError(f"store `{path}` is not empty"), "name a new file")
    beside = path.with_name(f".{path.name}.copying")
    shutil.copyfile(file, beside)
    beside.replace(path)


def _is_empty(path: Path) -> bool:
    with SqliteStore(path) as held:
        return not held.version() and not held.decisions()


def _told(url: str) -> Copied:
    opened = open_store(url)
    try:
        return Copied(
            opened.version(),
            sum(1 for _ in opened.nodes()),
            sum(1 for _ in opened.edges()),
            sum(1 for _ in opened.findings()),
            len(opened.decisions()),
        )
    finally:
        opened.close()
