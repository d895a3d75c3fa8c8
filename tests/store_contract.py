"""The stores that the contract suite runs against, and the gaps that each declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from graph.store import Store
from graph.stores.sqlite import GAPS, SqliteStore


@dataclass(frozen=True, slots=True)
class Candidate:
    """A store under test: how one is made in a folder, and which tests it is known to fail, with the reason."""

    name: str
    make: Callable[[Path], Store]
    gaps: Mapping[str, str]


CANDIDATES = (
    Candidate("sqlite", lambda folder: SqliteStore(folder / "store.db", create=True), GAPS),
)
