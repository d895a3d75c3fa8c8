"""A small estate on the wire, answered from memory, with scripted faults in front of it.

Every operation that the collector asks is answered: those of the estate with what it holds, any other with nothing of
the thing. Which account is asked shows in the access key that a request is signed with.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from botocore import xform_name
from wire.answers import Wired, answered, refused
from wire.requests import Asked, Catalogue, catalogue, operation_model

from ingest.source import by_operation

HOME = "111111111111"
REGION = "eu-west-1"
ROLE = "estate-reader"
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PAGE = 2  # items of a listing that is told in pages

Normal: TypeAlias = Callable[[], Wired]
Step: TypeAlias = Callable[[Asked, Normal], Wired]


def key_of(account: str, *, turn: int = 0) -> str:
    """The access key of an account; a later turn is another session."""
    return f"ASIA{account}{turn:04}"


def account_of(key: str) -> str:
    """The account that an access key belongs to."""
    return key[4:16]


@dataclass
class Canned:
    """The estate, and what goes wrong with it."""

    accounts: Sequence[str] = (HOME,)
    regions: Sequence[str] = (REGION,)
    notebooks: int = 5
    closed: frozenset[str] = frozenset()  # accounts whose role may not be assumed
    scripts: dict[str, Sequence[Step]] = field(default_factory=dict)
    delay: float = 0.0
    remembers: bool = False  # whether an answer is made once, for speed
    told: dict[tuple[str, ...], Wired] = field(default_factory=dict)
    turns: Counter[str] = field(default_factory=Counter)
    sessions: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    catalogue: Catalogue = field(default_factory=catalogue)

    def script(self, name: str, *steps: Step) -> None:
        """Answer the operation by these steps, one after the other; the last one again and again."""
        self.scripts[name] = steps

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        self.scripts.clear()

    def answer(self, asked: Asked) -> Wired:
        """The answer, or what goes wrong."""
        steps = self.scripts.get(asked.name)
        if steps is None:
            return self._remembered(asked) if self.remembers else self._normal(asked)
        with self.lock:
            turn = self.turns[asked.name]
            self.turns[asked.name] += 1
        return steps[min(turn, len(steps) - 1)](asked, lambda: self._normal(asked))

    def _remembered(self, asked: Asked) -> Wired:
        if asked.service == "sts":
            return self._normal(asked)
        values = sorted(f"{name}={value}" for name, value in asked.params.items())
        key = (asked.name, account_of(asked.key), asked.region, *values)
        if key not in self.told:
            self.told[key] = self._normal(asked)
        return self.told[key]

    def _normal(self, asked: Asked) -> Wired:
        if not asked.service:
            return refused(asked, 400, "UnknownOperationException", f"{asked.method} {asked.path}")
        if not asked.reads:
            return refused(asked, 405, "MethodNotAllowed", "the collector only reads")
        teller = _TELLERS.get(asked.name)
        told = teller(self, asked) if teller else self._none(asked)
        return told if isinstance(told, Wired) else answered(asked, told)

    def _none(self, asked: Asked) -> Any:
        """The answer of who has none of the thing."""
        name = f"{asked.service}.{xform_name(asked.operation)}"
        resource = by_operation("aws").get(name)
        if resource is not None and resource.call.known_none:
            code, _, words = min(resource.call.known_none).partition(": ")
            return refused(asked, 404, code, words or "there is none")
        shape = operation_model(asked).output_shape
        members = {} if shape is None else shape.members
        nothing: dict[str, Any] = {"list": [], "map": {}, "structure": {}}
        return {
            label: nothing[member.type_name]
            for label, member in members.items()
            if member.type_name in nothing
        }


# What goes wrong.


def error(status: int, code: str, message: str = "", **headers: str) -> Step:
    """An error of the service."""

    def step(asked: Asked, _normal: Normal) -> Wired:
        wired = refused(asked, status, code, message)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Wired(wired.status, wired.body, {**wired.headers, **named})

    return step


def normal(_asked: Asked, told: Normal) -> Wired:
    """Nothing goes wrong."""
    return told()


def page(status: int, body: str) -> Step:
    """A page in HTML, of something between us and the service."""
    return lambda _asked, _told: Wired(status, body.encode(), {"Content-Type": "text/html"})


def half(_asked: Asked, told: Normal) -> Wired:
    """Half of the body, and the connection is closed."""
    wired = told()
    return Wired(wired.status, wired.body, wired.headers, cut=len(wired.body) // 2)


def silence(seconds: float) -> Step:
    """Nothing for so long."""

    def step(_asked: Asked, told: Normal) -> Wired:
        wired = told()
        return Wired(wired.status, wired.body, wired.headers, wait=seconds)

    return step


def telling(change: Callable[[dict[str, Any]], Mapping[str, Any]]) -> Step:
    """A JSON answer, changed on its way."""

    def step(_asked: Asked, told: Normal) -> Wired:
        wired = told()
        body = json.dumps(change(json.loads(wired.body))).encode()
        return Wired(wired.status, body, wired.headers)

    return step


# What the estate holds.


def _paged(asked: Asked, items: Sequence[Any], name: str) -> dict[str, Any]:
    start = int(asked.params.get("NextToken") or 0)
    more = {"NextToken": str(start + PAGE)} if start + PAGE < len(items) else {}
    return {name: list(items[start : start + PAGE]), **more}


def _caller(_estate: Canned, asked: Asked) -> Any:
    account = account_of(asked.key)
    return {"Account": account, "Arn": f"arn:aws:iam::{account}:user/collector", "UserId": "AIDA"}


def _assume(estate: Canned, asked: Asked) -> Any:
    role = asked.params["RoleArn"]
    account = role.split(":")[4]
    if account in estate.closed or not role.endswith(f"/{ROLE}"):
        me = f"arn:aws:iam::{account_of(asked.key)}:user/collector"
        words = f"User: {me} is not authorized to perform: sts:AssumeRole on resource: {role}"
        return refused(asked, 403, "AccessDenied", words)
    with estate.lock:
        estate.sessions[account] += 1
        key = key_of(account, turn=estate.sessions[account])
    return {
        "Credentials": {
            "AccessKeyId": key,
            "SecretAccessKey": "s",
            "SessionToken": "t",
            "Expiration": datetime(2099, 1, 1, tzinfo=UTC),
        }
    }


def _accounts(estate: Canned, _asked: Asked) -> Any:
    rows = [
        {"Id": account, "Name": f"a{account}", "State": "ACTIVE"} for account in estate.accounts
    ]
    return {"Accounts": rows}


def _regions(estate: Canned, _asked: Asked) -> Any:
    return {
        "Regions": [{"RegionName": name, "RegionOptStatus": "ENABLED"} for name in estate.regions]
    }


def _roots(_estate: Canned, _asked: Asked) -> Any:
    arn = f"arn:aws:organizations::{HOME}:root/o-wire/r-wire"
    return {"Roots": [{"Id": "r-wire", "Arn": arn, "Name": "Root", "PolicyTypes": []}]}


def _organization(_estate: Canned, _asked: Asked) -> Any:
    return {"Organization": {"Id": "o-wire", "MasterAccountId": HOME, "FeatureSet": "ALL"}}


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


def _role(account: str, name: str) -> dict[str, Any]:
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": f"AROA{name.upper()}",
        "Arn": f"arn:aws:iam::{account}:role/{name}",
        "CreateDate": WHEN,
        "AssumeRolePolicyDocument": json.dumps(TRUST),
        "RolePolicyList": [{"PolicyName": "read", "PolicyDocument": json.dumps(READ)}],
        "AttachedManagedPolicies": [],
        "InstanceProfileList": [],
        "Tags": [],
    }


def _identities(_estate: Canned, asked: Asked) -> Any:
    account = account_of(asked.key)
    second = asked.params.get("Marker") == "second"
    user = {
        "Path": "/",
        "UserName": "ana",
        "UserId": "AIDAANA",
        "Arn": f"arn:aws:iam::{account}:user/ana",
        "CreateDate": WHEN,
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "UserPolicyList": [{"PolicyName": "read", "PolicyDocument": json.dumps(READ)}],
        "Tags": [],
    }
    more = {"IsTruncated": False} if second else {"IsTruncated": True, "Marker": "second"}
    return {
        "UserDetailList": [user] if second else [],
        "GroupDetailList": [],
        "RoleDetailList": [] if second else [_role(account, "notebooks")],
        "Policies": [],
        **more,
    }


def _buckets(_estate: Canned, asked: Asked) -> Any:
    names = [f"{label}-{account_of(asked.key)}" for label in ("data", "models")]
    rows = [{"Name": name, "CreationDate": WHEN, "BucketRegion": REGION} for name in names]
    return {"Buckets": rows}


def _bucket_policy(_estate: Canned, asked: Asked) -> Any:
    bucket = asked.params["Bucket"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account_of(asked.key)}:role/notebooks"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def _notebook(asked: Asked, name: str) -> dict[str, Any]:
    account = account_of(asked.key)
    return {
        "NotebookInstanceName": name,
        "NotebookInstanceArn": f"arn:aws:sagemaker:{asked.region}:{account}:notebook-instance/{name}",
        "NotebookInstanceStatus": "InService",
        "CreationTime": WHEN,
        "LastModifiedTime": WHEN,
    }


def _notebooks(estate: Canned, asked: Asked) -> Any:
    rows = [_notebook(asked, f"n{number}") for number in range(estate.notebooks)]
    return _paged(asked, rows, "NotebookInstances")


def _describe_notebook(_estate: Canned, asked: Asked) -> Any:
    return {
        **_notebook(asked, asked.params["NotebookInstanceName"]),
        "RoleArn": f"arn:aws:iam::{account_of(asked.key)}:role/notebooks",
        "DirectInternetAccess": "Enabled",
        "RootAccess": "Enabled",
    }


def _keys(_estate: Canned, asked: Asked) -> Any:
    account = account_of(asked.key)
    arn = f"arn:aws:kms:{asked.region}:{account}:key/k1"
    return {"Keys": [{"KeyId": "k1", "KeyArn": arn}], "Truncated": False}


def _describe_key(_estate: Canned, asked: Asked) -> Any:
    account = account_of(asked.key)
    arn = f"arn:aws:kms:{asked.region}:{account}:key/k1"
    held = {
        "KeyId": "k1",
        "Arn": arn,
        "AWSAccountId": account,
        "Enabled": True,
        "KeyState": "Enabled",
    }
    return {"KeyMetadata": {**held, "KeyManager": "CUSTOMER", "CreationDate": WHEN}}


def _key_policy(_estate: Canned, asked: Asked) -> Any:
    root = {"AWS": f"arn:aws:iam::{account_of(asked.key)}:root"}
    statement = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def _nothing(_estate: Canned, _asked: Asked) -> Any:
    """Neither service says of what is off more than an answer without members."""
    return {}


_TELLERS: Mapping[str, Callable[[Canned, Asked], Any]] = {
    "sts.GetCallerIdentity": _caller,
    "sts.AssumeRole": _assume,
    "account.ListRegions": _regions,
    "organizations.ListAccounts": _accounts,
    "organizations.ListRoots": _roots,
    "organizations.DescribeOrganization": _organization,
    "iam.GetAccountAuthorizationDetails": _identities,
    "s3.ListBuckets": _buckets,
    "s3.GetBucketPolicy": _bucket_policy,
    "s3.GetBucketLogging": _nothing,
    "bedrock.GetModelInvocationLoggingConfiguration": _nothing,
    "sagemaker.ListNotebookInstances": _notebooks,
    "sagemaker.DescribeNotebookInstance": _describe_notebook,
    "kms.ListKeys": _keys,
    "kms.DescribeKey": _describe_key,
    "kms.GetKeyPolicy": _key_policy,
}
