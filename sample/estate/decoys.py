"""What looks like a story and is none."""

from __future__ import annotations

from sample.estate.answer import BROKER_ACCOUNT, EVERYONE, Decoy
from sample.estate.names import (
    DEV,
    PROD,
    bucket_arn,
    prefix_arn,
    role_arn,
    sagemaker_arn,
    user_arn,
)

EXTRACT = bucket_arn("alderwick-dev-customer-extract")
POLICYHOLDERS = bucket_arn("alderwick-prod-policyholders")

DECOYS = (
    Decoy(
        "D01",
        "A user that may write its own policy, under a Deny",
        user_arn(PROD, "svc-rota"),
        bucket_arn("alderwick-prod-claims-history"),
        "READ",
        "S09",
        "the group `no-identity-changes` denies `iam:*`, and a Deny stands above every Allow. The user may not leave the group.",
    ),
    Decoy(
        "D02",
        "A role that may read all objects, within a boundary",
        role_arn(DEV, "reporting-batch", "/batch/"),
        EXTRACT,
        "READ",
        "a direct grant",
        "its permissions boundary allows the objects of `alderwick-dev-reports` only; the wide Allow counts no further than that.",
    ),
    Decoy(
        "D03",
        "A workbench with a strong role, against the control policy",
        role_arn(PROD, "ml-workbench", "/platform/"),
        POLICYHOLDERS,
        "READ",
        "S03",
        "creating a notebook and passing `pricing-actuary-notebook` are both allowed, but the control policy of the unit"
        " Production denies `sagemaker:CreateNotebookInstance`.",
    ),
    Decoy(
        "D04",
        "The reserves, without the key",
        role_arn(DEV, "reserving-sync", "/pricing/"),
        bucket_arn("alderwick-prod-reserving"),
        "READ",
        "S18",
        "identity and bucket agree, but the key's policy names production only. Across accounts the own permission to decrypt"
        " is not enough.",
    ),
    Decoy(
        "D05",
        "The script of a job that is over",
        user_arn(DEV, "svc-churn-ci"),
        bucket_arn("alderwick-dev-churn-data"),
        "READ",
        "S25",
        "the training job whose script may be overwritten has completed and nothing starts it again.",
    ),
    Decoy(
        "D06",
        "A role that may be passed, to another service",
        user_arn(DEV, "rosa.engel", "/payments/"),
        bucket_arn("alderwick-dev-ledger-copy"),
        "READ",
        "S06",
        "the role trusts Lambda and functions may be created, but it may be passed to Glue only, where the user may do nothing.",
    ),
    Decoy(
        "D07",
        "A role that may be assumed, by its namesake",
        role_arn(DEV, "claims-experimenter", "/claims/"),
        bucket_arn("alderwick-prod-claims-images"),
        "READ",
        "S02",
        "the trust of `claims-data-reader` names a role of the same name in `888888888888`, a sandbox that left the organisation.",
    ),
    Decoy(
        "D08",
        "A public policy behind a public access block",
        EVERYONE,
        bucket_arn("alderwick-dev-static-reports"),
        "READ",
        "S14",
        "all four public access blocks of the bucket are on, so that its public policy opens nothing to anyone outside the account.",
    ),
    Decoy(
        "D09",
        "An upload beside the model",
        user_arn(PROD, "pia.noor", "/contractors/"),
        sagemaker_arn(PROD, "endpoint", "claims-triage"),
        "WRITE",
        "S01",
        "the grant is on `claims-triage-candidates/`; the model lies below `claims-triage/`. The names begin alike, the places"
        " are two.",
    ),
    Decoy(
        "D10",
        "A contractor who is suspended",
        user_arn(PROD, "tomas.reiter", "/contractors/"),
        prefix_arn("alderwick-prod-models", "claims-triage/"),
        "WRITE",
        "S01",
        "the same group as in S01, but a second membership carries a Deny of everything.",
    ),
    Decoy(
        "D11",
        "A trust without a permission",
        role_arn(DEV, "telematics-viewer", "/pricing/"),
        bucket_arn("alderwick-prod-telematics"),
        "READ",
        "S02",
        "`telematics-reader` in production trusts the role, but the role itself may not assume it; across accounts both sides"
        " must agree.",
    ),
    Decoy(
        "D12",
        "A notebook that does not run",
        user_arn(PROD, "nils.berg", "/support/"),
        bucket_arn("alderwick-prod-underwriting"),
        "READ",
        "S05",
        "`underwriting-lab-01` is stopped, and the user may not start it.",
    ),
    Decoy(
        "D13",
        "A foreign account behind a resource control policy",
        BROKER_ACCOUNT,
        bucket_arn("alderwick-prod-broker-exchange"),
        "READ",
        "S17",
        "the bucket's policy names the broker, but the resource control policy of the unit Production denies everyone outside"
        " the organisation.",
    ),
    Decoy(
        "D14",
        "The wrong team",
        user_arn(DEV, "timo.brand", "/pricing/"),
        sagemaker_arn(DEV, "endpoint", "fraud-scorer"),
        "INVOKE",
        "S27",
        "the same group and policy as in S27, but the caller's tag says `pricing`, the endpoint's `fraud`; he may change neither.",
    ),
    Decoy(
        "D15",
        "A role that manages memberships",
        role_arn(DEV, "group-sync", "/directory/"),
        EXTRACT,
        "READ",
        "S11",
        "only users can be members of a group; a role cannot add itself.",
    ),
    Decoy(
        "D16",
        "The trust of a reserved role",
        role_arn(DEV, "sso-trust-tidy", "/directory/"),
        EXTRACT,
        "READ",
        "S10",
        "the policy names the roles of Identity Center, but AWS lets nobody change those through IAM.",
    ),
    Decoy(
        "D17",
        "A policy that one may rewrite but does not hold",
        role_arn(DEV, "report-policy-author", "/reporting/"),
        EXTRACT,
        "READ",
        "S07",
        "the policies below `/reporting/` are attached to another role, which the author may neither assume nor pass.",
    ),
    Decoy(
        "D18",
        "A grant that has run out",
        user_arn(DEV, "gita.moor", "/contractors/"),
        EXTRACT,
        "READ",
        "a direct grant",
        "the statement holds until 1 July 2026, and the snapshot is of November.",
    ),
    Decoy(
        "D19",
        "The policyholders, without the key",
        role_arn(PROD, "quality-sampler", "/claims/"),
        POLICYHOLDERS,
        "READ",
        "S05",
        "the role may read the objects but not decrypt with their key; the key's policy leaves that to the role's own policies,"
        " and they are silent.",
    ),
)

NOTES = (
    "The notebook `underwriting-lab-01` is owned by `ralf.tann@example.com`, an address that no user carries any more.",
    "The same notebook was last changed 148 days before the snapshot, and is stopped.",
    "`alderwick-dev-customer-extract` is a copy of customer data in development, with the classification `restricted`.",
    "The buckets `sagemaker-eu-west-1-*` were made by the service; nobody tagged them.",
    "`anna.dahl` has a user in both member accounts, with the same address.",
    "`claims-data-reader` (D07) is open to an account outside the organisation; so is `vendor-observability`, by an external id.",
    "The keys `broker-portal` (disabled) and `legacy-exports` (pending deletion) protect nothing that is listed.",
    "`payments-fraud-v3` runs an image of its own by the mutable tag `latest`.",
    "`OrganizationAccountAccessRole` of both member accounts trusts the management account and was not used for months.",
)
