"""Who may do what in the development account."""

from __future__ import annotations

from sample.estate import ai_identities
from sample.estate.identities import Group, Identities, ManagedPolicy, Role, User
from sample.estate.names import (
    DEV,
    MANAGEMENT,
    PROD,
    group_arn,
    key_arn,
    policy_arn,
    role_arn,
    root_arn,
    sagemaker_arn,
)
from sample.estate.policy import (
    Json,
    allow,
    decrypt,
    document,
    pass_role,
    read_objects,
    trust,
    trust_service,
    write_objects,
)
from sample.estate.vendor import (
    ADMINISTRATOR,
    CHANGE_PASSWORD,
    FUNCTION_LOGS,
    POLICIES,
    reserved,
    service_linked,
    standard_roles,
)

EXTRACT = "alderwick-dev-customer-extract"


def _managed(name: str, path: str, *versions: Json) -> ManagedPolicy:
    return ManagedPolicy(DEV, name, versions, path)


SELF_SERVICE = _managed(
    "notebook-self-service",
    "/ml/",
    document(
        allow(
            "CreateOwnNotebooks",
            [
                "sagemaker:CreateNotebookInstance",
                "sagemaker:CreatePresignedNotebookInstanceUrl",
                "sagemaker:DescribeNotebookInstance",
            ],
            sagemaker_arn(DEV, "notebook-instance", "ds-*"),
        ),
        pass_role("PassNotebookRoles", role_arn(DEV, "*", "/sagemaker/"), "sagemaker"),
    ),
)
CONSUMERS = _managed(
    "endpoints-of-own-team",
    "/ml/",
    document(
        allow(
            "InvokeEndpointsOfOwnTeam",
            "sagemaker:InvokeEndpoint",
            sagemaker_arn(DEV, "endpoint", "*"),
            condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
        )
    ),
)
EXPERIMENTS = _managed(
    "experiments",
    "/ml/",
    document(
        allow("SeeJobs", ["sagemaker:ListTrainingJobs", "sagemaker:DescribeTrainingJob"], "*"),
        read_objects("ReadExperiments", "alderwick-dev-experiments"),
        write_objects("WriteExperiments", "alderwick-dev-experiments"),
        allow("UseExperimentsKey", ["kms:Decrypt", "kms:GenerateDataKey"], key_arn(DEV, "dev-ml")),
    ),
)
HELPDESK = _managed(
    "helpdesk-groups",
    "/helpdesk/",
    document(
        allow("SeeGroups", ["iam:ListGroups", "iam:GetGroup"], "*"),
        allow("ManageMembership", "iam:AddUserToGroup", group_arn(DEV, "*")),
    ),
)
BATCH_LIMITS = _managed(
    "batch-limits",
    "/boundaries/",
    document(
        allow(
            "ReportsAndLogsOnly",
            ["s3:GetObject", "s3:PutObject"],
            "arn:aws:s3:::alderwick-dev-reports/*",
        ),
        allow("Logs", "logs:*", "*"),
    ),
)
REPORTING = _managed(
    "dev-reporting-read",
    "/reporting/",
    document(read_objects("ReadReports", "alderwick-dev-reports")),
)
_CUSTOMER_POLICIES = (SELF_SERVICE, CONSUMERS, EXPERIMENTS, HELPDESK, BATCH_LIMITS, REPORTING)

GROUPS = (
    Group(DEV, "dev-admins", managed=(ADMINISTRATOR,)),
    Group(DEV, "dev-notebook-builders", managed=(SELF_SERVICE.arn,)),
    Group(DEV, "data-scientists", managed=(EXPERIMENTS.arn,)),
    Group(DEV, "model-consumers", managed=(CONSUMERS.arn,)),
    Group(
        DEV,
        "billing-readers",
        "/readers/",
        inline={"costs": document(allow("ReadCosts", "ce:GetCostAndUsage", "*"))},
    ),
)


def _person(name: str, path: str, *groups: str, team: str | None = None, **inline: Json) -> User:
    tags = {"email": f"{name}@example.com"}
    if team is not None:
        tags["team"] = team
    return User(
        DEV,
        name,
        path,
        groups=groups,
        inline={key.replace("_", "-"): body for key, body in inline.items()},
        managed=(CHANGE_PASSWORD,),
        tags=tags,
        age=300,
    )


PEOPLE = (
    _person("lena.arnold", "/pricing/", "dev-notebook-builders"),
    _person(
        "jonas.brandt",
        "/pricing/",
        "data-scientists",
        experimenter=document(
            allow(
                "BecomeExperimenter",
                "sts:AssumeRole",
                role_arn(DEV, "pricing-experimenter", "/pricing/"),
            )
        ),
    ),
    _person("anna.dahl", "/claims/", "data-scientists"),
    _person(
        "paul.winter",
        "/claims/",
        etl_functions=document(
            allow(
                "CreateEtlFunctions",
                ["lambda:CreateFunction", "lambda:InvokeFunction"],
                f"arn:aws:lambda:eu-west-1:{DEV}:function:etl-*",
            ),
            pass_role("PassEtlRole", role_arn(DEV, "etl-loader", "/functions/"), "lambda"),
        ),
    ),
    _person(
        "rosa.engel",
        "/payments/",
        report_functions=document(
            allow(
                "CreateReportFunctions",
                ["lambda:CreateFunction", "lambda:InvokeFunction"],
                f"arn:aws:lambda:eu-west-1:{DEV}:function:report-*",
            ),
            pass_role("PassLedgerRoleToGlue", role_arn(DEV, "ledger-etl", "/functions/"), "glue"),
        ),
    ),
    User(
        DEV,
        "ida.kern",
        "/helpdesk/",
        managed=(HELPDESK.arn,),
        tags={"email": "ida.kern@example.com"},
        age=300,
    ),
    _person(
        "olaf.prien",
        "/helpdesk/",
        reader_groups=document(
            allow("ManageReaders", "iam:AddUserToGroup", group_arn(DEV, "*", "/readers/"))
        ),
    ),
    _person(
        "hugo.stein",
        "/platform/",
        bootstrap=document(
            allow(
                "MaintainBootstrapScripts",
                [
                    "sagemaker:DescribeNotebookInstanceLifecycleConfig",
                    "sagemaker:UpdateNotebookInstanceLifecycleConfig",
                ],
                sagemaker_arn(DEV, "notebook-instance-lifecycle-config", "bootstrap-*"),
            )
        ),
    ),
    _person("yara.quint", "/fraud/", "model-consumers", team="fraud"),
    _person("timo.brand", "/pricing/", "model-consumers", team="pricing"),
    _person(
        "gita.moor",
        "/contractors/",
        audit_until_june=document(
            allow(
                "ReadExtractUntilJune",
                "s3:GetObject",
                f"arn:aws:s3:::{EXTRACT}/*",
                condition={"DateLessThan": {"aws:CurrentTime": "2026-07-01T00:00:00Z"}},
            )
        ),
    ),
)
ROBOTS = (
    User(DEV, "dev-oncall", groups=("dev-admins",), tags={"purpose": "emergency"}, age=900),
    User(
        DEV,
        "svc-churn-ci",
        inline={
            "churn-code": document(write_objects("UploadChurnCode", "alderwick-dev-code", "churn/"))
        },
        tags={"purpose": "service"},
    ),
)


def _role(name: str, path: str, trusted: Json, **inline: Json) -> Role:
    return Role(
        DEV,
        name,
        path,
        trust=trusted,
        inline={key.replace("_", "-"): body for key, body in inline.items()},
        age=350,
    )


_TELEMATICS = "alderwick-prod-telematics"
_RESERVING = "alderwick-prod-reserving"

ROLES = (
    _role(
        "pricing-experimenter",
        "/pricing/",
        trust("AccountDecides", {"AWS": root_arn(DEV)}),
        production_features=document(
            allow(
                "BecomeProductionReader",
                "sts:AssumeRole",
                role_arn(PROD, "pricing-data-reader", "/shared/"),
            )
        ),
    ),
    _role(
        "claims-experimenter",
        "/claims/",
        trust_service("ecs-tasks"),
        production_images=document(
            allow(
                "BecomeProductionReader",
                "sts:AssumeRole",
                role_arn(PROD, "claims-data-reader", "/shared/"),
            )
        ),
    ),
    _role(
        "telematics-viewer",
        "/pricing/",
        trust_service("ecs-tasks"),
        dashboards=document(read_objects("ReadDashboards", "alderwick-dev-reports")),
    ),
    _role(
        "pricing-feature-sync",
        "/pricing/",
        trust_service("glue"),
        trips=document(
            read_objects("ReadProductionTrips", _TELEMATICS),
            decrypt("DecryptProductionTrips", key_arn(PROD, "telematics")),
        ),
    ),
    _role(
        "reserving-sync",
        "/pricing/",
        trust_service("glue"),
        reserves=document(
            read_objects("ReadProductionReserves", _RESERVING),
            decrypt("DecryptProductionReserves", key_arn(PROD, "reserving")),
        ),
    ),
    _role(
        "notebook-basic",
        "/sagemaker/",
        trust_service("sagemaker"),
        scratch=document(
            read_objects("ReadScratch", "alderwick-dev-notebook-scratch"),
            write_objects("WriteScratch", "alderwick-dev-notebook-scratch"),
        ),
    ),
    _role(
        "feature-engineer",
        "/sagemaker/",
        trust_service("sagemaker"),
        features=document(read_objects("ReadCustomerExtract", EXTRACT)),
    ),
    _role(
        "fraud-lab-notebook",
        "/sagemaker/",
        trust_service("sagemaker"),
        samples=document(read_objects("ReadFraudSamples", "alderwick-dev-fraud-samples")),
    ),
    _role(
        "dev-endpoint",
        "/sagemaker/",
        trust_service("sagemaker"),
        serve=document(read_objects("LoadModels", "alderwick-dev-models")),
    ),
    _role(
        "churn-training",
        "/training/",
        trust_service("sagemaker"),
        train=document(
            read_objects("ReadChurnData", "alderwick-dev-churn-data"),
            read_objects("ReadChurnCode", "alderwick-dev-code", "churn/"),
        ),
    ),
    _role(
        "pipeline-runner",
        "/pipelines/",
        trust_service("codebuild"),
        own_policies=document(
            allow(
                "ManageOwnPolicies",
                ["iam:PutRolePolicy", "iam:GetRolePolicy"],
                role_arn(DEV, "pipeline-runner", "/pipelines/"),
            )
        ),
    ),
    Role(
        DEV,
        "etl-loader",
        "/functions/",
        trust=trust_service("lambda"),
        inline={"load": document(read_objects("ReadPartnerDrop", "alderwick-dev-partner-drop"))},
        managed=(FUNCTION_LOGS,),
        age=350,
    ),
    _role(
        "ledger-etl",
        "/functions/",
        trust_service("lambda", "glue"),
        load=document(read_objects("ReadLedgerCopy", "alderwick-dev-ledger-copy")),
    ),
    Role(
        DEV,
        "dev-functions",
        "/functions/",
        trust=trust_service("lambda"),
        managed=(FUNCTION_LOGS,),
        age=350,
    ),
    Role(
        DEV,
        "reporting-batch",
        "/batch/",
        trust=trust_service("ecs-tasks"),
        inline={"read-all": document(allow("ReadAllObjects", "s3:GetObject", "*"))},
        boundary=BATCH_LIMITS.arn,
        age=350,
    ),
    Role(
        DEV,
        "report-writer",
        "/batch/",
        trust=trust_service("ecs-tasks"),
        managed=(BATCH_LIMITS.arn,),
        age=350,
    ),
    Role(
        DEV,
        "reporting",
        "/reporting/",
        trust=trust_service("glue"),
        managed=(REPORTING.arn,),
        age=350,
    ),
    _role(
        "report-policy-author",
        "/reporting/",
        trust_service("codebuild"),
        author=document(
            allow(
                "MaintainReportingPolicies",
                ["iam:CreatePolicyVersion", "iam:GetPolicyVersion"],
                policy_arn(DEV, "*", "/reporting/"),
            )
        ),
    ),
    _role(
        "group-sync",
        "/directory/",
        trust_service("ecs-tasks"),
        sync=document(allow("SyncMembership", "iam:AddUserToGroup", group_arn(DEV, "*"))),
    ),
    _role(
        "sso-trust-tidy",
        "/directory/",
        trust_service("ecs-tasks"),
        tidy=document(
            allow(
                "TidyReservedTrust",
                "iam:UpdateAssumeRolePolicy",
                f"arn:aws:iam::{DEV}:role/aws-reserved/*",
            )
        ),
    ),
    Role(
        DEV,
        "OrganizationAccountAccessRole",
        trust=trust("ManagementAccount", {"AWS": root_arn(MANAGEMENT)}),
        managed=(ADMINISTRATOR,),
        idle=96,
        age=1300,
    ),
    *standard_roles(DEV),
    reserved(
        DEV,
        "DataScientist",
        inline=document(
            allow("SeeWorkloads", ["sagemaker:List*", "sagemaker:Describe*"], "*"),
            read_objects("ReadSyntheticClaims", "alderwick-dev-claims-synthetic"),
        ),
    ),
    service_linked(
        DEV, "sagemaker", "AmazonSageMakerNotebooks", "AmazonSageMakerNotebooksServiceRolePolicy"
    ),
)

IDENTITIES = Identities(
    DEV,
    (*PEOPLE, *ROBOTS, *ai_identities.DEV_USERS),
    GROUPS,
    ROLES,
    (*_CUSTOMER_POLICIES, *POLICIES),
)
