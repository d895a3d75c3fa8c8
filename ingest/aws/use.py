"""Use, counted: what events show, per identity, action, asset and day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from graph.model import Basis, CoverageKey, Edge, Node, NodeId, Observation
from ingest.aws.asset import account_stub, referenced
from ingest.aws.events import COPYING, Actor, Event, event_of
from ingest.aws.names import account_node
from ingest.fields import Json
from ingest.source import Link, Mention, Shaped, Tally

USED, REFUSED, EVENT = "used", "refused", "event"
"""How names of observations begin: `used|SOURCE|ACTION|ASSET`, `refused|..`, and `event|SOURCE|SERVICE|NAME` where no
action is known. SOURCE says which log told: counts of two logs of one day are not to be added."""

MADE = ("Create", "RunInstances", "RegisterTaskDefinition")


def counted(records: Iterable[Json], *, source: str, account: str) -> Iterator[Shaped]:
    """Who used what, as observations of identities; unknown events are kept beside them, and both are tallied."""
    uses: dict[tuple[Actor | str, str], Counter[str]] = defaultdict(Counter)
    mapped: Counter[str] = Counter()
    unmapped: dict[str, Counter[str]] = defaultdict(Counter)
    copies = Copies()
    lost = 0
    for record in records:
        event = event_of(record, account=account)
        if event is None:
            lost += 1
            continue
        holder: Actor | str = event.actor or event.account or account
        for name in _names(event, source):
            uses[holder, name][event.day] += 1
        if event.actions:
            mapped[event.service] += 1
        else:
            unmapped[event.service][event.name] += 1
        yield from _created(event)
        if event.name in COPYING:
            copies.add(event)
    yield from _observed(uses)
    yield from copies.told()
    yield from _tallied(mapped, unmapped)
    if lost:
        yield Tally("records that name no event, source or day", 0, lost, ())


class Copies:
    """Which buckets objects were copied into from which, how often, until when and by whom."""

    def __init__(self) -> None:
        self.calls: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.last: dict[tuple[str, str], str] = defaultdict(str)
        self.owners: dict[str, str] = {}

    def add(self, event: Event) -> None:
        """Count the event, if it copied something from another bucket."""
        if event.refused or event.actor is None or not event.asset:
            return
        for action, source in event.further:
            if action == "s3:GetObject" and source != event.asset:
                pair = (event.asset, source)
                self.calls[pair][event.actor.id] += 1
                self.last[pair] = max(self.last[pair], event.day)
                self.owners.update(event.owners)

    def told(self) -> Iterator[Node | Edge]:
        """Each pair as an edge that the log shows, with a line for each identity that copied."""
        for (target, source), actors in sorted(self.calls.items()):
            for bucket in (target, source):
                name = bucket.rpartition(":")[2]
                yield referenced(bucket, "Dataset", account=self.owners.get(bucket), name=name, flavour="bucket")  # fmt: skip
            last = self.last[target, source]
            lines = tuple(f"{count} copies by {actor} until {last}" for actor, count in sorted(actors.items()))  # fmt: skip
            yield Edge("DERIVED_FROM", NodeId(target), NodeId(source), basis=Basis.OBSERVED, evidence=lines)  # fmt: skip


def _names(event: Event, source: str) -> Iterator[str]:
    if not event.actions or event.actor is None:
        yield f"{EVENT}|{source}|{event.service}|{event.name}"
    else:
        word = REFUSED if event.refused else USED
        used = (*((action, event.asset) for action in event.actions), *event.further)
        yield from (f"{word}|{source}|{action}|{asset}" for action, asset in used)


def _created(event: Event) -> Iterator[Mention]:
    """That the actor made the asset, as far as the whole estate knows it."""
    if event.actor is None or event.refused or not event.asset:
        return
    if event.name.startswith(MADE) and event.actor.kind in {"User", "Role"}:
        yield Mention(Link.CREATED_BY, NodeId(event.asset), event.actor.id, {"log": event.day})


def _observed(uses: dict[tuple[Actor | str, str], Counter[str]]) -> Iterator[Node | Observation]:
    seen: set[Actor | str] = set()
    for holder, name in sorted(uses, key=lambda key: (str(key[0]), key[1])):
        node = NodeId(holder.id) if isinstance(holder, Actor) else account_node(holder)
        if holder not in seen:
            seen.add(holder)
            yield _stub(holder)
        days = {day: str(count) for day, count in sorted(uses[holder, name].items())}
        yield Observation(node, name, days)


def _stub(holder: Actor | str) -> Node:
    if isinstance(holder, str):
        return account_stub(holder)
    if holder.kind == "Account":
        return account_stub(holder.account)
    return referenced(holder.id, holder.kind, account=holder.account or None)


def _tallied(mapped: Counter[str], unmapped: dict[str, Counter[str]]) -> Iterator[Tally]:
    for service in sorted({*mapped, *unmapped}):
        rest = unmapped.get(service, Counter())
        whole = mapped[service] + rest.total()
        yield Tally(f"events of {service}", mapped[service], whole, tuple(sorted(rest)))


def observed(rows: Iterable[Observation]) -> Iterator[Observation]:
    """The observations; counts of one name that several answers gave are added up, and asserted by all of them."""
    days: dict[tuple[NodeId, str], Counter[str]] = defaultdict(Counter)
    keys: dict[tuple[NodeId, str], frozenset[CoverageKey]] = defaultdict(frozenset)
    for row in rows:
        if row.name.partition("|")[0] not in {USED, REFUSED, EVENT} or not isinstance(
            row.value, Mapping
        ):
            yield row
            continue
        known = row.node, row.name
        days[known].update({day: int(count) for day, count in row.value.items()})
        keys[known] |= row.asserted_by
    for (node, name), found in days.items():
        value = {day: str(count) for day, count in sorted(found.items())}
        yield Observation(node, name, value, asserted_by=keys[node, name])
