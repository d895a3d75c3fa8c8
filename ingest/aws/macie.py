"""Macie: what it found in the objects of buckets, and what that says of how sensitive these are.

One finding is read at a time. Archived findings and those about settings of buckets, which the buckets' own answers
tell, are not asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from graph.model import Node, NodeId, Observation, Row
from ingest.aws.asset import lacking, props, referenced, told
from ingest.aws.s3 import bucket_node
from ingest.estate import Estate
from ingest.fields import Json, flag, member, moment, number, rows, text
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

LEVEL = {"Low": 1, "Medium": 3, "High": 10}
"""Our level of sensitivity for each severity of a finding about content."""


def shape_findings(answer: Answer) -> Iterator[Shaped]:
    """Nothing by itself: the list only names findings."""
    if lost := lacking(answer, "findingIds"):
        yield lost


def shape_finding(answer: Answer) -> Iterator[Shaped]:
    """What was found, and in which bucket; samples that the service makes up are left out."""
    for row in answer.each("findings"):
        if flag(row, "sample") or text(row, "category") == "POLICY":
            continue
        affected = member(row, "resourcesAffected")
        bucket = member(affected, "s3Bucket")
        name = text(bucket, "name")
        if name is None:
            yield Skipped(str(answer.key), "a finding names no bucket")
            continue
        node = NodeId(text(bucket, "arn") or bucket_node(name, text(row, "partition") or "aws"))
        yield referenced(
            node, "Dataset", account=text(row, "accountId"), name=name, flavour="bucket"
        )
        if said := _said(row):
            yield Observation(node, f"macie {text(row, 'id') or answer.argument}", said)
        level = LEVEL.get(text(member(row, "severity"), "description") or "")
        if level is not None:
            yield Mention(Link.SENSITIVE, node, str(level), told(type=text(row, "type")))


def _said(row: Json) -> dict[str, str]:
    """The finding in words: never what was found, only of which kind and how often."""
    details = member(row, "classificationDetails")
    result = member(details, "result")
    custom = number(member(result, "customDataIdentifiers"), "totalCount")
    counts = {
        category: number(item, "totalCount")
        for item in rows(result, "sensitiveData")
        if (category := text(item, "category"))
    }
    return told(
        type=text(row, "type"),
        severity=text(member(row, "severity"), "description"),
        score=_number(member(row, "severity"), "score"),
        object=text(member(member(row, "resourcesAffected"), "s3Object"), "path"),
        kinds=",".join(f"{name}={count}" for name, count in sorted(counts.items())),
        custom=None if custom is None else str(custom),
        origin=text(details, "originType"),
        job=text(details, "jobArn"),
        updated=moment(row, "updatedAt"),
    )


def _number(row: Json, name: str) -> str | None:
    value = number(row, name)
    return None if value is None else str(value)


def classified(estate: Estate) -> Iterator[Row]:
    """The highest level that findings give each bucket; a tag of the bucket that names one stands against it."""
    found: dict[NodeId, list[Mention]] = defaultdict(list)
    for mention in estate.mentions(Link.SENSITIVE):
        found[mention.subject].append(mention)
    for bucket, mentions in sorted(found.items()):
        held = estate.nodes.get(bucket, Node(bucket, "Dataset", {"referenced_only": True}))
        basis = held.props.get("sensitivity_basis")
        if basis not in {None, "macie"}:
            continue
        level = max(int(mention.text) for mention in mentions)
        values = props(
            sensitivity=level,
            sensitivity_basis="macie",
            referenced_only=True if held.props.get("referenced_only") else None,
        )
        for mention in mentions:
            yield Node(bucket, "Dataset", values, asserted_by=mention.asserted_by)


RESOURCES = (
    Resource(
        "aws.macie-findings",
        "What Macie found in the objects of buckets.",
        Call(
            "macie2",
            "list_findings",
            "macie2:ListFindings",
            regional=True,
            params={
                "findingCriteria": {
                    "criterion": {
                        "category": {"eq": ["CLASSIFICATION"]},
                        "archived": {"eq": ["false"]},
                    }
                }
            },
            paginated=True,
        ),
        shape_findings,
    ),
    Resource(
        "aws.macie-finding-details",
        "What a finding of Macie says of a bucket.",
        Call(
            "macie2",
            "get_findings",
            "macie2:GetFindings",
            regional=True,
            items="findings",
            params={"findingIds": ["{item}"]},
            feeds=(Feed("macie2.list_findings", "findingIds"),),
        ),
        shape_finding,
    ),
)
