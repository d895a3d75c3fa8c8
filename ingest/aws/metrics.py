"""CloudWatch: how often endpoints were called.

A day without a datapoint is a day without a call: SageMaker writes `Invocations` only where there are some. That the
whole window was asked about is told beside the counts, so that "no use" is never concluded from an answer for less.
SOURCE: "Metrics for monitoring Amazon SageMaker AI with Amazon CloudWatch" (docs.aws.amazon.com), read 2026-11-26.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from graph.model import Observation
from ingest.aws.asset import account_stub, referenced
from ingest.aws.sagemaker import node_of
from ingest.fields import Json, moment
from ingest.source import PART, Answer, Call, Feed, Resource, Shaped, Skipped

CALLS, WINDOW = "invocations", "metric_window"
"""How names of observations begin: `invocations|VARIANT` -> day: calls, `metric_window|VARIANT` -> since, until."""

DAY = 86_400


def shape_invocations(answer: Answer) -> Iterator[Shaped]:
    """How often a variant of an endpoint was called, by day, and which window was asked about."""
    endpoint, _, variant = answer.argument.partition(PART)
    node = node_of(answer, "endpoint", endpoint)
    yield account_stub(answer.account)
    yield referenced(node, "Endpoint", account=answer.account, name=endpoint)
    days: dict[str, float] = defaultdict(float)
    for row in answer.each("Datapoints"):
        when, total = moment(row, "Timestamp"), _number(row, "Sum")
        if when is None or total is None:
            yield Skipped(str(answer.key), "a datapoint has no time or no sum")
            continue
        days[when[:10]] += total
    told = {day: f"{total:.0f}" for day, total in sorted(days.items()) if total}
    yield Observation(node, f"{CALLS}|{variant}", told)
    yield Observation(node, f"{WINDOW}|{variant}", _window(answer))


def _window(answer: Answer) -> Mapping[str, str]:
    """The time that was asked about, as far as the snapshot says it."""
    held = {"since": moment(answer.params, "StartTime"), "until": moment(answer.params, "EndTime")}
    return {name: value for name, value in held.items() if value}


def _number(row: Json, name: str) -> float | None:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


RESOURCES = (
    Resource(
        "aws.endpoint-calls",
        "How often each variant of an endpoint was called in the last days.",
        Call(
            "cloudwatch",
            "get_metric_statistics",
            "cloudwatch:GetMetricStatistics",
            regional=True,
            params={
                "Namespace": "AWS/SageMaker",
                "MetricName": "Invocations",
                "Dimensions": [
                    {"Name": "EndpointName", "Value": "{0}"},
                    {"Name": "VariantName", "Value": "{1}"},
                ],
                "StartTime": "{since}",
                "EndTime": "{now}",
                "Period": DAY,
                "Statistics": ["Sum"],
            },
            items="Datapoints",
            feeds=(
                Feed(
                    "sagemaker.describe_endpoint",
                    "ProductionVariants",
                    ("^0", "VariantName"),
                ),
                Feed(
                    "sagemaker.describe_endpoint",
                    "ShadowProductionVariants",
                    ("^0", "VariantName"),
                ),
            ),
        ),
        shape_invocations,
    ),
)
