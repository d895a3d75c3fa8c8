"""AWS-SM-035: a model package group that everyone, or an unknown account, may use."""

from __future__ import annotations

from collections.abc import Iterator

from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import holdings
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.get_model_package_group_policy",)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every model package group, by who outside the estate holds a Grant on it."""
    for node in inventory.assets("Model"):
        if node.props.get("flavour") != "sagemaker model package group":
            continue
        unread = inventory.unread(node, *NEEDS)
        strangers = [
            row
            for row in holdings(inventory, node.id)
            if row.outside
            and not inventory.context.allows(
                inventory.context.trusted_accounts, inventory.account(row.identity)
            )
        ]
        for row in strangers:
            yield Assessed(
                node.id,
                Verdict.FAIL,
                f"its policy lets `{row.identity.name}` in",
                (("identity", row.identity.id), ("by", ", ".join(sorted(row.hows)))),
                identity=(row.identity.id,),
                related=(row.identity.id,),
            )
        if not strangers and unread:
            yield blind(node, "its policy was not read", unread)
        elif not strangers:
            yield assessed(node, Verdict.PASS, "its policy lets no unknown account in")


RULE = Rule(
    id="aws-sm-035",
    ref="AWS-SM-035",
    title="Model registry group is open to strangers",
    kind=Kind.GRAPH,
    family="EXP",
    severity=Severity.CRITICAL,
    on=("Model",),
    needs=NEEDS,
    identity=("identity",),
    fix="Name the accounts that may use the group in its policy, and nobody else.",
    signals="GetModelPackageGroupPolicy.ResourcePolicy allows everyone, or an account that is not of the estate.",
    controls=("accounts that the setting context.trusted_accounts names are meant",),
    ask=ask,
)
