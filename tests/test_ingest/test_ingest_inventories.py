"""Inventories and lists of leavers: what is read of a table, what is told instead, and what it takes away."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_files import ENDPOINT, INVENTORY_CSV, JSON, loaded_file, managed, refusal, store_in

from graph.errors import SourceError
from graph.model import NodeId, Outcome
from ingest.files.inventory import read_table, rows_in, table_of
from ingest.files.record import INVENTORY
from ingest.files.records import record_of


def test_an_inventory_says_owner_status_and_end(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        report = loaded_file(store, tmp_path / "ai-assets.csv", INVENTORY_CSV)
        (edge,) = managed(store)
        asset = store.get(NodeId(ENDPOINT))

    assert dict(edge.props) == {
        "address": "row 1",
        "owner": "ml@example.com",
        "status": "approved",
        "approved_by": "cto@example.com",
        "expires": "2027-01-01",
    }
    assert asset is not None
    assert (asset.props["owner"], asset.props["owner_basis"]) == ("ml@example.com", "registry")
    assert [row.what for row in report.oddities] == ["columns that are not read: colour"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",,,,,,,,", "neither an id nor a name with a kind"),
        (f"{ENDPOINT},,,,,,,tomorrow,", "`tomorrow` in `expires` is no day"),
        (f"{ENDPOINT},,,,,blessed,,,", "`blessed` is no status"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_and_closes_nothing(
    tmp_path: Path, row: str, why: str
) -> None:
    with store_in(tmp_path) as store:
        loaded_file(store, tmp_path / "ai-assets.csv", INVENTORY_CSV)
        head = "id,name,kind,account,owner,status,approved_by,expires,reason\n"
        report = loaded_file(store, tmp_path / "ai-assets.csv", f"{head}{row}\n")

        assert [why in skipped.why for skipped in report.skipped] == [True]
        assert [row.outcome for row in report.coverage] == [Outcome.FAILED]
        assert [edge.source for edge in managed(store)] == [ENDPOINT]


def test_a_name_means_every_asset_of_that_kind_and_name_in_the_account(tmp_path: Path) -> None:
    listed = [{"id": ENDPOINT}, {"id": ENDPOINT.replace("111111111111", "222222222222")}]
    with store_in(tmp_path) as store:
        loaded_file(store, tmp_path / "first.json", json.dumps({"assets": listed}))
        report = loaded_file(
            store, tmp_path / "named.toml", '[[asset]]\nname = "churn"\nkind = "Endpoint"\n'
        )

        # stubs are nothing that a listing named: a name means what is there
        assert len(managed(store)) == 2
    assert ["nothing of this name" in row.what for row in report.oddities] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "id;owner;status\nX;ml@example.com;approved\n",
        "\ufeffID\tOwner\tStatus\nX\tml@example.com\tApproved\n",
        'id,owner,status\n"X",ml@example.com,approved\n',
    ],
)
def test_tables_of_other_programs_are_read_alike(tmp_path: Path, text: str) -> None:
    path = tmp_path / "AI-assets.CSV"
    path.write_text(text.replace("X", ENDPOINT), encoding="utf-8")

    record = record_of(path)

    assert record is not None
    assert [(row.arn, row.owner, row.status) for row in record.rows] == [
        (ENDPOINT, "ml@example.com", "approved")
    ]


def test_a_header_alone_is_an_inventory_that_lists_nothing(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        loaded_file(store, tmp_path / "ai-assets.csv", INVENTORY_CSV)
        report = loaded_file(store, tmp_path / "ai-assets.csv", INVENTORY_CSV.partition("\n")[0])

        assert report.complete
        assert managed(store) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"id,owner\n{ENDPOINT},ana, the second\n", "has more cells than there are columns"),
        ("id,owner\narn:aws:sagemaker:*:*:endpoint/*,ana\n", "is a pattern; a row lists one asset"),
        ("email,left\njo@example.com,soon\n", "the day on which they left"),
    ],
)
def test_a_row_that_could_be_misread_is_told_instead(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")

    record = record_of(path)

    assert record is not None
    assert [why in row for row in record.skipped] == [True]
    assert record.rows == ()


@pytest.mark.parametrize("name", ["x.json", "x.toml"])
@pytest.mark.parametrize("value", ["9" * 5_000, "[" * 100_000])
def test_numbers_and_nesting_beyond_all_bounds_are_refused(
    tmp_path: Path, name: str, value: str
) -> None:
    path = tmp_path / name
    path.write_text(value if name == "x.json" else f"asset = {value}", encoding="utf-8")

    with pytest.raises(SourceError, match=name):
        record_of(path)


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("id,owner,Owner\nx,a,b\n", encoding="utf-8")

    with pytest.raises(SourceError, match="column `owner` stands twice"):
        record_of(path)


def test_dates_of_toml_and_instants_are_days() -> None:
    text = f'[[asset]]\nid = "{ENDPOINT}"\nexpires = 2027-01-01T08:00:00Z\n'
    found = rows_in(table_of(text, ".toml", "t.toml"))
    assert found is not None

    assert [row.expires for row in read_table(*found, "t", "t.toml").rows] == ["2027-01-01"]


def test_leavers_stand_in_settings_by_address(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        loaded_file(store, tmp_path / "left.csv", "email,left\nJo@Example.com,2026-09-30\n")
        (record,) = store.nodes(kinds=frozenset({"Registry"}))

    assert record.props["settings"] == {"rows": "1", "left:jo@example.com": "2026-09-30"}


def test_a_table_that_is_neither_is_refused_with_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")

    with pytest.raises(SourceError, match="no inventory and no list of leavers") as caught:
        record_of(path)
    assert "approved_by" in caught.value.__notes__[0]


@given(st.lists(JSON, max_size=4), st.text(max_size=40))
def test_any_table_is_read_or_refused(rows: list[Any], text: str) -> None:
    found = rows_in(rows)
    if found is not None:
        record = read_table(*found, "stem", "name")
        assert record.count + len(record.skipped) == len(rows)
    for suffix in (".csv", ".toml"):
        told = refusal(partial(table_of, text, suffix, "name"), "cannot be read")
        assert "cannot be read" in told


@given(st.text(max_size=30))
def test_hostile_names_in_an_inventory_come_through_as_they_are(name: str) -> None:
    record = read_table(INVENTORY, [{"name": name, "kind": "Endpoint", "owner": name}], "s", "n")

    assert [row.name for row in record.rows] == ([name.strip()] if name.strip() else [])
