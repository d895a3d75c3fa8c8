"""AWS-SM-034: a production endpoint that somebody outside, or a development identity, may call."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Capability, Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, holdings
from queries.rule import Assessed, Kind, Rule, Severity, Unread, Verdict

NEEDS = ("sagemaker.describe_endpoint", "sagemaker.get_endpoint_policy", *IAM)
DEV = frozenset({"dev", "development", "test", "sandbox", "experiment"})
PROD = frozenset({"prod", "production"})


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every endpoint, by who holds a Grant to call it: everyone, foreign accounts, and development identities of another environment."""
    for node in inventory.assets("Endpoint"):
        if node.props.get("flavour") != "sagemaker endpoint":
            continue
        found = list(_callers(inventory, node))
        unread = (*inventory.unread(node, *NEEDS), *_nowhere(inventory, node))
        yield from found
        if not found and unread:
            yield blind(node, "who may call it was not read", unread)
        elif not found:
            yield assessed(
                node, Verdict.PASS, "nobody outside and no development identity may call it"
            )


def _nowhere(inventory: Inventory, node: Node) -> Iterator[Unread]:
    """The accounts of callers of a production endpoint of which no environment is known."""
    if inventory.environment(node) in PROD:
        callers = (row for row in holdings(inventory, node.id) if not row.outside)
        plain = (row.identity for row in callers if row.identity.id not in inventory.administrators)
        accounts = {inventory.account(who) for who in plain if not inventory.environment(who)}
        for account in sorted(accounts):
            yield Unread("environment of the account", account, outcome="not known")


def _callers(inventory: Inventory, node: Node) -> Iterator[Assessed]:
    production = inventory.environment(node) in PROD
    for held in holdings(inventory, node.id):
        who = held.identity
        if Capability.INVOKE not in held.gains or who.id in inventory.administrators:
            continue
        account = inventory.account(who)
        trusted = inventory.context.allows(inventory.context.trusted_accounts, account)
        dev = production and inventory.environment(who) in DEV
        if (held.outside and not trusted) or dev:
            where = "of a development environment" if dev else "outside the estate"
            yield Assessed(
                node.id,
                Verdict.FAIL,
                f"`{who.name}`, {where}, may call it",
                (("identity", who.id), ("by", ", ".join(sorted(held.hows)))),
                identity=(who.id,),
                severity=Severity.CRITICAL if who.kind == "Public" else Severity.HIGH,
                related=(who.id,),
            )


RULE = Rule(
    id="aws-sm-034",
    ref="AWS-SM-034",
    title="Endpoint can be called from outside or from development",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.HIGH,
    on=("Endpoint",),
    needs=NEEDS,
    identity=("identity",),
    fix="Confine sagemaker:InvokeEndpoint to the workloads that call it, in identity policies and in the endpoint's own policy.",
    signals="A Grant to call the endpoint is held by everyone, by a foreign account, or by an identity of a development environment while the endpoint is production.",
    controls=("accounts that the setting context.trusted_accounts names are meant",),
    ask=ask,
)
