"""Faults on the wire: each ends as what it is, takes nothing away, and is asked again when the collection goes on."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from shutil import copyfile
from typing import Any
from unittest.mock import patch

import pytest
from ingest_snapshots import unresolved
from wire.answers import Wired, refused
from wire.asking import ask, client_of, ended, gathered, signed
from wire.canned import (
    HOME,
    REGION,
    Canned,
    Normal,
    error,
    half,
    normal,
    page,
    telling,
)
from wire.faults import DETAILS, FAULTS, HTML, LIST, LISTED, ONE, RESOURCES, TOLD, Fault, only
from wire.requests import Asked
from wire.server import Wire, running

from graph.errors import SourceError
from graph.model import Outcome
from graph.stores import open_store
from ingest.load import LoadReport, load_snapshot
from ingest.snapshot import Snapshot

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def estate() -> Canned:
    return Canned()


@pytest.fixture
def wire(estate: Canned) -> Iterator[Wire]:
    with signed(), running(estate) as served:
        yield served


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds the estate as it is when nothing goes wrong."""
    folder = tmp_path_factory.mktemp("healthy")
    with signed(), running(Canned()) as served:
        assert gathered(client_of(served), folder / "s", RESOURCES).complete
    assert loaded(folder / "s", folder / "estate.db").complete
    return folder / "estate.db"


def loaded(folder: Path, store: Path, day: int = 1) -> LoadReport:
    opened = open_store(f"sqlite:///{store}", create=True)
    try:
        now = datetime(2026, 3, day, tzinfo=UTC)
        return load_snapshot(folder, opened, resolve=unresolved, now=now)
    finally:
        opened.close()


def rows(store: Path) -> dict[str, Any]:
    """Every live row by its identity."""
    opened = open_store(f"sqlite:///{store}")
    try:
        facts = opened.facts()
    finally:
        opened.close()
    return {
        **{row.id: row for row in facts.nodes},
        **{row.id: row for row in facts.edges},
        **{row.id: row for row in facts.attachments},
        **{row.hash: row for row in facts.documents},
    }


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_told_takes_nothing_away_and_is_made_up_for(
    fault: Fault, estate: Canned, wire: Wire, healthy: Path, tmp_path: Path
) -> None:
    store, folder = tmp_path / "estate.db", tmp_path / "s"
    copyfile(healthy, store)
    before = rows(store)
    estate.script(fault.at, *fault.steps)

    done = gathered(client_of(wire, **fault.access), folder, RESOURCES)
    report = loaded(folder, store, 2)

    call = ended(folder)[fault.call]
    assert (call.outcome, call.missing_permission) == (fault.outcome, fault.permission), call
    assert fault.says in call.detail
    assert (call.detail != "", call.file) == (True, None)
    unwell = {key for key, row in ended(folder).items() if row.outcome is not Outcome.OK}
    assert unwell == {fault.call}
    assert (done.complete, report.complete) == (False, False)
    assert rows(store).keys() == before.keys()

    estate.heal()
    settled = {key for key, row in ended(folder).items() if row.settled}
    if fault.call in settled:  # it would be refused again
        with pytest.raises(SourceError, match="finished"):
            gathered(client_of(wire), folder, RESOURCES)
        return
    wire.log.clear()
    again = gathered(client_of(wire), folder, RESOURCES)
    assert again.complete
    assert not {asked.name for asked in wire.log} - {
        "sts.GetCallerIdentity",
        fault.at,
        *_below(fault.at),
    }
    assert loaded(folder, store, 3).complete
    assert rows(store).keys() == before.keys()


def _below(operation: str) -> tuple[str, ...]:
    """The operations whose arguments the answers of this one name."""
    held = {
        LIST: (ONE,),
        "s3.ListBuckets": ("s3.GetBucketPolicy",),
        "kms.ListKeys": ("kms.DescribeKey", "kms.GetKeyPolicy"),
    }
    return held.get(operation, ())


def test_a_call_that_is_throttled_at_first_waits_as_it_was_told_to(
    estate: Canned, wire: Wire
) -> None:
    client = client_of(wire)
    assert (
        ask(client, "kms.list_keys").outcome is Outcome.OK
    )  # the client stands, its models are read
    estate.script("kms.ListKeys", error(429, "Throttled", Retry_After="1"), normal)

    began = time.monotonic()
    reply = ask(client, "kms.list_keys")

    assert (reply.outcome, reply.items) == (Outcome.OK, 1)
    assert time.monotonic() - began >= 1.0


def test_a_date_says_when_to_ask_again_as_well(estate: Canned, wire: Wire) -> None:
    client = client_of(wire)
    assert ask(client, "kms.list_keys").outcome is Outcome.OK
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    estate.script("kms.ListKeys", error(503, "Busy", Retry_After=later), normal)

    began = time.monotonic()

    assert ask(client, "kms.list_keys").outcome is Outcome.OK
    assert time.monotonic() - began >= 0.9  # a date has no parts of seconds


def test_an_answer_that_was_cut_off_once_is_asked_for_again(estate: Canned, wire: Wire) -> None:
    estate.script(LIST, normal, half, normal)

    reply = ask(client_of(wire), LISTED)

    assert (reply.outcome, reply.items) == (Outcome.OK, 5)
    assert [asked.params.get("NextToken") for asked in wire.asked(LIST)] == [
        None,
        "2",
        None,
        "2",
        "4",
    ]


def test_credentials_that_expire_are_taken_anew_once(
    estate: Canned, wire: Wire, tmp_path: Path
) -> None:
    member = "222222222222"
    estate.accounts = (HOME, member)

    def old(asked: Asked, told: Normal) -> Wired:
        stale = asked.key.endswith("0001")
        return refused(asked, 400, "ExpiredTokenException", "too old") if stale else told()

    estate.script(LIST, only("NextToken", "2", old))  # in the middle of a listing

    done = gathered(client_of(wire), tmp_path / "s", RESOURCES, accounts=(HOME, member))

    assert done.complete
    assert [asked.key[4:16] for asked in wire.asked("sts.AssumeRole")] == [HOME, HOME]
    listing = [asked for asked in wire.asked(LIST) if asked.key[4:16] == member]
    assert [asked.key[-1] for asked in listing] == ["1", "1", "2", "2", "2"]
    told = {asked.key[-1] for asked in wire.asked(ONE) if asked.key[4:16] == member}
    assert told == {"2"}


def test_credentials_that_stay_expired_are_not_asked_for_for_ever(
    estate: Canned, wire: Wire
) -> None:
    estate.script(LIST, error(400, "ExpiredTokenException", "too old"))

    reply = ask(client_of(wire), LISTED)

    assert (reply.outcome, reply.missing_permission) == (Outcome.FAILED, None)
    assert "expired" in reply.detail
    assert len(wire.asked(LIST)) == 2


def test_an_empty_page_with_a_token_is_followed(estate: Canned, wire: Wire) -> None:
    estate.script(LIST, telling(lambda _: {"NotebookInstances": [], "NextToken": "0"}), normal)

    reply = ask(client_of(wire), LISTED)

    assert (reply.outcome, reply.items, len(wire.asked(LIST))) == (Outcome.OK, 5, 4)


def test_items_that_are_told_twice_are_asked_about_once(
    estate: Canned, wire: Wire, healthy: Path, tmp_path: Path
) -> None:
    def double(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "NotebookInstances": body["NotebookInstances"] * 2}

    estate.script(LIST, telling(double))

    done = gathered(client_of(wire), tmp_path / "s", RESOURCES)
    report = loaded(tmp_path / "s", tmp_path / "estate.db")

    assert (done.complete, report.complete) == (True, True)
    assert len(wire.asked(ONE)) == 5
    assert rows(tmp_path / "estate.db").keys() == rows(healthy).keys()


def test_unknown_members_are_kept_out_of_the_way(
    estate: Canned, wire: Wire, healthy: Path, tmp_path: Path
) -> None:
    def more(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "QuantumMode": {"Deep": [1, None, {"x": "y"}]}, "NotebookInstanceMood": 7}

    estate.script(ONE, telling(more))
    estate.script(LIST, telling(more))

    done = gathered(client_of(wire), tmp_path / "s", RESOURCES)

    assert (done.complete, loaded(tmp_path / "s", tmp_path / "estate.db").complete) == (True, True)
    assert rows(tmp_path / "estate.db").keys() == rows(healthy).keys()


def test_what_was_listed_a_moment_ago_and_is_gone_is_no_failure(
    estate: Canned, wire: Wire, tmp_path: Path
) -> None:
    gone = error(400, "ValidationException", "RecordNotFound")
    estate.script(ONE, only("NotebookInstanceName", "n1", gone))

    done = gathered(client_of(wire), tmp_path / "s", RESOURCES)

    call = ended(tmp_path / "s")[f"{TOLD}/n1"]
    assert done.complete
    assert (call.outcome, call.items, call.detail[:21]) == (Outcome.OK, 0, "gone since it was lis")
    assert loaded(tmp_path / "s", tmp_path / "estate.db").complete


@pytest.mark.parametrize(
    "code", ["UnrecognizedClientException", "OptInRequired", "InvalidClientTokenId"]
)
def test_a_region_that_is_not_enabled_is_unsupported_there_alone(
    code: str, estate: Canned, wire: Wire, healthy: Path, tmp_path: Path
) -> None:
    def there(asked: Asked, told: Normal) -> Wired:
        return refused(asked, 403, code, "not here") if asked.region == "af-south-1" else told()

    for name in (LIST, "kms.ListKeys"):
        estate.script(name, there)
    store = tmp_path / "estate.db"
    copyfile(healthy, store)

    done = gathered(client_of(wire), tmp_path / "s", RESOURCES, regions=(REGION, "af-south-1"))

    assert done.outcomes == {Outcome.OK: done.made - 2, Outcome.UNSUPPORTED: 2}
    assert not loaded(tmp_path / "s", store, 2).complete
    assert rows(store).keys() == rows(healthy).keys()


def test_an_account_that_cannot_be_entered_is_denied_with_the_role_to_allow(
    estate: Canned, wire: Wire, tmp_path: Path
) -> None:
    closed = "333333333333"
    estate.accounts, estate.closed = (HOME, closed), frozenset({closed})

    done = gathered(client_of(wire), tmp_path / "s", RESOURCES, accounts=("all",))

    assert not done.complete
    assert len(wire.asked("sts.AssumeRole")) == 1, "one refusal is enough"
    held = (call for key, call in _by_key(tmp_path / "s").items() if key[0] == closed)
    told = {(call.operation, call.region, call.outcome, call.missing_permission) for call in held}
    roots = {
        (DETAILS, "global"),
        ("s3.list_buckets", "global"),
        (LISTED, REGION),
        ("kms.list_keys", REGION),
    }
    missing = f"sts:AssumeRole on arn:aws:iam::{closed}:role/estate-reader"
    assert told == {(*root, Outcome.DENIED, missing) for root in roots}


def _by_key(folder: Path) -> dict[tuple[str, str, str], Any]:
    calls = Snapshot.read(folder).calls
    return {(call.scope, call.region, call.key.call): call for call in calls}


def test_a_page_in_html_does_not_say_who_we_are(estate: Canned, wire: Wire) -> None:
    estate.script("sts.GetCallerIdentity", page(200, HTML))

    with pytest.raises(SourceError, match="does not say who we are"):
        client_of(wire)


def test_a_service_without_an_address_is_unsupported_and_asked_once(wire: Wire) -> None:
    client = client_of(wire)
    nameless = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    with patch("socket.getaddrinfo", side_effect=nameless):
        first = ask(client, "kms.list_keys")
    second = ask(client, "kms.list_keys")

    assert [first.outcome, second.outcome] == [Outcome.UNSUPPORTED, Outcome.UNSUPPORTED]
    assert wire.asked("kms.ListKeys") == []
