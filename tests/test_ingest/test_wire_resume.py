"""A collection that is killed again and again: it goes on, asks nothing twice, and ends as if nothing had been."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from botocore import xform_name
from wire.asking import chosen, client_of, environment, gathered, signed
from wire.canned import HOME, WHEN, Canned, account_of
from wire.requests import Asked
from wire.server import Wire, running

from graph.errors import SourceError
from graph.model import Outcome
from ingest.snapshot import MANIFEST, CallRecord, Snapshot, SnapshotWriter, interrupted

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
ROOT = Path(__file__).parents[2]
ACCOUNTS = (HOME, "222222222222")
REGIONS = ("eu-west-1",)
KILLS = 20


class Nursery:
    """Collections as processes, one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def collect(self, folder: Path, *, kill_after: float | None = None) -> int:
        """How the collection into the folder ended: 0, or the signal that killed it."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        child = int(self._line())
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return int(self._line())


@contextmanager
def nursery(wire: Wire) -> Iterator[Nursery]:
    """The process that forks them."""
    command = [sys.executable, str(ROOT / "tests" / "wire" / "nursery.py"), wire.url]
    process = subprocess.Popen(
        [*command, ",".join(ACCOUNTS), ",".join(REGIONS)],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **environment(),
            "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        held = Nursery(process)
        assert held._line() == "ready"
        yield held
    finally:
        process.communicate(timeout=30)


def settled(folder: Path) -> list[CallRecord]:
    """The calls of the snapshot that need not be asked again."""
    try:
        return [call for call in Snapshot.read(folder).calls if call.settled]
    except SourceError:
        return []


def repeats(asked: Asked, call: CallRecord) -> bool:
    """Whether the request is one of this call; who we are is asked at every start."""
    operation = f"{asked.service}.{xform_name(asked.operation)}"
    if operation != call.operation or account_of(asked.key) != call.scope:
        return False
    if call.operation == "sts.get_caller_identity" and call.scope == HOME:
        return False
    region = "us-east-1" if call.region == "global" else call.region
    values = {str(value) for value in asked.params.values()}
    return asked.region == region and all(
        part in values for part in call.argument.split("|") if part
    )


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a snapshot but its manifest."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def test_a_collection_that_is_killed_twenty_times_ends_as_one_that_was_not(tmp_path: Path) -> None:
    moments = random.Random(20)  # noqa: S311 - seeded: the same moments every time
    estate = Canned(accounts=ACCOUNTS, regions=REGIONS, notebooks=12)
    whole, killed, kills = tmp_path / "whole", tmp_path / "killed", 0
    with running(estate) as wire, nursery(wire) as collections:
        began = time.monotonic()
        assert collections.collect(whole) == 0
        took = time.monotonic() - began
        assert any(repeats(asked, call) for asked in wire.log for call in settled(whole)[-3:])
        while True:
            held = settled(killed)
            wire.log.clear()
            at = moments.uniform(0, took / 4) if kills < KILLS else None
            ended = collections.collect(killed, kill_after=at)
            twice = [asked.name for asked in wire.log for call in held if repeats(asked, call)]
            assert twice == []
            if ended:
                kills += 1
                assert interrupted(killed) or not (killed / MANIFEST).exists()
            elif kills < KILLS:  # done before its time: from the start again
                assert content(killed) == content(whole)
                killed = tmp_path / f"killed{kills}"
            else:
                break

    assert kills == KILLS
    assert held, "something was settled before the last start"
    assert content(killed) == content(whole)
    keys = [{call.key for call in Snapshot.read(folder).calls} for folder in (whole, killed)]
    assert keys[0] == keys[1]
    assert not Snapshot.read(killed).interrupted
    assert {call.outcome for call in Snapshot.read(killed).calls} == {Outcome.OK}


def test_a_manifest_whose_first_line_was_cut_off_is_begun_anew(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / MANIFEST).write_text('{"format": 1, "to', encoding="utf-8")
    with signed(), running(Canned()) as wire:
        assert gathered(client_of(wire), folder, chosen("kms.list_keys")).complete

    assert not Snapshot.read(folder).interrupted


def test_what_a_resumed_collection_found_is_counted_once(tmp_path: Path) -> None:
    resources = chosen("kms.list_keys", "kms.describe_key", "account.list_regions")
    with signed(), running(Canned()) as wire:
        first = gathered(client_of(wire), tmp_path / "s", resources, finish=False, regions=())
        again = gathered(client_of(wire), tmp_path / "s", resources, regions=())

    assert (again.made, again.held, again.outcomes) == (0, first.made, first.outcomes)


def test_half_written_answers_of_a_killed_collection_are_taken_away(tmp_path: Path) -> None:
    with signed(), running(Canned()) as wire:
        gathered(client_of(wire), tmp_path / "s", chosen("kms.list_keys"), finish=False)
        left = next((tmp_path / "s").rglob("*.json")).with_suffix(".part")
        left.write_text("{", encoding="utf-8")
        gathered(client_of(wire), tmp_path / "s", chosen("kms.list_keys"))

    assert not left.exists()


def test_two_collections_do_not_write_one_folder(tmp_path: Path) -> None:
    with (
        SnapshotWriter(tmp_path / "s", tool="test", started=WHEN),
        pytest.raises(SourceError, match="another collection"),
    ):
        SnapshotWriter(tmp_path / "s", tool="test", started=WHEN)
    SnapshotWriter(tmp_path / "s", tool="test", started=WHEN).close()
