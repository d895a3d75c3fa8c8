"""The existing resources of a kind as questions: what is asked of each, and what makes two of them alike.

Two targets with the same signature get the same answer from every subject whose statements match both alike, so one
of them is decided for all. The signature holds the resource's policy with the resource's own name taken out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from access.aws.arns import account_of, region_of
from access.aws.document import Statement, parse
from access.aws.key_grants import key_grants
from access.aws.patterns import Cover, arn_matcher, relation
from access.aws.policies import Origin, Policy, Sourced, Unread
from access.aws.reads import reads_of
from access.decision import Layer, Relative, Revocable, RevocableKind
from access.estate import Estate, Reading
from access.technique import KindRow
from graph.model import CoverageKey, Node, NodeId, Role

RELATIVE_OF = {
    "Role": (RevocableKind.TRUST_ENTRY, Relative.TRUST),
    "Key": (RevocableKind.STATEMENT, Relative.KEY),
}
_PACKAGE, _PACKAGE_GROUP = ":model-package/", ":model-package-group/"
UNREAD = "unread"
"""What stands for the principals of a resource policy that is known to exist and was not read."""
COVERING = frozenset({"objects", "packages", "aliases", "tasks"})
"""The places at which a question stands for everything that its pattern covers."""
_WILD = re.compile(r"[*?]|\$\{")
_VALUE = {Cover.NONE: 0, Cover.PART: 1, Cover.ALL: 2}
Codes: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Target:
    """One resource as a question.

    `question` is the ARN, or the pattern of all objects of a dataset minus `excluding`, its named parts.
    """

    node: Node
    question: str
    excluding: tuple[str, ...]
    account: str
    region: str
    resource: Policy | None
    tags: Mapping[str, str] | None
    inputs: frozenset[CoverageKey]
    signature: int
    grants: tuple[Sourced, ...] = ()

    @property
    def sayings(self) -> Iterator[Statement]:
        """Every statement about who may use it: of its policy, and of its grants where it is a key."""
        if isinstance(self.resource, Sourced):
            yield from self.resource.document.statements
        for grant in self.grants:
            yield from grant.document.statements


class Targets:
    """All targets of one kind, or of one form of it, asked in one way (a place of `access.technique`)."""

    def __init__(self, estate: Estate, form: KindRow, at: str) -> None:
        self._estate = estate
        self.kind = form.kind
        self.at = at
        self._call = form.resource_policy
        self._is_of_form = arn_matcher(wild(form.arn)) if form.arn else None
        self._read: dict[str, Mapping[str, CoverageKey]] = {}
        self._vectors: dict[str, Codes] = {}
        self._signatures: dict[Hashable, int] = {}
        nodes = [node for node in estate.of_kind(form.kind) if self._askable(node)]
        self._below = self._parts(nodes) if at == "objects" else {}
        self.rows: tuple[Target, ...] = tuple(map(self._target, nodes))
        self.position = {row.node.id: place for place, row in enumerate(self.rows)}

    @classmethod
    def of_policy(cls, estate: Estate, arn: str) -> Targets:
        """A managed policy, which is a fact but no node, as the only target."""
        found = cls(estate, KindRow("", ""), "self")
        node = Node(NodeId(arn), "", {"name": arn.rpartition("/")[2]})
        account = account_of(arn)
        found.rows = (Target(node, arn, (), account, "", None, {}, frozenset(), 0),)
        found.position = {node.id: 0}
        return found

    def __len__(self) -> int:
        return len(self.rows)

    def _askable(self, node: Node) -> bool:
        return (
            str(node.id).startswith("arn:")
            and (self._is_of_form is None or self._is_of_form(str(node.id)))
            and not node.props.get("potential")
            and node.props.get("reserved") != "service-linked"
        )

    @cached_property
    def signatures(self) -> Codes:
        """The signature of each target."""
        return np.array([row.signature for row in self.rows], dtype=np.int64)

    @cached_property
    def by_account(self) -> Mapping[str, Codes]:
        """Positions of the targets of each account (`""` where the account is unread)."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(self.rows):
            found[row.account].append(place)
        return {account: np.array(places, dtype=np.int64) for account, places in found.items()}

    @cached_property
    def naming(self) -> Mapping[str, tuple[int, ...]]:
        """Positions of the targets whose resource policy has an Allow for this principal entry."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(self.rows):
            entries: set[str] = set()
            for statement in row.sayings:
                if statement.allow:
                    entries |= {str(entry) for entry in statement.principals}
                    if statement.not_principals:
                        entries.add("*")
            if self.kind != "Key" and isinstance(row.resource, Unread) and row.resource.may_allow:
                entries.add(UNREAD)
            for entry in entries:
                found[entry].append(place)
        return {entry: tuple(places) for entry, places in found.items()}

    @cached_property
    def specific(self) -> Mapping[str, tuple[int, ...]]:
        """Positions of the targets whose resource policy has a statement about this named principal.

        Such statements are left out of the signature: they matter to those that they name alone.
        """
        found: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(self.rows):
            named = {
                str(entry)
                for statement in row.sayings
                if _specific(statement)
                for entry in statement.principals
            }
            for entry in named:
                found[entry].append(place)
        return {entry: tuple(places) for entry, places in found.items()}

    @cached_property
    def key_names(self) -> frozenset[str]:
        """The principals that policies of keys speak of by name: a dataset's key decides with it."""
        named: set[str] = set()
        for key in self._estate.of_kind("Key"):
            for grant in key_grants(self._estate, key, "")[0]:
                for statement in grant.document.statements:
                    named |= {str(entry) for entry in statement.principals}
            for row in self._estate.attached(key.id, Role.RESOURCE):
                content = self._estate.content(row)
                for statement in parse(content.text).statements if content else ():
                    if _specific(statement):
                        named |= {str(entry) for entry in statement.principals}
        return frozenset(named)

    # Building one target.

    def _parts(self, nodes: list[Node]) -> Mapping[NodeId, tuple[str, ...]]:
        """Per dataset the object patterns of the named datasets right inside it."""
        ids = sorted(str(node.id) for node in nodes)
        known = set(ids)
        below: dict[NodeId, list[str]] = defaultdict(list)
        for inner in ids:
            outer = _enclosing(inner, known)
            if outer is not None:
                below[NodeId(outer)].append(f"{inner}*")
        return {outer: tuple(parts) for outer, parts in below.items()}

    def bucket(self, node: Node) -> NodeId:
        """Whose policy counts: the bucket that a dataset is or lies in, a package's group; else the node itself."""
        return carrier(self.kind, node.id)

    def _target(self, node: Node) -> Target:
        held_by = self.bucket(node)
        holder = self._estate.nodes.get(held_by, node)
        account = str(holder.props.get("account", "")) or account_of(node.id)
        resource, inputs = self._resource(holder, held_by, account)
        question = question_at(self.at, str(node.id), str(held_by))
        tags = (holder if self.kind == "Dataset" else node).props.get("tags")
        excluding = self._below.get(node.id, ())
        grants: tuple[Sourced, ...] = ()
        if self.kind == "Key":
            grants, told = key_grants(self._estate, node, account)
            inputs |= told
        signature = self._sign(node, holder, account, resource, question, excluding, tags, grants)
        return Target(
            node,
            question,
            excluding,
            account,
            str(holder.props.get("region", "")) or region_of(node.id),
            resource,
            dict(tags) if isinstance(tags, Mapping) else None,
            node.asserted_by | holder.asserted_by | inputs,
            signature,
            grants,
        )

    def _resource(
        self, holder: Node, held_by: NodeId, account: str
    ) -> tuple[Policy | None, frozenset[CoverageKey]]:
        role = Role.TRUST if self.kind == "Role" else Role.RESOURCE
        kind, _side = RELATIVE_OF.get(self.kind, (RevocableKind.STATEMENT, Relative.RESOURCE))
        rows = self._estate.attached(held_by, role)
        label = str(held_by)
        for row in rows:
            content = self._estate.content(row)
            template = Revocable(
                kind,
                holder=label,
                document=label,
                owner=account,
                hash=content.hash if content else "",
            )
            origin = Origin(Layer.RESOURCE, label, ((),), template)
            if content is None:
                return Unread("policy unread", origin), row.asserted_by
            return Sourced(parse(content.text), origin), row.asserted_by
        if not self._call:
            return None, frozenset()
        key = self._policy_key(holder, held_by, account)
        if key is not None and self._estate.reading(key) is not Reading.NEVER:
            return None, frozenset({key})
        # A key's policy decides alone; elsewhere an unread policy could only take away what identities allow.
        origin = Origin(Layer.RESOURCE, label, ((),), None)
        reason = f"{self._call} unread"
        return Unread(reason, origin, may_allow=self.kind == "Key"), frozenset()

    def _policy_key(self, holder: Node, held_by: NodeId, account: str) -> CoverageKey | None:
        """The coverage key of the call that reads this resource's policy, whatever its argument looks like."""
        names = {str(held_by).rpartition(":")[2], str(held_by)}
        names |= {holder.name} if holder.id == held_by else set()
        names |= {name.rpartition("/")[2] for name in names}
        read = self._calls(account)
        return min((read[name] for name in names if name in read), default=None)

    def _calls(self, account: str) -> Mapping[str, CoverageKey]:
        """The first coverage key of the policy's call in the account, by its argument."""
        if account not in self._read:
            keys = reversed(self._estate.keys_of(self._call, account))
            self._read[account] = {key.call.partition("/")[2]: key for key in keys}
        return self._read[account]

    def _sign(  # noqa: PLR0917  # one call, everything that makes targets alike
        self,
        node: Node,
        holder: Node,
        account: str,
        resource: Policy | None,
        question: str,
        excluding: tuple[str, ...],
        tags: object,
        grants: tuple[Sourced, ...],
    ) -> int:
        """A number that two targets share only if no policy but the asker's own tells them apart."""
        parts: Hashable
        if isinstance(resource, Sourced):
            parts = tuple(
                _general(statement, str(holder.id), question, excluding)
                for statement in resource.document.statements
                if not _specific(statement)
            )
        else:
            parts = resource.reason.replace(holder.name, "") if resource is not None else None
        blocks = holder.props.get("block_public")
        key = (
            parts,
            tuple(
                _general(statement, str(holder.id), question, excluding)
                for grant in grants
                for statement in grant.document.statements
                if not _specific(statement)
            ),
            account,
            holder.props.get("region"),
            tuple(blocks) if isinstance(blocks, tuple) else blocks is None,
            str(node.props.get("reserved", "")),
            tuple(sorted(tags.items()))
            if isinstance(tags, Mapping) and self._tags_matter
            else tags is None,
        )
        return self._signatures.setdefault(key, len(self._signatures))

    @cached_property
    def _tags_matter(self) -> bool:
        return any(
            reads_of(parse(document.text)).resource_tags
            for document in self._estate.facts.documents
        )

    # Matching.

    def vector(self, pattern: str) -> Codes:
        """Per target how much of its question the pattern covers: 0 none, 1 a part, 2 all, more: to be asked alone."""
        known = self._vectors.get(pattern)
        if known is None:
            known = self._vectors[pattern] = self._match(pattern)
        return known

    def _match(self, pattern: str) -> Codes:
        if pattern == "*":
            return np.full(len(self.rows), 2, dtype=np.int64)
        found = np.zeros(len(self.rows), dtype=np.int64)
        variable = "${" in pattern
        for place in self._may_meet(_fixed(pattern)):
            row = self.rows[place]
            # Unknown until the variable is filled in: a value of its own, so that the target is asked alone.
            found[place] = (
                place + 3 if variable else _VALUE[cover(pattern, row.question, row.excluding)]
            )
        return found

    @cached_property
    def _beginnings(self) -> tuple[list[tuple[str, int]], Mapping[str, list[int]]]:
        """The fixed beginning of each target's question with its position, sorted; and the positions by beginning."""
        ordered = sorted((_asked(row.question), place) for place, row in enumerate(self.rows))
        by_text: dict[str, list[int]] = defaultdict(list)
        for text, place in ordered:
            by_text[text].append(place)
        return ordered, by_text

    def _may_meet(self, fixed: str) -> Iterator[int]:
        """The positions of the targets that a pattern with this fixed beginning may say something of, as `_may_meet`."""
        ordered, by_text = self._beginnings
        for length in range(len(fixed)):
            yield from by_text.get(fixed[:length], ())
        for text, place in ordered[bisect_left(ordered, (fixed, -1)) :]:
            if not text.startswith(fixed):
                return
            yield place


def wild(arn: str) -> str:
    """The pattern of a form's resources in every partition and account."""
    return arn.replace("{partition}", "*").replace("{account}", "*")


def carrier(kind: str, node: NodeId) -> NodeId:
    """The resource whose policy decides about the node."""
    if kind == "Dataset":
        return NodeId(str(node).partition("/")[0]) if ":s3:::" in node else node
    if kind == "ModelVersion" and _PACKAGE in node:
        return NodeId(str(node).replace(_PACKAGE, _PACKAGE_GROUP).rpartition("/")[0])
    return node


def question_at(at: str, node: str, held_by: str) -> str:
    """What an action at this place of the node is asked on; a pattern stands for everything that it covers."""
    match at:
        case "objects":
            return f"{node}*" if node.endswith("/") else f"{node}/*"
        case "bucket":
            return held_by
        case "packages":
            return node.replace(_PACKAGE_GROUP, _PACKAGE) + "/*"
        case "aliases":
            return node.replace(":agent/", ":agent-alias/") + "/*"
        case "tasks":
            return node.replace(":service/", ":task/").rpartition("/")[0] + "/*"
    return node


@cache
def _fixed(pattern: str) -> str:
    """What every text that the pattern matches begins with."""
    return _WILD.split(pattern, maxsplit=1)[0]


def _asked(question: str) -> str:
    """What all that a question stands for begins with."""
    return question.partition("*")[0]


def _may_meet(fixed: str, question: str) -> bool:
    asked = _asked(question)
    return asked.startswith(fixed) or fixed.startswith(asked)


def cover(pattern: str, question: str, excluding: tuple[str, ...]) -> Cover:
    """`relation`, with the plain cases decided from the fixed beginning of the pattern."""
    fixed = _fixed(pattern)
    if not _may_meet(fixed, question):
        return Cover.NONE
    if pattern == "*" or (pattern == f"{fixed}*" and question.startswith(fixed)):
        return Cover.ALL
    return relation(pattern, question, excluding)


def _specific(statement: Statement) -> bool:
    """Whether the statement is about named users, roles or services alone, not about whole accounts or everyone."""
    return bool(statement.principals) and not any(
        entry.type == "AWS"
        and (entry.value in {"*", ""} or entry.value.isdigit() or entry.value.endswith(":root"))
        for entry in statement.principals
    )


def _general(statement: Statement, own: str, question: str, excluding: tuple[str, ...]) -> Hashable:
    """What a statement says to anyone, the resource's own name taken out and its Sid left aside."""
    patterns = (*statement.resources, *statement.not_resources)
    covers = tuple(
        question if "${" in pattern else cover(pattern, question, excluding) for pattern in patterns
    )
    clauses = tuple(
        (
            clause.operator,
            clause.key,
            tuple(value.replace(own, "<self>") for value in clause.values),
        )
        for clause in statement.conditions
    )
    return (
        statement.allow,
        statement.actions,
        statement.not_actions,
        bool(statement.resources),
        covers,
        clauses,
        statement.principals,
        statement.not_principals,
        statement.unknown,
    )


def _enclosing(inner: str, known: set[str]) -> str | None:
    """The nearest dataset id in `known` that holds this one."""
    path = inner.rstrip("/")
    while "/" in path:
        path = path.rpartition("/")[0]
        if f"{path}/" in known:
            return f"{path}/"
        if path in known:
            return path
    return None
