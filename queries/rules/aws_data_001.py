"""AWS-DATA-001: a bucket that is public, or that nothing keeps from becoming public."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind, severity_of
from queries.inventory import Inventory
from queries.joins import holdings
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("s3.get_public_access_block", "s3.get_bucket_policy", "s3.get_bucket_acl")
BLOCKS = frozenset(
    {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"}
)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every bucket, by who everyone is to it and which public access blocks are on."""
    for node in inventory.assets("Dataset"):
        if node.props.get("flavour") == "bucket":
            yield _assessed(inventory, node)


def _assessed(inventory: Inventory, node: Node) -> Assessed:
    unread = inventory.unread(node, *NEEDS)
    public = [row for row in holdings(inventory, node.id) if row.identity.kind == "Public"]
    if public:
        gains = ", ".join(sorted({gain.value for row in public for gain in row.gains}))
        return Assessed(
            node.id,
            Verdict.FAIL,
            f"everyone has {gains}",
            (("everyone gains", gains),),
            unread=unread,
        )
    if unread:
        return blind(node, "its policy, lists or public access block were not read", unread)
    held = node.props.get("block_public")
    missing = BLOCKS - set(held if isinstance(held, tuple) else ())
    account = _account_blocks(inventory, node)
    if missing - account:
        words = ", ".join(sorted(missing - account))
        weight = severity_of(inventory, node, Severity.MEDIUM)
        return Assessed(
            node.id, Verdict.FAIL, f"public access is not blocked: {words} off", severity=weight
        )
    return assessed(
        node, Verdict.PASS, "every public access block is on, at the bucket or its account"
    )


def _account_blocks(inventory: Inventory, node: Node) -> frozenset[str]:
    for account in inventory.listed("Account"):
        if inventory.account(account) == inventory.account(node):
            return frozenset((inventory.setting(account, "block_public") or "").split(","))
    return frozenset()


RULE = Rule(
    id="aws-data-001",
    ref="AWS-DATA-001",
    title="Bucket is public, or not kept from it",
    kind=Kind.FIELD,
    family="EXP",
    severity=Severity.CRITICAL,
    on=("Dataset",),
    needs=NEEDS,
    fix="Turn all four public access blocks on, for the account first.",
    signals="A Grant on the bucket is held by everyone, or a public access block is off at the bucket and at the account.",
    controls=(
        "a block that is on at the account counts for the bucket",
        "a bucket that is only not kept from it is medium",
    ),
    ask=ask,
)
