"""An estate over weeks, for reports: endpoints whose calls are read, refused, or show that nobody uses them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app_stores import write

from graph.model import (
    Batch,
    Coverage,
    CoverageKey,
    Edge,
    Node,
    NodeId,
    Observation,
    Outcome,
    Row,
)

ACCOUNT, REGION = "111111111111", "eu-west-1"
MONDAY = datetime(2026, 11, 2, 6, tzinfo=UTC)
WEEK = timedelta(days=7)


def key(call: str) -> CoverageKey:
    return CoverageKey("aws", ACCOUNT, REGION, call)


LISTED = key("sagemaker.list_endpoints")


def arn(name: str) -> NodeId:
    return NodeId(f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{name}")


def week(place: Path, number: int, endpoints: Mapping[str, str], *, whole: bool = True) -> str:
    """One more week in the store at this place: each endpoint `idle`, `busy`, or `unread`; its address.

    Where it is not `whole`, the listing itself was refused.
    """
    now = MONDAY + number * WEEK
    rows = list(_rows(endpoints, now)) if whole else []
    return write(place, Batch.of(rows), tuple(_coverage(endpoints, whole=whole)), started=now)


def _rows(endpoints: Mapping[str, str], now: datetime) -> Iterator[Row]:
    account = NodeId(f"aws:account/{ACCOUNT}")
    listed = frozenset({LISTED})
    held = {"name": "shop", "platform": "aws", "account": ACCOUNT, "region": "global"}
    yield Node(account, "Account", held, asserted_by=listed)
    for name, how in endpoints.items():
        props = {
            "name": name,
            "platform": "aws",
            "account": ACCOUNT,
            "region": REGION,
            "flavour": "sagemaker endpoint",
            "state": "InService",
            "created": "2025-01-01T00:00:00+00:00",
            "owner": "ml@example.com",
            "tags": {"aws:cloudformation:stack-name": "serving", "owner": "ml@example.com"},
        }
        yield Node(arn(name), "Endpoint", props, asserted_by=listed)
        yield Edge("CONTAINS", account, arn(name), asserted_by=listed)
        if how != "unread":
            yield from _calls(name, how, now)


def _calls(name: str, how: str, now: datetime) -> Iterator[Observation]:
    asked = frozenset({key(f"cloudwatch.get_metric_statistics/{name}|v")})
    window = {"since": (now - timedelta(days=90)).isoformat(), "until": now.isoformat()}
    used = {f"{now - timedelta(days=1):%Y-%m-%d}": "5"} if how == "busy" else {}
    yield Observation(arn(name), "invocations|v", used, asserted_by=asked)
    yield Observation(arn(name), "metric_window|v", window, asserted_by=asked)


def _coverage(endpoints: Mapping[str, str], *, whole: bool) -> Iterable[Coverage]:
    yield Coverage(LISTED, Outcome.OK if whole else Outcome.DENIED)
    for name, how in endpoints.items():
        ended = Outcome.DENIED if how == "unread" or not whole else Outcome.OK
        described = key(f"sagemaker.describe_endpoint/{name}")
        yield Coverage(described, Outcome.OK if whole else Outcome.DENIED, parent=LISTED)
        asked = key(f"cloudwatch.get_metric_statistics/{name}|v")
        yield Coverage(asked, ended, parent=described)
