"""Who turns on the AI primitives of production: Studio, registry, images, agents, access points and key grants."""

from __future__ import annotations

from sample.estate.identities import Role, User
from sample.estate.names import (
    DEV,
    PROD,
    accesspoint_arn,
    function_arn,
    key_arn,
    repository_arn,
    sagemaker_arn,
)
from sample.estate.policy import (
    Json,
    allow,
    decrypt,
    document,
    read_objects,
    trust_service,
    write_objects,
)
from sample.estate.vendor import CHANGE_PASSWORD, FUNCTION_LOGS

STUDIO = "d-ald3rw1ckst1"
PUSH = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
]


def _person(account: str, name: str, path: str, policy: str, *statements: Json) -> User:
    return User(
        account,
        name,
        path,
        inline={policy: document(*statements)},
        managed=(CHANGE_PASSWORD,),
        tags={"email": f"{name}@example.com"},
    )


def _robot(name: str, policy: str, *statements: Json) -> User:
    return User(PROD, name, inline={policy: document(*statements)}, tags={"purpose": "service"})


def _open_studio(sid: str, profiles: str) -> Json:
    return allow(
        sid,
        "sagemaker:CreatePresignedDomainUrl",
        sagemaker_arn(PROD, "user-profile", f"{STUDIO}/{profiles}"),
    )


def _approve(sid: str, group: str) -> Json:
    return allow(
        sid,
        ["sagemaker:UpdateModelPackage", "sagemaker:DescribeModelPackage"],
        sagemaker_arn(PROD, "model-package", f"{group}/*"),
    )


def _push(sid: str, repository: str) -> tuple[Json, Json]:
    return (
        allow("SignIn", "ecr:GetAuthorizationToken", "*"),
        allow(sid, PUSH, repository_arn(PROD, repository)),
    )


def _update(sid: str, function: str) -> Json:
    return allow(
        sid,
        ["lambda:UpdateFunctionCode", "lambda:GetFunction"],
        function_arn(PROD, function),
    )


USERS = (
    _person(PROD, "lars.winter", "/support/", "studio-support", _open_studio("OpenStudio", "*")),
    _person(
        PROD, "hanna.voss", "/support/", "studio-interns", _open_studio("OpenInterns", "intern-*")
    ),
    _person(
        PROD,
        "ola.frei",
        "/content/",
        "help-articles",
        write_objects("PublishHelpArticles", "alderwick-prod-help-articles", "published/"),
    ),
    _person(
        PROD,
        "ida.brun",
        "/content/",
        "help-drafts",
        write_objects("WriteDrafts", "alderwick-prod-help-articles", "drafts/"),
    ),
    _person(PROD, "vera.lind", "/ml/", "approvals", _approve("ApproveChurnModels", "churn-score")),
    _person(PROD, "noah.beck", "/ml/", "approvals", _approve("ApproveLapseModels", "lapse-score")),
    _robot("svc-image-ci", "fraud-images", *_push("PushFraudImages", "fraud-serving")),
    _robot("svc-base-images", "base-images", *_push("PushBaseImages", "letter-scoring")),
    _robot("svc-assist-deploy", "assist-releases", _update("ReleaseLookup", "assist-lookup")),
    _robot("svc-archive-deploy", "archive-releases", _update("ReleaseArchive", "assist-archive")),
    _robot(
        "svc-scan-indexer",
        "scans",
        allow(
            "ReadScansByAccessPoint",
            "s3:GetObject",
            f"{accesspoint_arn(PROD, 'scans-indexing')}/object/*",
        ),
    ),
    _robot("svc-scan-mirror", "scans", read_objects("ReadScans", "alderwick-prod-claims-scans")),
)
DEV_USERS = (
    _person(
        DEV,
        "timo.ahrens",
        "/pricing/",
        "quote-copy",
        read_objects("ReadQuoteCopy", "alderwick-dev-quote-copy"),
    ),
    _person(
        DEV,
        "mila.ott",
        "/pricing/",
        "quote-copy",
        read_objects("ReadQuoteCopyNotes", "alderwick-dev-quote-copy-notes"),
    ),
)


def _runs(name: str, path: str, service: str, policy: str, *statements: Json) -> Role:
    return Role(
        PROD,
        name,
        path,
        trust=trust_service(service),
        inline={policy: document(*statements)} if statements else {},
        managed=(FUNCTION_LOGS,) if service == "lambda" else (),
        tags={"managed-by": "terraform"},
    )


ANNUITIES = "alderwick-prod-annuities"
ROLES = (
    _runs(
        "studio-default",
        "/sagemaker/",
        "sagemaker",
        "explore",
        read_objects("ReadUnderwritingInStudio", "alderwick-prod-underwriting"),
    ),
    _runs(
        "studio-intern",
        "/sagemaker/",
        "sagemaker",
        "explore",
        read_objects("ReadTariffs", "alderwick-prod-tariffs"),
    ),
    _runs(
        "churn-score-endpoint",
        "/sagemaker/",
        "sagemaker",
        "serve",
        read_objects("LoadChurnModel", "alderwick-prod-models", "churn-score/"),
    ),
    _runs(
        "letter-scoring-endpoint",
        "/sagemaker/",
        "sagemaker",
        "serve",
        read_objects("ReadPdfs", "alderwick-prod-policy-pdfs"),
    ),
    _runs(
        "claims-assistant",
        "/agents/",
        "bedrock",
        "assist",
        allow(
            "AskTheModel",
            "bedrock:InvokeModel",
            "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
        ),
    ),
    _runs(
        "claims-assist-knowledge",
        "/agents/",
        "bedrock",
        "knowledge",
        read_objects("ReadHelpArticles", "alderwick-prod-help-articles", "published/"),
    ),
    _runs(
        "assist-lookup",
        "/functions/",
        "lambda",
        "lookup",
        read_objects("LookUpDocuments", "alderwick-prod-claims-documents"),
    ),
    _runs(
        "assist-archive",
        "/functions/",
        "lambda",
        "archive",
        read_objects("ReadClosedClaims", "alderwick-prod-claims-images"),
    ),
    _runs(
        "quote-replication",
        "/replication/",
        "s3",
        "replicate",
        read_objects("ReadQuotes", "alderwick-prod-quote-events"),
        allow(
            "WriteQuoteCopy",
            ["s3:ReplicateObject", "s3:ReplicateTags"],
            "arn:aws:s3:::alderwick-dev-quote-copy/*",
        ),
    ),
    _runs(
        "annuity-statements",
        "/functions/",
        "lambda",
        "statements",
        read_objects("ReadAnnuities", ANNUITIES),
    ),
    _runs(
        "annuity-archive",
        "/functions/",
        "lambda",
        "archive",
        read_objects("ReadAnnuitiesToo", ANNUITIES),
        decrypt("DecryptAnnuities", key_arn(PROD, "annuities")),
    ),
    _runs("annuity-custody", "/platform/", "codebuild", "custody"),
)
