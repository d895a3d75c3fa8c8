"""X-016: one key or secret that opens assets of two environments."""

from __future__ import annotations

from collections.abc import Iterator

from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("kms.list_keys", "secretsmanager.list_secrets")


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every customer key and every secret, by the environments of what it opens."""
    for node in inventory.assets("Key", "Secret"):
        if node.props.get("manager") == "vendor":
            continue
        kind = "ENCRYPTED_BY" if node.kind == "Key" else "OPENS"
        opened = (
            inventory.sources(node.id, kind)
            if node.kind == "Key"
            else inventory.targets(node.id, kind)
        )
        where = {inventory.environment(one): one for one in opened if inventory.environment(one)}
        unread = inventory.unread(node, NEEDS[0 if node.kind == "Key" else 1])
        if len(where) > 1:
            words = " and ".join(sorted(where))
            some = tuple(one.id for one in where.values())
            why = f"opens assets of {words}"
            yield Assessed(
                node.id,
                Verdict.FAIL,
                why,
                tuple((name, one.id) for name, one in sorted(where.items())),
                related=some,
            )
        elif unread:
            yield blind(node, "what it opens was not read", unread)
        elif not opened:
            yield assessed(node, Verdict.NOT_APPLICABLE, "it is not known to open anything")
        elif not where:
            yield blind(node, "the environments of what it opens are not known", ())
        else:
            yield assessed(node, Verdict.PASS, f"all that it opens is {next(iter(where))}")


RULE = Rule(
    id="x-016",
    ref="X-016",
    title="Key or secret opens two environments",
    kind=Kind.GRAPH,
    family="ENC",
    severity=Severity.MEDIUM,
    on=("Key", "Secret"),
    needs=NEEDS,
    fix="Give each environment a key and a secret of its own.",
    signals="Assets that the key encrypts, or that the secret opens, are of more than one environment.",
    ask=ask,
)
