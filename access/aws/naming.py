"""How strongly an entry of a Principal element names the caller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from access.aws.document import PolicyDocument, PrincipalEntry, Statement
from access.aws.principals import OF_ACCOUNTS, Principal, PrincipalKind

_UNIQUE = ("AIDA", "AROA", "AGPA", "ANPA", "AIPA")


class Strength(IntEnum):
    """How directly a resource policy names the caller; what each alone suffices for differs (see `routes`)."""

    EXACT = 0
    ROLE = 1
    ACCOUNT = 2


@dataclass(frozen=True, slots=True)
class Naming:
    """One entry that names the caller: how strongly, and in which session or on what else that depends."""

    entry: PrincipalEntry | None  # None: everyone whom NotPrincipal does not name
    strength: Strength
    session: str = ""  # only a session of this name
    doubt: str = ""  # what would have to be known


def root_of(value: str, partition: str = "aws") -> str:
    """The root ARN of an account id; any other entry as it is."""
    return f"arn:{partition}:iam::{value}:root" if value.isdigit() and len(value) == 12 else value


def namings(statement: Statement, principal: Principal) -> Iterator[Naming]:
    """Every entry of the statement's Principal that names the caller."""
    for entry in statement.principals:
        found = naming(entry, principal)
        if found is not None:
            yield found


def naming(entry: PrincipalEntry, principal: Principal) -> Naming | None:
    """How this entry names the caller, if it does."""
    if entry.value == "*" and entry.type == "AWS":
        return Naming(entry, Strength.EXACT)
    if entry.type == "AWS":
        return _aws(entry, principal) if principal.kind in OF_ACCOUNTS else None
    if entry.type == "CanonicalUser":
        return _canonical(entry, principal)
    wanted = PrincipalKind.SERVICE if entry.type == "Service" else PrincipalKind.FEDERATED
    named = principal.kind is wanted and entry.value in ("*", principal.arn)
    return Naming(entry, Strength.EXACT) if named else None


def _aws(entry: PrincipalEntry, principal: Principal) -> Naming | None:
    partition = principal.arn.split(":", 2)[1] if principal.arn.startswith("arn:") else "aws"
    value = root_of(entry.value, partition)
    if value == principal.arn or (principal.unique_id is not None and value == principal.unique_id):
        if principal.kind is PrincipalKind.ACCOUNT:
            return Naming(PrincipalEntry("AWS", value), Strength.ACCOUNT)
        is_role = (
            principal.kind is PrincipalKind.ROLE or value == principal.unique_id != principal.arn
        )
        role = is_role and principal.kind in (PrincipalKind.ROLE, PrincipalKind.SESSION)
        return Naming(PrincipalEntry("AWS", value), Strength.ROLE if role else Strength.EXACT)
    if value == f"arn:{partition}:iam::{principal.account}:root":
        strength = Strength.EXACT if principal.kind is PrincipalKind.ROOT else Strength.ACCOUNT
        return Naming(PrincipalEntry("AWS", value), strength)
    if principal.kind is PrincipalKind.SESSION:
        same = (
            value == principal.role_arn if principal.role_arn else _same_role(value, principal.arn)
        )
        return Naming(entry, Strength.ROLE) if same else None
    if principal.kind is PrincipalKind.ROLE and _same_role(principal.arn, value):
        return Naming(
            entry, Strength.EXACT, session=value.partition(":assumed-role/")[2].partition("/")[2]
        )
    return None


def _same_role(role: str, session: str) -> bool:
    """Whether the session ARN is one of the role: its path does not show there, so compare account and last name."""
    left, right = role.split(":", 5), session.split(":", 5)
    if len(left) < 6 or len(right) < 6 or left[1] != right[1] or left[4] != right[4]:
        return False
    named = right[5].split("/")
    return (
        left[2] == "iam"
        and right[2] == "sts"
        and left[5].startswith("role/")
        and len(named) == 3
        and named[0] == "assumed-role"
        and left[5].rpartition("/")[2] == named[1]
    )


def _canonical(entry: PrincipalEntry, principal: Principal) -> Naming | None:
    """A canonical id stands for a whole account; whose it is, only S3 knows."""
    if principal.kind not in OF_ACCOUNTS or principal.canonical_id not in (None, entry.value):
        return None
    doubt = "" if principal.canonical_id else f"account of canonical user `{entry.value}`"
    return Naming(entry, Strength.ACCOUNT, doubt=doubt)


def excepted(statement: Statement, principal: Principal) -> tuple[Naming, ...]:
    """The entries of NotPrincipal that name the caller: an account's root stands for the root alone there."""
    found = (naming(entry, principal) for entry in statement.not_principals)
    return tuple(
        one
        for one in found
        if one is not None
        and (
            one.strength is not Strength.ACCOUNT
            or principal.kind is PrincipalKind.ACCOUNT
            or one.doubt
        )
    )


@cache
def principal_notes(document: PolicyDocument) -> tuple[str, ...]:
    """What is odd about the principals of a resource policy: deleted ones, wildcards inside an ARN."""
    return tuple(_principal_notes(document))


def _principal_notes(document: PolicyDocument) -> Iterator[str]:
    for statement in document.statements:
        for entry in (*statement.principals, *statement.not_principals):
            if entry.type == "AWS" and entry.value.startswith(_UNIQUE):
                yield f"principal `{entry.value}` is deleted: it matches nobody"
            elif entry.type == "AWS" and entry.value != "*" and set("*?") & set(entry.value):
                yield f"wildcard inside principal `{entry.value}`: it matches nobody"
