"""A generated AWS account as facts: wildcard-heavy roles, roles that trust the account, encrypted datasets, workloads.

Seeded; the same numbers always give the same account. Resource and key policies differ from one another in the
statements that name roles, as real ones do. Some roles have statements that hang on the caller's network or on a second
factor, which nobody but the request decides.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from graph.model import (
    Attachment,
    Coverage,
    CoverageKey,
    Document,
    Edge,
    Facts,
    Node,
    NodeId,
    Outcome,
    PropValue,
    Role,
)

ACCOUNT = "111111111111"
START = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of what."""

    roles: int = 300
    wildcard_heavy: int = 100
    trusting_root: int = 140
    buckets: int = 1000
    prefixes: int = 3  # named prefixes per bucket
    keys: int = 100
    workloads: int = 40  # of each sort: notebooks, endpoints, functions, model groups
    seed: int = 7

    @property
    def datasets(self) -> int:
        """Buckets and prefixes together."""
        return self.buckets * (1 + self.prefixes)

    @property
    def things(self) -> int:
        """Principals and assets together."""
        return self.roles + self.datasets + self.keys + len(SORTS) * self.workloads


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of workload or artefact: its kind, the service that it stands in, how its ARN ends, its policy's call."""

    kind: str
    service: str
    part: str
    policy: str = ""
    state: str = ""  # none: it runs as nobody


SORTS = (
    Sort("Notebook", "sagemaker", "notebook-instance/", state="InService"),
    Sort("Endpoint", "sagemaker", "endpoint/", state="InService"),
    Sort("Function", "lambda", "function:", "lambda.get_policy", state="Active"),
    Sort("Model", "sagemaker", "model-package-group/", "sagemaker.get_model_package_group_policy"),
)


def role_arn(number: int) -> str:
    """The ARN of a role."""
    return f"arn:aws:iam::{ACCOUNT}:role/role-{number}"


def key_arn(number: int) -> str:
    """The ARN of a key."""
    return f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{number:08d}-0000-0000-0000-000000000000"


def _statement(sid: str, effect: str, actions: object, resources: object, **more: object) -> object:
    return {"Sid": sid, "Effect": effect, "Action": actions, "Resource": resources, **more}


def _policy(*statements: object) -> Document:
    return Document.of({"Version": "2012-10-17", "Statement": list(statements)})


class _Account:
    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.random = random.Random(shape.seed)
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.attachments: list[Attachment] = []
        self.documents: dict[str, Document] = {}
        self.coverage: list[Coverage] = []

    def read(self, call: str, region: str = "global") -> None:
        key = CoverageKey("aws", ACCOUNT, region, call)
        self.coverage.append(Coverage(key, Outcome.OK, last_ok=START))

    def attach(self, holder: str, role: Role, document: Document, name: str = "") -> None:
        self.documents[document.hash] = document
        self.attachments.append(Attachment(NodeId(holder), role, name, document=document.hash))

    def facts(self) -> Facts:
        self.nodes.append(Node(NodeId(f"aws:account/{ACCOUNT}"), "Account", {"platform": "aws"}))
        self.read("iam.get_account_authorization_details")
        self.read("s3control.get_public_access_block")
        for number in range(self.shape.roles):
            self.role(number)
        for number in range(self.shape.keys):
            self.key(number)
        for number in range(self.shape.buckets):
            self.bucket(number)
        for sort in SORTS:
            for number in range(self.shape.workloads):
                self.workload(sort, number)
        return Facts(
            tuple(self.nodes),
            tuple(self.edges),
            tuple(self.attachments),
            tuple(self.documents.values()),
            tuple(self.coverage),
        )

    # Roles.

    def role(self, number: int) -> None:
        arn = role_arn(number)
        props = {"name": f"role-{number}", "platform": "aws", "account": ACCOUNT, "tags": {}}
        self.nodes.append(Node(NodeId(arn), "Role", props))
        trusts_root = number < self.shape.trusting_root
        service = self.random.choice(("sagemaker", "lambda", "ec2", "glue"))
        principal = {"AWS": ROOT} if trusts_root else {"Service": f"{service}.amazonaws.com"}
        trust = {
            "Sid": f"Trust{number}",
            "Effect": "Allow",
            "Principal": principal,
            "Action": "sts:AssumeRole",
        }
        self.attach(arn, Role.TRUST, _policy(trust))
        heavy = number % 3 == 0 and number // 3 < self.shape.wildcard_heavy
        statements = tuple(self.heavy(number) if heavy else self.narrow(number))
        self.attach(arn, Role.IDENTITY, _policy(*statements), "inline")

    def heavy(self, number: int) -> Iterator[object]:
        """Broad statements, no two roles quite alike, a few Denies among them."""
        yield _statement(
            "Data", "Allow", self.random.choice(["s3:*", "s3:Get*", ["s3:Get*", "s3:Put*"]]), "*"
        )
        yield _statement("Keys", "Allow", ["kms:Decrypt", "kms:GenerateDataKey*"], "*")
        if number % 2:
            yield _statement(
                "Roles",
                "Allow",
                ["sts:AssumeRole", "iam:PassRole"],
                f"arn:aws:iam::{ACCOUNT}:role/*",
            )
        if number % 5 == 0:
            yield _statement("Iam", "Allow", "iam:*", "*")
        if number % 4 == 0:
            yield _statement("Work", "Allow", ["sagemaker:*", "lambda:*"], "*")
        if number % 7 == 0:
            team = self.random.randrange(20)
            yield _statement(
                "Not",
                "Deny",
                "s3:*",
                [f"arn:aws:s3:::team-{team}-*", f"arn:aws:s3:::team-{team}-*/*"],
            )

    def narrow(self, number: int) -> Iterator[object]:
        """A few buckets of one team, a key, the odd assumable role."""
        team = self.random.randrange(20)
        bucket = self.random.randrange(self.shape.buckets)
        yield _statement(
            "Team", "Allow", ["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::team-{team}-*/p0/*"
        )
        yield _statement("One", "Allow", "s3:GetObject", f"arn:aws:s3:::{self.name(bucket)}/*")
        yield _statement("Key", "Allow", "kms:Decrypt", key_arn(bucket % self.shape.keys))
        if number % 4 == 0:
            yield _statement(
                "Assume",
                "Allow",
                "sts:AssumeRole",
                role_arn(self.random.randrange(self.shape.roles)),
            )
        if number % 5 == 0:
            yield _statement(
                "Serve",
                "Allow",
                ["sagemaker:InvokeEndpoint", "lambda:InvokeFunction"],
                [f"arn:aws:{of}:*:{ACCOUNT}:*team-{team}-*" for of in ("sagemaker", "lambda")],
            )
        if number % 9 == 0:
            office = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
            models = "arn:aws:sagemaker:*:*:model-package*"
            yield _statement("Office", "Allow", "sagemaker:*Model*", models, Condition=office)
        if number % 11 == 0:
            present = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
            yield _statement("Mfa", "Allow", "s3:Put*", "arn:aws:s3:::*-1/*", Condition=present)

    # Workloads and artefacts.

    def workload(self, sort: Sort, number: int) -> None:
        name = f"team-{number % 20}-{sort.kind.lower()}-{number}"
        arn = NodeId(f"arn:aws:{sort.service}:eu-west-1:{ACCOUNT}:{sort.part}{name}")
        props: dict[str, PropValue] = {
            "name": name,
            "platform": "aws",
            "account": ACCOUNT,
            "region": "eu-west-1",
            "tags": {},
        }
        if sort.state:
            props["state"] = sort.state
        self.nodes.append(Node(arn, sort.kind, props))
        if sort.state:
            runs_as = role_arn(self.random.randrange(self.shape.roles))
            self.edges.append(Edge("RUNS_AS", arn, NodeId(runs_as)))
        if sort.policy:
            self.read(f"{sort.policy}/{name}", "eu-west-1")

    # Data.

    @staticmethod
    def name(number: int) -> str:
        return f"team-{number % 20}-bucket-{number}"

    def key(self, number: int) -> None:
        arn = key_arn(number)
        props = {
            "name": f"key-{number}",
            "platform": "aws",
            "account": ACCOUNT,
            "region": "eu-west-1",
            "state": "Enabled",
            "manager": "customer",
            "tags": {},
        }
        self.nodes.append(Node(NodeId(arn), "Key", props))
        self.read(f"kms.get_key_policy/{arn.rpartition('/')[2]}", "eu-west-1")
        named = role_arn(self.random.randrange(self.shape.roles))
        statements = [
            {
                "Sid": "Root",
                "Effect": "Allow",
                "Principal": {"AWS": ROOT},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": f"Use{number}",
                "Effect": "Allow",
                "Principal": {"AWS": named},
                "Action": "kms:Decrypt",
                "Resource": "*",
            },
        ]
        self.attach(arn, Role.RESOURCE, _policy(*statements))

    def bucket(self, number: int) -> None:
        name = self.name(number)
        arn = f"arn:aws:s3:::{name}"
        self.dataset(arn, name, "bucket", number)
        for prefix in range(self.shape.prefixes):
            self.dataset(f"{arn}/p{prefix}/", f"{name}/p{prefix}", "prefix", number)
            self.edges.append(Edge("PART_OF", NodeId(f"{arn}/p{prefix}/"), NodeId(arn)))
        for call in ("get_bucket_policy", "get_bucket_encryption", "get_public_access_block"):
            self.read(f"s3.{call}/{name}")
        if number % 2:
            statement = {
                "Sid": f"Tls{number}",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
            rows = [statement]
            if number % 10 == 1:
                named = role_arn(self.random.randrange(self.shape.roles))
                rows.append(
                    {
                        "Sid": f"Share{number}",
                        "Effect": "Allow",
                        "Principal": {"AWS": named},
                        "Action": "s3:GetObject",
                        "Resource": f"{arn}/*",
                    }
                )
            self.attach(arn, Role.RESOURCE, _policy(*rows))

    def dataset(self, arn: str, name: str, flavour: str, number: int) -> None:
        props = {
            "name": name,
            "platform": "aws",
            "account": ACCOUNT,
            "region": "eu-west-1",
            "flavour": flavour,
            "block_public": ("RestrictPublicBuckets",),
            "tags": {},
        }
        self.nodes.append(Node(NodeId(arn), "Dataset", props))
        if number % 4:
            self.edges.append(
                Edge("ENCRYPTED_BY", NodeId(arn), NodeId(key_arn(number % self.shape.keys)))
            )


def account(shape: Shape) -> Facts:
    """The facts of a generated account."""
    return _Account(shape).facts()
