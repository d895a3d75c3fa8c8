"""Rules of single services that no policy changes: what can never be done, and what always can."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from access.aws.principals import PrincipalKind

ALWAYS = frozenset({"sts:getcalleridentity"})

_VENDOR_POLICIES = "arn:*:iam::aws:policy/*"
_RESERVED = "arn:*:iam::*:role/aws-reserved/*"
_SERVICE_LINKED = "arn:*:iam::*:role/aws-service-role/*"
_VENDOR_ALIASES = "arn:*:kms:*:*:alias/aws/*"

_IAM_READS = ("get", "list", "simulate", "generate")
_POLICY_WRITES = frozenset(
    {
        "iam:createpolicyversion",
        "iam:deletepolicy",
        "iam:deletepolicyversion",
        "iam:setdefaultpolicyversion",
        "iam:tagpolicy",
        "iam:untagpolicy",
    }
)
_ALIAS_WRITES = frozenset({"kms:createalias", "kms:updatealias", "kms:deletealias"})
_OF_SERVICE_LINKED = frozenset({"iam:createservicelinkedrole", "iam:deleteservicelinkedrole"})


def _iam_write(action: str) -> bool:
    service, _, name = action.partition(":")
    return service == "iam" and not name.startswith(_IAM_READS)


_RULES: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    (_VENDOR_POLICIES, "policies that AWS manages cannot be changed", _POLICY_WRITES.__contains__),
    (_RESERVED, "reserved roles change through Identity Center only", _iam_write),
    (
        _SERVICE_LINKED,
        "service-linked roles are changed by their service only",
        lambda action: (
            _iam_write(action) and action not in _OF_SERVICE_LINKED and action != "iam:passrole"
        ),
    ),
    (_VENDOR_ALIASES, "aliases that AWS manages cannot be changed", _ALIAS_WRITES.__contains__),
)


@cache
def untouchable(action: str) -> tuple[tuple[str, str], ...]:
    """The ARN patterns on which nobody can do this lower-cased action, each with the reason."""
    return tuple((pattern, reason) for pattern, reason, speaks in _RULES if speaks(action))


def impossible(action: str, kind: PrincipalKind) -> str:
    """Why this sort of caller can never do this lower-cased action; empty where it can."""
    if kind is PrincipalKind.ROOT and action == "sts:assumerole":
        return "a root user cannot assume a role"
    return ""
