"""The management account: the organisation's log and bills, and the few who run it."""

from __future__ import annotations

from sample.estate.identities import Identities, User
from sample.estate.names import MANAGEMENT, key_arn
from sample.estate.policy import allow, document, key_policy, read_objects, tls_only
from sample.estate.storage import Bucket, Key
from sample.estate.vendor import POLICIES, reserved, standard_roles
from sample.estate.workloads import Workloads

TRAIL = "alderwick-org-trail"
COSTS = "alderwick-org-costs"

IDENTITIES = Identities(
    MANAGEMENT,
    users=(
        User(
            MANAGEMENT,
            "svc-cost-export",
            inline={"costs": document(read_objects("ReadCosts", COSTS))},
            tags={"purpose": "service"},
        ),
    ),
    roles=(
        *standard_roles(MANAGEMENT),
        reserved(
            MANAGEMENT,
            "Billing",
            inline=document(allow("SeeCosts", ["ce:Get*", "budgets:View*"], "*")),
        ),
    ),
    policies=POLICIES,
)
BUCKETS = (
    Bucket(
        MANAGEMENT,
        TRAIL,
        document(
            tls_only(TRAIL),
            allow(
                "TrailWrites",
                "s3:PutObject",
                f"arn:aws:s3:::{TRAIL}/AWSLogs/*",
                principal={"Service": "cloudtrail.amazonaws.com"},
                condition={
                    "StringEquals": {
                        "aws:SourceArn": f"arn:aws:cloudtrail:eu-west-1:{MANAGEMENT}:trail/organisation"
                    }
                },
            ),
        ),
        key_arn(MANAGEMENT, "trail"),
        {"owner": "security@example.com", "data-classification": "confidential"},
        age=1400,
    ),
    Bucket(
        MANAGEMENT,
        COSTS,
        document(tls_only(COSTS)),
        tags={"owner": "finance@example.com", "data-classification": "internal"},
        age=1300,
    ),
)
KEYS = (Key(MANAGEMENT, "trail", key_policy(MANAGEMENT), "The organisation's log", age=1400),)
WORKLOADS = Workloads(MANAGEMENT)
