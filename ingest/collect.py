"""Collecting: every declared call is made where it belongs, and how it ended is kept in the snapshot.

One thread decides and writes; the calls themselves are made by a bounded number of others. Calls of one scope and
region form a lane; few lanes are open at a time, and one region is done in all scopes before the next, so that memory
grows neither with the number of accounts nor with that of regions.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from queue import SimpleQueue
from typing import Self, TypeAlias

from graph.errors import SourceError
from graph.model import GLOBAL_REGION, CoverageKey, Outcome
from ingest.fields import Json
from ingest.snapshot import CallRecord, Snapshot, SnapshotWriter
from ingest.source import Ask, Call, Client, Reply, Resource, by_operation, items_of
from ingest.veils import veiled

Clock: TypeAlias = Callable[[], datetime]
Told: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """One scope to read, in these regions; `home` is the one that speaks for its organisation.

    A home that is not to be read `whole` is asked of its organisation, and of nothing of its own.
    """

    scope: str
    regions: tuple[str, ...]
    home: bool = False
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Width:
    """How much is done at a time: lanes (a scope in a region), and calls in each."""

    lanes: int = 4
    calls: int = 4


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection did: calls made now, calls found already made, and how all of them ended."""

    made: int
    held: int
    outcomes: Mapping[Outcome, int]

    @property
    def complete(self) -> bool:
        """Whether every call was answered."""
        return set(self.outcomes) <= {Outcome.OK}


class Recorder:
    """Makes calls that no earlier attempt finished, and keeps how each ended."""

    def __init__(
        self,
        client: Client,
        writer: SnapshotWriter,
        *,
        platform: str,
        clock: Clock,
        held: Snapshot | None = None,
        resources: Mapping[str, Resource] | None = None,
    ) -> None:
        self.platform = platform
        self.resources = by_operation(platform) if resources is None else resources
        self.client = client
        self.clock = clock
        self.made = 0
        self.reused = 0
        self.outcomes: Counter[Outcome] = Counter()
        self._writer = writer
        self._snapshot = held
        calls = held.calls if held is not None else ()
        self._held: dict[CoverageKey, CallRecord] = {
            call.key: call for call in calls if call.settled
        }
        self._now: dict[CoverageKey, tuple[Json, ...]] = {}

    def key_of(self, ask: Ask) -> CoverageKey:
        """The coverage key of a call."""
        return CoverageKey(self.platform, ask.scope, ask.region, ask.name)

    def recall(self, ask: Ask) -> tuple[Json, ...] | None:
        """The pages of a call that this attempt made, or an earlier one settled, none where it was not answered.

        None where it is to be made: also where what is kept of it cannot be read any more.
        """
        key = self.key_of(ask)
        if key in self._now:
            return self._now[key]
        record = self._held.get(key)
        if record is None or self._snapshot is None:
            return None
        try:
            pages = self._snapshot.pages(record) if record.outcome is Outcome.OK else ()
        except SourceError:
            del self._held[key]
            return None
        self.reused += 1
        self.outcomes[record.outcome] += 1
        return pages

    def keep(self, ask: Ask, reply: Reply, started: datetime) -> tuple[Json, ...]:
        """Write how a call ended; its pages."""
        pages = reply.pages if reply.outcome is Outcome.OK else None
        if pages is not None:
            pages = veiled(pages, ask.call.veils)
        record = CallRecord(
            platform=self.platform,
            scope=ask.scope,
            region=ask.region,
            operation=ask.call.operation,
            outcome=reply.outcome,
            started=started,
            ended=self.clock(),
            argument=ask.argument,
            params=reply.params,
            missing_permission=reply.missing_permission,
            detail=reply.detail,
            items=reply.items,
            parent=ask.parent,
        )
        self._writer.record(record, None if pages is None and reply.pages is None else pages or ())
        self.made += 1
        self.outcomes[reply.outcome] += 1
        return pages or ()

    def get(self, ask: Ask) -> tuple[Json, ...]:
        """The pages of a call that is made now, alone, and stays known to this collection; none where it failed."""
        pages = self.recall(ask)
        if pages is None:
            started = self.clock()
            pages = self.keep(ask, self.client.ask(ask), started)
        self._now[self.key_of(ask)] = pages
        return pages


@dataclass(slots=True, eq=False)
class _Lane:
    """The calls to one scope in one region that are still to be made; the newest first, so that few wait."""

    scope: str
    region: str
    todo: deque[Ask]
    seen: set[str] = field(default_factory=set)
    flying: int = 0

    def add(self, asks: Sequence[Ask]) -> int:
        """Put the calls on the list that are not on it yet; how many those are."""
        fresh = [ask for ask in asks if ask.name not in self.seen]
        self.seen.update(ask.name for ask in fresh)
        self.todo.extend(reversed(fresh))
        return len(fresh)


def collect(
    recorder: Recorder,
    places: Sequence[Place],
    *,
    width: Width | None = None,
    told: Told,
    requests: Sequence[Ask] = (),
) -> Collected:
    """Make every declared call of the platform in these places.

    What a call needs of another (the names in a listing) comes from its answer; what was not answered asks for nothing.
    `requests` are calls beside these, each made first in the lane that it belongs to.
    """
    size = width or Width()
    with _Hands(recorder.client, size.lanes * size.calls) as hands:
        _Collection(recorder, places, size, told, requests).go(hands)
    return Collected(recorder.made, recorder.reused, dict(recorder.outcomes))


@dataclass(frozen=True, slots=True)
class _Flight:
    """A call that is being made."""

    lane: _Lane
    ask: Ask
    started: datetime


class _Hands:
    """The threads that make calls, a fixed number; nobody waits for a call of theirs that is not wanted any more."""

    def __init__(self, client: Client, number: int) -> None:
        self._client = client
        self._wanted: SimpleQueue[_Flight | None] = SimpleQueue()
        self._made: SimpleQueue[tuple[_Flight, Reply | BaseException]] = SimpleQueue()
        self._stopped = threading.Event()
        # Daemons: a call may take minutes, and an interrupted program ends at once.
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(number)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._stopped.set()
        for _ in self._threads:
            self._wanted.put(None)
        if kind is None:
            for thread in self._threads:
                thread.join()

    def take(self, flight: _Flight) -> None:
        """Make this call when a hand is free."""
        self._wanted.put(flight)

    def next(self) -> tuple[_Flight, Reply]:
        """The next call that was made, as soon as there is one."""
        flight, reply = self._made.get()
        if isinstance(reply, BaseException):
            raise reply
        return flight, reply

    def _work(self) -> None:
        while (flight := self._wanted.get()) is not None and not self._stopped.is_set():
            try:
                self._made.put((flight, self._client.ask(flight.ask)))
            except BaseException as fault:  # noqa: BLE001 - a fault of the program: raised where it is decided
                self._made.put((flight, fault))


class _Collection:
    """The deciding thread of one collection."""

    def __init__(
        self,
        recorder: Recorder,
        places: Sequence[Place],
        width: Width,
        told: Told,
        requests: Sequence[Ask],
    ) -> None:
        self._recorder = recorder
        self._children = _children(recorder.resources)
        self._width = width
        self._told = told
        lanes = _Lanes(recorder.resources, places, requests)
        self._waiting = iter(lanes)
        self._left = lanes.by_region()
        self._known = lanes.calls()
        self._active: list[_Lane] = []
        self._flying = 0
        self._done = 0

    def go(self, hands: _Hands) -> None:
        """Make all calls."""
        while self._open() or self._flying:
            self._submit(hands)
            if self._flying:
                flight, reply = hands.next()
                self._take(flight, reply)
            self._close()

    def _open(self) -> bool:
        """Open lanes up to the width; whether any is left."""
        while len(self._active) < self._width.lanes:
            lane = next(self._waiting, None)
            if lane is None:
                break
            self._active.append(lane)
        return bool(self._active)

    def _submit(self, hands: _Hands) -> None:
        for lane in self._active:
            while lane.todo and lane.flying < self._width.calls:
                ask = lane.todo.pop()
                if (pages := self._recorder.recall(ask)) is not None:
                    self._grow(lane, ask, pages)
                    continue
                lane.flying += 1
                self._flying += 1
                hands.take(_Flight(lane, ask, self._recorder.clock()))

    def _take(self, flight: _Flight, reply: Reply) -> None:
        self._flying -= 1
        flight.lane.flying -= 1
        pages = self._recorder.keep(flight.ask, reply, flight.started)
        self._grow(flight.lane, flight.ask, pages)

    def _grow(self, lane: _Lane, ask: Ask, pages: tuple[Json, ...]) -> None:
        """The call is done: what its answer names is to be asked next."""
        self._done += 1
        for resource in self._children.get(ask.call.operation, ()):
            call = resource.call
            items = items_of(call, ask.call.operation, pages, argument=ask.argument)
            self._known += lane.add(
                [
                    Ask(call, lane.scope, lane.region, item.argument, item.carried, ask.name)
                    for item in items
                ]
            )
        self._told("collect", self._done, self._known)

    def _close(self) -> None:
        for lane in [lane for lane in self._active if not lane.todo and not lane.flying]:
            self._active.remove(lane)
            self._left[lane.region] -= 1
            if not self._left[lane.region]:
                self._recorder.client.release(lane.region)


def _children(resources: Mapping[str, Resource]) -> Mapping[str, tuple[Resource, ...]]:
    """The resources that each operation feeds."""
    found: dict[str, dict[str, Resource]] = {}
    for name, resource in resources.items():
        for feed in resource.call.feeds:
            found.setdefault(feed.operation, {})[name] = resource
    return {operation: tuple(rows.values()) for operation, rows in found.items()}


class _Lanes:
    """A lane per scope for what is asked once, and one per region of it; made when its turn comes, region by region."""

    def __init__(
        self, resources: Mapping[str, Resource], places: Sequence[Place], requests: Sequence[Ask]
    ) -> None:
        self._places = places
        self._requests: dict[tuple[str, str], list[Ask]] = {}
        for ask in requests:
            self._requests.setdefault((ask.scope, ask.region), []).append(ask)
        self._roots = {
            (home, regional): tuple(roots_of(resources, home=home, regional=regional))
            for home in (False, True)
            for regional in (False, True)
        }
        self._organization = tuple(
            (call, choice) for call, choice in self._roots[True, False] if call.organization
        )

    def _spots(self) -> Iterator[tuple[Place, str]]:
        """Where something is asked."""
        regions = dict.fromkeys(region for place in self._places for region in place.regions)
        for region in (GLOBAL_REGION, *regions):
            for place in self._places:
                here = region == GLOBAL_REGION or region in place.regions
                if here and self._number(place, region):
                    yield place, region

    def _of(self, place: Place, region: str) -> tuple[tuple[Call, str], ...]:
        if not place.whole:
            return self._organization if region == GLOBAL_REGION else ()
        return self._roots[place.home, region != GLOBAL_REGION]

    def _number(self, place: Place, region: str) -> int:
        return len(self._of(place, region)) + len(self._requests.get((place.scope, region), ()))

    def __iter__(self) -> Iterator[_Lane]:
        for place, region in self._spots():
            roots = [
                Ask(call, place.scope, region, choice) for call, choice in self._of(place, region)
            ]
            lane = _Lane(place.scope, region, deque())
            lane.add([*self._requests.get((place.scope, region), ()), *roots])
            yield lane

    def by_region(self) -> Counter[str]:
        """How many lanes each region has."""
        return Counter(region for _, region in self._spots())

    def calls(self) -> int:
        """How many calls all lanes start from."""
        return sum(self._number(*spot) for spot in self._spots())


def roots_of(
    resources: Mapping[str, Resource], *, home: bool, regional: bool
) -> Iterator[tuple[Call, str]]:
    """The calls that no other call feeds, with their arguments: what is asked in each region, or once."""
    for resource in resources.values():
        call = resource.call
        if call.feeds or call.on_request or call.regional is not regional:
            continue
        if call.organization and not home:
            continue
        for choice in call.choices or ("",):
            yield call, choice
