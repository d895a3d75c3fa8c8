"""SH-006: data that lies a second time in another account."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from graph.model import Node, NodeId
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Reason, Rule, Severity, Verdict

NEEDS = ("s3.get_bucket_replication",)
THRESHOLD = 0.5
EVENT, BYTES, SCHEMA = 0.95, 0.5, 0.3
_BY = re.compile(r"^\d+ copies by (\S+) until")
_CLOSE = 0.001  # of the bytes


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every bucket and table, by what is known to be a copy of it elsewhere, and how surely."""
    alike = _alike(inventory)
    for node in inventory.assets("Dataset"):
        if node.props.get("flavour") not in {"bucket", "table"}:
            continue
        found = list(_copies(inventory, node, alike.get(node.id, {})))
        unread = inventory.unread(node, *NEEDS) if node.props.get("flavour") == "bucket" else ()
        yield from found
        if not found and unread:
            yield blind(node, "where its objects are copied to was not read", unread)
        elif not found:
            yield assessed(node, Verdict.PASS, "no copy of it in another account is known")


def _copies(inventory: Inventory, node: Node, alike: Mapping[NodeId, str]) -> Iterator[Assessed]:
    told: dict[NodeId, tuple[float, str]] = {}
    for edge in inventory.out(node.id, "DERIVED_FROM"):
        lines = [line for line in edge.evidence if not _meant(inventory, line)]
        if lines or not edge.evidence:
            before = told.get(edge.target, (EVENT, ""))[1]
            told[edge.target] = EVENT, "; ".join(filter(None, (before, *lines))) or "declared"
    for source, why in alike.items():
        told.setdefault(source, (BYTES + SCHEMA, why))
    for source, (confidence, signals) in sorted(told.items()):
        other = inventory.nodes.get(source)
        if other is None or other.kind != "Dataset" or confidence < THRESHOLD:
            continue
        home, away = inventory.account(other), inventory.account(node)
        makers = [edge.target for edge in inventory.out(node.id, "CREATED_BY")]
        if home == away or not home or not away or any(_allowed(inventory, one) for one in makers):
            continue
        level = inventory.sensitivity(source)
        yield Assessed(
            node.id,
            Verdict.FAIL,
            f"a copy of `{other.name}` of account {home}, in account {away}",
            (
                ("source", source),
                ("signals", signals),
                ("confidence", f"{confidence:.2f}"),
                ("sensitivity of the source", str(level)),
            ),
            identity=(source,),
            severity=Severity.HIGH if level > 0 else Severity.MEDIUM,
            related=(source,),
        )


def _meant(inventory: Inventory, line: str) -> bool:
    """Whether the line tells of copies by an identity whose copies are meant."""
    found = _BY.search(line)
    return found is not None and _allowed(inventory, NodeId(found[1]))


def _allowed(inventory: Inventory, identity: NodeId) -> bool:
    node = inventory.nodes.get(identity)
    names = (str(identity), node.name if node else "")
    return any(inventory.context.allows(inventory.context.copiers, name) for name in names)


def _alike(inventory: Inventory) -> Mapping[NodeId, Mapping[NodeId, str]]:
    """The tables that have one schema and nearly one size: the younger one points to the older."""
    by_schema: dict[str, list[Node]] = defaultdict(list)
    for node in inventory.assets("Dataset"):
        mark = inventory.setting(node, "schema_hash")
        if mark and _bytes(inventory, node) > 0:
            by_schema[mark].append(node)
    found: dict[NodeId, dict[NodeId, str]] = defaultdict(dict)
    for nodes in by_schema.values():
        ordered = sorted(nodes, key=lambda one: (str(one.props.get("created", "")), one.id))
        for at, one in enumerate(ordered):
            for other in ordered[:at]:
                mine, theirs = _bytes(inventory, one), _bytes(inventory, other)
                if abs(mine - theirs) <= _CLOSE * theirs:
                    found[one.id][other.id] = "one schema, bytes within 0.1 %"
    return found


def _bytes(inventory: Inventory, node: Node) -> int:
    said = inventory.seen(node.id).get("total_size")
    return int(said) if isinstance(said, str) and said.isascii() and said.isdigit() else 0


RULE = Rule(
    id="sh-006",
    ref="SH-006",
    title="Data lies a second time in another account",
    kind=Kind.GRAPH,
    family="SHA",
    severity=Severity.HIGH,
    on=("Dataset",),
    needs=NEEDS,
    identity=("source",),
    fix="Delete the copy, or list it in the inventory with an owner and a reason.",
    signals="Replication or copy events (0.95), or one schema with bytes within 0.1 % (0.8), between two accounts; told from 0.5.",
    controls=(
        "identities that the setting context.copiers names make backups",
        "schema alone (0.3) is never told",
    ),
    reason=Reason.COPIED,
    ask=ask,
)
