from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from graph_strategies import make

from graph.model import Batch, Conclusions, Coverage, CoverageKey, Edge, Node, NodeId, Outcome
from graph.projection import View, project, view_of
from graph.projection_cache import load, save, stamp_of
from graph.store import Store
from graph.stores import open_store

KEY = CoverageKey("aws", "1", "global", "iam.get_account_authorization_details")
START = datetime(2026, 1, 2, tzinfo=UTC)


def commit(store: Store, *names: str) -> None:
    """A run that finds these users in one group."""
    mine = frozenset({KEY})
    group = Node(NodeId("team"), "Group", {"name": "team"}, asserted_by=mine)
    users = [Node(NodeId(name), "User", {"name": name}, asserted_by=mine) for name in names]
    members = [Edge("MEMBER_OF", user.id, group.id, asserted_by=mine) for user in users]
    with store.begin(started=START, tool_version="test") as run:
        run.put(Batch(nodes=(group, *users), edges=tuple(members)))
        run.cover((Coverage(KEY, Outcome.OK, len(users)),))
        run.close_unseen()
        run.conclude(Conclusions())
        run.commit()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(tmp_path / "graph.db"), create=True)
    commit(opened, "alice")
    yield opened
    opened.close()


def same(one: View, other: View) -> bool:
    parts = [(one, other), (one.nodes, other.nodes), (one.edges, other.edges)]
    parts += [(one.arcs, other.arcs), (one.reasons, other.reasons)]
    for left, right in parts:
        for field in fields(left):
            a, b = getattr(left, field.name), getattr(right, field.name)
            if isinstance(a, np.ndarray):
                if a.dtype != b.dtype or not np.array_equal(a, b):
                    return False
            elif isinstance(a, tuple | int) and a != b:
                return False
    return True


STAMP = "import sys; from graph.projection_cache import stamp_of; from graph.stores import open_store; print(stamp_of(open_store(sys.argv[1])))"


def test_a_version_is_named_alike_in_every_process(store: Store, tmp_path: Path) -> None:
    said = {
        subprocess.run(  # our own code
            [sys.executable, "-c", STAMP, str(tmp_path / "graph.db")],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2", "3")
    }
    assert said == {str(stamp_of(store))}


def kept_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("**/*.npz"))


@pytest.mark.parametrize("seed", range(5))
def test_a_view_comes_back_from_the_cache_as_it_was(tmp_path: Path, seed: int) -> None:
    rows = make(seed, 30, 80)
    view = project(rows.nodes, rows.edges, version=7)
    save(tmp_path, ("store", "version"), view)
    back = load(tmp_path, ("store", "version"))
    assert back is not None
    assert same(view, back)


def test_the_second_view_of_a_version_is_read_from_the_cache(store: Store, tmp_path: Path) -> None:
    first = view_of(store, cache=tmp_path / "cache")
    found = load(tmp_path / "cache", stamp_of(store))
    assert found is not None
    assert same(first, found)


def test_a_new_version_is_not_answered_from_the_old_cache(store: Store, tmp_path: Path) -> None:
    view_of(store, cache=tmp_path)
    commit(store, "alice", "bob")
    assert "bob" in view_of(store, cache=tmp_path).nodes.ids


def test_two_stores_in_one_cache_folder_do_not_mix(store: Store, tmp_path: Path) -> None:
    other = open_store(str(tmp_path / "other.db"), create=True)
    commit(other, "carol")
    view_of(store, cache=tmp_path)
    assert "carol" in view_of(other, cache=tmp_path).nodes.ids
    assert "carol" not in view_of(store, cache=tmp_path).nodes.ids
    other.close()


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 torn", b"\x93NUMPY\x01\x00"])
def test_a_torn_cache_file_is_built_anew(store: Store, tmp_path: Path, body: bytes) -> None:
    whole = view_of(store, cache=tmp_path)
    kept_in(tmp_path)[0].write_bytes(body)
    assert same(view_of(store, cache=tmp_path), whole)


def test_half_a_cache_file_is_built_anew(store: Store, tmp_path: Path) -> None:
    whole = view_of(store, cache=tmp_path)
    file = kept_in(tmp_path)[0]
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert same(view_of(store, cache=tmp_path), whole)


def test_a_cache_of_another_layout_is_built_anew(store: Store, tmp_path: Path) -> None:
    whole = view_of(store, cache=tmp_path)
    np.savez(kept_in(tmp_path)[0], texts=np.frombuffer(b'{"stamp": 1}', dtype=np.uint8))
    assert same(view_of(store, cache=tmp_path), whole)


def test_a_place_that_cannot_be_written_is_no_error(store: Store, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert "alice" in view_of(store, cache=blocked / "below").nodes.ids


def test_nothing_but_the_finished_file_is_left_behind(store: Store, tmp_path: Path) -> None:
    view_of(store, cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 1
