"""Which system of record a file is, by what it holds."""

from __future__ import annotations

from pathlib import Path

from graph.errors import SourceError
from ingest.files.inventory import not_a_table, read_table, rows_in, table_of
from ingest.files.record import Record
from ingest.files.terraform_state import is_terraform, read_terraform
from ingest.snapshot import read_json

TABLES = (".csv", ".toml")
MOST = 256 * 1024 * 1024  # bytes of a file


def record_of(path: Path) -> Record | None:
    """The system of record that the file is; None where it is something else, `SourceError` where it is damaged."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return None
    content = _table(path, suffix) if suffix in TABLES else read_json(path)
    if is_terraform(content):
        assert isinstance(content, dict)  # noqa: S101 - `is_terraform` says so
        return read_terraform(content, path.name)
    found = rows_in(content)
    if found is not None:
        return read_table(*found, path.stem, path.name)
    if suffix in TABLES:
        raise not_a_table(path.name)
    return None


def _table(path: Path, suffix: str) -> object:
    try:
        if path.stat().st_size > MOST:
            raise SourceError(f"`{path}` is larger than {MOST:,} bytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0].lower()
        raise SourceError(f"`{path}` cannot be read: {reason}") from None
    return table_of(text, suffix, path.name)
