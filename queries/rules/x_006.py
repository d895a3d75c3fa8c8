"""X-006: a pipeline identity that both trains and approves."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Capability
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, gained
from queries.rule import Assessed, Kind, Rule, Severity, Verdict
from queries.statements import statements

_TRAINS = ("sagemaker:CreateTrainingJob", "sagemaker:CreateModelPackage")


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every role that an outside identity provider vouches for, by whether it trains and approves."""
    for role in inventory.listed("Role"):
        providers = [
            one
            for one in inventory.sources(role.id, "VOUCHES_FOR")
            if one.props.get("flavour") == "oidc"
        ]
        if not providers:
            continue
        unread = inventory.unread(role, *IAM)
        said = [one.statement for one in statements(inventory, role) if one.statement.allow]
        trains = [action for action in _TRAINS if any(one.speaks_of(action) for one in said)]
        models = sorted(
            asset
            for asset, gains in gained(inventory, role.id).items()
            if Capability.PROMOTE in gains
        )
        if trains and models and role.id not in inventory.administrators:
            names = ", ".join(f"`{inventory.nodes[one].name}`" for one in models[:3])
            yield Assessed(
                role.id,
                Verdict.FAIL,
                f"pipelines that `{providers[0].name}` vouches for may {trains[0]} and approve {names}",
                (
                    ("provider", providers[0].id),
                    ("trains by", ", ".join(trains)),
                    *(("approves", one) for one in models[:5]),
                ),
                related=(providers[0].id, *models[:20]),
            )
        elif unread:
            yield blind(role, "what it may do was not read", unread)
        else:
            yield assessed(role, Verdict.PASS, "it does not both train and approve")


RULE = Rule(
    id="x-006",
    ref="X-006",
    title="Pipeline identity both trains and approves",
    kind=Kind.GRAPH,
    family="GOV",
    severity=Severity.HIGH,
    on=("Role",),
    needs=IAM,
    fix="Split the role: one that trains and registers, and one that approves, behind a person.",
    signals="A role that an OIDC provider vouches for may create training jobs or packages and reaches PROMOTE of a model.",
    controls=("administrators are told by other rules",),
    ask=ask,
)
