"""X-020: an agent whose tools delete, or change permissions, without asking anybody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache

from access.aws.catalogue import known_actions
from access.aws.document import Statement
from graph.model import Node, NodeId
from graph.view import CAPABILITIES
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, roles
from queries.privilege.excess import Ledger, action_class
from queries.rule import Assessed, Kind, Rule, Severity, Verdict
from queries.statements import everything, statements

NEEDS = (
    "bedrock-agent.list_agent_action_groups",
    "bedrock-agent.get_agent_action_group",
    "lambda.list_functions",
    *IAM,
)
_DELETES = re.compile(r"(Batch)?Delete|Terminate|Purge")
DESTRUCTIVE = frozenset({"permissions", "escalation"})


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every agent, by what the functions that it calls may destroy, and whether a call is confirmed first."""
    ledger = Ledger(inventory)
    for agent in inventory.assets("Agent"):
        unread = inventory.unread(agent, *NEEDS)
        found, unclear = [], ""
        for function in inventory.targets(agent.id, "CALLS"):
            asks = confirmed(inventory, agent, function.id)
            harm = sorted(_destructive(inventory, ledger, function))
            if harm and asks == "no":
                found.append(_told(agent, function, harm))
            elif harm and asks:
                unclear = asks
        yield from found
        if not found and unread:
            yield blind(agent, "its tools were not read whole", unread)
        elif not found and unclear:
            yield blind(agent, unclear, ())
        elif not found:
            yield assessed(agent, Verdict.PASS, "no tool destroys anything without being confirmed")


def confirmed(inventory: Inventory, agent: Node, function: NodeId) -> str:
    """`no` where a call of the function needs no confirmation, empty where each does, else why that is not known."""
    told = ""
    held = inventory.settings(agent)
    for name, called in held.items():
        group, _, field = name.rpartition(":")
        if field != "function" or not _same(called, function):
            continue
        if held.get(f"{group}:state", "") == "DISABLED":
            continue
        names = [one for one in held.get(f"{group}:functions", "").split(",") if one]
        asks = [one for one in held.get(f"{group}:confirms", "").split(",") if one]
        if not names:
            told = told or "whether a call is confirmed stands in the API schema, which is not read"
        elif len(asks) < len(names) or any(one != "ENABLED" for one in asks):
            return "no"
    return told


def _same(called: str, function: NodeId) -> bool:
    """Whether the ARN, with or without a version or alias, is the function's."""
    return called == function or called.startswith(f"{function}:")


def _destructive(inventory: Inventory, ledger: Ledger, function: Node) -> Iterator[str]:
    """The actions by which the function's role deletes, or changes permissions, as far as its policies say."""
    view = inventory.view
    for role in roles(inventory, function.id):
        yield from deletes(inventory, role)
        for grant in ledger.held.get(role.id, ()):
            action = view.nodes.hows[int(view.nodes.how[grant])]
            if action_class(action, CAPABILITIES[int(view.nodes.capability[grant])]) in DESTRUCTIVE:
                yield action


def deletes(inventory: Inventory, role: Node) -> frozenset[str]:
    """The deleting actions that the role's policies allow and that no policy of its own denies everywhere."""
    allowed: set[str] = set()
    denied: set[str] = set()
    for said in statements(inventory, role):
        statement = said.statement
        if statement.allow:
            allowed |= _deleting(statement)
        elif everything(statement):
            denied |= _deleting(statement)
    return frozenset(allowed - denied)


def _deleting(statement: Statement) -> set[str]:
    named = {action for action in statement.actions if _DELETES.match(action.partition(":")[2])}
    covered = {
        action
        for action in _known()
        if (statement.actions and _among(action, statement.actions))
        or (statement.not_actions and not _among(action, statement.not_actions))
    }
    return {action for action in named if "*" not in action} | covered


def _among(action: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


@cache
def _known() -> tuple[str, ...]:
    return tuple(sorted(a for a in known_actions() if _DELETES.match(a.partition(":")[2])))


def _told(agent: Node, function: Node, harm: list[str]) -> Assessed:
    some = ", ".join(dict.fromkeys(harm))
    return Assessed(
        agent.id,
        Verdict.FAIL,
        f"its tool `{function.name}` may {some[:200]}, and nobody confirms a call",
        (("function", function.id), *(("right", one) for one in dict.fromkeys(harm[:5]))),
        identity=(function.id,),
        related=(function.id,),
    )


RULE = Rule(
    id="x-020",
    ref="X-020",
    title="Agent may destroy by a tool that nobody confirms",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.HIGH,
    on=("Agent",),
    needs=NEEDS,
    identity=("function",),
    fix="Ask for confirmation of the function (`requireConfirmation`), or return control to the application; take rights to delete and to change permissions from its role.",
    signals="An enabled action group calls a function whose role deletes, changes permissions or escalates, and one of its functions does not require confirmation.",
    controls=(
        "a group that returns control calls no function",
        "deletion is read from the role's policies: a boundary or control policy that forbids it is not weighed",
        "where the group has an API schema, which is not read, it is not assessed",
    ),
    ask=ask,
)
