"""Small snapshots for tests: a line per call, written by the project's own writer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from graph.model import Conclusions, Facts, Outcome
from ingest.snapshot import CallRecord, SnapshotWriter

WHEN = datetime(2026, 3, 1, tzinfo=UTC)
A, B = "111111111111", "222222222222"
GAAD = "iam.get_account_authorization_details"
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@dataclass(frozen=True, slots=True)
class Made:
    """One call of a snapshot; without pages it ended in `outcome`."""

    operation: str
    argument: str = ""
    pages: tuple[dict[str, Any], ...] | None = ()
    outcome: Outcome = Outcome.OK
    parent: str | None = None
    account: str = A
    region: str = "global"


def denied(operation: str, argument: str = "", **rest: Any) -> Made:
    """A call that was refused."""
    return Made(operation, argument, None, Outcome.DENIED, **rest)


def snapshot(root: Path, calls: Iterable[Made], *, finished: bool = True) -> Path:
    """A snapshot folder with these calls."""
    with SnapshotWriter(root, tool="test", started=WHEN) as writer:
        for call in calls:
            record = CallRecord(
                "aws",
                call.account,
                call.region,
                call.operation,
                call.outcome,
                WHEN,
                WHEN,
                argument=call.argument,
                parent=call.parent,
                missing_permission="x:Y" if call.outcome is Outcome.DENIED else None,
            )
            writer.record(record, call.pages)
        if finished:
            writer.finish(WHEN)
    return root


def unresolved(facts: Facts, *, instant: datetime) -> Conclusions:
    """No conclusions: these tests are about facts."""
    del facts, instant
    return Conclusions()


def identities(*, account: str = A, **lists: Any) -> Made:
    """The identities of an account; lists that are not given are empty."""
    page = {name: list(lists.get(name, [])) for name in LISTS}
    return Made(GAAD, pages=(page,), account=account)


def user(name: str, *, account: str = A, **rest: Any) -> dict[str, Any]:
    """One user as IAM describes it."""
    return {"UserName": name, "Arn": f"arn:aws:iam::{account}:user/{name}", "Tags": [], **rest}


def role(name: str, *, account: str = A, **rest: Any) -> dict[str, Any]:
    """One role as IAM describes it."""
    return {"RoleName": name, "Arn": f"arn:aws:iam::{account}:role/{name}", "Tags": [], **rest}


def buckets(*names: str, account: str = A) -> Made:
    """The buckets of an account."""
    rows = [{"Name": name, "BucketRegion": "eu-west-1"} for name in names]
    return Made("s3.list_buckets", pages=({"Buckets": rows},), account=account)


def bucket_call(method: str, name: str, *pages: dict[str, Any], account: str = A) -> Made:
    """One call about one bucket."""
    return Made(f"s3.{method}", name, pages, parent="s3.list_buckets", account=account)
