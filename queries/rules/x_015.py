"""X-015: restricted data whose reads no trail logs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model import Node
from queries.grounds import SENSITIVE, assessed, blind
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("cloudtrail.describe_trails", "cloudtrail.get_event_selectors")
_OBJECTS = "AWS::S3::Object"


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every restricted bucket, by whether some trail of its account logs what happens to its objects."""
    for node in inventory.assets("Dataset"):
        if node.props.get("flavour") != "bucket" or inventory.sensitivity(node.id) < SENSITIVE:
            continue
        place = (inventory.account(node), str(node.props.get("region", "")))
        unread = (*inventory.unread_at(NEEDS[0], *place), *inventory.gaps_of(NEEDS[1], *place))
        logged = _logged(inventory, node)
        if logged:
            yield assessed(
                node, Verdict.PASS, f"the trail `{logged.rpartition('/')[2]}` logs its objects"
            )
        elif unread:
            yield blind(node, "which trails log what was not read", unread)
        else:
            yield assessed(node, Verdict.FAIL, "no trail of its account logs who reads its objects")


def _logged(inventory: Inventory, node: Node) -> str:
    """The trail that logs the bucket's objects; empty where none does."""
    for account in inventory.listed("Account"):
        if inventory.account(account) != inventory.account(node):
            continue
        for name, told in sorted(inventory.settings(account).items()):
            if name.startswith("selectors:") and _covers(told, str(node.id)):
                return name.removeprefix("selectors:")
    return ""


def _covers(told: str, bucket: str) -> bool:
    """Whether one of the selectors takes in reads of objects of the bucket: of all buckets, or of this one by its ARN."""
    return any(_takes_in(part, bucket) for part in told.split(";"))


def _takes_in(selector: str, bucket: str) -> bool:
    if _OBJECTS not in selector or "WriteOnly" in selector:
        return False
    if selector.startswith("advanced="):
        return "resources.ARN" not in selector or f"{bucket}/" in selector
    values = re.findall(rf"{_OBJECTS}:(\S+)", selector)
    named = {name for value in values for name in value.split(",")}
    return bool(named & {"arn:aws:s3", "arn:aws:s3:::", f"{bucket}/"})


RULE = Rule(
    id="x-015",
    ref="X-015",
    title="Reads of restricted data are not logged",
    kind=Kind.GRAPH,
    family="LOG",
    severity=Severity.HIGH,
    on=("Dataset",),
    needs=NEEDS,
    fix="Add data events of S3 objects for the bucket to a trail.",
    signals="No trail's event selectors hold AWS::S3::Object for the bucket, reads among them.",
    controls=("a trail of the organisation counts in the account that it was read in only",),
    ask=ask,
)
