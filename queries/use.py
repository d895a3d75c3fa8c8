"""What was used, and what could have been seen: use from logs, and the answer `used`, `unused` or `not observed`.

Nothing is unused that no log would show: management events count where the log of the asset's account and region was read
for the whole window, data events only where the access advisor says that the identity used nothing of the service in its
whole tracking period. SOURCE: "Logging management events", "Logging data events" (CloudTrail user guide) and "Refine
permissions using last accessed information" (IAM user guide), read 2026-11-26.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from graph.model import Node, NodeId, Observation
from queries.rule import Unread

if TYPE_CHECKING:
    from queries.inventory import Inventory

USED = "used"
NEVER = "never_used"
LOOKUP = "cloudtrail.lookup_events"
ADVISOR = "iam.get_service_last_accessed_details"
TRACKED = timedelta(days=400)  # how far back the access advisor looks
LATE = timedelta(days=2)  # how old a log may be and still speak of now
HOME = "us-east-1"  # where the events of global services are written
_GLOBAL = frozenset({"iam", "sts", "organizations", "sso", "cloudfront", "route53"})

DATA_EVENTS: Mapping[str, tuple[str, ...]] = {
    "s3": ("GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload", "ListMultipartUploadParts", "RestoreObject"),
    "lambda": ("InvokeFunction", "InvokeFunctionUrl"),
    "sagemaker": ("InvokeEndpoint", "InvokeEndpointAsync", "GetRecord", "PutRecord", "DeleteRecord", "BatchGetRecord"),
    "bedrock": ("InvokeAgent", "InvokeInlineAgent", "InvokeFlow", "Retrieve", "RetrieveAndGenerate", "ApplyGuardrail"),
    "dynamodb": ("GetItem", "PutItem", "Query", "Scan", "UpdateItem", "DeleteItem", "BatchGetItem", "BatchWriteItem"),
    "sqs": ("SendMessage", "ReceiveMessage", "DeleteMessage"),
    "sns": ("Publish",),
    "s3vectors": ("GetVectors", "PutVectors", "QueryVectors", "DeleteVectors", "ListVectors"),
}  # fmt: skip
"""Actions whose events are written only where a trail was told to, by how their names begin."""


class Answer(StrEnum):
    """What is known of the use of an action on an asset by an identity."""

    USED = "used"
    UNUSED = "unused"
    NOT_OBSERVED = "not observed"


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer with its reason: the days and the number of calls where it was used, what was missing where unknown."""

    answer: Answer
    why: str
    days: int = 0
    calls: int = 0
    last: str = ""
    unread: tuple[Unread, ...] = ()


Days = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Use:
    """Recorded use: per identity, and per asset, by action, the calls of each day. Of two logs of one day the fuller counts."""

    by_identity: Mapping[NodeId, Mapping[tuple[str, NodeId], Days]]
    by_asset: Mapping[NodeId, Mapping[str, Mapping[NodeId, Days]]]

    @staticmethod
    def of(observations: Iterable[Observation]) -> Use:
        """The use that observations tell; what is refused, or names no asset, is counted under the empty asset."""
        people: dict[NodeId, dict[tuple[str, NodeId], dict[str, int]]] = defaultdict(dict)
        assets: dict[NodeId, dict[str, dict[NodeId, dict[str, int]]]] = defaultdict(dict)
        for row in observations:
            word, _, rest = row.name.partition("|")
            if word != USED or not isinstance(row.value, Mapping):
                continue
            action, _, asset = rest.partition("|")[2].partition("|")
            held = people[row.node].setdefault((action, NodeId(asset)), {})
            for day, count in row.value.items():
                held[day] = max(held.get(day, 0), _count(count))
            assets[NodeId(asset)].setdefault(action, {})[row.node] = held
        return Use(people, assets)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is asked about, up to the inventory's instant."""

    since: datetime
    until: datetime

    def holds(self, day: str) -> bool:
        """Whether the day lies in the window."""
        return self.since.date().isoformat() <= day <= self.until.date().isoformat()


def window_of(inventory: Inventory, length: timedelta) -> Window:
    """The window of this length that ends at the inventory's instant."""
    return Window(inventory.now - length, inventory.now)


def is_data_event(action: str) -> bool:
    """Whether the action shows only in data events."""
    service, _, name = action.partition(":")
    return name.startswith(DATA_EVENTS.get(service, ())) if service in DATA_EVENTS else False


def logged(inventory: Inventory, account: str, region: str, window: Window) -> tuple[Unread, ...]:
    """What is missing of the log of management events in this account and region; empty where the window was read whole."""
    key = ("logged", account, region, window)
    if key not in inventory.memo:
        inventory.memo[key] = _unlogged(inventory, account, region, window)
    return cast("tuple[Unread, ...]", inventory.memo[key])


def _unlogged(
    inventory: Inventory, account: str, region: str, window: Window
) -> tuple[Unread, ...]:
    place = next((one for one in _account(inventory, account)), None)
    said = inventory.seen(place.id).get(f"log_window|{LOOKUP}|{region}") if place else None
    gaps = inventory.unread_at(LOOKUP, account, region)
    if gaps:
        return gaps
    if not isinstance(said, Mapping):
        return (Unread(LOOKUP, account, region),)
    since, until = (_moment(said.get(word)) for word in ("since", "until"))
    # The first hours of a window are a matter of when the log was asked for.
    short = (
        since is None or since > window.since + LATE or until is None or until < window.until - LATE
    )
    return (Unread(LOOKUP, account, region, "read for a part of the window"),) if short else ()


def _account(inventory: Inventory, account: str) -> Iterator[Node]:
    return (node for node in inventory.listed("Account") if inventory.account(node) == account)


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def seen(inventory: Inventory, who: Node, action: str, asset: Node, window: Window) -> Seen:
    """Whether the identity used the action on the asset in the window, or could have been seen to."""
    days = _days(inventory, who.id, action, asset, window)
    if days:
        return Seen(Answer.USED, "the log shows it", len(days), sum(days.values()), max(days))
    last = _moment(inventory.seen(who.id).get(f"last_used:{action}"))
    if last is not None and last >= window.since:
        return Seen(Answer.USED, "the access advisor shows it", last=last.date().isoformat())
    return _unseen(inventory, who, action, asset, window)


def _unseen(inventory: Inventory, who: Node, action: str, asset: Node, window: Window) -> Seen:
    """What it means that no log shows a use: none, or none that could have been seen."""
    if _never(inventory, who, action):
        return Seen(Answer.UNUSED, "the access advisor shows no use of the service")
    for one, word in ((who, "identity"), (asset, "asset")):
        if inventory.young(one, window.until - window.since):
            return Seen(Answer.NOT_OBSERVED, f"the {word} is younger than the window")
    if is_data_event(action):
        return Seen(Answer.NOT_OBSERVED, "shows in data events only", unread=(Unread(ADVISOR),))
    gaps = logged(inventory, *_where(inventory, action, asset), window)
    if gaps:
        return Seen(Answer.NOT_OBSERVED, "the log was not read for the whole window", unread=gaps)
    return Seen(Answer.UNUSED, "the log was read for the whole window and shows none")


def _where(inventory: Inventory, action: str, asset: Node) -> tuple[str, str]:
    """In which account and region the event would be written."""
    region = str(asset.props.get("region", HOME))
    wide = action.partition(":")[0] in _GLOBAL or region == "global"
    return inventory.account(asset), HOME if wide else region


def _days(
    inventory: Inventory, who: NodeId, action: str, asset: Node, window: Window
) -> dict[str, int]:
    """The days on which the action was used on the asset, on what it is part of, or where the log names no asset."""
    found: dict[str, int] = {}
    held = inventory.use.by_identity.get(who, {})
    for on in {asset.id, NodeId(str(asset.id).partition("/")[0]), NodeId("")}:
        for day, count in held.get((action, on), {}).items():
            if window.holds(day):
                found[day] = max(found.get(day, 0), count)
    return found


def _never(inventory: Inventory, who: Node, action: str) -> bool:
    """Whether the access advisor was read and shows that the identity used nothing of the service."""
    told = inventory.seen(who.id).get(NEVER)
    service = action.partition(":")[0]
    return isinstance(told, tuple) and service in told and not inventory.unread(who, ADVISOR)
