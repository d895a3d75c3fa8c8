"""Answers put together: several that must all be allowed, and one that depends on something unread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from access.decision import Alternative, Condition, Decision, Effect, Need, flat
from graph.model import Certainty


def conditional(answer: Decision, reason: str) -> Decision:
    """The same answer, depending on something that is not known."""
    return replace(
        answer,
        effect=Effect.CONDITIONAL,
        conditions=(*answer.conditions, Condition(reason)),
        because=(*answer.because, unknown(reason)),
    )


def unknown(reason: str) -> Need:
    """A need that nothing can take away and of which it is not known whether it stands."""
    return Need(reason, (Alternative((), (Condition(reason),), Certainty.CONDITIONAL),))


def either(name: str, options: Sequence[tuple[tuple[Need, ...], Decision]]) -> Decision:
    """The answer where any one of the options is enough: as sure as the surest, with the needs of all."""
    surest = min((answer for _needs, answer in options), key=lambda answer: answer.certainty)
    needs = options[0][0]
    if len(options) > 1:
        needs = (flat(name, (option[0] for option in options)),)
    return Decision(
        surest.effect,
        conditions=surest.conditions,
        because=tuple(need.minimal() for need in needs),
        notes=surest.notes,
        assumptions=surest.assumptions,
        limits=surest.limits,
    )


T = TypeVar("T")


def _merged(parts: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    """All items of the parts, each once, in order of first use."""
    return tuple(dict.fromkeys(item for part in parts for item in part))


def together(*answers: Decision) -> Decision:
    """The answer to several questions that must all be allowed."""
    for answer in answers:
        if not answer.effect.granted:
            return answer
    effect = max(
        (answer.effect for answer in answers), key=lambda effect: effect is Effect.CONDITIONAL
    )
    return Decision(
        effect,
        conditions=_merged(answer.conditions for answer in answers),
        because=_merged(answer.because for answer in answers),
        reasons=_merged(answer.reasons for answer in answers),
        chosen=_merged(answer.chosen for answer in answers),
        notes=_merged(answer.notes for answer in answers),
        assumptions=_merged(answer.assumptions for answer in answers),
        limits=_merged(answer.limits for answer in answers),
    )


SESSION_NAME = "session name"
"""How `chosen` calls the name that the caller gives a session."""


def in_one_call(*answers: Decision) -> Decision:
    """The answer to questions that one call raises, such as those to a bucket and to its key.

    One call has one session name. Where the answers rest on different ones, some other way may still be open to one of
    them: what is told is then conditional on the name.
    """
    whole = together(*answers)
    names = sorted({value for name, value in whole.chosen if name == SESSION_NAME})
    if not whole.effect.granted or len(names) < 2:
        return whole
    condition = Condition("sts:RoleSessionName", "StringEquals", tuple(names))
    need = Need("one session name", (Alternative((), (condition,), Certainty.CONDITIONAL),))
    return replace(
        whole,
        effect=Effect.CONDITIONAL,
        conditions=(*whole.conditions, condition),
        because=(*whole.because, need),
    )
