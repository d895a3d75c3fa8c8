"""Who is decided once: identities with equal effective policies, and identities widened by a technique."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

from access.aws.arns import account_of, session_prefix
from access.aws.document import PolicyDocument, parse
from access.aws.key_grants import key_grants
from access.aws.limits import Limits
from access.aws.patterns import arn_matcher
from access.aws.policies import Origin, Policy, Sourced, Stack, Unread
from access.aws.principals import Principal, PrincipalKind
from access.aws.reads import Reads, reads_of, together
from access.decision import Alternative, Layer, Relative, Revocable, RevocableKind
from access.estate import Estate
from graph.model import Attachment, CoverageKey, Node, NodeId, Role, canonical, digest

EVERYTHING = parse(
    '{"Version":"2012-10-17","Statement":{"Sid":"Everything","Effect":"Allow","Action":"*","Resource":"*"}}'
)
Ways: TypeAlias = tuple[tuple[Revocable, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One class of principals, decided once for all its members.

    A real subject has members; `id` is the identity itself where it stands alone. A virtual one has none: it is what
    `of` becomes by a technique. `virtual` is `all`, `joined`, or the kind of change that `step` spells out
    (`access.aws.variants`).
    """

    id: NodeId
    kind: str
    account: str
    principal: Principal
    members: tuple[NodeId, ...]
    identity: Stack
    boundary: Stack | None
    groups: tuple[NodeId, ...]
    managed: Mapping[str, Ways]
    inputs: frozenset[CoverageKey]
    key: str
    virtual: str = ""
    step: tuple[str, ...] = ()
    of: NodeId | None = None
    residual: tuple[str, ...] = ()
    _cache: dict[str, object] = field(default_factory=dict, repr=False)

    @property
    def alone(self) -> bool:
        """Whether its Revocables are concrete: one identity, or what a single identity becomes."""
        return len(self.members) <= 1


def named_principals(estate: Estate) -> Reads:
    """What trust, resource and control policies read: names in them keep identities apart."""
    documents = (
        estate.content(row)
        for row in estate.facts.attachments
        if row.role in {Role.TRUST, Role.RESOURCE, Role.SCP, Role.RCP, Role.VERSION}
        or (row.role is Role.BOUNDARY)
    )
    given = (
        grant.document
        for key in estate.of_kind("Key")
        for grant in key_grants(estate, key, account_of(key.id))[0]
    )
    read = (parse(document.text) for document in documents if document is not None)
    return together(reads_of(document) for document in (*read, *given))


class Subjects:
    """The subjects of the estate's AWS accounts; virtual ones are made when a technique leads to them."""

    def __init__(self, estate: Estate, limits: Limits) -> None:
        self._estate = estate
        self._limits = limits
        self._virtual: dict[NodeId, Subject] = {}

    @cached_property
    def named(self) -> Reads:
        """What policies outside the identity's own read of a principal."""
        return named_principals(self._estate)

    @cached_property
    def identities(self) -> tuple[Node, ...]:
        """Every present AWS user and role."""
        return tuple(
            node
            for node in self._estate.of_kind("User", "Role")
            if node.props.get("platform", "aws") == "aws" and node.id.startswith("arn:")
        )

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts whose identities are known."""
        return frozenset(account_of(node.id) for node in self.identities)

    @cached_property
    def real(self) -> tuple[Subject, ...]:
        """All classes and single identities, in id order."""
        classes: dict[str, list[Node]] = defaultdict(list)
        for node in self.identities:
            classes[canonical(self._key(node))].append(node)
        made = (self._subject(tuple(nodes), key) for key, nodes in classes.items())
        return tuple(sorted(made, key=lambda subject: subject.id))

    @cached_property
    def of_identity(self) -> Mapping[NodeId, Subject]:
        """The subject that each identity belongs to."""
        return {member: subject for subject in self.real for member in subject.members}

    def alone(self, identity: NodeId) -> Subject:
        """The identity as a subject of its own, with concrete Revocables: what explanations ask."""
        node = self._estate.nodes[identity]
        return self._subject((node,), canonical(self._key(node)))

    # What keeps identities apart.

    def _rows(self, holder: NodeId) -> tuple[Attachment, ...]:
        return self._estate.attached(holder, Role.IDENTITY)

    def _own_reads(self, node: Node) -> Reads:
        rows = [*self._rows(node.id), *self._estate.attached(node.id, Role.BOUNDARY)]
        for group in self._estate.groups_of(node.id):
            rows += self._rows(group)
        documents = (self._estate.content(row) for row in rows)
        return together(reads_of(parse(document.text)) for document in documents if document)

    def _is_named(self, node: Node) -> bool:
        entries = self.named.principals
        session = session_prefix(node.id)
        unique = node.props.get("unique_id")
        return (
            node.id in entries
            or (isinstance(unique, str) and unique in entries)
            or (session is not None and any(entry.startswith(session) for entry in entries))
        )

    def _key(self, node: Node) -> tuple[object, ...]:
        """Everything by which a policy of the estate could tell this identity from another."""
        own, named = self._own_reads(node), self.named
        by_name = own.name or named.name or self._is_named(node)
        tags = node.props.get("tags")
        read_tags = sorted(own.principal_tags | named.principal_tags)
        lowered = {k.lower(): v for k, v in tags.items()} if isinstance(tags, Mapping) else None
        return (
            account_of(node.id),
            node.kind,
            [(row.name, row.policy, row.document) for row in self._rows(node.id)],
            list(self._estate.groups_of(node.id)),
            [row.policy or row.document for row in self._estate.attached(node.id, Role.BOUNDARY)],
            str(node.props.get("reserved", "")),
            "unread"
            if lowered is None and read_tags
            else [(lowered or {}).get(k) for k in read_tags],
            [arn_matcher(pattern)(node.id) for pattern in sorted(own.arns | named.arns)],
            self._chooses_session_name(node) if self._sessions_named else True,
            str(node.id) if by_name else "",
        )

    @cached_property
    def _sessions_named(self) -> bool:
        return any(":assumed-role/" in entry for entry in self.named.principals)

    def _chooses_session_name(self, node: Node) -> bool:
        """False for a role that a workload runs as or single sign-on opens: the platform names those sessions."""
        return node.props.get("reserved") != "sso" and not self._estate.incoming(node.id, "RUNS_AS")

    # Policies and the ways by which they arrive.

    def _routes(self, start: NodeId, group: NodeId) -> Iterator[tuple[Revocable, ...]]:
        """Every chain of memberships from the identity to the group."""
        todo: list[tuple[NodeId, tuple[Revocable, ...]]] = [(start, ())]
        while todo:
            node, route = todo.pop()
            for edge in self._estate.outgoing(node, "MEMBER_OF"):
                entry = Revocable(
                    RevocableKind.MEMBERSHIP,
                    holder=str(node),
                    member=str(edge.target),
                    owner=account_of(edge.target),
                    lifts_deny=self.denies(edge.target),
                )
                if edge.target == group:
                    yield (*route, entry)
                elif all(step.member != str(edge.target) for step in route):
                    todo.append((edge.target, (*route, entry)))

    def denies(self, holder: NodeId) -> bool:
        """Whether some policy of the holder denies, so that losing it would lift a Deny."""
        return any(
            parse(content.text).denies
            for row in self._rows(holder)
            if (content := self._estate.content(row)) is not None
        )

    def _membership(self, node: Node, group: NodeId, *, relative: bool) -> Ways:
        if relative:
            entry = Revocable(
                RevocableKind.MEMBERSHIP,
                member=str(group),
                relative=Relative.MEMBER,
                owner=account_of(group),
                lifts_deny=self.denies(group),
            )
            return ((entry,),)
        return tuple(self._routes(node.id, group))

    def documents_of(
        self, holder: NodeId, before: Ways, *, relative: bool
    ) -> Iterator[tuple[str, Attachment, Ways]]:
        """(policy name, row, ways) of everything attached to the holder, each way extending one of `before`."""
        for row in self._rows(holder):
            if row.policy is None:
                yield f"{holder}/{row.name}", row, before
                continue
            content = self._estate.content(row)
            entry = Revocable(
                RevocableKind.ATTACHMENT,
                holder="" if relative else str(holder),
                member=row.policy,
                relative=Relative.ATTACHED if relative else None,
                owner=account_of(holder),
                lifts_deny=content is not None and parse(content.text).denies,
            )
            yield row.policy, row, tuple((*way, entry) for way in before)

    def _template(self, holder: NodeId, row: Attachment, *, relative: bool) -> Revocable | None:
        """The Revocable of one statement of this policy; None where the vendor manages it."""
        if row.vendor:
            return None
        content = self._estate.content(row)
        own = row.policy is None
        return Revocable(
            RevocableKind.STATEMENT,
            holder="" if own and relative else str(holder) if own else str(row.policy),
            document=row.name if own else str(row.policy),
            relative=Relative.OWN if own and relative else None,
            owner=account_of(holder if own else NodeId(str(row.policy))) or account_of(holder),
            hash=content.hash if content else "",
        )

    def _telling(self, node: Node) -> frozenset[CoverageKey]:
        """The calls that say of the identity what it may do; its keys, passwords and last use say nothing of that."""
        return frozenset(key for key in node.asserted_by if key.operation in self._deciding)

    @cached_property
    def _deciding(self) -> frozenset[str]:
        """The operations whose answers list identities with their policies."""
        own = {Role.IDENTITY, Role.BOUNDARY, Role.TRUST}
        rows = (row for row in self._estate.facts.attachments if row.role in own)
        return frozenset(key.operation for row in rows for key in row.asserted_by)

    def sources(
        self, node: Node, groups: Iterable[NodeId], *, relative: bool
    ) -> tuple[dict[str, tuple[Policy, Ways, Attachment]], frozenset[CoverageKey]]:
        """Policies by name with all ways in which they arrive, and the coverage keys they depend on."""
        found: dict[str, tuple[Policy, Ways, Attachment]] = {}
        inputs = set(self._telling(node))
        holders: list[tuple[NodeId, Ways, bool]] = [(node.id, ((),), relative)]
        member_of = set(self._estate.groups_of(node.id))
        for group in groups:
            ways = self._membership(node, group, relative=relative) if group in member_of else ((),)
            holders.append((group, ways, False))
        for holder, before, is_relative in holders:
            for name, row, ways in self.documents_of(holder, before, relative=is_relative):
                inputs |= row.asserted_by
                known = found.get(name)
                every = (*known[1], *ways) if known else ways
                found[name] = (
                    self._policy(holder, name, row, every, relative=is_relative),
                    every,
                    row,
                )
        return found, frozenset(inputs)

    def _policy(
        self, holder: NodeId, name: str, row: Attachment, ways: Ways, *, relative: bool
    ) -> Policy:
        content = self._estate.content(row)
        label = row.name if relative and row.policy is None else name
        origin = Origin(Layer.IDENTITY, label, ways, self._template(holder, row, relative=relative))
        if content is None:
            return Unread(f"policy {row.policy} unread", origin, may_allow=False)
        return Sourced(parse(content.text), origin)

    def _boundary(self, node: Node) -> Stack | None:
        rows = self._estate.attached(node.id, Role.BOUNDARY)
        if not rows:
            return None
        policies: list[Policy] = []
        for row in rows:
            content = self._estate.content(row)
            origin = Origin(Layer.BOUNDARY, str(row.policy))
            policies.append(
                Unread(f"boundary {row.policy} unread", origin)
                if content is None
                else Sourced(parse(content.text), origin)
            )
        return Stack(policies)

    # Making subjects.

    def principal(self, node: Node) -> Principal:
        """The identity as the evaluator sees it."""
        place = self._limits.place(account_of(node.id))
        role = node.kind == "Role"
        tags = node.props.get("tags")
        unique = node.props.get("unique_id")
        return Principal(
            PrincipalKind.ROLE if role else PrincipalKind.USER,
            str(node.id),
            account=account_of(node.id),
            role_arn=str(node.id) if role else None,
            name=node.name,
            tags=dict(tags) if isinstance(tags, Mapping) else None,
            organization=place.organization,
            organization_paths=None if place.path is None else (place.path,),
            service_linked=node.props.get("reserved") == "service-linked",
            management=place.management,
            chooses_session_name=self._chooses_session_name(node),
            unique_id=unique if isinstance(unique, str) else None,
        )

    def _subject(self, nodes: tuple[Node, ...], key: str) -> Subject:
        node, relative = nodes[0], len(nodes) > 1
        groups = self._estate.groups_of(node.id)
        found, inputs = self.sources(node, groups, relative=relative)
        keys = frozenset().union(inputs, *map(self._telling, nodes))
        boundary_rows = self._estate.attached(node.id, Role.BOUNDARY)
        keys = keys.union(*(row.asserted_by for row in boundary_rows))
        return Subject(
            id=NodeId("class:" + digest(key)) if relative else node.id,
            kind=node.kind,
            account=account_of(node.id),
            principal=self.principal(node),
            members=tuple(other.id for other in nodes),
            identity=Stack(policy for policy, _ways, _row in found.values()),
            boundary=self._boundary(node),
            groups=groups,
            managed=self._customer_managed(found),
            inputs=keys | self._limits.scps(account_of(node.id)).inputs,
            key=key,
        )

    @staticmethod
    def _customer_managed(
        found: Mapping[str, tuple[Policy, Ways, Attachment]],
    ) -> Mapping[str, Ways]:
        return {
            name: ways
            for name, (_policy, ways, row) in found.items()
            if row.policy and not row.vendor
        }

    def everything(self, subject: Subject) -> Subject:
        """The subject with one more statement that allows everything; its Denies, boundary and limits stay.

        Shared by all subjects that no policy tells apart and that no Deny of their own limits.
        """
        if subject.virtual == "all":
            return subject
        denying = [
            policy
            for policy in subject.identity
            if isinstance(policy, Sourced) and policy.document.denies
        ]
        alone = denying or subject.step or self._told_apart(subject)
        shared = () if alone else self._shared_key(subject)
        identifier = NodeId(
            "class:" + digest("all", canonical(shared) if shared else str(subject.id))
        )
        if identifier not in self._virtual:
            allow = Sourced(EVERYTHING, Origin(Layer.IDENTITY, "everything allowed"))
            self._virtual[identifier] = replace(
                subject,
                id=identifier,
                members=(),
                identity=Stack([allow, *(_denials(policy) for policy in denying)]),
                groups=(),
                managed={},
                virtual="all",
                step=(),
                of=subject.of or subject.id if shared == () else None,
                residual=tuple(self._residual(denying, subject)),
                _cache={},
            )
        return self._virtual[identifier]

    def _told_apart(self, subject: Subject) -> bool:
        nodes = [self._estate.nodes[NodeId(subject.principal.arn)]]
        return self.named.name or any(self._is_named(node) for node in nodes)

    def _shared_key(self, subject: Subject) -> tuple[object, ...]:
        node = self._estate.nodes[NodeId(subject.principal.arn)]
        _account, kind, _rows, _groups, *attributes = self._key(node)
        return (subject.account, kind, *attributes[:-1])

    def _residual(self, denying: Iterable[Sourced], subject: Subject) -> Iterator[str]:
        """What an administrator still may not do, by the name of what forbids it."""
        for policy in denying:
            for statement in policy.document.statements:
                if not statement.allow:
                    yield f"Deny {policy.origin.policy} ({statement.sid})"
        if subject.boundary is not None:
            yield from (f"boundary {policy.origin.policy}" for policy in subject.boundary)
        levels = self._limits.scps(subject.account)
        yield from (f"SCP {name}" for name in levels.names if not name.endswith("/p-FullAWSAccess"))

    def membership(self, subject: Subject, group: NodeId) -> tuple[Alternative, ...]:
        """What makes the subject a member of the group; an empty alternative where a technique already did."""
        node = self._estate.nodes[NodeId(subject.principal.arn)]
        if group not in self._estate.groups_of(node.id):
            return (Alternative(()),)
        ways = self._membership(node, group, relative=not subject.alone)
        return tuple(Alternative(tuple(sorted(way))) for way in ways)

    def brings(self, group: NodeId) -> bool:
        """Whether some policy of the group allows anything, or is not known."""
        contents = [self._estate.content(row) for row in self._rows(group)]
        return any(
            content is None or any(statement.allow for statement in parse(content.text).statements)
            for content in contents
        )

    def joined(self, subject: Subject, group: NodeId) -> Subject:
        """The subject with the group's policies added."""
        groups = tuple(sorted({*subject.groups, group}))
        origin = subject.of or subject.id
        identifier = NodeId("class:" + digest("joined", str(origin), *groups))
        if identifier not in self._virtual:
            added: list[Policy] = []
            inputs = set(subject.inputs)
            for name, row, ways in self.documents_of(group, ((),), relative=False):
                added.append(self._policy(group, name, row, ways, relative=False))
                inputs |= row.asserted_by
            self._virtual[identifier] = replace(
                subject,
                id=identifier,
                members=(),
                identity=Stack([*subject.identity, *added]),
                groups=groups,
                managed={**self._managed_by_group(group), **subject.managed},
                inputs=frozenset(inputs),
                virtual="joined",
                of=origin,
                _cache={},
            )
        return self._virtual[identifier]

    def _managed_by_group(self, group: NodeId) -> Mapping[str, Ways]:
        return {
            name: ways
            for name, row, ways in self.documents_of(group, ((),), relative=False)
            if row.policy and not row.vendor
        }


def _denials(policy: Sourced) -> Sourced:
    """The policy reduced to its Denies."""
    denies = tuple(statement for statement in policy.document.statements if not statement.allow)
    return Sourced(PolicyDocument(denies, policy.document.version), policy.origin)
