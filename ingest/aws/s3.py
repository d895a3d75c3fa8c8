"""S3: buckets with their policies, public access blocks, encryption, tags and places; objects are never listed."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId, Role
from ingest.aws.asset import account_stub, lacking, listed, props, tag_props, told
from ingest.aws.names import account_node
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import flag, member, moment, rows, tag_map, text, word
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_KMS = frozenset({"aws:kms", "aws:kms:dsse"})
_OLD_PLACES = {"EU": "eu-west-1", "": "us-east-1"}


def bucket_node(name: str, partition: str = "aws") -> NodeId:
    """The node of a bucket."""
    return NodeId(f"arn:{partition}:s3:::{name}")


def _dataset(answer: Answer, **values: object) -> Node:
    return Node(bucket_node(answer.argument), "Dataset", props(**values))  # type: ignore[arg-type]  # values of properties


def shape_buckets(answer: Answer) -> Iterator[Shaped]:
    """The buckets of the account."""
    for row in answer.each("Buckets"):
        name = text(row, "Name")
        if name is None:
            yield Skipped(str(answer.key), "a bucket has no name")
            continue
        yield from listed(
            text(row, "BucketArn") or bucket_node(name),
            "Dataset",
            account=answer.account,
            region=text(row, "BucketRegion"),
            name=name,
            flavour="bucket",
            created=moment(row, "CreationDate"),
        )


def shape_policy(answer: Answer) -> Iterator[Shaped]:
    """The bucket's policy; none where the answer has no pages."""
    for page in answer.pages:
        try:
            yield from attached(bucket_node(answer.argument), Role.RESOURCE, page.get("Policy"))
        except UnreadableDocumentError as error:
            yield Skipped(f"policy of bucket `{answer.argument}`", str(error))


_BLOCK = "PublicAccessBlockConfiguration"


def _blocks(answer: Answer) -> tuple[str, ...]:
    held = [member(page, _BLOCK) for page in answer.pages]
    return tuple(name for name in BLOCKS if any(flag(row, name) for row in held))


def shape_block(answer: Answer) -> Iterator[Shaped]:
    """The public access blocks that are on for the bucket itself; none where the answer has no pages."""
    if lost := lacking(answer, _BLOCK):
        yield lost
    else:
        yield _dataset(answer, block_public=_blocks(answer))


def shape_account_block(answer: Answer) -> Iterator[Shaped]:
    """The public access blocks that are on for every bucket of the account."""
    if lost := lacking(answer, _BLOCK):
        yield lost
        return
    held = {"block_public": ",".join(_blocks(answer))}
    yield account_stub(answer.account)
    yield Node(account_node(answer.account), "Account", {"settings": held})


def shape_encryption(answer: Answer) -> Iterator[Shaped]:
    """The key that new objects are encrypted with, where it is not the service's own."""
    if lost := lacking(answer, "ServerSideEncryptionConfiguration"):
        yield lost
        return
    rules = [
        member(rule, "ApplyServerSideEncryptionByDefault")
        for page in answer.pages
        for rule in rows(member(page, "ServerSideEncryptionConfiguration"), "Rules")
    ]
    if held := _cipher(answer):
        yield _dataset(answer, settings=held)
    kms = [rule for rule in rules if (text(rule, "SSEAlgorithm") or "") in _KMS]
    named = [key for rule in kms if (key := text(rule, "KMSMasterKeyID"))]
    if not named and all(text(rule, "SSEAlgorithm") in {*_KMS, "AES256"} for rule in rules):
        yield _dataset(answer, cmk=False)  # the service's own key, under either algorithm
    for key in named:
        yield Mention(Link.KEY, bucket_node(answer.argument), key)


def _cipher(answer: Answer) -> dict[str, str]:
    """The algorithm, and whether one data key serves many objects, of the bucket's last rule that says so."""
    held: dict[str, str] = {}
    for page in answer.pages:
        for rule in rows(member(page, "ServerSideEncryptionConfiguration"), "Rules"):
            default = member(rule, "ApplyServerSideEncryptionByDefault")
            held |= told(
                encryption=text(default, "SSEAlgorithm"),
                bucket_key=word(flag(rule, "BucketKeyEnabled")),
            )
    return held


def shape_tags(answer: Answer) -> Iterator[Shaped]:
    """The bucket's tags; known to be none where the answer has no pages."""
    if lost := lacking(answer, "TagSet"):
        yield lost
        return
    tags: dict[str, str] = {}
    for page in answer.pages:
        tags |= tag_map(page, "TagSet")
    yield _dataset(answer, **tag_props(tags))


def shape_location(answer: Answer) -> Iterator[Shaped]:
    """The region of the bucket; the oldest region answers with nothing."""
    for page in answer.pages:
        place = text(page, "LocationConstraint") or ""
        yield _dataset(answer, region=_OLD_PLACES.get(place, place))


_BUCKETS = (Feed("s3.list_buckets", "Buckets.Name"),)


def per_bucket(
    method: str,
    permission: str,
    *known_none: str,
    items: str = "",
    token: tuple[str, str] | None = None,
) -> Call:
    """A call that asks every bucket of the account for one thing."""
    return Call(
        "s3",
        method,
        f"s3:{permission}",
        params={"Bucket": "{item}"},
        feeds=_BUCKETS,
        subject="arn:{partition}:s3:::{item}",
        tells_tags=method == "get_bucket_tagging",
        known_none=frozenset(known_none),
        items=items,
        token=token,
    )


RESOURCES = (
    Resource(
        "aws.buckets",
        "The buckets of the account.",
        Call("s3", "list_buckets", "s3:ListAllMyBuckets", items="Buckets", paginated=True),
        shape_buckets,
    ),
    Resource(
        "aws.bucket-policies",
        "The policy of a bucket.",
        per_bucket("get_bucket_policy", "GetBucketPolicy", "NoSuchBucketPolicy"),
        shape_policy,
    ),
    Resource(
        "aws.bucket-blocks",
        "The public access blocks of a bucket.",
        per_bucket(
            "get_public_access_block",
            "GetBucketPublicAccessBlock",
            "NoSuchPublicAccessBlockConfiguration",
        ),
        shape_block,
    ),
    Resource(
        "aws.bucket-encryption",
        "The default encryption of a bucket.",
        per_bucket(
            "get_bucket_encryption",
            "GetEncryptionConfiguration",
            "ServerSideEncryptionConfigurationNotFoundError",
        ),
        shape_encryption,
    ),
    Resource(
        "aws.bucket-tags",
        "The tags of a bucket.",
        per_bucket("get_bucket_tagging", "GetBucketTagging", "NoSuchTagSet"),
        shape_tags,
    ),
    Resource(
        "aws.bucket-places",
        "The region of a bucket.",
        per_bucket("get_bucket_location", "GetBucketLocation"),
        shape_location,
    ),
    Resource(
        "aws.account-blocks",
        "The public access blocks of the account.",
        Call(
            "s3control",
            "get_public_access_block",
            "s3:GetAccountPublicAccessBlock",
            params={"AccountId": "{account}"},
            known_none=frozenset({"NoSuchPublicAccessBlockConfiguration"}),
        ),
        shape_account_block,
    ),
)
