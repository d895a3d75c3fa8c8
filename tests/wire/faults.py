"""The faults that a platform, or what stands before it, may have: one row each, with how its call must end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wire.answers import Wired
from wire.asking import chosen
from wire.canned import HOME, Normal, Step, error, half, normal, page, silence, telling
from wire.requests import Asked

from graph.model import Outcome

LIST, ONE = "sagemaker.ListNotebookInstances", "sagemaker.DescribeNotebookInstance"
LISTED, TOLD = "sagemaker.list_notebook_instances", "sagemaker.describe_notebook_instance"
DETAILS = "iam.get_account_authorization_details"
RESOURCES = chosen(
    LISTED,
    TOLD,
    DETAILS,
    "s3.list_buckets",
    "s3.get_bucket_policy",
    "kms.list_keys",
    "kms.describe_key",
    "kms.get_key_policy",
)
HTML = "<html><head><title>Sign in</title></head><body><p>Please sign in.</p></body></html>"
NAMED = (
    "User: arn:aws:iam::111111111111:user/collector is not authorized to perform: "
    "kms:GetKeyPolicy on resource: arn:aws:kms:eu-west-1:111111111111:key/k1"
)


@dataclass(frozen=True)
class Fault:
    """One fault: which operation suffers it, which call ends how, and what is said of it."""

    name: str
    at: str
    steps: tuple[Step, ...]
    call: str
    outcome: Outcome = Outcome.FAILED
    says: str = ""
    permission: str | None = None
    access: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def only(parameter: str, value: str, step: Step) -> Step:
    """The step for the requests whose parameter is this; nothing goes wrong with the others."""

    def chosen_step(asked: Asked, told: Normal) -> Wired:
        return step(asked, told) if asked.params.get(parameter) == value else told()

    return chosen_step


def _endless(asked: Asked, told: Normal) -> Wired:
    number = int(asked.params.get("NextToken") or 0)
    return telling(lambda body: {**body, "NextToken": str(number + 1)})(asked, told)


def _unended(_asked: Asked, told: Normal) -> Wired:
    """IAM says that there is more, and not where."""
    wired = told()
    body = wired.body.replace(b"<Marker>second</Marker>", b"")
    assert body != wired.body
    return Wired(wired.status, body, wired.headers)


THROTTLED = Outcome.THROTTLED
FAULTS = (
    Fault(
        "slow down",
        LIST,
        (error(429, "TooManyRequestsException", Retry_After="0"),),
        LISTED,
        THROTTLED,
    ),
    Fault(
        "throttling",
        LIST,
        (error(400, "ThrottlingException", "Rate exceeded"),),
        LISTED,
        THROTTLED,
        "Rate exceeded",
    ),
    Fault(
        "throttled xml", "s3.ListBuckets", (error(503, "SlowDown"),), "s3.list_buckets", THROTTLED
    ),
    Fault(
        "one of many denied",
        "s3.GetBucketPolicy",
        (only("Bucket", f"data-{HOME}", error(403, "AccessDenied", "Access Denied")),),
        f"s3.get_bucket_policy/data-{HOME}",
        Outcome.DENIED,
        "Access Denied",
        "s3:GetBucketPolicy",
    ),
    Fault(
        "denied by name",
        "kms.GetKeyPolicy",
        (error(400, "AccessDeniedException", NAMED),),
        "kms.get_key_policy/k1",
        Outcome.DENIED,
        "not authorized",
        "kms:GetKeyPolicy",
    ),
    Fault("html with 500", LIST, (page(500, HTML),), LISTED),
    Fault("html with 500 in xml", "s3.ListBuckets", (page(500, HTML),), "s3.list_buckets"),
    Fault("half a body", LIST, (half,), LISTED, says="cut off"),
    Fault(
        "half a body in xml", "iam.GetAccountAuthorizationDetails", (half,), DETAILS, says="cut off"
    ),
    Fault(
        "page 2 missing",
        LIST,
        (normal, error(400, "ValidationException", "the token does not exist")),
        LISTED,
    ),
    Fault(
        "page 2 refused",
        "iam.GetAccountAuthorizationDetails",
        (normal, error(404, "NoSuchEntity", "no such marker")),
        DETAILS,
    ),
    Fault(
        "page repeated",
        LIST,
        (telling(lambda body: {**body, "NextToken": "2"}),),
        LISTED,
        says="token",
    ),
    Fault("endless", LIST, (_endless,), LISTED, says="did not end", access={"pages": 20}),
    Fault("endless by size", LIST, (_endless,), LISTED, says="bytes", access={"size": 3_000}),
    Fault(
        "more, and not where",
        "iam.GetAccountAuthorizationDetails",
        (_unended,),
        DETAILS,
        says="more",
    ),
    Fault("a text for a list", LIST, (telling(lambda _: {"NotebookInstances": "none"}),), LISTED),
    Fault("a number for a list", LIST, (telling(lambda _: {"NotebookInstances": 5}),), LISTED),
    Fault("no list", LIST, (telling(lambda _: {}),), LISTED, says="holds no `NotebookInstances`"),
    Fault("null for a list", LIST, (telling(lambda _: {"NotebookInstances": None}),), LISTED),
    Fault(
        "silence",
        LIST,
        (silence(6.0),),
        LISTED,
        says="timeout",
        access={"timeout": 2.0, "tries": 1},
    ),
    Fault("html with 200", LIST, (page(200, HTML),), LISTED, says="no JSON"),
    Fault(
        "html with 200 in rest-xml",
        "s3.ListBuckets",
        (page(200, HTML),),
        "s3.list_buckets",
        says="no XML",
    ),
    Fault(
        "html with 200 in query", "iam.GetAccountAuthorizationDetails", (page(200, HTML),), DETAILS
    ),
    Fault(
        "another's xml",
        "iam.GetAccountAuthorizationDetails",
        (page(200, "<ok/>"),),
        DETAILS,
        says="`ok`",
    ),
    Fault("nothing with 200", LIST, (page(200, ""),), LISTED, says="empty"),
    Fault("nothing with 200 in xml", "s3.ListBuckets", (page(200, " "),), "s3.list_buckets"),
    Fault(
        "no such operation",
        "kms.ListKeys",
        (error(400, "UnknownOperationException"),),
        "kms.list_keys",
        Outcome.UNSUPPORTED,
    ),
    Fault("credentials revoked", LIST, (error(400, "UnrecognizedClientException"),), LISTED),
)
