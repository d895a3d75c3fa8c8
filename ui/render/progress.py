"""Progress of long work, on the standard error stream, for a terminal only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graph.store import Told
from ui.desk import Desk


@contextmanager
def progress(desk: Desk) -> Iterator[Told | None]:
    """What long work is to tell its stage, how much is done and of how much; None where nobody watches."""
    if not desk.shows_progress:
        yield None
        return
    from rich.console import Console  # noqa: PLC0415  # only a watched terminal pays for rich
    from rich.progress import Progress, TaskID  # noqa: PLC0415  # as above

    with Progress(console=Console(stderr=True), transient=True) as bar:
        stages: dict[str, TaskID] = {}

        def told(stage: str, done: int, of: int) -> None:
            if stage not in stages:
                stages[stage] = bar.add_task(stage, total=of)
            bar.update(stages[stage], completed=done, total=of)

        yield told
