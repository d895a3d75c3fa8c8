"""The history and raw tabs of the asset page: what runs changed about a node, and its rows as they are."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from app_stores import url, write
from builders import NOW, A, Land, allow, trusts
from small_estate import ACCOUNT, write_snapshot
from small_estate import HOSTILE as HOSTILE_USER
from store_rows import USERS, edge, node, ok

from access.resolve import resolve
from graph.model import Batch, Conclusions, NodeId
from graph.rows import row_json
from graph.stores import open_store
from ingest.load import load_snapshot
from ui.pagemodels.asset import AssetModel, asked_of, build_model
from ui.pagemodels.asset_history import MOST, HistoryTab
from ui.pagemodels.asset_raw import RawTab
from ui.pagemodels.filters import Filters
from ui.reading import Reading, open_reading

CLAIMS = NodeId("arn:aws:s3:::claims")


def opened(address: str) -> Reading:
    reading = open_reading(address, cache=None).reading
    assert reading is not None
    return reading


def model(reading: Reading, node_id: str, **params: str) -> AssetModel:
    return build_model(reading, asked_of(reading.view, {"id": node_id, **params}), Filters())


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    root = tmp_path_factory.mktemp("small")
    address = url(root / "estate.db")
    store = open_store(address, create=True)
    load_snapshot(write_snapshot(root / "snapshot"), store, resolve=resolve, now=NOW)
    store.close()
    return opened(address)


def raw(reading: Reading, node_id: str) -> RawTab:
    content = model(reading, node_id, tab="raw").content
    assert isinstance(content, RawTab)
    return content


def history(reading: Reading, node_id: str, **params: str) -> HistoryTab:
    content = model(reading, node_id, tab="history", **params).content
    assert isinstance(content, HistoryTab)
    return content


def land(*, environment: str, bucket: bool = True) -> Land:
    made = Land(A)
    role = made.role("reader", trust=[trusts("sagemaker.amazonaws.com")])
    made.user("writer", allow("s3:PutObject", "arn:aws:s3:::claims/*"))
    if bucket:
        made.bucket("claims", environment=environment, sensitivity=10)
    made.notebook("explore", role)
    return made


def runs(root: Path, *lands: Land) -> Reading:
    address = ""
    for day, one in enumerate(lands):
        started = NOW + timedelta(days=day)
        address = write(
            root / "estate.db", one.batch(), tuple(one.coverage.values()), started=started
        )
    return opened(address)


def test_the_first_run_is_one_line_and_not_a_row_each(tmp_path: Path) -> None:
    told = history(runs(tmp_path, land(environment="dev")), CLAIMS)

    assert told.began.startswith("There since run 1 of 01 Mar 2026 06:00 UTC")
    assert told.listed.sheet.rows == ()


def test_a_changed_property_is_told_from_what_to_what(tmp_path: Path) -> None:
    reading = runs(tmp_path, land(environment="dev"), land(environment="prod"))

    (row,) = history(reading, CLAIMS).listed.sheet.rows

    assert row[:4] == (2, "02 Mar 2026 06:00 UTC", "fact", "changed")
    assert "environment from dev to prod" in str(row[4])


def test_the_newest_change_stands_first(tmp_path: Path) -> None:
    stages = [land(environment=name) for name in ("dev", "test", "prod")]

    rows = history(runs(tmp_path, *stages), CLAIMS).listed.sheet.rows

    assert [row[0] for row in rows] == [3, 2]


def test_facts_and_conclusions_stand_apart_and_lead_to_the_other_end(tmp_path: Path) -> None:
    after = land(environment="dev")
    group = after.group("team", allow("s3:GetObject", "arn:aws:s3:::claims/*"))
    after.member(f"arn:aws:iam::{A}:user/writer", group)
    reading = runs(tmp_path, land(environment="dev"), after)

    told = history(reading, f"arn:aws:iam::{A}:user/writer")
    lines = {
        str(row[4]): (row[2], leads)
        for row, leads in zip(told.listed.sheet.rows, told.listed.leads, strict=True)
    }

    what, (lead,) = lines["it is a member of team"]
    assert what == "fact"
    assert dict(lead.params)["id"] == group
    concluded = history(reading, CLAIMS, only="conclusion").listed.sheet.rows
    assert {row[2] for row in concluded} == {"conclusion"}
    assert any("Grant of READ by s3:GetObject is on it" in str(row[4]) for row in concluded)


def test_a_node_that_came_later_is_one_line_with_what_came_with_it(tmp_path: Path) -> None:
    before, after = land(environment="dev", bucket=False), land(environment="dev")

    told = history(runs(tmp_path, before, after), CLAIMS)

    assert told.began.startswith("First seen in run 2 of 02 Mar 2026 06:00 UTC, with ")
    assert told.listed.sheet.rows == ()


def test_a_node_that_is_gone_still_has_its_history(tmp_path: Path) -> None:
    before, after = land(environment="dev"), land(environment="dev", bucket=False)
    after.coverage.update(before.coverage)  # the buckets were listed, and this was none of them
    told = model(runs(tmp_path, before, after), CLAIMS)

    assert told.head is None
    assert told.past is not None
    assert told.past.gone.startswith("Gone since run 2 of 02 Mar 2026 06:00 UTC")
    assert "not in the newest run any more" in told.missing


def test_of_many_changes_the_first_are_shown_with_the_number_of_all(tmp_path: Path) -> None:
    many = MOST + 50
    users = [node("User", f"u{at:03}") for at in range(many)]
    group = node("Group", "crowd")
    members = [edge("MEMBER_OF", one.id, "crowd") for one in users]
    for at, rows in enumerate(([group, *users], [group, *users, *members])):
        address = write(
            tmp_path / "estate.db",
            Batch.of(rows),
            ok(USERS),
            Conclusions(),
            started=NOW + timedelta(days=at),
        )

    told = history(opened(address), "crowd")

    assert len(told.listed.sheet.rows) == MOST
    assert told.listed.more == f"Showing {MOST} of {many}."


# Raw.


def test_the_raw_row_is_the_row_of_the_store(small: Reading) -> None:
    stored = small.store.get(CLAIMS)

    assert stored is not None
    assert json.loads(raw(small, CLAIMS).node) == json.loads(row_json(stored))


def test_the_edges_of_every_node_are_counted_as_the_store_holds_them(small: Reading) -> None:
    for found in small.store.nodes():
        told = raw(small, found.id)
        assert told.of == len(list(small.store.edges(about=found.id)))


def test_raw_rows_hold_no_character_that_a_reader_cannot_see(small: Reading) -> None:
    told = raw(small, f"arn:aws:iam::{ACCOUNT}:user/{HOSTILE_USER}")

    assert "\\u202e" in told.node
    assert (told.node + told.edges).isascii()
