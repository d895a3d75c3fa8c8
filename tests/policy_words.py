"""What drawn policies are made of: targets with their patterns, condition keys with their values, operators, principals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aws_asking import AWAY, HOME, KEY, ROLE_ARN, SESSION_ARN, USER_ARN

ORGANIZATION, PATH = "o-1", "o-1/r-1/ou-1/"
CANONICAL, USER_ID, ROLE_ID = "79a59d", "AIDAEXAMPLE", "AROAEXAMPLE"
SERVICE, PROVIDER = "sagemaker.amazonaws.com", f"arn:aws:iam::{HOME}:saml-provider/corp"
ROOT_ARN = f"arn:aws:iam::{HOME}:root"
FULL: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
FULL_FOR_ALL = {**FULL, "Statement": [{**FULL["Statement"][0], "Principal": "*"}]}
ARNS = {
    "user": USER_ARN,
    "role": ROLE_ARN,
    "root": ROOT_ARN,
    "service": SERVICE,
    "federated": PROVIDER,
    "anonymous": "anonymous",
}


@dataclass(frozen=True)
class Target:
    """A resource with the actions asked on it, and patterns that name it or almost do."""

    actions: tuple[str, ...]
    resource: str
    patterns: tuple[str, ...]
    elsewhere: bool = True  # another account may own it
    guarded: bool = True  # it has a policy of its own
    trust: bool = False  # that policy names no Resource


OBJECT = Target(
    ("s3:GetObject", "s3:PutObject"),
    "arn:aws:s3:::b/x",
    (
        "arn:aws:s3:::b/x",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b/?",
        "arn:aws:s3:::c/*",
        "arn:aws:s*",
        "arn:aws:s3:::b/${aws:PrincipalTag/team}",
        "arn:aws:s3:::b/${aws:PrincipalTag/no, 'x'}",
        "arn:aws:s3:::${aws:PrincipalTag/no}/x",
        "arn:aws:s3:::b/${aws:RequestTag/t}",
        "arn:aws:s3:::b/${*}",
    ),
)
DATA_KEY = Target(
    ("kms:Decrypt", "kms:GenerateDataKey"),
    KEY,
    (KEY, "arn:aws:kms:*:*:key/*", f"arn:aws:kms:*:{AWAY}:key/*", "arn:aws:kms:eu-west-1:*:key/k?"),
)
TRUSTING = Target(
    ("sts:AssumeRole", "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:TagSession"),
    f"arn:aws:iam::{HOME}:role/data/reader",
    (
        f"arn:aws:iam::{HOME}:role/data/reader",
        f"arn:aws:iam::{HOME}:role/*",
        "arn:aws:iam::*:user/*",
    ),
    trust=True,
)
FUNCTION = Target(
    ("lambda:InvokeFunction",),
    f"arn:aws:lambda:eu-west-1:{HOME}:function:f",
    (f"arn:aws:lambda:*:{HOME}:function:*", "arn:aws:lambda:*:*:function:g", "arn:aws:lambda*"),
)
LISTED = Target(
    ("s3:ListAllMyBuckets", "kms:ListKeys", "sts:GetCallerIdentity"),
    "*",
    ("*", "arn:aws:s3:::*", "arn:aws:kms:*:*:key/*"),
    elsewhere=False,
    guarded=False,
)
_RULED = (
    ("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    (
        "iam:PutRolePolicy",
        f"arn:aws:iam::{HOME}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_a",
    ),
    ("iam:GetRole", f"arn:aws:iam::{HOME}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_a"),
    ("iam:PassRole", f"arn:aws:iam::{HOME}:role/aws-service-role/ecs.amazonaws.com/Linked"),
    ("iam:DeleteRole", f"arn:aws:iam::{HOME}:role/aws-service-role/ecs.amazonaws.com/Linked"),
    ("iam:PassRole", f"arn:aws:iam::{HOME}:role/data/reader"),
    ("kms:CreateAlias", f"arn:aws:kms:eu-west-1:{HOME}:alias/aws/s3"),
    ("kms:CreateAlias", f"arn:aws:kms:eu-west-1:{HOME}:alias/own"),
)
RULED = tuple(
    Target((action,), arn, (arn, "arn:aws:iam::*:*"), elsewhere=False, guarded=False)
    for action, arn in _RULED
)

TARGETS = (OBJECT, OBJECT, DATA_KEY, DATA_KEY, TRUSTING, TRUSTING, FUNCTION, LISTED, None)

# --- conditions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A condition key: who decides it where no fact does, what its values are, and whether it may hold several."""

    name: str
    who: str  # open, chosen, or known: then a fact decides it, or it is not there
    type: str = "text"
    multi: bool = False
    always: bool = False
    values: tuple[str, ...] = ()  # what policies compare it with, where the type alone does not say


POINT = f"arn:aws:s3:eu-west-1:{HOME}:accesspoint"
KEYS = {
    key.name.lower(): key
    for key in (
        Key("aws:SourceVpc", "open"),
        Key("s3:ExistingObjectTag/k", "open"),
        Key("aws:CalledVia", "open", "tags", multi=True),
        Key("aws:MultiFactorAuthPresent", "open", "bool"),
        Key("aws:MultiFactorAuthAge", "open", "number"),
        Key("aws:TokenIssueTime", "open", "date"),
        Key("aws:SourceIp", "open", "ip"),
        Key("aws:SourceVpcArn", "open", "arn"),
        Key("aws:SecureTransport", "chosen", "bool", always=True),
        Key("s3:prefix", "chosen"),
        Key("sts:RoleSessionName", "chosen", always=True),
        Key("aws:RequestTag/t", "chosen"),
        Key("aws:TagKeys", "chosen", "tags", multi=True),
        Key("sagemaker:MaxRuntimeInSeconds", "chosen", "number"),
        Key("s3:object-lock-retain-until-date", "chosen", "date"),
        Key("iam:PolicyARN", "chosen", "arn"),
        Key("aws:PrincipalTag/team", "known"),
        Key("aws:PrincipalTag/no", "known"),
        Key("aws:ResourceTag/env", "known"),
        Key("aws:PrincipalAccount", "known", values=(HOME, AWAY)),
        Key(
            "aws:PrincipalArn", "known", "arn", values=(USER_ARN, ROLE_ARN, "arn:aws:iam::*:role/*")
        ),
        Key("aws:PrincipalOrgID", "known", values=(ORGANIZATION, "o-*")),
        Key("aws:PrincipalOrgPaths", "known", multi=True, values=(PATH, "o-1/*")),
        Key("aws:PrincipalType", "known", values=("User", "AssumedRole", "Anonymous", "Account")),
        Key("aws:PrincipalIsAWSService", "known", "bool"),
        Key("aws:PrincipalServiceName", "known", values=(SERVICE,)),
        Key("aws:username", "known", values=("ana", "a*")),
        Key("aws:userid", "known", values=(USER_ID, f"{ROLE_ID}:*", HOME)),
        Key("aws:ResourceAccount", "known", values=(HOME, AWAY)),
        Key("aws:ResourceOrgID", "known", values=(ORGANIZATION,)),
        Key("aws:RequestedRegion", "known", always=True, values=("eu-west-1", "us-*")),
        Key("aws:CurrentTime", "known", "date", always=True),
        Key("aws:EpochTime", "known", "date", always=True),
        Key("aws:SourceAccount", "known", values=(HOME,)),
        Key("aws:SourceArn", "known", "arn"),
        Key("saml:aud", "known"),
        Key("kms:ViaService", "known", values=("s3.eu-west-1.amazonaws.com", "s3.*")),
        Key("kms:CallerAccount", "known", values=(HOME, AWAY)),
        Key("s3:DataAccessPointAccount", "known", values=(HOME, AWAY)),
        Key("s3:DataAccessPointArn", "known", "arn", values=(f"{POINT}/door", f"{POINT}/*")),
        Key("EncryptionContextSubset:dept", "open"),  # what the grant of a key may ask for
    )
}
VPC = "arn:aws:ec2:eu-west-1:111111111111:vpc"
VALUES: dict[str, tuple[Any, ...]] = {
    "text": ("a", "b", "A", "a*", "*b", "*", "?", "${*}", "a${?}"),
    "tags": ("t", "T", "u", "t*"),
    "number": ("10", "20", 10, 20.0, "1e1", "ten"),
    "date": ("2026-01-01T00:00:00Z", "2026-01", "1767225600", "2026-03-01", "soon"),
    "bool": ("true", "false", True, "True"),
    "ip": ("10.0.0.0/8", "10.1.0.0/16", "10.2.0.1", "2001:db8::/32", "0.0.0.0/0", "here"),
    "arn": (f"{VPC}/a", f"{VPC}/*", "arn:aws:ec2:*:111111111111:vpc/?", "arn:aws:ec2:*", "*"),
}
VARIABLES = (
    "${aws:PrincipalTag/team}",
    "${aws:PrincipalTag/no, 'a'}",
    "${aws:PrincipalTag/no}",
    "${aws:username}",
    "${aws:RequestTag/t}",
    "${aws:TagKeys}",
)
_STRINGS = ("Equals", "NotEquals", "Like", "NotLike", "EqualsIgnoreCase", "NotEqualsIgnoreCase")
_ORDERS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_TEXTS = (*(f"String{name}" for name in _STRINGS), "BinaryEquals")
OPERATORS: dict[str, tuple[str, ...]] = {
    "text": _TEXTS,
    "tags": _TEXTS,
    "number": tuple(f"Numeric{name}" for name in _ORDERS),
    "date": tuple(f"Date{name}" for name in _ORDERS),
    "bool": ("Bool",),
    "ip": ("IpAddress", "NotIpAddress"),
    "arn": ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "StringEquals", "StringNotLike"),
}
DECIDED = tuple(key for key in KEYS.values() if key.who == "known")
UNDECIDED = tuple(key for key in KEYS.values() if key.who != "known" and ":dept" not in key.name)
SETS = ("", "", "", "ForAnyValue:", "ForAllValues:")


# --- principals ---------------------------------------------------------------------------------------------------


ENTRIES: tuple[tuple[str, str], ...] = (
    ("AWS", "*"),
    ("AWS", HOME),
    ("AWS", AWAY),
    ("AWS", ROOT_ARN),
    ("AWS", USER_ARN),
    ("AWS", ROLE_ARN),
    ("AWS", SESSION_ARN),
    ("AWS", f"arn:aws:sts::{HOME}:assumed-role/worker/other"),
    ("AWS", USER_ID),
    ("AWS", ROLE_ID),
    ("Service", SERVICE),
    ("Service", "lambda.amazonaws.com"),
    ("Federated", PROVIDER),
    ("Federated", "cognito-identity.amazonaws.com"),
)
NEAR = {
    "user": (USER_ARN, HOME, USER_ID),
    "role": (ROLE_ARN, HOME, SESSION_ARN),
    "root": (ROOT_ARN,),
    "service": (SERVICE,),
    "federated": (PROVIDER,),
    "anonymous": ("*",),
}
