"""The published example account as facts: 44 users, 78 roles and their policies, no resources of other services."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from graph.model import Conclusions, Facts
from graph.stores import open_store
from ingest.load import load_file

EXAMPLE = Path(__file__).parents[1] / "tests" / "data" / "aws" / "example-account.json"


def _nothing(facts: Facts, *, instant: datetime) -> Conclusions:  # noqa: ARG001  # what a load calls
    return Conclusions((), ())


def example_facts(now: datetime) -> Facts:
    """The facts that a load of the file leaves in a store; concluding from them is left to who measures it."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'example.db'}", create=True)
        try:
            load_file(EXAMPLE, store, resolve=_nothing, now=now)
            return store.facts()
        finally:
            store.close()
