"""How the use of actions is recorded: no action is taken for a management event that no event would be named after."""

from __future__ import annotations

from functools import cache

import botocore.session
import pytest

from access.aws.catalogue import known_actions
from access.aws.recorded import Recorded, data_type, recorded
from ingest.aws.events import event_table

MODELS = {
    "bedrock": (
        "bedrock",
        "bedrock-agent",
        "bedrock-agent-runtime",
        "bedrock-data-automation",
        "bedrock-data-automation-runtime",
        "bedrock-runtime",
    ),
    "bedrock-agentcore": ("bedrock-agentcore", "bedrock-agentcore-control"),
    "cloudformation": ("cloudcontrol", "cloudformation"),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "elasticmapreduce": ("emr",),
    "kinesisanalytics": ("kinesisanalytics", "kinesisanalyticsv2"),
    "lambda": ("lambda", "lambda-core", "lambda-microvms", "lambda-web"),
    "s3": ("s3", "s3control"),
    "sagemaker": (
        "sagemaker",
        "sagemaker-a2i-runtime",
        "sagemaker-featurestore-runtime",
        "sagemaker-metrics",
        "sagemaker-runtime",
    ),
    "sso": ("sso", "sso-admin", "sso-oidc"),
    "states": ("stepfunctions",),
}


@cache
def _operations(service: str) -> set[str]:
    session = botocore.session.get_session()
    known = set(session.get_available_services())
    named = [name for name in MODELS.get(service, (service,)) if name in known]
    found: set[str] = set()
    for name in named:
        found |= set(session.get_service_model(name).operation_names)
    return {name.lower() for name in found}


@pytest.mark.parametrize("service", sorted({one.partition(":")[0] for one in known_actions()}))
def test_an_action_that_shows_is_an_operation_or_what_an_event_stands_for(service: str) -> None:
    shown = {
        action.partition(":")[2]
        for action in known_actions()
        if action.startswith(f"{service}:") and recorded(action) is Recorded.MANAGEMENT
    }
    told = {action for rows in event_table().actions.get(service, {}).values() for action in rows}
    operations = _operations(service)

    assert operations or not shown
    assert {name for name in shown - told if name.lower() not in operations} == set()


def test_what_no_event_is_named_after_is_no_operation() -> None:
    silent = {one for one in known_actions() if recorded(one) is Recorded.NOWHERE}
    named = {
        one for one in silent if one.partition(":")[2].lower() in _operations(one.partition(":")[0])
    }
    tags = {
        one for one in named if one.partition(":")[2].startswith(("AddTags", "CreateTags", "Tag"))
    }

    assert named - tags == {
        "lambda:GetLayerVersion",
        "lambda:GetLayerVersionPolicy",
        *(
            f"s3:{name}"
            for name in ("GetObjectTagging", "PutBucketAcl", "PutBucketOwnershipControls")
        ),
        *(f"s3:{name}" for name in ("PutBucketTagging", "PutBucketVersioning", "PutObjectAcl")),
        *(
            f"s3:{name}"
            for name in ("PutObjectLegalHold", "PutObjectRetention", "PutObjectTagging")
        ),
    }


@pytest.mark.parametrize(
    ("action", "how"),
    [
        ("s3:GetObject", Recorded.DATA),
        ("s3:ListBucket", Recorded.DATA),
        ("s3:PutBucketPolicy", Recorded.MANAGEMENT),
        ("s3:ListAllMyBuckets", Recorded.MANAGEMENT),
        ("s3:GetObjectVersion", Recorded.NOWHERE),
        ("s3:PutObjectAcl", Recorded.NOWHERE),
        ("iam:PassRole", Recorded.NOWHERE),
        ("sts:TagSession", Recorded.NOWHERE),
        ("sts:AssumeRole", Recorded.MANAGEMENT),
        ("sagemaker:AddTags", Recorded.NOWHERE),
        ("sagemaker:InvokeEndpointAsync", Recorded.DATA),
        ("sagemaker:UpdateEndpoint", Recorded.MANAGEMENT),
        ("lambda:InvokeFunction", Recorded.DATA),
        ("bedrock:InvokeAgent", Recorded.DATA),
        ("kms:Decrypt", Recorded.MANAGEMENT),
        ("secretsmanager:GetSecretValue", Recorded.MANAGEMENT),
    ],
)
def test_the_use_of_an_action_shows_where_the_platform_writes_it(
    action: str, how: Recorded
) -> None:
    assert recorded(action) is how


def test_a_model_that_is_called_asynchronously_shows_in_data_events_only() -> None:
    model = "arn:aws:bedrock:eu-west-1::foundation-model/"

    assert recorded("bedrock:InvokeModel", f"{model}anthropic.claude") is Recorded.MANAGEMENT
    assert recorded("bedrock:InvokeModel", f"{model}amazon.nova-reel-v1:0") is Recorded.DATA
    assert recorded("bedrock:InvokeModel") is Recorded.DATA


def test_data_events_have_the_type_that_selectors_name() -> None:
    assert data_type("s3:GetObject") == "AWS::S3::Object"
    assert data_type("sagemaker:PutRecord") == "AWS::SageMaker::FeatureGroup"
    assert data_type("s3:PutBucketPolicy") == ""
