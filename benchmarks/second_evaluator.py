"""Another public evaluator on the same requests: its speed in a process of its own, and where its answers differ.

`@cloud-copilot/iam-simulate` is under the AGPL: it is installed into a cache folder when it is wanted, never imported.
Both are asked strictly, with the same context: what depends on an unknown is left to the tests, which compare that too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from peer_evaluator import _WORDS, Absent, installed, simulation_of

from access.aws.arns import account_of, session_prefix
from access.aws.document import PolicyDocument
from access.aws.policies import Policy, Sourced
from benchmarks.requests import Question

__all__ = ["Absent", "Row", "Timed", "row_of", "timed"]

_DRIVER = Path(__file__).with_name("iam_simulate_timed.mjs")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Timed:
    """What it answered or why it refused, by row, and the requests a second of the rows that were timed.

    It reads and checks the policies with each request: there is no way to give it compiled ones.
    """

    answers: Mapping[str, str]
    refused: Mapping[str, str]
    rows: frozenset[str]
    speed: float
    loading: float  # CPU seconds of the first round, in which it reads its data


def row_of(name: str, question: Question, texts: Mapping[PolicyDocument, str]) -> Row:
    """The request as a row of the decision corpora: a role is asked as one session of it, nothing is left open."""
    request, policies = question.request, question.policies
    caller = request.principal
    prefix = session_prefix(caller.arn)
    account = request.resource_account or account_of(request.resource) or caller.account
    return {
        "id": name,
        "principal": f"{prefix}session" if prefix else caller.arn,
        "action": request.action,
        "resource": request.resource,
        "resource_account": account,
        "context": _context(request.now, caller.arn, str(caller.account), str(account)),
        "wildcard_only_action": request.wildcard_only,
        "identity": [_content(one, texts) for one in policies.identity],
        "boundaries": [_content(one, texts) for one in policies.boundary or ()] or None,
        "resource_policy": None
        if policies.resource is None
        else _content(policies.resource, texts),
        "scps": None,
        "rcps": None,
        "session": None,
        "endpoint": None,
    }


def _context(now: datetime, caller: str, account: str, owner: str) -> dict[str, str]:
    named = {"aws:username": caller.rpartition("/")[2]} if ":user/" in caller else {}
    return named | {
        "aws:PrincipalArn": caller,
        "aws:PrincipalAccount": account,
        "aws:ResourceAccount": owner,
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:TokenIssueTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:RequestedRegion": "eu-west-1",
        "aws:SecureTransport": "true",
        "aws:SourceIp": "203.0.113.9",
        "aws:MultiFactorAuthPresent": "false",
    }


def _content(policy: Policy, texts: Mapping[PolicyDocument, str]) -> object:
    if not isinstance(policy, Sourced):
        raise TypeError(f"{policy.origin.policy} was not read")
    return json.loads(texts[policy.document])


def timed(rows: Sequence[Row], *, most: int, rounds: int) -> Timed:
    """Ask it all rows, and time so many of those that it takes; `Absent` where it cannot be installed."""
    folder = installed()
    with tempfile.TemporaryDirectory() as beside:
        file = Path(beside) / "rows.jsonl"
        lines = (json.dumps({"id": row["id"], "simulation": simulation_of(row)}) for row in rows)
        file.write_text("\n".join(lines), encoding="utf-8")
        done = subprocess.run(
            ["node", str(_DRIVER), str(folder), str(file), str(most), str(rounds)],  # noqa: S607  # as the tests do
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    found = json.loads(done.stdout)
    return Timed(
        {name: _WORDS.get(word, word) for name, word in found["answers"].items()},
        found["refused"],
        frozenset(found["timed"]),
        len(found["timed"]) / median(found["rounds"]),
        found["load"],
    )
