"""The projection on disk, keyed by the store and its version; anything odd about a file means: build it anew."""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
import zlib
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from graph.model import NodeId, digest
from graph.schema import SCHEMA_VERSION, schema
from graph.store import Store
from graph.view import ArcArrays, EdgeArrays, NodeArrays, Reasons, RevocableText, View

FORMAT = 4
_PARTS = {"nodes": NodeArrays, "edges": EdgeArrays, "arcs": ArcArrays}
_REASONS = ("edge", "grant", "revocable", "need", "alternative")
_STATES = ("state_node", "state_capability")
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)


def stamp_of(store: Store) -> tuple[str, str]:
    """What names the store (its first run) and what names this version of it (all runs and the schema's moves)."""
    runs = [f"{run.id} {run.started} {run.committed} {run.tool_version}" for run in store.runs()]
    whole = digest(str(FORMAT), str(SCHEMA_VERSION), _declared(), str(store.version()), *runs)
    return digest(*runs[:1]), whole


@cache
def _declared() -> str:
    """The declared kinds as a text that is the same in every process: sets have no order of their own."""

    def plain(value: object) -> object:
        return sorted(value) if isinstance(value, frozenset) else str(value)

    return json.dumps(asdict(schema()), default=plain, sort_keys=True)


def _file(folder: Path, stamp: tuple[str, str]) -> Path:
    return folder / f"view-{stamp[0]}.npz"


def save(folder: Path, stamp: tuple[str, str], view: View) -> None:
    """Keep the view; silently not, where the folder cannot be written."""
    arrays: dict[str, Any] = {name: getattr(view, name) for name in _STATES}
    texts: dict[str, Any] = {"stamp": stamp[1], "version": view.version}
    for part, kind in _PARTS.items():
        for field in fields(kind):
            value = getattr(getattr(view, part), field.name)
            into = texts if isinstance(value, tuple) else arrays
            into[f"{part}.{field.name}"] = value
    for name in _REASONS:
        arrays[f"reasons.{name}"] = getattr(view.reasons, name)
    names = [field.name for field in fields(RevocableText)]
    texts["reasons.texts"] = [
        [getattr(text, name) for name in names] for text in view.reasons.texts
    ]
    arrays["texts"] = np.frombuffer(json.dumps(texts).encode(), dtype=np.uint8)
    target = _file(folder, stamp)
    # A name of its own, then one rename: a reader never sees half a file, two writers never share one.
    draft = target.with_name(f".{target.stem}-{os.getpid()}-{uuid4().hex}.npz")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as out:
            np.savez(out, **arrays)
        draft.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def load(folder: Path, stamp: tuple[str, str]) -> View | None:
    """The kept view of exactly this version; None where there is none, or the file is not what it claims to be."""
    try:
        # Opened here: numpy leaves the handle of a torn archive open.
        with (
            _file(folder, stamp).open("rb") as handle,
            np.load(handle, allow_pickle=False) as file,
        ):
            texts = json.loads(file["texts"].tobytes())
            if texts["stamp"] != stamp[1]:
                return None
            parts = {
                part: kind(
                    **{
                        field.name: _value(file, texts, f"{part}.{field.name}")
                        for field in fields(kind)
                    }
                )
                for part, kind in _PARTS.items()
            }
            reasons = Reasons(
                **{name: file[f"reasons.{name}"] for name in _REASONS},
                texts=tuple(
                    RevocableText(NodeId(row[0]), *row[1:]) for row in texts["reasons.texts"]
                ),
            )
            states = {name: file[name] for name in _STATES}
            return View(version=int(texts["version"]), reasons=reasons, **parts, **states)
    except _UNREADABLE:
        return None


def _value(file: Any, texts: dict[str, Any], name: str) -> object:
    if name not in texts:
        return file[name]
    return tuple(tuple(text) if isinstance(text, list) else text for text in texts[name])
