"""Log files of CloudTrail, real ones: who used what is counted, and what stands for no action is kept."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest
from ingest_snapshots import WHEN, unresolved

from graph.errors import SourceError
from graph.model import NodeId
from graph.store import Store
from graph.stores import open_store
from ingest.intake import file_intake
from ingest.load import LoadReport, load

DATA = Path(__file__).parents[1] / "data" / "aws"
INVICTUS = DATA / "cloudtrail-invictus"
STRATUS = DATA / "cloudtrail-stratus"
ATTACKER = NodeId("arn:aws:iam::123837392027:user/bert-jan")
PANTHER = DATA / "panther-cloudtrail" / "events.json"


def _records(path: Path) -> list[dict[str, object]]:
    content = json.loads(path.read_text(encoding="utf-8"))
    held: list[dict[str, object]] = content["Records"] if isinstance(content, dict) else content
    return held


def _loaded(path: Path, folder: Path) -> tuple[Store, LoadReport]:
    store = open_store(f"sqlite:///{folder / 'estate.db'}", create=True)
    return store, load(path, store, resolve=unresolved, now=WHEN)


def _counts(store: Store) -> dict[str, int]:
    """How often each sort of observation counts, over all identities, names and days; roles passed on are beside them."""
    found: dict[str, int] = {}
    for row in store.observations():
        sort = row.name.partition("|")[0]
        if (
            "|iam:PassRole|" not in row.name
            and sort in {"used", "refused", "event"}
            and isinstance(row.value, dict)
        ):
            found[sort] = found.get(sort, 0) + sum(map(int, row.value.values()))
    return found


@pytest.mark.parametrize("folder", [INVICTUS, STRATUS], ids=lambda path: path.name)
def test_every_record_of_a_folder_is_counted_once(folder: Path, tmp_path: Path) -> None:
    records = [row for path in sorted(folder.glob("*.json")) for row in _records(path)]
    store, report = _loaded(folder, tmp_path)

    assert sum(row.whole for row in report.tallies) == len(records)
    assert sum(_counts(store).values()) == len(records)
    assert report.complete


def test_nearly_every_call_of_the_staged_attack_stands_for_an_action(tmp_path: Path) -> None:
    _, report = _loaded(INVICTUS, tmp_path)
    by_service = {row.about: row for row in report.tallies}

    assert sum(row.part for row in report.tallies) == 1502
    assert by_service["events of iam"].part == by_service["events of iam"].whole == 144
    assert by_service["events of signin"].part == 0
    assert by_service["events of secretsmanager"].rest == (
        "EndSecretVersionDelete",
        "StartSecretVersionDelete",
    )


def test_what_a_user_did_is_told_by_action_asset_and_day(tmp_path: Path) -> None:
    store, _ = _loaded(INVICTUS, tmp_path)
    told = {row.name: row.value for row in store.observations(ATTACKER)}
    bucket = "arn:aws:s3:::stratus-red-team-ctes-bucket-qyxyekjbtk"

    assert told["used|file|iam:CreateInstanceProfile|"] == {"2023-07-10": "1"}
    assert told[f"used|file|s3:GetBucketCORS|{bucket}"] == {"2023-07-10": "1"}


def test_a_call_that_names_a_role_shows_that_it_is_passed_on(tmp_path: Path) -> None:
    store, _ = _loaded(STRATUS, tmp_path)
    passed = [row for row in store.observations() if "|iam:PassRole|" in row.name]

    (one,) = passed
    assert ":role/" in one.name.rpartition("|")[2]


def test_a_session_counts_for_the_role_that_issued_it(tmp_path: Path) -> None:
    store, _ = _loaded(STRATUS, tmp_path)
    roles = {row.node for row in store.observations() if ":role/" in row.node}

    assert roles
    assert not any(":assumed-role/" in row.node for row in store.observations())


def test_refused_calls_are_no_use(tmp_path: Path) -> None:
    store, _ = _loaded(INVICTUS, tmp_path)
    refused = [
        row
        for path in INVICTUS.glob("*.json")
        for row in _records(path)
        if str(row.get("errorCode", "")).startswith(("AccessDenied", "Client.Unauthorized"))
    ]

    assert _counts(store)["refused"] == len(refused) > 0


def test_a_file_read_twice_and_a_packed_copy_count_once(tmp_path: Path) -> None:
    folder = tmp_path / "logs" / "deep"
    folder.mkdir(parents=True)
    first = min(INVICTUS.glob("*.json"))
    shutil.copy(first, folder / "a.json")
    (folder / "b.json.gz").write_bytes(gzip.compress(first.read_bytes()))
    store, _ = _loaded(tmp_path / "logs", tmp_path)
    load(folder / "b.json.gz", store, resolve=unresolved, now=WHEN)

    assert sum(_counts(store).values()) == len(_records(first))


def test_events_that_a_tool_wrapped_are_read_and_foreign_ones_are_told(tmp_path: Path) -> None:
    _, report = _loaded(PANTHER, tmp_path)
    told = {row.about: row for row in report.tallies}

    events = [row["event"] for row in _records(PANTHER)]
    lacking = [
        event
        for event in events
        if not all(event.get(name) for name in ("eventName", "eventSource"))
        or not str(event.get("eventTime"))[:4].isdigit()
    ]
    assert told["records that name no event, source or day"].whole == len(lacking) > 0
    assert sum(row.whole for row in report.tallies) == len(_records(PANTHER))
    assert told["events of bedrock"].part == told["events of bedrock"].whole == 4


@pytest.mark.parametrize("body", [b"\x1f\x8bnot packed", gzip.compress(b"{}")[:-9]])
def test_a_damaged_packed_file_is_refused_in_one_line(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "x.json.gz"
    path.write_bytes(body)
    with pytest.raises(SourceError, match="is no packed log file") as caught:
        file_intake(path)
    assert "\n" not in str(caught.value)


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"novel": 1}', encoding="utf-8")
    with pytest.raises(SourceError, match="is no log file of CloudTrail"):
        load(
            tmp_path,
            open_store(f"sqlite:///{tmp_path / 'e.db'}", create=True),
            resolve=unresolved,
            now=WHEN,
        )
