"""SH-004: a disk or file system of machine learning that nothing uses any more."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId
from queries.grounds import assessed, blind, sandbox_until, severity_of
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict

FILES, DISK = "efs file system", "ebs volume"
DOMAINS = "sagemaker.list_domains"
NEEDS = ("efs.describe_file_systems", "ec2.describe_volumes")
_OWN = {FILES: NEEDS[:1], DISK: NEEDS[1:]}


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every disk and file system that a service of machine learning made, by what still uses it."""
    for node in inventory.assets("Dataset"):
        flavour = str(node.props.get("flavour", ""))
        if flavour in _OWN:
            yield _assessed(inventory, node, flavour)


def _assessed(inventory: Inventory, node: Node, flavour: str) -> Assessed:
    unread = inventory.unread(node, *_OWN[flavour])
    if unread:
        return blind(node, "what uses it was not read", unread)
    grace = inventory.context.windows.grace
    ends = sandbox_until(inventory, node)
    if inventory.young(node, grace):
        return assessed(node, Verdict.NOT_APPLICABLE, f"younger than {grace.days} days")
    if ends is not None and ends > inventory.now:
        return assessed(node, Verdict.NOT_APPLICABLE, f"a sandbox until {ends:%Y-%m-%d}")
    return _file_system(inventory, node) if flavour == FILES else _volume(inventory, node)


def _file_system(inventory: Inventory, node: Node) -> Assessed:
    mounts, domain = (inventory.setting(node, name) for name in ("mount_targets", "made_for"))
    if mounts is None:
        return blind(node, "whether anything mounts it is not known", ())
    if domain and not _there(inventory, domain):
        unread = inventory.unread(node, DOMAINS)
        if not unread:
            return _left(inventory, node, f"made for `{domain.rpartition('/')[2]}`, which is gone")
        if mounts != "0":
            return blind(node, "whether its domain is there was not read", unread)
    if mounts == "0":
        return _left(inventory, node, "nothing mounts it")
    return assessed(node, Verdict.PASS, f"{mounts} mount targets")


def _there(inventory: Inventory, name: str) -> bool:
    node = inventory.nodes.get(NodeId(name))
    return node is not None and node.present and not node.props.get("referenced_only")


def _volume(inventory: Inventory, node: Node) -> Assessed:
    state = inventory.setting(node, "state")
    if state == "available":
        gib = inventory.setting(node, "gib")
        return _left(inventory, node, f"attached to nothing{f', {gib} GiB' if gib else ''}")
    if state == "in-use":
        return assessed(
            node,
            Verdict.PASS,
            f"attached to {inventory.setting(node, 'attached_to') or 'something'}",
        )
    return blind(node, "whether anything has it attached is not known", ())


def _left(inventory: Inventory, node: Node, why: str) -> Assessed:
    weight = severity_of(inventory, node, Severity.LOW)
    return Assessed(
        node.id, Verdict.FAIL, why, (("flavour", str(node.props["flavour"])),), severity=weight
    )


RULE = Rule(
    id="sh-004",
    ref="SH-004",
    title="Disk or file system is left over",
    kind=Kind.FIELD,
    family="SHA",
    severity=Severity.LOW,
    on=("Dataset",),
    needs=NEEDS,
    fix="Take a snapshot if somebody may want what lies on it, then delete it.",
    signals="A volume in state available, or an EFS file system without mount targets or whose Studio domain is gone, named or tagged by a service of machine learning.",
    controls=(
        "younger than the grace period, or a sandbox until its day, is not held against it",
        "disks that no service or tool of machine learning names are not read",
    ),
    reason=Reason.IDLE,
    ask=ask,
)
