"""Which services and actions an identity used last: the access advisor, asked per user and role.

The answer is prepared: a job is started for the identity, and its report is asked for until it is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import NodeId, Observation
from ingest.fields import Json, member, moment, rows, text
from ingest.source import Answer, Call, Feed, Poll, Resource, Shaped, Skipped

_DETAILS = "iam.get_account_authorization_details"


def shape_started(_answer: Answer) -> Iterator[Shaped]:
    """Nothing: that the job runs is all it says."""
    yield from ()


def shape_last_access(answer: Answer) -> Iterator[Shaped]:
    """When the identity last used each service and each action that is tracked; `never_used` names the others.

    The report lists every service that the identity's policies allow. What was not used in the tracking period has no
    time.
    """
    identity = NodeId(answer.argument)
    for page in answer.pages:
        if text(page, "JobStatus") == "FAILED":
            yield Skipped(
                str(answer.key),
                f"the report failed: {text(member(page, 'Error'), 'Message') or '?'}",
            )
    unused: list[str] = []
    for row in answer.each("ServicesLastAccessed"):
        service = text(row, "ServiceNamespace")
        if service is None:
            yield Skipped(str(answer.key), "a service has no namespace")
            continue
        when = moment(row, "LastAuthenticated")
        if row.get("LastAuthenticated") is None:
            unused.append(service)
        if when is None:
            continue
        yield Observation(identity, f"last_used:{service}", when)
        if region := text(row, "LastAuthenticatedRegion"):
            yield Observation(identity, f"last_used_region:{service}", region)
        yield from _actions(identity, service, row)
    if unused:
        yield Observation(identity, "never_used", tuple(sorted(unused)))


def _actions(identity: NodeId, service: str, row: Json) -> Iterator[Observation]:
    for action in rows(row, "TrackedActionsLastAccessed"):
        name, when = text(action, "ActionName"), moment(action, "LastAccessedTime")
        if name is not None and when is not None:
            yield Observation(identity, f"last_used:{service}:{name}", when)


RESOURCES = (
    Resource(
        "aws.last-access-job",
        "That the report on what an identity used is made.",
        Call(
            "iam",
            "generate_service_last_accessed_details",
            "iam:GenerateServiceLastAccessedDetails",
            params={"Arn": "{item}", "Granularity": "ACTION_LEVEL"},
            feeds=(
                Feed(_DETAILS, "UserDetailList.Arn"),
                Feed(_DETAILS, "RoleDetailList.Arn"),
            ),
            subject="{item}",
        ),
        shape_started,
    ),
    Resource(
        "aws.last-access",
        "Which services and actions an identity used last.",
        Call(
            "iam",
            "get_service_last_accessed_details",
            "iam:GetServiceLastAccessedDetails",
            params={"JobId": "{JobId}"},
            items="ServicesLastAccessed",
            token=("Marker", "Marker"),
            feeds=(
                Feed(
                    "iam.generate_service_last_accessed_details",
                    members=("^0",),
                    carry=("JobId",),
                ),
            ),
            poll=Poll("JobStatus", ("IN_PROGRESS",)),
            subject="{item}",
        ),
        shape_last_access,
    ),
)
