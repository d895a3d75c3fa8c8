"""Recorded answers of the real services: read without a remark, into rows that fit the schema."""

import json
from pathlib import Path

import pytest
from recorded_answers import ACCOUNT, ANSWERS, PLACEBO, REGION, USER, answer_of

from graph.check import check_batch
from graph.model import Attachment, Batch, CoverageKey, Edge, Facts, Node
from graph.schema import schema
from ingest.estate import Estate
from ingest.link import linked
from ingest.source import Answer, Oddity, Skipped, by_operation, read_answer


def test_the_recordings_reach_every_family_that_has_some() -> None:
    operations = {answer_of(path).key.operation for path in ANSWERS}
    assert len(operations) >= 34, sorted(operations)


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_recorded_answer_is_read_without_loss(path: Path) -> None:
    rows = list(read_answer(answer_of(path)))
    assert not [row for row in rows if isinstance(row, Skipped | Oddity)]


def test_all_recorded_answers_together_fit_the_schema() -> None:
    shaped = [row for path in ANSWERS for row in read_answer(answer_of(path))]
    rows = linked(shaped, Estate(Facts(), shaped, frozenset()))
    facts = [row for row in rows if not isinstance(row, Oddity)]
    check_batch(Batch.of(facts), schema(), kind_of={USER: "User"}.get)
    kinds = {row.kind for row in facts if isinstance(row, Node)}
    assert {
        "Notebook",
        "Endpoint",
        "ModelVersion",
        "Cluster",
        "Job",
        "Key",
        "Dataset",
        "Organization",
        "Agent",
        "Guardrail",
    } <= kinds


REFUSED = sorted(
    path
    for path in PLACEBO.glob("*/*.json")
    if json.loads(path.read_text(encoding="utf-8"))["status_code"] == 404
    and answer_of(path).key.operation in by_operation("aws")
)
GONE = {"NoSuchAccessPoint"}
"""Recorded codes that say that the thing itself is gone, and so nothing about what it had."""


def test_refusals_are_among_the_recordings() -> None:
    assert len(REFUSED) >= 2


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_recorded_refusal_means_none_unless_the_thing_is_gone(path: Path) -> None:
    code = json.loads(path.read_text(encoding="utf-8"))["data"]["Error"]["Code"]
    call = by_operation("aws")[answer_of(path).key.operation].call
    assert (code in call.known_none) != (code in GONE)


def test_recorded_access_points_are_stored_in_their_bucket() -> None:
    folder = PLACEBO / "s3_access_point_query"
    names = ("ListAccessPoints_1", "GetAccessPoint_2", "GetAccessPointPolicy_2")
    answers = [answer_of(folder / f"s3-control.{name}.json") for name in names]
    named = "c7n-ap-rapid-serval"
    key = CoverageKey("aws", ACCOUNT, REGION, f"s3control.get_access_point_policy/{named}")
    answers[2] = Answer(key, named, answers[2].pages)
    shaped = [row for answer in answers for row in read_answer(answer)]
    rows = linked(shaped, Estate(Facts(), shaped, frozenset()))
    point = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/{named}"
    stored = {(row.source, row.target) for row in rows if isinstance(row, Edge)}
    assert (point, f"arn:aws:s3:::{named}") in stored
    assert [row.holder for row in rows if isinstance(row, Attachment)] == [point]
    blocks = [row.props.get("block_public") for row in rows if isinstance(row, Node)]
    assert ("BlockPublicAcls", "IgnorePublicAcls") in blocks
