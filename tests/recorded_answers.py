"""Answers that others recorded of the real services, as the ingestor is given them."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from graph.model import CoverageKey
from ingest.fields import words
from ingest.source import Answer, by_operation

PLACEBO = Path(__file__).parent / "data" / "aws" / "c7n-placebo"
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


def answer_of(path: Path) -> Answer:
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
    answer = answer_of(path)
    poll = by_operation("aws")[answer.key.operation].call.poll
    waiting = set(poll.waiting) if poll else set()
    return not any(waiting & set(words(page, poll.path if poll else "")) for page in answer.pages)


ANSWERS = sorted(
    path
    for path in PLACEBO.glob("*/*.json")
    if json.loads(path.read_text(encoding="utf-8"))["status_code"] == 200
    and answer_of(path).key.operation in by_operation("aws")
    and _is_whole(path)
)
