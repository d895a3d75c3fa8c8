"""The snapshot folder: raw answers, one file per call, with a manifest that says how each call ended.

The manifest is append-only and an answer stands before its line is written, so that a killed collection leaves a
readable snapshot. It ends with a `finished` line; without one the snapshot was interrupted.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from graph.errors import SourceError, with_advice
from graph.model import Coverage, CoverageKey, Outcome
from ingest.fields import Json

FORMAT = 1
MANIFEST = "manifest.jsonl"
DRAFT = ".part"
TAIL = 256  # bytes; the line that says finished is shorter
SETTLED = frozenset({Outcome.OK, Outcome.DENIED, Outcome.UNSUPPORTED})
"""Outcomes that a resumed collection leaves as they are; what was throttled or failed is asked again."""

_SAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One line of the manifest: which call was made, and how it ended."""

    platform: str
    scope: str
    region: str
    operation: str
    outcome: Outcome
    started: datetime
    ended: datetime
    argument: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    missing_permission: str | None = None
    detail: str = ""
    items: int = 0
    file: str | None = None
    parent: str | None = None  # operation or operation/argument, same scope and region

    @property
    def key(self) -> CoverageKey:
        """The coverage key of the call."""
        call = f"{self.operation}/{self.argument}" if self.argument else self.operation
        return CoverageKey(self.platform, self.scope, self.region, call)

    @property
    def settled(self) -> bool:
        """Whether asking again would, as far as we know, be answered the same."""
        return self.outcome in SETTLED

    @property
    def parent_key(self) -> CoverageKey | None:
        """The coverage key of the listing call that named this item."""
        if self.parent is None:
            return None
        return CoverageKey(self.platform, self.scope, self.region, self.parent)

    @property
    def coverage(self) -> Coverage:
        """How the call ended, as the graph keeps it."""
        return Coverage(
            self.key,
            self.outcome,
            items=self.items,
            missing_permission=self.missing_permission,
            detail=self.detail,
            parent=self.parent_key,
        )


def answer_path(key: CoverageKey) -> str:
    """The path of a call's answer inside the snapshot: readable, safe for files, and unique."""
    argument = key.call.partition("/")[2]
    name = key.operation
    if argument:
        short = hashlib.sha256(argument.encode("utf-8", "surrogatepass")).hexdigest()[:10]
        name += f".{_SAFE.sub('-', argument)[:60]}-{short}"
    scope, region = (_SAFE.sub("-", part) or "-" for part in (key.scope, key.region))
    return f"answers/{key.platform}/{scope}/{region}/{name}.json"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return _iso(value if value.tzinfo else value.replace(tzinfo=UTC))
    raise SourceError(f"an answer holds a value that is no JSON: `{type(value).__name__}`")


def _line(record: CallRecord) -> dict[str, Any]:
    return {
        "platform": record.platform,
        "scope": record.scope,
        "region": record.region,
        "operation": record.operation,
        "argument": record.argument,
        "params": dict(record.params),
        "outcome": record.outcome.value,
        "missing_permission": record.missing_permission,
        "detail": record.detail,
        "items": record.items,
        "file": record.file,
        "parent": record.parent,
        "started": _iso(record.started),
        "ended": _iso(record.ended),
    }


class SnapshotWriter:
    """Writes a snapshot folder call by call; one that is unfinished, or holds calls to ask again, is gone on with.

    `held` is what the folder holds already. Only one writer has a folder at a time.
    """

    def __init__(self, root: Path, *, tool: str, started: datetime) -> None:
        self.root = root
        with _written(root):
            self._file = _opened(root)
            try:
                self.held = _unfinished(root)
                if self.held is None:
                    self._append({"format": FORMAT, "tool": tool, "started": _iso(started)})
            except BaseException:
                self._file.close()
                raise
        self.started = started if self.held is None else self.held.started

    def record(self, record: CallRecord, pages: Iterable[object] | None = None) -> CallRecord:
        """Keep one call; `pages` are its parsed answers, an empty list where there is none of the thing."""
        with _written(self.root):
            if pages is not None:
                path = answer_path(record.key)
                self._keep(self.root / path, pages)
                record = replace(record, file=path)
            self._append(_line(record))
        return record

    def _keep(self, target: Path, pages: Iterable[object]) -> None:
        """The answer stands whole, or not at all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(DRAFT)
        with draft.open("w", encoding="utf-8", newline="\n") as out:
            out.write('{"pages": [')
            for at, page in enumerate(pages):  # page by page: a whole answer may be large
                body = json.dumps(page, ensure_ascii=True, default=_plain)
                out.write(f"{',' if at else ''}\n{body}")
            out.write("\n]}\n")
        draft.replace(target)

    def finish(self, finished: datetime) -> None:
        """Say that every call was made, and close the manifest."""
        with _written(self.root):
            self._append({"finished": _iso(finished)})
            os.fsync(self._file.fileno())
        self.close()

    def close(self) -> None:
        """Close the manifest; without `finish` the snapshot counts as interrupted."""
        self._file.close()

    def _append(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=True, default=_plain) + "\n")
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@contextmanager
def _written(root: Path) -> Iterator[None]:
    """Say in one line where and why a snapshot could not be written."""
    try:
        yield
    except OSError as error:
        raise SourceError(f"cannot write `{root}`: {error.strerror or error}") from error


def _opened(root: Path) -> IO[str]:
    """The manifest, ready to be appended to, and ours alone."""
    manifest = root / MANIFEST
    if root.is_dir() and not manifest.exists() and next(root.iterdir(), None) is not None:
        raise with_advice(
            SourceError(f"`{root}` holds other files than a snapshot"), "name a new folder"
        )
    root.mkdir(parents=True, exist_ok=True)
    file = manifest.open("a", encoding="utf-8", newline="\n")
    if not _locked(file):
        file.close()
        raise with_advice(
            SourceError(f"another collection is writing `{root}`"),
            "wait for it, or name another folder",
        )
    return file


def _locked(file: IO[str]) -> bool:
    """Take the file for this process alone, until it is closed; where the system has no such locks it is taken."""
    try:
        import fcntl  # noqa: PLC0415  # not on every system
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _unfinished(root: Path) -> Snapshot | None:
    """The snapshot that is to be gone on with; None where the folder holds none yet.

    `SourceError` where it is finished, and every call of it settled.
    """
    manifest = root / MANIFEST
    _mend(manifest)
    if not manifest.stat().st_size:
        return None
    held = Snapshot.read(root)
    if held.finished is not None and all(call.settled for call in held.calls):
        raise with_advice(SourceError(f"`{root}` holds a finished snapshot"), "name a new folder")
    for draft in root.rglob(f"*{DRAFT}"):  # whoever wrote it was killed
        draft.unlink()
    return held


def _mend(manifest: Path) -> None:
    """Take away the last line of the manifest where the writer was killed in the middle of it."""
    body = manifest.read_bytes()
    if not body.endswith(b"\n"):
        with manifest.open("r+b") as file:
            file.truncate(body.rfind(b"\n") + 1)


def interrupted(root: Path) -> bool:
    """Whether the folder holds a snapshot whose last line does not say that it is finished; only its end is read."""
    try:
        with (root / MANIFEST).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            end = file.read()
    except OSError:
        return False
    return not end.rstrip(b"\n").rpartition(b"\n")[2].startswith(b'{"finished"')


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot as it lies on disk: its calls, the newest line of each key; answers are read when asked for."""

    root: Path
    tool: str
    started: datetime
    finished: datetime | None  # None: interrupted
    calls: tuple[CallRecord, ...]

    @property
    def read_between(self) -> tuple[datetime, datetime] | None:
        """When its first call began and its last one ended; None where it holds no call."""
        if not self.calls:
            return None
        return min(call.started for call in self.calls), max(call.ended for call in self.calls)

    @property
    def interrupted(self) -> bool:
        """Whether it ends without the line that says every call was made."""
        return self.finished is None

    @staticmethod
    def read(root: Path) -> Snapshot:
        """The snapshot in this folder; `SourceError` where it is none or its manifest is damaged."""
        manifest = root / MANIFEST
        lines = _lines(manifest)
        if not lines:
            raise SourceError(f"`{manifest}` is empty")
        head = lines[0]
        if "format" not in head:
            raise SourceError(
                f"`{manifest}` is no snapshot manifest: its first line names no format"
            )
        if head["format"] != FORMAT:
            raise with_advice(
                SourceError(
                    f"`{manifest}` has format `{head['format']}`, this version reads {FORMAT}"
                ),
                "read it with the version that wrote it, or collect again",
            )
        calls: dict[CoverageKey, CallRecord] = {}
        finished: datetime | None = None
        for at, line in enumerate(lines[1:], start=2):
            if "finished" in line:
                finished = _time(line, "finished", f"{manifest}:{at}")
                continue
            finished = None  # it was gone on with
            record = _record(line, f"{manifest}:{at}")
            calls.pop(record.key, None)  # a call that was made again stands where its last line is
            calls[record.key] = record
        started = _time(head, "started", f"{manifest}:1")
        return Snapshot(root, str(head.get("tool", "")), started, finished, tuple(calls.values()))

    def pages(self, record: CallRecord) -> tuple[Json, ...]:
        """The pages of this call's answer; `SourceError` where the file is missing, cut or not an answer."""
        if record.file is None:
            return ()
        path = self.root / record.file
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise SourceError(f"answer `{record.file}` lies outside the snapshot `{self.root}`")
        content = read_json(path)
        pages = content.get("pages") if isinstance(content, dict) else None
        if not isinstance(pages, list) or not all(isinstance(page, dict) for page in pages):
            raise SourceError(f"`{path}` is no answer: it holds no list `pages` of objects")
        return tuple(pages)


def read_json(path: Path) -> object:
    """The parsed content of a JSON file; `SourceError` names the file and the place of what is wrong."""
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        raise SourceError(f"no such file `{path}`") from None
    except OSError as error:
        raise SourceError(f"cannot read `{path}`: {error.strerror or error}") from None
    if not body.strip():
        raise SourceError(f"`{path}` is empty")
    try:
        parsed: object = json.loads(body)
    except json.JSONDecodeError as error:
        cut = " (cut off)" if error.pos >= len(error.doc.rstrip()) else ""
        raise SourceError(
            f"`{path}` is not JSON{cut}: {error.msg.lower()} at line {error.lineno} column {error.colno}"
        ) from None
    except UnicodeDecodeError:
        raise SourceError(f"`{path}` is not JSON: not text in UTF-8") from None
    except RecursionError:
        raise SourceError(f"`{path}` is nested too deeply") from None
    except ValueError:
        raise SourceError(f"`{path}` cannot be read: a number has too many digits") from None
    # JSON may escape half a surrogate pair, which is no text and cannot be stored: it becomes U+FFFD.
    return _whole_text(parsed) if b"\\ud" in body.lower() else parsed


def _whole_text(parsed: object) -> object:
    body = json.dumps(parsed, ensure_ascii=False).encode("utf-16", "surrogatepass")
    whole: object = json.loads(body.decode("utf-16", "replace"))
    return whole


def _lines(manifest: Path) -> list[dict[str, Any]]:
    """The parsed lines of the manifest; a last line that a kill cut off is left out."""
    try:
        body = manifest.read_bytes()
    except FileNotFoundError:
        raise SourceError(f"`{manifest.parent}` holds no `{MANIFEST}`: it is no snapshot") from None
    except OSError as error:
        raise SourceError(f"cannot read `{manifest}`: {error.strerror or error}") from None
    raw = body.split(b"\n")
    whole, rest = raw[:-1], raw[-1]
    if rest.strip() and not whole:
        whole = [rest]  # a file of one line without an end: judge it as it is
    lines: list[dict[str, Any]] = []
    for at, line in enumerate(whole, start=1):
        try:
            parsed = json.loads(line)
        except ValueError:
            raise SourceError(f"`{manifest}` line {at} is not JSON") from None
        if not isinstance(parsed, dict):
            raise SourceError(f"`{manifest}` line {at} is no object")
        lines.append(parsed)
    return lines


def _time(line: Mapping[str, Any], name: str, where: str) -> datetime:
    value = line.get(name)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise SourceError(f"`{where}` has no time `{name}`")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(line: Mapping[str, Any], name: str, where: str) -> str:
    value = line.get(name)
    if not isinstance(value, str) or not value:
        raise SourceError(f"`{where}` names no `{name}`")
    return value


def _optional(line: Mapping[str, Any], name: str, where: str) -> str | None:
    value = line.get(name)
    if value is not None and not isinstance(value, str):
        raise SourceError(f"`{where}`: `{name}` is no text")
    return value or None


def _record(line: Mapping[str, Any], where: str) -> CallRecord:
    outcome = _text(line, "outcome", where)
    if outcome not in set(Outcome):
        raise SourceError(f"`{where}` has the unknown outcome `{outcome}`")
    items = line.get("items", 0)
    params = line.get("params")
    file = _optional(line, "file", where)
    if outcome == Outcome.OK and file is None:
        raise SourceError(f"`{where}` is ok but names no answer file")
    return CallRecord(
        platform=_text(line, "platform", where),
        scope=_text(line, "scope", where),
        region=_text(line, "region", where),
        operation=_text(line, "operation", where),
        outcome=Outcome(outcome),
        started=_time(line, "started", where),
        ended=_time(line, "ended", where),
        argument=_optional(line, "argument", where) or "",
        params=params if isinstance(params, dict) else {},
        missing_permission=_optional(line, "missing_permission", where),
        detail=_optional(line, "detail", where) or "",
        items=items if isinstance(items, int) else 0,
        file=file,
        parent=_optional(line, "parent", where),
    )
