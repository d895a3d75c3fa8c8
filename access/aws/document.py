"""A policy document as values: statements, principals, condition clauses; parsed once per text, never refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TypeAlias
from urllib.parse import unquote

from access.aws.conditions import Check, Clause, check
from access.aws.wildcards import (
    Matcher,
    action_matcher,
    arn_matcher,
    escape_variables,
    has_variables,
)
from graph.model import canonical, digest

VERSION_WITH_VARIABLES = "2012-10-17"
VERSION_WITHOUT_VARIABLES = "2008-10-17"

_Json: TypeAlias = "str | int | float | bool | Sequence[_Json] | Mapping[str, _Json] | None"

_ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    }
)
PRINCIPAL_TYPES = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})


@dataclass(frozen=True, slots=True, order=True)
class PrincipalEntry:
    """One entry of a Principal or NotPrincipal element; everyone is `AWS` with `*`."""

    type: str
    value: str

    def __str__(self) -> str:
        return self.value if self.type == "AWS" else f"{self.type}:{self.value}"


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement; an empty tuple is an element that is not there.

    `sid` is the Sid or, without one, a short hash of the content; `unknown` says what could not be understood,
    which makes whatever the statement does conditional.
    """

    sid: str
    position: int
    allow: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    principals: tuple[PrincipalEntry, ...]
    not_principals: tuple[PrincipalEntry, ...]
    conditions: tuple[Clause, ...]
    unknown: tuple[str, ...]
    text: str  # canonical JSON of this statement alone, for evidence
    matchers: tuple[Matcher, ...] = field(repr=False)  # of actions, else of not_actions
    tests: tuple[Matcher, ...] = field(
        repr=False
    )  # of the resources, else not_resources, without variables
    templates: tuple[str, ...] = field(repr=False)  # those with variables
    checks: tuple[Check, ...] = field(repr=False)  # of the conditions
    _spoken: dict[str, bool] = field(default_factory=dict, repr=False)

    def speaks_of(self, action: str) -> bool:
        """Whether Action or NotAction takes in this action; a statement with neither may mean any."""
        known = self._spoken.get(action)
        if known is None:
            name = action.lower()
            hit = any(matches(name) for matches in self.matchers)
            known = hit if self.actions else not hit
            self._spoken[action] = known
        return known

    @property
    def has_principal(self) -> bool:
        """Whether it says whom it is about."""
        return bool(self.principals or self.not_principals)


@dataclass(frozen=True, slots=True, eq=False)
class PolicyDocument:
    """A parsed policy; `unreadable` is the reason where the text is no policy at all."""

    statements: tuple[Statement, ...]
    version: str = VERSION_WITHOUT_VARIABLES
    notes: tuple[str, ...] = ()
    unreadable: str = ""

    @property
    def denies(self) -> bool:
        """Whether some statement denies: taking the document away would lift that."""
        return any(not statement.allow for statement in self.statements)


@cache
def parse(text: str) -> PolicyDocument:
    """The document in this text, JSON or URL-encoded JSON; the same object for the same text."""
    try:
        body = json.loads(unquote(text) if text.lstrip()[:1] == "%" else text)
    except (ValueError, RecursionError) as error:
        return PolicyDocument((), unreadable=f"not JSON: {error}")
    if not isinstance(body, Mapping):
        return PolicyDocument((), unreadable="not a JSON object")
    version = body.get("Version", VERSION_WITHOUT_VARIABLES)
    notes: list[str] = []
    if version not in (VERSION_WITH_VARIABLES, VERSION_WITHOUT_VARIABLES):
        notes.append(f"unknown policy version `{version}`")
    raw = body.get("Statement", ())
    rows = raw if isinstance(raw, list) else (raw,) if raw != () else ()
    if not rows:
        notes.append("no statement")
    reader = _Reader(
        variables=version != VERSION_WITHOUT_VARIABLES, doubt=tuple(notes[:1]) if rows else ()
    )
    statements = tuple(reader.statement(row, position) for position, row in enumerate(rows))
    return PolicyDocument(_distinct(statements), str(version), tuple(notes) + reader.notes())


def _distinct(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The statements, a repeated id told apart by its count so that each can be named."""
    seen: dict[str, int] = {}
    kept = []
    for statement in statements:
        count = seen[statement.sid] = seen.get(statement.sid, 0) + 1
        kept.append(statement if count == 1 else replace(statement, sid=f"{statement.sid}#{count}"))
    return tuple(kept)


class _Reader:
    """Reads the statements of one document and keeps what was odd about them."""

    def __init__(self, *, variables: bool, doubt: tuple[str, ...]) -> None:
        self._literal: Callable[[str], str] = str if variables else escape_variables
        self._doubt = doubt
        self._notes: list[str] = []

    def notes(self) -> tuple[str, ...]:
        """What was legal to skip but worth saying."""
        return tuple(self._notes)

    def statement(self, row: _Json, position: int) -> Statement:
        """One statement, whatever its shape."""
        body = row if isinstance(row, Mapping) else {}
        doubt = [*self._doubt]
        if not isinstance(row, Mapping):
            doubt.append("statement is not an object")
        doubt += [f"unknown element `{name}`" for name in sorted(set(body) - _ELEMENTS)]
        effect = body.get("Effect")
        if effect not in ("Allow", "Deny"):
            doubt.append(f"unknown Effect `{effect}`")
        lists = {
            name: self._texts(body, name, doubt)
            for name in ("Action", "NotAction", "Resource", "NotResource")
        }
        if not lists["Action"] and not lists["NotAction"]:
            doubt.append("no Action")
        text = canonical(row)
        sid = body.get("Sid")
        clauses = self._clauses(body.get("Condition", {}), doubt)
        named = tuple(map(self._literal, lists["Resource"] or lists["NotResource"]))
        return Statement(
            sid=sid if isinstance(sid, str) and sid else digest("statement", text)[:12],
            position=position,
            allow=effect != "Deny",
            actions=lists["Action"],
            not_actions=() if lists["Action"] else lists["NotAction"],
            resources=named if lists["Resource"] else (),
            not_resources=() if lists["Resource"] else named,
            principals=self._principals(body, "Principal", doubt),
            not_principals=self._principals(body, "NotPrincipal", doubt),
            conditions=clauses,
            unknown=tuple(doubt),
            text=text,
            matchers=tuple(
                action_matcher(pattern) for pattern in lists["Action"] or lists["NotAction"]
            ),
            tests=tuple(arn_matcher(pattern) for pattern in named if not has_variables(pattern)),
            templates=tuple(filter(has_variables, named)),
            checks=tuple(map(check, clauses)),
        )

    def _texts(self, body: Mapping[str, _Json], name: str, doubt: list[str]) -> tuple[str, ...]:
        if name not in body:
            return ()
        value = body[name]
        items = value if isinstance(value, list) else (value,)
        texts = tuple(item for item in items if isinstance(item, str))
        if len(texts) != len(items) or not texts:
            doubt.append(f"odd value of `{name}`")
        return texts

    def _principals(
        self, body: Mapping[str, _Json], name: str, doubt: list[str]
    ) -> tuple[PrincipalEntry, ...]:
        if name not in body:
            return ()
        value = body[name]
        if isinstance(value, str | list):
            if value != "*":
                self._notes.append(f"bare {name} `{value}` read as AWS principal")
            value = {"AWS": value}
        if not isinstance(value, Mapping):
            doubt.append(f"odd value of `{name}`")
            return ()
        doubt += [
            f"unknown principal type `{kind}`" for kind in sorted(set(value) - PRINCIPAL_TYPES)
        ]
        return tuple(
            PrincipalEntry(kind, text)
            for kind in value
            if kind in PRINCIPAL_TYPES
            for text in self._texts(value, kind, doubt)
        )

    def _clauses(self, value: _Json, doubt: list[str]) -> tuple[Clause, ...]:
        if not isinstance(value, Mapping):
            doubt.append("odd value of `Condition`")
            return ()
        clauses = []
        for operator, keys in value.items():
            if not isinstance(keys, Mapping):
                doubt.append(f"odd value of `Condition.{operator}`")
                continue
            for key, raw in keys.items():
                items = raw if isinstance(raw, list) else (raw,)
                texts = tuple(map(_scalar, items))
                if None in texts:
                    doubt.append(f"odd value of `{key}`")
                values = tuple(self._literal(text) for text in texts if text is not None)
                clauses.append(Clause(operator, key, values))
        return tuple(clauses)


def _scalar(value: _Json) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None
