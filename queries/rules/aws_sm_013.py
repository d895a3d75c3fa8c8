"""AWS-SM-013: a Studio domain whose apps reach the internet past its network."""

from __future__ import annotations

from queries.fields import field_ask
from queries.rule import Kind, Rule, Severity

NEEDS = ("sagemaker.describe_domain",)

RULE = Rule(
    id="aws-sm-013",
    ref="AWS-SM-013",
    title="Studio domain is not confined to its network",
    kind=Kind.FIELD,
    family="NET",
    severity=Severity.HIGH,
    on=("Workspace",),
    needs=NEEDS,
    fix="Set AppNetworkAccessType to VpcOnly.",
    signals="DescribeDomain.AppNetworkAccessType is not VpcOnly.",
    ask=field_ask(
        ("Workspace",),
        NEEDS,
        {"path": "settings.network", "op": "ne", "value": "VpcOnly"},
        why="AppNetworkAccessType is {0}",
        severity=Severity.HIGH,
    ),
)
