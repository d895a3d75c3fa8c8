"""Names of the made-up insurer: accounts, ARNs, stable ids and dates.

Everything is derived from text by hashing, so that a rebuilt estate is the same to the last byte.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

PROD = "111111111111"
DEV = "222222222222"
MANAGEMENT = "999999999999"
VENDOR = "666666666666"  # an observability vendor
BROKER = "777777777777"  # a reinsurance broker
OLD_SANDBOX = "888888888888"  # a sandbox that left the organisation
IMAGES = "141502667606"  # where the platform's vendor keeps its serving images in this region

REGION = "eu-west-1"
ORGANISATION = "o-ald3rw1ck9"
ROOT = "r-al01"
OU_WORKLOADS = "ou-al01-wrkl0ads"
OU_PRODUCTION = "ou-al01-pr0dmain"
OU_DEVELOPMENT = "ou-al01-devtest1"

STARTED = datetime(2026, 11, 2, 6, 0, 0, tzinfo=UTC)


def hexdigest(text: str, length: int) -> str:
    """The first hex digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def unique_id(prefix: str, text: str) -> str:
    """An IAM unique id such as `AIDA...`, stable for the text."""
    body = base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()
    return prefix + body[:17]


def uuid_of(text: str) -> str:
    """A UUID-shaped id, stable for the text."""
    body = hexdigest(f"uuid:{text}", 32)
    return f"{body[:8]}-{body[8:12]}-4{body[13:16]}-8{body[17:20]}-{body[20:32]}"


def moment(days_ago: float, text: str = "") -> datetime:
    """A moment so many days before the start; the text moves it within a working day."""
    jitter = int(hexdigest(f"moment:{text}", 6), 16) % (9 * 3600)
    return STARTED - timedelta(days=days_ago) + timedelta(hours=2, seconds=jitter)


def when(days_ago: float, text: str = "") -> str:
    """The moment as boto3's datetime, written as ISO 8601."""
    return moment(days_ago, text).isoformat()


def user_arn(account: str, name: str, path: str = "/") -> str:
    """The ARN of an IAM user."""
    return f"arn:aws:iam::{account}:user{path}{name}"


def group_arn(account: str, name: str, path: str = "/") -> str:
    """The ARN of an IAM group."""
    return f"arn:aws:iam::{account}:group{path}{name}"


def role_arn(account: str, name: str, path: str = "/") -> str:
    """The ARN of an IAM role."""
    return f"arn:aws:iam::{account}:role{path}{name}"


def policy_arn(account: str, name: str, path: str = "/") -> str:
    """The ARN of a managed policy; account `aws` for those of the vendor."""
    return f"arn:aws:iam::{account}:policy{path}{name}"


def root_arn(account: str) -> str:
    """The principal that stands for a whole account."""
    return f"arn:aws:iam::{account}:root"


def bucket_arn(name: str) -> str:
    """The ARN of a bucket."""
    return f"arn:aws:s3:::{name}"


def prefix_arn(bucket: str, prefix: str) -> str:
    """The id of a named prefix; it ends in `/`."""
    return f"arn:aws:s3:::{bucket}/{prefix}"


def sagemaker_arn(account: str, kind: str, name: str) -> str:
    """The ARN of a SageMaker resource, e.g. kind `notebook-instance`."""
    return f"arn:aws:sagemaker:{REGION}:{account}:{kind}/{name}"


def function_arn(account: str, name: str) -> str:
    """The ARN of a Lambda function."""
    return f"arn:aws:lambda:{REGION}:{account}:function:{name}"


def repository_arn(account: str, name: str) -> str:
    """The ARN of an image repository."""
    return f"arn:aws:ecr:{REGION}:{account}:repository/{name}"


def accesspoint_arn(account: str, name: str) -> str:
    """The ARN of an access point."""
    return f"arn:aws:s3:{REGION}:{account}:accesspoint/{name}"


def bedrock_arn(account: str, kind: str, name: str) -> str:
    """The ARN of a Bedrock resource, e.g. kind `agent`."""
    return f"arn:aws:bedrock:{REGION}:{account}:{kind}/{name}"


def short_id(text: str) -> str:
    """An id of ten capitals and digits, as Bedrock gives them, stable for the text."""
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:10]


def key_id(account: str, name: str) -> str:
    """The id of the key that goes by this name."""
    return uuid_of(f"key:{account}:{name}")


def key_arn(account: str, name: str) -> str:
    """The ARN of the key that goes by this name."""
    return f"arn:aws:kms:{REGION}:{account}:key/{key_id(account, name)}"
