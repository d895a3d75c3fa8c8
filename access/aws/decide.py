"""One authorization decision: rules of evaluation over the statements that bear on a request, three-valued, explained."""

from __future__ import annotations

from access.aws.policies import Origin, Policies, Sourced, Stack, Unread
from access.aws.principals import Principal, PrincipalKind
from access.aws.request import Form, Mode, Request
from access.decision import Decision, Effect

__all__ = [
    "Form",
    "Mode",
    "Origin",
    "Policies",
    "Principal",
    "PrincipalKind",
    "Request",
    "Sourced",
    "Stack",
    "Unread",
    "decide",
    "decide_any",
    "effect_of",
]


def decide(request: Request, policies: Policies) -> Decision:
    """The explained answer."""
    raise NotImplementedError


def decide_any(request: Request, policies: Policies) -> Decision:
    """Whether some resource of the pattern is allowed, and which."""
    raise NotImplementedError


def effect_of(request: Request, policies: Policies) -> Effect:
    """The effect alone, without explanation."""
    raise NotImplementedError
