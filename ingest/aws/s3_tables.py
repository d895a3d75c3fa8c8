"""S3 Tables: buckets of tables, the tables in them, and the policies and keys of both."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId, Role
from ingest.aws.asset import lacking, listed, props, told
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import member, moment, text, texts
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

BUCKET, TABLE = "table bucket", "table"


def shape_buckets(answer: Answer) -> Iterator[Shaped]:
    """The table buckets of the account in the region."""
    for row in answer.each("tableBuckets"):
        arn = text(row, "arn")
        if arn is None:
            yield Skipped(str(answer.key), "a table bucket has no ARN")
            continue
        yield from listed(
            arn,
            "Dataset",
            account=text(row, "ownerAccountId") or answer.account,
            region=answer.region,
            name=text(row, "name"),
            flavour=BUCKET,
            created=moment(row, "createdAt"),
            settings=told(kept_by=text(row, "type")) or None,
        )


def shape_bucket_policy(answer: Answer) -> Iterator[Shaped]:
    """The table bucket's policy; none where the answer has no pages."""
    yield from _policy(answer, NodeId(answer.argument))


def shape_table_policy(answer: Answer) -> Iterator[Shaped]:
    """The table's own policy; none where the answer has no pages."""
    yield from _policy(answer, NodeId(answer.argument.rpartition("|")[2]))


def _policy(answer: Answer, node: NodeId) -> Iterator[Shaped]:
    if lost := lacking(answer, "resourcePolicy"):
        yield lost
        return
    for page in answer.pages:
        try:
            yield from attached(node, Role.RESOURCE, page.get("resourcePolicy"))
        except UnreadableDocumentError as error:
            yield Skipped(f"policy of `{node}`", str(error))


def shape_encryption(answer: Answer) -> Iterator[Shaped]:
    """The key of new tables, where it is not the service's own."""
    if lost := lacking(answer, "encryptionConfiguration"):
        yield lost
        return
    node = NodeId(answer.argument)
    for page in answer.pages:
        held = member(page, "encryptionConfiguration")
        key, algorithm = text(held, "kmsKeyArn"), text(held, "sseAlgorithm")
        yield Node(
            node,
            "Dataset",
            props(
                cmk=False if algorithm == "AES256" else None,
                settings=told(encryption=algorithm) or None,
            ),
        )
        if key is not None:
            yield Mention(Link.KEY, node, key)


def shape_tables(answer: Answer) -> Iterator[Shaped]:
    """The tables of the table bucket."""
    for row in answer.each("tables"):
        arn, name = text(row, "tableARN"), text(row, "name")
        if arn is None:
            yield Skipped(str(answer.key), "a table has no ARN")
            continue
        yield from listed(
            arn,
            "Dataset",
            account=answer.account,
            region=answer.region,
            name=".".join((*texts(row, "namespace"), name)) if name else None,
            flavour=TABLE,
            created=moment(row, "createdAt"),
            last_changed=moment(row, "modifiedAt"),
            settings=told(
                kept_by=text(row, "type"), managed_by_service=text(row, "managedByService")
            )
            or None,
        )
        yield Edge("PART_OF", NodeId(arn), NodeId(answer.argument))


_BUCKETS = (Feed("s3tables.list_table_buckets", "tableBuckets.arn"),)


def _per_bucket(method: str, permission: str, **rest: object) -> Call:
    return Call(
        "s3tables",
        method,
        f"s3tables:{permission}",
        regional=True,
        params={"tableBucketARN": "{item}"},
        feeds=_BUCKETS,
        subject="{item}",
        **rest,  # type: ignore[arg-type]  # the fields of Call by name
    )


RESOURCES = (
    Resource(
        "aws.table-buckets",
        "The table buckets of the account.",
        Call(
            "s3tables",
            "list_table_buckets",
            "s3tables:ListTableBuckets",
            regional=True,
            items="tableBuckets",
            paginated=True,
        ),
        shape_buckets,
    ),
    Resource(
        "aws.table-bucket-policies",
        "The policy of a table bucket.",
        _per_bucket(
            "get_table_bucket_policy",
            "GetTableBucketPolicy",
            known_none=frozenset({"NotFoundException"}),
        ),
        shape_bucket_policy,
    ),
    Resource(
        "aws.table-bucket-encryption",
        "The key of a table bucket.",
        _per_bucket("get_table_bucket_encryption", "GetTableBucketEncryption"),
        shape_encryption,
    ),
    Resource(
        "aws.s3-tables",
        "The tables of a table bucket.",
        _per_bucket("list_tables", "ListTables", items="tables", paginated=True),
        shape_tables,
    ),
    Resource(
        "aws.s3-table-policies",
        "The policy of a table in a table bucket.",
        Call(
            "s3tables",
            "get_table_policy",
            "s3tables:GetTablePolicy",
            regional=True,
            params={"tableBucketARN": "{0}", "namespace": "{1}", "name": "{2}"},
            feeds=(
                Feed("s3tables.list_tables", "tables", ("^0", "namespace", "name", "tableARN")),
            ),
            known_none=frozenset({"NotFoundException"}),
        ),
        shape_table_policy,
    ),
)
