"""What the app reads: one store at one version, with everything heavy made once and shared by all sessions."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from access.decision import revocables
from graph.errors import EstateError, NoStoreError, StoreError
from graph.model import Coverage, Node, NodeId, RunRecord
from graph.projection import view_of
from graph.store import Store
from graph.stores import open_store
from graph.view import Keep, View
from queries.fixes import Evidence, Fix, path_fixes
from queries.paths import Path as Route
from ui.completeness import Completeness, completeness
from ui.loading import LoadNote, load_notes
from ui.outlook import Outlook, administrators_of, kept_outlook, outlook_of
from ui.told import ToldHop, told

if TYPE_CHECKING:
    from access.explain import Explainer

T = TypeVar("T")

KEPT = 128  # answers
QUICK = 20_000  # states of a view whose outlook a page works out itself
_REMEMBERING = threading.Lock()
# Evaluators keep what they work out, and are not made for two threads.
_EXPLAINING = threading.RLock()


class Reading:
    """One version of a store. Nothing of it changes; a new run makes a new reading."""

    def __init__(self, store: Store, *, cache: Path | None = None) -> None:
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self.store = store
        self.view: View = view_of(store, cache=cache)
        self.runs: tuple[RunRecord, ...] = store.runs()
        self.notes: tuple[LoadNote, ...] = load_notes(store)

    @property
    def run(self) -> RunRecord | None:
        """The run that made this version; None where nothing was loaded."""
        return self.runs[-1] if self.runs else None

    @property
    def sample(self) -> bool:
        """Whether some of it is the sample estate."""
        return any(note.sample for note in self.notes)

    @property
    def read_at(self) -> datetime | None:
        """When the platforms were last asked, as far as that is known; else when the last run began."""
        asked = [note.read_until for note in self.notes if note.read_until is not None]
        return max(asked) if asked else self.run.started if self.run else None

    @cached_property
    def known(self) -> Completeness:
        """How complete the whole estate is."""
        known = completeness(self.store)
        return replace(known, gaps=tuple(map(self._dated, known.gaps)))

    @cached_property
    def outlook(self) -> Outlook | None:
        """The outlook: the one that the load kept, else worked out here where that is quick enough."""
        kept = kept_outlook(self.store, version=self.view.version)
        if kept is not None or self.run is None or self.view.size > QUICK:
            return kept
        with _EXPLAINING:
            return outlook_of(self.view, self.evidence, administrators_of(self.store))

    @property
    def evidence(self) -> Evidence:
        """Where reasons come from."""
        return Evidence(self.grants, self.explainer.needs, self.explainer.denies)

    @cached_property
    def administrators(self) -> tuple[NodeId, ...]:
        """The identities that reach everything by design."""
        return tuple(row.identity for row in administrators_of(self.store))

    @property
    def explaining(self) -> AbstractContextManager[object]:
        """Held while reasons are asked for: evaluators keep what they work out, and are not made for two threads."""
        return _EXPLAINING

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """How every call ended when it was last made; `last_ok` is when the platform was asked, where that is known."""
        return tuple(map(self._dated, self.store.coverage()))

    def _dated(self, row: Coverage) -> Coverage:
        """The call with the time of its last answer: a store keeps the start of the run, which may be later."""
        return replace(row, last_ok=self._asked.get(row.last_ok, row.last_ok))

    @cached_property
    def _asked(self) -> Mapping[datetime | None, datetime]:
        """When the platforms were asked, by the start of the run that loaded it."""
        asked = {note.version: note.read_until for note in self.notes}
        times = ((run.started, asked.get(run.version)) for run in self.runs)
        return {started: until for started, until in times if until is not None}

    @property
    def answered(self) -> int:
        """How many calls were answered."""
        return self.known.calls - len(self.known.gaps)

    @cached_property
    def added(self) -> frozenset[str]:
        """The rows that the newest run added, by id; empty for the first run, which adds everything."""
        if len(self.runs) < 2:
            return frozenset()
        changes = self.store.changes(since=self.runs[-2].id)
        return frozenset(change.row for change in changes if change.op == "added")

    @cached_property
    def grants(self) -> Mapping[NodeId, Node]:
        """All Grants by id."""
        return {node.id: node for node in self.store.nodes(kinds=frozenset({"Grant"}))}

    @cached_property
    def account_names(self) -> Mapping[str, str]:
        """What people call each account; the id where nobody gave a name."""
        return {
            str(node.props["account"]): node.name
            for node in self.store.nodes(kinds=frozenset({"Account"}))
            if "account" in node.props
        }

    @cached_property
    def explainer(self) -> Explainer:
        """What gives the reasons of a Grant, for the instant of the newest run."""
        from access.explain import Explainer  # noqa: PLC0415  # the policy data is read only where reasons are asked

        if self.run is None:
            raise StoreError("nothing was loaded that could be explained")
        return Explainer(self.store.facts(), instant=self.run.started)

    def told(self, path: Route) -> tuple[ToldHop, ...]:
        """The hops of a path with their reasons and the texts that decide."""
        with _EXPLAINING:
            return told(self.view, path, self.store, self.explainer, texts=True)

    def fixes(self, path: Route, hops: tuple[ToldHop, ...], keep: Keep) -> tuple[Fix, ...]:
        """What could be taken away of a path, best first, each recounted without it."""
        parts = revocables(need for hop in hops for need in hop.needs)
        with _EXPLAINING:
            return path_fixes(self.view, path, parts, self.evidence, keep=keep)

    def remember(self, key: Hashable, build: Callable[[], T]) -> T:
        """What `build` makes, kept for the next sessions that ask the same; the least recently asked goes first."""
        with _REMEMBERING:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast("T", self._kept[key])
        made = build()
        with _REMEMBERING:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def assumed(self, grants: Iterable[NodeId]) -> tuple[tuple[str, int], ...]:
        """What these Grants take for granted, with the number of them that do."""
        counts: Counter[str] = Counter()
        for grant in grants:
            texts = self.grants[grant].props.get("assumptions") if grant in self.grants else None
            counts.update(texts if isinstance(texts, tuple) else ())
        return tuple(sorted(counts.items()))

    def name(self, node: str) -> str:
        """What people call the node; its id where it is not in the view."""
        at = self.view.find(node)
        return node if at is None else self.view.nodes.names[at]

    def account(self, account: str) -> str:
        """The account as people call it, with its id."""
        name = self.account_names.get(account, "")
        return f"{name} ({account})" if name and name != account else account


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of opening the store: a reading, or the one line that says why there is none."""

    reading: Reading | None
    missing: bool = False  # there is no store, or nothing was loaded into it
    message: str = ""
    advice: tuple[str, ...] = ()


def open_reading(url: str, *, cache: Path | None, known: Reading | None = None) -> Opened:
    """The store of this URL at its newest version; `known` is kept where it is that version already."""
    try:
        if known is not None and known.store.version() == known.view.version:
            return Opened(known, missing=known.run is None)
        store = open_store(url)
    except EstateError as error:
        missing = isinstance(error, NoStoreError)
        return Opened(None, missing=missing, message=str(error), advice=_notes(error))
    try:
        reading = Reading(store, cache=cache)
    except EstateError as error:
        store.close()
        return Opened(None, message=str(error), advice=_notes(error))
    return Opened(reading, missing=reading.run is None)


def _notes(error: EstateError) -> tuple[str, ...]:
    return tuple(getattr(error, "__notes__", ()))
