"""The history of a node: what each run added, removed or changed about it, in words, the newest first."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from graph.diff import diff
from graph.model import Change, NodeId, RunId, RunRecord
from graph.schema import Written, schema
from ui.pagemodels.asset_words import Listed, Told, edge_words, name_of
from ui.pagemodels.links import Link, link
from ui.pagemodels.words import instant
from ui.reading import Reading
from ui.render.sheet import Sheet, Value
from ui.render.text import plural

MOST = 200
FACT, CONCLUSION = "fact", "conclusion"
COLUMNS = ("Run", "When", "What", "Change", "In words", "Id")
_VALUE = 120  # characters of a value that a line of history shows


@dataclass(frozen=True, slots=True)
class HistoryTab:
    """The changes of one node; `began` says since when it is known, `gone` since when it no longer is."""

    told: Told
    began: str
    gone: str
    listed: Listed
    choices: tuple[tuple[str, str], ...]
    known: bool  # whether the store ever held it


@dataclass(frozen=True, slots=True)
class _Line:
    run: RunId
    what: str
    op: str
    words: str
    other: str


def history_tab(reading: Reading, node: NodeId, *, only: str = "") -> HistoryTab:
    """The history of the node of this id, which need not be there any more."""
    runs = {run.id: run for run in reading.runs}
    began, gone, lines, counts = reading.remember(
        ("history", node), lambda: _history(reading, node, runs)
    )
    shown = [line for line in lines if not only or line.what == only][:MOST]
    of = counts[only] if only else counts.total()
    rows = tuple(_row(line, runs) for line in shown)
    sheet = Sheet(COLUMNS, rows)
    return HistoryTab(
        told=Told(sheet, rests_on=reading.known, checked="the change log of every run"),
        began=began,
        gone=gone,
        listed=Listed(
            "Changes since, the newest first",
            sheet,
            tuple(_leads(reading, line, node) for line in shown),
            of,
        ),
        choices=tuple((one, f"{one}s ({counts[one]:,})") for one in (FACT, CONCLUSION)),
        known=bool(began or gone or lines),
    )


def _history(
    reading: Reading, node: NodeId, runs: Mapping[RunId, RunRecord]
) -> tuple[str, str, tuple[_Line, ...], Counter[str]]:
    """Since when it is there and gone, the newest lines of each sort, and how many there are.

    What came or went together with the node itself is told in numbers. The first run added everything: it is not read.
    """
    began, gone = _first(reading, node), ""
    counts: Counter[str] = Counter()
    newest: dict[str, deque[_Line]] = {sort: deque(maxlen=MOST) for sort in (FACT, CONCLUSION)}
    changes = (
        reading.store.changes(since=reading.runs[0].id, about=node) if len(reading.runs) > 1 else ()
    )
    for run, logged in groupby(changes, key=lambda change: change.run):
        rows = tuple(logged)
        own = {row.op for row in rows if row.family == "node"} - {"changed"}
        if own:
            when = f"run {run} of {instant(runs[run].started)}{_beside(rows)}."
            began = f"First seen in {when}" if "added" in own else began
            gone = f"Gone since {when}" if "removed" in own else ""
            continue
        # The last of a run goes in first, so that the whole, turned around, is newest first and as logged within a run.
        for line in reversed([_line(reading, node, row) for row in rows]):
            newest[line.what].append(line)
            counts[line.what] += 1
    kept = [line for sort in newest.values() for line in reversed(sort)]
    order = (FACT, CONCLUSION)
    kept.sort(key=lambda line: (-line.run, order.index(line.what)))
    return began, gone, tuple(kept), counts


def _first(reading: Reading, node: NodeId) -> str:
    """What stands of a node that no later run added: it is there since the first run, if it is there at all."""
    if reading.view.find(node) is None or not reading.runs:
        return ""
    run = reading.runs[0]
    return f"There since run {run.id} of {instant(run.started)}, the first of this store, in which everything was added."


def _beside(rows: Iterable[Change]) -> str:
    """What came, or went, in the same run as the node itself: told in numbers."""
    counts = Counter(change.family for change in rows)
    told = [
        plural(counts[family], word, words)
        for family, word, words in (
            ("edge", "edge", "edges"),
            ("attachment", "policy", "policies"),
        )
        if counts[family]
    ]
    return f", with {' and '.join(told)}" if told else ""


def _line(reading: Reading, node: NodeId, change: Change) -> _Line:
    said: dict[str, Any] = json.loads(change.after or change.before or "{}")
    if change.family == "node":
        return _Line(change.run, _sort_of_node(said), change.op, _node_words(change), "")
    if change.family == "attachment":
        name = said["policy"] or said["name"]
        return _Line(
            change.run,
            FACT,
            change.op,
            " ".join(filter(None, (f"{said['role']} policy", name))) + _fields(change),
            "",
        )
    other = said["target"] if said["source"] == node else said["source"]
    ends = [
        "it" if end == node else name_of(reading, end) for end in (said["source"], said["target"])
    ]
    return _Line(
        change.run,
        _sort_of_edge(said),
        change.op,
        f"{ends[0]} {edge_words(said['kind'])} {ends[1]}{_fields(change)}",
        other,
    )


def _sort_of_node(said: Mapping[str, Any]) -> str:
    kind = schema().nodes.get(said["kind"])
    return CONCLUSION if kind is not None and kind.written is Written.CONCLUSION else FACT


def _sort_of_edge(said: Mapping[str, Any]) -> str:
    kind = schema().edges.get(said["kind"])
    return CONCLUSION if kind is not None and kind.written is Written.CONCLUSION else FACT


def _node_words(change: Change) -> str:
    return "it" + _fields(change)


def _fields(change: Change) -> str:
    """What differs, field by field, from what to what."""
    if change.op != "changed":
        return ""
    (row,) = diff([change], old=RunId(change.run - 1), new=change.run).rows
    then, now = (json.loads(text or "{}") for text in (row.before, row.after))
    return ": " + "; ".join(_field(name, then, now) for name in row.fields)


def _field(name: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    outer, _, inner = name.partition(".")
    values = [
        (state.get(outer, {}).get(inner) if inner else state.get(outer)) for state in (then, now)
    ]
    before, after = (_short(value) for value in values)
    label = (inner or outer).replace("_", " ")
    return f"{label} from {before} to {after}"


def _short(value: object) -> str:
    if value is None or value in ("", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= _VALUE else f"{text[:_VALUE]}..."


def _row(line: _Line, runs: Mapping[RunId, RunRecord]) -> tuple[Value, ...]:
    return (
        int(line.run),
        instant(runs[line.run].started),
        line.what,
        line.op,
        line.words,
        line.other,
    )


def _leads(reading: Reading, line: _Line, node: NodeId) -> tuple[Link, ...]:
    return tuple(_led(reading, line, node))


def _led(reading: Reading, line: _Line, node: NodeId) -> Iterator[Link]:
    if line.other and line.other != node:
        yield link("asset", f"Open {name_of(reading, line.other)}", id=line.other)
