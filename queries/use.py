"""What was used, and what could have been seen: use from logs, and the answer `used`, `unused` or `not observed`.

Nothing is unused that no log would show: management events count where the log of the asset's account and region was read
for the whole window, data events where a trail logs them and its files were read, and either where the access advisor says
that the identity used nothing of the service. Actions that calls of other names ask for are unused only by the latter.
SOURCE: "Refine permissions using last accessed information" (IAM user guide), read 2026-11-26.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from access.aws.recorded import Recorded, recorded
from graph.model import Node, NodeId, Observation
from queries.logs import (  # fmt: skip
    GLOBAL_SERVICES,
    HOME,
    Window,
    data_logged,
    logged,
    moment,
    regions_read,
)
from queries.rule import Unread

if TYPE_CHECKING:
    from queries.inventory import Inventory

USED = "used"
NEVER = "never_used"
ADVISOR = "iam.get_service_last_accessed_details"
TRACKED = timedelta(days=400)  # how far back the access advisor looks
_UNADVISED = frozenset({"iam:PassRole", "kms"})
TRUSTED = "trust"  # how the Grant of a trust policy is called
_ASSUMING = frozenset({"Role", "User"})  # others come with a token, by another action
WITHIN = "no event is named after it: other calls ask for it"


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


def seen(inventory: Inventory, who: Node, action: str, asset: Node, window: Window) -> Seen:
    """Whether the identity used the action on the asset in the window, or could have been seen to."""
    days = _days(inventory, who.id, action, asset, window)
    if days:
        return Seen(Answer.USED, "the log shows it", len(days), sum(days.values()), max(days))
    last = _advised(inventory, who, action)
    if last is not None and last >= window.since:
        return Seen(Answer.USED, "the access advisor shows it", last=last.date().isoformat())
    return unadvised(inventory, who, action, window) or _unseen(
        inventory, who, action, asset, window
    )


def shows_as(how: str, who: Node) -> str | None:
    """The action under whose name the use of a Grant by the identity is logged; None where no single event tells it."""
    if how == TRUSTED:
        return "sts:AssumeRole" if who.kind in _ASSUMING else None
    return how if ":" in how else None


def _advised(inventory: Inventory, who: Node, action: str) -> datetime | None:
    return moment(inventory.seen(who.id).get(f"last_used:{action}"))


def unadvised(inventory: Inventory, who: Node, action: str, window: Window) -> Seen | None:
    """That the access advisor shows no use of the action's service in the window; None where it does not tell that.

    It looks back 400 days, in all regions, and knows nothing of iam:PassRole. What a service does with a key on somebody's
    behalf is not surely in it.
    """
    service = action.partition(":")[0]
    if action in _UNADVISED or service in _UNADVISED or window.length > TRACKED:
        return None
    told = inventory.seen(who.id)
    never, last = told.get(NEVER), moment(told.get(f"last_used:{service}"))
    idle = isinstance(never, tuple) and service in never
    if not (idle or (last is not None and last < window.since)):
        return None
    if inventory.unread(who, ADVISOR):
        return None
    if idle:
        return Seen(Answer.UNUSED, "the access advisor shows no use of the service")
    why = "the access advisor shows no use of the service since then"
    return Seen(Answer.UNUSED, why, last=last.date().isoformat() if last else "")


def _unseen(inventory: Inventory, who: Node, action: str, asset: Node, window: Window) -> Seen:
    """What it means that no log shows a use: none, or none that could have been seen."""
    for one, word in ((who, "identity"), (asset, "asset")):
        if inventory.young(one, window.length):
            return Seen(Answer.NOT_OBSERVED, f"the {word} is younger than the window")
    how = recorded(action, str(asset.id))
    if how is Recorded.NOWHERE:
        return Seen(Answer.NOT_OBSERVED, WITHIN)
    account, regions = _where(inventory, action, asset)
    if how is Recorded.DATA:
        if all(data_logged(inventory, action, asset, (account, one), window) for one in regions):
            return Seen(Answer.UNUSED, "a trail logs its data events, was read for the whole window and shows none")  # fmt: skip
        return Seen(Answer.NOT_OBSERVED, "shows in data events only", unread=(Unread(ADVISOR),))
    return _looked(inventory, account, regions, action, window)


def anywhere(inventory: Inventory, who: Node, action: str, window: Window) -> Seen:
    """Whether it can be said that the identity used the action on nothing at all in the window.

    Only for actions that no use is recorded of. It speaks of the regions whose log was asked for.
    """
    told = unadvised(inventory, who, action, window)
    if told is not None:
        return told
    if inventory.young(who, window.length):
        return Seen(Answer.NOT_OBSERVED, "the identity is younger than the window")
    how, service = recorded(action), action.partition(":")[0]
    if how is not Recorded.MANAGEMENT:
        why = WITHIN if how is Recorded.NOWHERE else "shows in data events only"
        return Seen(Answer.NOT_OBSERVED, why)
    account = inventory.account(who)
    regions = {HOME} if service in GLOBAL_SERVICES else regions_read(inventory, account)
    if service == "sts":  # its endpoint without a region is logged at home
        regions = {HOME, *regions}
    return _looked(inventory, account, regions, action, window)


def _looked(
    inventory: Inventory, account: str, regions: Collection[str], action: str, window: Window
) -> Seen:
    """What the management events of these regions tell of an action that they do not show."""
    service = action.partition(":")[0]
    gaps = tuple(gap for one in sorted(regions) for gap in logged(inventory, account, one, window, service=service))  # fmt: skip
    if gaps or not regions:
        return Seen(Answer.NOT_OBSERVED, "the log was not read for the whole window", unread=gaps)
    return Seen(Answer.UNUSED, "the log was read for the whole window and shows none")


def _where(inventory: Inventory, action: str, asset: Node) -> tuple[str, frozenset[str]]:
    """In which account and regions the event could be written: that of STS wherever its endpoint was called.

    SOURCE: "Logging IAM and AWS STS API calls with AWS CloudTrail" (IAM user guide), read 2026-11-26.
    """
    region, account = str(asset.props.get("region", HOME)), inventory.account(asset)
    service = action.partition(":")[0]
    if service == "sts":
        return account, frozenset({HOME, *regions_read(inventory, account)})
    return account, frozenset(
        {HOME if service in GLOBAL_SERVICES or region == "global" else region}
    )


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
