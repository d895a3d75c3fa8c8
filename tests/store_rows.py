"""Short ways to say rows, calls and runs in the tests of stores."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from graph.model import (
    Attachment,
    Batch,
    Conclusions,
    Coverage,
    CoverageKey,
    Document,
    DocumentHash,
    Edge,
    Node,
    NodeId,
    Observation,
    Outcome,
    Role,
    Row,
)
from graph.store import Store, Written

START = datetime(2026, 1, 1, tzinfo=UTC)
NO_CONCLUSIONS = Conclusions()


def key(call: str, *, scope: str = "111122223333") -> CoverageKey:
    """The coverage key of a call."""
    return CoverageKey("aws", scope, "global", call)


USERS, GROUPS, BUCKETS = key("iam.list_users"), key("iam.list_groups"), key("s3.list_buckets")


def node(kind: str, name: str, by: CoverageKey = USERS, /, **props: Any) -> Node:
    """What a call says of a node."""
    return Node(NodeId(name), kind, props, asserted_by=frozenset({by}))


def edge(kind: str, source: str, target: str, by: CoverageKey = USERS, **more: Any) -> Edge:
    """What a call says of an edge."""
    return Edge(kind, NodeId(source), NodeId(target), asserted_by=frozenset({by}), **more)


def attachment(
    holder: str, name: str, by: CoverageKey = USERS, *, document: Document | None = None
) -> Attachment:
    """What a call says of an inline policy."""
    reference: DocumentHash | None = None if document is None else document.hash
    return Attachment(
        NodeId(holder), Role.IDENTITY, name, document=reference, asserted_by=frozenset({by})
    )


def observation(of: str, name: str, value: Any, by: CoverageKey = USERS) -> Observation:
    """What a call says of something volatile."""
    return Observation(NodeId(of), name, value, frozenset({by}))


def ok(*keys: CoverageKey, parent: CoverageKey | None = None) -> tuple[Coverage, ...]:
    """Calls that were answered completely."""
    return tuple(Coverage(one, Outcome.OK, parent=parent) for one in keys)


def not_ok(outcome: Outcome, *keys: CoverageKey) -> tuple[Coverage, ...]:
    """Calls that ended otherwise."""
    return tuple(Coverage(one, outcome) for one in keys)


def run_once(
    store: Store,
    rows: Iterable[Row] = (),
    coverage: Iterable[Coverage] = (),
    *,
    conclusions: Conclusions = NO_CONCLUSIONS,
    day: int = 0,
) -> Written:
    """One whole run, begun that many days after the first."""
    with store.begin(started=START + timedelta(days=day), tool_version="test") as run:
        run.put(Batch.of(rows))
        run.cover(tuple(coverage))
        run.close_unseen()
        run.conclude(conclusions)
        return run.commit()


def ids(store: Store) -> list[str]:
    """The ids of the live nodes."""
    return [one.id for one in store.nodes()]


def operations(store: Store, *, since: int) -> list[tuple[str, str]]:
    """Family and operation of each change after that run."""
    return [(change.family, change.op) for change in store.changes() if change.run > since]
