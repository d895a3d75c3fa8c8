"""Rules, reviews and decisions on the command line: what they end with, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Ended, Run
from small_estate import write_snapshot

STORE = "sqlite:///estate.db"
Decide = Callable[..., Ended]


@pytest.fixture
def loaded(run: Run, tmp_path: Path) -> Run:
    """The program beside a store of the small account, read whole."""
    run("load", write_snapshot(tmp_path / "snapshot"))
    return run


@pytest.fixture
def decide(loaded: Run) -> Decide:
    """Decides on a subject, with a person and a reason unless others are given."""

    def decided(
        subject: str, what: str, *more: str, by: str = "jo@example.com", reason: str = "so"
    ) -> Ended:
        return loaded("decide", subject, "--what", what, "--by", by, "--reason", reason, *more)

    return decided


def findings(run: Run, *more: str) -> list[dict[str, str]]:
    held: list[dict[str, str]] = json.loads(run("check", "--format", "json", *more).out)["result"][
        "findings"
    ]
    return held


def test_findings_end_with_one_and_unknown_rules_with_two(loaded: Run) -> None:
    assert findings(loaded)
    assert loaded("check").code == 1
    wrong = loaded("check", "--rule", "x-999")
    assert (wrong.code, "no rule `x-999`" in wrong.err) == (2, True)


def test_a_rule_alone_and_a_severity_narrow_the_list(loaded: Run) -> None:
    everything = findings(loaded)
    rule = everything[0]["rule"]

    assert {one["rule"] for one in findings(loaded, "--rule", rule)} == {rule}
    severe = findings(loaded, "--severity", "high")
    assert {one["severity"] for one in severe} <= {"high", "critical"}
    assert len(severe) < len(everything)


def test_an_accepted_finding_is_no_longer_listed_and_stays_in_the_record(
    loaded: Run, decide: Decide
) -> None:
    before = findings(loaded)
    one = before[0]["id"]

    assert decide(one, "accept", "--until", "2027-01-01").code == 0

    after = findings(loaded)
    assert [row["id"] for row in after] == [row["id"] for row in before if row["id"] != one]
    told = {row["id"]: row["status"] for row in findings(loaded, "--all")}
    assert told[one] == "accepted"
    decide(one, "withdraw")
    assert len(findings(loaded)) == len(before)


@pytest.mark.parametrize(
    ("what", "more", "why"),
    [
        ("accept", (), "a day on which it ends"),
        ("accept", ("--until", "soon"), "`soon` is no day"),
        ("accept", ("--until", "2020-01-01"), "end before it is made"),
        ("forgive", (), "nothing that can be decided"),
        ("keep", (), "said of an identity"),
    ],
)
def test_a_decision_that_is_none_is_refused_in_one_line(
    loaded: Run, decide: Decide, what: str, more: tuple[str, ...], why: str
) -> None:
    ended = decide(findings(loaded)[0]["id"], what, *more)

    assert (ended.code, why in ended.err, "Traceback" in ended.err) == (2, True, False)


def test_several_are_decided_on_at_once_and_none_where_one_may_not_be(loaded: Run) -> None:
    ids = [row["id"] for row in findings(loaded)][:3]
    said = ("--what", "accept", "--by", "jo@example.com", "--reason", "so", "--until", "2027-01-01")

    assert loaded("decide", *ids, "finding:none", *said).code == 2
    assert {row["status"] for row in findings(loaded, "--all")} == {"open"}
    ended = loaded("decide", *ids, ids[0], *said, "--format", "json")
    assert [one["subject"] for one in json.loads(ended.out)] == ids
    accepted = {row["id"] for row in findings(loaded, "--all") if row["status"] == "accepted"}
    assert accepted == set(ids)


def test_what_is_no_finding_and_no_node_cannot_be_decided_on(decide: Decide) -> None:
    assert decide("finding:none", "withdraw").code == 2
    assert decide("nobody-at-all", "keep").code == 2


def test_nobody_reviews_their_own_access(decide: Decide) -> None:
    own = decide("alice", "keep", by="alice")
    other = decide("alice", "revoke", by="bob")

    assert (own.code, "may not review their own access" in own.err) == (2, True)
    assert other.code == 0


def test_an_owner_that_was_decided_on_is_told_with_the_finding(loaded: Run, decide: Decide) -> None:
    one = next(row for row in findings(loaded, "--rule", "x-011"))

    assert decide(one["asset"], "owner", "--value", "bob").code == 0
    told = {row["asset"]: row["owner"] for row in findings(loaded, "--rule", "x-011")}
    assert told.get(one["asset"], "bob") == "bob"


def test_a_review_without_identities_of_that_kind_is_refused(loaded: Run) -> None:
    ended = loaded("privilege", "--identity", "claims")

    assert (ended.code, "no identity with policies" in ended.err) == (2, True)


def test_a_proposal_is_written_with_what_stands_now(loaded: Run, tmp_path: Path) -> None:
    ended = loaded("privilege", "--identity", "alice", "--rightsize", str(tmp_path / "out"))

    about = json.loads((tmp_path / "out" / "about.json").read_text())
    assert ended.code in {0, 1, 3}
    assert about["identity"].endswith("/alice")


def test_shadow_assets_can_be_asked_for_by_reason(loaded: Run) -> None:
    held = json.loads(loaded("shadow", "--format", "json").out)["result"]
    orphaned = json.loads(loaded("shadow", "--reason", "orphaned", "--format", "json").out)[
        "result"
    ]

    assert [row["asset"] for row in orphaned] == [
        row["asset"] for row in held if "orphaned" in row["reasons"]
    ]
    assert orphaned


@pytest.mark.parametrize("command", ["check", "shadow", "privilege", "report"])
def test_a_store_without_runs_is_told_in_one_line(run: Run, tmp_path: Path, command: str) -> None:
    from graph.stores import open_store

    open_store(str(tmp_path / "empty.db"), create=True).close()
    words = (
        [command, "shadow", "--out", str(tmp_path / "out")] if command == "report" else [command]
    )

    ended = run(*words, "--store", f"sqlite:///{tmp_path / 'empty.db'}")

    assert (ended.code, "nothing was loaded" in ended.err, "fault of the program" in ended.err) == (
        2,
        True,
        False,
    )
