"""Reports in all their forms, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from graph.errors import ConfigError, with_advice
from ui.render.report_html import as_html
from ui.render.sheet import as_csv
from ui.render.text import json_pieces
from ui.render.workbook import as_xlsx
from ui.report import AnyReport

LOCK = ".shadowgraph-report.lock"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _json(report: AnyReport) -> Iterator[bytes]:
    return map(_bytes, json_pieces(report.plain_head(), *report.plain_rows()))


FORMS: Mapping[str, Callable[[AnyReport], bytes]] = {
    "html": lambda report: _bytes(as_html(report)),
    "csv": lambda report: _bytes(as_csv(report.sheet())),
    "xlsx": lambda report: as_xlsx({report.subject: report.sheet()}),
    "json": lambda report: b"".join(_json(report)),
}


def forms_of(text: str) -> tuple[str, ...]:
    """The forms in a list with commas; one that is none is refused."""
    wanted = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    for name in wanted:
        if name not in FORMS:
            raise with_advice(
                ConfigError(f"no form `{name}` of a report"), f"one of {', '.join(FORMS)}"
            )
    if not wanted:
        raise with_advice(
            ConfigError("no form of the report is named"), f"one of {', '.join(FORMS)}"
        )
    return wanted


def write(report: AnyReport, folder: Path, forms: tuple[str, ...]) -> tuple[Path, ...]:
    """Write the report in these forms, each file in one step; equal reports give equal files."""
    made = []
    for form in forms:
        path = folder / f"{report.name}-{int(report.run.id):05}.{form}"
        fresh = path.with_name(f".{path.name}.new")
        with fresh.open("wb") as file:
            # A large estate's rows are many times larger in this form than in others, so that they are written as they are made.
            file.writelines(_json(report) if form == "json" else (FORMS[form](report),))
        fresh.replace(path)
        made.append(path)
    return tuple(made)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; one line where another report is being written there.

    The lock belongs to the process: whatever ends the process sets it free.
    """
    import fcntl  # noqa: PLC0415  # of POSIX systems; nothing else needs it

    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise with_advice(
            ConfigError(f"reports cannot be written to `{folder}`"), str(error.strerror).lower()
        ) from error
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise with_advice(
                ConfigError(f"another report is being written to `{folder}`"),
                "wait until it is done",
            ) from error
        yield
    finally:
        os.close(held)
