"""X-017: one execution role for workloads of several environments, teams or kinds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from graph.model import Node, NodeId
from queries.grounds import assessed, blind, team_of
from queries.inventory import Inventory
from queries.joins import IAM
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

_WORK = (
    "Notebook",
    "Job",
    "Pipeline",
    "Endpoint",
    "Agent",
    "Function",
    "Service",
    "Cluster",
    "VirtualMachine",
    "ModelVersion",
)


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every role that something runs as, by how different what runs as it is."""
    running: dict[NodeId, list[Node]] = defaultdict(list)
    for work in inventory.assets(*_WORK):
        for role in inventory.targets(work.id, "RUNS_AS"):
            running[role.id].append(work)
    for role in inventory.listed("Role"):
        unread = inventory.unread(role, *IAM)
        works = running.get(role.id, [])
        told = [] if len(works) < 2 else list(_spread(inventory, works))
        if told:
            why = f"runs {len(works)} workloads of {' and '.join(told)}"
            some = tuple(work.id for work in works[:20])
            yield Assessed(
                role.id, Verdict.FAIL, why, (("workloads", str(len(works))),), related=some
            )
        elif unread:
            yield blind(role, "the role was not read", unread)
        elif not works:
            yield assessed(role, Verdict.NOT_APPLICABLE, "nothing runs as it")
        else:
            yield assessed(
                role, Verdict.PASS, "what runs as it is of one environment, team and kind"
            )


def _spread(inventory: Inventory, works: list[Node]) -> Iterator[str]:
    environments = {inventory.environment(one) for one in works} - {""}
    teams = {team for one in works if (team := team_of(inventory, one))}
    kinds = {one.kind for one in works if one.kind != "ModelVersion"}
    for word, held in (("environments", environments), ("teams", teams), ("kinds", kinds)):
        if len(held) > 1:
            yield f"{len(held)} {word} ({', '.join(sorted(held))})"


RULE = Rule(
    id="x-017",
    ref="X-017",
    title="Execution role is shared by unlike workloads",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.MEDIUM,
    on=("Role",),
    needs=IAM,
    fix="Give each environment, team and kind of workload a role of its own.",
    signals="Workloads that run as one role differ in environment, in team or in kind.",
    controls=("a model counts with its endpoint, and is no kind of its own",),
    ask=ask,
)
