"""The snapshot folder: written call by call, read back as it was, refused with a clear line where it is damaged."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ingest_snapshots import WHEN, Made, buckets, denied, snapshot

from graph.errors import SourceError
from graph.model import CoverageKey, Outcome
from ingest.snapshot import MANIFEST, CallRecord, Snapshot, SnapshotWriter, answer_path


def _lines(root: Path) -> list[str]:
    return (root / MANIFEST).read_text(encoding="utf-8").splitlines()


def _rewrite(root: Path, lines: list[str]) -> None:
    (root / MANIFEST).write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return snapshot(
        tmp_path / "s", [buckets("b"), Made("s3.get_bucket_policy", "b", parent="s3.list_buckets")]
    )


def test_a_snapshot_is_read_as_it_was_written(tmp_path: Path) -> None:
    call = denied("s3.get_bucket_policy", "b", parent="s3.list_buckets")
    read = Snapshot.read(snapshot(tmp_path / "s", [buckets("b"), call]))
    first, second = read.calls
    assert (first.operation, first.outcome) == ("s3.list_buckets", Outcome.OK)
    assert read.pages(first)[0]["Buckets"][0]["Name"] == "b"
    assert second.missing_permission == "x:Y"
    assert second.file is None
    assert second.parent_key == CoverageKey("aws", "111111111111", "global", "s3.list_buckets")
    assert (read.tool, read.started, read.finished) == ("test", WHEN, WHEN)


def test_a_call_that_found_none_of_the_thing_has_no_pages(made: Path) -> None:
    read = Snapshot.read(made)
    assert read.pages(read.calls[1]) == ()


def test_times_in_an_answer_are_written_as_text(tmp_path: Path) -> None:
    page = {"At": datetime(2026, 1, 2, 3, tzinfo=UTC), "Naive": datetime(2026, 1, 2)}  # noqa: DTZ001  # what some parsers give
    read = Snapshot.read(snapshot(tmp_path / "s", [Made("s3.list_buckets", pages=(page,))]))
    assert read.pages(read.calls[0]) == (
        {"At": "2026-01-02T03:00:00Z", "Naive": "2026-01-02T00:00:00Z"},
    )


def test_a_value_that_is_no_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="an answer holds a value that is no JSON: `bytes`"):
        snapshot(tmp_path / "s", [Made("s3.list_buckets", pages=({"Blob": b"x"},))])


def test_a_snapshot_without_its_last_line_is_interrupted(tmp_path: Path) -> None:
    read = Snapshot.read(snapshot(tmp_path / "s", [buckets("b")], finished=False))
    assert read.interrupted
    assert len(read.calls) == 1


def test_a_line_that_a_kill_cut_off_is_left_out(made: Path) -> None:
    body = (made / MANIFEST).read_bytes()
    (made / MANIFEST).write_bytes(body[: body.rindex(b'"finished"') + 4])
    read = Snapshot.read(made)
    assert read.interrupted
    assert len(read.calls) == 2


def test_an_interrupted_snapshot_is_gone_on_with(made: Path) -> None:
    body = (made / MANIFEST).read_bytes()
    (made / MANIFEST).write_bytes(body[: body.rindex(b'{"finished"') + 3])
    with SnapshotWriter(made, tool="test", started=WHEN) as writer:
        record = CallRecord("aws", "1", "global", "kms.list_keys", Outcome.OK, WHEN, WHEN)
        writer.record(record, [{}])
        writer.finish(WHEN)
    read = Snapshot.read(made)
    assert not read.interrupted
    assert [call.operation for call in read.calls][-1] == "kms.list_keys"


def test_a_finished_snapshot_is_not_written_again(made: Path) -> None:
    with pytest.raises(SourceError, match="holds a finished snapshot"):
        SnapshotWriter(made, tool="test", started=WHEN)


def test_the_newest_line_of_a_call_stands(made: Path) -> None:
    lines = _lines(made)
    again = {**json.loads(lines[1]), "outcome": "throttled", "file": None}
    _rewrite(made, [*lines, json.dumps(again)])
    read = Snapshot.read(made)
    assert [call.outcome for call in read.calls] == [Outcome.OK, Outcome.THROTTLED]


def test_a_folder_without_manifest_is_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no `manifest.jsonl`: it is no snapshot"):
        Snapshot.read(tmp_path)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["{}"], "its first line names no format"),
        (['{"format": 2}'], "has format `2`, this version reads 1"),
        (["[1]"], "line 1 is no object"),
        (["not json"], "line 1 is not JSON"),
        (['{"format": 1}'], r"manifest.jsonl:1` has no time `started`"),
        (['{"format": 1, "started": "2026-01-01T00:00:00Z"}', "{"], "line 2 is not JSON"),
        (['{"format": 1, "started": "2026-01-01T00:00:00Z"}', "{}"], "names no `outcome`"),
        (
            ['{"format": 1, "started": "2026-01-01T00:00:00Z"}', '{"finished": "soon"}'],
            "has no time `finished`",
        ),
    ],
)
def test_a_damaged_manifest_is_told_with_its_place(
    made: Path, lines: list[str], message: str
) -> None:
    _rewrite(made, lines)
    with pytest.raises(SourceError, match=message):
        Snapshot.read(made)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outcome": "fine"}, "unknown outcome `fine`"),
        ({"operation": None}, "names no `operation`"),
        ({"scope": ""}, "names no `scope`"),
        ({"file": None}, "is ok but names no answer file"),
        ({"started": "x"}, "has no time `started`"),
        ({"detail": 5}, "`detail` is no text"),
    ],
)
def test_a_damaged_call_line_is_told_with_its_place(
    made: Path, change: dict[str, object], message: str
) -> None:
    lines = _lines(made)
    _rewrite(made, [lines[0], json.dumps({**json.loads(lines[1]), **change})])
    with pytest.raises(SourceError, match=message) as caught:
        Snapshot.read(made)
    assert "manifest.jsonl:2" in str(caught.value)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "no such file"),
        (b"", "is empty"),
        (b'{"pages": [', r"is not JSON \(cut off\): .* at line 1 column 12"),
        (b"<html>", "is not JSON: expecting value at line 1 column 1"),
        (b'{"pages": "\xff"}', "not text in UTF-8"),
        (b"[]", "is no answer: it holds no list `pages` of objects"),
        (b'{"pages": [1]}', "is no answer"),
        (b"[" * 100_000, "is nested too deeply"),
    ],
)
def test_a_damaged_answer_is_told_with_its_file(
    made: Path, body: bytes | None, message: str
) -> None:
    read = Snapshot.read(made)
    file = read.calls[0].file
    assert file is not None
    path = made / file
    path.unlink()
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(SourceError, match=message):
        read.pages(read.calls[0])


def test_an_answer_outside_the_snapshot_is_not_read(made: Path) -> None:
    read = Snapshot.read(made)
    with pytest.raises(SourceError, match="lies outside the snapshot"):
        read.pages(replace(read.calls[0], file="../../etc/passwd"))


def test_half_a_surrogate_pair_becomes_a_replacement_character(made: Path) -> None:
    read = Snapshot.read(made)
    (made / str(read.calls[0].file)).write_text(
        '{"pages": [{"a": "x\\ud800y", "b": "\\ud83d\\ude00"}]}'
    )
    assert read.pages(read.calls[0]) == ({"a": "x\ufffdy", "b": "\U0001f600"},)


def test_answer_files_of_like_arguments_stay_apart() -> None:
    names = [
        answer_path(CoverageKey("aws", "1", "r", f"s3.get_bucket_policy/{argument}"))
        for argument in ("a/b", "a-b", "../../x", "a" * 300, "a" * 301, "\u202e", "A-B")
    ]
    assert len({name.lower() for name in names}) == len(names)
    assert all(len(name) < 200 and "/.." not in name for name in names)
