"""The policies that bear on a request, with where each comes from; compiled once and shared between requests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Self, TypeAlias

from access.aws.document import PolicyDocument, Statement
from access.decision import Alternative, Layer, Revocable, StatementRef

if TYPE_CHECKING:
    from access.aws.matching import Hit


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document comes from, and by what it reaches the principal.

    `ways` are the alternative sets of Revocables that bring it (attachment; membership and the group's attachment);
    none given means that nothing brings it. `statement` is the template Revocable of one of its statements: the
    evaluator fills in statement, position and, in resource policies, the principal entry. It is None where the
    vendor manages the document, and for limits.
    """

    layer: Layer
    policy: str
    ways: tuple[tuple[Revocable, ...], ...] = ((),)
    statement: Revocable | None = None

    def ref(self, statement: Statement) -> StatementRef:
        """The name of one of its statements."""
        return StatementRef(self.layer.value, self.policy, statement.position, statement.sid)

    def revocable(self, statement: Statement, entry: str) -> tuple[Revocable, ...]:
        """The statement as a Revocable, for the caller whom this principal entry names; none under a vendor."""
        if self.statement is None:
            return ()
        member = entry if self.layer is Layer.RESOURCE and entry else self.statement.member
        own = replace(
            self.statement, statement=statement.sid, position=statement.position, member=member
        )
        return (own,)


@dataclass(frozen=True, slots=True, eq=False)
class Sourced:
    """A document and its origin."""

    document: PolicyDocument
    origin: Origin
    # what is alike in all requests, made once
    hits: dict[Statement, Hit] = field(default_factory=dict, repr=False)
    refs: dict[Statement, StatementRef] = field(default_factory=dict, repr=False)
    taken: dict[tuple[Statement, str], tuple[Alternative, ...]] = field(
        default_factory=dict, repr=False
    )

    def ref(self, statement: Statement) -> StatementRef:
        """The name of one of its statements."""
        known = self.refs.get(statement)
        if known is None:
            known = self.refs[statement] = self.origin.ref(statement)
        return known

    def alternatives(self, statement: Statement, entry: str) -> tuple[Alternative, ...]:
        """The sets of Revocables by which this statement reaches the caller whom this principal entry names."""
        known = self.taken.get((statement, entry))
        if known is None:
            own = self.origin.revocable(statement, entry)
            known = tuple(Alternative((*way, *own)) for way in self.origin.ways or ((),))
            self.taken[statement, entry] = known
        return known


@dataclass(frozen=True, slots=True, eq=False)
class Unread:
    """A document that exists, or may exist, with content that is not known.

    It may hold anything: `may_allow` and `may_deny` narrow that where the asker knows better.
    """

    reason: str
    origin: Origin
    may_allow: bool = True
    may_deny: bool = True


Policy: TypeAlias = Sourced | Unread


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a stack of policies says of one action: statements with their policy, and unread policies."""

    allows: tuple[tuple[Sourced, Statement], ...]
    denies: tuple[tuple[Sourced, Statement], ...]
    unread: tuple[Unread, ...]


class Stack(tuple[Policy, ...]):  # noqa: SLOT001  # the instance dict holds the cache
    """Policies of one layer (or one level of it) with, per action, the statements that speak of it.

    Build it once and share it between requests: the cache lives on the object.
    """

    _spoken: dict[str, Spoken]

    def __new__(cls, policies: Iterable[Policy] = ()) -> Self:
        """The same stack where it already is one."""
        if isinstance(policies, cls):
            return policies
        made = super().__new__(cls, policies)
        made._spoken = {}
        return made

    def on(self, action: str) -> Spoken:
        """What it says of this action."""
        known = self._spoken.get(action)
        if known is None:
            known = self._spoken[action] = self._collect(action)
        return known

    def _collect(self, action: str) -> Spoken:
        unread: list[Unread] = []
        found: dict[bool, list[tuple[Sourced, Statement]]] = {True: [], False: []}
        for policy in self:
            if isinstance(policy, Unread):
                unread.append(policy)
            elif policy.document.unreadable:
                unread.append(Unread(policy.document.unreadable, policy.origin))
            else:
                for statement in policy.document.statements:
                    if statement.speaks_of(action):
                        found[statement.allow].append((policy, statement))
        return Spoken(tuple(found[True]), tuple(found[False]), tuple(unread))


NOTHING = Stack()


@dataclass(frozen=True, slots=True, eq=False)
class Policies:
    """Everything that bears on the requests of one principal on one resource, layer by layer.

    None means that the layer does not apply (no boundary, no SCPs); an empty stack is one that allows nothing.
    `scps` and `rcps` are levels, each a stack: root, each unit, account. `assumptions` are passed on to every
    answer, e.g. `SCP unread`.
    """

    identity: tuple[Policy, ...] = NOTHING
    boundary: tuple[Policy, ...] | None = None
    scps: tuple[tuple[Policy, ...], ...] | None = None
    rcps: tuple[tuple[Policy, ...], ...] | None = None
    resource: Policy | None = None
    session: tuple[Policy, ...] | None = None
    endpoint: tuple[Policy, ...] | None = None
    grants: tuple[Policy, ...] = NOTHING  # of a key: each alone gives its grantee the use
    assumptions: tuple[str, ...] = ()
    identity_stack: Stack = field(init=False, repr=False)
    boundary_stack: Stack | None = field(init=False, repr=False)
    session_stack: Stack | None = field(init=False, repr=False)
    endpoint_stack: Stack | None = field(init=False, repr=False)
    resource_stack: Stack | None = field(init=False, repr=False)
    grant_stack: Stack = field(init=False, repr=False)
    scp_levels: tuple[Stack, ...] = field(init=False, repr=False)
    rcp_levels: tuple[Stack, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compile what is not compiled yet."""
        made = {
            "identity_stack": Stack(self.identity),
            "boundary_stack": _stack(self.boundary or None),  # an empty list of boundaries is none
            "session_stack": _stack(self.session),
            "endpoint_stack": _stack(self.endpoint),
            "grant_stack": Stack(self.grants),
            "resource_stack": None if self.resource is None else single(self.resource),
            "scp_levels": tuple(map(Stack, self.scps or ())),
            "rcp_levels": tuple(map(Stack, self.rcps or ())),
        }
        for name, stack in made.items():
            object.__setattr__(self, name, stack)


def _stack(policies: tuple[Policy, ...] | None) -> Stack | None:
    return None if policies is None else Stack(policies)


@cache
def single(policy: Policy) -> Stack:
    """The stack of this policy alone, the same one each time."""
    return Stack((policy,))
