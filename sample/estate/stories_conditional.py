"""The stories that depend on an open condition, or on something that was not read."""

from __future__ import annotations

from sample.estate.answer import Story, attached, inline, member, on_resource, said
from sample.estate.names import PROD, bucket_arn, group_arn, policy_arn, role_arn, user_arn
from sample.estate.stories_prod import LEDGER, delegation

FELIX = user_arn(PROD, "felix.roth", "/payments/")
OPERATORS = group_arn(PROD, "payments-operators")
CONSOLE = policy_arn(PROD, "payments-console", "/payments/")

STORIES = (
    Story(
        "S19",
        "The ledger, with a second factor",
        "paths",
        FELIX,
        LEDGER,
        "READ",
        "conditional",
        (
            "felix.roth is a member of `payments-operators`.",
            "Its policy allows reading the ledger when the session was opened with a second factor.",
        ),
        "whether the session has a second factor is neither in the graph nor the caller's to set freely.",
        conditions=("aws:MultiFactorAuthPresent",),
        cuts=(
            member(FELIX, OPERATORS),
            attached(OPERATORS, CONSOLE),
            said(CONSOLE, "ReadLedgerWithMfa"),
            said(CONSOLE, "DecryptLedger"),
            on_resource(*delegation("payments-data")),
        ),
    ),
    Story(
        "S20",
        "The treaties, from the office network",
        "paths",
        role_arn(PROD, "reinsurance-analyst", "/pricing/"),
        bucket_arn("alderwick-prod-reinsurance"),
        "READ",
        "conditional",
        (
            "`reinsurance-analyst` reads the treaties.",
            "The bucket's policy denies everything that does not come from the office network.",
        ),
        "where a request comes from is open, so that the Deny leaves the access on one condition.",
        conditions=("aws:SourceIp",),
        cuts=(
            inline(role_arn(PROD, "reinsurance-analyst", "/pricing/"), "treaties", "ReadTreaties"),
        ),
    ),
    Story(
        "S21",
        "The medical reports, under a key whose policy was not read",
        "paths",
        role_arn(PROD, "claims-medical-reviewer", "/claims/"),
        bucket_arn("alderwick-prod-medical-reports"),
        "READ",
        "conditional",
        (
            "`claims-medical-reviewer` may read the reports and use their key.",
            "The collector was not allowed to read the key's policy, which alone decides whether the account's policies count.",
        ),
        "unread is neither yes nor no.",
        conditions=("kms.get_key_policy",),
        cuts=(
            inline(
                role_arn(PROD, "claims-medical-reviewer", "/claims/"),
                "reports",
                "ReadMedicalReports",
            ),
        ),
    ),
    Story(
        "S22",
        "The legal holds, behind a bucket policy that was not read",
        "paths",
        role_arn(PROD, "legal-hold-clerk", "/claims/"),
        bucket_arn("alderwick-prod-legal-holds"),
        "READ",
        "conditional",
        (
            "`legal-hold-clerk` may read the legal holds.",
            "The collector was not allowed to read the bucket's policy, which may deny it.",
        ),
        "the identity's policy is enough in one account, unless the unread policy denies.",
        conditions=("s3.get_bucket_policy",),
        cuts=(inline(role_arn(PROD, "legal-hold-clerk", "/claims/"), "holds", "ReadLegalHolds"),),
    ),
    Story(
        "S23",
        "The quotes, within a boundary that was not read",
        "paths",
        role_arn(PROD, "quote-sampler", "/pricing/"),
        bucket_arn("alderwick-prod-quote-events"),
        "READ",
        "conditional",
        (
            "`quote-sampler` may read the quote events.",
            "Its permissions boundary serves as nothing else, and the authorization details leave such policies out.",
        ),
        "what the boundary allows is unknown.",
        conditions=(policy_arn(PROD, "ml-boundary", "/boundaries/"),),
        cuts=(inline(role_arn(PROD, "quote-sampler", "/pricing/"), "quotes", "ReadQuotes"),),
    ),
)
