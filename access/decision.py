"""The shape of every answer about access: decision, condition, reason, need, Revocable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product

from graph.model import Certainty, NodeId, digest


class Effect(StrEnum):
    """The outcome of one authorization question."""

    ALLOW = "allow"
    IMPLICIT_DENY = "implicit_deny"
    EXPLICIT_DENY = "explicit_deny"
    CONDITIONAL = "conditional"

    @property
    def granted(self) -> bool:
        """Whether access is possible at all."""
        return self in {Effect.ALLOW, Effect.CONDITIONAL}


class Layer(StrEnum):
    """Which kind of policy speaks."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"
    ENDPOINT = "endpoint"
    SERVICE = "service rule"


@dataclass(frozen=True, slots=True, order=True)
class StatementRef:
    """One statement: the policy (ARN, or owner and name of an inline or resource policy), its place and its Sid or hash."""

    layer: str
    policy: str
    position: int
    sid: str

    def __str__(self) -> str:
        return f"{self.policy} statement {self.position + 1} ({self.sid})"


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """What a conditional answer depends on: a key with its operator and values, or something unread (`key` names it)."""

    key: str
    operator: str = ""
    values: tuple[str, ...] = ()
    statement: StatementRef | None = None
    negated: bool = False  # from a Deny: access needs the test to fail

    def __str__(self) -> str:
        test = " ".join(part for part in (self.operator, ", ".join(self.values)) if part)
        words = f"{self.key} {test}".strip()
        return f"not ({words})" if self.negated else words


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement that took part in a decision, and how."""

    layer: Layer
    effect: str  # Allow, Deny, or a word for a rule without statement
    statement: StatementRef | None
    text: str = ""


class RevocableKind(StrEnum):
    """What can be taken away, by its native form."""

    STATEMENT = "statement"
    ATTACHMENT = "attachment"
    MEMBERSHIP = "membership"
    TRUST_ENTRY = "trust_entry"
    ASSIGNMENT = "assignment"
    BINDING_MEMBER = "binding_member"
    PRIVILEGE = "privilege"
    ACL_ENTRY = "acl_entry"
    KEY_GRANT = "key_grant"
    CREDENTIAL = "credential"
    SETTING = "setting"


class Relative(StrEnum):
    """What a Revocable of a class or set leaves open, to be filled in when a path is explained."""

    MEMBER = "member"  # each route of memberships from the identity to the group
    ATTACHED = "attached"  # the managed policy on the identity
    OWN = "own"  # the statement in the identity's own inline document
    TRUST = "trust"  # the entry for this principal in the trust policy of the target
    KEY = "key"  # the entry for this principal in the key policy of the target's key
    RESOURCE = "resource"  # the entry for this principal in the resource policy of the target


PRINCIPAL_SIDE = frozenset({Relative.MEMBER, Relative.ATTACHED, Relative.OWN})


@dataclass(frozen=True, slots=True, order=True)
class Revocable:
    """The smallest thing that an owner can take away.

    `holder` is what it hangs on (identity, group, managed policy, resource; empty while relative on that side),
    `document` the policy it stands in (ARN of a managed policy, name of an inline one, the resource's id for a
    resource policy), `member` the principal entry, group or policy that is taken away.
    """

    kind: RevocableKind
    holder: str = ""
    document: str = ""
    statement: str = ""
    member: str = ""
    relative: Relative | None = None
    owner: str = ""  # account that may take it away
    position: int = -1
    hash: str = ""  # of the document, to show its text
    lifts_deny: bool = False

    @property
    def id(self) -> NodeId:
        """Stable over edits elsewhere: owner, kind, holder, document, statement, member."""
        return NodeId(
            "revocable:"
            + digest(
                self.owner,
                self.kind,
                self.relative or "",
                self.holder,
                self.document,
                self.statement,
                self.member,
            )
        )


@dataclass(frozen=True, slots=True, order=True)
class Alternative:
    """One minimal set of Revocables that satisfies a need, with its own certainty and conditions."""

    revocables: tuple[Revocable, ...]
    conditions: tuple[Condition, ...] = ()
    certainty: Certainty = Certainty.DEFINITE

    @property
    def ids(self) -> frozenset[NodeId]:
        """The ids of its Revocables."""
        return frozenset(revocable.id for revocable in self.revocables)


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """One thing that must stand for the access to stand, with its alternatives.

    A need with an alternative of no Revocables always stands and is left out (`standing`).
    """

    name: str
    alternatives: tuple[Alternative, ...]

    @property
    def standing(self) -> bool:
        """Whether nothing that can be taken away makes this need fall."""
        return any(
            not alternative.revocables and not alternative.conditions
            for alternative in self.alternatives
        )

    def minimal(self) -> Need:
        """The need without alternatives that a smaller, no less certain one makes superfluous."""
        kept: list[Alternative] = []
        for candidate in sorted(
            set(self.alternatives), key=lambda a: (len(a.revocables), a.certainty, a)
        ):
            if not any(
                other.ids <= candidate.ids
                and other.certainty <= candidate.certainty
                and set(other.conditions) <= set(candidate.conditions)
                for other in kept
            ):
                kept.append(candidate)
        return replace(self, alternatives=tuple(kept))


@dataclass(frozen=True, slots=True)
class Decision:
    """The explained answer: effect, what it depends on, and what must stand for it to hold.

    For a denial `because` is empty and `reasons` name the denying statements or the blocking layer. `chosen` are the
    values that the caller sets to satisfy conditions; `notes` name them and odd shapes; `limits` the boundaries and
    control policies that were checked and let it pass. `patterns` are the resources that an answer about a pattern is
    true of, `exclusions` the parts of them that it is not true of.
    """

    effect: Effect
    conditions: tuple[Condition, ...] = ()
    because: tuple[Need, ...] = ()
    reasons: tuple[Reason, ...] = ()
    blocked_by: tuple[Layer, ...] = ()
    chosen: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    limits: tuple[StatementRef, ...] = ()
    patterns: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()

    @property
    def certainty(self) -> Certainty:
        """The certainty of a Grant made from this answer."""
        return Certainty.CONDITIONAL if self.effect is Effect.CONDITIONAL else Certainty.DEFINITE


def whole(needs: Iterable[Need], gone: frozenset[NodeId]) -> bool:
    """Whether every need keeps an alternative that none of the revoked ids touches."""
    return all(
        any(not (alternative.ids & gone) for alternative in need.alternatives) for need in needs
    )


def surest(
    needs: Iterable[Need], gone: frozenset[NodeId]
) -> tuple[Certainty, tuple[Condition, ...]]:
    """Certainty and conditions of the best combination that is left; the needs must be `whole` without `gone`."""
    certainty, conditions = Certainty.DEFINITE, dict[Condition, None]()
    for need in needs:
        left = [alternative for alternative in need.alternatives if not alternative.ids & gone]
        best = min(left, key=lambda a: (a.certainty, len(a.conditions), len(a.revocables)))
        certainty = max(certainty, best.certainty)
        conditions |= dict.fromkeys(best.conditions)
    return certainty, tuple(conditions)


def revocables(needs: Iterable[Need]) -> Iterator[Revocable]:
    """All Revocables of the needs, each once, in order of first use."""
    seen: set[NodeId] = set()
    for need in needs:
        for alternative in need.alternatives:
            for revocable in alternative.revocables:
                if revocable.id not in seen:
                    seen.add(revocable.id)
                    yield revocable


def flat(name: str, options: Iterable[tuple[Need, ...]]) -> Need:
    """One need that stands where any of the options stands, an option being needs that must all stand."""
    choices = (choice for needs in options for choice in product(*(n.alternatives for n in needs)))
    return Need(name, tuple(map(_union, choices))).minimal()


def _union(choice: tuple[Alternative, ...]) -> Alternative:
    """The alternative that takes all of these at once."""
    return Alternative(
        tuple(sorted({revocable for part in choice for revocable in part.revocables})),
        tuple(dict.fromkeys(condition for part in choice for condition in part.conditions)),
        max((part.certainty for part in choice), default=Certainty.DEFINITE),
    )
