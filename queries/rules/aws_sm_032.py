"""AWS-SM-032: an endpoint that no monitoring schedule watches."""

from __future__ import annotations

from collections.abc import Iterator

from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.list_monitoring_schedules", "sagemaker.describe_monitoring_schedule")


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every SageMaker endpoint, by whether a schedule names it."""
    watched = {
        (inventory.account(one), one.props.get("region"), name)
        for one in inventory.assets("Schedule")
        for name in (inventory.setting(one, "endpoint") or "").split(",")
        if name
    }
    for node in inventory.assets("Endpoint"):
        if node.props.get("flavour") != "sagemaker endpoint":
            continue
        place = (inventory.account(node), str(node.props.get("region")))
        unread = (*inventory.unread_at(NEEDS[0], *place), *inventory.gaps_of(NEEDS[1], *place))
        if (*place, node.name) in watched:
            yield assessed(node, Verdict.PASS, "a monitoring schedule watches it")
        elif unread:
            yield blind(node, "monitoring schedules were not read", unread)
        else:
            yield assessed(node, Verdict.FAIL, "no monitoring schedule names it")


RULE = Rule(
    id="aws-sm-032",
    ref="AWS-SM-032",
    title="Endpoint is not monitored",
    kind=Kind.GRAPH,
    family="LOG",
    severity=Severity.LOW,
    on=("Endpoint",),
    needs=NEEDS,
    fix="Create a monitoring schedule for the endpoint, data quality first.",
    signals="No DescribeMonitoringSchedule.EndpointName is this endpoint.",
    ask=ask,
)
