"""Calls that were not answered, as values to show: what each asks about, and what hangs on its answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from graph.model import Coverage, CoverageKey, NodeId, Outcome
from ingest.aws.names import partition_of
from ingest.source import PART, PLATFORMS, by_operation
from ui.pagemodels.steps import spaced
from ui.reading import Reading

NEVER_ASKED = "never asked"
ORGANIZATION = "organization"  # the scope of calls that are made once for all accounts

OWN_POLICY = {"kms": "key", "lambda": "function", "s3": "bucket"}
"""What the things are called that a service gives policies of their own."""


def subject_of(key: CoverageKey) -> str:
    """The id of what the call asks about; empty where it asks about no single thing."""
    _, _, item = key.call.partition("/")
    known = by_operation(key.platform).get(key.operation) if key.platform in PLATFORMS else None
    if not item or known is None or not known.call.subject:
        return ""
    parts = {f"part{at}": part for at, part in enumerate(item.split(PART))}
    return known.call.subject.format(
        partition=partition_of(key.region),
        region=key.region,
        account=key.scope,
        item=item,
        **parts,
    )


class Refusal(StrEnum):
    """Where a refused call was refused, as far as the platform says so."""

    UNKNOWN = ""
    RESOURCE_DENY = "resource-based policy"
    IDENTITY_DENY = "identity-based policy"
    SCP_DENY = "service control policy"
    RCP_DENY = "resource control policy"
    BOUNDARY_DENY = "permissions boundary"
    SESSION_DENY = "session policy"
    ENDPOINT_DENY = "VPC endpoint policy"
    NO_RESOURCE_ALLOW = "no resource-based policy allows"

    @property
    def denies(self) -> bool:
        """Whether a Deny refuses it, which no Allow on the identity's side can help."""
        return self not in {Refusal.UNKNOWN, Refusal.NO_RESOURCE_ALLOW}


def refusal_of(detail: str) -> Refusal:
    """What the platform's own words say refused the call."""
    told = detail.casefold()
    if "explicit deny" in told:
        return next(
            (one for one in Refusal if one.denies and one.value.casefold() in told), Refusal.UNKNOWN
        )
    if Refusal.NO_RESOURCE_ALLOW.value in told:
        return Refusal.NO_RESOURCE_ALLOW
    return Refusal.UNKNOWN


@dataclass(frozen=True, slots=True)
class Unread:
    """One call that was not answered, or was never made.

    `subject` is the id of what it asks about and `node` the same where the graph holds it. `grants` counts the Grants
    whose certainty is open because of just this answer. `proposed` is the permission that our own call needs, which
    alone may enter a proposal: what a snapshot names as missing was written by others.
    """

    outcome: str
    platform: str
    scope: str
    region: str
    call: str
    item: str
    permission: str
    proposed: str
    detail: str
    last_ok: datetime | None
    subject: str
    node: NodeId | None
    what: str  # the node in words, else the item
    grants: int
    refusal: Refusal

    @property
    def service(self) -> str:
        """The service that is asked."""
        return self.call.partition(".")[0]


def unread_of(reading: Reading) -> tuple[Unread, ...]:
    """Every call of the store that was not answered, then those that were never made."""
    return reading.remember("unread calls", lambda: tuple(_unread(reading)))


def _unread(reading: Reading) -> Iterator[Unread]:
    waiting = _waiting(reading)
    for row in reading.known.gaps:
        yield _gap(reading, row, waiting)
    for call in reading.known.unasked:
        operation, _, item = call.call.partition("/")
        yield Unread(
            outcome=NEVER_ASKED,
            platform=call.platform,
            scope=call.scope,
            region="",
            call=operation,
            item=item,
            permission=call.permission,
            proposed=_declared(call.platform, operation),
            detail="",
            last_ok=None,
            subject="",
            node=None,
            what=item,
            grants=0,
            refusal=Refusal.UNKNOWN,
        )


def _gap(reading: Reading, row: Coverage, waiting: Mapping[str, int]) -> Unread:
    key, subject = row.key, subject_of(row.key)
    at = reading.view.find(subject) if subject else None
    node = None if at is None else reading.view.nodes.ids[at]
    item = key.call.partition("/")[2]
    kind = "" if at is None else _kind(reading, key.operation, at)
    return Unread(
        outcome=row.outcome.value,
        platform=key.platform,
        scope=key.scope,
        region=key.region,
        call=key.operation,
        item=item,
        permission=row.missing_permission or "",
        proposed=_declared(key.platform, key.operation),
        detail=row.detail,
        last_ok=row.last_ok,
        subject=subject,
        node=node,
        what=f"{kind} {reading.view.nodes.names[at]}" if at is not None else item,
        grants=waiting.get(f"{key.operation} unread {subject}", 0) if subject else 0,
        refusal=refusal_of(row.detail) if row.outcome is Outcome.DENIED else Refusal.UNKNOWN,
    )


def _kind(reading: Reading, operation: str, at: int) -> str:
    """What the platform calls the thing, else its kind."""
    return OWN_POLICY.get(operation.partition(".")[0]) or spaced(reading.view.kind_of(at)).lower()


def _waiting(reading: Reading) -> Mapping[str, int]:
    """How many Grants are open on each answer that was not read, by the words of their condition."""
    found: Counter[str] = Counter()
    for grant in reading.grants.values():
        texts = grant.props.get("conditions")
        found.update(t for t in texts if " unread " in t) if isinstance(texts, tuple) else None
    return found


def _declared(platform: str, operation: str) -> str:
    """The permission that our own call needs; empty where we make no such call."""
    resource = by_operation(platform).get(operation) if platform in PLATFORMS else None
    return "" if resource is None else resource.call.permission


def unread_about(reading: Reading, node: NodeId) -> tuple[Unread, ...]:
    """The unanswered calls that ask about this node."""

    def build() -> Mapping[NodeId, tuple[Unread, ...]]:
        found: dict[NodeId, list[Unread]] = defaultdict(list)
        for row in unread_of(reading):
            if row.node is not None:
                found[row.node].append(row)
        return {node: tuple(rows) for node, rows in found.items()}

    return reading.remember("unread calls by node", build).get(node, ())


def sorted_for_people(rows: Iterable[Unread]) -> tuple[Unread, ...]:
    """Refused calls first, then the others, then what was never asked."""
    order = [Outcome.DENIED, Outcome.FAILED, Outcome.THROTTLED, Outcome.UNSUPPORTED, NEVER_ASKED]
    return tuple(
        sorted(
            rows,
            key=lambda row: (order.index(row.outcome), row.call, row.scope, row.region, row.item),
        )
    )
