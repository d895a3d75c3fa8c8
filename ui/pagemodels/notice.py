"""What a page says of the state that it is in: a title, a few lines, and the next thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ui.pagemodels.state import PageState
from ui.pagemodels.words import age, instant
from ui.reading import Opened, Reading
from ui.render.text import plural

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Notice:
    """A state in words. `commands` are what to run next; `clear` offers to clear the filters."""

    title: str
    lines: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    clear: bool = False


def notice_of(state: PageState, opened: Opened, *, now: datetime, checked: str) -> Notice | None:
    """What the page says in this state, None where it says nothing; `checked` is what its answer looked at."""
    match state:
        case PageState.ERROR:
            return Notice("The store cannot be read", (opened.message,), opened.advice)
        case PageState.NOT_CONFIGURED:
            return Notice(
                "Nothing was loaded yet",
                (opened.message or "the store is empty",),
                ("shadowgraph load SNAPSHOT", "shadowgraph demo"),
            )
        case PageState.EMPTY_FILTERED:
            return Notice("No rows match the filters", (), (), clear=True)
        case PageState.LOADING:
            return Notice("Loading")
        case _:
            return _of_data(state, opened, now=now, checked=checked)


def _of_data(state: PageState, opened: Opened, *, now: datetime, checked: str) -> Notice | None:
    reading = opened.reading
    if reading is None:
        return None
    unread = tuple(reading.known.unread())
    missing = unread[:SHOWN] + (
        (f"and {len(unread) - SHOWN:,} more",) if len(unread) > SHOWN else ()
    )
    when = instant(reading.read_at)
    match state:
        case PageState.INGEST_FAILED:
            return Notice(
                "No call to the platform was answered",
                missing,
                ("shadowgraph coverage",),
            )
        case PageState.STALE if reading.read_at is not None:
            return Notice(
                f"This is old: the platforms were last asked {age(now - reading.read_at)}",
                (f"All that follows is as of {when}.",),
                ("shadowgraph load SNAPSHOT",),
            )
        case PageState.PARTIAL:
            return Notice(_incomplete(reading), missing)
        case PageState.EMPTY_GOOD:
            return Notice(f"Nothing found. Checked: {checked}, as of {when}")
        case _:
            return None


def _incomplete(reading: Reading) -> str:
    """How much was not read, in one line."""
    gaps, unasked = len(reading.known.gaps), len(reading.known.unasked)
    short = (
        (gaps, f"{plural(gaps, 'call')} not answered"),
        (unasked, f"{plural(unasked, 'call')} never made"),
    )
    told = " and ".join(words for count, words in short if count)
    if not told:
        return "Incomplete: something was taken for granted, because it could not be read"
    return f"Incomplete: {told}, so there may be more than is shown"
