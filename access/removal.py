"""How an owner takes a Revocable away: one line to read, and the native command."""

from __future__ import annotations

import shlex

from access.decision import Relative, Revocable, RevocableKind

_RELATIVE_WORDS = {
    Relative.MEMBER: "membership of {member}",
    Relative.ATTACHED: "attachment of {member}",
    Relative.OWN: "statement {statement} of the own inline policy {document}",
    Relative.TRUST: "trust entry {member} of the role reached",
    Relative.KEY: "entry {member} in the policy of the key reached",
    Relative.RESOURCE: "entry {member} in the policy of the resource reached",
}


def short(identifier: str) -> str:
    """The last part of an ARN or id, which people know it by."""
    tail = identifier.rpartition(":")[2]
    return tail.rpartition("/")[2] or tail.rstrip("/") or identifier


def words(revocable: Revocable) -> str:
    """What it is, in one line."""
    if revocable.relative is not None:
        return _RELATIVE_WORDS[revocable.relative].format(
            member=short(revocable.member),
            statement=revocable.statement,
            document=revocable.document,
        )
    holder, member = short(revocable.holder), short(revocable.member)
    if revocable.kind is RevocableKind.STATEMENT and revocable.member:
        return (
            f"entry {revocable.member} in statement {revocable.statement} of the policy of {holder}"
        )
    if revocable.kind is RevocableKind.STATEMENT:
        where = short(revocable.document)
        return f"statement {revocable.statement} of {where}" + (
            "" if holder == where else f" on {holder}"
        )
    return {
        RevocableKind.ATTACHMENT: f"attachment of {member} to {holder}",
        RevocableKind.MEMBERSHIP: f"membership of {holder} in {member}",
        RevocableKind.TRUST_ENTRY: f"trust entry {revocable.member} ({revocable.statement}) of {holder}",
    }.get(revocable.kind, f"{revocable.kind} {member or revocable.statement} of {holder}")


def _identity_word(arn: str) -> str:
    return next((kind for kind in ("user", "role", "group") if f":{kind}/" in arn), "role")


def command(revocable: Revocable) -> str:
    """The native removal as a command, or the edit to make; empty while the Revocable is relative."""
    if revocable.relative is not None:
        return ""
    holder = shlex.quote(short(revocable.holder))
    word = _identity_word(revocable.holder)
    match revocable.kind:
        case RevocableKind.ATTACHMENT:
            policy = shlex.quote(revocable.member)
            return f"aws iam detach-{word}-policy --{word}-name {holder} --policy-arn {policy}"
        case RevocableKind.MEMBERSHIP:
            group = shlex.quote(short(revocable.member))
            return f"aws iam remove-user-from-group --user-name {holder} --group-name {group}"
        case RevocableKind.TRUST_ENTRY:
            return (
                f"remove {revocable.member} from statement {revocable.statement}, then "
                f"aws iam update-assume-role-policy --role-name {holder} --policy-document file://trust.json"
            )
        case RevocableKind.STATEMENT if ":policy/" in revocable.document:
            return (
                f"remove statement {revocable.statement}, then aws iam create-policy-version --policy-arn "
                f"{shlex.quote(revocable.document)} --policy-document file://policy.json --set-as-default"
            )
        case RevocableKind.STATEMENT if revocable.member:
            return f"remove {revocable.member} from statement {revocable.statement} of the policy of {revocable.holder}"
        case RevocableKind.STATEMENT:
            name = shlex.quote(revocable.document)
            return (
                f"remove statement {revocable.statement}, then aws iam put-{word}-policy --{word}-name {holder} "
                f"--policy-name {name} --policy-document file://policy.json"
            )
        case _:
            return ""
