"""The sample estate and its answer key, loaded and resolved."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from resolved import Resolved

from access.resolve import resolve
from graph.stores import open_store
from ingest.load import load_snapshot

SAMPLE = Path(__file__).parents[1] / "sample"
ANSWERS = json.loads((SAMPLE / "answers.json").read_text("utf-8"))
NOW = datetime.fromisoformat("2026-11-02T06:00:00+00:00")
Row: TypeAlias = dict[str, Any]
STORIES: dict[str, Row] = {row["id"]: row for row in ANSWERS["stories"]}
DECOYS: dict[str, Row] = {row["id"]: row for row in ANSWERS["decoys"]}


def loaded(snapshot: Path, folder: Path) -> Resolved:
    """The snapshot, loaded into a store in the folder, and resolved."""
    store = open_store(str(folder / "estate.db"), create=True)
    load_snapshot(snapshot, store, resolve=resolve, now=NOW)
    facts = store.facts()
    store.close()
    return Resolved(facts, instant=NOW)
