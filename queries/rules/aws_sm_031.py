"""AWS-SM-031: an endpoint whose instances can be opened with Session Manager."""

from __future__ import annotations

from collections.abc import Iterator

from queries.grounds import assessed, blind, severity_of
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_endpoint", "sagemaker.describe_endpoint_config")
_SHELL = "shell_access:"


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every SageMaker endpoint, by what its configuration says of each variant."""
    for node in inventory.assets("Endpoint"):
        if node.props.get("flavour") != "sagemaker endpoint":
            continue
        settings = inventory.settings(node)
        open_ = [
            name
            for name, value in sorted(settings.items())
            if name.startswith(_SHELL) and value == "true"
        ]
        unread = inventory.unread(node, *NEEDS)
        if open_:
            names = ", ".join(name.removeprefix(_SHELL) for name in open_)
            weight = severity_of(inventory, node, Severity.HIGH)
            yield Assessed(
                node.id,
                Verdict.FAIL,
                f"variant {names} lets operators in with Session Manager",
                severity=weight,
            )
        elif unread:
            yield blind(node, "its configuration was not read", unread)
        else:
            yield assessed(node, Verdict.PASS, "no variant lets anybody in")


RULE = Rule(
    id="aws-sm-031",
    ref="AWS-SM-031",
    title="Endpoint instances can be opened with Session Manager",
    kind=Kind.FIELD,
    family="AUT",
    severity=Severity.HIGH,
    on=("Endpoint",),
    needs=NEEDS,
    fix="Set EnableSSMAccess to false for every variant of the endpoint configuration.",
    signals="DescribeEndpointConfig.ProductionVariants[] or ShadowProductionVariants[].EnableSSMAccess is true.",
    ask=ask,
)
