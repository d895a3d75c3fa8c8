"""The stories and decoys that turn on AI primitives: one of each sort."""

from __future__ import annotations

from sample.estate.ai_calls import AGENT, GRANT, KNOWLEDGE, SCANS
from sample.estate.ai_identities import STUDIO
from sample.estate.answer import Decoy, Story, inline, on_grant, on_resource
from sample.estate.names import (
    DEV,
    PROD,
    bedrock_arn,
    bucket_arn,
    function_arn,
    key_arn,
    prefix_arn,
    repository_arn,
    role_arn,
    sagemaker_arn,
    user_arn,
)

ASSISTANT = bedrock_arn(PROD, "agent", AGENT)
ANNUITIES = bucket_arn("alderwick-prod-annuities")
UNDERWRITING = bucket_arn("alderwick-prod-underwriting")
LOOKUP_ROLE = role_arn(PROD, "assist-lookup", "/functions/")
FRAUD_ROLE = role_arn(PROD, "payments-fraud-endpoint", "/sagemaker/")
STUDIO_ROLE = role_arn(PROD, "studio-default", "/sagemaker/")
STATEMENTS = role_arn(PROD, "annuity-statements", "/functions/")
MAYA = sagemaker_arn(PROD, "user-profile", f"{STUDIO}/maya-klein")
LARS = user_arn(PROD, "lars.winter", "/support/")
OLA = user_arn(PROD, "ola.frei", "/content/")
VERA = user_arn(PROD, "vera.lind", "/ml/")
IMAGES = user_arn(PROD, "svc-image-ci")
ASSIST = user_arn(PROD, "svc-assist-deploy")
INDEXER = user_arn(PROD, "svc-scan-indexer")
TIMO = user_arn(DEV, "timo.ahrens", "/pricing/")
COPY = bucket_arn("alderwick-dev-quote-copy")

STORIES = (
    Story(
        "S28",
        "Support opens Studio as somebody whose profile has no role of its own",
        "paths",
        LARS,
        UNDERWRITING,
        "READ",
        "definite",
        (
            "lars.winter may create a presigned URL for every user profile of the Studio domain.",
            "The profile `maya-klein` names no execution role, so that the domain's default role `studio-default` runs it.",
            "That role reads the underwriting files.",
        ),
        "a profile without a role is not one without rights: it has those of the domain's default.",
        ("sm-presigned-domain",),
        (MAYA, STUDIO_ROLE),
        cuts=(
            inline(LARS, "studio-support", "OpenStudio"),
            inline(STUDIO_ROLE, "explore", "ReadUnderwritingInStudio"),
        ),
    ),
    Story(
        "S29",
        "Whoever pushes the image is the fraud endpoint",
        "paths",
        IMAGES,
        bucket_arn("alderwick-prod-fraud-signals"),
        "READ",
        "conditional",
        (
            "svc-image-ci may push images to the repository `fraud-serving`.",
            "The model `payments-fraud-v3` names the image by the tag `latest`, which a push moves.",
            "The endpoint `payments-fraud` runs it as `payments-fraud-endpoint`, which reads the fraud signals.",
        ),
        "a tag is a promise of whoever may push; only a digest is the image itself. An endpoint holds on to the image until"
        " it is deployed anew: this is the condition.",
        ("ai-image-push",),
        (
            repository_arn(PROD, "fraud-serving"),
            sagemaker_arn(PROD, "endpoint", "payments-fraud"),
            FRAUD_ROLE,
        ),
        ("deployed anew",),
        cuts=(
            inline(IMAGES, "fraud-images", "PushFraudImages"),
            inline(FRAUD_ROLE, "serve", "ReadFraudSignals"),
        ),
    ),
    Story(
        "S30",
        "A help article speaks through the claims assistant",
        "paths",
        OLA,
        ASSISTANT,
        "WRITE",
        "definite",
        (
            "ola.frei publishes help articles below `published/`.",
            "The knowledge base `claims-assist` takes its content from there.",
            "The agent `claims-assistant` answers from the knowledge base.",
        ),
        "whoever writes what an agent reads writes what it says; it shows in answers, so the steps are indirect.",
        ("ai-kb-source",),
        (
            prefix_arn("alderwick-prod-help-articles", "published/"),
            bedrock_arn(PROD, "knowledge-base", KNOWLEDGE),
        ),
        cuts=(inline(OLA, "help-articles", "PublishHelpArticles"),),
    ),
    Story(
        "S31",
        "The code behind the assistant's action reads claim documents",
        "paths",
        ASSIST,
        bucket_arn("alderwick-prod-claims-documents"),
        "READ",
        "definite",
        (
            "svc-assist-deploy may replace the code of `assist-lookup`, and may not call it.",
            "The agent `claims-assistant` calls that function for its users.",
            "The function runs as the role of the same name, which reads the claim documents.",
        ),
        "the agent starts the new code, so that the deployer need not.",
        ("lambda-003",),
        (function_arn(PROD, "assist-lookup"), LOOKUP_ROLE),
        cuts=(
            inline(ASSIST, "assist-releases", "ReleaseLookup"),
            inline(LOOKUP_ROLE, "lookup", "LookUpDocuments"),
        ),
    ),
    Story(
        "S32",
        "An approval decides what the churn endpoint answers",
        "paths",
        VERA,
        sagemaker_arn(PROD, "endpoint", "churn-score"),
        "WRITE",
        "conditional",
        (
            "vera.lind may change the approval of every version of `churn-score`.",
            "The endpoint `churn-score` serves a model that was made from a version of that group.",
        ),
        "whether a new approval is deployed by itself is not written anywhere that is read: this is the condition.",
        ("ai-registry-stage",),
        (sagemaker_arn(PROD, "model-package-group", "churn-score"),),
        ("newly approved version",),
        cuts=(inline(VERA, "approvals", "ApproveChurnModels"),),
    ),
    Story(
        "S33",
        "The copy in development opens the quotes of production",
        "paths",
        TIMO,
        COPY,
        "READ",
        "definite",
        (
            "The bucket of quote events in production replicates into `alderwick-dev-quote-copy` of development.",
            "timo.ahrens of development reads the copy.",
        ),
        "nobody in development may read production, and nobody needs to.",
        cuts=(inline(TIMO, "quote-copy", "ReadQuoteCopy"),),
    ),
    Story(
        "S34",
        "Past the bucket's policy by an access point",
        "paths",
        INDEXER,
        bucket_arn(SCANS),
        "READ",
        "definite",
        (
            "The bucket's policy denies every read that does not come through an access point of the account.",
            "The access point `scans-indexing` leaves the decision to the account's identities.",
            "svc-scan-indexer's own policy allows it to read through that access point.",
        ),
        "the bucket leaves the decision to its access points.",
        cuts=(
            inline(INDEXER, "scans", "ReadScansByAccessPoint"),
            on_resource(bucket_arn(SCANS), "AccessPointsDecide", "*"),
        ),
    ),
    Story(
        "S35",
        "A key that only a grant allows",
        "paths",
        STATEMENTS,
        ANNUITIES,
        "READ",
        "definite",
        (
            "`annuity-statements` may read the annuities, which are under a key.",
            "The key's policy neither names the role nor leaves the decision to the account.",
            "A grant on the key lets the role decrypt.",
        ),
        "grants stand beside the policy and are found in neither console page of the role.",
        cuts=(
            inline(STATEMENTS, "statements", "ReadAnnuities"),
            on_grant(key_arn(PROD, "annuities"), GRANT, STATEMENTS),
        ),
    ),
)

DECOYS = (
    Decoy(
        "D20",
        "A Studio profile with a small role of its own",
        user_arn(PROD, "hanna.voss", "/support/"),
        UNDERWRITING,
        "READ",
        "S28",
        "only profiles named `intern-*` may be opened, and the one that there is has a role of its own instead of the default.",
    ),
    Decoy(
        "D21",
        "A push beside an image that is named by digest",
        user_arn(PROD, "svc-base-images"),
        bucket_arn("alderwick-prod-policy-pdfs"),
        "READ",
        "S29",
        "the model of the endpoint `letter-scoring` names its image by digest: what is pushed later is another image.",
    ),
    Decoy(
        "D22",
        "Drafts that nobody reads from",
        user_arn(PROD, "ida.brun", "/content/"),
        ASSISTANT,
        "WRITE",
        "S30",
        "the knowledge base takes `published/` only; drafts lie beside it.",
    ),
    Decoy(
        "D23",
        "The code of a function that nothing calls",
        user_arn(PROD, "svc-archive-deploy"),
        bucket_arn("alderwick-prod-claims-images"),
        "READ",
        "S31",
        "`assist-archive` is no action of the agent, has no trigger, and its deployer may not call it.",
    ),
    Decoy(
        "D24",
        "An approval that no endpoint follows",
        user_arn(PROD, "noah.beck", "/ml/"),
        sagemaker_arn(PROD, "endpoint", "churn-score"),
        "WRITE",
        "S32",
        "versions of `lapse-score` are deployed nowhere.",
    ),
    Decoy(
        "D25",
        "Notes beside the copy",
        user_arn(DEV, "mila.ott", "/pricing/"),
        COPY,
        "READ",
        "S33",
        "`alderwick-dev-quote-copy-notes` is another bucket; the names begin alike.",
    ),
    Decoy(
        "D26",
        "The same bucket, without the access point",
        user_arn(PROD, "svc-scan-mirror"),
        bucket_arn(SCANS),
        "READ",
        "S34",
        "the bucket's policy denies what does not come through an access point, whatever the user's own policy allows.",
    ),
    Decoy(
        "D27",
        "The same key, without the grant",
        role_arn(PROD, "annuity-archive", "/functions/"),
        ANNUITIES,
        "READ",
        "S35",
        "its own policy allows to decrypt, but the key's policy does not leave the decision to the account, and no grant names it.",
    ),
)
