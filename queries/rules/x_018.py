"""X-018: a role that trusts a foreign account without an external id or another condition."""

from __future__ import annotations

from collections.abc import Iterator

from access.aws.document import Statement, parse
from graph.model import Node, Role
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM
from queries.rule import Assessed, Kind, Rule, Severity, Verdict


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every role, by the foreign accounts that its trust policy lets in."""
    estate = {inventory.account(one) for one in inventory.listed("Account")}
    for node in inventory.listed("Role"):
        unread = inventory.unread(node, *IAM)
        found = list(_strangers(inventory, node, estate))
        yield from found
        if not found and unread:
            yield blind(node, "its trust policy was not read", unread)
        elif not found:
            yield assessed(node, Verdict.PASS, "it lets no foreign account in without a condition")


def _strangers(inventory: Inventory, node: Node, estate: set[str]) -> Iterator[Assessed]:
    seen: set[str] = set()
    for row in inventory.attached.get(node.id, ()):
        text = inventory.document(row.document) if row.role is Role.TRUST and row.document else ""
        for statement in parse(text).statements if text else ():
            for account in _accounts(statement) - estate - seen:
                if not inventory.context.allows(inventory.context.trusted_accounts, account):
                    seen.add(account)
                    yield Assessed(
                        node.id,
                        Verdict.FAIL,
                        f"account {account} may assume it on no condition",
                        (("statement", statement.sid), ("account", account)),
                        identity=(account,),
                    )


def _accounts(statement: Statement) -> set[str]:
    """The accounts that the statement lets in without any condition."""
    if not statement.allow or statement.conditions:
        return set()
    found = set()
    for entry in statement.principals:
        said = entry.value if entry.type == "AWS" else ""
        parts = said.split(":")
        account = parts[4] if said.startswith("arn:") and len(parts) > 5 else said
        if account.isdigit() and len(account) == 12:
            found.add(account)
    return found


RULE = Rule(
    id="x-018",
    ref="X-018",
    title="Role trusts a foreign account on no condition",
    kind=Kind.GRAPH,
    family="EXP",
    severity=Severity.HIGH,
    on=("Role",),
    needs=IAM,
    identity=("account",),
    fix="Ask for sts:ExternalId (and aws:PrincipalOrgID where it is a partner organisation) in the trust policy.",
    signals="A trust statement lets an account in that is not of the estate, without any condition.",
    controls=("accounts that the setting context.trusted_accounts names are meant",),
    ask=ask,
)
