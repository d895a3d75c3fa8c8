"""What would let unanswered calls be read: in words, and as the smallest policy to copy."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from graph.model import NodeId, Outcome
from ingest.source import PLATFORMS, by_operation
from ui.pagemodels.sources_unread import (
    NEVER_ASKED,
    ORGANIZATION,
    OWN_POLICY,
    Refusal,
    Unread,
)
from ui.reading import Reading
from ui.render.text import plural

MOST_RESOURCES = 20  # of one statement of a proposal; beyond, every resource is meant
_NAMEABLE = re.compile(r"[A-Za-z0-9._/:+=,@-]+")


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing to do, for all calls that it would let be read."""

    outcome: str
    title: str
    words: str
    calls: int
    subjects: tuple[tuple[str, NodeId], ...]  # in words, with the node
    effect: str


def fix_words(reading: Reading, rows: Sequence[Unread]) -> str:
    """What would let these calls be read; they are of one operation, account and sort of refusal."""
    row = rows[0]
    account = reading.account(row.scope)
    if row.outcome == NEVER_ASKED:
        where = (
            "once in the management account, or by a delegated administrator"
            if row.scope == ORGANIZATION
            else f"in account {account}"
        )
        needs = f", which needs {row.permission}" if row.permission else ""
        return f"Have the collector ask {row.call} {where}{needs}; then load its answers."
    if row.outcome == Outcome.DENIED:
        return _allow(row, _targets(rows), account)
    return {
        Outcome.THROTTLED: "Nothing is missing: the platform asked to slow down. Collect again at a quieter time, then load.",
        Outcome.UNSUPPORTED: "Nothing to allow: the platform does not answer this call here. What it would say counts as unknown.",
    }.get(
        Outcome(row.outcome),
        "The call failed for a reason of its own; see its detail. Collect again, then load.",
    )


def _allow(row: Unread, targets: str, account: str) -> str:
    # What our own call needs stands before what a snapshot says is missing: that was written by others.
    permission = row.proposed or row.permission or "the permission that it needs"
    own = OWN_POLICY.get(row.service)
    on = f" on {targets}" if targets else ""
    if row.refusal.denies:
        where = (
            f"the policy of the {own or 'resource'} itself"
            if row.refusal is Refusal.RESOURCE_DENY
            else f"a {row.refusal.value}"
        )
        return (
            f"An explicit Deny in {where} refuses {permission}{on}. No Allow stands above a Deny: except the reading role "
            f"of account {account} from it, see that the role has {permission}, then load again."
        )
    if row.refusal is Refusal.NO_RESOURCE_ALLOW:
        return (
            f"Allow {permission}{on} for the reading role of account {account} in the policy of the {own or 'resource'}, or let "
            f"that policy leave the decision to the account and add {permission} to the role; then load again."
        )
    other = f", or allow it in the policy of the {own}" if own and targets else ""
    return f"Add {permission}{on} to the reading role of account {account}{other}; then load again."


def _targets(rows: Sequence[Unread]) -> str:
    named = [row.what for row in rows if row.what]
    if len(named) < 2:
        return named[0] if named else ""
    return plural(len(named), OWN_POLICY.get(rows[0].service, "resource"))


def fixes_of(reading: Reading, rows: Iterable[Unread]) -> tuple[Fix, ...]:
    """What to do about these calls, refused before never asked, then the most calls first."""
    groups: dict[tuple[str, ...], list[Unread]] = defaultdict(list)
    for row in rows:
        groups[row.outcome, row.scope, row.call, row.refusal.value].append(row)
    made = (_fix(reading, group) for group in groups.values())
    return tuple(sorted(made, key=lambda fix: (fix.outcome == NEVER_ASKED, -fix.calls, fix.title)))


def _fix(reading: Reading, rows: Sequence[Unread]) -> Fix:
    row = rows[0]
    scope = "the organisation" if row.scope == ORGANIZATION else reading.account(row.scope)
    return Fix(
        outcome=row.outcome,
        title=f"{row.call} in {scope}" + (f", {len(rows):,} times" if len(rows) > 1 else ""),
        words=fix_words(reading, rows),
        calls=len(rows),
        subjects=tuple((one.what, one.node) for one in rows if one.node is not None),
        effect=_effect(rows),
    )


def _effect(rows: Sequence[Unread]) -> str:
    """What depends on the answers, as far as that can be told."""
    nodes = len({row.node for row in rows if row.node is not None})
    grants = sum(row.grants for row in rows)
    resource = (
        by_operation(rows[0].platform).get(rows[0].call) if rows[0].platform in PLATFORMS else None
    )
    doc = "" if resource is None else resource.doc.rstrip(".")
    about = (
        f"It would tell: {doc[:1].lower()}{doc[1:]}" if doc else "What it would tell is not known"
    )
    if nodes:
        about += f", for {plural(nodes, 'node')} of the graph"
    elif rows[0].subject:
        about += ", for something that the graph does not hold"
    else:
        about += "; how much that is, only the answer can say"
    verb = "holds" if grants == 1 else "hold"
    waits = f" {plural(grants, 'Grant')} {verb} only on what it would say." if grants else ""
    return f"{about}.{waits}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """The smallest policy that would let the refused calls of one account be made, as JSON, with what to know of it."""

    account: str
    text: str
    notes: tuple[str, ...]


def proposals_of(reading: Reading, rows: Iterable[Unread]) -> tuple[Proposal, ...]:
    """A proposal per account with refused or unmade calls; it names only permissions of our own read-only calls."""
    by_scope: dict[str, list[Unread]] = defaultdict(list)
    for row in rows:
        if row.outcome in {Outcome.DENIED, NEVER_ASKED} and row.platform == "aws":
            by_scope[row.scope].append(row)
    return tuple(
        _proposal(reading, scope, group)
        for scope, group in sorted(by_scope.items())
        if any(row.proposed and _resource(row) for row in group)
    )


def _proposal(reading: Reading, scope: str, rows: Sequence[Unread]) -> Proposal:
    resources: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.proposed and (named := _resource(row)):
            resources[row.proposed].add(named)
    actions: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for permission, needed in resources.items():
        whole = "*" in needed or len(needed) > MOST_RESOURCES
        actions[("*",) if whole else tuple(sorted(needed))].append(permission)
    statements = [
        {"Effect": "Allow", "Action": _short(sorted(permissions)), "Resource": _short(list(on))}
        for on, permissions in sorted(actions.items())
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    return Proposal(
        account="the management account" if scope == ORGANIZATION else reading.account(scope),
        text=json.dumps(policy, indent=2),
        notes=tuple(_notes(rows)),
    )


def _short(names: list[str]) -> str | list[str]:
    """One name stands without a list around it."""
    return names[0] if len(names) == 1 else names


def _resource(row: Unread) -> str:
    """What a statement has to name for this call; empty where it could only be named by more than it is.

    Items are written by others: one that is no plain ARN, such as a name with a wildcard in it, is never named.
    """
    if not row.item or not row.subject or row.service == "organizations":
        return "*"
    plain = row.subject.startswith("arn:") and _NAMEABLE.fullmatch(row.subject)
    return row.subject if plain else ""


def _notes(rows: Sequence[Unread]) -> Iterator[str]:
    denied = [row for row in rows if row.refusal is Refusal.RESOURCE_DENY]
    for row in denied:
        yield f"Not enough for {row.what or row.call}: its own policy holds an explicit Deny, which stands above every Allow."
    for row in rows:
        if row.refusal.denies and row.refusal is not Refusal.RESOURCE_DENY:
            yield f"Not enough for {row.what or row.call}: a {row.refusal.value} holds an explicit Deny, which stands above every Allow."
        if row.refusal is Refusal.NO_RESOURCE_ALLOW:
            yield f"Perhaps not enough for {row.what or row.call}: its own policy must allow it, or leave the decision to the account."
    unnamed = sum(not _resource(row) for row in rows)
    if unnamed:
        yield f"Left out: {plural(unnamed, 'item')} with a name that no policy can hold as it is."
    left_out = sorted({row.permission for row in rows if row.permission not in {"", row.proposed}})
    for permission in left_out:
        yield f"Left out: {permission}. The snapshot names it as missing, but no call of the collector needs it."
