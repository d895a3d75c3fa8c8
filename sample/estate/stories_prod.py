"""The stories whose target lies in production and that need no condition."""

from __future__ import annotations

from sample.estate.answer import GITHUB, Story, attached, inline, member, on_resource, said, trusted
from sample.estate.names import (
    DEV,
    PROD,
    bucket_arn,
    function_arn,
    group_arn,
    key_arn,
    policy_arn,
    prefix_arn,
    role_arn,
    root_arn,
    sagemaker_arn,
    user_arn,
)

MODELS = "alderwick-prod-models"
TRIAGE_ROLE = role_arn(PROD, "claims-triage-endpoint", "/sagemaker/")
CORE_ROLE = role_arn(PROD, "pricing-core-endpoint", "/sagemaker/")
ACTUARY_ROLE = role_arn(PROD, "pricing-actuary-notebook", "/sagemaker/")
FRAUD_TRAINING = role_arn(PROD, "payments-fraud-training", "/sagemaker/")
SETTLEMENT = role_arn(PROD, "payments-settlement", "/payments/")
WEBHOOK_ROLE = role_arn(PROD, "claims-webhook", "/functions/")
DATA_READER = role_arn(PROD, "pricing-data-reader", "/shared/")
EXPERIMENTER = role_arn(DEV, "pricing-experimenter", "/pricing/")
CASE_READER = role_arn(PROD, "claims-case-reader", "/claims/")
INTAKE_WRITER = role_arn(PROD, "claims-intake-writer", "/claims/")
MAINTAINER = role_arn(PROD, "policy-maintainer", "/platform/")
TRUST_EDITOR = role_arn(PROD, "trust-editor", "/platform/")
RELEASE = role_arn(PROD, "github-model-release", "/ci/")
FEATURE_SYNC = role_arn(DEV, "pricing-feature-sync", "/pricing/")
PROVIDER = f"arn:aws:iam::{PROD}:oidc-provider/token.actions.githubusercontent.com"

IRMA = user_arn(PROD, "irma.falk", "/contractors/")
JONAS = user_arn(DEV, "jonas.brandt", "/pricing/")
MARTA = user_arn(PROD, "marta.holm", "/support/")
EVA = user_arn(PROD, "eva.lorenz", "/claims/")
ANNA = user_arn(PROD, "anna.dahl", "/claims/")
RETRAINING = user_arn(PROD, "svc-retraining")
RELEASE_BOT = user_arn(PROD, "svc-release-bot")
INTAKE = user_arn(PROD, "svc-claims-intake")
DEPLOY = user_arn(PROD, "svc-deploy")

CONTRACTORS = group_arn(PROD, "ml-contractors")
SUPPORT = group_arn(PROD, "ml-support")
ANALYSTS = group_arn(PROD, "claims-analysts")
UPLOADS = policy_arn(PROD, "contractor-model-uploads", "/ml/")
NOTEBOOK_SUPPORT = policy_arn(PROD, "notebook-support", "/ml/")
CASE_ACCESS = policy_arn(PROD, "claims-case-access", "/claims/")
PLATFORM = policy_arn(PROD, "platform-policy-maintenance", "/platform/")

HISTORY = bucket_arn("alderwick-prod-claims-history")
DOCUMENTS = bucket_arn("alderwick-prod-claims-documents")
LEDGER = bucket_arn("alderwick-prod-payments-ledger")
POLICYHOLDERS = bucket_arn("alderwick-prod-policyholders")


def delegation(key: str) -> tuple[str, str, str]:
    """The statement by which a key of production leaves decisions to the account's policies."""
    return key_arn(PROD, key), "EnableIamPolicies", root_arn(PROD)


POISONING = Story(
    "S01",
    "A contractor's upload becomes the claims history",
    "paths",
    IRMA,
    HISTORY,
    "READ",
    "possible",
    (
        "irma.falk is a member of `ml-contractors`, which may write objects below `claims-triage/` of the model bucket.",
        "The artefact of the model `claims-triage-v7` lies there, and the endpoint `claims-triage` serves that model.",
        "A changed artefact runs in the endpoint's container, which acts as `claims-triage-endpoint`.",
        "That role reads the claims history and may decrypt with its key.",
    ),
    "the model is a scikit-learn archive, whose usual format runs code when it is loaded; nothing pins its hash. The role"
    " carries far more than a scoring container needs.",
    ("ai-artefact-overwrite",),
    (
        prefix_arn(MODELS, "claims-triage/v7/"),
        sagemaker_arn(PROD, "model", "claims-triage-v7"),
        sagemaker_arn(PROD, "endpoint", "claims-triage"),
        TRIAGE_ROLE,
    ),
    cuts=(
        member(IRMA, CONTRACTORS),
        attached(CONTRACTORS, UPLOADS),
        said(UPLOADS, "UploadTriageModels"),
        inline(TRIAGE_ROLE, "serve", "ReadClaimsHistory"),
        inline(TRIAGE_ROLE, "serve", "DecryptClaimsHistory"),
        on_resource(*delegation("claims-data")),
    ),
)
CHAIN = Story(
    "S02",
    "From a data scientist in development to the pricing features of production",
    "paths",
    JONAS,
    bucket_arn("alderwick-prod-pricing-features"),
    "READ",
    "definite",
    (
        "jonas.brandt may assume `pricing-experimenter` in development, whose trust leaves the decision to its account.",
        "`pricing-experimenter` may assume `pricing-data-reader` in production, and that role's trust names it.",
        "`pricing-data-reader` reads the pricing features.",
    ),
    "across accounts both sides must agree, and both do.",
    ("sts-001",),
    (EXPERIMENTER, DATA_READER),
    cuts=(
        inline(JONAS, "experimenter", "BecomeExperimenter"),
        trusted(EXPERIMENTER, "AccountDecides", root_arn(DEV)),
        inline(EXPERIMENTER, "production-features", "BecomeProductionReader"),
        trusted(DATA_READER, "DevExperimenters", EXPERIMENTER),
        inline(DATA_READER, "features", "ReadPricingFeatures"),
    ),
)
TRAINING = Story(
    "S04",
    "The retraining service can read the payments ledger",
    "paths",
    RETRAINING,
    LEDGER,
    "READ",
    "definite",
    (
        "svc-retraining may start training jobs named `payments-fraud-*` with code and image of its choice.",
        "It may pass `payments-fraud-training` to SageMaker, which that role trusts.",
        "The job runs as the role, which reads the ledger and may decrypt with its key.",
    ),
    "a job with a passed role is that role's data access, whatever the service user itself may read.",
    ("sagemaker-002",),
    (f"potential:sagemaker-002/{FRAUD_TRAINING}", FRAUD_TRAINING),
    cuts=(
        inline(RETRAINING, "retraining", "StartFraudTraining"),
        inline(RETRAINING, "retraining", "PassFraudTrainingRole"),
        inline(FRAUD_TRAINING, "train", "ReadLedgerForTraining"),
        inline(FRAUD_TRAINING, "train", "DecryptLedgerForTraining"),
        on_resource(*delegation("payments-data")),
    ),
)
NOTEBOOK = Story(
    "S05",
    "Support opens an actuary's notebook",
    "paths",
    MARTA,
    POLICYHOLDERS,
    "READ",
    "definite",
    (
        "marta.holm is a member of `ml-support`, which may create a presigned URL for any notebook named `pricing-*`.",
        "`pricing-actuary-01` is in service and runs as `pricing-actuary-notebook`.",
        "That role reads the policyholders and may decrypt with their key.",
    ),
    "whoever opens a running notebook runs code as its role.",
    ("sagemaker-004",),
    (sagemaker_arn(PROD, "notebook-instance", "pricing-actuary-01"), ACTUARY_ROLE),
    cuts=(
        member(MARTA, SUPPORT),
        attached(SUPPORT, NOTEBOOK_SUPPORT),
        said(NOTEBOOK_SUPPORT, "OpenPricingNotebooks"),
        inline(ACTUARY_ROLE, "explore", "ReadPolicyholders"),
        inline(ACTUARY_ROLE, "explore", "DecryptPolicyholders"),
        on_resource(*delegation("policyholder-data")),
    ),
)
OWN_POLICY = Story(
    "S07",
    "A maintainer of policies rewrites the one it holds",
    "blast",
    MAINTAINER,
    POLICYHOLDERS,
    "READ",
    "definite",
    (
        "`policy-maintainer` may create versions of every policy below `/platform/`.",
        "The policy that says so lies there itself, is attached to the role and has two versions of five.",
        "A new default version allows everything that the control policies leave.",
    ),
    "creating a version and making it the default is one call.",
    ("iam-001",),
    cuts=(
        said(PLATFORM, "MaintainPlatformPolicies"),
        attached(MAINTAINER, PLATFORM),
        on_resource(*delegation("policyholder-data")),
    ),
)
OWN_USER = Story(
    "S09",
    "The release bot writes its own policy",
    "blast",
    RELEASE_BOT,
    HISTORY,
    "READ",
    "definite",
    (
        "svc-release-bot may put inline policies on the user of its own name (`${aws:username}`).",
        "With a new inline policy it may do everything that the control policies leave.",
    ),
    "the variable was meant to keep the bot within itself; for a policy of one's own that is no limit.",
    ("iam-007",),
    cuts=(
        inline(RELEASE_BOT, "own-policies", "ManageOwnPolicies"),
        on_resource(*delegation("claims-data")),
    ),
)
TRUST = Story(
    "S10",
    "Whoever repairs trust policies becomes the settlement",
    "paths",
    TRUST_EDITOR,
    LEDGER,
    "READ",
    "definite",
    (
        "`trust-editor` may rewrite the trust of every role below `/payments/`.",
        "A trust that names `trust-editor` lets it assume `payments-settlement` without any further permission.",
        "`payments-settlement` reads the ledger and may decrypt with its key.",
    ),
    "in one account a trust that names the caller is enough.",
    ("iam-012",),
    (SETTLEMENT,),
    cuts=(
        inline(TRUST_EDITOR, "repair-trust", "RepairPaymentsTrust"),
        inline(SETTLEMENT, "settle", "ReadLedger"),
        inline(SETTLEMENT, "settle", "DecryptLedger"),
        on_resource(*delegation("payments-data")),
    ),
)
ASSUME = Story(
    "S12",
    "Claims analysts read the claim documents as the case reader",
    "who",
    EVA,
    DOCUMENTS,
    "READ",
    "definite",
    (
        "eva.lorenz is a member of `claims-analysts`, which may assume `claims-case-reader`.",
        "The role's trust names the whole account, so that the account's own policies decide.",
        "`claims-case-reader` reads the claim documents.",
    ),
    "both halves stand: the trust and the permission to assume.",
    ("sts-001",),
    (CASE_READER,),
    cuts=(
        member(EVA, ANALYSTS),
        attached(ANALYSTS, CASE_ACCESS),
        said(CASE_ACCESS, "BecomeCaseReader"),
        trusted(CASE_READER, "AccountDecides", root_arn(PROD)),
        inline(CASE_READER, "documents", "ReadClaimDocuments"),
    ),
)
NAMED = Story(
    "S13",
    "A user without any policy writes to the inbox",
    "paths",
    INTAKE,
    bucket_arn("alderwick-prod-claims-inbox"),
    "WRITE",
    "definite",
    (
        "The trust of `claims-intake-writer` names svc-claims-intake.",
        "`claims-intake-writer` writes to the claims inbox.",
    ),
    "a trust of the same account that names the user itself needs no permission on the user's side.",
    ("sts-001",),
    (INTAKE_WRITER,),
    cuts=(
        trusted(INTAKE_WRITER, "IntakeService", INTAKE),
        inline(INTAKE_WRITER, "inbox", "WriteInbox"),
    ),
)
PIPELINE = Story(
    "S15",
    "Any repository of the company may release pricing models",
    "who",
    GITHUB,
    prefix_arn(MODELS, "pricing-core/"),
    "WRITE",
    "definite",
    (
        "`github-model-release` trusts tokens of GitHub for every repository, branch and pull request of the company.",
        "The role writes objects below `pricing-core/` of the model bucket.",
    ),
    "the subject pattern ends in `*`, so that a workflow in any repository of the company is enough.",
    ("sts-001",),
    (RELEASE,),
    cuts=(
        trusted(RELEASE, "GitHubRepositories", PROVIDER),
        inline(RELEASE, "release", "ReleasePricingModels"),
    ),
)
PIPELINE_POISONING = Story(
    "S16",
    "From any repository into the pricing endpoint",
    "paths",
    GITHUB,
    bucket_arn("alderwick-prod-feature-exports"),
    "READ",
    "possible",
    (
        "As in S15, a workflow writes the artefact of `pricing-core-v12`.",
        "The endpoint `pricing-core` serves that model and acts as `pricing-core-endpoint`.",
        "That role reads the feature exports.",
    ),
    "the model bucket does not tell a release from an overwrite.",
    ("sts-001", "ai-artefact-overwrite"),
    (
        RELEASE,
        prefix_arn(MODELS, "pricing-core/v12/"),
        sagemaker_arn(PROD, "model", "pricing-core-v12"),
        sagemaker_arn(PROD, "endpoint", "pricing-core"),
        CORE_ROLE,
    ),
    cuts=(
        trusted(RELEASE, "GitHubRepositories", PROVIDER),
        inline(RELEASE, "release", "ReleasePricingModels"),
        inline(CORE_ROLE, "serve", "ReadFeatureExports"),
    ),
)
ENCRYPTED = Story(
    "S18",
    "Development reads encrypted trips of production",
    "paths",
    FEATURE_SYNC,
    bucket_arn("alderwick-prod-telematics"),
    "READ",
    "definite",
    (
        "`pricing-feature-sync` in development may read the trips and use their key.",
        "The bucket's policy names the role for reading.",
        "The key's policy names the role for decrypting.",
    ),
    "across accounts the identity, the bucket and the key must all agree; taking one of the four statements away is enough.",
    cuts=(
        inline(FEATURE_SYNC, "trips", "ReadProductionTrips"),
        inline(FEATURE_SYNC, "trips", "DecryptProductionTrips"),
        on_resource(bucket_arn("alderwick-prod-telematics"), "DevFeatureSync", FEATURE_SYNC),
        on_resource(key_arn(PROD, "telematics"), "DevFeatureSyncMayDecrypt", FEATURE_SYNC),
    ),
)
FUNCTION = Story(
    "S24",
    "The deployer's code runs as the claims webhook",
    "paths",
    DEPLOY,
    DOCUMENTS,
    "READ",
    "definite",
    (
        "svc-deploy may replace the code of every function named `claims-*`, and call it.",
        "`claims-webhook` runs as the role of the same name.",
        "That role reads the claim documents.",
    ),
    "new code and a call to it is control of the function.",
    ("lambda-004",),
    (function_arn(PROD, "claims-webhook"), WEBHOOK_ROLE),
    cuts=(
        inline(DEPLOY, "function-releases", "ReleaseClaimsFunctions"),
        inline(WEBHOOK_ROLE, "documents", "ReadIncomingDocuments"),
    ),
)
TWO_WAYS = Story(
    "S26",
    "Two ways to the same documents",
    "paths",
    ANNA,
    DOCUMENTS,
    "READ",
    "definite",
    (
        "An inline policy lets anna.dahl read the claim documents directly.",
        "Beside it stands the way of S12, over `claims-analysts` and `claims-case-reader`.",
    ),
    "taking one of the two away changes nothing for her; the answer to a cut must say which one remains.",
    cuts=(
        inline(ANNA, "audit-sample", "ReadClaimDocumentsDirectly", all_routes=False),
        member(ANNA, ANALYSTS, all_routes=False),
    ),
)

STORIES = (
    POISONING,
    CHAIN,
    TRAINING,
    NOTEBOOK,
    OWN_POLICY,
    OWN_USER,
    TRUST,
    ASSUME,
    NAMED,
    PIPELINE,
    PIPELINE_POISONING,
    ENCRYPTED,
    FUNCTION,
    TWO_WAYS,
)
