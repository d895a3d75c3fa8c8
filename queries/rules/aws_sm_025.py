"""AWS-SM-025: a model whose artefact lies in a bucket that is public, unversioned or another account's."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import bucket_of, holdings
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_model",)
BUCKET = ("s3.get_bucket_versioning", "s3.get_bucket_policy", "s3.get_public_access_block")


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every SageMaker model, by the buckets that its artefacts lie in."""
    for node in inventory.assets("ModelVersion"):
        if node.props.get("flavour") == "sagemaker model":
            yield from _assessed(inventory, node)


def _assessed(inventory: Inventory, node: Node) -> Iterator[Assessed]:
    unread = list(inventory.unread(node, *NEEDS))
    failing = False
    places = inventory.targets(node.id, "STORED_IN")
    for name in sorted({bucket_of(place.id) for place in places}):
        bucket = inventory.nodes.get(name)
        for word, why in () if bucket is None else _wrongs(inventory, node, bucket):
            failing = True
            yield Assessed(
                node.id,
                Verdict.FAIL,
                why,
                (("bucket", name),),
                identity=(name, word),
                related=(name,),
            )
        if bucket is not None and inventory.account(bucket) == inventory.account(node):
            unread += inventory.unread(bucket, *BUCKET)
    if failing:
        return
    if unread:
        yield blind(
            node, "its artefact, or the settings of the bucket, were not read", tuple(unread)
        )
    elif not places:
        yield assessed(node, Verdict.NOT_APPLICABLE, "it names no artefact")
    else:
        yield assessed(
            node, Verdict.PASS, "its artefact lies in a versioned bucket of its own account"
        )


def _wrongs(inventory: Inventory, node: Node, bucket: Node) -> Iterator[tuple[str, str]]:
    account = inventory.account(bucket)
    if account and account != inventory.account(node):
        yield "foreign", f"its artefact lies in `{bucket.name}` of account {account}"
    public = [row for row in holdings(inventory, bucket.id) if row.identity.kind == "Public"]
    if public:
        yield "public", f"its artefact lies in the public bucket `{bucket.name}`"
    versioning = inventory.setting(bucket, "versioning")
    if versioning is not None and versioning != "Enabled":
        yield "unversioned", f"its artefact lies in `{bucket.name}`, which keeps no versions"


RULE = Rule(
    id="aws-sm-025",
    ref="AWS-SM-025",
    title="Model artefact lies in a bucket that does not protect it",
    kind=Kind.GRAPH,
    family="SUP",
    severity=Severity.HIGH,
    on=("ModelVersion",),
    needs=(*NEEDS, *BUCKET),
    identity=("bucket", "wrong"),
    fix="Keep artefacts in a private, versioned bucket of the account that serves them.",
    signals="The bucket of ModelDataUrl, S3DataSource.S3Uri or AdditionalModelDataSources[] is public, keeps no versions or belongs to another account.",
    ask=ask,
)
