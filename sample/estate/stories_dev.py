"""The stories whose target lies in development."""

from __future__ import annotations

from sample.estate.answer import (
    BROKER_ACCOUNT,
    EVERYONE,
    Story,
    attached,
    inline,
    member,
    on_resource,
    said,
)
from sample.estate.names import (
    BROKER,
    DEV,
    bucket_arn,
    group_arn,
    policy_arn,
    role_arn,
    root_arn,
    sagemaker_arn,
    user_arn,
)

LENA = user_arn(DEV, "lena.arnold", "/pricing/")
PAUL = user_arn(DEV, "paul.winter", "/claims/")
IDA = user_arn(DEV, "ida.kern", "/helpdesk/")
HUGO = user_arn(DEV, "hugo.stein", "/platform/")
YARA = user_arn(DEV, "yara.quint", "/fraud/")
BUILDERS = group_arn(DEV, "dev-notebook-builders")
CONSUMERS = group_arn(DEV, "model-consumers")
SELF_SERVICE = policy_arn(DEV, "notebook-self-service", "/ml/")
OWN_TEAM = policy_arn(DEV, "endpoints-of-own-team", "/ml/")
HELPDESK = policy_arn(DEV, "helpdesk-groups", "/helpdesk/")
FEATURE_ENGINEER = role_arn(DEV, "feature-engineer", "/sagemaker/")
FRAUD_LAB = role_arn(DEV, "fraud-lab-notebook", "/sagemaker/")
ETL = role_arn(DEV, "etl-loader", "/functions/")
RUNNER = role_arn(DEV, "pipeline-runner", "/pipelines/")
EXTRACT = bucket_arn("alderwick-dev-customer-extract")

STORIES = (
    Story(
        "S03",
        "A notebook of one's own, as somebody else",
        "blast",
        LENA,
        EXTRACT,
        "READ",
        "definite",
        (
            "lena.arnold is a member of `dev-notebook-builders`, which may create and open notebooks named `ds-*`.",
            "It may pass every role below `/sagemaker/` to SageMaker.",
            "`feature-engineer` lies there, trusts SageMaker and reads the customer extract.",
        ),
        "the path of the role was meant as a filing place and became a permission.",
        ("sagemaker-001",),
        (f"potential:sagemaker-001/{FEATURE_ENGINEER}", FEATURE_ENGINEER),
        cuts=(
            member(LENA, BUILDERS),
            attached(BUILDERS, SELF_SERVICE),
            said(SELF_SERVICE, "CreateOwnNotebooks"),
            said(SELF_SERVICE, "PassNotebookRoles"),
            inline(FEATURE_ENGINEER, "features", "ReadCustomerExtract"),
        ),
    ),
    Story(
        "S06",
        "A function of one's own, as the loader",
        "paths",
        PAUL,
        bucket_arn("alderwick-dev-partner-drop"),
        "READ",
        "definite",
        (
            "paul.winter may create and call functions named `etl-*`.",
            "He may pass `etl-loader` to Lambda, which that role trusts.",
            "`etl-loader` reads what partners drop.",
        ),
        "a new function with a passed role is that role.",
        ("lambda-001",),
        (f"potential:lambda-001/{ETL}", ETL),
        cuts=(
            inline(PAUL, "etl-functions", "CreateEtlFunctions"),
            inline(PAUL, "etl-functions", "PassEtlRole"),
            inline(ETL, "load", "ReadPartnerDrop"),
        ),
    ),
    Story(
        "S08",
        "The pipeline writes its own policy",
        "blast",
        RUNNER,
        EXTRACT,
        "READ",
        "definite",
        (
            "`pipeline-runner` may put inline policies on itself.",
            "With a new inline policy it may do everything that the control policies leave.",
        ),
        "a role that manages its own policies is an administrator of its account.",
        ("iam-005",),
        cuts=(inline(RUNNER, "own-policies", "ManageOwnPolicies"),),
    ),
    Story(
        "S11",
        "The helpdesk joins the administrators",
        "blast",
        IDA,
        EXTRACT,
        "READ",
        "definite",
        (
            "ida.kern may add users to every group of the development account.",
            "She adds herself to `dev-admins`, whose policy allows everything.",
        ),
        "whoever decides on a membership holds what the group holds.",
        ("iam-013",),
        cuts=(attached(IDA, HELPDESK), said(HELPDESK, "ManageMembership")),
    ),
    Story(
        "S14",
        "Demo assets open to everyone",
        "who",
        EVERYONE,
        bucket_arn("alderwick-dev-demo-assets"),
        "READ",
        "definite",
        (
            "The policy of the bucket allows everyone to read its objects.",
            "Neither the bucket nor the account blocks public policies.",
        ),
        "nothing stands between the internet and the objects.",
        cuts=(on_resource(bucket_arn("alderwick-dev-demo-assets"), "AnyoneReads", "*"),),
    ),
    Story(
        "S17",
        "The broker's account reads and writes the exchange",
        "who",
        BROKER_ACCOUNT,
        bucket_arn("alderwick-dev-partner-exchange"),
        "WRITE",
        "definite",
        (
            "The policy of the bucket names the account of the broker, which is no member of the organisation.",
            "Whoever that account lets may read and overwrite the objects.",
        ),
        "the foreign account hands the access on as it likes.",
        cuts=(
            on_resource(
                bucket_arn("alderwick-dev-partner-exchange"), "BrokerExchanges", root_arn(BROKER)
            ),
        ),
    ),
    Story(
        "S25",
        "A start script decides what a notebook runs",
        "paths",
        HUGO,
        bucket_arn("alderwick-dev-fraud-samples"),
        "READ",
        "definite",
        (
            "hugo.stein may rewrite the lifecycle configurations named `bootstrap-*`.",
            "`bootstrap-proxy` runs as root at each start of the notebook `fraud-lab`.",
            "The notebook runs as `fraud-lab-notebook`, which reads the fraud samples.",
        ),
        "the script is code of the notebook, whoever keeps it.",
        ("sm-lifecycle-update",),
        (
            sagemaker_arn(DEV, "notebook-instance-lifecycle-config", "bootstrap-proxy"),
            sagemaker_arn(DEV, "notebook-instance", "fraud-lab"),
            FRAUD_LAB,
        ),
        cuts=(
            inline(HUGO, "bootstrap", "MaintainBootstrapScripts"),
            inline(FRAUD_LAB, "samples", "ReadFraudSamples"),
        ),
    ),
    Story(
        "S27",
        "The fraud team calls the endpoint of its team",
        "who",
        YARA,
        sagemaker_arn(DEV, "endpoint", "fraud-scorer"),
        "INVOKE",
        "definite",
        (
            "yara.quint is a member of `model-consumers`, which may call endpoints whose tag `team` equals the caller's.",
            "Both carry `team = fraud`, and both tags were read.",
        ),
        "the tags decide, and nobody has to guess.",
        cuts=(
            member(YARA, CONSUMERS),
            attached(CONSUMERS, OWN_TEAM),
            said(OWN_TEAM, "InvokeEndpointsOfOwnTeam"),
        ),
    ),
)
