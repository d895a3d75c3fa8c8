"""X-001: a development identity that reaches production data."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Capability, Node
from queries.exposure import exposure
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, LIKELY
from queries.rule import Assessed, Kind, Rule, Severity, Unread, Verdict
from queries.rules.aws_sm_034 import DEV, PROD

NEEDS = (*IAM, "s3.get_bucket_policy")
WANTED = frozenset({Capability.READ, Capability.WRITE})


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every production dataset, by the development identities that read or change it."""
    for node in inventory.assets("Dataset"):
        if inventory.environment(node) not in PROD or node.props.get("flavour") == "prefix":
            continue
        found = list(_reaching(inventory, node))
        unread = (*inventory.unread(node, *NEEDS), *_nowhere(inventory, node))
        yield from found
        if not found and unread:
            yield blind(node, "who reaches it was not read whole", unread)
        elif not found:
            yield assessed(node, Verdict.PASS, "no development identity reaches it")


def _nowhere(inventory: Inventory, node: Node) -> Iterator[Unread]:
    """The accounts of identities that reach the dataset and of which no environment is known."""
    rows = exposure(inventory.view, node.id, keep=LIKELY).identities
    known = (inventory.nodes[row.identity] for row in rows if row.identity in inventory.nodes)
    plain = (
        who
        for who in known
        if who.kind in {"User", "Role"} and who.id not in inventory.administrators
    )
    accounts = {inventory.account(who) for who in plain if not inventory.environment(who)}
    return (
        Unread("environment of the account", account, outcome="not known")
        for account in sorted(accounts)
    )


def _reaching(inventory: Inventory, node: Node) -> Iterator[Assessed]:
    for row in exposure(inventory.view, node.id, keep=LIKELY).identities:
        who = inventory.nodes.get(row.identity)
        gains = sorted(WANTED & set(row.capabilities))
        if (
            who is None
            or not gains
            or who.kind in {"Person", "Group"}
            or who.id in inventory.administrators
        ):
            continue
        if inventory.environment(who) in DEV:
            yield Assessed(
                node.id,
                Verdict.FAIL,
                f"`{who.name}` of development has {', '.join(gains)} by {row.route.label} access",
                (
                    ("start", who.id),
                    ("route", row.route.label),
                    ("steps", str(row.steps)),
                    ("certainty", row.certainty.label),
                ),
                identity=(who.id,),
                severity=Severity.CRITICAL
                if inventory.sensitivity(node.id) >= 3
                else Severity.HIGH,
                related=(who.id,),
            )


RULE = Rule(
    id="x-001",
    ref="X-001",
    title="Development identity reaches production data",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.CRITICAL,
    on=("Dataset",),
    needs=NEEDS,
    identity=("start",),
    fix="Cut the path: `shadowgraph paths --from START --to DATASET` names every statement on it, `shadowgraph cut` the fewest to take away.",
    signals="A path from an identity of a development account to READ or WRITE of a dataset of production.",
    controls=("administrators are left out", "ways that are only possible do not count"),
    ask=ask,
)
