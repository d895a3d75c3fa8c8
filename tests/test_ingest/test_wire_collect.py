"""How a collection works: what it does at a time, whose credentials sign what, and what it keeps in memory."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path
from shutil import rmtree

import pytest
from wire.answers import Wired
from wire.asking import ask, chosen, client_of, gathered, signed
from wire.canned import HOME, Canned, Normal, account_of, error, page
from wire.requests import Asked
from wire.server import running

from graph.errors import SourceError
from graph.model import Outcome
from ingest.aws import client_errors
from ingest.aws.client import _filled
from ingest.aws.client_errors import plain_page
from ingest.aws.client_sessions import Sessions
from ingest.snapshot import Snapshot
from ingest.source import Ask, Client, Reply

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
ACCOUNTS = tuple(str(111111111111 + at) for at in range(6))
REGIONS = ("eu-west-1", "us-east-1", "eu-central-1")
RESOURCES = chosen(
    "iam.get_account_authorization_details",
    "s3.list_buckets",
    "s3.get_bucket_policy",
    "sagemaker.list_notebook_instances",
    "sagemaker.describe_notebook_instance",
    "kms.list_keys",
    "kms.describe_key",
)


class Crowd:
    """Counts how many requests are answered at one time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.gate = threading.Event()

    def step(self, asked: Asked, told: Normal) -> Wired:
        for name in ("all", f"{asked.region}/{account_of(asked.key)}"):
            with self.lock:
                self.now[name] = self.now.get(name, 0) + 1
                self.most[name] = max(self.most.get(name, 0), self.now[name])
        self.gate.wait(0.03)
        with self.lock:
            self.now["all"] -= 1
            self.now[f"{asked.region}/{account_of(asked.key)}"] -= 1
        return told()


def test_accounts_share_clients_and_never_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, str]] = []
    real = Sessions._make

    def counted(sessions: Sessions, service: str, region: str) -> object:
        made.append((service, region))
        return real(sessions, service, region)

    monkeypatch.setattr(Sessions, "_make", counted)
    with signed(), running(Canned(accounts=ACCOUNTS, regions=REGIONS)) as wire:
        client = client_of(wire)
        done = gathered(client, tmp_path / "s", RESOURCES, accounts=ACCOUNTS, regions=REGIONS)

    assert done.complete
    calls = Snapshot.read(tmp_path / "s")
    named = [(call.scope, json.dumps(list(calls.pages(call)))) for call in calls.calls]
    for scope, told in named:
        strangers = [other for other in ACCOUNTS if other != scope and other in told]
        assert strangers == [], scope
    assert {scope for scope, told in named if scope in told} == set(ACCOUNTS)
    assert len(made) < 2 * len(set(made)), "clients do not multiply with accounts"
    assert client._sessions._clients.keys() <= {("sts", "eu-west-1")}, "none is kept"


def test_no_more_is_asked_at_a_time_than_was_agreed(tmp_path: Path) -> None:
    crowd, estate = Crowd(), Canned(accounts=ACCOUNTS, regions=REGIONS, notebooks=12)
    estate.script("sagemaker.DescribeNotebookInstance", crowd.step)
    with signed(), running(estate) as wire:
        gathered(client_of(wire), tmp_path / "s", RESOURCES, accounts=ACCOUNTS, regions=REGIONS)

    assert 4 < crowd.most.pop("all") <= 16
    assert 1 < max(crowd.most.values()) <= 4


def test_a_fault_of_the_program_stops_the_collection_and_leaves_it_unfinished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with signed(), running(Canned()) as wire:
        client = client_of(wire)
        asked = type(client).ask

        def broken(self: Client, ask: Ask) -> Reply:
            if ask.call.operation == "kms.list_keys":
                raise ZeroDivisionError("a fault")
            return asked(self, ask)  # type: ignore[arg-type]  # it is one

        monkeypatch.setattr(type(client), "ask", broken)
        with pytest.raises(ZeroDivisionError):
            gathered(client, tmp_path / "s", RESOURCES)

    assert Snapshot.read(tmp_path / "s").interrupted


def test_our_own_credentials_that_expire_are_taken_anew(tmp_path: Path) -> None:
    estate = Canned(accounts=ACCOUNTS[:2])

    def once(asked: Asked, told: Normal) -> Wired:
        estate.scripts.clear()
        return error(403, "ExpiredToken", "too old")(asked, told)

    estate.script("sts.AssumeRole", once)
    with signed(), running(estate) as wire:
        done = gathered(client_of(wire), tmp_path / "s", RESOURCES, accounts=ACCOUNTS[:2])

    assert done.complete
    assert len(wire.asked("sts.AssumeRole")) == 2


def test_without_a_role_to_assume_other_accounts_are_denied_unasked() -> None:
    with signed(), running(Canned(accounts=ACCOUNTS[:2])) as wire:
        client = client_of(wire, role="")
        reply = ask(client, "s3.list_buckets", scope=ACCOUNTS[1])

    assert (reply.outcome, "aws.role" in reply.detail) == (Outcome.DENIED, True)
    assert wire.asked("sts.AssumeRole") == []


def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    with signed(), running(Canned()) as wire:
        client = client_of(wire)
        gathered(client, tmp_path / "s", chosen("kms.list_keys"), finish=False)
        place = tmp_path / "s" / "answers" / "aws" / HOME / "eu-west-1"
        rmtree(place)
        place.write_text("in the way", encoding="utf-8")
        with pytest.raises(SourceError, match="cannot write"):
            gathered(client, tmp_path / "s", chosen("kms.list_keys"))


@pytest.mark.parametrize("left", [None, "", '{"pages": [', "[]"])
def test_an_answer_that_cannot_be_read_any_more_is_asked_again(
    left: str | None, tmp_path: Path
) -> None:
    with signed(), running(Canned()) as wire:
        gathered(client_of(wire), tmp_path / "s", chosen("kms.list_keys"), finish=False)
        kept = next((tmp_path / "s").rglob("kms.list_keys.json"))
        whole = kept.read_bytes()
        kept.unlink()
        if left is not None:
            kept.write_text(left, encoding="utf-8")
        done = gathered(client_of(wire), tmp_path / "s", chosen("kms.list_keys"))

    assert (done.made, done.complete, kept.read_bytes()) == (1, True, whole)


def test_little_that_unpacks_to_very_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_errors, "MOST_UNPACKED", 1_000)

    assert plain_page({"Body": gzip.compress(b"a" * 1_000)}) == {"Body": "a" * 1_000}
    with pytest.raises(ValueError, match="more than 1,000 bytes"):
        plain_page({"Body": gzip.compress(b"a" * 1_001)})
    with pytest.raises(ValueError, match="damaged"):
        plain_page({"Body": gzip.compress(b"a" * 1_000)[:-12]})


def test_an_answer_nested_without_end_is_a_failure(tmp_path: Path) -> None:
    estate = Canned()
    estate.script("kms.ListKeys", page(200, '{"Keys": ' + "[" * 100_000 + "]" * 100_000 + "}"))
    with signed(), running(estate) as wire:
        done = gathered(client_of(wire), tmp_path / "s", chosen("kms.list_keys", "s3.list_buckets"))

    assert done.outcomes[Outcome.FAILED] == 1


def test_a_name_with_braces_is_sent_as_it_is() -> None:
    values = {"0": "{account}", "1": "é{0}", "account": "111111111111"}

    assert _filled({"A": "{0}", "B": ["{1}/{account}"], "C": "{novel}"}, values) == {
        "A": "{account}",
        "B": ["é{0}/111111111111"],
        "C": "{novel}",
    }


def test_a_home_that_is_not_read_still_speaks_for_its_organisation(tmp_path: Path) -> None:
    other = ACCOUNTS[3]
    resources = {
        **RESOURCES,
        **chosen(
            "organizations.describe_organization",
            "organizations.list_roots",
            "organizations.list_organizational_units_for_parent",
        ),
    }
    with signed(), running(Canned(accounts=(HOME, other))) as wire:
        gathered(client_of(wire), tmp_path / "s", resources, accounts=(other,))

    calls = Snapshot.read(tmp_path / "s").calls
    home = {call.key.operation for call in calls if call.scope == HOME}
    assert home == {"sts.get_caller_identity", *(resources.keys() - RESOURCES.keys())}
    rest = {call.key.operation for call in calls if call.scope == other}
    assert rest >= {"iam.get_account_authorization_details", "s3.list_buckets", "kms.list_keys"}
    assert not any(name.startswith("organizations.") for name in rest)


@pytest.mark.parametrize("configured", ["eu-west-1", "us-gov-west-1"])
def test_where_the_regions_are_not_told_the_own_region_stands_in(
    tmp_path: Path, configured: str
) -> None:
    estate = Canned()
    estate.script("account.ListRegions", error(403, "AccessDeniedException"))
    with signed(), running(estate) as wire:
        client = client_of(wire, region=configured)
        gathered(client, tmp_path / "s", chosen("sagemaker.list_notebook_instances"), regions=())

    calls = {call.key.operation: call for call in Snapshot.read(tmp_path / "s").calls}
    assert calls["account.list_regions"].outcome is Outcome.DENIED
    assert calls["sagemaker.list_notebook_instances"].region == configured
