"""Who asks: the caller as policies see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class PrincipalKind(StrEnum):
    """What sort of caller it is."""

    USER = "user"
    ROLE = "role"  # a stored role: asked as "any session of it"
    SESSION = "session"  # one session of a role, by its session ARN
    ROOT = "root"
    SERVICE = "service"
    FEDERATED = "federated"  # a SAML or OIDC provider's subject, before it has a role
    ANONYMOUS = "anonymous"
    ACCOUNT = "account"  # somebody of an account outside the estate


OF_ACCOUNTS = frozenset(
    {
        PrincipalKind.USER,
        PrincipalKind.ROLE,
        PrincipalKind.SESSION,
        PrincipalKind.ROOT,
        PrincipalKind.ACCOUNT,
    }
)


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller.

    `arn` is the stored identity's ARN (for a service its name, for a federated subject its provider), `role_arn`
    the role behind a session where it is known. `tags` None means unread. `chooses_session_name` is false where the
    role is reached in a way that leaves the session name to someone else.
    """

    kind: PrincipalKind
    arn: str
    account: str | None = None
    role_arn: str | None = None
    name: str = ""
    tags: Mapping[str, str] | None = None
    organization: str | None = None
    organization_paths: tuple[str, ...] | None = None
    service_linked: bool = False
    management: bool = False
    chooses_session_name: bool = True
    unique_id: str | None = None  # AIDA.. or AROA.., where it is known
    canonical_id: str | None = None  # the S3 id of its account, where it is known
