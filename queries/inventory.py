"""The estate as rules read it: facts, observations, what was read of each, and who reaches what.

Everything is looked up in memory; nothing opens a store. What is heavy (exposures, administrators) is worked out once,
when the first rule asks for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import cast

from graph.model import (
    Attachment,
    Coverage,
    CoverageKey,
    Decision,
    Document,
    DocumentHash,
    Edge,
    Node,
    NodeId,
    Observation,
    Outcome,
    PropValue,
)
from graph.schema import is_asset
from graph.view import View
from queries.admins import Administrator, administrators
from queries.context import Context
from queries.exposure import Exposedness, exposures
from queries.rule import Unread
from queries.use import Use

GLOBAL = "global"
RECORDS = frozenset({"cloudformation stack", "terraform state", "inventory"})
"""The flavours of Registry nodes that are systems of record: what they list is managed, or known."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What an inventory is made of: live rows of one version of a store."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    observations: tuple[Observation, ...]
    coverage: tuple[Coverage, ...]
    decisions: tuple[Decision, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    documents: Mapping[DocumentHash, str] = field(default_factory=dict)


class Inventory:
    """One version of the estate with its context, at one instant."""

    def __init__(self, view: View, rows: Rows, *, now: datetime, context: Context) -> None:
        self.view = view
        self.now = now
        self.memo: dict[
            Hashable, object
        ] = {}  # what is worked out once; it never changes an answer
        self.context = context
        self.nodes: Mapping[NodeId, Node] = {node.id: node for node in rows.nodes}
        self.coverage: Mapping[CoverageKey, Coverage] = {row.key: row for row in rows.coverage}
        self.decisions = rows.decisions
        self.rows = rows
        self._out: dict[tuple[NodeId, str], list[Edge]] = defaultdict(list)
        self._in: dict[tuple[NodeId, str], list[Edge]] = defaultdict(list)
        for edge in rows.edges:
            self._out[edge.source, edge.kind].append(edge)
            self._in[edge.target, edge.kind].append(edge)
        self._seen: dict[NodeId, dict[str, PropValue]] = defaultdict(dict)
        for row in rows.observations:
            self._seen[row.node][row.name] = row.value

    # What there is

    def assets(self, *kinds: str) -> Iterator[Node]:
        """The assets of these kinds that are there, in id order: listed, no potential workload, no vendor's model."""
        for node in self._of_kind(*kinds):
            if is_asset(node) and not node.props.get("referenced_only"):
                yield node

    def listed(self, *kinds: str) -> Iterator[Node]:
        """The nodes of these kinds (identities and scopes too) that were listed and are there, in id order."""
        return (node for node in self._of_kind(*kinds) if not node.props.get("referenced_only"))

    def _of_kind(self, *kinds: str) -> Iterator[Node]:
        held = self._by_kind
        found = [node for kind in kinds for node in held.get(kind, ())]
        return iter(sorted(found, key=lambda node: node.id) if len(kinds) > 1 else found)

    @cached_property
    def _by_kind(self) -> Mapping[str, list[Node]]:
        found: dict[str, list[Node]] = defaultdict(list)
        for node in sorted(self.nodes.values(), key=lambda one: one.id):
            if node.present:
                found[node.kind].append(node)
        return found

    @cached_property
    def people(self) -> Mapping[str, tuple[Node, ...]]:
        """Users and groups, those that are gone too, by all that a tag or a decision may call them, in lower case."""
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes.values():
            if node.kind in {"User", "Group"}:
                for name in called(node):
                    found[name].append(node)
        return {name: tuple(sorted(nodes, key=lambda one: one.id)) for name, nodes in found.items()}

    def out(self, node: NodeId, kind: str) -> tuple[Edge, ...]:
        """The edges of this kind that begin at the node."""
        return tuple(self._out.get((node, kind), ()))

    def into(self, node: NodeId, kind: str) -> tuple[Edge, ...]:
        """The edges of this kind that end at the node."""
        return tuple(self._in.get((node, kind), ()))

    def targets(self, node: NodeId, kind: str) -> tuple[Node, ...]:
        """The nodes that edges of this kind lead to from the node."""
        return tuple(self.nodes[edge.target] for edge in self.out(node, kind) if edge.target in self.nodes)  # fmt: skip

    def sources(self, node: NodeId, kind: str) -> tuple[Node, ...]:
        """The nodes from which edges of this kind lead to the node."""
        return tuple(self.nodes[edge.source] for edge in self.into(node, kind) if edge.source in self.nodes)  # fmt: skip

    def seen(self, node: NodeId) -> Mapping[str, PropValue]:
        """The observations of the node, by name."""
        return self._seen.get(node, {})

    @property
    def observations(self) -> tuple[Observation, ...]:
        """All observations."""
        return self.rows.observations

    @cached_property
    def use(self) -> Use:
        """What logs show of use."""
        return Use.of(self.rows.observations)

    @cached_property
    def attached(self) -> Mapping[NodeId, tuple[Attachment, ...]]:
        """The policies and other documents in force, by the node at which they are attached."""
        found: dict[NodeId, list[Attachment]] = defaultdict(list)
        for row in self.rows.attachments:
            found[row.holder].append(row)
        return {holder: tuple(rows) for holder, rows in found.items()}

    def document(self, document: DocumentHash) -> str:
        """The text of a document; empty where it was not read."""
        return self.rows.documents.get(document, "")

    @property
    def documents(self) -> tuple[Document, ...]:
        """All documents that were read."""
        return tuple(Document(hash_, text) for hash_, text in self.rows.documents.items())

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All edges."""
        return self.rows.edges

    # How it stands

    def look(self, node: Node, path: str) -> PropValue | None:
        """What stands at a path of the node: a property, `settings.NAME`, or `tags.KEY`; None where nothing does."""
        name, _, key = path.partition(".")
        held = node.props.get(name)
        if not key:
            return held
        return held.get(key) if isinstance(held, Mapping) else None

    def setting(self, node: Node, name: str) -> str | None:
        """The setting of this name; None where there is none."""
        found = self.look(node, f"settings.{name}")
        return found if isinstance(found, str) else None

    def settings(self, node: Node) -> Mapping[str, str]:
        """All settings of the node."""
        held = node.props.get("settings")
        return held if isinstance(held, Mapping) else {}

    def tags(self, node: Node) -> Mapping[str, str] | None:
        """The tags that were read; None where they were not read."""
        held = node.props.get("tags")
        if isinstance(held, Mapping):
            return held
        return {} if node.props.get("tagged") is False else None

    def account(self, node: Node) -> str:
        """The account of the node, empty where none is known."""
        return str(node.props.get("account", ""))

    def environment(self, node: Node) -> str:
        """The environment: as the settings say of the account, as told for the node, or for its account; empty where unknown."""
        account = self.account(node)
        said = self.context.environments.get(account) or str(node.props.get("environment", ""))
        return said or self._environments.get(account, "")

    @cached_property
    def _environments(self) -> Mapping[str, str]:
        """The environment of whole accounts, as the accounts' own tags say it."""
        accounts = self.listed("Account")
        return {self.account(one): str(one.props.get("environment", "")) for one in accounts}

    def age(self, node: Node) -> timedelta | None:
        """How long ago the node was created; None where that is not known."""
        key = ("age", node.id)
        if key not in self.memo:
            when = moment(node.props.get("created"))
            self.memo[key] = None if when is None else self.now - when
        return cast("timedelta | None", self.memo[key])

    def young(self, node: Node, window: timedelta) -> bool:
        """Whether it is known to be younger than the window."""
        age = self.age(node)
        return age is not None and age < window

    # What was read of it

    def unread(self, node: Node, *operations: str) -> tuple[Unread, ...]:
        """The calls among these operations that would speak of the node and were not answered; empty where all were."""
        return tuple(sorted({gap for name in operations for gap in self._gaps(node, name)}))

    def _gaps(self, node: Node, operation: str) -> Iterator[Unread]:
        account, region = self.account(node), str(node.props.get("region", GLOBAL))
        places = [(account, region)] + ([(account, GLOBAL)] if region != GLOBAL else [])
        if operation in self._per_item:
            yield from self._item_gaps(node, operation, places)
            return
        rows = [row for place in places for row in self._whole.get((operation, *place), ())]
        if not rows:
            yield Unread(operation, account, region)
        yield from (gap for row in rows if (gap := self._gap(row)) is not None)

    def _item_gaps(self, node: Node, operation: str, places: list[tuple[str, str]]) -> Iterator[Unread]:  # fmt: skip
        called = tokens(node)
        rows = {
            row.key: row
            for place in places
            for word in called
            for row in self._items.get((operation, *place, word), ())
        }
        yield from (gap for row in rows.values() if (gap := self._gap(row)) is not None)
        if not rows and not self._told_by(node, operation):
            yield Unread(operation, *places[0])

    def _told_by(self, node: Node, operation: str) -> bool:
        """Whether an answer of the operation said something of the node, although its argument names another thing."""
        keys = (key for key in node.asserted_by if key.operation == operation)
        return any(key in self.coverage and self._gap(self.coverage[key]) is None for key in keys)

    def unread_at(self, operation: str, account: str, region: str) -> tuple[Unread, ...]:
        """The same of a call that is made once per account and region."""
        rows = self._whole.get((operation, account, region), ())
        found = [gap for row in rows if (gap := self._gap(row)) is not None]
        return tuple(found) if rows else (Unread(operation, account, region),)

    def gaps_of(self, operation: str, account: str, region: str) -> tuple[Unread, ...]:
        """Which of the per-item calls that were asked there were not answered; none where there was nothing to ask."""
        rows = self._whole.get((operation, account, region), ())
        return tuple(gap for row in rows if (gap := self._gap(row)) is not None)

    def _gap(self, row: Coverage) -> Unread | None:
        """What keeps the call from counting as read: its own end, or that of the listing that names its item."""
        at: Coverage | None = row
        while at is not None:
            if at.outcome is not Outcome.OK:
                key = at.key
                return Unread(key.operation, key.scope, key.region, at.outcome.value, at.missing_permission or "")  # fmt: skip
            at = self.coverage.get(at.parent) if at.parent is not None else None
        return None

    def read_anywhere(self, operation: str) -> bool:
        """Whether the call was answered in some scope: enough for what one account answers for all."""
        return any(row.outcome is Outcome.OK and row.key.operation == operation for row in self.coverage.values())  # fmt: skip

    def last_read(self, node: Node, operation: str) -> datetime | None:
        """When the operation was last answered in the node's account, in its region or globally."""
        account, region = self.account(node), str(node.props.get("region", GLOBAL))
        rows = [
            row.last_ok
            for place in ((account, region), (account, GLOBAL))
            for row in self._whole.get((operation, *place), ())
            if row.last_ok is not None
        ]
        return max(rows, default=None)

    @cached_property
    def _per_item(self) -> frozenset[str]:
        return frozenset(key.operation for key in self.coverage if "/" in key.call)

    @cached_property
    def _whole(self) -> Mapping[tuple[str, str, str], list[Coverage]]:
        found: dict[tuple[str, str, str], list[Coverage]] = defaultdict(list)
        for key, row in self.coverage.items():
            found[key.operation, key.scope, key.region].append(row)
        return found

    @cached_property
    def _items(self) -> Mapping[tuple[str, str, str, str], list[Coverage]]:
        """The per-item calls by operation, place and each part of their argument."""
        found: dict[tuple[str, str, str, str], list[Coverage]] = defaultdict(list)
        for key, row in self.coverage.items():
            argument = key.call.partition("/")[2]
            for word in {argument, *argument.split("|")} - {""}:
                found[key.operation, key.scope, key.region, word].append(row)
        return found

    # Who reaches it

    @cached_property
    def _exposed(self) -> Mapping[NodeId, Exposedness]:
        return {row.asset: row for row in exposures(self.view)}

    def exposed(self, asset: NodeId) -> Exposedness | None:
        """How many identities reach the asset; None where it is no asset that reach is counted over."""
        return self._exposed.get(asset)

    @cached_property
    def administrators(self) -> Mapping[NodeId, Administrator]:
        """The identities that may grant themselves everything."""
        return {one.identity: one for one in administrators(self.rows.nodes, self.rows.edges)}

    def sensitivity(self, node: NodeId) -> int:
        """The highest known sensitivity of the node and what it is part of; -1 where none is known."""
        at = self.view.find(node)
        return -1 if at is None else int(self.view.nodes.weight[at])


def called(node: Node) -> frozenset[str]:
    """What people call an identity: its name, id and address, in lower case."""
    email = node.props.get("email")
    return frozenset({node.name.lower(), str(node.id).lower(), str(email or "").lower()} - {""})


def tokens(node: Node) -> tuple[str, ...]:
    """What an argument of a call may name the node by: id, name, and the parts that its id ends with."""
    parts = str(node.id).split(":", 5)[-1]
    bucket = parts.partition("/")[0] if ":s3:::" in node.id else ""
    words = (str(node.id), node.name, parts.rpartition("/")[2], parts.partition("/")[2], bucket)
    return tuple(dict.fromkeys(word for word in words if word))


def moment(value: PropValue | None) -> datetime | None:
    """The instant that a property of type `time` tells; None where it tells none."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
