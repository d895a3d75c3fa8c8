"""How an owner takes a Revocable away: one line to read, and the native command."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping

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
    if revocable.kind is RevocableKind.KEY_GRANT:
        whose = "the key reached" if revocable.relative else f"key {short(revocable.holder)}"
        number = f"{revocable.statement} " if revocable.statement else ""
        return f"grant {number}to {short(revocable.member)} on {whose}"
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
        RevocableKind.ASSIGNMENT: (
            f"assignment of {holder} to permission set {short(revocable.document)} in {member}"
        ),
        RevocableKind.TRUST_ENTRY: f"trust entry {revocable.member} ({revocable.statement}) of {holder}",
    }.get(revocable.kind, f"{revocable.kind} {member or revocable.statement} of {holder}")


def _identity_word(arn: str) -> str:
    return next((kind for kind in ("user", "role", "group") if f":{kind}/" in arn), "role")


def command(revocable: Revocable) -> str:
    """The native removal as a command, or the edit to make; empty while the Revocable is relative."""
    native = _NATIVE.get(revocable.kind)
    return "" if native is None or revocable.relative is not None else native(revocable)


def emptied(revocable: Revocable) -> str:
    """How its document is taken away whole, where no statement would be left: no policy may be empty."""
    holder, document = revocable.holder, revocable.document
    if revocable.kind is RevocableKind.TRUST_ENTRY:
        return f"nobody would be trusted: delete the role {short(holder)}, or trust somebody else"
    if ":policy/" in document:
        return (
            f"detach it everywhere, then aws iam delete-policy --policy-arn {shlex.quote(document)}"
        )
    if revocable.member or document == holder:
        return f"delete the policy of {holder}"
    word, name = _identity_word(holder), shlex.quote(short(holder))
    return (
        f"aws iam delete-{word}-policy --{word}-name {name} --policy-name {shlex.quote(document)}"
    )


def _detach(revocable: Revocable) -> str:
    holder, policy = shlex.quote(short(revocable.holder)), shlex.quote(revocable.member)
    word = _identity_word(revocable.holder)
    return f"aws iam detach-{word}-policy --{word}-name {holder} --policy-arn {policy}"


def _leave(revocable: Revocable) -> str:
    user, group = shlex.quote(short(revocable.holder)), shlex.quote(short(revocable.member))
    return f"aws iam remove-user-from-group --user-name {user} --group-name {group}"


def _distrust(revocable: Revocable) -> str:
    return (
        f"remove {revocable.member} from statement {revocable.statement}, then aws iam "
        f"update-assume-role-policy --role-name {shlex.quote(short(revocable.holder))} "
        "--policy-document file://trust.json"
    )


def _unassign(revocable: Revocable) -> str:
    # A permission set's ARN names its instance: `arn:aws:sso:::permissionSet/INSTANCE/SET`.
    start, _, rest = revocable.document.partition(":permissionSet/")
    instance = f"{start}:instance/{rest.partition('/')[0]}"
    word = "GROUP" if "/group/" in revocable.holder else "USER"
    return (
        f"aws sso-admin delete-account-assignment --instance-arn {shlex.quote(instance)} "
        f"--permission-set-arn {shlex.quote(revocable.document)} "
        f"--target-type AWS_ACCOUNT --target-id {shlex.quote(short(revocable.member))} "
        f"--principal-type {word} --principal-id {shlex.quote(short(revocable.holder))}"
    )


def _edit(revocable: Revocable) -> str:
    if ":policy/" in revocable.document:
        return (
            f"remove statement {revocable.statement}, then aws iam create-policy-version --policy-arn "
            f"{shlex.quote(revocable.document)} --policy-document file://policy.json --set-as-default"
        )
    if revocable.member:
        where = f"statement {revocable.statement} of the policy of {revocable.holder}"
        return f"remove {revocable.member} from {where}"
    word = _identity_word(revocable.holder)
    return (
        f"remove statement {revocable.statement}, then aws iam put-{word}-policy "
        f"--{word}-name {shlex.quote(short(revocable.holder))} "
        f"--policy-name {shlex.quote(revocable.document)} --policy-document file://policy.json"
    )


def _revoke(revocable: Revocable) -> str:
    key, grant = shlex.quote(revocable.holder), shlex.quote(revocable.statement)
    return f"aws kms revoke-grant --key-id {key} --grant-id {grant}"


_NATIVE: Mapping[RevocableKind, Callable[[Revocable], str]] = {
    RevocableKind.ATTACHMENT: _detach,
    RevocableKind.MEMBERSHIP: _leave,
    RevocableKind.TRUST_ENTRY: _distrust,
    RevocableKind.ASSIGNMENT: _unassign,
    RevocableKind.STATEMENT: _edit,
    RevocableKind.KEY_GRANT: _revoke,
}
