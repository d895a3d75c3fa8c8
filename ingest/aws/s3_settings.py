"""S3: what a bucket's smaller answers say of it: public policy, access lists, logging, versions, inventories.

Each is told as settings of the bucket, in words, so that a reader of a rule sees what it was decided from. A code
that means "none was set" is an answer like any other.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, canonical
from ingest.aws.asset import lacking, props, told
from ingest.aws.s3 import bucket_node, per_bucket
from ingest.fields import Json, flag, member, rows, text, word
from ingest.source import Answer, Link, Mention, Resource, Shaped, Skipped

# SOURCE: S3 user guide, "Access control list (ACL) overview": the predefined groups by URI.
_GROUPS = "http://acs.amazonaws.com/groups/"
_EVERYONE = {f"{_GROUPS}global/AllUsers", f"{_GROUPS}global/AuthenticatedUsers"}


def bucket_settings(answer: Answer, **settings: str | None) -> Node:
    """What an answer says of the bucket that it was asked about."""
    return Node(bucket_node(answer.argument), "Dataset", props(settings=told(**settings) or None))


def shape_policy_status(answer: Answer) -> Iterator[Shaped]:
    """Whether the platform counts the bucket's policy as public; without a policy it does not."""
    if lost := lacking(answer, "PolicyStatus"):
        yield lost
    elif not answer.pages:
        yield bucket_settings(answer, policy_public="false")
    for page in answer.pages:
        yield bucket_settings(
            answer, policy_public=word(flag(member(page, "PolicyStatus"), "IsPublic"))
        )


def shape_ownership(answer: Answer) -> Iterator[Shaped]:
    """Who owns new objects: under `BucketOwnerEnforced` access lists are without effect; `none` means they have it."""
    if lost := lacking(answer, "OwnershipControls"):
        yield lost
        return
    held = [
        rule
        for page in answer.pages
        for row in rows(member(page, "OwnershipControls"), "Rules")
        if (rule := text(row, "ObjectOwnership"))
    ]
    if answer.pages and not held:
        yield Skipped(str(answer.key), "its ownership controls hold no rule")
    else:
        yield bucket_settings(answer, object_ownership=",".join(held) or "none")


def shape_acl(answer: Answer) -> Iterator[Shaped]:
    """The bucket's access list as JSON: grantee (canonical id, address or group) and permission of each entry."""
    for page in answer.pages:
        if not isinstance(page.get("Grants"), list):
            continue
        entries = [_entry(row) for row in rows(page, "Grants")]
        public = sorted({entry["permission"] for entry in entries if entry["public"] == "true"})
        yield bucket_settings(
            answer,
            acl=canonical(
                sorted(
                    [{key: row[key] for key in ("grantee", "permission")} for row in entries],
                    key=canonical,
                )
            ),
            acl_public=",".join(public) or "none",
            acl_owner=text(member(page, "Owner"), "ID"),
        )


def _entry(row: Json) -> dict[str, str]:
    who = member(row, "Grantee")
    uri = text(who, "URI") or ""
    named = text(who, "ID") or text(who, "EmailAddress") or uri.removeprefix(_GROUPS)
    return {
        "grantee": named or "unknown",
        "permission": text(row, "Permission") or "unknown",
        "public": str(uri in _EVERYONE).lower(),
    }


def shape_logging(answer: Answer) -> Iterator[Shaped]:
    """Whether the bucket writes access logs, and where; without them a trail may still log its use."""
    for page in answer.pages:
        held = member(page, "LoggingEnabled")
        target = text(held, "TargetBucket")
        if "LoggingEnabled" in page and target is None:
            yield Skipped(str(answer.key), "its log has no target")
            continue
        if target is None:
            yield bucket_settings(answer, access_log="none")
            continue
        place = f"s3://{target}/{text(held, 'TargetPrefix') or ''}"
        node = bucket_node(answer.argument)
        yield Node(node, "Dataset", {"logging": True, "settings": {"access_log": place}})
        yield Mention(Link.NAMES, node, place)


def shape_versioning(answer: Answer) -> Iterator[Shaped]:
    """Whether old versions of objects are kept, and whether deleting them takes a second factor."""
    for page in answer.pages:
        # SOURCE: S3 API reference, GetBucketVersioning: no status where versioning was never set.
        never = None if "Status" in page else "never"
        yield bucket_settings(
            answer, versioning=text(page, "Status") or never, mfa_delete=text(page, "MFADelete")
        )


def shape_inventories(answer: Answer) -> Iterator[Shaped]:
    """The reports that list the bucket's objects, and where they are written."""
    node = bucket_node(answer.argument)
    found: dict[str, str] = {}
    for row in answer.each("InventoryConfigurationList"):
        name = text(row, "Id")
        target = member(member(row, "Destination"), "S3BucketDestination")
        arn = text(target, "Bucket")
        if name is None or arn is None:
            yield Skipped(str(answer.key), "an inventory has no id or no destination")
            continue
        place = f"s3://{arn.rpartition(':')[2]}/{text(target, 'Prefix') or ''}"
        found[f"inventory:{name}"] = canonical(
            told(
                place=place,
                account=text(target, "AccountId"),
                format=text(target, "Format"),
                enabled=word(flag(row, "IsEnabled")),
                versions=text(row, "IncludedObjectVersions"),
                prefix=text(member(row, "Filter"), "Prefix"),
                frequency=text(member(row, "Schedule"), "Frequency"),
            )
        )
        yield Mention(Link.NAMES, node, place, {"form": "folder"})
    if found:
        yield Node(node, "Dataset", {"settings": found})


RESOURCES = (
    Resource(
        "aws.bucket-policy-states",
        "Whether a bucket's policy counts as public.",
        per_bucket("get_bucket_policy_status", "GetBucketPolicyStatus", "NoSuchBucketPolicy"),
        shape_policy_status,
    ),
    Resource(
        "aws.bucket-ownership",
        "Who owns the objects of a bucket.",
        per_bucket(
            "get_bucket_ownership_controls",
            "GetBucketOwnershipControls",
            "OwnershipControlsNotFoundError",
        ),
        shape_ownership,
    ),
    Resource(
        "aws.bucket-acls",
        "The access list of a bucket.",
        per_bucket("get_bucket_acl", "GetBucketAcl", items="Grants"),
        shape_acl,
    ),
    Resource(
        "aws.bucket-logs",
        "Where a bucket writes its access logs.",
        per_bucket("get_bucket_logging", "GetBucketLogging"),
        shape_logging,
    ),
    Resource(
        "aws.bucket-versions",
        "Whether a bucket keeps old versions.",
        per_bucket("get_bucket_versioning", "GetBucketVersioning"),
        shape_versioning,
    ),
    Resource(
        "aws.bucket-inventories",
        "The inventory reports of a bucket.",
        per_bucket(
            "list_bucket_inventory_configurations",
            "GetInventoryConfiguration",
            token=("ContinuationToken", "NextContinuationToken"),
        ),
        shape_inventories,
    ),
)
