"""S3 access points: further names of a bucket, each with a policy, a network and public access blocks of its own.

Access points that span regions are left out: they are answered in one region only, whatever the call's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId, Role
from ingest.aws.asset import lacking, listed, props, referenced, told
from ingest.aws.names import partition_of
from ingest.aws.s3 import BLOCKS, bucket_node
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, flag, member, moment, text
from ingest.source import Answer, Call, Feed, Resource, Shaped, Skipped

FLAVOUR = "access point"


def access_point_node(name: str, *, account: str, region: str) -> NodeId:
    """The node of the access point with this name."""
    return NodeId(f"arn:{partition_of(region)}:s3:{region}:{account}:accesspoint/{name}")


def _asked(answer: Answer) -> NodeId:
    return access_point_node(answer.argument, account=answer.account, region=answer.region)


def shape_access_points(answer: Answer) -> Iterator[Shaped]:
    """The access points of the account in the region, and the bucket that the content of each lies in."""
    for row in answer.each("AccessPointList"):
        name = text(row, "Name")
        if name is None:
            yield Skipped(str(answer.key), "an access point has no name")
            continue
        node = access_point_node(name, account=answer.account, region=answer.region)
        node = NodeId(text(row, "AccessPointArn") or node)
        yield from listed(
            node,
            "Dataset",
            account=answer.account,
            region=answer.region,
            name=name,
            flavour=FLAVOUR,
            private_only=_private(row),
            settings=_settings(row) or None,
        )
        bucket = text(row, "Bucket")
        # An access point to a file system names a volume instead of a bucket.
        if bucket is not None and text(row, "DataSourceType") in {None, "S3_BUCKET"}:
            yield from _stored(node, bucket, text(row, "BucketAccountId"), answer.region)


def _stored(node: NodeId, bucket: str, account: str | None, region: str) -> Iterator[Shaped]:
    target = bucket_node(bucket, partition_of(region))
    yield referenced(
        target, "Dataset", account=account, region=region, name=bucket, flavour="bucket"
    )
    yield Edge("STORED_IN", node, target)


def _private(row: Json) -> bool | None:
    origin = text(row, "NetworkOrigin")
    return origin == "VPC" if origin in {"VPC", "Internet"} else None


def _settings(row: Json) -> dict[str, str]:
    return told(
        bucket=text(row, "Bucket"),
        bucket_account=text(row, "BucketAccountId"),
        network_origin=text(row, "NetworkOrigin"),
        vpc=text(member(row, "VpcConfiguration"), "VpcId"),
        alias=text(row, "Alias"),
        data_source=text(row, "DataSourceId"),
        data_source_type=text(row, "DataSourceType"),
    )


def shape_access_point(answer: Answer) -> Iterator[Shaped]:
    """The public access blocks that are on for the access point, beside what the listing says."""
    for page in answer.pages:
        blocks: tuple[str, ...] | None = None
        if "PublicAccessBlockConfiguration" in page:
            held = member(page, "PublicAccessBlockConfiguration")
            blocks = tuple(name for name in BLOCKS if flag(held, name))
        yield Node(
            NodeId(text(page, "AccessPointArn") or _asked(answer)),
            "Dataset",
            props(
                created=moment(page, "CreationDate"),
                block_public=blocks,
                private_only=_private(page),
                settings=_settings(page) or None,
            ),
        )


def shape_policy(answer: Answer) -> Iterator[Shaped]:
    """The access point's policy; none where the answer has no pages."""
    if lost := lacking(answer, "Policy"):
        yield lost
        return
    for page in answer.pages:
        try:
            yield from attached(_asked(answer), Role.RESOURCE, page.get("Policy"))
        except UnreadableDocumentError as error:
            yield Skipped(f"policy of access point `{answer.argument}`", str(error))


def _per_point(method: str, permission: str, *known_none: str) -> Call:
    return Call(
        "s3control",
        method,
        f"s3:{permission}",
        regional=True,
        params={"AccountId": "{account}", "Name": "{item}"},
        feeds=(Feed("s3control.list_access_points", "AccessPointList.Name"),),
        subject="arn:{partition}:s3:{region}:{account}:accesspoint/{item}",
        known_none=frozenset(known_none),
    )


RESOURCES = (
    Resource(
        "aws.access-points",
        "The S3 access points of the account.",
        Call(
            "s3control",
            "list_access_points",
            "s3:ListAccessPoints",
            regional=True,
            items="AccessPointList",
            params={"AccountId": "{account}"},
            token=("NextToken", "NextToken"),
        ),
        shape_access_points,
    ),
    Resource(
        "aws.access-point-descriptions",
        "The network and the public access blocks of an access point.",
        _per_point("get_access_point", "GetAccessPoint"),
        shape_access_point,
    ),
    Resource(
        "aws.access-point-policies",
        "The policy of an access point.",
        _per_point("get_access_point_policy", "GetAccessPointPolicy", "NoSuchAccessPointPolicy"),
        shape_policy,
    ),
)
