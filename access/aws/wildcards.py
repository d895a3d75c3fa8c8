"""Wildcard patterns of policies: their tokens, compiled matchers, and automata that run several at once.

`*` is any run, `?` exactly one character, `${*}` `${?}` `${$}` are these characters themselves, all else is literal.
An ARN is split at its first five colons and compared part by part: a wildcard stays inside its part. A pattern with
fewer colons ends in a part that may run over the rest, as `*` alone does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import chain
from typing import TypeAlias

Matcher: TypeAlias = Callable[[str], bool]

ARN_PARTS = 6
MAX_STATES = 20_000  # of one comparison; beyond it the answer is PART, which claims nothing

_TOKEN = re.compile(r"\$\{[*?$]\}|.", re.DOTALL)
_SPECIAL = re.compile(r"[*?$]")
_VARIABLE = re.compile(r"\$\{(?P<key>[^}*?$,][^},]*)(?:,\s*'(?P<default>[^']*)'\s*)?\}")
_ESCAPED = re.compile(r"\$\{([*?$])\}")


class Token(Enum):
    """A wildcard inside a pattern."""

    RUN = "*"
    ONE = "?"


Tokens: TypeAlias = tuple[str | Token, ...]


def escape(text: str) -> str:
    """The pattern that matches exactly this text."""
    return _SPECIAL.sub(lambda found: f"${{{found[0]}}}", text)


def escape_variables(text: str) -> str:
    """The pattern in which `${` is plain text, as in policies of the 2008 version."""
    return text.replace("${", "${$}{")


def has_variables(text: str) -> bool:
    """Whether the text holds a policy variable."""
    return "${" in text and _VARIABLE.search(text) is not None


def substitute(text: str, value_of: Callable[[str, str | None], str]) -> str:
    """The text with each variable replaced by what `value_of` (its key in lower case, its default) returns."""

    def replacement(found: re.Match[str]) -> str:
        return value_of(found["key"].strip().lower(), found["default"])

    return _VARIABLE.sub(replacement, text)


def unescape(pattern: str) -> str:
    """The text of a value in which wildcards are plain characters and `${*}` stands for `*`."""
    return _ESCAPED.sub(r"\1", pattern) if "$" in pattern else pattern


def literal(pattern: str) -> str | None:
    """The only text that the pattern matches; None where it has a wildcard."""
    if "*" not in pattern and "?" not in pattern and "$" not in pattern:
        return pattern
    tokens = tokenize(pattern)
    texts = [token for token in tokens if isinstance(token, str)]
    return "".join(texts) if len(texts) == len(tokens) else None


@cache
def tokenize(pattern: str) -> Tokens:
    """The characters and wildcards of a pattern, neighbouring runs joined."""
    tokens: list[str | Token] = []
    for found in _TOKEN.findall(pattern):
        token = Token(found) if found in ("*", "?") else found if len(found) == 1 else found[2]
        if not (token is Token.RUN and tokens and tokens[-1] is Token.RUN):
            tokens.append(token)
    return tuple(tokens)


def render(tokens: Tokens) -> str:
    """The pattern of these tokens."""
    return "".join(
        part.value if isinstance(part, Token) else escape(part) if part in "*?" else part
        for part in tokens
    )


# --- matching one text ---------------------------------------------------------------------------------------------


@cache
def text_matcher(pattern: str) -> Matcher:
    """Whether a text matches the pattern, colons being characters like others."""
    return _matcher(tokenize(pattern), _expression(tokenize(pattern), "."))


def resource_matches(pattern: str, arn: str) -> bool:
    """Whether the ARN matches the pattern."""
    return arn_matcher(pattern)(arn)


@cache
def action_matcher(pattern: str) -> Matcher:
    """Whether a lower-cased action matches the pattern."""
    return text_matcher(pattern.lower())


@cache
def arn_matcher(pattern: str) -> Matcher:
    """Whether an ARN matches the pattern, part by part."""
    parts = [tokenize(part) for part in pattern.split(":", ARN_PARTS - 1)]
    expression = ":".join(
        [_expression(part, "[^:]") for part in parts[:-1]] + [_expression(parts[-1], ".")]
    )
    return _matcher(tokenize(pattern), expression)


def _matcher(tokens: Tokens, expression: str) -> Matcher:
    """The cheapest test that decides it: everything, one text, a prefix, or a regular expression."""
    if tokens == (Token.RUN,):
        return _always
    if all(isinstance(token, str) for token in tokens):
        return "".join(map(str, tokens)).__eq__
    if tokens[-1] is Token.RUN and all(isinstance(token, str) for token in tokens[:-1]):
        prefix = "".join(map(str, tokens[:-1]))
        return lambda text: text.startswith(prefix)
    test = re.compile(expression, re.DOTALL).fullmatch
    return lambda text: test(text) is not None


def _always(_: str) -> bool:
    return True


def _expression(tokens: Tokens, one: str) -> str:
    """A regular expression without costly backtracking: each run but the last stops at the first fit, for good."""
    runs: list[list[str]] = [[]]
    for token in tokens:
        if token is Token.RUN:
            runs.append([])
        else:
            runs[-1].append(one if token is Token.ONE else re.escape(str(token)))
    first, *rest = ["".join(run) for run in runs]
    if not rest:
        return first
    middle = "".join(f"(?>{one}*?{run})" for run in rest[:-1])
    return f"{first}{middle}{one}*{rest[-1]}"


# --- comparing patterns --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern as an automaton over bit sets: bit i stands for "the first i tokens are matched"."""

    chars: frozenset[str]
    steps: tuple[dict[str, int], int]  # tokens that take the character; that take any other
    colon_blind: int  # tokens that take no colon
    runs: int
    last: int

    def start(self) -> int:
        """The states before the first character."""
        return 1 | (self.runs & 1) << 1

    def step(self, states: int, char: str) -> int:
        """The states after one more character."""
        takes = self.steps[0].get(char, self.steps[1])
        if char == ":":
            states &= ~self.colon_blind
        after = (states & takes & ~self.runs) << 1 | states & self.runs
        return after | (after & self.runs) << 1

    def accepts(self, states: int) -> bool:
        """Whether the text so far matches."""
        return bool(states & self.last)

    def wide(self, states: int) -> bool:
        """Whether some state takes any character."""
        return bool(states & self.steps[1])


def _glob(tokens: Tokens, colon_blind: int) -> Glob:
    free = sum(1 << i for i, token in enumerate(tokens) if isinstance(token, Token))
    chars = frozenset(token for token in tokens if isinstance(token, str))
    takes = {
        char: free | sum(1 << i for i, token in enumerate(tokens) if token == char)
        for char in chars
    }
    runs = sum(1 << i for i, token in enumerate(tokens) if token is Token.RUN)
    return Glob(chars, (takes, free), colon_blind, runs, 1 << len(tokens))


@cache
def text_glob(pattern: str) -> Glob:
    """The automaton of a text pattern."""
    return _glob(tokenize(pattern), 0)


@cache
def arn_glob(pattern: str) -> Glob:
    """The automaton of an ARN pattern."""
    tokens: list[str | Token] = []
    colon_blind = 0
    parts = pattern.split(":", ARN_PARTS - 1)
    for index, part in enumerate(parts):
        if index:
            tokens.append(":")
        for token in tokenize(part):
            if isinstance(token, Token) and index < len(parts) - 1:
                colon_blind |= 1 << len(tokens)
            tokens.append(token)
    return _glob(tuple(tokens), colon_blind)


@cache
def fold(text: str) -> Glob:
    """The automaton of one text in any case."""
    chars = [token for token in tokenize(text) if isinstance(token, str)]
    takes: dict[str, int] = {}
    for i, char in enumerate(chars):
        for form in {char.lower(), char.upper(), char}:
            takes[form] = takes.get(form, 0) | 1 << i
    return Glob(frozenset(takes), (takes, 0), 0, 0, 1 << len(chars))


def walk(
    globs: tuple[Glob, ...], live: Callable[[tuple[int, ...]], bool]
) -> Iterator[tuple[tuple[int, ...], str]]:
    """All joint states that some text reaches, with the shortest such text; `live` prunes. Ends early when many."""
    chars = frozenset().union(*(glob.chars for glob in globs))
    alphabet = sorted(chars, key=lambda char: (char.isupper(), char))
    alphabet.append(_unused(alphabet))
    start = tuple(glob.start() for glob in globs)
    seen = {start}
    row = [(start, "")]
    while row and len(seen) < MAX_STATES:
        yield from row
        following = []
        for states, text in row:
            for char in alphabet:
                after = tuple(
                    glob.step(state, char) for glob, state in zip(globs, states, strict=True)
                )
                if after not in seen and live(after):
                    seen.add(after)
                    following.append((after, text + char))
        row = following
    if row:
        raise TooManyStates


class TooManyStates(Exception):  # noqa: N818  # no failure: the signal that a comparison gives up
    """A comparison of patterns that is not worth finishing."""


def _unused(alphabet: list[str]) -> str:
    """A character that no pattern names, readable where possible: it stands for all others."""
    named = frozenset(alphabet)
    places = chain(range(120, 123), range(97, 120), range(0x100, 0xFFFF))
    return next(char for char in map(chr, places) if char not in named)
