"""Moto's server as a stand-in for AWS, and an estate that boto3 builds on it.

What moto does differently from AWS, as far as these tests touch it: a new bucket has no default encryption (AWS has
one), listings of models are never paged, AWS managed policies are absent, and what it lacks is answered with 500 or 404.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from browser import served
from wire.canned import READ, ROLE, TRUST

REGION = "eu-west-1"


@contextmanager
def moto() -> Iterator[str]:
    """The address of a server of its own; without moto the test is skipped, in CI it fails."""
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        reason = "moto's server is not installed: `scripts/bootstrap` installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    command = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}")
    with served(command, ready="Running on") as running:
        yield running.url


@dataclass(frozen=True)
class Estate:
    """What was built."""

    home: str
    member: str
    unit: str
    policy: str
    key: str


def allow(actions: list[str], resource: str | list[str]) -> str:
    """A policy of one statement."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _session(url: str, credentials: dict[str, str] | None = None) -> Any:
    """What makes clients for one account."""
    told = credentials or {"AccessKeyId": "AKIAHOME", "SecretAccessKey": "s", "SessionToken": "t"}

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=url,
            region_name=REGION,
            aws_access_key_id=told["AccessKeyId"],
            aws_secret_access_key=told["SecretAccessKey"],
            aws_session_token=told["SessionToken"],
        )

    return client


def built(url: str) -> Estate:
    """The estate: an organisation of two accounts, workloads in the first, data in both."""
    home = _session(url)
    member, unit, policy = _organization(home("organizations"))
    account = home("sts").get_caller_identity()["Account"]
    role = f"arn:aws:iam::{member}:role/{ROLE}"
    entered = home("sts").assume_role(RoleArn=role, RoleSessionName="build")["Credentials"]
    key = _data(home, account)
    _workloads(home, account, key)
    _member(_session(url, entered), account)
    return Estate(account, member, unit, policy, key)


def _organization(client: Any) -> tuple[str, str, str]:
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    outer = client.create_organizational_unit(ParentId=root, Name="workloads")["OrganizationalUnit"]
    unit = client.create_organizational_unit(ParentId=outer["Id"], Name="ai")["OrganizationalUnit"][
        "Id"
    ]
    made = client.create_account(Email="ai@example.com", AccountName="ai")
    member = made["CreateAccountStatus"]["AccountId"]
    client.move_account(AccountId=member, SourceParentId=root, DestinationParentId=unit)
    client.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    statement = {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}
    policy = client.create_policy(
        Content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        Description="buckets stay",
        Name="buckets-stay",
        Type="SERVICE_CONTROL_POLICY",
    )["Policy"]["PolicySummary"]["Id"]
    client.attach_policy(PolicyId=policy, TargetId=unit)
    return member, unit, policy


def _bucket(client: Any, name: str, reader: str) -> None:
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    statement = {
        "Sid": "Readers",
        "Effect": "Allow",
        "Principal": {"AWS": reader},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    client.put_bucket_policy(Bucket=name, Policy=json.dumps(document))


def _data(home: Any, account: str) -> str:
    iam = home("iam")
    iam.create_role(RoleName="notebook-role", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(
        RoleName="notebook-role", PolicyName="read", PolicyDocument=json.dumps(READ)
    )
    iam.create_user(UserName="ana")
    notebook = f"arn:aws:sagemaker:{REGION}:{account}:notebook-instance/research"
    iam.put_user_policy(
        UserName="ana",
        PolicyName="open-notebook",
        PolicyDocument=allow(["sagemaker:CreatePresignedNotebookInstanceUrl"], notebook),
    )
    iam.create_user(UserName="bob")
    _bucket(home("s3"), "training-data", f"arn:aws:iam::{account}:role/notebook-role")
    key = home("kms").create_key(Description="models")["KeyMetadata"]["KeyId"]
    home("kms").create_alias(AliasName="alias/models", TargetKeyId=key)
    return str(key)


def _workloads(home: Any, account: str, key: str) -> None:
    sagemaker, role = home("sagemaker"), f"arn:aws:iam::{account}:role/notebook-role"
    sagemaker.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName="start", OnStart=[{"Content": "ZWNobyBoaQ=="}]
    )
    sagemaker.create_notebook_instance(
        NotebookInstanceName="research",
        InstanceType="ml.t3.medium",
        RoleArn=role,
        KmsKeyId=key,
        LifecycleConfigName="start",
        Tags=[{"Key": "owner", "Value": "ana@example.com"}],
    )
    for name in ("ranker", "reader"):
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=role,
            PrimaryContainer={
                "Image": f"{account}.dkr.ecr.{REGION}.amazonaws.com/serve:1",
                "ModelDataUrl": f"s3://training-data/{name}/model.tar.gz",
            },
        )
    sagemaker.create_endpoint_config(
        EndpointConfigName="ranker-1",
        ProductionVariants=[
            {
                "VariantName": "all",
                "ModelName": "ranker",
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName="ranker", EndpointConfigName="ranker-1")


def _member(member: Any, home: str) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{home}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    member("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    _bucket(member("s3"), "member-models", f"arn:aws:iam::{home}:role/notebook-role")
