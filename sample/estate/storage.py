"""Buckets and keys, and the calls that describe them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sample.estate.identities import tag_list
from sample.estate.names import REGION, bucket_arn, hexdigest, key_arn, key_id, when
from sample.estate.policy import Json
from sample.estate.snapshot import GLOBAL, Call

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket; `key` is the ARN of the key that encrypts it, `aws` for the vendor's own one."""

    account: str
    name: str
    policy: Json | None = None
    key: str | None = None
    tags: Mapping[str, str] | None = None
    blocked: bool = True  # all four public access blocks on, or none set
    policy_readable: bool = True
    age: float = 600


@dataclass(frozen=True, slots=True)
class Key:
    """An encryption key; `name` is its alias without the prefix."""

    account: str
    name: str
    policy: Json
    description: str = ""
    vendor: bool = False
    state: str = "Enabled"
    tags: Mapping[str, str] = field(default_factory=dict)
    policy_readable: bool = True
    age: float = 700

    @property
    def arn(self) -> str:
        """The key's ARN."""
        return key_arn(self.account, self.name)

    @property
    def id(self) -> str:
        """The key's id."""
        return key_id(self.account, self.name)


def _blocks(on: bool) -> Json:
    return {"PublicAccessBlockConfiguration": dict.fromkeys(BLOCKS, on)}


def _encryption(bucket: Bucket) -> Json:
    rule: Json = {"SSEAlgorithm": "AES256"}
    if bucket.key is not None:
        rule = {"SSEAlgorithm": "aws:kms"}
        if bucket.key != "aws":
            rule["KMSMasterKeyID"] = bucket.key
    return {
        "ServerSideEncryptionConfiguration": {
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": rule,
                    "BucketKeyEnabled": bucket.key is not None,
                }
            ]
        }
    }


def _bucket_answers(bucket: Bucket) -> Iterator[tuple[str, tuple[Json, ...]]]:
    """Per operation its pages; none where AWS says that there is nothing."""
    policy: tuple[Json, ...] = ()
    if bucket.policy is not None:
        policy = ({"Policy": json.dumps(bucket.policy, separators=(",", ":"))},)
    yield "get_bucket_location", ({"LocationConstraint": REGION},)
    yield "get_bucket_policy", policy
    yield "get_public_access_block", (_blocks(on=True),) if bucket.blocked else ()
    yield "get_bucket_encryption", (_encryption(bucket),)
    yield "get_bucket_tagging", () if bucket.tags is None else ({"TagSet": tag_list(bucket.tags)},)


def _bucket_call(bucket: Bucket, operation: str, pages: tuple[Json, ...]) -> Call:
    denied = operation == "get_bucket_policy" and not bucket.policy_readable
    return Call(
        bucket.account,
        GLOBAL,
        f"s3.{operation}",
        bucket.name,
        {"Bucket": bucket.name},
        () if denied else pages,
        0 if denied else len(pages),
        "s3.list_buckets",
        "s3:GetBucketPolicy" if denied else None,
        "AccessDenied: explicit deny in a resource-based policy" if denied else "",
    )


def bucket_calls(account: str, buckets: list[Bucket], *, account_block: bool) -> Iterator[Call]:
    """The calls about the buckets of an account."""
    listed: list[Json] = [
        {
            "Name": bucket.name,
            "CreationDate": when(bucket.age, bucket.name),
            "BucketRegion": REGION,
            "BucketArn": bucket_arn(bucket.name),
        }
        for bucket in buckets
    ]
    owner: Json = {"ID": hexdigest(f"canonical:{account}", 64)}
    yield Call(
        account,
        GLOBAL,
        "s3.list_buckets",
        pages=({"Buckets": listed, "Owner": owner},),
        items=len(listed),
    )
    yield Call(
        account,
        GLOBAL,
        "s3control.get_public_access_block",
        params={"AccountId": account},
        pages=(_blocks(on=True),) if account_block else (),
        items=1 if account_block else 0,
    )
    for bucket in buckets:
        for operation, pages in _bucket_answers(bucket):
            yield _bucket_call(bucket, operation, pages)


def _metadata(key: Key) -> Json:
    made: Json = {
        "AWSAccountId": key.account,
        "KeyId": key.id,
        "Arn": key.arn,
        "CreationDate": when(key.age, key.arn),
        "Enabled": key.state == "Enabled",
        "Description": key.description,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": key.state,
        "Origin": "AWS_KMS",
        "KeyManager": "AWS" if key.vendor else "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }
    if key.state == "PendingDeletion":
        made["DeletionDate"] = when(-20, key.arn)
    return {"KeyMetadata": made}


def _key_tags(key: Key) -> Json:
    return {
        "Tags": [{"TagKey": name, "TagValue": value} for name, value in key.tags.items()],
        "Truncated": False,
    }


def _key_call(
    key: Key, operation: str, page: Json, items: int = 1, *, denied: str | None = None
) -> Call:
    return Call(
        key.account,
        REGION,
        f"kms.{operation}",
        key.id,
        {"KeyId": key.id},
        () if denied else (page,),
        0 if denied else items,
        "kms.list_keys",
        denied,
        "AccessDeniedException: no resource-based policy allows the action" if denied else "",
    )


def key_calls(account: str, keys: list[Key]) -> Iterator[Call]:
    """The calls about the keys of an account."""
    listed: list[Json] = [{"KeyId": key.id, "KeyArn": key.arn} for key in keys]
    yield Call(
        account,
        REGION,
        "kms.list_keys",
        pages=({"Keys": listed, "Truncated": False},),
        items=len(listed),
    )
    for key in keys:
        yield _key_call(key, "describe_key", _metadata(key))
        policy: Json = {"Policy": json.dumps(key.policy, indent=2), "PolicyName": "default"}
        denied = None if key.policy_readable else "kms:GetKeyPolicy"
        yield _key_call(key, "get_key_policy", policy, denied=denied)
        if not key.vendor:  # AWS refuses tags of its own keys; nobody asks
            yield _key_call(key, "list_resource_tags", _key_tags(key), len(key.tags))
    aliases: list[Json] = [
        {
            "AliasName": f"alias/{key.name}",
            "AliasArn": f"arn:aws:kms:{REGION}:{account}:alias/{key.name}",
            "TargetKeyId": key.id,
            "CreationDate": when(key.age, key.arn),
            "LastUpdatedDate": when(key.age, key.arn),
        }
        for key in keys
    ]
    yield Call(
        account,
        REGION,
        "kms.list_aliases",
        pages=({"Aliases": aliases, "Truncated": False},),
        items=len(aliases),
    )
