"""The header of every page: how old the data is, how much of it was answered, and whether it is the sample."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from graph.model import Outcome
from graph.store import Store, cypher_store
from ui.pagemodels.words import age, instant
from ui.reading import Opened
from ui.render.text import plural


@dataclass(frozen=True, slots=True)
class Freshness:
    """How one platform was read: a word with an icon, never the colour alone."""

    source: str
    word: str  # ok, incomplete, late or failed
    detail: str


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above every page; empty where there is no store to read."""

    sample: bool = False
    data: str = ""
    run: str = ""
    coverage: str = ""
    complete: bool = True
    sources: tuple[Freshness, ...] = ()
    loading: bool = False  # a newer run is being written into a shared store


def header_of(opened: Opened, *, now: datetime, stale_after: timedelta) -> Header:
    """The header over what was opened."""
    reading = opened.reading
    if reading is None or reading.run is None:
        return Header()
    read_at = reading.read_at
    old = "" if read_at is None else age(now - read_at)
    calls = plural(reading.known.calls, "call")
    short = ((len(reading.known.gaps), "not answered"), (len(reading.known.unasked), "never asked"))
    missing = ", ".join(f"{count:,} {words}" for count, words in short if count)
    return Header(
        sample=reading.sample,
        data=f"Data as of {instant(read_at)}" + (f", {old}" if old and not reading.sample else ""),
        run=f"run {reading.run.id}, loaded {instant(reading.run.started)}",
        coverage=f"{calls}, {missing or 'all answered'}",
        complete=not missing,
        sources=tuple(_freshness(opened, now=now, stale_after=stale_after)),
        loading=_loading(reading.store),
    )


def _loading(store: Store) -> bool:
    shared = cypher_store(store)
    return shared is not None and shared.unfinished()


def _freshness(opened: Opened, *, now: datetime, stale_after: timedelta) -> list[Freshness]:
    reading = opened.reading
    if reading is None:
        return []
    by_platform: dict[str, list[Outcome]] = {}
    for row in reading.coverage:
        by_platform.setdefault(row.key.platform, []).append(row.outcome)
    read_at = None if reading.sample else reading.read_at
    late = read_at is not None and now - read_at > stale_after
    unasked = {call.platform for call in reading.known.unasked}
    made = []
    for platform, outcomes in sorted(by_platform.items()):
        good = sum(outcome is Outcome.OK for outcome in outcomes)
        word = (
            "failed"
            if not good
            else "late"
            if late
            else "ok"
            if good == len(outcomes) and platform not in unasked
            else "incomplete"
        )
        made.append(
            Freshness(platform.upper(), word, f"{good:,} of {len(outcomes):,} calls answered")
        )
    return made
