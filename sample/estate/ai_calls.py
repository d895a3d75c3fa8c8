"""The calls about Studio, the registry, images, agents, access points, key grants and replication of production."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from sample.estate.ai_identities import STUDIO
from sample.estate.names import (
    DEV,
    PROD,
    REGION,
    accesspoint_arn,
    bedrock_arn,
    bucket_arn,
    function_arn,
    hexdigest,
    key_arn,
    key_id,
    repository_arn,
    role_arn,
    root_arn,
    sagemaker_arn,
    short_id,
    when,
)
from sample.estate.policy import Json, allow, document
from sample.estate.snapshot import GLOBAL, Call

AGENT = short_id("agent:claims-assistant")
KNOWLEDGE = short_id("knowledge-base:claims-assist")
SOURCE = short_id("data-source:help-articles")
LOOKUP = short_id("action-group:lookup")
SCANS = "alderwick-prod-claims-scans"


def _said(
    operation: str, page: Json, argument: str = "", *, region: str = REGION, items: int = 1
) -> Call:
    return Call(PROD, region, operation, argument, pages=(page,), items=items)


def _listed(operation: str, member: str, *rows: Json, argument: str = "") -> Call:
    return _said(operation, {member: list(rows)}, argument, items=len(rows))


def calls() -> Iterator[Call]:
    """All of them; what is not said here is empty."""
    yield from _studio()
    yield from _registry()
    yield from _images()
    yield from _agent()
    yield from _knowledge()
    yield from _access_points()
    yield from _grants()
    yield from _replication()


def _studio() -> Iterator[Call]:
    arn = sagemaker_arn(PROD, "domain", STUDIO)
    head: Json = {
        "DomainArn": arn,
        "DomainId": STUDIO,
        "DomainName": "alderwick-studio",
        "Status": "InService",
        "CreationTime": when(300, arn),
        "LastModifiedTime": when(40, arn),
    }
    yield _listed("sagemaker.list_domains", "Domains", head)
    settings: Json = {"ExecutionRole": role_arn(PROD, "studio-default", "/sagemaker/")}
    yield _said(
        "sagemaker.describe_domain",
        {
            **head,
            "HomeEfsFileSystemId": f"fs-{hexdigest(arn, 17)}",
            "AuthMode": "IAM",
            "DefaultUserSettings": settings,
            "DefaultSpaceSettings": settings,
            "AppNetworkAccessType": "VpcOnly",
            "SubnetIds": [f"subnet-{hexdigest(PROD + 'subnet', 17)}"],
            "VpcId": f"vpc-{hexdigest(PROD + 'vpc', 17)}",
        },
        STUDIO,
    )
    profiles = {"maya-klein": None, "intern-01": role_arn(PROD, "studio-intern", "/sagemaker/")}
    yield _listed(
        "sagemaker.list_user_profiles",
        "UserProfiles",
        *(
            {"DomainId": STUDIO, "UserProfileName": name, "Status": "InService"}
            for name in profiles
        ),
    )
    for name, role in profiles.items():
        own = sagemaker_arn(PROD, "user-profile", f"{STUDIO}/{name}")
        page: Json = {
            "DomainId": STUDIO,
            "UserProfileArn": own,
            "UserProfileName": name,
            "Status": "InService",
            "CreationTime": when(200, own),
            "LastModifiedTime": when(30, own),
            "UserSettings": {} if role is None else {"ExecutionRole": role},
        }
        yield _said("sagemaker.describe_user_profile", page, f"{STUDIO}|{name}")


def _package(group: str, number: int, status: str, data: str) -> tuple[Json, Json]:
    """A model package as its group lists it and as it is described."""
    arn = sagemaker_arn(PROD, "model-package", f"{group}/{number}")
    head: Json = {
        "ModelPackageGroupName": group,
        "ModelPackageVersion": number,
        "ModelPackageArn": arn,
        "CreationTime": when(90 - 20 * number, arn),
        "ModelPackageStatus": "Completed",
        "ModelApprovalStatus": status,
    }
    container: Json = {
        "Image": "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1",
        "ModelDataUrl": data,
    }
    return head, {**head, "InferenceSpecification": {"Containers": [container]}}


def _registry() -> Iterator[Call]:
    groups = {
        name: sagemaker_arn(PROD, "model-package-group", name)
        for name in ("churn-score", "lapse-score")
    }
    yield _listed(
        "sagemaker.list_model_package_groups",
        "ModelPackageGroupSummaryList",
        *(
            {
                "ModelPackageGroupName": name,
                "ModelPackageGroupArn": arn,
                "CreationTime": when(150, arn),
                "ModelPackageGroupStatus": "Completed",
            }
            for name, arn in groups.items()
        ),
    )
    for name in groups:
        made = [
            _package(name, number, status, f"s3://alderwick-prod-models/{name}/v{number}/m.tar.gz")
            for number, status in ((1, "Approved"), (2, "PendingManualApproval"))
        ]
        yield _listed(
            "sagemaker.list_model_packages",
            "ModelPackageSummaryList",
            *(head for head, _ in made),
            argument=f"ModelPackageGroupName|{name}",
        )
        for head, page in made:
            yield _said("sagemaker.describe_model_package", page, str(head["ModelPackageArn"]))


def _images() -> Iterator[Call]:
    rows: list[Json] = [
        {
            "repositoryArn": repository_arn(PROD, name),
            "registryId": PROD,
            "repositoryName": name,
            "repositoryUri": f"{PROD}.dkr.ecr.{REGION}.amazonaws.com/{name}",
            "createdAt": when(400, name),
            "imageTagMutability": "MUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfiguration": {"encryptionType": "AES256"},
        }
        for name in ("fraud-serving", "letter-scoring", "settlement")
    ]
    yield _listed("ecr.describe_repositories", "repositories", *rows)


def _agent() -> Iterator[Call]:
    arn = bedrock_arn(PROD, "agent", AGENT)
    head: Json = {
        "agentId": AGENT,
        "agentName": "claims-assistant",
        "agentStatus": "PREPARED",
        "updatedAt": when(12, arn),
        "latestAgentVersion": "1",
    }
    yield _listed("bedrock-agent.list_agents", "agentSummaries", head)
    agent: Json = {
        **head,
        "agentArn": arn,
        "agentVersion": "DRAFT",
        "agentResourceRoleArn": role_arn(PROD, "claims-assistant", "/agents/"),
        "foundationModel": "anthropic.claude-3-haiku-20240307-v1:0",
        "idleSessionTTLInSeconds": 600,
        "createdAt": when(100, arn),
    }
    yield _said("bedrock-agent.get_agent", {"agent": agent}, AGENT)
    draft = f"{AGENT}|DRAFT"
    group: Json = {
        "actionGroupId": LOOKUP,
        "actionGroupName": "lookup",
        "actionGroupState": "ENABLED",
        "updatedAt": when(12, LOOKUP),
    }
    yield _listed(
        "bedrock-agent.list_agent_action_groups", "actionGroupSummaries", group, argument=draft
    )
    described: Json = {
        **group,
        "agentId": AGENT,
        "agentVersion": "DRAFT",
        "createdAt": when(100, LOOKUP),
        "actionGroupExecutor": {"lambda": function_arn(PROD, "assist-lookup")},
    }
    yield _said(
        "bedrock-agent.get_agent_action_group",
        {"agentActionGroup": described},
        f"{draft}|{LOOKUP}",
    )
    knows: Json = {
        "knowledgeBaseId": KNOWLEDGE,
        "knowledgeBaseState": "ENABLED",
        "updatedAt": when(12, KNOWLEDGE),
        "description": "Help articles",
    }
    yield _listed(
        "bedrock-agent.list_agent_knowledge_bases",
        "agentKnowledgeBaseSummaries",
        knows,
        argument=draft,
    )


def _knowledge() -> Iterator[Call]:
    arn = bedrock_arn(PROD, "knowledge-base", KNOWLEDGE)
    head: Json = {
        "knowledgeBaseId": KNOWLEDGE,
        "name": "claims-assist",
        "status": "ACTIVE",
        "updatedAt": when(9, arn),
    }
    yield _listed("bedrock-agent.list_knowledge_bases", "knowledgeBaseSummaries", head)
    base: Json = {
        **head,
        "knowledgeBaseArn": arn,
        "roleArn": role_arn(PROD, "claims-assist-knowledge", "/agents/"),
        "knowledgeBaseConfiguration": {
            "type": "VECTOR",
            "vectorKnowledgeBaseConfiguration": {
                "embeddingModelArn": f"arn:aws:bedrock:{REGION}::foundation-model/amazon.titan-embed-text-v2:0"
            },
        },
        "createdAt": when(110, arn),
    }
    yield _said("bedrock-agent.get_knowledge_base", {"knowledgeBase": base}, KNOWLEDGE)
    source: Json = {
        "knowledgeBaseId": KNOWLEDGE,
        "dataSourceId": SOURCE,
        "name": "help-articles",
        "status": "AVAILABLE",
        "updatedAt": when(9, SOURCE),
    }
    yield _listed(
        "bedrock-agent.list_data_sources", "dataSourceSummaries", source, argument=KNOWLEDGE
    )
    described: Json = {
        **source,
        "dataSourceConfiguration": {
            "type": "S3",
            "s3Configuration": {
                "bucketArn": bucket_arn("alderwick-prod-help-articles"),
                "inclusionPrefixes": ["published/"],
            },
        },
        "createdAt": when(110, SOURCE),
    }
    yield _said("bedrock-agent.get_data_source", {"dataSource": described}, f"{KNOWLEDGE}|{SOURCE}")


def _access_points() -> Iterator[Call]:
    name = "scans-indexing"
    arn = accesspoint_arn(PROD, name)
    row: Json = {
        "Name": name,
        "NetworkOrigin": "Internet",
        "Bucket": SCANS,
        "BucketAccountId": PROD,
        "AccessPointArn": arn,
        "Alias": f"{name}-{hexdigest(arn, 30)}-s3alias",
    }
    yield _listed("s3control.list_access_points", "AccessPointList", row)
    # Naming the account leaves the decision to its identities; a user named here would need no statement of its own.
    policy = document(
        allow(
            "AccountDecides",
            "s3:GetObject",
            f"{arn}/object/*",
            principal={"AWS": root_arn(PROD)},
        )
    )
    yield _said("s3control.get_access_point_policy", {"Policy": json.dumps(policy)}, name)


def _grants() -> Iterator[Call]:
    key = key_arn(PROD, "annuities")
    granted: Json = {
        "KeyId": key,
        "GrantId": hexdigest(f"grant:{key}", 64),
        "Name": "statements",
        "CreationDate": when(70, key),
        "GranteePrincipal": role_arn(PROD, "annuity-statements", "/functions/"),
        "IssuingAccount": f"arn:aws:iam::{PROD}:root",
        "Operations": ["Decrypt", "DescribeKey"],
    }
    page: Json = {"Grants": [granted], "Truncated": False}
    yield _said("kms.list_grants", page, key_id(PROD, "annuities"))


def _replication() -> Iterator[Call]:
    rule: Json = {
        "ID": "quotes-for-pricing",
        "Priority": 1,
        "Filter": {},
        "Status": "Enabled",
        "Destination": {"Bucket": bucket_arn("alderwick-dev-quote-copy"), "Account": DEV},
        "DeleteMarkerReplication": {"Status": "Disabled"},
    }
    held: Json = {
        "ReplicationConfiguration": {
            "Role": role_arn(PROD, "quote-replication", "/replication/"),
            "Rules": [rule],
        }
    }
    yield _said("s3.get_bucket_replication", held, "alderwick-prod-quote-events", region=GLOBAL)


GRANT = hexdigest(f"grant:{key_arn(PROD, 'annuities')}", 64)
DIGEST = "sha256:" + base64.b16encode(b"letter-scoring-2026-08-pinned-01").decode().lower()
