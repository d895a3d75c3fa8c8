"""Rows of a decision corpus as questions to AWS's policy simulator, and why many rows cannot be put to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from access.aws.arns import partition_of
from access.aws.catalogue import condition_key
from access.aws.knowledge import Knowledge
from access.aws.principals import Principal, PrincipalKind
from access.aws.request import Form, Request
from ingest.files.decisions import request_of

Row: TypeAlias = Mapping[str, Any]


class Unasked(StrEnum):
    """Why a row is not put to the simulator, or what it says of nobody."""

    UNSCORED = "it is not scored"
    SOME = "it asks for some resource of a pattern"
    PATTERN = "its resource holds a wildcard character, which is read as a pattern there"
    ANONYMOUS = "its caller is anonymous"
    SERVICE = "its caller is a service"
    FEDERATED = "its caller is a federated subject"
    ROOT = "its caller is a root user"
    NO_IDENTITY = "its caller is no user, group or role"
    SESSION = "it holds a session policy"
    CONTROL = "it holds control policies; AWS takes those of the account's own organisation"
    ENDPOINT = "it holds an endpoint policy"
    BOUNDARIES = "it holds more than one boundary; AWS takes one"
    TRUST = "it holds a trust policy, which the simulator does not read"
    ROLE_AND_RESOURCE = "it holds a resource policy, which the simulator takes for users only"
    ELSEWHERE = "its resource is of another account, and the row does not hold its policy"
    OTHER_ACCOUNT = "its caller is of another account than our credentials"
    NOBODY = "its caller is not in the account"
    STOPPED = "AWS was not asked any more"


@dataclass(frozen=True, slots=True)
class Entry:
    """One condition key of a request, with the type that the simulator reads its values as."""

    name: str
    type: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One row as the simulator is asked it: whose policies, which action on what, under which circumstances.

    Whatever hangs on the identity is taken from the account, but for a boundary that the row holds: it stands in for
    the account's. `partial` is true where the row leaves keys open; `as_role` where the caller is a session, and its
    role is asked instead.
    """

    source: str
    account: str
    action: str
    resource: str
    entries: tuple[Entry, ...] = ()
    boundary: str = ""
    resource_policy: str = ""
    owner: str = ""
    partial: bool = False
    as_role: bool = False


def question_of(row: Row, *, instant: datetime) -> Question | Unasked:
    """The row as a question, or why it cannot be asked; it fails on what is no row, as `request_of` does."""
    request = request_of(row, instant=instant)
    reason = next((why for why, holds in _UNASKED if holds(row, request)), None)
    if reason is not None:
        return reason
    caller = request.principal
    return Question(
        source=_source(caller),
        account=caller.account or "",
        action=request.action,
        resource="*" if request.wildcard_only else request.resource,
        entries=tuple(_entries(row, request)),
        boundary=next(map(_text, _boundaries(row)), ""),
        resource_policy="" if row.get("resource_policy") is None else _text(row["resource_policy"]),
        owner=(request.resource_account or "") if _crosses(request) else "",
        partial=bool(row.get("context_is_partial")),
        as_role=caller.kind is PrincipalKind.SESSION,
    )


# What cannot be asked.

# SOURCE: botocore 1.44.8, SimulatePrincipalPolicy: whose ARN it takes, one boundary, resource policies for users only.
# SOURCE: aws/aws-cli issue 10314: it takes a trust policy and does not read it.


def _kind(kind: PrincipalKind) -> Callable[[Row, Request], bool]:
    return lambda _row, asked: asked.principal.kind is kind


def _is(*words: str) -> Callable[[Row, Request], bool]:
    """Whether the caller's ARN is of one of these types."""
    return lambda _row, asked: _type_of(asked.principal.arn) in words


def _type_of(arn: str) -> str:
    return arn.split(":", 5)[-1].partition("/")[0]


def _boundaries(row: Row) -> list[object]:
    held = row.get("boundaries")
    return list(held) if isinstance(held, list | tuple) else [held] if held else []


def _crosses(asked: Request) -> bool:
    return asked.resource_account not in {None, asked.principal.account}


def _with_policy(row: Row) -> bool:
    return row.get("resource_policy") is not None


_UNASKED: tuple[tuple[Unasked, Callable[[Row, Request], bool]], ...] = (
    (Unasked.SOME, lambda _row, asked: asked.form is not Form.CONCRETE),
    (
        Unasked.PATTERN,
        lambda _row, asked: bool({"*", "?"} & set(asked.resource)) and not asked.wildcard_only,
    ),
    (Unasked.ANONYMOUS, _kind(PrincipalKind.ANONYMOUS)),
    (Unasked.SERVICE, _kind(PrincipalKind.SERVICE)),
    (Unasked.FEDERATED, _kind(PrincipalKind.FEDERATED)),
    (Unasked.FEDERATED, _is("federated-user", "saml-provider", "oidc-provider")),
    (Unasked.ROOT, _kind(PrincipalKind.ROOT)),
    (
        Unasked.NO_IDENTITY,
        lambda row, asked: not _is("user", "group", "role", "assumed-role")(row, asked),
    ),
    (Unasked.SESSION, lambda row, _asked: row.get("session") is not None),
    (Unasked.CONTROL, lambda row, _asked: bool(row.get("scps") or row.get("rcps"))),
    (Unasked.ENDPOINT, lambda row, _asked: bool(row.get("endpoint"))),
    (Unasked.BOUNDARIES, lambda row, _asked: len(_boundaries(row)) > 1),
    (
        Unasked.TRUST,
        lambda row, asked: _with_policy(row) and asked.action.lower().startswith("sts:assume"),
    ),
    (
        Unasked.ROLE_AND_RESOURCE,
        lambda row, asked: _with_policy(row) and not _is("user")(row, asked),
    ),
    (Unasked.ELSEWHERE, lambda row, asked: _crosses(asked) and not _with_policy(row)),
)


# The question.


def _source(caller: Principal) -> str:
    """The identity whose policies are asked about; the path of a session's role is known from its context only."""
    if caller.kind is not PrincipalKind.SESSION:
        return caller.arn
    name = caller.arn.partition(":assumed-role/")[2].partition("/")[0]
    guess = f"arn:{partition_of(caller.arn)}:iam::{caller.account}:role/{name}"
    return caller.role_arn or guess


def _text(document: object) -> str:
    return document if isinstance(document, str) else json.dumps(document, sort_keys=True)


# What follows from who asks for what, and when: we know it, so AWS is told it.
_FOLLOWING = (
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalType",
    "aws:username",
    "aws:ResourceAccount",
    "aws:RequestedRegion",
    "aws:CurrentTime",
    "aws:EpochTime",
    "s3:ResourceAccount",
    "kms:CallerAccount",
)


def _entries(row: Row, request: Request) -> Iterator[Entry]:
    """The keys that the row gives, and those that follow from it."""
    given = row.get("context") or {}
    for name, value in given.items():
        values = request.context[name.lower()]
        if values:
            yield Entry(name, _type(name, value, values), values)
    held, service = Knowledge(request), request.action.partition(":")[0].lower()
    for name in _FOLLOWING:
        known = held(name.lower())
        told = name.lower() in request.context or name.partition(":")[0] not in {"aws", service}
        if isinstance(known, tuple) and not told:
            values = tuple(map(_plain, known))
            yield Entry(name, _type(name, values[0], values), values)


def _plain(value: str) -> str:
    """The value; an instant as AWS writes it."""
    return value.removesuffix("+00:00") + "Z" if value.endswith("+00:00") else value


_TYPES = {"bool": "boolean", "number": "numeric", "date": "date", "ip": "ip"}


def _type(name: str, value: object, values: tuple[str, ...]) -> str:
    """How the simulator is to read the values: as the list of condition keys says, else by their form in the row."""
    row = condition_key(name)
    one = value[0] if isinstance(value, list) and value else value
    by_form = {bool: "boolean", int: "numeric", float: "numeric"}.get(type(one), "string")
    found = _TYPES.get(row.type, by_form)
    if found == "date" and all(text.isdigit() for text in values):
        found = "numeric"  # an epoch
    return f"{found}List" if row.multi or isinstance(value, list) else found
