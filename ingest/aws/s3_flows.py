"""S3: where a bucket's objects are copied to, and what their arrival starts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from graph.model import Edge, Node, NodeId, Row, canonical
from ingest.aws.asset import lacking, referenced, told
from ingest.aws.functions import FLAVOUR, unqualified
from ingest.aws.names import Arn, account_of
from ingest.aws.s3 import bucket_node, per_bucket
from ingest.estate import Estate
from ingest.fields import Json, member, rows, text, texts
from ingest.source import Answer, Link, Mention, Resource, Shaped, Skipped

TRIGGER = "trigger:"
"""What begins the name of a workload's setting that says what starts it."""

_REPLICATION = "ReplicationConfiguration"


def shape_replication(answer: Answer) -> Iterator[Shaped]:
    """Where the bucket's objects are copied to, by which role; each live rule makes the target a copy.

    The role stands in the settings: the bucket does not act as it, the service does.
    """
    if lost := lacking(answer, _REPLICATION):
        yield lost
        return
    node = bucket_node(answer.argument)
    for page in answer.pages:
        held = member(page, _REPLICATION)
        settings = told(replication_role=text(held, "Role"))
        if "Rules" not in held:
            yield Skipped(str(answer.key), "a replication has no rules")
        for at, rule in enumerate(rows(held, "Rules")):
            name = text(rule, "ID") or str(at)
            target = member(rule, "Destination")
            arn = Arn.parse(text(target, "Bucket") or "")
            if arn is None:
                yield Skipped(str(answer.key), f"replication rule `{name}` has no destination")
                continue
            settings[f"replication:{name}"] = canonical(_rule(rule))
            if text(rule, "Status") == "Enabled":
                yield from _copied(node, text(target, "Bucket") or "", target, name)
        yield Node(node, "Dataset", {"settings": settings})


def _rule(rule: Json) -> dict[str, str]:
    target, chosen = member(rule, "Destination"), member(rule, "Filter")
    prefix = text(rule, "Prefix") or text(chosen, "Prefix") or text(member(chosen, "And"), "Prefix")
    return told(
        bucket=text(target, "Bucket"),
        account=text(target, "Account"),
        owner=text(member(target, "AccessControlTranslation"), "Owner"),
        key=text(member(target, "EncryptionConfiguration"), "ReplicaKmsKeyID"),
        prefix=prefix,
        status=text(rule, "Status"),
    )


def _copied(source: NodeId, arn: str, target: Json, rule: str) -> Iterator[Shaped]:
    """The bucket that a live rule copies to."""
    yield referenced(
        arn,
        "Dataset",
        account=text(target, "Account"),
        name=arn.rpartition(":")[2],
        flavour="bucket",
    )
    yield Edge("DERIVED_FROM", NodeId(arn), source, evidence=(f"replication rule {rule}",))


_TARGETS = {
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
}


def shape_notifications(answer: Answer) -> Iterator[Shaped]:
    """What is told of events in the bucket; a function that is told of them runs at each."""
    node = bucket_node(answer.argument)
    found: dict[str, str] = {}
    for page in answer.pages:
        for member_name, arn_name in _TARGETS.items():
            for at, row in enumerate(rows(page, member_name)):
                target, name = text(row, arn_name), text(row, "Id") or f"{member_name}[{at}]"
                if target is None:
                    yield Skipped(str(answer.key), f"notification `{name}` has no target")
                    continue
                events = ",".join(texts(row, "Events"))
                found[f"notification:{name}"] = canonical(
                    told(target=target, events=events, only=_filter(row))
                )
                if arn_name == "LambdaFunctionArn":
                    yield Mention(Link.NOTIFIES, node, target, {"events": events})
        if "EventBridgeConfiguration" in page:
            found["notification:eventbridge"] = "on"
    if found:
        yield Node(node, "Dataset", {"settings": found})


def _filter(row: Json) -> str:
    """Which objects a notification is about, e.g. `prefix=raw/`; empty where about all."""
    rules = rows(member(member(row, "Filter"), "Key"), "FilterRules")
    return ",".join(
        f"{name.lower()}={text(rule, 'Value') or ''}"
        for rule in rules
        if (name := text(rule, "Name"))
    )


def notified(estate: Estate) -> Iterator[Row]:
    """The functions that events in buckets start, each with a setting that says which bucket.

    No edge: who may write to the bucket may start the function with content of their own, and no more.
    """
    found: dict[NodeId, dict[str, list[Mention]]] = defaultdict(lambda: defaultdict(list))
    for mention in estate.mentions(Link.NOTIFIES):
        found[NodeId(unqualified(mention.text))][mention.subject].append(mention)
    for function, buckets in sorted(found.items()):
        for bucket, mentions in sorted(buckets.items()):
            events = sorted({name for one in mentions for name in one.props["events"].split(",")})
            settings = {f"{TRIGGER}{bucket}": ",".join(filter(None, events)) or "unknown"}
            for mention in mentions:
                yield _function(function, settings, mention, estate)


def _function(function: NodeId, settings: dict[str, str], mention: Mention, estate: Estate) -> Node:
    held = estate.nodes.get(function)
    if held is not None and not held.props.get("referenced_only"):
        return Node(function, "Function", {"settings": settings}, asserted_by=mention.asserted_by)
    stub = referenced(
        function,
        "Function",
        account=account_of(function),
        name=function.rpartition(":")[2],
        flavour=FLAVOUR,
        settings=settings,
    )
    return Node(stub.id, stub.kind, stub.props, asserted_by=mention.asserted_by)


RESOURCES = (
    Resource(
        "aws.bucket-replication",
        "Where a bucket's objects are copied to.",
        per_bucket(
            "get_bucket_replication",
            "GetReplicationConfiguration",
            "ReplicationConfigurationNotFoundError",
        ),
        shape_replication,
    ),
    Resource(
        "aws.bucket-notifications",
        "What events in a bucket start.",
        per_bucket("get_bucket_notification_configuration", "GetBucketNotification"),
        shape_notifications,
    ),
)
