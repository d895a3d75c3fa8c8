"""Used, unused or not observed: nothing is unused that no log which was read would have shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from examples import share
from hypothesis import given
from hypothesis import strategies as st
from rule_cases import NOW, Case

from graph.model import NodeId
from queries.inventory import Inventory
from queries.logs import window_of
from queries.use import Answer, Seen, anywhere, seen

A, R = "111111111111", "eu-west-1"
WHO = f"arn:aws:iam::{A}:role/work"
ENDPOINT = f"arn:aws:sagemaker:{R}:{A}:endpoint/churn"
BUCKET = "arn:aws:s3:::claims"
TRAIL = f"arn:aws:cloudtrail:{R}:{A}:trail/all"
LOOKUP = "cloudtrail.lookup_events"
ADVISOR = f"iam.get_service_last_accessed_details/{WHO}"
LISTING = f"aws/{A}/global/s3.list_objects_v2/audit|AWSLogs/{A}/CloudTrail/{R}/"
FILE = f"aws/{A}/global/s3.get_object/audit|a.json.gz"
OBJECTS = "basic=All management:true AWS::S3::Object:arn:aws:s3"
ALL_OBJECTS = "advanced=eventCategory[Equals=Data] resources.type[Equals=AWS::S3::Object]"
OLD = "2026-01-10T00:00:00+00:00"
DAYS = timedelta(days=90)


def day(ago: int) -> str:
    return (datetime.fromisoformat(NOW) - timedelta(days=ago)).isoformat()


def estate(
    *,
    coverage: dict[str, Any] | None = None,
    window: dict[str, str] | None = None,
    advisor: dict[str, Any] | None = None,
    used: dict[str, dict[str, str]] | None = None,
    selectors: str | None = None,
    files: dict[str, str] | None = None,
    created: str = OLD,
) -> Inventory:
    """A role, an endpoint and a bucket; the log read as `window` says, a trail with `selectors`, read as `files` says."""
    place = f"aws:account/{A}"
    trail = {
        f"trail:{TRAIL}": "bucket=audit;all_regions=true",
        f"selectors:{TRAIL}": selectors or "none",
    }
    nodes = [
        {"id": place, "kind": "Account", "props": {"region": "global", "settings": trail}},
        {"id": WHO, "kind": "Role", "props": {"region": "global", "created": created}},
        {"id": ENDPOINT, "kind": "Endpoint", "props": {"created": OLD}},
        {"id": BUCKET, "kind": "Dataset", "props": {"created": OLD, "flavour": "bucket"}},
    ]
    seen_ = [
        {"node": WHO, "name": name, "value": value}
        for name, value in {**(advisor or {}), **(used or {})}.items()
    ]
    if window is not None:
        seen_.append({"node": place, "name": f"log_window|{LOOKUP}|{R}", "value": window})
    if files is not None:
        held = {"bucket": "audit", "listing": LISTING, "longest_gap": "0", **files}
        seen_.append(
            {"node": place, "name": f"log_window|s3.list_objects_v2|{R}|audit", "value": held}
        )
    given_ = {"nodes": nodes, "observations": seen_, "coverage": coverage or {}}
    return Case("none", "none", {"given": given_, "want": []}).inventory()  # fmt: skip


def told(inventory: Inventory, action: str, asset: str) -> Seen:
    nodes = inventory.nodes
    window = window_of(inventory, DAYS)
    return seen(inventory, nodes[NodeId(WHO)], action, nodes[NodeId(asset)], window)


READ = {LOOKUP: "ok"}
WHOLE = {"since": day(90), "until": day(0)}
UPDATE, GET = "sagemaker:UpdateEndpoint", "s3:GetObject"
FILES_READ = {LISTING: "ok", FILE: {"outcome": "ok", "parent": LISTING}}


def test_a_log_that_was_read_whole_and_shows_none_says_unused() -> None:
    assert told(estate(coverage=READ, window=WHOLE), UPDATE, ENDPOINT).answer is Answer.UNUSED


@pytest.mark.parametrize("action", [GET, "s3:ListBucket", "s3:PutObjectAcl", "s3:GetObjectVersion"])
def test_what_shows_in_no_management_event_is_not_observed(action: str) -> None:
    assert told(estate(coverage=READ, window=WHOLE), action, BUCKET).answer is Answer.NOT_OBSERVED


def test_of_two_logs_of_one_day_the_fuller_counts() -> None:
    used = {
        f"used|lookup|{UPDATE}|{ENDPOINT}": {"2026-10-20": "2"},
        f"used|trail|{UPDATE}|{ENDPOINT}": {"2026-10-20": "5", "2026-10-21": "1"},
    }
    found = told(estate(used=used), UPDATE, ENDPOINT)

    assert (found.answer, found.days, found.calls, found.last) == (Answer.USED, 2, 6, "2026-10-21")


def test_use_before_the_window_is_none_in_it() -> None:
    used = {f"used|lookup|{UPDATE}|{ENDPOINT}": {"2026-07-20": "2"}}

    found = told(estate(coverage=READ, window=WHOLE, used=used), UPDATE, ENDPOINT)

    assert found.answer is Answer.UNUSED


def test_the_access_advisor_tells_of_a_service_last_used_before_the_window() -> None:
    held = {"last_used:s3": "2026-05-01T00:00:00+00:00"}
    read = estate(coverage={ADVISOR: "ok"}, advisor=held)
    unread = estate(coverage={ADVISOR: "denied"}, advisor=held)
    lately = estate(coverage={ADVISOR: "ok"}, advisor={"last_used:s3": day(3)})

    assert told(read, GET, BUCKET).answer is Answer.UNUSED
    assert told(unread, GET, BUCKET).answer is Answer.NOT_OBSERVED
    assert told(lately, GET, BUCKET).answer is Answer.NOT_OBSERVED


def test_the_access_advisor_says_nothing_of_roles_that_are_passed_or_keys_used_by_services() -> (
    None
):
    inventory = estate(coverage={ADVISOR: "ok"}, advisor={"never_used": ["iam", "kms"]})
    who, window = inventory.nodes[NodeId(WHO)], window_of(inventory, DAYS)

    for action in ("iam:PassRole", "kms:Decrypt"):
        assert anywhere(inventory, who, action, window).answer is Answer.NOT_OBSERVED
    assert anywhere(inventory, who, "iam:CreateUser", window).answer is Answer.UNUSED


def test_a_window_longer_than_the_access_advisor_looks_back_is_not_told_by_it() -> None:
    inventory = estate(coverage={ADVISOR: "ok"}, advisor={"never_used": ["s3"]})
    nodes, window = inventory.nodes, window_of(inventory, timedelta(days=401))

    found = seen(inventory, nodes[NodeId(WHO)], GET, nodes[NodeId(BUCKET)], window)

    assert found.answer is Answer.NOT_OBSERVED


# Trails

SINCE = {"since": day(90), "until": day(0)}


@pytest.mark.parametrize(
    "selectors",
    [
        OBJECTS,
        "basic=All management:false AWS::S3::Object:arn:aws:s3:::",
        "basic=All management:false AWS::S3::Object:arn:aws:s3:::other/,arn:aws:s3:::claims/",
        f"none;{ALL_OBJECTS}",
        f"{ALL_OBJECTS} resources.ARN[StartsWith=arn:aws:s3:::claims/]",
    ],
)
def test_a_trail_that_logs_the_objects_and_was_read_whole_says_unused(selectors: str) -> None:
    inventory = estate(coverage=FILES_READ, selectors=selectors, files=SINCE)

    assert told(inventory, GET, BUCKET).answer is Answer.UNUSED


@pytest.mark.parametrize(
    "selectors",
    [
        "none",
        "basic=WriteOnly management:true AWS::S3::Object:arn:aws:s3",
        "basic=All management:true AWS::S3::Object:arn:aws:s3:::claims/a/",
        "basic=All management:true AWS::Lambda::Function:arn:aws:lambda",
        f"{ALL_OBJECTS} readOnly[Equals=false]",
        f"{ALL_OBJECTS} resources.ARN[NotStartsWith=arn:aws:s3:::claims/]",
        "advanced=eventCategory[Equals=Management]",
    ],
)
def test_a_trail_that_leaves_some_of_the_objects_out_says_nothing(selectors: str) -> None:
    inventory = estate(coverage=FILES_READ, selectors=selectors, files=SINCE)

    assert told(inventory, GET, BUCKET).answer is Answer.NOT_OBSERVED


@pytest.mark.parametrize(
    ("coverage", "files"),
    [
        ({**FILES_READ, FILE: {"outcome": "denied", "parent": LISTING}}, SINCE),
        ({**FILES_READ, LISTING: "throttled"}, SINCE),
        ({FILE: {"outcome": "ok", "parent": LISTING}}, SINCE),
        (FILES_READ, {**SINCE, "since": day(40)}),
        (FILES_READ, {**SINCE, "until": day(20)}),
        (FILES_READ, {**SINCE, "longest_gap": "9"}),
        (FILES_READ, {**SINCE, "bucket": "another"}),
        (FILES_READ, {**SINCE, "listing": "none"}),
    ],
    ids=["a file", "the listing", "never listed", "late", "early", "stopped", "elsewhere", "odd"],
)
def test_a_trail_that_was_not_read_whole_says_nothing(
    coverage: dict[str, Any], files: dict[str, str]
) -> None:
    inventory = estate(coverage=coverage, selectors=OBJECTS, files=files)

    assert told(inventory, GET, BUCKET).answer is Answer.NOT_OBSERVED


def test_a_trail_that_somebody_changed_in_the_window_says_nothing() -> None:
    used = {"used|trail|cloudtrail:PutEventSelectors|": {"2026-10-20": "1"}}
    inventory = estate(coverage=FILES_READ, selectors=OBJECTS, files=SINCE, used=used)

    assert told(inventory, GET, BUCKET).answer is Answer.NOT_OBSERVED


def test_a_trail_of_all_management_events_does_as_well_as_the_event_history_but_for_keys() -> None:
    inventory = estate(coverage=FILES_READ, selectors=OBJECTS, files=SINCE)
    half = estate(coverage=FILES_READ, selectors="basic=WriteOnly management:true", files=SINCE)

    assert told(inventory, UPDATE, ENDPOINT).answer is Answer.UNUSED
    assert told(inventory, "kms:Decrypt", ENDPOINT).answer is Answer.NOT_OBSERVED
    assert told(half, UPDATE, ENDPOINT).answer is Answer.NOT_OBSERVED


# Whatever fails only takes answers away

ENDED = st.sampled_from(["ok", "denied", "throttled", "unsupported", "failed", None])
ACTIONS = (UPDATE, GET, "s3:PutBucketPolicy", "kms:Decrypt", "iam:PassRole", "bedrock:InvokeModel")


@share(0.2)
@given(
    st.fixed_dictionaries({LOOKUP: ENDED, ADVISOR: ENDED, LISTING: ENDED, FILE: ENDED}),
    st.sampled_from([OBJECTS, "none", "basic=WriteOnly management:true"]),
    st.sampled_from([{}, {"never_used": ["s3", "bedrock"]}, {"last_used:s3": OLD}]),
    st.integers(80, 95),
    st.sampled_from(ACTIONS),
)
def test_a_call_that_fails_only_turns_unused_into_not_observed(
    ends: dict[str, str | None], selectors: str, advisor: dict[str, Any], begins: int, action: str
) -> None:
    def answers(given_: dict[str, str | None]) -> list[Answer]:
        coverage = {
            name: {"outcome": one, **({"parent": LISTING} if name == FILE else {})}
            for name, one in given_.items()
            if one is not None
        }
        read = {"since": day(begins), "until": day(0)}
        inventory = estate(
            coverage=coverage, window=read, files=read, selectors=selectors, advisor=advisor
        )
        who, window = inventory.nodes[NodeId(WHO)], window_of(inventory, DAYS)
        pairs = [told(inventory, action, one).answer for one in (ENDPOINT, BUCKET)]
        return [*pairs, anywhere(inventory, who, action, window).answer]

    whole, left = answers(dict.fromkeys(ends, "ok")), answers(ends)

    for before, after in zip(whole, left, strict=True):
        assert after is before or (before, after) == (Answer.UNUSED, Answer.NOT_OBSERVED)
    if not any(one == "ok" for one in ends.values()):
        assert set(left) == {Answer.NOT_OBSERVED}
