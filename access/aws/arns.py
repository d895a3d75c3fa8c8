"""Parts of ARNs and ids that the evaluator's callers need."""

from __future__ import annotations

from graph.model import NodeId


def account_of(arn: NodeId | str) -> str:
    """The account in the ARN; empty where it carries none (S3, vendor-managed policies)."""
    parts = str(arn).split(":", 5)
    return (
        parts[4] if len(parts) > 4 and parts[4].isdigit() else ""
    )  # the fifth part is the account


def partition_of(arn: NodeId | str) -> str:
    """The partition in the ARN, `aws` where there is none."""
    parts = str(arn).split(":", 2)
    return parts[1] if len(parts) > 1 and parts[0] == "arn" else "aws"


def region_of(arn: NodeId | str) -> str:
    """The region in the ARN; empty where it carries none."""
    parts = str(arn).split(":", 5)
    return parts[3] if len(parts) > 4 else ""  # a whole ARN has six parts


def session_prefix(arn: NodeId | str) -> str | None:
    """What the ARNs of a role's sessions start with; None for what is no role. A session ARN drops the path."""
    head, found, name = str(arn).partition(":role/")
    if not found:
        return None
    return f"{head.replace(':iam:', ':sts:')}:assumed-role/{name.rpartition('/')[2]}/"


def root_of(account: str, partition: str = "aws") -> str:
    """The ARN by which a policy names a whole account."""
    return f"arn:{partition}:iam::{account}:root"
