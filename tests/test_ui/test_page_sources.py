"""The sources page: what was read, what was not, and what would let it be read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from app_stores import HOSTILE, failed, hostile, url, write
from builders import A
from small_estate import ACCOUNT, WHEN, write_snapshot
from store_rows import USERS, node, ok
from streamlit.testing.v1 import AppTest

from access.resolve import resolve
from graph.model import Batch, Coverage, CoverageKey, NodeId, Outcome
from graph.stores import open_store
from ingest.load import load_snapshot
from ingest.snapshot import Snapshot
from ingest.source import by_operation
from ui.pagemodels.filters import Filters
from ui.pagemodels.sources import SourcesAsked, SourcesModel, asked_of, build_model
from ui.pagemodels.sources_unread import NEVER_ASKED, Refusal, refusal_of, subject_of
from ui.reading import Reading, open_reading

SAMPLE = Path(__file__).parents[2] / "sample" / "snapshot"
SNAPSHOT = Snapshot.read(SAMPLE)
BUCKET_POLICY = "s3.get_bucket_policy/models"
MODELS = NodeId("arn:aws:s3:::models")
SCRIPT = """
import streamlit as st
from ui.navigation import page_objects
from ui.page import pages
from ui.shell import frame

objects = page_objects()
st.navigation(list(objects.values()), position="hidden")
frame(next(page for page in pages() if page.url_path == "sources"), objects)
"""


def opened(address: str) -> Reading:
    reading = open_reading(address, cache=None).reading
    assert reading is not None
    return reading


def loaded(root: Path, snapshot: Path) -> str:
    store = open_store(url(root / "estate.db"), create=True)
    load_snapshot(snapshot, store, resolve=resolve, now=WHEN + timedelta(hours=1))
    store.close()
    return url(root / "estate.db")


def small(root: Path, *, denied: Iterable[str] = (), left_out: Iterable[str] = ()) -> Reading:
    snapshot = write_snapshot(root / "snapshot", denied=denied, left_out=left_out)
    return opened(loaded(root, snapshot))


def covered(root: Path, *rows: Coverage) -> Reading:
    """A store that knows one user and how these calls ended."""
    batch = Batch.of([node("User", "alone", name="alone")])
    return opened(write(root / "estate.db", batch, (*ok(USERS), *rows)))


def refused(call: str, permission: str, detail: str = "", *, scope: str = A) -> Coverage:
    key = CoverageKey("aws", scope, "global", call)
    return Coverage(key, Outcome.DENIED, missing_permission=permission, detail=detail)


def model(
    reading: Reading,
    asked: SourcesAsked = SourcesAsked(),  # noqa: B008  # a frozen value
    filters: Filters = Filters(),  # noqa: B008  # a frozen value
) -> SourcesModel:
    return build_model(reading, asked, filters)


def statements(told: SourcesModel) -> list[dict[str, object]]:
    """The statements of the only proposal."""
    (proposal,) = told.proposals
    made: list[dict[str, object]] = json.loads(proposal.text)["Statement"]
    return made


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return opened(loaded(tmp_path_factory.mktemp("sample"), SAMPLE))


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return small(tmp_path_factory.mktemp("complete"))


@pytest.fixture(scope="module")
def denied(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return small(tmp_path_factory.mktemp("denied"), denied=[BUCKET_POLICY])


# What was read.


def test_an_estate_that_was_read_completely_says_so(complete: Reading) -> None:
    told = model(complete)

    assert told.complete
    assert told.word == "ok"
    assert told.headline == f"{len(complete.coverage)} of {len(complete.coverage)} calls answered"
    assert told.proposals == told.fixes == told.unread == ()


def test_the_metrics_add_up(denied: Reading) -> None:
    shown = {metric.name: metric.value for metric in model(denied).metrics}

    calls = len(denied.coverage)
    assert (shown["Calls"], shown["Answered"]) == (str(calls), str(calls - 1))
    assert (shown["Not answered"], shown["Never asked"]) == ("1", "0")


def test_an_account_with_a_refused_call_is_incomplete(denied: Reading) -> None:
    (scope,) = model(denied).scopes

    assert (scope.scope, scope.word) == (ACCOUNT, "incomplete")
    assert scope.answered == scope.calls - 1
    assert scope.regions == ("eu-west-1", "global")


def test_the_grid_marks_a_service_with_a_refused_call_by_more_than_a_number(
    denied: Reading,
) -> None:
    told = model(denied)
    (row,) = told.grid.rows
    cells = dict(zip(told.grid.columns, row, strict=True))

    calls = {
        service: sum(row.key.operation.startswith(f"{service}.") for row in denied.coverage)
        for service in ("s3", "iam")
    }
    assert str(cells["s3"]) == f"▲ {calls['s3'] - 1} of {calls['s3']}"
    assert str(cells["iam"]) == f"✓ {calls['iam']} of {calls['iam']}"


def test_an_estate_of_which_nothing_was_answered_has_failed(tmp_path: Path) -> None:
    told = model(opened(failed(tmp_path / "estate.db")))

    assert told.word == "failed"
    assert {scope.word for scope in told.scopes} == {"failed"}
    assert told.unread


# What was not read, and what hangs on it.


def test_a_refused_call_names_its_permission_and_the_bucket_that_it_is_about(
    denied: Reading,
) -> None:
    (row,) = model(denied).unread

    assert (row.call, row.permission, row.node) == (
        "s3.get_bucket_policy",
        "s3:GetBucketPolicy",
        MODELS,
    )
    assert row.what == "bucket models"


def test_a_refused_call_leads_to_what_it_is_about(denied: Reading) -> None:
    (leads,) = model(denied).leads

    assert leads[0].page == "asset"
    assert dict(leads[0].params)["id"] == MODELS


def test_the_fix_names_permission_thing_and_account(denied: Reading) -> None:
    (fix,) = model(denied).fixes

    assert fix.words.startswith("Add s3:GetBucketPolicy on bucket models to the reading role")
    assert ACCOUNT in fix.words
    assert "load again" in fix.words


def test_a_call_that_was_never_made_stands_apart(tmp_path: Path) -> None:
    told = model(small(tmp_path, left_out=["lambda.list_functions"]))

    row = next(row for row in told.unread if row.call == "lambda.list_functions")
    assert (row.outcome, row.scope, row.permission) == (
        NEVER_ASKED,
        ACCOUNT,
        "lambda:ListFunctions",
    )
    assert any("Have the collector ask lambda.list_functions" in fix.words for fix in told.fixes)
    assert not told.complete


def test_what_the_organisation_was_never_asked_is_incomplete_and_not_failed(
    tmp_path: Path,
) -> None:
    told = model(small(tmp_path, left_out=["organizations.list_roots"]))

    (scope,) = (scope for scope in told.scopes if scope.scope == "organization")
    assert (scope.word, scope.told) == ("incomplete", "1 call never made")
    assert told.word == "incomplete"


def test_refused_calls_of_one_permission_are_one_thing_to_do(tmp_path: Path) -> None:
    told = model(small(tmp_path, denied=[BUCKET_POLICY, "s3.get_bucket_policy/claims"]))

    (fix,) = told.fixes
    assert fix.calls == 2
    assert "2 buckets" in fix.words
    assert [node for _, node in fix.subjects] == ["arn:aws:s3:::claims", "arn:aws:s3:::models"]


def test_the_grants_that_are_open_on_an_unread_key_policy_are_counted(sample: Reading) -> None:
    rows = {row.call: row for row in model(sample).unread}
    key = rows["kms.get_key_policy"]

    open_on_it = [
        grant
        for grant in sample.grants.values()
        if f"kms.get_key_policy unread {key.node}" in (grant.props.get("conditions") or ())  # type: ignore[operator]  # a list
    ]
    assert key.node is not None
    assert key.grants == len(open_on_it) > 0


def test_the_sample_tells_both_refusals_apart(sample: Reading) -> None:
    told = model(sample)
    words = {row.call: row.refusal for row in told.unread}

    made = len(SNAPSHOT.calls)
    assert told.headline == f"{made - 3:,} of {made:,} calls answered"
    assert words == {
        "cloudwatch.get_metric_statistics": Refusal.IDENTITY_DENY,
        "kms.get_key_policy": Refusal.NO_RESOURCE_ALLOW,
        "s3.get_bucket_policy": Refusal.RESOURCE_DENY,
    }


@pytest.mark.parametrize(
    ("detail", "refusal"),
    [
        ("AccessDenied: explicit deny in a resource-based policy", Refusal.RESOURCE_DENY),
        ("with an explicit deny in a service control policy", Refusal.SCP_DENY),
        ("with an Explicit Deny in an identity-based policy", Refusal.IDENTITY_DENY),
        ("with an explicit deny in a permissions boundary", Refusal.BOUNDARY_DENY),
        ("because no resource-based policy allows the action", Refusal.NO_RESOURCE_ALLOW),
        ("because no identity-based policy allows the action", Refusal.UNKNOWN),
        ("", Refusal.UNKNOWN),
    ],
)
def test_a_refusal_is_read_from_the_words_of_the_platform(detail: str, refusal: Refusal) -> None:
    assert refusal_of(detail) is refusal


def test_an_explicit_deny_is_never_told_to_end_by_an_allow(tmp_path: Path) -> None:
    detail = "AccessDenied: explicit deny in a resource-based policy"
    told = model(covered(tmp_path, refused("s3.get_bucket_policy/x", "s3:GetBucketPolicy", detail)))

    assert "No Allow stands above a Deny" in told.fixes[0].words
    assert "explicit Deny" in told.proposals[0].notes[0]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.THROTTLED, "slow down"),
        (Outcome.UNSUPPORTED, "Nothing to allow"),
        (Outcome.FAILED, "reason of its own"),
    ],
)
def test_what_no_permission_would_change_is_not_proposed(
    tmp_path: Path, outcome: Outcome, words: str
) -> None:
    row = replace(refused("s3.get_bucket_policy/x", ""), outcome=outcome)
    told = model(covered(tmp_path, row))

    assert words in told.fixes[0].words
    assert told.proposals == ()


def test_every_call_about_one_thing_finds_that_thing_in_the_sample(sample: Reading) -> None:
    nodeless = {"sagemaker.describe_endpoint_config"}
    about = [
        row.key
        for row in sample.coverage
        if subject_of(row.key) and row.key.operation not in nodeless
    ]

    lost = {str(key) for key in about if sample.view.find(subject_of(key)) is None}
    assert {key.operation.partition(".")[0] for key in about} == {
        "bedrock-agent",
        "ecr",
        "iam",
        "kms",
        "lambda",
        "organizations",
        "cloudformation",
        "s3",
        "s3control",
        "sagemaker",
    }
    assert lost == set()


# The proposal.


def test_the_proposal_allows_one_action_on_one_bucket(denied: Reading) -> None:
    assert statements(model(denied)) == [
        {"Effect": "Allow", "Action": "s3:GetBucketPolicy", "Resource": str(MODELS)}
    ]


def test_actions_on_the_same_things_share_a_statement(tmp_path: Path) -> None:
    calls = [BUCKET_POLICY, "s3.get_bucket_tagging/models", "iam.get_account_authorization_details"]
    told = model(small(tmp_path, denied=calls))

    assert {
        "Effect": "Allow",
        "Action": ["s3:GetBucketPolicy", "s3:GetBucketTagging"],
        "Resource": str(MODELS),
    } in statements(told)
    assert {
        "Effect": "Allow",
        "Action": "iam:GetAccountAuthorizationDetails",
        "Resource": "*",
    } in statements(told)


def test_a_permission_that_only_the_snapshot_names_is_never_proposed(tmp_path: Path) -> None:
    told = model(covered(tmp_path, refused("s3.get_bucket_policy/x", "iam:*")))

    (proposal,) = told.proposals
    assert "iam:*" not in proposal.text
    assert "iam:*" not in told.fixes[0].words
    assert any(note.startswith("Left out: iam:*") for note in proposal.notes)


@pytest.mark.parametrize("name", ["*", "prod-*", "a?", "${aws:username}", 'x","Action":"*'])
def test_a_name_with_a_wildcard_is_never_proposed(tmp_path: Path, name: str) -> None:
    rows = [refused(f"s3.get_bucket_policy/{one}", "s3:GetBucketPolicy") for one in ("safe", name)]
    told = model(covered(tmp_path, *rows))

    assert [row["Resource"] for row in statements(told)] == ["arn:aws:s3:::safe"]
    assert any(note.startswith("Left out: 1 item") for note in told.proposals[0].notes)


def test_the_sample_proposal_holds_only_permissions_that_the_collector_needs(
    sample: Reading,
) -> None:
    needed = {resource.call.permission for resource in by_operation("aws").values()}

    assert {str(row["Action"]) for row in statements(model(sample))} <= needed


# Filters and parameters.


def test_the_account_filter_goes_by_the_account_that_was_asked(sample: Reading) -> None:
    told = model(sample, filters=Filters(account="222222222222"))

    assert told.complete
    made = sum(call.scope == "222222222222" for call in SNAPSHOT.calls)
    assert told.headline == f"{made:,} of {made:,} calls answered"
    assert [scope.scope for scope in told.scopes] == ["222222222222"]
    assert told.rows == len(SNAPSHOT.calls)


def test_the_environment_filter_leaves_calls_alone_and_says_so(sample: Reading) -> None:
    told = model(sample, filters=Filters(environment="prod"))

    assert told.shown == told.rows == len(SNAPSHOT.calls)
    assert "environment filter" in told.environment_told


def test_outcome_and_call_narrow_what_is_listed(sample: Reading) -> None:
    told = model(sample, SourcesAsked(outcome="denied", call="kms.get_key_policy"))

    assert [row.call for row in told.unread] == ["kms.get_key_policy"]
    assert len(told.all_unread) == 3
    assert len(told.fixes) == 1


def test_parameters_that_name_nothing_are_passed_over(sample: Reading) -> None:
    asked = asked_of(sample.view, {"outcome": "<script>", "call": "no.such_call", "odd": "1"})

    assert asked.outcome == ""
    assert not asked.odd
    assert len(model(sample, asked).unread) == 3


def test_the_newest_run_stands_first(sample: Reading) -> None:
    (row,) = model(sample).runs.rows

    assert row[:2] == (1, "01 Mar 2026 06:00 UTC")


# The page.


@pytest.mark.parametrize(
    "name", [{}, {"denied": [BUCKET_POLICY]}, {"left_out": ["s3.list_buckets"]}]
)
def test_the_page_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: dict[str, list[str]]
) -> None:
    small(tmp_path, **name)

    at = visited(tmp_path, monkeypatch)

    shown = "\n".join(element.value for element in at.get("markdown")).replace("\\", "")
    assert not at.exception
    assert [title.value for title in at.title] == ["Sources"]
    assert ("Incomplete" in shown) is bool(name)


def test_the_page_shows_no_hostile_text_as_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile(tmp_path / "estate.db")

    at = visited(tmp_path, monkeypatch)

    sinks = [element.value for kind in ("markdown", "warning", "info") for element in at.get(kind)]
    sinks += [element.label for element in at.get("expander")]
    assert not at.exception
    assert any("attacker" in text for text in sinks), "the names are on the page"
    for text in sinks:
        assert not any(name in text for name in HOSTILE), text


def visited(root: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    for name in ("CACHE", "CONFIG", "LOG_LEVEL", "LOG_FORMAT", "DEBUG"):
        monkeypatch.delenv(f"SHADOWGRAPH_{name}", raising=False)
    monkeypatch.setenv("SHADOWGRAPH_STORE", url(root / "estate.db"))
    monkeypatch.setenv("SHADOWGRAPH_NOW", "2026-03-01T07:00:00+00:00")
    return AppTest.from_string(SCRIPT, default_timeout=60).run()
