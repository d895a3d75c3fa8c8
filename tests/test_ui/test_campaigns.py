"""Campaigns of access reviews: whose turn it is, what counts as decided, and what leaves as evidence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from app_stores import write
from builders import A, B, Land, allow
from page_script import SCRIPT
from running import Ended, Run
from streamlit.testing.v1 import AppTest

from graph.stores import open_store

STORE = "estate.db"
NOW = datetime(2026, 3, 1, 7, tzinfo=UTC)
OPEN = ("review", "q1", "--due", "2099-01-01", "--by", "lead@example.com", "--reason", "quarterly")


@pytest.fixture
def estate(run: Run, tmp_path: Path) -> Run:
    """The program beside a store of two accounts with users; ann and ben hold exactly the same."""
    land = Land(A, B)
    data = land.bucket("claims", sensitivity=10)
    team = land.group("team", allow("s3:GetObject", f"{data}/*"))
    for name in ("ann", "ben"):
        land.member(land.user(name), team)
    land.user("cleo", allow("s3:PutObject", f"{data}/*"))
    land.user("dan", account=B)
    write(tmp_path / STORE, land.batch(), tuple(land.coverage.values()))
    return run


@pytest.fixture
def campaign(estate: Run) -> Run:
    """The same, with a campaign: jo looks at ann and ben, mo at the rest of the first account."""
    opened = estate(*OPEN, "--share", "jo@example.com=name:ann,name:ben", "--share", f"mo@example.com=account:{A}")  # fmt: skip
    assert opened.code == 1, opened.err
    return estate


def decide(run: Run, who: str, what: str, by: str = "jo@example.com") -> Ended:
    return run("decide", who, "--what", what, "--by", by, "--reason", "seen")


def stages(run: Run, *more: str) -> dict[str, tuple[str, str]]:
    told = json.loads(run("review", "q1", "--format", "json", *more).out)["result"]["items"]
    return {one["identity"].rpartition("/")[2]: (one["reviewer"], one["stage"]) for one in told}


def test_each_identity_falls_to_the_first_reviewer_whose_share_selects_it(campaign: Run) -> None:
    assert stages(campaign) == {
        "ann": ("jo@example.com", "to decide"),
        "ben": ("jo@example.com", "to decide"),
        "cleo": ("mo@example.com", "to decide"),
    }


def test_a_verdict_counts_from_the_opening_on_and_passing_on_is_none(
    estate: Run, campaign: Run
) -> None:
    decide(campaign, "ann", "keep")
    decide(campaign, "ben", "not mine")

    assert {name: stage for name, (_, stage) in stages(campaign).items()} == {
        "ann": "decided",
        "ben": "passed on",
        "cleo": "to decide",
    }
    again = estate(*OPEN, "--share", f"jo@example.com=account:{A}")
    assert again.code == 1
    assert {stage for _, stage in stages(campaign).values()} == {"to decide"}


def test_a_withdrawn_verdict_is_to_be_given_again(campaign: Run) -> None:
    decide(campaign, "ann", "revoke")
    decide(campaign, "ann", "withdraw")

    assert stages(campaign)["ann"][1] == "to decide"


def test_a_campaign_is_done_when_all_is_decided_and_nothing_is_left_to_find(campaign: Run) -> None:
    for who in ("ann", "ben", "cleo"):
        decide(campaign, who, "keep")

    done = campaign("review", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(done.out))
    assert (row["STATE"], row["DECIDED"], row["TO DECIDE"]) == ("done", "3", "0")
    assert done.code == 3  # not 1: only the data of this small store is incomplete


def test_a_campaign_past_its_day_is_overdue(estate: Run, tmp_path: Path) -> None:
    from graph.model import Decision
    from queries.campaigns import opening

    shares = {"jo@example.com": f"account:{A}"}
    past = datetime(2020, 1, 1, tzinfo=UTC)
    made: Decision = opening("q1", shares, due=past + timedelta(days=30), person="lead", reason="quarterly", now=past)  # fmt: skip
    with open_store(f"sqlite:///{tmp_path / STORE}") as store:
        store.decide(made)

    assert "overdue" in estate("review").out


def test_the_evidence_says_who_decided_what_when_and_why(campaign: Run) -> None:
    decide(campaign, "ann", "revoke")

    rows = list(csv.DictReader(io.StringIO(campaign("review", "q1", "--format", "csv").out)))

    told = {row["IDENTITY"]: row for row in rows}
    assert (told["ann"]["VERDICT"], told["ann"]["BY"], told["ann"]["REASON"]) == ("revoke", "jo@example.com", "seen")  # fmt: skip
    assert told["cleo"]["VERDICT"] == ""
    mine = csv.DictReader(io.StringIO(campaign("review", "q1", "--reviewer", "mo@example.com", "--format", "csv").out))  # fmt: skip
    assert [row["IDENTITY"] for row in mine] == ["cleo"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("review", "q9"), "no campaign `q9`"),
        ((*OPEN, "--share", "jo@example.com"), "a share names a reviewer and a selection"),
        ((*OPEN, "--share", "jo@example.com=name:nobody"), "selects nobody"),
        (OPEN, "a share for each reviewer"),
        ((*OPEN[:3], "soon", *OPEN[4:], "--share", "jo=identities"), "`soon` is no day"),
        ((*OPEN[:6], "--reason", "why", "--by", " ", "--share", "jo=identities"), "a person"),
    ],
)
def test_what_is_wrong_is_one_line_and_opens_nothing(
    estate: Run, asked: tuple[str, ...], says: str
) -> None:
    ended = estate(*asked)

    assert (ended.code, says in ended.err) == (2, True), ended
    assert json.loads(estate("review", "--format", "json").out)["result"] == []


def test_a_withdrawn_campaign_is_over(campaign: Run) -> None:
    assert decide(campaign, "campaign:q1", "withdraw").code == 0

    assert json.loads(campaign("review", "--format", "json").out)["result"] == []


Visit = Callable[..., AppTest]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Visit:
    """Opens the page of reviews over the store."""

    def opened(**params: str) -> AppTest:
        for name in ("CACHE", "CONFIG", "LOG_LEVEL", "LOG_FORMAT", "DEBUG"):
            monkeypatch.delenv(f"SHADOWGRAPH_{name}", raising=False)
        monkeypatch.setenv("SHADOWGRAPH_STORE", f"sqlite:///{tmp_path / STORE}")
        monkeypatch.setenv("SHADOWGRAPH_NOW", NOW.isoformat())
        at = AppTest.from_string(SCRIPT.format(page="review"), default_timeout=60)
        for name, value in params.items():
            at.query_params[name] = value
        return at.run()

    return opened


def told(text: str) -> str:
    """The text as it is read, without what keeps it from being markdown."""
    return text.replace("\\", "").replace("\u2060", "")


def user(name: str) -> str:
    return f"arn:aws:iam::{A}:user/{name}"


def fill(at: AppTest, *, person: str) -> None:
    texts = {one.label: one for one in at.text_input}
    texts["Who decides: your name or address"].input(person)
    texts["Reason"].input("rarely needed")


def test_the_page_shows_the_share_of_a_reviewer_and_how_far_the_campaign_is(
    campaign: Run, visit: Visit
) -> None:
    decide(campaign, "ann", "keep")

    at = visit(campaign="q1", reviewer="jo@example.com")

    assert not at.exception
    assert sorted(at.dataframe[0].value["Identity"]) == ["ann", "ben"]
    assert any("due 2099-01-01" in told(one.value) for one in at.markdown)
    assert {one.label: one.value for one in at.metric}["To review"] == "1"


def test_a_key_chooses_the_verdict_and_the_same_is_decided_on_who_is_alike(
    campaign: Run, visit: Visit
) -> None:
    at = visit(campaign="q1", row=user("ann"))
    next(one for one in at.button if one.label == "Revoke").click().run()
    assert at.radio[0].value == "revoke"
    fill(at, person="jo@example.com")
    (alike,) = at.checkbox
    assert "1 identity more" in alike.label
    alike.check()

    next(one for one in at.button if one.label == "Record the decision").click().run()

    assert any("2 decisions are in the record" in one.value for one in at.success)
    told = json.loads(campaign("review", "q1", "--format", "json").out)["result"]["items"]
    assert {one["identity"]: one["verdict"] for one in told} == {
        user("ann"): "revoke",
        user("ben"): "revoke",
        user("cleo"): None,
    }


def test_nothing_is_kept_where_one_of_those_alike_would_be_a_review_of_oneself(
    campaign: Run, visit: Visit
) -> None:
    at = visit(campaign="q1", row=user("ann"))
    fill(at, person="ben")
    at.checkbox[0].check()

    next(one for one in at.button if one.label == "Record the decision").click().run()

    assert any("may not review their own access" in one.value for one in at.error)
    assert {stage for _, stage in stages(campaign).values()} == {"to decide"}
