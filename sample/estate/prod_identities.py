"""Who may do what in the production account: users, groups and the roles of people and pipelines."""

from __future__ import annotations

from sample.estate import ai_identities
from sample.estate.identities import Group, Identities, ManagedPolicy, Role, User
from sample.estate.names import (
    DEV,
    MANAGEMENT,
    OLD_SANDBOX,
    PROD,
    VENDOR,
    key_arn,
    policy_arn,
    role_arn,
    root_arn,
    sagemaker_arn,
    user_arn,
)
from sample.estate.policy import (
    Json,
    allow,
    decrypt,
    deny,
    document,
    pass_role,
    read_objects,
    trust,
    trust_service,
    write_objects,
)
from sample.estate.prod_service_roles import ROLES as SERVICE_ROLES
from sample.estate.vendor import (
    ADMINISTRATOR,
    CHANGE_PASSWORD,
    POLICIES,
    reserved,
    service_linked,
    standard_roles,
)

MODELS = "alderwick-prod-models"


def _managed(name: str, path: str, *versions: Json) -> ManagedPolicy:
    return ManagedPolicy(PROD, name, versions, path)


UPLOADS = _managed(
    "contractor-model-uploads",
    "/ml/",
    document(
        allow("ListModels", "s3:ListBucket", f"arn:aws:s3:::{MODELS}"),
        write_objects("UploadTriageModels", MODELS, "claims-triage/"),
    ),
)
NOTEBOOK_SUPPORT = _managed(
    "notebook-support",
    "/ml/",
    document(
        allow("SeeNotebooks", ["sagemaker:ListNotebookInstances", "sagemaker:ListTags"], "*"),
        allow(
            "OpenPricingNotebooks",
            ["sagemaker:DescribeNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
            sagemaker_arn(PROD, "notebook-instance", "pricing-*"),
        ),
    ),
)
CASE_ACCESS = _managed(
    "claims-case-access",
    "/claims/",
    document(
        allow(
            "BecomeCaseReader",
            "sts:AssumeRole",
            role_arn(PROD, "claims-case-reader", "/claims/"),
        )
    ),
)
PAYMENTS_CONSOLE = _managed(
    "payments-console",
    "/payments/",
    document(
        allow(
            "ReadLedgerWithMfa",
            "s3:GetObject",
            "arn:aws:s3:::alderwick-prod-payments-ledger/*",
            condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        ),
        decrypt("DecryptLedger", key_arn(PROD, "payments-data")),
    ),
)
PLATFORM_POLICY = policy_arn(PROD, "platform-policy-maintenance", "/platform/")
PLATFORM = _managed(
    "platform-policy-maintenance",
    "/platform/",
    document(allow("ReadPolicies", ["iam:GetPolicy", "iam:GetPolicyVersion"], "*")),
    document(
        allow("ReadPolicies", ["iam:GetPolicy", "iam:GetPolicyVersion"], "*"),
        allow(
            "MaintainPlatformPolicies",
            "iam:CreatePolicyVersion",
            policy_arn(PROD, "*", "/platform/"),
        ),
    ),
)
READ_ONLY_LISTS = _managed(
    "inventory-read",
    "/audit/",
    document(
        allow(
            "ListEverything",
            [
                "iam:Get*",
                "iam:List*",
                "s3:ListAllMyBuckets",
                "s3:GetBucket*",
                "kms:List*",
                "kms:Describe*",
                "sagemaker:List*",
                "lambda:List*",
            ],
            "*",
        )
    ),
)
_CUSTOMER_POLICIES = (
    UPLOADS,
    NOTEBOOK_SUPPORT,
    CASE_ACCESS,
    PAYMENTS_CONSOLE,
    PLATFORM,
    READ_ONLY_LISTS,
)

GROUPS = (
    Group(PROD, "prod-admins", managed=(ADMINISTRATOR,)),
    Group(PROD, "ml-contractors", managed=(UPLOADS.arn,)),
    Group(
        PROD,
        "ml-contractors-suspended",
        inline={"suspended": document(deny("SuspendedUntilRenewal", "*", "*"))},
    ),
    Group(PROD, "ml-support", managed=(NOTEBOOK_SUPPORT.arn,)),
    Group(PROD, "claims-analysts", managed=(CASE_ACCESS.arn,)),
    Group(PROD, "payments-operators", managed=(PAYMENTS_CONSOLE.arn,)),
    Group(PROD, "auditors", managed=(READ_ONLY_LISTS.arn,)),
    Group(
        PROD,
        "no-identity-changes",
        inline={"no-identity-changes": document(deny("NoIdentityChanges", "iam:*", "*"))},
    ),
)


def _person(name: str, path: str, *groups: str, **inline: Json) -> User:
    return User(
        PROD,
        name,
        path,
        groups=groups,
        inline={key.replace("_", "-"): body for key, body in inline.items()},
        managed=(CHANGE_PASSWORD,),
        tags={"email": f"{name}@example.com"},
    )


def _robot(name: str, *groups: str, **inline: Json) -> User:
    return User(
        PROD,
        name,
        groups=groups,
        inline={key.replace("_", "-"): body for key, body in inline.items()},
        tags={"purpose": "service"},
    )


PEOPLE = (
    _person("irma.falk", "/contractors/", "ml-contractors"),
    _person("tomas.reiter", "/contractors/", "ml-contractors", "ml-contractors-suspended"),
    _person(
        "pia.noor",
        "/contractors/",
        candidate_uploads=document(
            write_objects("UploadCandidates", MODELS, "claims-triage-candidates/")
        ),
    ),
    _person("marta.holm", "/support/", "ml-support"),
    _person(
        "nils.berg",
        "/support/",
        underwriting_support=document(
            allow(
                "OpenUnderwritingNotebooks",
                "sagemaker:CreatePresignedNotebookInstanceUrl",
                sagemaker_arn(PROD, "notebook-instance", "underwriting-lab-*"),
            )
        ),
    ),
    _person("eva.lorenz", "/claims/", "claims-analysts"),
    _person(
        "anna.dahl",
        "/claims/",
        "claims-analysts",
        audit_sample=document(
            read_objects("ReadClaimDocumentsDirectly", "alderwick-prod-claims-documents")
        ),
    ),
    _person("felix.roth", "/payments/", "payments-operators"),
    _person("sven.adler", "/audit/", "auditors"),
)
ROBOTS = (
    User(PROD, "break-glass", groups=("prod-admins",), tags={"purpose": "emergency"}, age=1400),
    _robot(
        "svc-retraining",
        retraining=document(
            allow(
                "StartFraudTraining",
                ["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"],
                sagemaker_arn(PROD, "training-job", "payments-fraud-*"),
            ),
            pass_role(
                "PassFraudTrainingRole",
                role_arn(PROD, "payments-fraud-training", "/sagemaker/"),
                "sagemaker",
            ),
        ),
    ),
    _robot(
        "svc-release-bot",
        own_policies=document(
            allow(
                "ManageOwnPolicies",
                ["iam:PutUserPolicy", "iam:GetUserPolicy"],
                f"arn:aws:iam::{PROD}:user/${{aws:username}}",
            )
        ),
    ),
    _robot(
        "svc-rota",
        "no-identity-changes",
        own_policies=document(
            allow("ManageOwnPolicies", "iam:PutUserPolicy", user_arn(PROD, "svc-rota"))
        ),
    ),
    _robot("svc-claims-intake"),
    _robot(
        "svc-deploy",
        function_releases=document(
            allow(
                "ReleaseClaimsFunctions",
                ["lambda:UpdateFunctionCode", "lambda:InvokeFunction", "lambda:GetFunction"],
                f"arn:aws:lambda:eu-west-1:{PROD}:function:claims-*",
            )
        ),
    ),
)


def _role(name: str, path: str, trusted: Json, **inline: Json) -> Role:
    return Role(
        PROD,
        name,
        path,
        trust=trusted,
        inline={key.replace("_", "-"): body for key, body in inline.items()},
    )


ROLES = (
    _role(
        "pricing-data-reader",
        "/shared/",
        trust("DevExperimenters", {"AWS": role_arn(DEV, "pricing-experimenter", "/pricing/")}),
        features=document(read_objects("ReadPricingFeatures", "alderwick-prod-pricing-features")),
    ),
    _role(
        "claims-data-reader",
        "/shared/",
        trust(
            "OldSandboxExperimenters",
            {"AWS": role_arn(OLD_SANDBOX, "claims-experimenter", "/claims/")},
        ),
        images=document(read_objects("ReadClaimsImages", "alderwick-prod-claims-images")),
    ),
    _role(
        "telematics-reader",
        "/shared/",
        trust("DevViewers", {"AWS": role_arn(DEV, "telematics-viewer", "/pricing/")}),
        trips=document(
            read_objects("ReadTrips", "alderwick-prod-telematics"),
            decrypt("DecryptTrips", key_arn(PROD, "telematics")),
        ),
    ),
    _role(
        "claims-case-reader",
        "/claims/",
        trust("AccountDecides", {"AWS": root_arn(PROD)}),
        documents=document(read_objects("ReadClaimDocuments", "alderwick-prod-claims-documents")),
    ),
    _role(
        "claims-intake-writer",
        "/claims/",
        trust("IntakeService", {"AWS": user_arn(PROD, "svc-claims-intake")}),
        inbox=document(write_objects("WriteInbox", "alderwick-prod-claims-inbox")),
    ),
    Role(
        PROD,
        "policy-maintainer",
        "/platform/",
        trust=trust_service("codebuild"),
        managed=(PLATFORM_POLICY,),
    ),
    _role(
        "trust-editor",
        "/platform/",
        trust_service("codebuild"),
        repair_trust=document(
            allow(
                "RepairPaymentsTrust",
                ["iam:UpdateAssumeRolePolicy", "iam:GetRole"],
                role_arn(PROD, "*", "/payments/"),
            )
        ),
    ),
    _role(
        "github-model-release",
        "/ci/",
        trust(
            "GitHubRepositories",
            {"Federated": f"arn:aws:iam::{PROD}:oidc-provider/token.actions.githubusercontent.com"},
            action="sts:AssumeRoleWithWebIdentity",
            condition={
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {
                    "token.actions.githubusercontent.com:sub": "repo:alderwick-insurance/*"
                },
            },
        ),
        release=document(write_objects("ReleasePricingModels", MODELS, "pricing-core/")),
    ),
    _role(
        "vendor-observability",
        "/vendors/",
        trust(
            "ObservabilityVendor",
            {"AWS": root_arn(VENDOR)},
            condition={"StringEquals": {"sts:ExternalId": "alderwick-7f3b"}},
        ),
        metrics=document(
            allow(
                "ReadMetrics",
                ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "sagemaker:ListEndpoints"],
                "*",
            )
        ),
    ),
    _role(
        "claims-medical-reviewer",
        "/claims/",
        trust_service("ecs-tasks"),
        reports=document(
            read_objects("ReadMedicalReports", "alderwick-prod-medical-reports"),
            decrypt("DecryptMedicalReports", key_arn(PROD, "medical")),
        ),
    ),
    _role(
        "legal-hold-clerk",
        "/claims/",
        trust_service("ecs-tasks"),
        holds=document(read_objects("ReadLegalHolds", "alderwick-prod-legal-holds")),
    ),
    _role(
        "reinsurance-analyst",
        "/pricing/",
        trust_service("ecs-tasks"),
        treaties=document(read_objects("ReadTreaties", "alderwick-prod-reinsurance")),
    ),
    _role(
        "ml-workbench",
        "/platform/",
        trust_service("ecs-tasks"),
        workbench=document(
            allow(
                "CreateWorkbenches",
                [
                    "sagemaker:CreateNotebookInstance",
                    "sagemaker:CreatePresignedNotebookInstanceUrl",
                ],
                sagemaker_arn(PROD, "notebook-instance", "workbench-*"),
            ),
            pass_role(
                "PassActuaryRole",
                role_arn(PROD, "pricing-actuary-notebook", "/sagemaker/"),
                "sagemaker",
            ),
        ),
    ),
    _role(
        "quality-sampler",
        "/claims/",
        trust_service("ecs-tasks"),
        samples=document(read_objects("SamplePolicyholders", "alderwick-prod-policyholders")),
    ),
    Role(
        PROD,
        "quote-sampler",
        "/pricing/",
        trust=trust_service("ecs-tasks"),
        inline={"quotes": document(read_objects("ReadQuotes", "alderwick-prod-quote-events"))},
        boundary=policy_arn(PROD, "ml-boundary", "/boundaries/"),
    ),
    Role(
        PROD,
        "OrganizationAccountAccessRole",
        trust=trust("ManagementAccount", {"AWS": root_arn(MANAGEMENT)}),
        managed=(ADMINISTRATOR,),
        idle=210,
        age=1400,
    ),
    *standard_roles(PROD),
    reserved(
        PROD,
        "ModelReader",
        inline=document(
            allow("SeeModels", ["sagemaker:List*", "sagemaker:Describe*"], "*"),
            read_objects("ReadModels", MODELS),
        ),
    ),
    service_linked(
        PROD, "sagemaker", "AmazonSageMakerNotebooks", "AmazonSageMakerNotebooksServiceRolePolicy"
    ),
    *SERVICE_ROLES,
)

# Serves only as a boundary, so the authorization details leave it out: what it allows stays unread.
_BOUNDARY = _managed(
    "ml-boundary",
    "/boundaries/",
    document(allow("Workloads", ["s3:*", "kms:*", "sagemaker:*", "logs:*"], "*")),
)

IDENTITIES = Identities(
    PROD,
    (*PEOPLE, *ROBOTS, *ai_identities.USERS),
    GROUPS,
    (*ROLES, *ai_identities.ROLES),
    (*_CUSTOMER_POLICIES, _BOUNDARY, *POLICIES),
)
