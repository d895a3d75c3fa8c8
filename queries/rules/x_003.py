"""X-003: data that a production model learns from, and that somebody outside the owning team can change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from graph.model import Capability, Node, NodeId
from queries.exposure import exposure
from queries.grounds import assessed, blind, team_of
from queries.inventory import Inventory
from queries.joins import IAM, LIKELY, packages, served
from queries.rule import Assessed, Kind, Rule, Severity, Verdict
from queries.rules.aws_sm_034 import PROD

NEEDS = (*IAM, "s3.get_bucket_policy")
_PEOPLE = frozenset({"User", "Role", "External", "Public"})


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every dataset that a model of production was trained on, by who changes it and is not of its team."""
    for dataset, models in sorted(_training(inventory).items()):
        node = inventory.nodes[dataset]
        unread = inventory.unread(node, *NEEDS)
        team = team_of(inventory, node)
        found = list(_outside(inventory, node, team, models))
        yield from found
        if not found and unread:
            yield blind(node, "who changes it was not read whole", unread)
        elif not found and not team:
            yield blind(node, "no tag says which team owns it", ())
        elif not found:
            yield assessed(node, Verdict.PASS, f"nobody outside `{team}` changes it")


def _training(inventory: Inventory) -> Mapping[NodeId, tuple[Node, ...]]:
    """The datasets that models of production were trained on, with those models."""
    found: dict[NodeId, dict[NodeId, Node]] = defaultdict(dict)
    live = {
        model.id
        for endpoint in inventory.assets("Endpoint")
        if inventory.environment(endpoint) in PROD
        for model in served(inventory, endpoint.id)
    }
    for model in inventory.assets("ModelVersion"):
        if inventory.environment(model) in PROD or model.id in live:
            for one in (model, *packages(inventory, model)):
                for data in inventory.targets(one.id, "TRAINED_ON"):
                    if data.kind == "Dataset":
                        found[data.id][model.id] = model
    return {data: tuple(models.values()) for data, models in found.items()}


def _outside(
    inventory: Inventory, node: Node, team: str, models: tuple[Node, ...]
) -> Iterator[Assessed]:
    for row in exposure(inventory.view, node.id, keep=LIKELY).identities:
        who = inventory.nodes.get(row.identity)
        if who is None or who.kind not in _PEOPLE or Capability.WRITE not in row.capabilities:
            continue
        said = _foreign(inventory, node, team, who)
        if who.id in inventory.administrators or not said:
            continue
        names = ", ".join(sorted(model.name for model in models)[:3])
        yield Assessed(
            node.id,
            Verdict.FAIL,
            f"`{who.name}`, {said}, can change what `{names}` of production was trained on",
            (
                ("start", who.id),
                ("route", row.route.label),
                ("steps", str(row.steps)),
                *(("model", model.id) for model in models[:3]),
            ),
            identity=(who.id,),
            related=(who.id, *(model.id for model in models[:20])),
        )


def _foreign(inventory: Inventory, node: Node, team: str, who: Node) -> str:
    """Why the identity is outside the team that owns the data; empty where it is in it, or nobody says."""
    if who.kind in {"External", "Public"}:
        return "outside the estate"
    theirs = team_of(inventory, who)
    if team and theirs:
        return "" if team.lower() == theirs.lower() else f"of team `{theirs}` rather than `{team}`"
    away = inventory.account(who)
    return "" if away == inventory.account(node) else f"of account {away}"


RULE = Rule(
    id="x-003",
    ref="X-003",
    title="Training data of a production model can be changed from outside its team",
    kind=Kind.GRAPH,
    family="SUP",
    severity=Severity.HIGH,
    on=("Dataset",),
    needs=NEEDS,
    identity=("start",),
    fix="Take WRITE away from other teams (`shadowgraph paths --from START --to DATASET --capability WRITE` names every statement), or let them hand data over through a job of the owner.",
    signals="A path to WRITE of a dataset that TRAINED_ON leads to from a model of production, by an identity of another team, of another account, or from outside.",
    controls=(
        "administrators are left out",
        "ways that are only possible do not count",
        "without team tags only other accounts and outsiders are told",
    ),
    ask=ask,
)
