"""Log files of CloudTrail: one file, packed or not, or a folder of them; who used what, per account and file."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from graph.errors import SourceError
from graph.model import GLOBAL_REGION, Coverage, CoverageKey, Outcome
from ingest.aws.events import event_of, records_of
from ingest.aws.names import ACCOUNT_ID
from ingest.aws.use import counted
from ingest.fields import Json
from ingest.snapshot import read_json
from ingest.source import Shaped

CALL = "trail.file"
ENDS = (".json", ".json.gz")
LOOKED_AT = 200  # records of a file, to tell what it is
UNKNOWN = "unknown"  # the account of records that name none


@dataclass(frozen=True, slots=True)
class TrailPart:
    """The records of one account in one file, and the key that asserts what they say."""

    account: str
    records: tuple[Json, ...]
    coverage: Coverage

    def shaped(self) -> Iterator[Shaped]:
        """Who used what in it."""
        yield from counted(self.records, source="file", account=self.account)


def trail_files(folder: Path) -> tuple[Path, ...]:
    """The log files at or below this folder, in order."""
    return tuple(
        path for path in sorted(folder.rglob("*")) if path.name.endswith(ENDS) and path.is_file()
    )


def is_trail(content: object) -> bool:
    """Whether this parsed file holds records of a log; it may hold none, or some that are no records."""
    if isinstance(content, dict) and content.get("Records") == []:
        return True
    return any("eventName" in record for record in islice(records_of(content), LOOKED_AT))


def read_trail(path: Path) -> object:
    """The parsed content of a log file; `SourceError` where it is none or packed badly."""
    if path.suffix != ".gz":
        return read_json(path)
    try:
        return json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise SourceError(f"`{path}` is no packed log file: {reason}") from None


def trail_parts(content: object, name: str) -> tuple[TrailPart, ...]:
    """The accounts of a log file, in order; its records count for the account that they were delivered to."""
    held: dict[str, list[Json]] = defaultdict(list)
    for record in records_of(content):
        event = event_of(record)
        home = event.account if event is not None else ""
        held[home if ACCOUNT_ID.fullmatch(home) else UNKNOWN].append(record)
    return tuple(_part(account, held[account], name) for account in sorted(held))


def _part(account: str, records: Iterable[Json], name: str) -> TrailPart:
    found = tuple(records)
    body = json.dumps(found, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    # Named by content, so that one file read twice, or copied, counts once.
    call = f"{CALL}/{hashlib.sha256(body).hexdigest()[:20]}"
    key = CoverageKey("aws", account, GLOBAL_REGION, call)
    return TrailPart(account, found, Coverage(key, Outcome.OK, items=len(found), detail=name))
