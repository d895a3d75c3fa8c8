"""The stores that the contract suite runs against, and the gaps that each declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from neo4j_servers import check_live, empty_store, same_store

from graph.store import Store
from graph.stores import neo4j
from graph.stores.sqlite import GAPS, SqliteStore


@dataclass(frozen=True, slots=True)
class Candidate:
    """A store under test: how one is made in a folder and opened again, and which tests it is known to fail, with the reason."""

    name: str
    make: Callable[[Path], Store]
    again: Callable[[Path], Store]
    gaps: Mapping[str, str]
    check: Callable[[Store], None] = lambda _: None  # what more must hold after each run


CANDIDATES = (
    Candidate(
        "sqlite",
        lambda folder: SqliteStore(folder / "store.db", create=True),
        lambda folder: SqliteStore(folder / "store.db"),
        GAPS,
    ),
    Candidate("neo4j", empty_store, same_store, neo4j.GAPS, check_live),
)
