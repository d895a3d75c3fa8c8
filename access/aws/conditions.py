"""The conditions of a statement against what is known: met, not met, or the tests that remain open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from access.aws import operators
from access.aws.choose import Demand, choose
from access.aws.knowledge import Knowledge, State
from access.aws.operators import Operator, Values
from access.aws.wildcards import TooManyStates, escape, has_variables, substitute


@dataclass(frozen=True, slots=True, order=True)
class Clause:
    """One line of a Condition element: the operator as written, a key, the values that it is compared with."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A clause, compiled."""

    clause: Clause
    key: str  # lower-cased
    operator: Operator | None
    demand: Demand | None  # None where the operator is unknown or the values hold variables


@dataclass(frozen=True, slots=True)
class Atom:
    """A test that the request's known values do not decide.

    `demand` says which values of `key` pass it; None where that cannot be told, e.g. for something unread. `shown`
    is what an answer that depends on it names: keys with the operator and values asked for.
    """

    key: str
    demand: Demand | None
    open: bool
    shown: tuple[Clause, ...]


class _Void(Exception):  # noqa: N818  # no failure: a variable without value, so that the statement never matches
    """A policy variable that has no value."""


class _Unsettled(Exception):  # noqa: N818  # no failure: a variable whose value is not known
    """Policy variables whose values are not known."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@cache
def check(clause: Clause) -> Check:
    """The compiled clause."""
    found = operators.operator(clause.operator)
    ready = found is not None and not any(map(has_variables, clause.values))
    return Check(
        clause, clause.key.lower(), found, Demand(found, clause.values) if found and ready else None
    )


def opaque(key: str, operator: str = "", *values: str) -> Atom:
    """Something that was not read or understood: it may turn out either way."""
    return Atom("", None, open=True, shown=(Clause(operator, key, values),))


def remaining(checks: Iterable[Check], knowledge: Knowledge) -> tuple[Atom, ...] | None:
    """The tests that stay open once all that is known is decided; None where one of them fails."""
    atoms: list[Atom] = []
    for item in checks:
        verdict = _decide(item, knowledge)
        if verdict is False:
            return None
        if verdict is not True:
            atoms.append(verdict)
    return tuple(atoms)


def _decide(item: Check, knowledge: Knowledge) -> bool | Atom:
    if item.operator is None:
        return opaque(item.clause.key, item.clause.operator, *item.clause.values)
    demand = item.demand
    if demand is None:
        try:
            values = tuple(resolve(value, knowledge) for value in item.clause.values)
        except _Void:
            return False
        except _Unsettled as unsettled:
            return _linked(item, unsettled.key, knowledge)
        demand = Demand(item.operator, values)
    got = knowledge(item.key)
    if isinstance(got, tuple):
        return demand.met(got)
    if got is State.ABSENT:
        return demand.met(None)
    return _constant(item, demand, is_open=got is State.OPEN)


def _constant(item: Check, demand: Demand, *, is_open: bool) -> bool | Atom:
    """The verdict where no value of the key makes a difference, else the atom."""
    try:
        if choose(item.key, frozenset({demand})) is None:
            return False
        if choose(item.key, frozenset({demand.opposite})) is None:
            return True
    except TooManyStates:
        return Atom(item.key, None, open=True, shown=(item.clause,))
    return Atom(item.key, demand, open=is_open, shown=(item.clause,))


def _linked(item: Check, variable: str, knowledge: Knowledge) -> Atom:
    """A test that compares with a value that is not known; both keys are named."""
    keys = (
        [variable]
        if not isinstance(knowledge(item.key), State) or knowledge(item.key) is State.ABSENT
        else [item.clause.key, variable]
    )
    shown = tuple(Clause(item.clause.operator, key, item.clause.values) for key in keys)
    return Atom("", None, open=True, shown=shown)


def resolve(text: str, knowledge: Knowledge) -> str:
    """The text with its variables replaced by their values, wildcards in them taken literally."""
    if not has_variables(text):
        return text

    def value_of(key: str, default: str | None) -> str:
        got = knowledge(key)
        if isinstance(got, tuple):
            if len(got) > 1:
                raise _Void
            return escape(got[0])
        if got is not State.ABSENT:
            raise _Unsettled(key)
        if default is None:
            raise _Void
        return escape(default)

    return substitute(text, value_of)


@dataclass(frozen=True, slots=True)
class Names:
    """The resources that a statement names for this request.

    `unsettled` are (key, widest possible pattern) of those whose variables are not known; `void` says that some
    variable has no value at all.
    """

    patterns: Values
    unsettled: tuple[tuple[str, str], ...] = ()
    void: bool = False


def names(texts: Iterable[str], knowledge: Knowledge) -> Names:
    """The resource patterns of these texts, their variables replaced."""
    patterns: list[str] = []
    unsettled: list[tuple[str, str]] = []
    void = False
    for text in texts:
        try:
            patterns.append(resolve(text, knowledge))
        except _Void:
            void = True
        except _Unsettled as found:
            unsettled.append((found.key, substitute(text, lambda _key, _default: "*")))
    return Names(tuple(patterns), tuple(unsettled), void)
