"""Recorded answers of the real services: read without a remark, into rows that fit the schema."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graph.check import check_batch
from graph.model import Batch, CoverageKey, Facts, Node
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
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/m"
    argument = "" if "list" in method else arn if "tags" in method else (named or ["x"])[0]
    argument = arn if method == "list_tags" else argument
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
    assert len(operations) >= 18, sorted(operations)


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
        "Job",
        "Key",
        "Dataset",
        "Organization",
    } <= kinds
