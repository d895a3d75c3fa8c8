"""Systems of record as files: what tests of them share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from access.resolve import resolve
from graph.errors import SourceError
from graph.model import Edge
from graph.stores.sqlite import SqliteStore
from ingest.load import LoadReport, load

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
ENDPOINT = "arn:aws:sagemaker:eu-west-1:111111111111:endpoint/churn"
BUCKET = "arn:aws:s3:::b-models"
INVENTORY_CSV = (
    "id,name,kind,account,owner,status,approved_by,expires,reason,colour\n"
    f"{ENDPOINT},,,,ml@example.com,approved,cto@example.com,2027-01-01,scoring,red\n"
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def store_in(folder: Path) -> SqliteStore:
    """A new store in this folder."""
    return SqliteStore(folder / "store.db", create=True)


def loaded_file(store: SqliteStore, path: Path, text: str) -> LoadReport:
    """What loading a file of this text says."""
    path.write_text(text, encoding="utf-8")
    return load(path, store, resolve=resolve, now=NOW)


def managed(store: SqliteStore) -> list[Edge]:
    """The edges from what records list."""
    return list(store.edges(kinds=frozenset({"MANAGED_BY"})))


def refusal(read: Callable[[], object], otherwise: str) -> str:
    """What the reader says where it refuses; the other text where it reads."""
    try:
        read()
    except SourceError as error:
        return str(error)
    return otherwise
