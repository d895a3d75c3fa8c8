"""Policy documents, statement by statement; every statement of ours carries a Sid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sample.estate.names import root_arn

Json: TypeAlias = dict[str, object]
Texts: TypeAlias = str | Sequence[str]
Principal: TypeAlias = str | Mapping[str, Texts]
Condition: TypeAlias = Mapping[str, Mapping[str, Texts]]


def _plain(value: Texts) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def statement(
    sid: str,
    effect: str,
    action: Texts,
    resource: Texts | None,
    *,
    principal: Principal | None = None,
    condition: Condition | None = None,
) -> Json:
    """One statement, its elements in the order that consoles write them."""
    made: Json = {"Sid": sid, "Effect": effect}
    if principal is not None:
        made["Principal"] = (
            principal
            if isinstance(principal, str)
            else {kind: _plain(names) for kind, names in principal.items()}
        )
    made["Action"] = _plain(action)
    if resource is not None:
        made["Resource"] = _plain(resource)
    if condition is not None:
        made["Condition"] = {
            operator: {key: _plain(values) for key, values in tests.items()}
            for operator, tests in condition.items()
        }
    return made


def allow(
    sid: str,
    action: Texts,
    resource: Texts,
    *,
    principal: Principal | None = None,
    condition: Condition | None = None,
) -> Json:
    """An Allow statement."""
    return statement(sid, "Allow", action, resource, principal=principal, condition=condition)


def deny(
    sid: str,
    action: Texts,
    resource: Texts,
    *,
    principal: Principal | None = None,
    condition: Condition | None = None,
) -> Json:
    """A Deny statement."""
    return statement(sid, "Deny", action, resource, principal=principal, condition=condition)


def document(*statements: Json) -> Json:
    """A policy document of the current language version."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(
    sid: str,
    principal: Principal,
    *,
    action: Texts = "sts:AssumeRole",
    condition: Condition | None = None,
) -> Json:
    """A trust policy with one statement."""
    return document(statement(sid, "Allow", action, None, principal=principal, condition=condition))


def trust_service(*services: str) -> Json:
    """A trust policy for services of the platform, given by their short names."""
    names = [f"{service}.amazonaws.com" for service in services]
    return trust("ServiceMayAssume", {"Service": names[0] if len(names) == 1 else names})


def trust_saml(account: str) -> Json:
    """The trust policy of a role that Identity Center made."""
    provider = f"arn:aws:iam::{account}:saml-provider/AWSSSO_4c1f0a6d2b7e9358_DO_NOT_DELETE"
    return trust(
        "IdentityCenter",
        {"Federated": provider},
        action=["sts:AssumeRoleWithSAML", "sts:TagSession"],
        condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    )


def key_policy(account: str, *more: Json) -> Json:
    """A key policy that hands decisions to the account's IAM policies, and what else it says."""
    delegation = allow("EnableIamPolicies", "kms:*", "*", principal={"AWS": root_arn(account)})
    return {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [delegation, *more]}


def tls_only(bucket: str) -> Json:
    """The usual Deny of requests without transport encryption."""
    return deny(
        "DenyInsecureTransport",
        "s3:*",
        [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        principal="*",
        condition={"Bool": {"aws:SecureTransport": "false"}},
    )


def pass_role(sid: str, roles: Texts, service: str) -> Json:
    """A PassRole statement for one service."""
    return allow(
        sid,
        "iam:PassRole",
        roles,
        condition={"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}},
    )


def read_objects(sid: str, bucket: str, prefix: str = "") -> Json:
    """Read of all objects of a bucket, or of a prefix that ends in `/`."""
    return allow(sid, "s3:GetObject", f"arn:aws:s3:::{bucket}/{prefix}*")


def write_objects(sid: str, bucket: str, prefix: str = "") -> Json:
    """Upload of objects to a bucket, or to a prefix that ends in `/`."""
    return allow(
        sid, ["s3:PutObject", "s3:AbortMultipartUpload"], f"arn:aws:s3:::{bucket}/{prefix}*"
    )


def decrypt(sid: str, key: str) -> Json:
    """Use of one key to decrypt."""
    return allow(sid, ["kms:Decrypt", "kms:DescribeKey"], key)
