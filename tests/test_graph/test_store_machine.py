"""Random runs, with fragments and outcomes at random, against the obvious store."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from oracle.store import OracleStore, Plan, edge_order
from store_contract import CANDIDATES, Candidate
from store_rows import START, key

from graph.columns import LiveRows
from graph.model import (
    Attachment,
    Batch,
    Certainty,
    Conclusions,
    Coverage,
    CoverageKey,
    DocumentHash,
    Edge,
    Facts,
    Node,
    NodeId,
    Observation,
    Outcome,
    Role,
    Row,
)
from graph.store import Store

LISTING, ITEM, PART, OTHER = key("s3.list"), key("s3.get/b"), key("s3.part/b"), key("iam.list")
KEYS = (LISTING, ITEM, PART, OTHER)
PARENTS = {ITEM: LISTING, PART: ITEM}
USERS = ("u1", "u2", "\ud800")
GROUPS = ("g1", "g2")
MAYBE_OUTSIDE = "x1"  # now a fact, now a conclusion
NAMES = (*USERS, *GROUPS, MAYBE_OUTSIDE)


def _kind(name: str) -> str:
    return "Group" if name in GROUPS else "User"


@st.composite
def fragments(draw: st.DrawFn) -> tuple[Row, ...]:
    """What one call says: a row, with the ends that it names."""
    by = frozenset({draw(st.sampled_from(KEYS))})
    name = draw(st.sampled_from(NAMES))
    props: dict[str, object] = {}
    if draw(st.booleans()):
        props["name"] = draw(st.sampled_from(("one", "two")))
    if draw(st.integers(0, 2)) == 0:
        props["referenced_only"] = True
    if _kind(name) == "User" and draw(st.booleans()):
        props["last_used"] = draw(
            st.sampled_from(("2026-01-01T00:00:00Z", "2026-01-02T00:00:00+00:00"))
        )
    node = Node(NodeId(name), _kind(name), props, asserted_by=by)  # type: ignore[arg-type]  # drawn
    shape = draw(st.sampled_from(("node", "edge", "attachment", "observation")))
    if shape == "edge":
        return (*((node,) if draw(st.booleans()) else ()), draw(memberships(by)))
    if shape == "attachment":
        document = draw(st.sampled_from((None, "sha256:a", "sha256:b")))
        return (
            Attachment(
                NodeId(name),
                Role.IDENTITY,
                draw(st.sampled_from(("p", "q"))),
                document=None if document is None else DocumentHash(document),
                vendor=draw(st.booleans()),
                asserted_by=by,
            ),
        )
    if shape == "observation":
        return (node, Observation(NodeId(name), "calls", draw(st.integers(0, 2)), by))
    return (node,)


@st.composite
def memberships(draw: st.DrawFn, by: frozenset[CoverageKey]) -> Edge:
    """One edge, whose ends may be unknown."""
    return Edge(
        "MEMBER_OF",
        NodeId(draw(st.sampled_from((*USERS, *GROUPS)))),
        NodeId(draw(st.sampled_from(GROUPS))),
        certainty=draw(st.sampled_from(Certainty)),
        cost=draw(st.integers(1, 2)),
        evidence=tuple(draw(st.lists(st.sampled_from("ab"), max_size=2))),
        inputs=frozenset(draw(st.sets(st.sampled_from(KEYS), max_size=2))),
        asserted_by=by,
    )


@st.composite
def coverages(draw: st.DrawFn) -> tuple[Coverage, ...]:
    """How some calls ended; children name their parent, mostly."""
    asked = draw(st.sets(st.sampled_from(KEYS)))
    return tuple(
        Coverage(
            one,
            draw(st.sampled_from((Outcome.OK, Outcome.OK, Outcome.DENIED, Outcome.FAILED))),
            parent=PARENTS.get(one) if draw(st.integers(0, 4)) else None,
        )
        for one in sorted(asked)
    )


# Which identities the run grants something, and whether `x1` is an outsider where it is no fact.
grants = st.tuples(st.sets(st.sampled_from(NAMES)), st.booleans(), st.integers(0, 1))


def conclude(facts: OracleStore, chosen: tuple[set[str], bool, int]) -> Conclusions:
    """Conclusions about the live facts, chosen at random."""
    holders, outside, cost = chosen
    nodes = [Node(NodeId("grant:1"), "Grant", {"capability": "READ"})]
    if outside and MAYBE_OUTSIDE not in facts.facts_live:
        nodes.append(Node(NodeId(MAYBE_OUTSIDE), "External"))
    known = {row.id for row in (*nodes, *facts.facts_live.values())}
    held = [
        Edge("HOLDS", NodeId(name), NodeId("grant:1"), cost=cost, inputs=frozenset({OTHER}))
        for name in sorted(holders & known)
    ]
    return Conclusions(tuple(nodes), tuple(held))


def same_facts(one: Facts, other: Facts) -> None:
    """Compare part by part, so that a failure shows what differs."""
    assert one.nodes == other.nodes
    assert one.edges == other.edges
    assert one.attachments == other.attachments
    assert one.coverage == other.coverage


def rows_of(live: LiveRows) -> tuple[list[Node], list[Edge]]:
    """The rows that the columns stand for; which keys assert an edge is none of their business."""
    held = live.edges
    ends = zip(held.source, held.target, held.shape, held.discriminator, strict=True)
    edges = [
        replace(
            held.shapes[shape],
            source=live.nodes[source].id,
            target=live.nodes[target].id,
            discriminator=held.discriminators[word],
        )
        for source, target, shape, word in ends
    ]
    return list(live.nodes), sorted(edges, key=edge_order)


class StoreMachine(RuleBasedStateMachine):
    """Runs on a real store and on the oracle; after each they must tell the same."""

    candidate: Candidate = CANDIDATES[0]

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.store: Store = self.candidate.make(self.folder)
        self.oracle = OracleStore()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)

    @rule(
        said=st.lists(fragments(), max_size=8),
        coverage=coverages(),
        closes=st.integers(0, 4).map(bool),
        chosen=st.none() | grants,
        pieces=st.integers(1, 3),
    )
    def commit(
        self,
        said: list[tuple[Row, ...]],
        coverage: tuple[Coverage, ...],
        closes: bool,
        chosen: tuple[set[str], bool, int] | None,
        pieces: int,
    ) -> None:
        started = START + timedelta(days=self.oracle.runs)
        rows = self._whole([row for part in said for row in part])
        trial = Plan(started, rows, coverage, closes, None)
        conclusions = None
        with self.store.begin(started=started, tool_version="machine") as run:
            run.cover(coverage)
            for piece in range(pieces):
                run.put(
                    Batch.of(
                        rows[piece::pieces] if pieces == 1 else self._piece(rows, piece, pieces)
                    )
                )
            if closes:
                run.close_unseen()
            inside = run.facts()
            if chosen is not None:
                conclusions = conclude(self._after(trial), chosen)
                run.conclude(conclusions)
            run.commit()
        self.oracle.run(replace(trial, conclusions=conclusions))
        same_facts(inside, self.oracle.facts())

    @rule(said=st.lists(fragments(), max_size=4), coverage=coverages())
    def abort(self, said: list[tuple[Row, ...]], coverage: tuple[Coverage, ...]) -> None:
        with self.store.begin(started=START, tool_version="machine") as run:
            run.put(Batch.of(self._whole([row for part in said for row in part])))
            run.cover(coverage)
            run.close_unseen()
            run.conclude(Conclusions())

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = self.candidate.again(self.folder)

    def _whole(self, rows: list[Row]) -> tuple[Row, ...]:
        """The rows whose ends are known, nodes first."""
        nodes = [row for row in rows if isinstance(row, Node)]
        known = {row.id for row in nodes}
        known |= {row for row, one in self.oracle.facts_live.items() if isinstance(one, Node)}
        edges = [row for row in rows if isinstance(row, Edge) and {row.source, row.target} <= known]
        rest = [row for row in rows if isinstance(row, Attachment | Observation)]
        return (*nodes, *edges, *rest)

    @staticmethod
    def _piece(rows: tuple[Row, ...], piece: int, pieces: int) -> tuple[Row, ...]:
        """A run of neighbouring rows, so that nodes still come before the edges that need them."""
        size = -(-len(rows) // pieces)
        return rows[piece * size : (piece + 1) * size]

    def _after(self, plan: Plan) -> OracleStore:
        """What the oracle will hold, without telling it."""
        copy = OracleStore(
            {place: dict(said) for place, said in self.oracle.claims.items()},
            dict(self.oracle.seen),
            dict(self.oracle.calls),
            dict(self.oracle.facts_live),
        )
        copy.run(plan)
        return copy

    @invariant()
    def tells_the_same_rows(self) -> None:
        if not hasattr(self, "store"):
            return
        rows = self.oracle.rows()
        assert list(self.store.nodes()) == sorted(
            (row for row in rows if isinstance(row, Node)), key=lambda row: row.id
        )
        assert list(self.store.edges()) == sorted(
            (row for row in rows if isinstance(row, Edge)), key=edge_order
        )
        unasserted = [replace(edge, asserted_by=frozenset()) for edge in self.store.edges()]
        assert rows_of(self.store.live()) == (list(self.store.nodes()), unasserted)
        same_facts(self.store.facts(), self.oracle.facts())
        assert list(self.store.observations()) == self.oracle.observations()
        assert [self.store.asserted(one) for one in KEYS] == [
            self.oracle.asserted(one) for one in KEYS
        ]

    @invariant()
    def tells_the_same_history(self) -> None:
        if not hasattr(self, "store"):
            return
        log = [(one.run, one.row, one.before, one.after) for one in self.store.changes()]
        assert sorted(log, key=str) == sorted(self.oracle.log, key=str)
        assert self.store.version() == self.oracle.runs
        self.candidate.check(self.store)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda candidate: candidate.name)
def test_random_runs_leave_what_the_obvious_store_holds(candidate: Candidate) -> None:
    machine = type("Machine", (StoreMachine,), {"candidate": candidate})
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
