"""The algebra of ARN patterns: how much one covers of another, what they have in common."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from itertools import product

from access.aws.wildcards import (
    ARN_PARTS,
    Glob,
    Token,
    Tokens,
    TooManyStates,
    action_matcher,
    arn_glob,
    arn_matcher,
    escape,
    literal,
    render,
    resource_matches,
    text_glob,
    text_matcher,
    tokenize,
    walk,
)

__all__ = [
    "Cover",
    "Meet",
    "action_matcher",
    "arn_matcher",
    "empty",
    "escape",
    "intersect",
    "meet",
    "overlaps",
    "relation",
    "resource_matches",
    "text_matcher",
]

REMEMBERED = 1 << 18  # comparisons kept: questions are many, unlike the patterns of policies
MAX_PATTERNS = 64  # of one intersection; beyond it the answer says that it is not exact


class Cover(Enum):
    """How much of a question a pattern matches."""

    ALL = "all"
    PART = "part"
    NONE = "none"


@lru_cache(REMEMBERED)
def relation(pattern: str, question: str, excluding: tuple[str, ...] = ()) -> Cover:
    """How much of the ARN pattern `question` minus `excluding` does `pattern` match."""
    left_out = [part for part in excluding if overlaps(part, question)]
    if not left_out:
        return _relation(pattern, question)
    if any(_relation(part, question) is Cover.ALL for part in left_out):
        return Cover.NONE
    whole = _relation(pattern, question)
    if whole is Cover.NONE or (whole is Cover.ALL and len(left_out) == 1):
        return whole  # what one exclusion leaves of the question is more than nothing
    if _endless(pattern, question, tuple(left_out)):
        return whole
    return _compare(pattern, question, tuple(left_out))


def _endless(pattern: str, question: str, excluding: tuple[str, ...]) -> bool:
    """Whether the exclusions cannot use up what the pattern matches of a question that is a prefix.

    Where the pattern takes any character right after the prefix, it takes one that no exclusion goes on with: each
    exclusion is a prefix too, and longer than the question's, since none takes in all of it.
    """
    asked, mine = _parts(question), _parts(pattern)
    prefix = _prefix(asked[-1])
    plain = all(
        _parts(part)[:-1] == asked[:-1] and (_prefix(_parts(part)[-1]) or literal(_parts(part)[-1]))
        for part in excluding
    )
    if prefix is None or not plain or len(asked) != ARN_PARTS:
        return False
    if len(mine) != ARN_PARTS:
        return pattern == "*"
    glob = text_glob(mine[-1])
    return glob.wide(_after_text(glob, prefix))


def _after_text(glob: Glob, text: str) -> int:
    """The states of the automaton after this text."""
    states = glob.start()
    for char in text:
        states = glob.step(states, char)
    return states


@lru_cache(REMEMBERED)
def _relation(pattern: str, question: str) -> Cover:
    """As `relation`, of the whole question: part by part where both have all parts."""
    if pattern in ("*", question):
        return Cover.ALL
    mine, asked = _parts(pattern), _parts(question)
    if len(mine) != ARN_PARTS or len(asked) != ARN_PARTS:
        return _compare(pattern, question, ())
    covers = [_part_relation(a, b) for a, b in zip(mine, asked, strict=True) if a not in ("*", b)]
    if Cover.NONE in covers:
        return Cover.NONE
    return Cover.PART if Cover.PART in covers else Cover.ALL


@cache
def _parts(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.split(":", ARN_PARTS - 1))


@cache
def _prefix(part: str) -> str | None:
    """What comes before the one run at the end; None where the part has another shape."""
    return part[:-1] if part[-1:] == "*" and not set(part[:-1]) & set("*?$") else None


def _part_relation(pattern: str, question: str) -> Cover:
    """How much of one part another matches: by its shape where that is simple."""
    asked = literal(question)
    if asked is not None:
        return Cover.ALL if text_matcher(pattern)(asked) else Cover.NONE
    mine = literal(pattern)
    if mine is not None:
        return Cover.PART if text_matcher(question)(mine) else Cover.NONE
    one, other = _prefix(pattern), _prefix(question)
    if one is None and other is not None and tokenize(pattern)[-1] is not Token.ONE:
        return _of_prefix(pattern, other)
    if one is None or other is None:
        return _compare_globs(text_glob(pattern), text_glob(question), ())
    if other.startswith(one):
        return Cover.ALL
    return Cover.PART if one.startswith(other) else Cover.NONE


def _of_prefix(pattern: str, prefix: str) -> Cover:
    """How much of everything with a prefix a pattern matches that ends in a run or in plain text.

    Ending in a run it matches all once it matches the prefix itself; ending in text it misses most continuations.
    """
    glob = text_glob(pattern)
    states = _after_text(glob, prefix)
    if not states:
        return Cover.NONE
    whole = tokenize(pattern)[-1] is Token.RUN and glob.accepts(states)
    return Cover.ALL if whole else Cover.PART


def _compare(pattern: str, question: str, excluding: tuple[str, ...]) -> Cover:
    return _compare_globs(arn_glob(pattern), arn_glob(question), tuple(map(arn_glob, excluding)))


def _compare_globs(pattern: Glob, question: Glob, excluding: tuple[Glob, ...]) -> Cover:
    """The relation by walking all automata at once until a match and a miss are found."""
    found: set[bool] = set()
    try:
        for states, _ in walk((question, pattern, *excluding), lambda states: bool(states[0])):
            if question.accepts(states[0]) and not any(
                glob.accepts(state) for glob, state in zip(excluding, states[2:], strict=True)
            ):
                found.add(pattern.accepts(states[1]))
                if len(found) == 2:
                    return Cover.PART
    except TooManyStates:
        return Cover.PART
    return Cover.ALL if found == {True} else Cover.NONE


@lru_cache(REMEMBERED)
def overlaps(left: str, right: str) -> bool:
    """Whether some ARN matches both patterns."""
    if left in ("*", right) or right == "*":
        return True
    mine, other = _parts(left), _parts(right)
    if len(mine) == len(other) == ARN_PARTS:
        return all(
            a in ("*", b) or b == "*" or _part_relation(a, b) is not Cover.NONE
            for a, b in zip(mine, other, strict=True)
        )
    return _compare(left, right, ()) is not Cover.NONE


# Matched by what matches everything; patterns of policies hold no such character.
_FRESH = "\x00" * 64


def empty(question: str, excluding: tuple[str, ...]) -> bool:
    """Whether nothing of the pattern is left after the exclusions."""
    if question == "*" and not any(arn_matcher(pattern)(_FRESH) for pattern in excluding):
        return False  # a text that no pattern names is left: no need to compare the patterns
    return bool(excluding) and relation("*", question, excluding) is Cover.NONE


@dataclass(frozen=True, slots=True)
class Meet:
    """The intersection of two patterns; where it is not `exact`, something that may be larger than it."""

    patterns: tuple[str, ...]
    exact: bool = True


def intersect(left: str, right: str) -> tuple[str, ...]:
    """Patterns whose union is what both match."""
    return meet(left, right).patterns


@lru_cache(REMEMBERED)
def meet(left: str, right: str) -> Meet:
    """The intersection, with whether it is exact."""
    if left in ("*", right):
        return Meet((right,))
    if right == "*":
        return Meet((left,))
    if not overlaps(left, right):
        return Meet(())
    for one, other in ((left, right), (right, left)):
        if relation(one, other) is Cover.ALL:
            return Meet((other,))
    try:
        found = _meet(left, right)
    except TooManyStates:
        return Meet((right,), exact=False)
    return Meet(tuple(sorted(_widest(found))))


def _meet(left: str, right: str) -> set[str]:
    found: set[str] = set()
    for one, other in product(_whole(left), _whole(right)):
        choices = [_meet_tokens(a, b) for a, b in zip(one, other, strict=True)]
        for parts in product(*choices):
            found.add(":".join(map(render, parts)))
            if len(found) > MAX_PATTERNS:
                raise TooManyStates
    return found


def _widest(patterns: set[str]) -> set[str]:
    """The patterns without those that another one covers."""
    kept: set[str] = set()
    for pattern in sorted(patterns, key=lambda text: (len(text), text)):
        if not any(relation(other, pattern) is Cover.ALL for other in kept):
            kept = {other for other in kept if relation(pattern, other) is not Cover.ALL} | {
                pattern
            }
    return kept


def _whole(pattern: str) -> list[tuple[Tokens, ...]]:
    """The pattern as six-part patterns: the runs of a short one's last part take over the missing colons."""
    *head, tail = map(tokenize, pattern.split(":", ARN_PARTS - 1))
    missing = ARN_PARTS - 1 - len(head)
    runs = [i for i, token in enumerate(tail) if token is Token.RUN or token is Token.ONE]
    wholes = []
    for shares in product(range(missing + 1), repeat=len(runs)):
        if sum(shares) == missing and all(
            share <= 1 or tail[i] is Token.RUN for i, share in zip(runs, shares, strict=True)
        ):
            wholes.append((*head, *_spread(tail, dict(zip(runs, shares, strict=True)))))
            if len(wholes) > MAX_PATTERNS:
                raise TooManyStates
    return wholes


def _spread(tail: Tokens, shares: dict[int, int]) -> list[Tokens]:
    """The last part broken into parts, each wildcard taking its share of the colons."""
    parts: list[list[str | Token]] = [[]]
    for i, token in enumerate(tail):
        share = shares.get(i, 0)
        if not share or token is Token.RUN:
            parts[-1].append(token)
        parts.extend([token] if token is Token.RUN else [] for _ in range(share))
    return [tuple(part) for part in parts]


@cache
def _meet_tokens(left: Tokens, right: Tokens) -> frozenset[Tokens]:
    """The intersection of two parts, as a set of patterns."""
    if not left or not right:
        rest = left or right
        return frozenset({()}) if all(token is Token.RUN for token in rest) else frozenset()
    one, other = left[0], right[0]
    if one is Token.RUN and other is Token.RUN:
        ends = _meet_tokens(left[1:], right) | _meet_tokens(left, right[1:])
        return _after(Token.RUN, ends)
    if one is Token.RUN:
        return _meet_tokens(left[1:], right) | _after(other, _meet_tokens(left, right[1:]))
    if other is Token.RUN:
        return _meet_tokens(left, right[1:]) | _after(one, _meet_tokens(left[1:], right))
    if one is Token.ONE or other in (Token.ONE, one):
        return _after(other if one is Token.ONE else one, _meet_tokens(left[1:], right[1:]))
    return frozenset()


def _after(token: str | Token, ends: frozenset[Tokens]) -> frozenset[Tokens]:
    if len(ends) > MAX_PATTERNS:
        raise TooManyStates
    if token is Token.RUN:
        return frozenset(end if end[:1] == (Token.RUN,) else (Token.RUN, *end) for end in ends)
    return frozenset((token, *end) for end in ends)
