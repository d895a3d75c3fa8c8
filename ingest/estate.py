"""What the estate holds once a run's answers are in: the earlier facts that still stand, and the new ones.

Links are computed over this, so that an account read today finds its end in one that was read yesterday.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from graph.merge import united
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
    PropValue,
)
from ingest.source import Link, Mention, Shaped

Keys = frozenset[CoverageKey]


class Estate:
    """Read-only indexes over standing and new facts.

    A node's `asserted_by` are the keys that still assert it; a node that was listed once and is gone is `known`
    (the store keeps it as long as something names it) but is not among `nodes`.
    """

    def __init__(self, before: Facts, rows: Iterable[Shaped], closed: Keys) -> None:
        self.nodes: dict[NodeId, Node] = {}
        self.edges: list[Edge] = []
        self.attachments: list[Attachment] = []
        self.documents: dict[DocumentHash, Document] = {row.hash: row for row in before.documents}
        self.known: set[NodeId] = set()
        self._gone: dict[NodeId, Node] = {}
        self._mentions: dict[Link, list[Mention]] = defaultdict(list)
        self._take_before(before, closed)
        for row in rows:
            self._take(row)

    def _take_before(self, before: Facts, closed: Keys) -> None:
        for node in before.nodes:
            if not node.props.get("referenced_only"):
                self.known.add(node.id)
                self._gone[node.id] = node
            keys = node.asserted_by - closed
            if node.present and keys:
                self.nodes[node.id] = replace(node, asserted_by=keys)
        for edge in before.edges:
            if keys := edge.asserted_by - closed:
                self.edges.append(replace(edge, asserted_by=keys))
        for attachment in before.attachments:
            if keys := attachment.asserted_by - closed:
                self.attachments.append(replace(attachment, asserted_by=keys))

    def _take(self, row: Shaped) -> None:
        if isinstance(row, Node):
            self._take_node(row)
        elif isinstance(row, Edge):
            self.edges.append(row)
        elif isinstance(row, Attachment):
            self.attachments.append(row)
        elif isinstance(row, Document):
            self.documents[row.hash] = row
        elif isinstance(row, Mention):
            self._mentions[row.link].append(row)

    def _take_node(self, row: Node) -> None:
        held = self.nodes.get(row.id)
        stub = bool(row.props.get("referenced_only"))
        if not stub:
            self.known.add(row.id)
        if held is None:
            self.nodes[row.id] = row
            return
        if stub and not held.props.get("referenced_only"):
            props: Mapping[str, PropValue] = held.props
        else:
            props = united(held.props, row.props)
            if not stub:
                props = {name: value for name, value in props.items() if name != "referenced_only"}
        self.nodes[row.id] = replace(
            held, props=props, asserted_by=held.asserted_by | row.asserted_by
        )

    def mentions(self, link: Link) -> tuple[Mention, ...]:
        """This run's mentions of one kind."""
        return tuple(self._mentions[link])

    def of_kind(self, *kinds: str) -> Iterator[Node]:
        """Nodes of these kinds, in id order."""
        yield from (self.nodes[key] for key in sorted(self.nodes) if self.nodes[key].kind in kinds)

    def everything(self) -> Iterator[Node]:
        """All nodes, those included that were listed once and are gone."""
        yield from self.nodes.values()
        yield from (node for key, node in self._gone.items() if key not in self.nodes)

    def ever(self, kind: str) -> Iterator[Node]:
        """Nodes of this kind, those included that were listed once and are gone."""
        return (node for node in self.everything() if node.kind == kind)

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The ids of the accounts that belong to the estate."""
        return frozenset(str(node.props.get("account", "")) for node in self.of_kind("Account"))

    def listed(self, node: NodeId) -> bool:
        """Whether the platform listed the node, now or at any earlier time that the store remembers."""
        return node in self.known


def closing(coverage: Iterable[Coverage], known: Iterable[Coverage]) -> Keys:
    """The keys whose earlier assertions fall unless made again: read completely, or gone with their listing.

    The store decides the same when it closes; the links need to know beforehand.
    """
    outcomes = {row.key: row.outcome for row in coverage}
    closed = {key for key, outcome in outcomes.items() if outcome is Outcome.OK}
    children: dict[CoverageKey, list[CoverageKey]] = defaultdict(list)
    for row in known:
        if row.parent is not None and row.key not in outcomes:
            children[row.parent].append(row.key)
    todo = list(closed)
    while todo:
        for child in children.get(todo.pop(), ()):
            if child not in closed:
                closed.add(child)
                todo.append(child)
    return frozenset(closed)
