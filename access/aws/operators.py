"""The condition operators: for each, the test of one value; and the whole clause, with suffix and set prefix."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias

from access.aws.wildcards import arn_matcher, text_matcher, unescape

Values: TypeAlias = tuple[str, ...]
Got: TypeAlias = "Values | None"  # None: the key is absent
One: TypeAlias = Callable[[str], bool]
ClauseTest: TypeAlias = "Callable[[Values | None], bool]"


MAX_DIGITS = 400  # of a number's text
MAX_EXPONENT = 308  # of a number, either way: what a double holds
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


class Family(StrEnum):
    """What an operator compares: decides which values can tell its outcomes apart."""

    TEXT = "text"
    PATTERN = "pattern"
    ARN = "arn"
    NUMBER = "number"
    DATE = "date"
    BOOL = "bool"
    ADDRESS = "address"
    PRESENCE = "presence"


class Prefix(StrEnum):
    """How a clause reads a key of many values."""

    NONE = ""
    ALL = "ForAllValues"
    ANY = "ForAnyValue"


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator as written, taken apart."""

    family: Family
    word: str  # the base name in lower case, without Not
    negated: bool = False
    folded: bool = False  # ignores case
    if_exists: bool = False
    prefix: Prefix = Prefix.NONE


_PLAIN = {
    "stringequals": Operator(Family.TEXT, "equals"),
    "stringnotequals": Operator(Family.TEXT, "equals", negated=True),
    "stringequalsignorecase": Operator(Family.TEXT, "equals", folded=True),
    "stringnotequalsignorecase": Operator(Family.TEXT, "equals", negated=True, folded=True),
    "stringlike": Operator(Family.PATTERN, "like"),
    "stringnotlike": Operator(Family.PATTERN, "like", negated=True),
    "binaryequals": Operator(Family.TEXT, "equals"),
    "bool": Operator(Family.BOOL, "equals"),
    "ipaddress": Operator(Family.ADDRESS, "within"),
    "notipaddress": Operator(Family.ADDRESS, "within", negated=True),
    "arnequals": Operator(Family.ARN, "like"),
    "arnlike": Operator(Family.ARN, "like"),
    "arnnotequals": Operator(Family.ARN, "like", negated=True),
    "arnnotlike": Operator(Family.ARN, "like", negated=True),
    "null": Operator(Family.PRESENCE, "absent"),
} | {
    kind.value.replace("number", "numeric") + name: Operator(kind, word, negated=negated)
    for kind in (Family.NUMBER, Family.DATE)
    for name, word, negated in (
        ("equals", "equals", False),
        ("notequals", "equals", True),
        ("lessthan", "<", False),
        ("lessthanequals", "<=", False),
        ("greaterthan", ">", False),
        ("greaterthanequals", ">=", False),
    )
}
_PREFIXES = {"": Prefix.NONE, "forallvalues": Prefix.ALL, "foranyvalue": Prefix.ANY}


@cache
def operator(text: str) -> Operator | None:
    """The operator of this name; None where there is none such."""
    head, _, tail = text.lower().rpartition(":")
    base = tail.removesuffix("ifexists")
    plain, prefix = _PLAIN.get(base), _PREFIXES.get(head)
    if plain is None or prefix is None:
        return None
    if plain.family is Family.PRESENCE and (prefix is not Prefix.NONE or base != tail):
        return None
    return Operator(plain.family, plain.word, plain.negated, plain.folded, base != tail, prefix)


@cache
def clause_test(what: Operator, expected: Values) -> ClauseTest:
    """Whether the values of a key (None: absent) satisfy the operator with these expected values."""
    if what.family is Family.PRESENCE:
        wanted = {value.lower() for value in expected}
        return lambda got: ("false" if got else "true") in wanted
    one = single_test(what, expected)
    if what.prefix is Prefix.ALL:
        return lambda got: not got or all(map(one, got))
    missing = what.if_exists or (what.negated and what.prefix is Prefix.NONE)
    if what.prefix is Prefix.ANY:
        return lambda got: any(map(one, got)) if got else missing
    # a key of several values under an operator for one value is no match
    return lambda got: len(got) == 1 and one(got[0]) if got else missing


@cache
def single_test(what: Operator, expected: Values) -> One:
    """Whether one value satisfies the operator: one of the expected values, or for a negated operator none."""
    positive = _POSITIVE[what.family](what, expected)
    if not what.negated:
        return positive
    legible = _LEGIBLE.get(what.family)
    if legible is None:
        return lambda value: not positive(value)
    return lambda value: legible(value) and not positive(value)


def _text(what: Operator, expected: Values) -> One:
    if what.folded:
        folded = frozenset(unescape(value).casefold() for value in expected)
        return lambda value: value.casefold() in folded
    return frozenset(map(unescape, expected)).__contains__


def _pattern(_: Operator, expected: Values) -> One:
    tests = tuple(map(text_matcher, expected))
    return lambda value: any(test(value) for test in tests)


def _arn(_: Operator, expected: Values) -> One:
    tests = tuple(map(arn_matcher, expected))
    return lambda value: any(test(value) for test in tests)


def _bool(_: Operator, expected: Values) -> One:
    wanted = {value.lower() for value in expected} & {"true", "false"}
    return lambda value: value.lower() in wanted


def _address(_: Operator, expected: Values) -> One:
    networks = tuple(found for value in expected if (found := network(value)) is not None)

    def within(value: str) -> bool:
        place = address(value)
        return place is not None and any(place in found for found in networks)

    return within


_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "equals": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _ordered(read: Callable[[str], Decimal | None]) -> Callable[[Operator, Values], One]:
    def build(what: Operator, expected: Values) -> One:
        limits = tuple(found for value in expected if (found := read(value)) is not None)
        compare = _COMPARE[what.word]

        def test(value: str) -> bool:
            number_ = read(value)
            return number_ is not None and any(compare(number_, limit) for limit in limits)

        return test

    return build


@cache
def number(text: str) -> Decimal | None:
    """The number in this text, if it is one that some service could hold."""
    plain = text.strip()
    if _NUMBER.fullmatch(plain) is None or len(plain) > MAX_DIGITS:
        return None
    try:
        found = Decimal(plain)
    except InvalidOperation:  # an exponent beyond what even a Decimal takes
        return None
    return found if not found or abs(found.adjusted()) <= MAX_EXPONENT else None


@cache
def moment(text: str) -> Decimal | None:
    """The seconds since 1970 of this date, ISO 8601 or epoch seconds, if it is one."""
    seconds = number(text)
    if seconds is not None:
        return seconds
    plain = text.strip()
    try:
        found = datetime.fromisoformat(f"{plain}-01" if _MONTH.fullmatch(plain) else plain)
    except ValueError:
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return Decimal((aware - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()).quantize(
        Decimal("0.000001")
    )


@cache
def network(text: str):  # type: ignore[no-untyped-def]  # noqa: ANN201  # ip_network's union of two classes
    """The network in this text, if it is one."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


@cache
def address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in this text, if it is one."""
    try:
        return ip_address(text.strip())
    except ValueError:
        return None


_POSITIVE: dict[Family, Callable[[Operator, Values], One]] = {
    Family.TEXT: _text,
    Family.PATTERN: _pattern,
    Family.ARN: _arn,
    Family.BOOL: _bool,
    Family.ADDRESS: _address,
    Family.NUMBER: _ordered(number),
    Family.DATE: _ordered(moment),
}


def illegible(what: Operator, value: str) -> bool:
    """Whether no request can match this expected value, since it is not of the sort that the operator compares."""
    if what.family in (Family.BOOL, Family.PRESENCE):
        return value.lower() not in ("true", "false")
    if what.family is Family.ADDRESS:
        return network(value) is None
    return what.family in _LEGIBLE and not _LEGIBLE[what.family](value)


# a value that is no number, date or address satisfies no operator of that kind, negated or not
_LEGIBLE: dict[Family, One] = {
    Family.ADDRESS: lambda value: address(value) is not None,
    Family.NUMBER: lambda value: number(value) is not None,
    Family.DATE: lambda value: moment(value) is not None,
}
