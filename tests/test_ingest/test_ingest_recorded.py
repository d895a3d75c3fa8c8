"""Recorded answers of the real services: read without a remark, into rows that fit the schema."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graph.check import check_batch
from graph.model import Attachment, Batch, CoverageKey, Edge, Facts, Node
from graph.schema import schema
from ingest.estate import Estate
from ingest.fields import words
from ingest.link import linked
from ingest.source import Answer, Oddity, Skipped, by_operation, read_answer

PLACEBO = Path(__file__).parents[1] / "data" / "aws" / "c7n-placebo"
ACCOUNT, REGION = "644160558196", "us-east-1"
USER = f"arn:aws:iam::{ACCOUNT}:user/kapil"
CLIENT = {
    "access-analyzer": "accessanalyzer",
    "api.sagemaker": "sagemaker",
    "s3-control": "s3control",
}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get("__class__") == "datetime":
            parts = [value[n] for n in ("year", "month", "day", "hour", "minute", "second")]
            return datetime(*parts, value["microsecond"], tzinfo=UTC).isoformat()
        return {name: _plain(item) for name, item in value.items() if name != "ResponseMetadata"}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _answer(path: Path) -> Answer:
    """The recorded answer, asked about what it says it is about."""
    client, _, rest = path.name.rpartition(".json")[0].rpartition(".")
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", rest.rpartition("_")[0]).lower()
    operation = f"{CLIENT.get(client, client)}.{method}"
    page = _plain(json.loads(path.read_text(encoding="utf-8"))["data"])
    named = [value for name, value in page.items() if name.endswith("Name")]
    service, form = ("bedrock", "agent") if client == "bedrock-agent" else ("sagemaker", "model")
    arn = f"arn:aws:{service}:{REGION}:{ACCOUNT}:{form}/m"
    argument = "" if "list" in method else arn if "tags" in method else (named or ["x"])[0]
    argument = arn if method.startswith("list_tags") else argument
    argument = USER if "last_accessed" in method else argument
    call = f"{operation}/{argument}" if argument else operation
    return Answer(CoverageKey("aws", ACCOUNT, REGION, call), argument, (page,))


def _is_whole(path: Path) -> bool:
    """Whether the answer is no word that the platform still prepares it."""
    answer = _answer(path)
    poll = by_operation("aws")[answer.key.operation].call.poll
    waiting = set(poll.waiting) if poll else set()
    return not any(waiting & set(words(page, poll.path if poll else "")) for page in answer.pages)


ANSWERS = sorted(
    path
    for path in PLACEBO.glob("*/*.json")
    if json.loads(path.read_text(encoding="utf-8"))["status_code"] == 200
    and _answer(path).key.operation in by_operation("aws")
    and _is_whole(path)
)


def test_the_recordings_reach_every_family_that_has_some() -> None:
    operations = {_answer(path).key.operation for path in ANSWERS}
    assert len(operations) >= 34, sorted(operations)


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_recorded_answer_is_read_without_loss(path: Path) -> None:
    rows = list(read_answer(_answer(path)))
    assert not [row for row in rows if isinstance(row, Skipped | Oddity)]


def test_all_recorded_answers_together_fit_the_schema() -> None:
    shaped = [row for path in ANSWERS for row in read_answer(_answer(path))]
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
    and _answer(path).key.operation in by_operation("aws")
)
GONE = {"NoSuchAccessPoint"}
"""Recorded codes that say that the thing itself is gone, and so nothing about what it had."""


def test_refusals_are_among_the_recordings() -> None:
    assert len(REFUSED) >= 2


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_recorded_refusal_means_none_unless_the_thing_is_gone(path: Path) -> None:
    code = json.loads(path.read_text(encoding="utf-8"))["data"]["Error"]["Code"]
    call = by_operation("aws")[_answer(path).key.operation].call
    assert (code in call.known_none) != (code in GONE)


def test_recorded_access_points_are_stored_in_their_bucket() -> None:
    folder = PLACEBO / "s3_access_point_query"
    names = ("ListAccessPoints_1", "GetAccessPoint_2", "GetAccessPointPolicy_2")
    answers = [_answer(folder / f"s3-control.{name}.json") for name in names]
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
