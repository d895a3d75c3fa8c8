"""What counts as something that starts a workload."""

from __future__ import annotations

from datetime import UTC, datetime

from access.aws.predicates import Predicates
from access.estate import Estate
from access.technique import Predicate
from graph.model import Facts, Node, NodeId

FUNCTION = NodeId("arn:aws:lambda:eu-west-1:111111111111:function:score")


def _has_trigger(settings: dict[str, str]) -> bool | None:
    facts = Facts(nodes=(Node(FUNCTION, "Function", {"settings": settings}),))
    estate = Estate(facts, instant=datetime(2026, 1, 1, tzinfo=UTC))
    return Predicates(estate).holds(Predicate("has_trigger", ("$res",), negated=False), FUNCTION)


def test_a_bucket_whose_events_start_a_function_is_a_trigger() -> None:
    assert _has_trigger({"trigger:arn:aws:s3:::claims": "s3:ObjectCreated:*"}) is True


def test_without_one_and_without_a_reading_it_is_unknown() -> None:
    assert _has_trigger({"package": "Zip"}) is None
