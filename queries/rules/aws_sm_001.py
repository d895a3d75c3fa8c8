"""AWS-SM-001: a notebook instance with direct internet access."""

from __future__ import annotations

from queries.fields import field_ask
from queries.rule import Kind, Rule, Severity

NEEDS = ("sagemaker.describe_notebook_instance",)

RULE = Rule(
    id="aws-sm-001",
    ref="AWS-SM-001",
    title="Notebook instance has direct internet access",
    kind=Kind.FIELD,
    family="NET",
    severity=Severity.HIGH,
    on=("Notebook",),
    needs=NEEDS,
    fix="Set DirectInternetAccess to Disabled and give the notebook a subnet with the endpoints that it needs.",
    signals="DescribeNotebookInstance.DirectInternetAccess is Enabled.",
    ask=field_ask(
        ("Notebook",),
        NEEDS,
        {"path": "settings.direct_internet_access", "op": "eq", "value": "Enabled"},
        why="DirectInternetAccess is {0}",
        severity=Severity.HIGH,
        flavours=("sagemaker notebook instance",),
    ),
)
