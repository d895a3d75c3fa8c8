"""AWS-SM-060: an MLflow server that does not check whose bucket its artefacts go to."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_mlflow_tracking_server", "sagemaker.describe_mlflow_app")
SERVER, APP = "sagemaker mlflow tracking server", "sagemaker mlflow app"


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every MLflow server and app, by whose bucket its artefact store is."""
    for node in inventory.assets("Service"):
        flavour = node.props.get("flavour")
        if flavour not in {SERVER, APP}:
            continue
        unread = inventory.unread(node, NEEDS[0 if flavour == SERVER else 1])
        why = _wrong(inventory, node)
        store = inventory.setting(node, "artifact_store") or ""
        if why:
            yield Assessed(node.id, Verdict.FAIL, why, (("artefact store", store),))
        elif unread:
            yield blind(node, "its artefact store was not read", unread)
        elif not store:
            yield assessed(node, Verdict.NOT_APPLICABLE, "it names no artefact store")
        else:
            yield assessed(node, Verdict.PASS, "its artefact store is a bucket of its own account")


def _wrong(inventory: Inventory, node: Node) -> str:
    store = inventory.setting(node, "artifact_store") or ""
    bucket = inventory.nodes.get(
        NodeId(f"arn:aws:s3:::{store.removeprefix('s3://').partition('/')[0]}")
    )
    owner = inventory.setting(node, "bucket_owner") or inventory.account(node)
    account = "" if bucket is None else inventory.account(bucket)
    if account and account != owner:
        return f"its artefacts go to a bucket of account {account}, not of {owner}"
    if inventory.setting(node, "bucket_owner_verified") == "false":
        return "it does not check who owns the bucket of its artefacts"
    return ""


RULE = Rule(
    id="aws-sm-060",
    ref="AWS-SM-060",
    title="MLflow does not check whose bucket it writes to",
    kind=Kind.GRAPH,
    family="SUP",
    severity=Severity.HIGH,
    on=("Service",),
    needs=NEEDS,
    fix="Set S3BucketOwnerAccountId and S3BucketOwnerVerification, and keep the artefact store in that account.",
    signals="DescribeMlflowTrackingServer.S3BucketOwnerVerification is off, or the bucket of ArtifactStoreUri belongs to another account.",
    ask=ask,
)
