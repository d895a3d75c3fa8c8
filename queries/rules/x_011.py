"""X-011: an asset that nobody who is still there answers for."""

from __future__ import annotations

from collections.abc import Iterator

from queries.grounds import assessed, blind, excused
from queries.inventory import Inventory
from queries.owners import Standing, owner_of
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict
from queries.rules.sh_001 import KINDS, PARTS

NEEDS = ("iam.get_account_authorization_details",)
_TAGS = (
    "sagemaker.list_tags",
    "s3.get_bucket_tagging",
    "lambda.list_tags",
    "kms.list_resource_tags",
)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every asset that somebody has to answer for, by its owner and whether that is still there."""
    for node in inventory.assets(*KINDS):
        if node.props.get("flavour") in PARTS or node.props.get("manager") == "vendor":
            continue
        owner = owner_of(inventory, node)
        excuse = excused(inventory, node)
        if owner.standing is Standing.LIVING:
            yield assessed(
                node, Verdict.PASS, f"owned by `{owner.name}` ({owner.basis}): {owner.why}"
            )
        elif excuse:
            yield assessed(node, Verdict.NOT_APPLICABLE, excuse)
        elif owner.standing is Standing.GONE:
            yield Assessed(
                node.id,
                Verdict.FAIL,
                f"its owner is gone: {owner.why}",
                (("owner", owner.name), ("basis", owner.basis)),
                lifts="name an owner who is there",
            )
        elif owner.standing is Standing.UNKNOWN:
            yield blind(node, owner.why, owner.unread)
        elif inventory.tags(node) is None:
            yield blind(
                node,
                "its tags were not read, and nothing else names an owner",
                inventory.unread(node, *NEEDS),
            )
        else:
            yield Assessed(
                node.id,
                Verdict.FAIL,
                "no owner is recorded on any basis",
                lifts="name an owner in a tag, the inventory or a decision",
            )


RULE = Rule(
    id="x-011",
    ref="X-011",
    title="Nobody who is there answers for the asset",
    kind=Kind.GRAPH,
    family="GOV",
    severity=Severity.MEDIUM,
    on=KINDS,
    needs=NEEDS,
    fix="Name an owner who is there: a tag, the inventory, or a decision.",
    signals="No decision, tag, registry, platform field or creator names an owner, or the one that is named was deleted, disabled, or left.",
    controls=(
        "a group counts as owner while it has an active member",
        "teams that the setting context.teams names are owners",
        "a name that no directory holds is not assessed unless the directory was read whole",
    ),
    reason=Reason.ORPHANED,
    ask=ask,
)
