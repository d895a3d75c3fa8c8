"""Whether one request can satisfy many tests at once: values for its keys, found or shown not to exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from functools import cache
from ipaddress import ip_address
from itertools import chain, islice, pairwise

from access.aws.catalogue import ConditionKey, condition_key
from access.aws.operators import (
    MAX_DIGITS,
    MAX_EXPONENT,
    ClauseTest,
    Family,
    Operator,
    Prefix,
    Values,
    clause_test,
    moment,
    network,
    number,
    single_test,
)
from access.aws.wildcards import (
    Glob,
    TooManyStates,
    arn_glob,
    escape,
    fold,
    text_glob,
    unescape,
    walk,
)

_TEXTS = frozenset({Family.TEXT, Family.PATTERN, Family.ARN})
_READ = {Family.NUMBER: number, Family.DATE: moment}
_TYPED = {
    "number": (Family.NUMBER, "0"),
    "date": (Family.DATE, "2026-01-01T00:00:00Z"),
    "ip": (Family.ADDRESS, "198.51.100.7"),
}
"""Types of keys that no other value fits: the operators that compare such values, and one of them."""
# digits that tell any two numbers and the ones beside and between them apart
_EXACT = 2 * (MAX_DIGITS + MAX_EXPONENT)
_TAG = "aws:requesttag/"
_TAG_KEYS = "aws:tagkeys"


@dataclass(frozen=True, slots=True)
class Demand:
    """One test of a key's values, and the outcome that is wanted."""

    operator: Operator
    values: Values
    wanted: bool = True
    test: ClauseTest = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the test, and hash once: demands are looked up far more often than made."""
        object.__setattr__(self, "test", clause_test(self.operator, self.values))
        object.__setattr__(self, "_hash", hash((self.operator, self.values, self.wanted)))

    def __hash__(self) -> int:
        return self._hash

    @property
    def opposite(self) -> Demand:
        """The same test with the other outcome wanted."""
        return _opposite(self)

    def met(self, got: Values | None) -> bool:
        """Whether these values give the wanted outcome."""
        return self.test(got) is self.wanted


@cache
def _opposite(demand: Demand) -> Demand:
    return Demand(demand.operator, demand.values, not demand.wanted)


_PRESENT = Demand(Operator(Family.PRESENCE, "absent"), ("false",))
_LISTS = Operator(Family.TEXT, "equals", folded=True, prefix=Prefix.ANY)


@dataclass(frozen=True, slots=True)
class Choice:
    """Values for one key; None: leave it out."""

    values: Values | None


@cache
def choose(key: str, demands: frozenset[Demand]) -> Choice | None:
    """Values of the key that meet all demands; None where there are none; raises where that is too hard to tell."""
    row = condition_key(key)
    if not row.always and all(demand.met(None) for demand in demands):
        return Choice(None)
    for values in _candidates(demands, row):
        if all(demand.met(values) for demand in demands):
            return Choice(values)
    if len({_space(demand) for demand in demands} - {Family.PRESENCE}) > 1:
        raise TooManyStates  # texts and numbers at once: the candidates are not complete
    return None


def assign(demands: Mapping[str, frozenset[Demand]]) -> dict[str, Choice] | None:
    """Values for all keys that meet all demands; None where there are none."""
    names = {key.removeprefix(_TAG): key for key in demands if key.startswith(_TAG)}
    if _TAG_KEYS not in demands or not names:
        found = {key: choose(key, wanted) for key, wanted in demands.items()}
        kept = {key: choice for key, choice in found.items() if choice is not None}
        return kept if len(kept) == len(found) else None
    return _assign_tags(demands, names)


def _assign_tags(
    demands: Mapping[str, frozenset[Demand]], names: Mapping[str, str]
) -> dict[str, Choice] | None:
    """As `assign`, where the tags of the request and the list of their keys must agree."""
    present = {name: choose(key, demands[key] | {_PRESENT}) for name, key in names.items()}
    listed = set(demands[_TAG_KEYS])
    for name, key in names.items():
        absent = all(demand.met(None) for demand in demands[key])
        if present[name] is None and not absent:
            return None
        if present[name] is None or not absent:
            listed.add(Demand(_LISTS, (escape(name),), wanted=present[name] is not None))
    others = assign(
        {
            key: wanted
            for key, wanted in demands.items()
            if key != _TAG_KEYS and key not in names.values()
        }
    )
    keys = choose(_TAG_KEYS, frozenset(listed))
    if keys is None or others is None:
        return None
    sent = {value.lower() for value in keys.values or ()}
    tags = {
        key: (present[name] if name in sent else None) or Choice(None)
        for name, key in names.items()
    }
    return others | tags | {_TAG_KEYS: keys}


def _space(demand: Demand) -> Family:
    family = demand.operator.family
    return Family.TEXT if family in _TEXTS else family


def _candidates(demands: frozenset[Demand], row: ConditionKey) -> Iterator[Values]:
    """Values such that, if any meet the demands, one of these does."""
    if row.type == "bool":
        yield from (("true",), ("false",))
        return
    singles = dict.fromkeys((*_singles(demands), *_unnamed(demands, row)))
    yield from ((value,) for value in singles)
    if row.multi:
        every = [demand for demand in demands if _about_every(demand)]
        fit = [value for value in singles if all(_fits(demand, value) for demand in every)]
        yield tuple(sorted(_few(fit, demands)))
        yield tuple(sorted(fit))


def _unnamed(demands: frozenset[Demand], row: ConditionKey) -> Values:
    """Values that no test names; a key of numbers, dates or addresses holds nothing else where that is all it is asked."""
    family, value = _TYPED.get(row.type, (Family.TEXT, ""))
    asked = {_space(demand) for demand in demands} - {Family.PRESENCE}
    return (value,) if value and asked <= {family} else ("true", "false", "any")


def _few(fit: list[str], demands: frozenset[Demand]) -> set[str]:
    """A few of the values that give every demand for some value one that meets it."""
    kept: set[str] = set()
    for demand in sorted(demands, key=repr):
        if not _about_every(demand) and not demand.met(tuple(kept)):
            kept.update(islice((value for value in fit if _fits(demand, value)), 1))
    return kept


def _about_every(demand: Demand) -> bool:
    """Whether the demand is one on each of the values: all are to pass, or none may."""
    prefix = demand.operator.prefix
    return prefix is (Prefix.ALL if demand.wanted else Prefix.ANY)


def _fits(demand: Demand, value: str) -> bool:
    if demand.operator.family is Family.PRESENCE:
        return demand.met((value,))
    return single_test(demand.operator, demand.values)(value) is demand.wanted


def _singles(demands: frozenset[Demand]) -> Iterator[str]:
    """Single values that tell the outcomes of the demands apart."""
    ordered = sorted(demands, key=repr)
    texts = [demand for demand in ordered if demand.operator.family in _TEXTS]
    if texts:
        yield from _witnesses(texts)
    for family, read in _READ.items():
        values = [demand.values for demand in ordered if demand.operator.family is family]
        if values:
            yield from _around(chain.from_iterable(values), read)
    for demand in ordered:
        if demand.operator.family is Family.ADDRESS:
            yield from _addresses(demand.values)


def _around(values: Iterable[str], read: Callable[[str], Decimal | None]) -> Iterator[str]:
    """Each limit, the values just outside all of them, and one between each two."""
    limits = sorted({found for value in values if (found := read(value)) is not None})
    if not limits:
        yield "0"
        return
    with localcontext(prec=_EXACT):
        between = [(low + high) / 2 for low, high in pairwise(limits)]
        points = (*limits, limits[0] - 1, limits[-1] + 1, *between)
    yield from map(_plain, points)


def _plain(value: Decimal) -> str:
    return f"{value:f}"


def _addresses(values: Values) -> Iterator[str]:
    """The first address of each network and its neighbours outside."""
    for found in filter(None, map(network, values)):
        top = 2**found.max_prefixlen - 1
        first, last = int(found.network_address), int(found.broadcast_address)
        for place in (first, first - 1, last + 1):
            if 0 <= place <= top:
                yield str(ip_address(place) if found.version == 4 else _six(place))
    yield from ("198.51.100.7", "2001:db8::7")


def _six(place: int) -> str:
    return ip_address(place.to_bytes(16, "big")).compressed


# --- texts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a text must do: match one of these automata, or none of them."""

    globs: tuple[Glob, ...]
    wanted: bool


def _wish(demand: Demand, *, single: bool) -> _Wish:
    """The demand on one text; `single` is the outcome wanted for that text."""
    return _Wish(
        tuple(_glob(demand.operator, value) for value in demand.values),
        single is not demand.operator.negated,
    )


def _glob(operator: Operator, value: str) -> Glob:
    if operator.family is Family.ARN:
        return arn_glob(value)
    if operator.family is Family.PATTERN:
        return text_glob(value)
    text = escape(unescape(value))
    return fold(text) if operator.folded else text_glob(text)


def _witnesses(demands: list[Demand]) -> Iterator[str]:
    """A text that meets all demands; else, for keys of many values, one per demand that meets it with those on every value."""
    every = [_wish(demand, single=demand.wanted) for demand in demands if _about_every(demand)]
    rest = [_wish(demand, single=demand.wanted) for demand in demands if not _about_every(demand)]
    yield from _witness([*every, *rest])
    for wish in rest:
        yield from _witness([*every, wish])
    for first in _witness(every):  # and another one: two values satisfy no operator for one
        yield first
        yield from _witness([*every, _Wish((text_glob(escape(first)),), wanted=False)])


def _witness(wishes: list[_Wish]) -> Iterator[str]:
    """The shortest text that fulfils all wishes, if there is one; an empty one only where no other does."""
    globs = tuple(chain.from_iterable(wish.globs for wish in wishes))
    spans: list[tuple[slice, bool]] = []
    place = 0
    for wish in wishes:
        spans.append((slice(place, place + len(wish.globs)), wish.wanted))
        place += len(wish.globs)
    must = [span for span, wanted in spans if wanted]

    def live(states: tuple[int, ...]) -> bool:
        return all(any(states[span]) for span in must)

    empty = False
    for states, text in walk(globs, live):
        if all(_accepted(globs[span], states[span]) is wanted for span, wanted in spans):
            if text:
                yield text
                return
            empty = True
    if empty:
        yield ""


def _accepted(globs: Iterable[Glob], states: Iterable[int]) -> bool:
    return any(glob.accepts(state) for glob, state in zip(globs, states, strict=True))
