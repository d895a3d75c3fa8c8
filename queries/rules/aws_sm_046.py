"""AWS-SM-046: a training job of development that reads production or restricted data."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId
from queries.grounds import SENSITIVE, assessed, blind
from queries.inventory import Inventory
from queries.joins import bucket_of
from queries.rule import Assessed, Kind, Rule, Severity, Verdict
from queries.rules.aws_sm_034 import DEV, PROD

NEEDS = ("sagemaker.describe_training_job",)
_INPUT = "input:"


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every training job, by its environment and what its inputs are."""
    for node in inventory.assets("Job"):
        if node.props.get("flavour") != "sagemaker training job":
            continue
        unread = inventory.unread(node, *NEEDS)
        where = inventory.environment(node)
        if not where:
            yield blind(node, "its environment is not known", unread)
        elif where not in DEV:
            yield assessed(node, Verdict.NOT_APPLICABLE, f"its environment is {where}")
        else:
            found = list(_bad(inventory, node))
            yield from found
            if not found and unread:
                yield blind(node, "its inputs were not read", unread)
            elif not found:
                yield assessed(node, Verdict.PASS, "it reads no production or restricted data")


def _bad(inventory: Inventory, node: Node) -> Iterator[Assessed]:
    settings = inventory.settings(node)
    for name, uri in sorted(settings.items()):
        if not name.startswith(_INPUT) or not uri.startswith("s3://"):
            continue
        place = NodeId(f"arn:aws:s3:::{uri.removeprefix('s3://').rstrip('/')}/")
        data = next((one for one in (place, bucket_of(place)) if one in inventory.nodes), None)
        if data is None:
            continue
        asset = inventory.nodes[data]
        where = inventory.environment(asset) or inventory.environment(
            inventory.nodes.get(bucket_of(data), asset)
        )
        level = inventory.sensitivity(data)
        if where in PROD or level >= SENSITIVE:
            why = f"reads `{asset.name}`, which is {'production' if where in PROD else 'restricted'} data"
            yield Assessed(
                node.id,
                Verdict.FAIL,
                why,
                (("input", uri), ("sensitivity", str(level))),
                identity=(data,),
                related=(data,),
            )


RULE = Rule(
    id="aws-sm-046",
    ref="AWS-SM-046",
    title="Development training reads production or restricted data",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.HIGH,
    on=("Job",),
    needs=NEEDS,
    identity=("input",),
    fix="Train on a masked copy, or run the job in the environment of the data.",
    signals="An InputDataConfig[].DataSource.S3DataSource.S3Uri of a job in development is production or restricted data.",
    ask=ask,
)
