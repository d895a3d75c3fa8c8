"""The snapshot folder: a manifest line per call, an answer file per call that was answered."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sample.estate.names import STARTED
from sample.estate.policy import Json

GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the platform and how it ended; `pages` are the parsed answers."""

    scope: str
    region: str
    operation: str
    argument: str = ""
    params: Json = field(default_factory=dict)
    pages: tuple[Json, ...] = ()
    items: int = 0
    parent: str | None = None
    missing_permission: str | None = None  # set where the call was denied
    detail: str = ""

    @property
    def file(self) -> str | None:
        """Where the answer lies, relative to the snapshot; None where there is none."""
        if self.missing_permission is not None:
            return None
        suffix = ""
        if self.argument:
            safe = re.sub(r"[^A-Za-z0-9._-]+", "-", self.argument)[:60]
            suffix = f".{safe}-{hashlib.sha256(self.argument.encode()).hexdigest()[:10]}"
        return f"answers/aws/{self.scope}/{self.region}/{self.operation}{suffix}.json"


def _stamp(seconds: float) -> str:
    moment = STARTED + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _line(call: Call, number: int) -> Json:
    denied = call.missing_permission is not None
    return {
        "platform": "aws",
        "scope": call.scope,
        "region": call.region,
        "operation": call.operation,
        "argument": call.argument,
        "params": call.params,
        "outcome": "denied" if denied else "ok",
        "missing_permission": call.missing_permission,
        "detail": call.detail,
        "items": call.items,
        "file": call.file,
        "parent": call.parent,
        "started": _stamp(1 + number * 0.21),
        "ended": _stamp(1 + number * 0.21 + 0.18),
    }


def _dump(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def write(calls: list[Call], folder: Path) -> None:
    """The calls as a snapshot in the folder, which must not hold one yet."""
    folder.mkdir(parents=True, exist_ok=True)
    head = {
        "format": 1,
        "tool": "sample estate",
        "started": STARTED.isoformat().replace("+00:00", "Z"),
    }
    lines = [_dump(head)]
    for number, call in enumerate(calls):
        lines.append(_dump(_line(call, number)))
        if call.file is not None:
            path = folder / call.file
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as out:
                json.dump({"pages": list(call.pages)}, out, ensure_ascii=False, indent=1)
                out.write("\n")
    lines.append(_dump({"finished": _stamp(2 + len(calls) * 0.21)}))
    (folder / "manifest.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
