"""A table of answers, and its three forms: text, CSV, JSON."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ui.render.text import cell, safe

if TYPE_CHECKING:
    from pandas import DataFrame

Value: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under named columns, with the lines that stand above and below them on a terminal."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()

    def frame(self) -> DataFrame:
        """The rows as a frame, text made safe to read; numbers stay numbers."""
        from pandas import DataFrame  # noqa: PLC0415  # the command line has no use for frames

        rows = [[safe(one) if isinstance(one, str) else one for one in row] for row in self.rows]
        return DataFrame(rows, columns=list(self.columns))


def as_csv(sheet: Sheet) -> str:
    """The rows as CSV with a header line; the lines above and below are for people and are left out."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(sheet.columns)
    writer.writerows([cell(value) for value in row] for row in sheet.rows)
    return target.getvalue()


def _shown(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return safe(value) if isinstance(value, str) else f"{value:,}"


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _grid(sheet: Sheet, width: int | None) -> str:
    """The rows as an aligned table; columns wrap where the terminal is too narrow."""
    from rich.console import Console  # noqa: PLC0415  # only terminal output pays for rich
    from rich.table import Table  # noqa: PLC0415  # as above
    from rich.text import Text  # noqa: PLC0415  # as above

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for position, column in enumerate(sheet.columns):
        numeric = bool(sheet.rows) and all(_is_number(row[position]) for row in sheet.rows)
        table.add_column(
            column.upper(),
            justify="right" if numeric else "left",
            overflow="fold",
            no_wrap=width is None,
        )
    for row in sheet.rows:
        table.add_row(*(Text(_shown(value)) for value in row))
    target = io.StringIO()
    console = Console(file=target, width=width or 100_000, color_system=None, highlight=False)
    console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in target.getvalue().splitlines())


def as_text(sheet: Sheet, *, width: int | None = None) -> str:
    """The sheet for a person: lines above, aligned rows, lines below; no width means that nothing wraps."""
    parts = ["".join(f"{safe(line)}\n" for line in sheet.above)] if sheet.above else []
    if sheet.rows:
        parts.append(_grid(sheet, width))
    if sheet.below:
        parts.append("".join(f"{safe(line)}\n" for line in sheet.below))
    return "\n".join(parts)


def terminal_width(is_terminal: Callable[[], bool]) -> int | None:
    """The width to wrap at; none where the output goes to a file or a pipe."""
    return shutil.get_terminal_size().columns if is_terminal() else None
