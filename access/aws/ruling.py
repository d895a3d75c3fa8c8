"""Whether an identity's policies allow all of IAM on every resource: whoever has that has everything that limits leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from access.aws.document import Statement
from access.aws.patterns import empty, overlaps
from access.aws.policies import Origin, Sourced
from access.aws.subjects import Subject
from access.decision import Alternative, Need, Revocable, flat

ALL_OF_IAM = "iam:*"
"""The pattern of all that is asked; also the `how` of the Grant that such an identity holds."""

# No pattern names this text, so that whatever matches it matches by a wildcard, and with it every other text.
_FRESH = "\x00" * 64


def allows_all_of_iam(subject: Subject) -> Need | None:
    """What must stand for the identity policies, as a sum, to allow all of IAM; None where they do not.

    One statement lays the ground: all of IAM, or all but some; each exception must be allowed by another. Statements
    with conditions do not count, as what they hang on may differ from request to request.
    """
    spoken = list(_unconditional(subject))
    options = []
    for origin, ground in spoken:
        if not ground.speaks_of(_instance(ALL_OF_IAM)):
            continue
        needs = [Need(ALL_OF_IAM, tuple(_ways(origin, ground)))]
        for hole in ground.not_actions:
            if overlaps(hole.lower(), ALL_OF_IAM):
                filled = (
                    way
                    for other, statement in spoken
                    if _fills(statement, hole)
                    for way in _ways(other, statement)
                )
                needs.append(Need(hole, tuple(filled)))
        if all(need.alternatives for need in needs):
            options.append(tuple(needs))
    return flat("identity side allows all of IAM", options) if options else None


def _instance(pattern: str) -> str:
    """A text that only a pattern as wide as this one matches."""
    return pattern.replace("*", _FRESH).replace("?", _FRESH[:1])


def _unconditional(subject: Subject) -> Iterator[tuple[Origin, Statement]]:
    """The Allow statements about every resource that nothing narrows, with where they come from."""
    for policy in subject.identity:
        if not isinstance(policy, Sourced):
            continue
        for statement in policy.document.statements:
            narrowed = statement.conditions or statement.unknown
            if statement.allow and not narrowed and empty("*", statement.resources):
                yield policy.origin, statement


def _fills(statement: Statement, pattern: str) -> bool:
    """Whether the statement allows every action that the pattern names."""
    if statement.actions:
        return statement.speaks_of(_instance(pattern))
    return not any(overlaps(other.lower(), pattern.lower()) for other in statement.not_actions)


def _ways(origin: Origin, statement: Statement) -> Iterator[Alternative]:
    """The sets of Revocables that bring the statement."""
    template = origin.statement
    own: tuple[Revocable, ...] = ()
    if template is not None:
        own = (replace(template, statement=statement.sid, position=statement.position),)
    for way in origin.ways or ((),):
        yield Alternative((*way, *own))
