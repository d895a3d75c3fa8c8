"""The replay server: one recorded conversation of the real services, served again."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wire.answers import Wired, answered, refused
from wire.requests import Asked, catalogue, model
from wire.server import Wire, running

PLACEBO = Path(__file__).parents[1] / "data" / "aws" / "c7n-placebo"
RECORDED = ("accessanalyzer", "bedrock", "bedrock-agent", "resourcegroupstaggingapi")
TOKENS = ("NextToken", "nextToken", "Marker", "NextMarker", "ContinuationToken")


@dataclass
class Conversation:
    """One placebo folder as a server of answers; the numbers of an operation's answers are its turns."""

    folder: Path
    misses: list[str] = field(default_factory=list)  # asked, and not recorded
    writes: list[str] = field(default_factory=list)  # asked, and refused: we only read
    dropped: list[str] = field(default_factory=list)  # recorded tokens that nothing follows
    turns: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise FileNotFoundError(self.folder)
        self.catalogue = catalogue(*RECORDED)

    def answer(self, asked: Asked) -> Wired:
        """The next recorded answer of the operation; the last one again where there are no more."""
        if asked.operation and not asked.reads:
            self.writes.append(asked.name)
            return refused(asked, 405, "MethodNotAllowed", "recordings are only read")
        stem = self._stem(asked)
        last = self._recorded(stem) if stem else 0
        if not last:
            self.misses.append(asked.name if asked.service else f"{asked.method} {asked.path}")
            return refused(asked, 400, "UnknownOperationException", "not recorded")
        with self.lock:
            turn = min(self.turns[stem] + 1, last)
            self.turns[stem] = turn
        return self._sent(asked, stem, turn, last)

    def _stem(self, asked: Asked) -> str:
        if not asked.service:
            return ""
        return f"{model(asked.service).endpoint_prefix}.{asked.operation}"

    def _recorded(self, stem: str) -> int:
        """How many answers there are, numbered from 1."""
        last = 0
        while (self.folder / f"{stem}_{last + 1}.json").exists():
            last += 1
        return last

    def _sent(self, asked: Asked, stem: str, turn: int, last: int) -> Wired:
        record = json.loads((self.folder / f"{stem}_{turn}.json").read_text(encoding="utf-8"))
        data = _values(record["data"])
        data.pop("ResponseMetadata", None)
        status = int(record["status_code"])
        if status >= 300 and "Error" in data:
            error = data["Error"]
            return refused(asked, status, error["Code"], error.get("Message", ""))
        for name in TOKENS:
            if data.get(name) and turn == last:
                self.dropped.append(f"{stem}_{turn}: {name}")
                del data[name]
        return answered(asked, data, status)


def _values(value: Any) -> Any:
    """The recorded value with its times as times."""
    if isinstance(value, Mapping):
        if value.get("__class__") == "datetime":
            parts = [value[name] for name in ("year", "month", "day", "hour", "minute", "second")]
            return datetime(*parts, value["microsecond"], tzinfo=UTC)
        return {name: _values(item) for name, item in value.items()}
    return [_values(item) for item in value] if isinstance(value, list) else value


def recorded_operations(folder: Path) -> set[str]:
    """The names of the files of a conversation, without their numbers."""
    return {re.sub(r"_\d+$", "", path.stem) for path in folder.glob("*.json")}


@contextmanager
def replaying(name: str, root: Path = PLACEBO) -> Iterator[tuple[Wire, Conversation]]:
    """The conversation of this name, served until the block ends; a write that was asked for fails the test."""
    conversation = Conversation(root / name)
    with running(conversation) as wire:
        yield wire, conversation
    assert conversation.writes == [], "the collector asked for changes"
