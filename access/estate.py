"""The facts of the estate, indexed for the evaluators, with how well each of them was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import Enum
from functools import cached_property

from graph.model import (
    Attachment,
    Coverage,
    CoverageKey,
    Document,
    DocumentHash,
    Edge,
    Facts,
    Node,
    NodeId,
    Outcome,
    Role,
)


class Reading(Enum):
    """How well a call was read: in this run, in an earlier one, or never."""

    FRESH = "fresh"
    STALE = "stale"
    NEVER = "never"


class Estate:
    """Read-only indexes over `Facts`; `instant` is the start of the run that asks."""

    def __init__(self, facts: Facts, *, instant: datetime) -> None:
        self.facts = facts
        self.instant = instant
        self.nodes: dict[NodeId, Node] = {node.id: node for node in facts.nodes}
        self._documents: dict[DocumentHash, Document] = {row.hash: row for row in facts.documents}
        self._coverage: dict[CoverageKey, Coverage] = {row.key: row for row in facts.coverage}

    @cached_property
    def by_kind(self) -> dict[str, tuple[Node, ...]]:
        """Present nodes of each kind, in id order."""
        kinds: dict[str, list[Node]] = defaultdict(list)
        for node in sorted(self.facts.nodes, key=lambda node: node.id):
            if node.present:
                kinds[node.kind].append(node)
        return {kind: tuple(rows) for kind, rows in kinds.items()}

    def of_kind(self, *kinds: str) -> Iterator[Node]:
        """Present nodes of these kinds."""
        for kind in kinds:
            yield from self.by_kind.get(kind, ())

    @cached_property
    def _attached(self) -> dict[tuple[NodeId, Role], tuple[Attachment, ...]]:
        held: dict[tuple[NodeId, Role], list[Attachment]] = defaultdict(list)
        for row in sorted(
            self.facts.attachments, key=lambda row: (row.name, row.policy or "", row.id)
        ):
            held[row.holder, row.role].append(row)
        return {key: tuple(rows) for key, rows in held.items()}

    def attached(self, holder: NodeId, role: Role) -> tuple[Attachment, ...]:
        """What is attached to the holder in this role."""
        return self._attached.get((holder, role), ())

    def holders(self, role: Role) -> Iterator[NodeId]:
        """Every holder of an attachment in this role, in order."""
        yield from sorted(holder for holder, held in self._attached if held is role)

    def document(self, reference: DocumentHash | None) -> Document | None:
        """The document with this hash; None where it is unread."""
        return None if reference is None else self._documents.get(reference)

    def content(self, attachment: Attachment) -> Document | None:
        """The document that is in force for this attachment; None where its content was never read."""
        if attachment.document is not None:
            return self.document(attachment.document)
        if attachment.policy is None:
            return None
        for version in self.attached(NodeId(attachment.policy), Role.VERSION):
            if version.in_force:
                return self.document(version.document)
        return None

    @cached_property
    def _edges(
        self,
    ) -> tuple[dict[tuple[NodeId, str], list[Edge]], dict[tuple[NodeId, str], list[Edge]]]:
        out: dict[tuple[NodeId, str], list[Edge]] = defaultdict(list)
        into: dict[tuple[NodeId, str], list[Edge]] = defaultdict(list)
        for edge in sorted(
            self.facts.edges, key=lambda e: (e.source, e.kind, e.target, e.discriminator)
        ):
            out[edge.source, edge.kind].append(edge)
            into[edge.target, edge.kind].append(edge)
        return out, into

    def outgoing(self, node: NodeId, kind: str) -> tuple[Edge, ...]:
        """Edges of this kind that leave the node."""
        return tuple(self._edges[0].get((node, kind), ()))

    def incoming(self, node: NodeId, kind: str) -> tuple[Edge, ...]:
        """Edges of this kind that end at the node."""
        return tuple(self._edges[1].get((node, kind), ()))

    def groups_of(self, identity: NodeId) -> tuple[NodeId, ...]:
        """Every group that the identity belongs to, through nesting, in order."""
        return self._closure(identity, forward=True)

    def members_of(self, group: NodeId) -> tuple[NodeId, ...]:
        """Every present identity (no group) that belongs to the group, through nesting, in order."""
        return tuple(
            member
            for member in self._closure(group, forward=False)
            if self.nodes[member].kind != "Group"
        )

    def _closure(self, start: NodeId, *, forward: bool) -> tuple[NodeId, ...]:
        seen: set[NodeId] = set()
        todo = [start]
        while todo:
            node = todo.pop()
            edges = (
                self.outgoing(node, "MEMBER_OF") if forward else self.incoming(node, "MEMBER_OF")
            )
            for edge in edges:
                end = edge.target if forward else edge.source
                if end not in seen and end in self.nodes and self.nodes[end].present:
                    seen.add(end)
                    todo.append(end)
        seen.discard(start)
        return tuple(sorted(seen))

    def chain(self, scope: NodeId) -> tuple[NodeId, ...]:
        """The scopes that contain this one, outermost first, itself last; alone where nothing contains it."""
        found = [scope]
        seen = {scope}
        while True:
            above = [
                edge.source
                for edge in self.incoming(found[0], "CONTAINS")
                if edge.source in self.nodes and edge.source not in seen
            ]
            if not above:
                return tuple(found)
            found.insert(0, above[0])
            seen.add(above[0])

    # How well things were read.

    def reading(self, key: CoverageKey) -> Reading:
        """How well this call was read."""
        row = self._coverage.get(key)
        if row is None or (row.last_ok is None and row.outcome is not Outcome.OK):
            return Reading.NEVER
        last = row.last_ok or self.instant
        return (
            Reading.FRESH if row.outcome is Outcome.OK and last >= self.instant else Reading.STALE
        )

    def last_read(self, key: CoverageKey) -> datetime | None:
        """The start of the last run that read this call completely."""
        row = self._coverage.get(key)
        return None if row is None else row.last_ok

    @cached_property
    def _operations(self) -> dict[tuple[str, str], list[CoverageKey]]:
        index: dict[tuple[str, str], list[CoverageKey]] = defaultdict(list)
        for key in sorted(self._coverage):
            index[key.operation, key.scope].append(key)
            index[key.operation, "*"].append(key)
        return index

    def keys_of(self, operation: str, scope: str = "*") -> tuple[CoverageKey, ...]:
        """All known keys of this operation, in one scope or in all."""
        return tuple(self._operations.get((operation, scope), ()))

    def coverage_of(self, operation: str, scope: str) -> tuple[Coverage, ...]:
        """How the calls of this operation in the scope ended."""
        return tuple(self._coverage[key] for key in self.keys_of(operation, scope))

    def ever_read(self, operation: str, scope: str = "*", argument: str | None = None) -> bool:
        """Whether the operation (with this argument) was ever read completely in the scope."""
        return any(
            self.reading(key) is not Reading.NEVER
            for key in self.keys_of(operation, scope)
            if argument is None or key.call == f"{operation}/{argument}"
        )

    @cached_property
    def _stale(self) -> frozenset[CoverageKey]:
        return frozenset(key for key in self._coverage if self.reading(key) is Reading.STALE)

    def stale(self, keys: Iterable[CoverageKey]) -> frozenset[CoverageKey]:
        """Those of the keys whose facts stem from an earlier run than this one."""
        return self._stale.intersection(keys)
