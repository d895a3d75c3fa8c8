"""What the policies of an estate read of a principal: names, tags and attributes that keep principals apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from access.aws.document import PolicyDocument, Statement

_VARIABLE = re.compile(r"\$\{([^},]+)")
_NAMES = frozenset({"aws:username", "aws:userid"})
PRINCIPAL_ARN = "aws:principalarn"
PRINCIPAL_TAG = "aws:principaltag/"
RESOURCE_TAGS = (
    "aws:resourcetag/",
    "sagemaker:resourcetag/",
    "iam:resourcetag/",
    "s3:existingobjecttag/",
)


@dataclass(frozen=True, slots=True)
class Reads:
    """What one or many documents read.

    `keys` are the lower-cased condition keys and variables, `arns` the patterns that `aws:PrincipalArn` is compared
    with, `principals` the entries of Principal and NotPrincipal elements.
    """

    keys: frozenset[str] = frozenset()
    arns: frozenset[str] = frozenset()
    principals: frozenset[str] = frozenset()

    @property
    def name(self) -> bool:
        """Whether the name or id of the principal itself is read."""
        return bool(self.keys & _NAMES)

    @property
    def principal_tags(self) -> frozenset[str]:
        """The tag keys of the principal that are read, lower-cased."""
        return frozenset(
            key.removeprefix(PRINCIPAL_TAG) for key in self.keys if key.startswith(PRINCIPAL_TAG)
        )

    @property
    def resource_tags(self) -> bool:
        """Whether tags of resources are read."""
        return any(key.startswith(RESOURCE_TAGS) for key in self.keys)


def _variables(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for name in _VARIABLE.findall(text):
            yield name.strip().lower()


@cache
def reads_of_statement(statement: Statement) -> Reads:
    """What this statement reads."""
    keys = set(_variables((*statement.resources, *statement.not_resources)))
    arns: set[str] = set()
    for clause in statement.conditions:
        keys.add(clause.key.lower())
        keys.update(_variables(clause.values))
        if clause.key.lower() == PRINCIPAL_ARN:
            arns.update(clause.values)
    entries = (*statement.principals, *statement.not_principals)
    return Reads(frozenset(keys), frozenset(arns), frozenset(str(entry) for entry in entries))


@cache
def reads_of(document: PolicyDocument) -> Reads:
    """What this document reads."""
    return together(reads_of_statement(statement) for statement in document.statements)


def together(parts: Iterable[Reads]) -> Reads:
    """What all of these read."""
    keys: set[str] = set()
    arns: set[str] = set()
    principals: set[str] = set()
    for part in parts:
        keys |= part.keys
        arns |= part.arns
        principals |= part.principals
    return Reads(frozenset(keys), frozenset(arns), frozenset(principals))
