"""What logs were read, and of what they would have told: by account, region and window, for management and data events.

Management events are whole where the event history of the account and region was read for the whole window, or where a
trail logs them all and each of its files of the window was read. Data events are whole only by such a trail, where its
selectors name the type of resource for the asset and leave nothing out. SOURCE: "Logging management events", "Logging data
events" (CloudTrail user guide), read 2026-11-26.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from access.aws.recorded import data_type
from graph.model import Coverage, CoverageKey, Node, NodeId, Outcome
from queries.rule import Unread

if TYPE_CHECKING:
    from queries.inventory import Inventory

WINDOW = "log_window"
LOOKUP = "cloudtrail.lookup_events"
FILES = "s3.list_objects_v2"
LATE = timedelta(days=2)  # how old a log may be and still speak of now
HOME = "us-east-1"  # where the events of global services are written
GLOBAL_SERVICES = frozenset({"iam", "organizations", "sso", "cloudfront", "route53"})
_LEFT_OUT = frozenset({"kms", "rds-data"})  # sources that a trail may leave out unseen
_SHORT_GAPS = frozenset(
    {"0", "1", "2"}
)  # days without a file; a trail that was stopped writes none
_CHANGES = frozenset(
    {
        f"cloudtrail:{name}"
        for name in (
            "CreateTrail",
            "PutEventSelectors",
            "StartLogging",
            "StopLogging",
            "UpdateTrail",
        )
    }
)
_FIELD = re.compile(r"(\S+?)\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is asked about, up to the inventory's instant."""

    since: datetime
    until: datetime

    def holds(self, day: str) -> bool:
        """Whether the day lies in the window."""
        return self.since.date().isoformat() <= day <= self.until.date().isoformat()

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.until - self.since


def window_of(inventory: Inventory, length: timedelta) -> Window:
    """The window of this length that ends at the inventory's instant."""
    return Window(inventory.now - length, inventory.now)


def logged(
    inventory: Inventory, account: str, region: str, window: Window, *, service: str = ""
) -> tuple[Unread, ...]:
    """What is missing of the log of the service's management events in this account and region; empty where it was read whole."""
    key = ("logged", account, region, window, service in _LEFT_OUT)
    if key not in inventory.memo:
        gaps = _unlooked(inventory, account, region, window)
        by_trail = gaps and service not in _LEFT_OUT and any(
            _all_management(trail) for trail in _trails(inventory, account, region, window)
        )  # fmt: skip
        inventory.memo[key] = () if by_trail else gaps
    return cast("tuple[Unread, ...]", inventory.memo[key])


def _unlooked(
    inventory: Inventory, account: str, region: str, window: Window
) -> tuple[Unread, ...]:
    gaps = inventory.unread_at(LOOKUP, account, region)
    if gaps:
        return gaps
    place = _account(inventory, account)
    said = inventory.seen(place.id).get(f"{WINDOW}|{LOOKUP}|{region}") if place else None
    if not isinstance(said, Mapping):
        return (Unread(LOOKUP, account, region),)
    return () if _whole(said, window) else (Unread(LOOKUP, account, region, "read for a part of the window"),)  # fmt: skip


def regions_read(inventory: Inventory, account: str) -> frozenset[str]:
    """The regions of the account whose event history was asked for."""
    key = ("regions", account)
    if key not in inventory.memo:
        inventory.memo[key] = frozenset(
            row.region
            for row in inventory.coverage
            if row.scope == account and row.operation == LOOKUP
        )
    return cast("frozenset[str]", inventory.memo[key])


def data_logged(
    inventory: Inventory, action: str, asset: Node, place: tuple[str, str], window: Window
) -> bool:
    """Whether a trail of this account and region, with its files of the window all read, logs all use of the action on the asset."""
    type_ = data_type(action)
    return bool(type_) and any(
        _covers(selector, type_, str(asset.id))
        for trail in _trails(inventory, *place, window)
        for selector in trail.split(";")
    )


def _trails(inventory: Inventory, account: str, region: str, window: Window) -> tuple[str, ...]:
    """The selectors of the trails that log this account and region and whose files of the window were all read."""
    key = ("trails", account, region, window)
    if key not in inventory.memo:
        inventory.memo[key] = tuple(_read_trails(inventory, account, region, window))
    return cast("tuple[str, ...]", inventory.memo[key])


def _read_trails(inventory: Inventory, account: str, region: str, window: Window) -> Iterator[str]:
    place = _account(inventory, account)
    buckets = {
        str(said.get("bucket"))
        for name, said in (inventory.seen(place.id) if place else {}).items()
        if name.startswith(f"{WINDOW}|{FILES}|{region}|")
        and isinstance(said, Mapping)
        and _whole(said, window)
        and said.get("longest_gap") in _SHORT_GAPS
        and _files_read(inventory, str(said.get("listing", "")))
    }
    if not buckets or _meddled(inventory, window):
        return
    for home in inventory.listed("Account"):
        settings = inventory.settings(home)
        for name, told in settings.items():
            arn = name.removeprefix("trail:")
            if name != arn and _writes(told, arn, account, region, buckets):
                yield settings.get(f"selectors:{arn}", "")


def _meddled(inventory: Inventory, window: Window) -> bool:
    """Whether somebody changed or stopped a trail in the window: what it logs now is then not what it logged."""
    return any(
        window.holds(day)
        for uses in inventory.use.by_asset.values()
        for action in _CHANGES & uses.keys()
        for days in uses[action].values()
        for day in days
    )


def _writes(told: str, arn: str, account: str, region: str, buckets: set[str]) -> bool:
    """Whether the trail writes the events of this account and region into one of the buckets."""
    held = dict(part.partition("=")[::2] for part in told.split(";"))
    _arn, _aws, _cloudtrail, where, owner, *_rest = [*arn.split(":"), "", "", "", "", ""]
    everywhere = held.get("all_regions") == "true" or where == region
    ours = owner == account or held.get("organization") == "true"
    return held.get("bucket") in buckets and everywhere and ours


def _files_read(inventory: Inventory, listing: str) -> bool:
    """Whether the listing and every file that it named were read."""
    try:
        key = CoverageKey.parse(listing)
    except ValueError:
        return False
    row = inventory.coverage.get(key)
    files = _by_listing(inventory).get(key, ())
    return row is not None and all(one.outcome is Outcome.OK for one in (row, *files))


def _by_listing(inventory: Inventory) -> Mapping[CoverageKey, list[Coverage]]:
    if "listings" not in inventory.memo:
        found: dict[CoverageKey, list[Coverage]] = defaultdict(list)
        for row in inventory.coverage.values():
            if row.parent is not None and row.parent.operation == FILES:
                found[row.parent].append(row)
        inventory.memo["listings"] = found
    return cast("Mapping[CoverageKey, list[Coverage]]", inventory.memo["listings"])


def _all_management(selectors: str) -> bool:
    """Whether some selector takes in every management event, reads and writes."""
    for one in selectors.split(";"):
        form, _, body = one.partition("=")
        words = body.split()
        if form == "basic" and words[:1] == ["All"] and "management:true" in words:
            return True
        if form == "advanced" and _FIELD.findall(body) == [("eventCategory", "Equals=Management")]:
            return True
    return False


def _covers(selector: str, type_: str, asset: str) -> bool:
    """Whether the selector takes in every data event of this type on the asset; what it says otherwise leaves some out."""
    form, _, body = selector.partition("=")
    if form == "basic":
        values = [word.removeprefix(f"{type_}:") for word in body.split() if word.startswith(f"{type_}:")]  # fmt: skip
        named = {name for value in values for name in value.split(",")}
        return body.startswith("All ") and any(_takes_in(name, asset) for name in named)
    fields = dict(_FIELD.findall(body))
    said = (fields.pop("eventCategory", ""), fields.pop("resources.type", ""))
    where = fields.pop("resources.ARN", "")
    named = {name for part in where.split() for name in part.partition("=")[2].split(",")}
    alone = all(part.startswith(("Equals=", "StartsWith=")) for part in where.split())
    whole = not where or (alone and any(_takes_in(name, asset) for name in named))
    return said == ("Equals=Data", f"Equals={type_}") and not fields and whole


def _takes_in(name: str, asset: str) -> bool:
    """Whether the name in a selector stands for the whole asset: it, its objects, its bucket's, or all of its service."""
    bucket = asset.partition("/")[0] if ":s3:::" in asset else asset
    service = ":".join(asset.split(":")[:3])
    return name.rstrip("/:") in {asset.rstrip("/"), bucket, service}


def _account(inventory: Inventory, account: str) -> Node | None:
    held = inventory.nodes.get(NodeId(f"aws:account/{account}"))
    return held if held is not None and held.present else None


def _whole(said: Mapping[str, str], window: Window) -> bool:
    """Whether a log that was read from then to then speaks of the whole window.

    Its first hours are a matter of when it was asked for, its last ones of how late events are delivered.
    """
    since, until = (moment(said.get(word)) for word in ("since", "until"))
    return not (
        since is None or since > window.since + LATE or until is None or until < window.until - LATE
    )


def moment(text: object) -> datetime | None:
    """The time that a text tells; None where it tells none with a zone."""
    try:
        when = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return when if when.tzinfo is not None else None
