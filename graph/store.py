"""The store protocol: live rows, documents, coverage, change log, runs and results.

One contract suite runs against every implementation in `graph.stores`. Stores hold; they decide nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias, cast

from graph.columns import LiveRows
from graph.model import (
    Attachment,
    Batch,
    Change,
    Conclusions,
    Coverage,
    CoverageKey,
    Decision,
    Document,
    DocumentHash,
    Edge,
    Facts,
    FindingRow,
    Node,
    NodeId,
    Observation,
    RunId,
    RunRecord,
)

if TYPE_CHECKING:
    from graph.view import View  # at run time a store needs no arrays


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a store can do beyond the contract."""

    cypher: bool = False
    concurrent_readers: bool = True


@dataclass(frozen=True, slots=True)
class Written:
    """What a commit changed: counts of rows by operation, facts and conclusions apart."""

    record: RunRecord
    facts: Mapping[str, int]
    conclusions: Mapping[str, int]


Told: TypeAlias = Callable[[str, int, int], None]
"""Is told of long work: the stage, how much of it is done, and how much there is."""


Measures: TypeAlias = Mapping[NodeId, Mapping[str, object]]
"""What analyses say of single nodes, by name."""


@dataclass(frozen=True, slots=True)
class Published:
    """How much stands beside the live graph of a shared store, and how much of it had to be sent."""

    states: int
    moves: int
    sent: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The rows of a statement of Cypher as plain values.

    `more` says that there were more rows than were asked for. `loading` says why the rows may not be of one version, empty
    where they are.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    more: bool
    loading: str


class Run(Protocol):
    """One run in the making. It is committed whole or leaves nothing behind.

    Order of calls: `put` (any number of times) and `cover`, then `close_unseen`, `facts`, `conclude`, `commit`.
    Leaving the `with` block without a commit aborts.
    """

    id: RunId
    started: datetime

    def put(self, batch: Batch) -> None:
        """Write fact rows. Each carries the one coverage key that asserts it in `asserted_by`.

        Fragments of one row under different keys are merged, by key order (`graph.merge`); a row put again under its
        key replaces what that key said before. Volatile properties become observations. Documents are
        content-addressed and never replaced. The ends of an edge are nodes of the batch, of an earlier batch or of
        the store: `SchemaError` where one is not, and nothing of that batch is written.
        """

    def cover(self, coverage: tuple[Coverage, ...]) -> None:
        """Record how calls ended in this run."""

    def close_unseen(self) -> None:
        """Take away assertions that calls of this run no longer make.

        A key that was `ok` in this run takes back what it asserted before and did not assert again. A key whose
        `parent` was `ok` in this run and that was itself not asked is treated as `ok` without rows, and so are its
        own children: their item is gone, and their coverage with it. Keys that were denied, throttled, unsupported,
        failed or not asked (without such a parent) keep all their rows.

        A row goes with its last assertion. A node that was listed, and that now only a live fact names (an edge, an
        attachment, or a fragment that is `referenced_only`), stays as it was last listed with `present` false, until
        it is listed again or nothing names it. One that was
        never listed stays as it was mentioned. Edges among conclusions never keep a node: they go with it.
        """

    def facts(self) -> Facts:
        """All live facts as they stand inside this run, with the merged coverage (see `Store.coverage`)."""

    def conclude(self, conclusions: Conclusions) -> None:
        """Replace all conclusions by these; rows that are equal to the stored ones are left alone.

        No conclusion may take the place of a live fact, and every end is a conclusion or a live fact: `SchemaError`.
        """

    def commit(self, *, told: Told | None = None) -> Written:
        """Make the run the store's new version; `told` hears how far a store on a server has come with it."""

    def abort(self) -> None:
        """Leave the store as it was."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Store(Protocol):
    """The live graph and its history. Readers in other processes see whole runs only."""

    abilities: Abilities

    def begin(self, *, started: datetime, tool_version: str) -> Run:
        """Start a run; waits for another writer, and raises `StoreError` where the store is read-only."""

    def version(self) -> int:
        """The number of committed runs; it keys every cache."""

    def nodes(self, *, kinds: frozenset[str] | None = None) -> Iterator[Node]:
        """Live nodes, facts and conclusions, in id order."""

    def edges(
        self, *, kinds: frozenset[str] | None = None, about: NodeId | None = None
    ) -> Iterator[Edge]:
        """Live edges, facts and conclusions, in (source, target, kind, discriminator) order.

        With `about` only those that this node is an end of.
        """

    def live(self) -> LiveRows:
        """All live nodes and edges of one version, the edges in columns: what the projection is made of."""

    def attachments(self, *, about: NodeId | None = None) -> Iterator[Attachment]:
        """Live attachments, in id order; with `about` only those at this holder."""

    def get(self, node: NodeId) -> Node | None:
        """The live node with this id."""

    def document(self, document: DocumentHash) -> Document | None:
        """The document with this hash, kept for as long as the change log may name it."""

    def observations(self, node: NodeId | None = None) -> Iterator[Observation]:
        """The newest value of each observation of live nodes, of one node or of all, in (node, name) order.

        An observation stays until each key that says it was read completely without it; values of one run are
        ordered by key, the last one stands.
        """

    def facts(self) -> Facts:
        """All live facts of the last committed run: the input of what-if and of proofs."""

    def coverage(self) -> tuple[Coverage, ...]:
        """Per key the newest outcome, with `last_ok`: when it was last read completely; in key order.

        Keys whose item is gone (`Run.close_unseen`) are not among them.
        """

    def asserted(self, key: CoverageKey) -> int:
        """How many live nodes, edges and attachments the key asserts."""

    def changes(
        self, *, since: RunId | None = None, about: NodeId | None = None
    ) -> Iterator[Change]:
        """The change log after that run, or whole: by run, one net change for each row that the run changed.

        With `about` only what concerns this node: itself, the edges that it is an end of, the attachments at it.

        Facts and conclusions alike; `before` and `after` are the canonical JSON of `graph.rows`. Which keys assert a
        row, and observations, are not logged.
        """

    def runs(self) -> tuple[RunRecord, ...]:
        """All committed runs, oldest first."""

    def put_results(self, name: str, payload: str) -> None:
        """Keep a result of an analysis under the current version; `payload` is JSON."""

    def results(self, name: str, *, version: int | None = None) -> str | None:
        """The kept result of this name at this version (default: the current one)."""

    def put_findings(self, findings: Iterable[FindingRow]) -> None:
        """Keep these rows, each in the place of the one with its id; all of them, or none where one cannot be kept."""

    def findings(self) -> Iterator[FindingRow]:
        """All findings that any run showed, those that are gone included, in id order."""

    def decide(self, decision: Decision) -> Decision:
        """Add a decision to the record, and give it back with its number; nothing is ever taken from the record."""

    def decisions(self) -> tuple[Decision, ...]:
        """All decisions, oldest first."""

    def close(self) -> None:
        """Release the store."""


class CypherStore(Store, Protocol):
    """A store on a server that answers Cypher; `abilities.cypher` says that a store is one."""

    def publish(
        self, view: View, measures: Measures, names: tuple[str, ...], *, told: Told | None = None
    ) -> Published:
        """Write the states and moves of the newest version, and what was measured, beside the live graph.

        `names` are all properties that a measure may have; a node without one loses what it had.
        """

    def ask(
        self, statement: str, parameters: Mapping[str, object], *, most: int, seconds: float
    ) -> Answered:
        """What a statement answers that reads and does nothing else: `QueryError` where it is no such."""

    def unfinished(self) -> bool:
        """Whether a run is being written, or died while it was: the live graph then holds parts of it."""


def cypher_store(store: Store) -> CypherStore | None:
    """The store as one that answers Cypher; None where it does not."""
    return cast("CypherStore", store) if store.abilities.cypher else None
