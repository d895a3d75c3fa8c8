"""S3 Block Public Access: a public policy gives nothing to anyone outside the account of the bucket or access point."""

from __future__ import annotations

from dataclasses import replace

from access.aws.arns import account_of
from access.aws.conditions import Clause
from access.aws.joined import conditional
from access.aws.operators import operator
from access.aws.policies import Sourced
from access.aws.targets import Target
from access.decision import Alternative, Decision, Effect
from graph.model import Node


def behind_block(
    account: str, target: Target, answer: Decision, *, blocks: tuple[Node, Node | None]
) -> Decision:
    """The answer to someone of this account; `blocks` are the resource and its account, which set the blocks."""
    if not answer.effect.granted or not _is_public(target):
        return answer
    blocked = _restricts_public(*blocks)
    if account == target.account:
        return answer if blocked is False else _barring(answer)
    if blocked is None:
        return conditional(answer, f"public access block of {target.node.name} unread")
    if blocked:
        return Decision(Effect.IMPLICIT_DENY, notes=("RestrictPublicBuckets is on",))
    return answer


def _restricts_public(resource: Node, account: Node | None) -> bool | None:
    settings = account.props.get("settings") if account else None
    wide = settings.get("block_public") if isinstance(settings, dict) else None
    own = resource.props.get("block_public")
    if "RestrictPublicBuckets" in (wide or "") or (
        isinstance(own, tuple) and "RestrictPublicBuckets" in own
    ):
        return True
    return None if own is None or wide is None else False


def _barring(answer: Decision) -> Decision:
    """The same answer, its public statements marked: without them the block of public access bars nobody."""

    def option(alternative: Alternative) -> Alternative:
        marked = (
            replace(r, lifts_deny=True) if r.member == "*" else r for r in alternative.revocables
        )
        return replace(alternative, revocables=tuple(marked))

    needs = tuple(
        replace(need, alternatives=tuple(map(option, need.alternatives))) for need in answer.because
    )
    return replace(answer, because=needs)


# What keeps a policy for everyone from counting as public: conditions that hold for fixed values of these keys.
# SOURCE: Amazon S3 API, PublicAccessBlockConfiguration, the meaning of public (a stored copy, read 2026-11-24).
# It does not name the aws:Principal keys and the access point keys; that they narrow is common knowledge (check).
_NARROWING = frozenset(
    {
        "aws:sourceip",
        "aws:sourcearn",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourceowner",
        "aws:sourceaccount",
        "aws:userid",
        "aws:principalorgid",
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principalorgpaths",
        "s3:dataaccesspointarn",
        "s3:dataaccesspointaccount",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)


def _is_public(target: Target) -> bool:
    """Whether the policy of the bucket opens it to everyone."""
    if not isinstance(target.resource, Sourced):
        return False
    return any(
        statement.allow
        and not any(_narrows(clause) for clause in statement.conditions)
        and (statement.not_principals or any(entry.value == "*" for entry in statement.principals))
        for statement in target.resource.document.statements
    )


def _narrows(clause: Clause) -> bool:
    """Whether the clause holds for fixed values of a key that says who or where the caller is."""
    key, what = clause.key.lower(), operator(clause.operator)
    if key not in _NARROWING or what is None or what.negated:
        return False
    if key == "aws:principalarn":
        return all(account_of(value) for value in clause.values)
    return not any(
        value in {"0.0.0.0/0", "::/0"} or set(value) & set("*?$") for value in clause.values
    )
