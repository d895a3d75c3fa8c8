"""S3 Vectors: buckets of vectors, the indexes in them, and their policies and keys."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId, Role
from ingest.aws.asset import lacking, listed, props, told
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, member, moment, number, text
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

FLAVOUR = "vector bucket"


def shape_buckets(answer: Answer) -> Iterator[Shaped]:
    """The vector buckets of the account in the region."""
    for row in answer.each("vectorBuckets"):
        arn = text(row, "vectorBucketArn")
        if arn is None:
            yield Skipped(str(answer.key), "a vector bucket has no ARN")
            continue
        yield from listed(
            arn,
            "Dataset",
            account=answer.account,
            region=answer.region,
            name=text(row, "vectorBucketName"),
            flavour=FLAVOUR,
            created=moment(row, "creationTime"),
        )


def shape_bucket(answer: Answer) -> Iterator[Shaped]:
    """How the vector bucket is encrypted."""
    if lost := lacking(answer, "vectorBucket"):
        yield lost
        return
    for page in answer.pages:
        row = member(page, "vectorBucket")
        node = NodeId(text(row, "vectorBucketArn") or answer.argument)
        yield from _sealed(node, "Dataset", row)


def _sealed(node: NodeId, kind: str, row: Json, **settings: str | None) -> Iterator[Shaped]:
    held = member(row, "encryptionConfiguration")
    algorithm, key = text(held, "sseType"), text(held, "kmsKeyArn")
    yield Node(
        node,
        kind,
        props(
            cmk=False if algorithm == "AES256" else None,
            settings=told(encryption=algorithm, **settings) or None,
        ),
    )
    if key is not None:
        yield Mention(Link.KEY, node, key)


def shape_policy(answer: Answer) -> Iterator[Shaped]:
    """The vector bucket's policy, which covers its indexes; none where the answer has no pages."""
    if lost := lacking(answer, "policy"):
        yield lost
        return
    for page in answer.pages:
        try:
            yield from attached(NodeId(answer.argument), Role.RESOURCE, page.get("policy"))
        except UnreadableDocumentError as error:
            yield Skipped(f"policy of `{answer.argument}`", str(error))


def shape_indexes(answer: Answer) -> Iterator[Shaped]:
    """The indexes of a vector bucket, whose content lies in it."""
    for row in answer.each("indexes"):
        arn = text(row, "indexArn")
        if arn is None:
            yield Skipped(str(answer.key), "an index has no ARN")
            continue
        yield from listed(
            arn,
            "VectorIndex",
            account=answer.account,
            region=answer.region,
            name=text(row, "indexName"),
            flavour="s3 vector index",
            created=moment(row, "creationTime"),
        )
        yield Edge("STORED_IN", NodeId(arn), NodeId(answer.argument))


def shape_index(answer: Answer) -> Iterator[Shaped]:
    """What the index holds, and how it is encrypted where that is not as its bucket."""
    if lost := lacking(answer, "index"):
        yield lost
        return
    for page in answer.pages:
        row = member(page, "index")
        size = number(row, "dimension")
        yield from _sealed(
            NodeId(text(row, "indexArn") or answer.argument),
            "VectorIndex",
            row,
            dimension=None if size is None else str(size),
            metric=text(row, "distanceMetric"),
            mode=text(row, "indexMode"),
        )


def _per_bucket(method: str, permission: str, **rest: object) -> Call:
    return Call(
        "s3vectors",
        method,
        f"s3vectors:{permission}",
        regional=True,
        params={"vectorBucketArn": "{item}"},
        feeds=(Feed("s3vectors.list_vector_buckets", "vectorBuckets.vectorBucketArn"),),
        subject="{item}",
        **rest,  # type: ignore[arg-type]  # the fields of Call by name
    )


RESOURCES = (
    Resource(
        "aws.vector-buckets",
        "The vector buckets of the account.",
        Call(
            "s3vectors",
            "list_vector_buckets",
            "s3vectors:ListVectorBuckets",
            regional=True,
            items="vectorBuckets",
            paginated=True,
        ),
        shape_buckets,
    ),
    Resource(
        "aws.vector-bucket-descriptions",
        "How a vector bucket is encrypted.",
        _per_bucket("get_vector_bucket", "GetVectorBucket"),
        shape_bucket,
    ),
    Resource(
        "aws.vector-bucket-policies",
        "The policy of a vector bucket.",
        _per_bucket(
            "get_vector_bucket_policy",
            "GetVectorBucketPolicy",
            known_none=frozenset({"NotFoundException"}),
        ),
        shape_policy,
    ),
    Resource(
        "aws.vector-indexes",
        "The indexes of a vector bucket.",
        _per_bucket("list_indexes", "ListIndexes", items="indexes", paginated=True),
        shape_indexes,
    ),
    Resource(
        "aws.vector-index-descriptions",
        "What a vector index holds.",
        Call(
            "s3vectors",
            "get_index",
            "s3vectors:GetIndex",
            regional=True,
            params={"indexArn": "{item}"},
            feeds=(Feed("s3vectors.list_indexes", "indexes.indexArn"),),
            subject="{item}",
        ),
        shape_index,
    ),
)
