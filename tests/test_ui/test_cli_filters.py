"""What may be walked is said alike to every question, and wrong filters are refused before anything is read."""

import json
from pathlib import Path

import pytest
from running import Run
from small_estate import write_snapshot

ASKED = (
    ("blast", "bob"),
    ("who", "claims"),
    ("paths", "--from", "bob", "--to", "claims"),
)


@pytest.fixture
def loaded(run: Run, tmp_path: Path) -> Run:
    """The program beside a store of the account, read completely."""
    run("load", write_snapshot(tmp_path / "snapshot"))
    return run


def told(run: Run, *words: str) -> object:
    return json.loads(run(*words, "--format", "json").out)["result"]


@pytest.mark.parametrize("asked", ASKED, ids=lambda words: words[0])
def test_an_edge_kind_that_is_none_is_refused_with_those_that_are(
    loaded: Run, asked: tuple[str, ...]
) -> None:
    ended = loaded(*asked, "--edge-kind", "HODLS")

    assert ended.code == 2
    assert "no edge kind `HODLS`" in ended.err
    assert "HOLDS" in ended.err


def test_leaving_out_an_action_leaves_out_the_way_that_uses_it(loaded: Run) -> None:
    question = ("paths", "--from", "bob", "--to", "claims", "--capability", "READ")
    whole = told(loaded, *question)
    assert isinstance(whole, dict)
    how = whole["path"]["steps"][-1]["how"]

    left = told(loaded, *question, "--without-technique", how)

    assert isinstance(left, dict)
    assert how not in json.dumps(left)


def test_only_edges_of_the_kinds_that_are_named_are_walked(loaded: Run) -> None:
    everything = told(loaded, "blast", "bob")
    kinds = [
        word
        for kind in ("IN_CLASS", "HOLDS", "ON", "COVERS", "MEMBER_OF")
        for word in ("--edge-kind", kind)
    ]

    access = told(loaded, "blast", "bob", *kinds)
    members = told(loaded, "blast", "bob", "--edge-kind", "MEMBER_OF")

    assert isinstance(everything, dict)
    assert isinstance(access, dict)
    assert isinstance(members, dict)
    counts = [len(found["states"]) for found in (everything, access, members)]
    assert counts[0] >= counts[1] > counts[2] == 0
