"""Events of CloudTrail, read: who did what on what, in terms of IAM; what cannot be told stays an event."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import unquote

import yaml

from ingest.aws.names import ACCOUNT_ID, Arn, partition_of
from ingest.fields import Json, member, rows, text

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATED = re.compile(
    r"\d{8}(?:v\d+)?$"
)  # how Lambda's events end, e.g. `UpdateFunctionCode20150331v2`
_OWN_ROLES = frozenset(
    {"iam", "sts", "organizations", "access-analyzer"}
)  # speak of roles, pass none
_LOOKING = ("BatchGet", "Describe", "Get", "List", "Search")
_DEPTH = 5  # how deep in a request a role is looked for
_REFUSED = re.compile(r"AccessDenied|Unauthorized|NotAuthorized|Forbidden", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asset:
    """How a request parameter names what an operation was used on."""

    param: str
    arn: str
    second: str = ""


@dataclass(frozen=True, slots=True)
class EventTable:
    """The shipped data: prefixes of sources, actions of other names, and what parameters name."""

    prefixes: Mapping[str, str]
    no_actions: frozenset[str]
    actions: Mapping[str, Mapping[str, tuple[str, ...]]]
    assets: Mapping[str, tuple[Asset, ...]]


@cache
def event_table() -> EventTable:
    """The table as shipped."""
    held: dict[str, Any] = yaml.safe_load(
        resources.files("ingest.aws").joinpath("events.yaml").read_text(encoding="utf-8")
    )
    return EventTable(
        held["prefixes"],
        frozenset(held["no_actions"]),
        {
            prefix: {name: tuple(actions) for name, actions in names.items()}
            for prefix, names in held["actions"].items()
        },
        {
            prefix: tuple(Asset(row["param"], row["arn"], row.get("and", "")) for row in found)
            for prefix, found in held["assets"].items()
        },
    )


COPYING = frozenset({"CopyObject", "UploadPartCopy"})
"""The events of S3 by which objects of one bucket come into another."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who made a call: a user, a role (for whoever held its session), or an account."""

    id: str
    kind: str
    account: str


@dataclass(frozen=True, slots=True)
class Event:
    """One record: what happened, when, to whom it counts, and on what.

    `actions` are the IAM actions that it shows in use; empty where it stands for none that is known. `refused` says
    that IAM refused it. `actor` is None where no identity of an account made the call. `further` are other actions that
    the call shows in use, each with what it was used on: a role that it passes on, a bucket that it copies from.
    """

    source: str
    name: str
    day: str
    account: str
    region: str
    actor: Actor | None
    actions: tuple[str, ...]
    asset: str
    refused: bool
    further: tuple[tuple[str, str], ...] = ()
    owners: Mapping[str, str] = field(
        default_factory=dict
    )  # accounts of resources, as far as the record tells

    @property
    def service(self) -> str:
        """The service as its event source names it."""
        return self.source.partition(".amazonaws.com")[0]


def event_of(record: Json, *, account: str = "") -> Event | None:
    """The event that a record tells; None where it is no record: it names no operation, source or day."""
    name, source = text(record, "eventName"), text(record, "eventSource")
    day = _DAY.match(text(record, "eventTime") or "")
    if name is None or source is None or day is None:
        return None
    home = text(record, "recipientAccountId") or account
    region = text(record, "awsRegion") or ""
    actions = _actions(record, source, name)
    return Event(
        source,
        name,
        day[0],
        home,
        region,
        _actor(member(record, "userIdentity")),
        actions,
        _asset(record, actions, home, region) if actions else "",
        bool(_REFUSED.search(text(record, "errorCode") or "")),
        tuple(_further(record, name, actions)) if actions else (),
        _owners(record) if name in COPYING else {},
    )


def _owners(record: Json) -> Mapping[str, str]:
    told = ((text(row, "ARN"), text(row, "accountId")) for row in rows(record, "resources"))
    return {arn: account for arn, account in told if arn and account}


def _further(record: Json, name: str, actions: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What the call shows beside its own action: iam:PassRole on a role that it names, s3:GetObject on what it copies."""
    asked = member(record, "requestParameters")
    prefix = actions[0].partition(":")[0]
    if prefix == "s3" and name in COPYING:
        bucket = unquote(text(asked, "x-amz-copy-source") or "").lstrip("/").partition("/")[0]
        if bucket and not bucket.startswith("arn:"):
            partition = partition_of(text(record, "awsRegion") or "")
            yield "s3:GetObject", f"arn:{partition}:s3:::{bucket}"
    if prefix not in _OWN_ROLES and not name.startswith(_LOOKING):
        for role in sorted(set(_roles(asked, _DEPTH))):
            yield "iam:PassRole", role


def _roles(held: object, depth: int, *, named: bool = False) -> Iterator[str]:
    """The roles in a request, by where a member is called a role; deeper than that are none."""
    if isinstance(held, str) and named and ":role/" in held and Arn.parse(held) is not None:
        yield held
    elif depth and isinstance(held, Mapping):
        for key, value in held.items():
            yield from _roles(value, depth - 1, named=named or "role" in str(key).lower())
    elif depth and isinstance(held, list):
        for value in held:
            yield from _roles(value, depth - 1, named=named)


def _actions(record: Json, source: str, name: str) -> tuple[str, ...]:
    """The IAM actions that the event stands for, by name; whether IAM knows an action of that name is not looked up."""
    table = event_table()
    service = source.partition(".amazonaws.com")[0]
    if (text(record, "eventType") or "AwsApiCall") != "AwsApiCall" or service in table.no_actions:
        return ()
    prefix = table.prefixes.get(service, service)
    plain = _DATED.sub("", name) if prefix == "lambda" else name
    renamed = table.actions.get(prefix, {}).get(plain)
    return tuple(f"{prefix}:{action}" for action in ((plain,) if renamed is None else renamed))


def _actor(identity: Json) -> Actor | None:
    """Whose permissions were used: a session counts for the role, or the user, that issued it."""
    kind, arn = text(identity, "type"), text(identity, "arn") or ""
    issuer = member(member(identity, "sessionContext"), "sessionIssuer")
    account = text(identity, "accountId") or ""
    if kind in {"AssumedRole", "FederatedUser"}:
        held = text(issuer, "arn") or ""
        form = {"Role": "Role", "IAMUser": "User"}.get(text(issuer, "type") or "")
        return Actor(held, form, account) if form and Arn.parse(held) else None
    if kind == "IAMUser" and ":user/" in arn:
        return Actor(arn, "User", account)
    if kind == "Root" and ACCOUNT_ID.fullmatch(account):
        return Actor(f"aws:account/{account}", "Account", account)
    return None


def _asset(record: Json, actions: tuple[str, ...], account: str, region: str) -> str:
    """The ARN of what the operation was used on; empty where the record does not tell."""
    prefix = actions[0].partition(":")[0]
    listed = [arn for row in rows(record, "resources") if (arn := text(row, "ARN"))]
    found = next(iter(listed), "") or _named(record, prefix, account, region)
    # Objects would be too many to keep apart, and access is decided per bucket and prefix.
    return found.partition("/")[0] if prefix == "s3" else found


def _named(record: Json, prefix: str, account: str, region: str) -> str:
    asked = member(record, "requestParameters")
    for form in event_table().assets.get(prefix, ()):
        value, second = text(asked, form.param), text(asked, form.second) if form.second else ""
        if value is None or second is None:
            continue
        if Arn.parse(value) is not None:
            return value
        if form.arn:
            return form.arn.format(
                partition=partition_of(region),
                region=region,
                account=account,
                value=value,
                **{"and": second},
            )
    return ""


def records_of(content: object) -> Iterator[Json]:
    """The records of a parsed log: a trail file, a list of records, or events that a tool wrapped."""
    held = content.get("Records") if isinstance(content, Mapping) else content
    for row in held if isinstance(held, list) else ():
        if isinstance(row, Mapping):
            inner = row.get("event")
            yield inner if isinstance(inner, Mapping) else row
