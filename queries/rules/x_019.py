"""X-019: a right to change an asset, or who may use it, that nobody used in the window."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Capability, Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, Holding, holdings
from queries.logs import LOOKUP, window_of
from queries.routes import is_technique
from queries.rule import Assessed, Kind, Rule, Severity, Unread, Verdict
from queries.use import Answer, Seen, seen

NEEDS = (LOOKUP, *IAM)
_KINDS = (
    "Endpoint",
    "Model",
    "ModelVersion",
    "Notebook",
    "Pipeline",
    "Agent",
    "KnowledgeBase",
    "FeatureStore",
)
_WRITES = frozenset({Capability.WRITE, Capability.ADMIN, Capability.PROMOTE, Capability.CONTROL})


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every AI asset, by who may change it and did not, where that would show."""
    for node in inventory.assets(*_KINDS):
        found: list[Assessed] = []
        unseen: list[Unread] = []
        held = [row for row in holdings(inventory, node.id) if row.gains & _WRITES]
        for row in held:
            if (
                row.identity.id in inventory.administrators
                or row.outside
                or row.identity.kind == "Group"
            ):
                continue
            for how, told in _uses(inventory, node, row):
                if told.answer is Answer.UNUSED:
                    found.append(_stale(inventory, node, row, how))
                elif told.answer is Answer.NOT_OBSERVED:
                    unseen += told.unread or (Unread(told.why, outcome="not observed"),)
        yield from found
        if not found and unseen:
            yield blind(
                node,
                "whether rights to change it were used could not be seen",
                tuple(sorted(set(unseen))),
            )
        elif not found:
            yield assessed(
                node,
                Verdict.PASS,
                "every right to change it was used, or nobody but administrators holds one",
            )


def _uses(inventory: Inventory, node: Node, row: Holding) -> Iterator[tuple[str, Seen]]:
    window = window_of(inventory, inventory.context.windows.log)
    for how in sorted(row.hows):
        if ":" in how and not is_technique(how) and not how.endswith("*"):
            yield how, seen(inventory, row.identity, how, node, window)


def _stale(inventory: Inventory, node: Node, row: Holding, how: str) -> Assessed:
    days = inventory.context.windows.log.days
    return Assessed(
        node.id,
        Verdict.FAIL,
        f"`{row.identity.name}` may {how} on it, and did not for {days} days",
        (("identity", row.identity.id), ("action", how), ("window", f"{days} days")),
        identity=(row.identity.id, how),
        related=(row.identity.id,),
    )


RULE = Rule(
    id="x-019",
    ref="X-019",
    title="Right to change an AI asset was not used",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.MEDIUM,
    on=_KINDS,
    needs=NEEDS,
    identity=("identity", "action"),
    fix="Take the right away; `shadowgraph privilege --identity WHO` proposes the smaller policy.",
    signals="A Grant of WRITE, PROMOTE, CONTROL or ADMIN whose action stands in no log of the window, where the log was read whole.",
    controls=(
        "what shows in data events only is not assessed",
        "an identity or asset younger than the window is not assessed",
        "administrators are left out",
    ),
    ask=ask,
)
