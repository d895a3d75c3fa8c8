"""What an identity becomes by one change to itself short of everything: unbounded, an older version, another tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

from access.aws.document import PolicyDocument, Statement, parse
from access.aws.policies import Policy, Sourced, Stack
from access.aws.reads import PRINCIPAL_TAG
from access.aws.subjects import Subject, Subjects
from access.aws.wildcards import has_variables
from access.estate import Estate
from graph.model import NodeId, Role, digest

Step: TypeAlias = tuple[str, ...]
"""The change: `("unbounded",)`, `("versioned", policy, version)` or `("tagged", key, value)`."""

UNBOUNDED: Step = ("unbounded",)
VERSIONED, TAGGED = "versioned", "tagged"

MOST_VALUES = 8
"""Values of one tag that an identity is told of: they are tried one by one, and each is an identity of its own."""

_EQUAL = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnlike"})
_UNEQUAL = frozenset({"stringnotequals", "stringnotequalsignorecase", "stringnotlike"})
_TAG_VARIABLE = re.compile(r"\$\{aws:principaltag/([^},]+)(?:,[^}]*)?\}", re.IGNORECASE)


class Variants:
    """Makes them, of real identities and of those that joined a group."""

    def __init__(self, estate: Estate, subjects: Subjects) -> None:
        self._estate = estate
        self._subjects = subjects
        self._made: dict[NodeId, Subject] = {}
        self._fitting: dict[Statement, tuple[tuple[str, str], ...]] = {}

    def of(self, subject: Subject, step: Step) -> Subject:
        """The subject after this change."""
        identifier = NodeId("class:" + digest(str(subject.id), *step))
        if identifier not in self._made:
            self._made[identifier] = replace(
                self._changed(subject, step),
                id=identifier,
                members=(),
                virtual=step[0],
                step=step,
                of=subject.of or subject.id,
                _cache={},
            )
        return self._made[identifier]

    def steps(self, subject: Subject) -> Iterator[Step]:
        """Every change that would make something else of the subject."""
        if subject.virtual in {"", "joined"}:
            if subject.boundary is not None:
                yield UNBOUNDED
            for policy in sorted(subject.managed):
                yield from self.wider(policy)
            yield from self.tags(subject)

    def _changed(self, subject: Subject, step: Step) -> Subject:
        if step == UNBOUNDED:
            return replace(subject, boundary=None)
        if step[0] == VERSIONED:
            return replace(subject, identity=Stack(self._exchanged(subject, step[1], step[2])))
        held = (subject.principal.tags or {}).items()
        kept = {key: value for key, value in held if key.lower() != step[1].lower()}
        tags = {**kept, step[1]: step[2]}
        return replace(subject, principal=replace(subject.principal, tags=tags))

    # Versions.

    def _exchanged(self, subject: Subject, policy: str, version: str) -> Iterator[Policy]:
        """The identity's policies, with this one as the version has it.

        A statement of a version that is not in force is nothing that its owner can take away today: only the
        attachment is.
        """
        for one in subject.identity:
            if one.origin.policy == policy:
                text = self._versions(policy)[version]
                yield Sourced(text, replace(one.origin, statement=None))
            else:
                yield one

    def _versions(self, policy: str) -> Mapping[str, PolicyDocument]:
        rows = self._estate.attached(NodeId(policy), Role.VERSION)
        contents = ((row.name, self._estate.document(row.document)) for row in rows)
        return {name: parse(content.text) for name, content in contents if content is not None}

    def wider(self, policy: str) -> Iterator[Step]:
        """The versions of a managed policy that are not in force and say more than the one that is."""
        rows = self._estate.attached(NodeId(policy), Role.VERSION)
        documents = self._versions(policy)
        current = [documents[row.name] for row in rows if row.in_force and row.name in documents]
        for row in rows:
            other = None if row.in_force else documents.get(row.name)
            if other is not None and current and _says_more(other, current[0]):
                yield (VERSIONED, policy, row.name)

    # Tags.

    def tags(self, subject: Subject, *, spared: bool = False) -> Iterator[Step]:
        """Tags that some policy would read of the subject, with the values that it asks for or spares.

        `spared`: only those that lift a Deny, for who may allow itself everything.
        """
        own = subject.principal.tags
        if own is None:
            return  # what it carries is not known: no change could be told from that
        held = {key.lower(): value for key, value in own.items()}
        documents = [one.document for one in subject.identity if isinstance(one, Sourced)]
        if subject.boundary is not None:
            documents += [one.document for one in subject.boundary if isinstance(one, Sourced)]
        wanted: dict[str, dict[str, str]] = {}
        for allow, key, value in (*self._asked(documents), *self._asked_elsewhere):
            if held.get(key.lower()) != value and not (allow and spared):
                wanted.setdefault(key.lower(), {}).setdefault(value, key)
        for _key, values in sorted(wanted.items()):
            for value in sorted(values)[:MOST_VALUES]:
                yield (TAGGED, values[value], value)

    @cached_property
    def _asked_elsewhere(self) -> tuple[tuple[bool, str, str], ...]:
        """What policies that are not the identity's own ask of a principal's tags."""
        other = {Role.TRUST, Role.RESOURCE, Role.SCP, Role.RCP}
        rows = (row for row in self._estate.facts.attachments if row.role in other)
        contents = (self._estate.content(row) for row in rows)
        documents = [parse(content.text) for content in contents if content is not None]
        return tuple(dict.fromkeys(self._asked(documents)))

    def _asked(self, documents: Iterable[PolicyDocument]) -> Iterator[tuple[bool, str, str]]:
        """(in an Allow, key, value) of the tags that Allow statements ask for and Deny statements spare."""
        for document in documents:
            for statement in document.statements:
                if statement not in self._fitting:
                    fitting = self._by_variable(statement) if statement.allow else ()
                    self._fitting[statement] = (*self._literal(statement), *fitting)
                for key, value in self._fitting[statement]:
                    yield statement.allow, key, value

    @staticmethod
    def _literal(statement: Statement) -> Iterator[tuple[str, str]]:
        for clause in statement.conditions:
            operator = clause.operator.lower().rpartition(":")[2].removesuffix("ifexists")
            asking = operator in (_EQUAL if statement.allow else _UNEQUAL)
            if asking and clause.key.lower().startswith(PRINCIPAL_TAG):
                for value in clause.values:
                    if not has_variables(value):
                        # Any text that the pattern matches will do.
                        yield clause.key.partition("/")[2], re.sub(r"[*?]", "x", value)

    def _by_variable(self, statement: Statement) -> Iterator[tuple[str, str]]:
        """Values that make a variable fit: a part of an asset's name, or the tag of an asset."""
        for pattern in statement.resources:
            for found in _TAG_VARIABLE.finditer(pattern):
                expression = _capturing(pattern, found)
                for node in sorted(self._estate.nodes):
                    match = expression.fullmatch(str(node))
                    if match is not None:
                        yield found[1], match[1]
        for clause in statement.conditions:
            for value in clause.values:
                found_in_value = _TAG_VARIABLE.fullmatch(value)
                if found_in_value is not None:
                    tag = clause.key.partition("/")[2].lower()
                    yield from ((found_in_value[1], held) for held in self._carried(tag))

    def _carried(self, tag: str) -> list[str]:
        """The values of this tag on assets."""
        found: set[str] = set()
        for node in self._estate.nodes.values():
            tags = node.props.get("tags")
            if isinstance(tags, Mapping):
                found |= {value for key, value in tags.items() if key.lower() == tag}
        return sorted(found)


def described(step: Step) -> str:
    """The change in words, to stand behind a name."""
    if step == UNBOUNDED:
        return "without its boundary"
    if step[0] == VERSIONED:
        return f"with version {step[2]} of {step[1].rpartition('/')[2]} in force"
    return f"tagged {step[1]} = {step[2]}"


def _says_more(other: PolicyDocument, current: PolicyDocument) -> bool:
    """Whether a document has an Allow that the current one lacks, or lacks a Deny of it."""

    def texts(document: PolicyDocument, *, allow: bool) -> set[str]:
        return {one.text for one in document.statements if one.allow is allow}

    gained = texts(other, allow=True) - texts(current, allow=True)
    lifted = texts(current, allow=False) - texts(other, allow=False)
    return bool(gained or lifted)


def _capturing(pattern: str, variable: re.Match[str]) -> re.Pattern[str]:
    """The resource pattern as an expression whose group is the value of the variable."""

    def plain(text: str) -> str:
        escaped = re.escape(_TAG_VARIABLE.sub("*", text))
        return escaped.replace(r"\*", ".*").replace(r"\?", ".")

    before, after = pattern[: variable.start()], pattern[variable.end() :]
    return re.compile(f"{plain(before)}([^:/]+?){plain(after)}")
