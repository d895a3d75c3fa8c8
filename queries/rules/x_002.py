"""X-002: an identity that may change the bytes of a model that production serves."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Capability, Node
from queries.exposure import exposure
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import IAM, LIKELY, served
from queries.rule import Assessed, Kind, Rule, Severity, Verdict
from queries.rules.aws_sm_034 import PROD

NEEDS = ("sagemaker.describe_endpoint", "sagemaker.describe_model", "s3.get_bucket_policy", *IAM)
_WORK = frozenset({"Job", "Pipeline", "Schedule"})


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every model that an endpoint of production serves, by who may change what it is loaded from."""
    done: set[str] = set()
    for endpoint in inventory.assets("Endpoint"):
        live = (
            endpoint.props.get("state") == "InService" and inventory.environment(endpoint) in PROD
        )
        for model in served(inventory, endpoint.id) if live else ():
            if model.id not in done and not model.props.get("referenced_only"):
                done.add(model.id)
                yield from _assessed(inventory, model)


def _assessed(inventory: Inventory, model: Node) -> Iterator[Assessed]:
    places = inventory.targets(model.id, "STORED_IN")
    found = [row for place in places for row in _writers(inventory, model, place)]
    unread = inventory.unread(model, "sagemaker.describe_model")
    unread += tuple(
        gap for place in places for gap in inventory.unread(place, "s3.get_bucket_policy")
    )
    yield from {row.identity: row for row in found}.values()
    if not found and unread:
        yield blind(model, "where it lies, or who may write there, was not read", unread)
    elif not found and not places:
        yield assessed(model, Verdict.NOT_APPLICABLE, "it names no artefact")
    elif not found:
        yield assessed(
            model, Verdict.PASS, "nobody but administrators and training work may change its bytes"
        )


def _writers(inventory: Inventory, model: Node, place: Node) -> Iterator[Assessed]:
    for row in exposure(
        inventory.view, place.id, capability=Capability.WRITE, keep=LIKELY
    ).identities:
        who = inventory.nodes.get(row.identity)
        if who is None or who.kind in {"Person", "Group"} or who.id in inventory.administrators:
            continue
        if any(work.kind in _WORK for work in inventory.sources(who.id, "RUNS_AS")):
            continue
        yield Assessed(
            model.id,
            Verdict.FAIL,
            f"`{who.name}` may change what it is loaded from, past every registry, by {row.route.label} access",
            (
                ("start", who.id),
                ("place", place.id),
                ("route", row.route.label),
                ("steps", str(row.steps)),
            ),
            identity=(who.id,),
            related=(who.id, place.id),
        )


RULE = Rule(
    id="x-002",
    ref="X-002",
    title="Bytes of a production model can be changed past the registry",
    kind=Kind.GRAPH,
    family="SUP",
    severity=Severity.CRITICAL,
    on=("ModelVersion",),
    needs=NEEDS,
    identity=("start",),
    fix="Let only the pipeline that registers models write where their artefacts lie, and pin artefacts by hash.",
    signals="An identity reaches WRITE of the place that the artefact of a model behind a production endpoint lies in.",
    controls=(
        "administrators are left out",
        "roles that training jobs and pipelines run as are left out",
    ),
    ask=ask,
)
