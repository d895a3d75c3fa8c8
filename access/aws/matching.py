"""Whether a statement bears on a request: its principal, its resources and its conditions, three-valued."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from access.aws.choose import Demand
from access.aws.conditions import Atom, Clause, Names, names, opaque, remaining
from access.aws.document import PrincipalEntry, Statement
from access.aws.knowledge import Knowledge
from access.aws.naming import Naming, Strength, excepted, namings
from access.aws.operators import Family, Operator
from access.aws.patterns import Cover, empty, meet, overlaps, relation
from access.aws.policies import Origin, Sourced, Spoken, Unread
from access.aws.request import Form, Mode, Request
from access.aws.wildcards import escape

SESSION_KEY = "@session"  # the name of the caller's own session: no key of the request
_EQUALS = Operator(Family.TEXT, "equals")


@dataclass(frozen=True, slots=True)
class Region:
    """The part of the question that a statement is about: within `include` (None: all of it), without `exclude`."""

    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is the whole question."""
        return self.include is None and not self.exclude


WHOLE = Region()
About: TypeAlias = tuple[Region, tuple[Atom, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """A statement, or an unread policy, that bears on the request if its open tests turn out so."""

    origin: Origin
    statement: Statement | None  # None: the policy is unread
    atoms: tuple[Atom, ...] = ()
    naming: Naming | None = None
    region: Region = WHOLE
    source: Sourced | None = None

    @property
    def opens(self) -> int:
        """How many of its tests neither the graph nor the caller decides."""
        return sum(atom.open for atom in self.atoms)

    @property
    def strength(self) -> Strength:
        """How directly it names the caller."""
        return self.naming.strength if self.naming else Strength.EXACT

    @property
    def entry(self) -> PrincipalEntry | None:
        """The principal entry that names the caller."""
        return self.naming.entry if self.naming else None


@dataclass(slots=True)
class Frame:
    """A request as statements are matched against it."""

    request: Request
    resource: str
    form: Form
    bounded: bool  # the caller has a permissions boundary
    knowledge: Knowledge = field(init=False)

    def __post_init__(self) -> None:
        """Look nothing up yet."""
        self.knowledge = Knowledge(self.request)

    def allows(self, spoken: Spoken, *, named: bool, standing: bool = False) -> list[Hit]:
        """The Allow statements that bear on the request; `named` where policies say whom they are about."""
        hits = list(self.bearing(spoken.allows, named=named, standing=standing))
        return hits + [unread(policy) for policy in spoken.unread if policy.may_allow]

    def denies(self, spoken: Spoken, *, named: bool, standing: bool = False) -> list[Hit]:
        """The Deny statements that bear on the request."""
        hits = list(self.bearing(spoken.denies, named=named, standing=standing))
        return hits + [unread(policy) for policy in spoken.unread if policy.may_deny]

    def bearing(
        self, rows: Iterable[tuple[Sourced, Statement]], *, named: bool, standing: bool = False
    ) -> Iterator[Hit]:
        """Those of the statements that bear on the request, one after the other.

        `named` where policies say whom they are about, `standing` where one without Resource is about its holder.
        """
        resource, concrete = self.resource, self.form is Form.CONCRETE
        for source, statement in rows:
            if not concrete or not statement.tests or statement.templates:
                yield from self._hits(
                    source, statement, self._about(statement, standing=standing), named
                )
                continue
            found = False
            for test in statement.tests:
                if test(resource):
                    found = True
                    break
            if found is not bool(statement.resources):
                continue
            if named or statement.checks or statement.unknown:
                yield from self._hits(source, statement, _HERE, named)
            else:
                hit = source.hits.get(statement)
                if hit is None:
                    hit = source.hits[statement] = Hit(source.origin, statement, source=source)
                yield hit

    def _hits(
        self, source: Sourced, statement: Statement, abouts: list[About], named: bool
    ) -> Iterator[Hit]:
        """The ways in which the statement is about these parts of the question and about the caller."""
        callers = self._callers(statement) if named else _ANYONE
        if not callers or not abouts:
            return
        atoms: tuple[Atom, ...] = ()
        if statement.checks:
            left = remaining(statement.checks, self.knowledge)
            if left is None:
                return
            atoms = left
        if statement.unknown:
            atoms = (*map(opaque, statement.unknown), *atoms)
        for region, doubts in abouts:
            for naming, more in callers:
                yield Hit(
                    source.origin, statement, (*doubts, *more, *atoms), naming, region, source
                )

    # Whom it is about.

    def _callers(self, statement: Statement) -> list[tuple[Naming | None, tuple[Atom, ...]]]:
        principal = self.request.principal
        if statement.principals:
            found = namings(statement, principal)
            return [(naming, self._session(naming, wanted=True)) for naming in found]
        if not statement.not_principals:
            return []  # without Principal it never matches here
        if not statement.allow and self.bounded:
            return [(None, ())]  # such a Deny always hits whoever has a boundary
        exceptions = excepted(statement, principal)
        if any(not naming.session and not naming.doubt for naming in exceptions):
            return []
        atoms = tuple(atom for naming in exceptions for atom in self._session(naming, wanted=False))
        return [(None, atoms)]

    def _session(self, naming: Naming, *, wanted: bool) -> tuple[Atom, ...]:
        if naming.doubt:
            return (opaque(naming.doubt),)
        if not naming.session:
            return ()
        chosen = self.request.principal.chooses_session_name and self.request.mode is not Mode.PLAIN
        demand = Demand(_EQUALS if wanted else _NOT_EQUALS, (escape(naming.session),))
        shown = Clause(
            "StringEquals" if wanted else "StringNotEquals",
            "sts:RoleSessionName",
            (naming.session,),
        )
        return (Atom(SESSION_KEY, demand, open=not chosen, shown=(shown,)),)

    # What it is about.

    def _about(self, statement: Statement, *, standing: bool) -> list[About]:
        """The parts of the question that the statement speaks of, each with what is in doubt about it."""
        if not statement.resources and not statement.not_resources:
            return _HERE if standing else [(WHOLE, (opaque("statement without Resource"),))]
        known = names(statement.resources or statement.not_resources, self.knowledge)
        if statement.not_resources:
            return [] if known.void else self._outside(known, allow=statement.allow)
        if self.form is Form.CONCRETE:
            return self._at(known)
        return (
            self._some(known)
            if self.form is Form.SOME
            else self._every(known, allow=statement.allow)
        )

    def _at(self, known: Names) -> list[About]:
        here = escape(self.resource)
        if any(relation(pattern, here) is Cover.ALL for pattern in known.patterns):
            return _HERE
        doubts = self._doubts(known, here)
        return [(WHOLE, doubts)] if doubts else []

    def _some(self, known: Names) -> list[About]:
        abouts: list[About] = []
        for patterns, doubts in (
            (known.patterns, ()),
            (tuple(wide for _, wide in known.unsettled), self._doubts(known, self.resource)),
        ):
            meets = [meet(pattern, self.resource) for pattern in patterns]
            include = tuple(dict.fromkeys(pattern for one in meets for pattern in one.patterns))
            if self.resource in include:
                abouts.append((WHOLE, doubts))
            elif include:
                vague = (
                    () if all(one.exact for one in meets) else (opaque("patterns too involved"),)
                )
                abouts.append((Region(include), (*doubts, *vague)))
        return abouts

    def _every(self, known: Names, *, allow: bool) -> list[About]:
        question, without = self.resource, self.request.excluding
        if empty(question, (*without, *known.patterns)):
            return _HERE
        parts = tuple(p for p in known.patterns if relation(p, question, without) is not Cover.NONE)
        doubts = self._doubts(known, question)
        abouts: list[About] = [(WHOLE, doubts)] if doubts else []
        if parts:
            abouts.append(
                (WHOLE, (opaque("resource", "covers only", *parts),))
                if allow
                else (Region(parts), ())
            )
        return abouts

    def _outside(self, known: Names, *, allow: bool) -> list[About]:
        """What NotResource leaves of the question."""
        concrete = self.form is Form.CONCRETE
        question = escape(self.resource) if concrete else self.resource
        without = () if concrete else self.request.excluding
        if empty(question, (*without, *known.patterns)):
            return []
        doubts = self._doubts(known, question)
        parts = tuple(p for p in known.patterns if relation(p, question, without) is not Cover.NONE)
        if not parts:
            return [(WHOLE, doubts)]
        if self.form is Form.EVERY and not allow:
            return [(WHOLE, (*doubts, opaque("resource", "covers all but", *parts)))]
        return [(Region(None, parts), doubts)]

    def _doubts(self, known: Names, question: str) -> tuple[Atom, ...]:
        """For each resource whose variables are not known: whether it is the one asked about."""
        return tuple(
            Atom("", None, open=True, shown=(Clause("names the resource", key, (wide,)),))
            for key, wide in known.unsettled
            if overlaps(wide, question)
        )


_NOT_EQUALS = Operator(Family.TEXT, "equals", negated=True)
_ANYONE: list[tuple[Naming | None, tuple[Atom, ...]]] = [(None, ())]
_HERE: list[About] = [(WHOLE, ())]


def unread(policy: Unread) -> Hit:
    """What a policy of unknown content may say."""
    return Hit(policy.origin, None, (opaque(policy.reason, policy.origin.policy),))
