"""The closed list of states that a page can be in, and the one function that decides which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ui.reading import Opened


class PageState(StrEnum):
    """What a page shows in place of, or above, its content."""

    NOT_CONFIGURED = "not_configured"
    LOADING = "loading"
    INGEST_FAILED = "ingest_failed"
    STALE = "stale"
    PARTIAL = "partial"
    EMPTY_GOOD = "empty_good"
    EMPTY_FILTERED = "empty_filtered"
    READY = "ready"
    ERROR = "error"


WITHOUT_CONTENT = frozenset(
    {
        PageState.NOT_CONFIGURED,
        PageState.LOADING,
        PageState.INGEST_FAILED,
        PageState.ERROR,
        PageState.EMPTY_FILTERED,
        PageState.EMPTY_GOOD,
    }
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What the state of a page depends on, and nothing else.

    `age` is how old the newest answers are, None where that is not known or does not matter (the sample never grows
    old). `rows` is what the page would show without filters, `shown` what it shows with them. `complete` is whether
    everything was read that the page's answer could depend on.
    """

    missing: bool = False
    broken: bool = False
    pending: bool = False
    answered: int = 0  # calls
    unanswered: int = 0
    age: timedelta | None = None
    stale_after: timedelta = timedelta(hours=36)
    complete: bool = True
    rows: int = 0
    shown: int = 0


def view_state(now: Situation) -> PageState:
    """The state of a page: the first of these that holds.

    What could not be read is never told as empty: with rows missing because of a filter the page says so, but an empty
    answer counts as good only where everything was read.
    """
    decided = (
        (now.broken, PageState.ERROR),
        (now.missing, PageState.NOT_CONFIGURED),
        (now.pending, PageState.LOADING),
        (not now.answered and now.unanswered > 0, PageState.INGEST_FAILED),
        (now.rows > 0 and not now.shown, PageState.EMPTY_FILTERED),
        (now.age is not None and now.age > now.stale_after, PageState.STALE),
        (not now.complete, PageState.PARTIAL),
        (not now.rows, PageState.EMPTY_GOOD),
    )
    return next((state for holds, state in decided if holds), PageState.READY)


def situation(
    opened: Opened,
    *,
    now: datetime,
    stale_after: timedelta,
    rows: int = 0,
    shown: int | None = None,
    complete: bool | None = None,
) -> Situation:
    """The situation of a page over what was opened; `complete` is that of the whole estate unless the page knows better."""
    reading = opened.reading
    if reading is None:
        return Situation(missing=opened.missing, broken=not opened.missing)
    read_at = None if reading.sample else reading.read_at
    known = reading.known
    return Situation(
        missing=opened.missing,
        answered=reading.answered,
        unanswered=len(known.gaps),
        age=None if read_at is None else now - read_at,
        stale_after=stale_after,
        complete=known.complete if complete is None else complete,
        rows=rows,
        shown=rows if shown is None else shown,
    )
