"""`collect` and `scan` against a server of our own: exit codes, what is told, and what is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Run
from wire.asking import environment, signed
from wire.canned import HOME, REGION, ROLE, Canned, error, half, page, silence
from wire.server import Wire, running

from ingest.snapshot import MANIFEST, Snapshot, interrupted

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
ROOT = Path(__file__).parents[2]


@pytest.fixture
def estate() -> Canned:
    return Canned()


@pytest.fixture
def wire(estate: Canned, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """The estate on the wire, and settings that lead to it."""
    for name in [name for name in os.environ if name.startswith("SHADOWGRAPH_AWS_")]:
        monkeypatch.delenv(name)
    with signed(), running(estate) as served:
        monkeypatch.setenv("SHADOWGRAPH_AWS_ENDPOINT_URL", served.url)
        monkeypatch.setenv("SHADOWGRAPH_AWS_REGIONS", REGION)
        monkeypatch.setenv("SHADOWGRAPH_AWS_TRIES", "1")
        monkeypatch.setenv("SHADOWGRAPH_AWS_ROLE", ROLE)
        yield served


def test_a_complete_scan_ends_with_zero_and_answers(wire: Wire, run: Run) -> None:
    scanned = run("scan", "--to", "s", "--store", "sqlite:///estate.db")

    assert (scanned.code, scanned.err.count("collected into `s`")) == (0, 1), scanned
    asked = run("who", f"data-{HOME}", "--store", "sqlite:///estate.db", "--format", "json")
    assert f"arn:aws:iam::{HOME}:role/notebooks" in asked.out
    assert all(request.reads for request in wire.log)


@pytest.mark.usefixtures("wire")
def test_what_was_not_answered_is_named_and_ends_with_three(estate: Canned, run: Run) -> None:
    estate.script("s3.GetBucketPolicy", error(403, "AccessDenied", "Access Denied"))
    estate.script("kms.ListKeys", error(400, "ThrottlingException", "Rate exceeded"))
    estate.script("sagemaker.ListModels", page(500, "<html><body>oops</body></html>"))
    estate.script("sagemaker.ListEndpoints", half)
    estate.script("lambda.ListFunctions", error(400, "UnknownOperationException"))

    ended = run("scan", "--to", "s", "--store", "sqlite:///estate.db", "--format", "json")

    told = json.loads(ended.out)
    assert (ended.code, told["collect"]["complete"]) == (3, False)
    assert {row: count for row, count in told["collect"]["calls"].items() if row != "ok"} == {
        "denied": 2,
        "failed": 2,
        "throttled": 1,
        "unsupported": 1,
    }
    assert "s3:GetBucketPolicy" in ended.out
    gaps = run("coverage", "--store", "sqlite:///estate.db")
    assert (gaps.code, "s3:GetBucketPolicy" in gaps.out) == (3, True)


@pytest.mark.usefixtures("wire")
def test_the_table_names_the_permission_once_for_equal_refusals(estate: Canned, run: Run) -> None:
    estate.script("s3.GetBucketPolicy", error(403, "AccessDenied", "Access Denied"))

    ended = run("collect", "--to", "s")

    lines = [line for line in ended.out.splitlines() if "s3:GetBucketPolicy" in line]
    assert (ended.code, len(lines)) == (3, 1)
    assert "denied" in lines[0]


def test_calls_that_were_throttled_are_made_up_for_by_naming_the_folder_again(
    estate: Canned, wire: Wire, run: Run
) -> None:
    estate.script("kms.ListKeys", error(400, "ThrottlingException", "Rate exceeded"))
    assert run("collect", "--to", "s").code == 3
    estate.heal()
    wire.log.clear()

    again = run("collect", "--to", "s", "--format", "json")

    told = json.loads(again.out)
    assert (again.code, told["complete"]) == (0, True)
    assert told["made_now"] == sum(request.service == "kms" for request in wire.log)
    assert {request.service for request in wire.log} == {"kms", "sts"}


@pytest.mark.usefixtures("wire")
def test_a_finished_snapshot_is_refused_with_advice(run: Run) -> None:
    assert run("collect", "--to", "s").code == 0
    before = (Path("s") / MANIFEST).read_bytes()

    again = run("collect", "--to", "s")

    assert again.code == 2
    assert again.err.splitlines() == [
        "shadowgraph: `s` holds a finished snapshot",
        "name a new folder",
    ]
    assert (Path("s") / MANIFEST).read_bytes() == before


def test_an_unknown_profile_is_one_line_and_writes_nothing(
    wire: Wire, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWGRAPH_AWS_PROFILE", "nobody")

    ended = run("collect", "--to", "s")

    assert (ended.code, len(ended.err.splitlines())) == (2, 2)  # what, and what to do
    assert "nobody" in ended.err
    assert not Path("s").exists()
    assert wire.log == []


def test_no_credentials_are_one_line_and_write_nothing(
    wire: Wire, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)

    ended = run("scan", "--to", "s", "--store", "sqlite:///estate.db")

    assert (ended.code, len(ended.err.splitlines())) == (2, 2)
    assert "credentials" in ended.err
    assert not list(Path().iterdir())
    assert wire.log == []


@pytest.mark.usefixtures("wire")
def test_credentials_that_are_refused_are_one_line_and_write_nothing(
    estate: Canned, run: Run
) -> None:
    estate.script("sts.GetCallerIdentity", error(403, "InvalidClientTokenId", "it is invalid"))

    ended = run("collect", "--to", "s")

    assert (ended.code, "InvalidClientTokenId: it is invalid" in ended.err) == (2, True)
    assert not Path("s").exists()


@pytest.mark.usefixtures("wire")
@pytest.mark.parametrize("folder", ["file", "file/below", "full"])
def test_a_folder_that_cannot_hold_a_snapshot_is_one_line(folder: str, run: Run) -> None:
    Path("file").write_text("mine", encoding="utf-8")
    Path("full").mkdir()
    Path("full", "mine").write_text("mine", encoding="utf-8")

    ended = run("collect", "--to", folder)

    assert (ended.code, ended.err[:12]) == (2, "shadowgraph:"), ended
    assert f"`{folder}`" in ended.err
    assert Path("file").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in Path("full").iterdir()] == ["mine"]


def test_without_a_folder_the_newest_is_gone_on_with_where_it_was_interrupted(
    wire: Wire, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("collect").code == 0
    first = Path("snapshots", "2026-03-01T060000Z")
    assert not interrupted(first)
    lines = (first / MANIFEST).read_text(encoding="utf-8").splitlines(keepends=True)
    (first / MANIFEST).write_text("".join(lines[:5]), encoding="utf-8")
    wire.log.clear()

    again = json.loads(run("collect", "--format", "json").out)

    assert (again["snapshot"], again["made_before"]) == (str(first), 4)
    monkeypatch.setenv("SHADOWGRAPH_NOW", "2026-03-02T06:00:00Z")
    (first / MANIFEST).write_text("".join(lines[:5]), encoding="utf-8")
    Path("snapshots", "2026-03-01T070000Z").mkdir()
    Path("snapshots", "2026-03-01T070000Z", MANIFEST).write_text("".join(lines), encoding="utf-8")
    third = json.loads(run("collect", "--format", "json").out)
    assert third["snapshot"] == str(Path("snapshots", "2026-03-02T060000Z")), (
        "an old one is left alone"
    )


def test_an_interruption_is_one_line_and_is_gone_on_with(
    estate: Canned, wire: Wire, run: Run, tmp_path: Path
) -> None:
    estate.script("kms.ListKeys", silence(20))
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "wire" / "program.py"), "collect", "--to", "s"],
        cwd=tmp_path,
        env={
            **os.environ,
            **environment(),
            "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not wire.asked("kms.ListKeys") and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.2)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (130, "")
    assert time.monotonic() - began < 10, "nobody waits for a call that hangs"
    assert err.splitlines() == [
        "stopped: `s` is unfinished; the same command goes on with it, and asks nothing again that was answered"
    ]
    held = {call.key for call in Snapshot.read(Path("s")).calls}
    assert Snapshot.read(Path("s")).interrupted
    estate.heal()
    assert json.loads(run("collect", "--to", "s", "--format", "json").out)["made_before"] == len(
        held
    )


def _state(serial: int) -> str:
    """A state that manages the role of the estate, and an endpoint that nobody lists."""
    arns = (f"arn:aws:iam::{HOME}:role/notebooks", f"arn:aws:sagemaker:{REGION}:{HOME}:endpoint/x")
    resources = [
        {
            "mode": "managed",
            "type": "t",
            "name": f"n{at}",
            "instances": [{"attributes": {"arn": arn}}],
        }
        for at, arn in enumerate(arns)
    ]
    return json.dumps({"version": 4, "lineage": "l", "serial": serial, "resources": resources})


@pytest.mark.usefixtures("wire")
def test_a_scan_loads_the_records_of_the_settings_beside_the_clouds(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("prod.tfstate").write_text(_state(7), encoding="utf-8")
    Path("left.csv").write_text("user,left\nnobody,2026-02-01\n", encoding="utf-8")
    monkeypatch.setenv("SHADOWGRAPH_RECORDS_FILES", "prod.tfstate, left.csv")

    scanned = run("scan", "--to", "s", "--store", "sqlite:///estate.db", "--format", "json")

    told = json.loads(scanned.out)["load"]["records"]
    assert scanned.code == 0, scanned
    assert [(row["record"], row["rows"], row["matched"], row["absent"]) for row in told] == [
        ("left.csv", 1, 0, 1),
        ("prod.tfstate", 2, 1, 1),
    ]
    read = run("coverage", "--all", "--store", "sqlite:///estate.db", "--format", "csv")
    lines = [line for line in read.out.splitlines() if "files." in line]
    assert sorted(line.split(",")[4] for line in lines) == [
        "files.leavers/left.csv",
        "files.terraform_state/prod.tfstate",
    ]


@pytest.mark.usefixtures("wire")
def test_an_old_record_is_left_out_of_a_scan_and_told(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("prod.tfstate").write_text(_state(7), encoding="utf-8")
    run("load", "prod.tfstate", "--store", "sqlite:///estate.db")
    Path("prod.tfstate").write_text(_state(6), encoding="utf-8")
    monkeypatch.setenv("SHADOWGRAPH_RECORDS_FILES", "prod.tfstate")

    scanned = run("scan", "--to", "s", "--store", "sqlite:///estate.db", "--format", "json")
    alone = run("load", "prod.tfstate", "--store", "sqlite:///estate.db")

    load = json.loads(scanned.out)["load"]
    assert (scanned.code, load["records"]) == (3, [])
    assert [row["what"] for row in load["remarks"] if row["kind"] == "skipped"] == [
        "`prod.tfstate` was read with serial 7; this is serial 6"
    ]
    assert load["nodes"]["Role"] > 0
    assert (alone.code, alone.err.count("this is serial 6")) == (2, 1)


BAD = {
    "prod.tfstate": ('{"version": 3, "lineage": "l", "resources": []}', "version 4 is read"),
    "log.json": ('{"Records": []}', "is no system of record"),
    "gone.csv": (None, "cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_record_that_cannot_be_read_stops_a_scan_before_it_asks_anything(
    wire: Wire, run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    content, why = BAD[name]
    if content is not None:
        Path(name).write_text(content, encoding="utf-8")
    monkeypatch.setenv("SHADOWGRAPH_RECORDS_FILES", name)

    scanned = run("scan", "--to", "s", "--store", "sqlite:///estate.db")

    assert (scanned.code, scanned.err.count(why)) == (2, 1), scanned
    assert (list(wire.log), Path("s").exists(), Path("estate.db").exists()) == ([], False, False)
