"""The export for BloodHound: what its ingest asks of nodes and edges, and nothing of the graph lost or made up."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from running import Run
from sample_estate import SAMPLE

from graph.schema import schema
from graph.stores import open_store
from queries.opengraph import edge_kind, icons, kind_name, node_id


@pytest.fixture
def payload(run: Run, tmp_path: Path) -> dict[str, Any]:
    """The sample as BloodHound reads it."""
    run("load", SAMPLE / "snapshot", "--store", "own.db")
    ended = run("export", "--out", "bh", "--store", "own.db")
    assert ended.code == 3  # the sample has calls that were refused
    told: dict[str, Any] = json.loads((tmp_path / "bh" / "opengraph.json").read_text("utf-8"))
    assert json.loads((tmp_path / "bh" / "icons.json").read_text("utf-8")) == icons()
    return told


def single(value: object) -> bool:
    """Whether a property is what ingest takes: a single value, or values of one sort in a row."""
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str | int | float | bool)


def test_every_row_is_one_that_ingest_takes(payload: dict[str, Any]) -> None:
    graph = payload["graph"]
    assert payload["metadata"] == {"source_kind": "SGBase"}
    ids = [node["id"] for node in graph["nodes"]]
    assert len(set(ids)) == len(ids)
    for node in graph["nodes"]:
        assert re.fullmatch(r"SG[0-9A-F]{20}", node["id"])
        assert 1 <= len(node["kinds"]) <= 3
        assert all(re.fullmatch(r"[A-Za-z0-9_]+", kind) for kind in node["kinds"])
        assert all(
            name == name.lower() and single(value) for name, value in node["properties"].items()
        )
        assert "objectid" not in node["properties"]
    for edge in graph["edges"]:
        assert re.fullmatch(r"[A-Za-z0-9_]+", edge["kind"])
        assert {edge["start"]["value"], edge["end"]["value"]} <= set(ids)
        assert all(single(value) for value in edge["properties"].values())


def test_what_one_may_do_to_another_is_what_the_store_says(
    payload: dict[str, Any], tmp_path: Path
) -> None:
    store = open_store(str(tmp_path / "own.db"))
    rows = {node.id: node for node in store.nodes()}
    edges = list(store.edges())
    store.close()
    holders = [(e.source, e.target) for e in edges if e.kind == "HOLDS"]
    targets: dict[str, list[str]] = {}
    for edge in edges:
        if edge.kind == "ON":
            targets.setdefault(edge.source, []).append(edge.target)
    wanted = Counter(
        (node_id(holder), node_id(target), rows[grant].props["how"])  # type: ignore[arg-type]  # ids of nodes
        for holder, grant in holders
        for target in targets[grant]
    )
    found = Counter(
        (e["start"]["value"], e["end"]["value"], e["properties"]["how"])
        for e in payload["graph"]["edges"]
        if e["kind"].startswith("SG_Can") or e["kind"] == "SG_Holds"
    )
    assert found == wanted
    structural = Counter(
        edge_kind(e.kind) for e in edges if e.kind not in {"HOLDS", "ON", "BECAUSE"}
    )
    assert structural == Counter(e["kind"] for e in payload["graph"]["edges"] if "how" not in e["properties"])  # fmt: skip
    kinds = Counter(
        kind_name(n.kind) for n in rows.values() if n.kind not in {"Grant", "Revocable"}
    )
    assert kinds == Counter(n["kinds"][0] for n in payload["graph"]["nodes"])


def test_what_was_written_is_told_to_a_program_too(run: Run, tmp_path: Path) -> None:
    run("load", SAMPLE / "snapshot", "--store", "own.db")
    ended = run("export", "--out", "bh", "--store", "own.db", "--format", "json")
    told = json.loads(ended.out)
    graph = json.loads((tmp_path / "bh" / "opengraph.json").read_text("utf-8"))["graph"]
    assert told["result"] == {
        "file": "bh/opengraph.json",
        "icons": "bh/icons.json",
        "nodes": len(graph["nodes"]),
        "edges": len(graph["edges"]),
    }
    assert told["completeness"]["complete"] is False
    assert sorted(file.name for file in (tmp_path / "bh").iterdir()) == ["icons.json", "opengraph.json"]  # fmt: skip


def test_every_kind_has_an_icon() -> None:
    told = icons()["custom_types"]
    assert isinstance(told, dict)
    assert told.keys() == {
        kind_name(kind) for kind in schema().nodes if kind not in {"Grant", "Revocable"}
    }
    assert all(one["icon"]["type"] == "font-awesome" for one in told.values())
