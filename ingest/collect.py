"""Collecting: every declared call is made where it belongs, and how it ended is kept in the snapshot.

One thread decides and writes; the calls themselves are made by a bounded number of others. Calls of one scope and
region form a lane; few lanes are open at a time, so that memory does not grow with the number of accounts.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from graph.model import GLOBAL_REGION, CoverageKey, Outcome
from ingest.fields import Json, veiled
from ingest.snapshot import CallRecord, Snapshot, SnapshotWriter
from ingest.source import Ask, Client, Reply, Resource, by_operation, items_of

FINISHED = frozenset({Outcome.OK, Outcome.DENIED, Outcome.UNSUPPORTED})
"""Outcomes that a resumed collection leaves as they are; what was throttled or failed is asked again."""

Clock: TypeAlias = Callable[[], datetime]
Told: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """One scope to read, in these regions; `home` is the one that speaks for its organisation."""

    scope: str
    regions: tuple[str, ...]
    home: bool = False


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
    ) -> None:
        self.platform = platform
        self.client = client
        self.clock = clock
        self.made = 0
        self.reused = 0
        self.outcomes: Counter[Outcome] = Counter()
        self._writer = writer
        self._snapshot = held
        calls = held.calls if held is not None else ()
        self._held: dict[CoverageKey, CallRecord] = {
            call.key: call for call in calls if call.outcome in FINISHED
        }
        self._now: dict[CoverageKey, tuple[Json, ...]] = {}

    def key_of(self, ask: Ask) -> CoverageKey:
        """The coverage key of a call."""
        return CoverageKey(self.platform, ask.scope, ask.region, ask.name)

    def is_held(self, ask: Ask) -> bool:
        """Whether the call needs not be made: an earlier attempt, or this one, finished it."""
        key = self.key_of(ask)
        return key in self._held or key in self._now

    def recall(self, ask: Ask) -> tuple[Json, ...]:
        """The pages of a call that is held; none where it was not answered."""
        key = self.key_of(ask)
        if key in self._now:
            return self._now[key]
        record = self._held[key]
        self.reused += 1
        self.outcomes[record.outcome] += 1
        if record.outcome is not Outcome.OK or self._snapshot is None:
            return ()
        return self._snapshot.pages(record)

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
        if self.is_held(ask):
            return self.recall(ask)
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
    run = _Collection(recorder, places, size, told, requests)
    with ThreadPoolExecutor(max_workers=size.lanes * size.calls) as pool:
        try:
            run.go(pool)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return Collected(recorder.made, recorder.reused, dict(recorder.outcomes))


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
        self._resources = by_operation(recorder.platform)
        self._children = _children(self._resources)
        self._width = width
        self._told = told
        self._waiting = deque(_lanes(places, self._resources, requests))
        self._active: list[_Lane] = []
        self._flying: dict[Future[Reply], tuple[_Lane, Ask, datetime]] = {}
        self._known = 0
        self._done = 0

    def go(self, pool: ThreadPoolExecutor) -> None:
        """Make all calls."""
        while self._open() or self._flying:
            self._submit(pool)
            if self._flying:
                done, _ = wait(self._flying, return_when=FIRST_COMPLETED)
                for future in done:
                    self._take(future)
            self._close()

    def _open(self) -> bool:
        """Open lanes up to the width; whether any is left."""
        while self._waiting and len(self._active) < self._width.lanes:
            lane, roots = self._waiting.popleft()
            self._active.append(lane)
            self._known += lane.add(roots)
        return bool(self._active)

    def _submit(self, pool: ThreadPoolExecutor) -> None:
        for lane in self._active:
            while lane.todo and lane.flying < self._width.calls:
                ask = lane.todo.pop()
                if self._recorder.is_held(ask):
                    self._grow(lane, ask, self._recorder.recall(ask))
                    continue
                lane.flying += 1
                future = pool.submit(self._recorder.client.ask, ask)
                self._flying[future] = (lane, ask, self._recorder.clock())

    def _take(self, future: Future[Reply]) -> None:
        lane, ask, started = self._flying.pop(future)
        lane.flying -= 1
        self._grow(lane, ask, self._recorder.keep(ask, future.result(), started))

    def _grow(self, lane: _Lane, ask: Ask, pages: tuple[Json, ...]) -> None:
        """The call is done: what its answer names is to be asked next."""
        self._done += 1
        for resource in self._children.get(ask.call.operation, ()):
            items = items_of(resource.call, ask.call.operation, pages, argument=ask.argument)
            self._known += lane.add(
                [
                    Ask(
                        resource.call,
                        lane.scope,
                        lane.region,
                        item.argument,
                        item.carried,
                        ask.name,
                    )
                    for item in items
                ]
            )
        self._told("collect", self._done, self._known)

    def _close(self) -> None:
        for lane in [lane for lane in self._active if not lane.todo and not lane.flying]:
            self._active.remove(lane)
            self._recorder.client.release(lane.scope, lane.region)


def _children(resources: Mapping[str, Resource]) -> Mapping[str, tuple[Resource, ...]]:
    """The resources that each operation feeds."""
    found: dict[str, dict[str, Resource]] = {}
    for name, resource in resources.items():
        for feed in resource.call.feeds:
            found.setdefault(feed.operation, {})[name] = resource
    return {operation: tuple(rows.values()) for operation, rows in found.items()}


def _lanes(
    places: Sequence[Place], resources: Mapping[str, Resource], requests: Sequence[Ask]
) -> Iterator[tuple[_Lane, list[Ask]]]:
    """A lane per scope for what is asked once, and one per region of it, with what each starts from."""
    for place in places:
        for region in (GLOBAL_REGION, *place.regions):
            asked = [row for row in requests if (row.scope, row.region) == (place.scope, region)]
            roots = [*asked, *roots_of(resources, place, region)]
            if roots:
                yield _Lane(place.scope, region, deque()), roots


def roots_of(resources: Mapping[str, Resource], place: Place, region: str) -> Iterator[Ask]:
    """The calls that no other call feeds, as they are made in this region, or `global`."""
    for resource in resources.values():
        call = resource.call
        if call.feeds or call.on_request or call.regional == (region == GLOBAL_REGION):
            continue
        if call.organization and not place.home:
            continue
        for choice in call.choices or ("",):
            yield Ask(call, place.scope, region, choice)
