"""SH-001: an asset that stands in no system of record."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node
from queries.grounds import assessed, blind, excused
from queries.inventory import RECORDS, Inventory
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict

STACKS = ("cloudformation.describe_stacks", "cloudformation.list_stack_resources")
_TAG = "aws:cloudformation:"
KINDS = (
    "Notebook", "Pipeline", "Schedule", "Endpoint", "Agent", "Function", "Cluster", "ModelVersion", "Model",
    "Image", "KnowledgeBase", "FeatureStore", "Guardrail", "Dataset", "Secret", "Key",
)  # fmt: skip


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every asset that somebody would have to set up: in a record, in none, or where no record could be asked."""
    records = _records(inventory)
    for node in inventory.assets(*KINDS):
        if node.props.get("flavour") not in PARTS and node.props.get("manager") != "vendor":
            yield _assessed(inventory, node, records.get(inventory.account(node), ()))


PARTS = frozenset(
    {
        "prefix", "table", "access point", "sagemaker model package", "bedrock foundation model",
        "studio user profile", "studio space",
    }
)  # fmt: skip
"""What comes with something else: where that is managed, so is this."""


def _assessed(inventory: Inventory, node: Node, records: tuple[str, ...]) -> Assessed:
    known = _known(inventory, node)
    if known:
        return assessed(node, Verdict.PASS, known)
    excuse = excused(inventory, node)
    if excuse:
        return assessed(node, Verdict.NOT_APPLICABLE, excuse)
    place = (inventory.account(node), str(node.props.get("region", "")))
    unread = (*inventory.unread_at(STACKS[0], *place), *inventory.gaps_of(STACKS[1], *place))
    asked = (*records, *(() if unread else ("CloudFormation",)))
    if not asked:
        return blind(node, "no system of record could be read", unread)
    lapsed = _lapsed(inventory, node)
    said = (*(("listed", text) for text in lapsed), *(("asked", text) for text in asked))
    why = (
        f"no system of record vouches for it: {'; '.join(lapsed)}"
        if lapsed
        else f"stands in no system of record: not in {', '.join(asked)}"
    )
    lifts = "bring it under infrastructure as code, or list it in the inventory"
    return Assessed(node.id, Verdict.FAIL, why, said, unread=unread, lifts=lifts)


def _known(inventory: Inventory, node: Node) -> str:
    """What vouches for the asset; empty where nothing does."""
    for record, edge in _listings(inventory, node):
        if not _ended(inventory, edge):
            return f"listed in {record.props['flavour']} `{record.name}`"
    tags = inventory.tags(node) or {}
    if any(tag.startswith(_TAG) for tag in tags):
        return f"carries the tags of stack `{tags.get(f'{_TAG}stack-name', '?')}`"
    wanted = inventory.context.mandatory_tags
    if wanted and all(tag in tags for tag in wanted):
        return "carries every tag that the tag policy asks for"
    if node.props.get("registered") is True and node.kind in {"Model", "ModelVersion"}:
        return "stands in the model registry"
    return ""


def _listings(inventory: Inventory, node: Node) -> Iterator[tuple[Node, Edge]]:
    """The records that list the asset, each with what its row says."""
    for edge in inventory.out(node.id, "MANAGED_BY"):
        record = inventory.nodes.get(edge.target)
        if record is not None and record.present and record.props.get("flavour") in RECORDS:
            yield record, edge


def _ended(inventory: Inventory, edge: Edge) -> str:
    """Why a row of a record vouches for its asset no more, or not yet; empty where it does."""
    status, until = edge.props.get("status"), edge.props.get("expires")
    if status in {"retired", "requested"}:
        return str(status)
    # It holds through the whole of its last day.
    if isinstance(until, str) and until and inventory.now.date().isoformat() > until:
        return f"ended on {until}"
    return ""


def _lapsed(inventory: Inventory, node: Node) -> tuple[str, ...]:
    """The records that list the asset and do not vouch for it."""
    return tuple(
        f"{_ended(inventory, edge)} in {record.props['flavour']} `{record.name}`"
        for record, edge in _listings(inventory, node)
    )


def _records(inventory: Inventory) -> dict[str, tuple[str, ...]]:
    """The files of record by the accounts that they list something of: others say nothing of an account."""
    found: dict[str, tuple[str, ...]] = {}
    for record in inventory.listed("Registry"):
        if record.props.get("flavour") in RECORDS - {"cloudformation stack"}:
            owned = {inventory.account(one) for one in inventory.sources(record.id, "MANAGED_BY")}
            for account in owned - {""}:
                told = f"{record.props['flavour']} {record.name}"
                found[account] = (*found.get(account, ()), told)
    return found


RULE = Rule(
    id="sh-001",
    ref="SH-001",
    title="Asset stands in no system of record",
    kind=Kind.FIELD,
    family="SHA",
    severity=Severity.MEDIUM,
    on=KINDS,
    needs=STACKS,
    fix="Bring it under infrastructure as code, list it in the inventory with an owner, or delete it.",
    signals="No infrastructure-as-code state, stack, inventory, registry or tag policy lists it.",
    controls=(
        "a week of grace after creation",
        "what a service makes for another asset counts as that asset's",
        "a sandbox that says when it ends, until then",
        "a file of record speaks only of accounts that it lists something of",
        "a row that has ended, is retired, or is only requested vouches for nothing",
    ),
    reason=Reason.UNMANAGED,
    ask=ask,
)
