"""Findings over time: what one audit makes of the findings that the runs before it left."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from graph.model import Decision, FindingRow, NodeId, RunId, RunRecord, Status, canonical
from queries.audit import Audit, Result, named, score
from queries.decisions import What, expired, standing
from queries.inventory import Inventory
from queries.owners import owner_of
from queries.rule import Assessed, Reason, Rule, Severity, Verdict


def reconcile(
    before: Iterable[FindingRow], audited: Audit, inventory: Inventory, *, run: RunId
) -> tuple[FindingRow, ...]:
    """All findings after this audit: those that it shows, and what became of the others, in id order.

    One that the audit does not show is gone only where its rule assessed the asset whole, or the asset is no more; else
    it is unconfirmed. What was gone and shows again is open since this run, and keeps the run that showed it first.
    """
    held = {row.id: row for row in before}
    shown = {row.id: row for row in _shown(audited, inventory, held, run)}
    sure = _sure(audited)
    known = {one.rule.id for one in audited.results}
    rest = (
        _after(row, (row.rule, row.asset) in sure or _vanished(inventory, row, known), run)
        for id_, row in held.items()
        if id_ not in shown
    )
    return tuple(sorted((*shown.values(), *rest), key=lambda row: row.id))


def _shown(
    audited: Audit, inventory: Inventory, held: Mapping[str, FindingRow], run: RunId
) -> Iterator[FindingRow]:
    for result in audited.results:
        for found in result.findings:
            id_ = result.rule.finding_id(found)
            old = held.get(id_)
            reopened = old is None or old.status is Status.GONE
            yield FindingRow(
                id_,
                result.rule.id,
                found.asset,
                first_run=run if old is None else old.first_run,
                opened_run=run if reopened or old is None else old.opened_run,
                last_run=run,
                status=Status.OPEN,
                payload=canonical(payload_of(inventory, result.rule, found)),
            )


def _sure(audited: Audit) -> frozenset[tuple[str, NodeId]]:
    """The pairs of rule and asset that were assessed whole: what is not shown of them is not there."""
    doubtful = {
        (one.rule.id, row.asset)
        for one in audited.results
        for row in one.assessed
        if row.verdict is Verdict.NOT_ASSESSED or row.unread
    }
    told = {(one.rule.id, row.asset) for one in audited.results for row in one.assessed}
    return frozenset(told - doubtful)


def _vanished(inventory: Inventory, row: FindingRow, known: set[str]) -> bool:
    """Whether the asset is no longer there: a store lets one go only where its listing was read whole."""
    node = inventory.nodes.get(row.asset)
    return row.rule in known and (node is None or not node.present)


def _after(row: FindingRow, gone: bool, run: RunId) -> FindingRow:
    if row.status is Status.GONE:
        return row
    if gone:
        return replace(row, status=Status.GONE, closed_run=run)
    return replace(row, status=Status.UNCONFIRMED)


def payload_of(inventory: Inventory, rule: Rule, found: Assessed) -> dict[str, object]:
    """What is kept of a finding, as plain types: everything that a list, a report or a page shows of it."""
    node = inventory.nodes[found.asset]
    owner = owner_of(inventory, node)
    weighed = score(inventory, rule, found)
    return {
        "title": rule.title,
        "family": rule.family,
        "reason": rule.reason.value if rule.reason else "",
        "severity": rule.weight(found).label,
        "why": found.why,
        "evidence": [list(pair) for pair in found.evidence],
        "identity": list(found.identity),
        "related": [{"id": other, "name": named(inventory.nodes, other)} for other in found.related],
        "action": found.lifts or rule.fix,
        "unread": [gap.plain() for gap in found.unread],
        "name": node.name,
        "kind": node.kind,
        "account": inventory.account(node),
        "environment": inventory.environment(node),
        "owner": owner.name,
        "owner_basis": owner.basis,
        "owner_standing": owner.standing.value,
        "sensitivity": inventory.sensitivity(node.id),
        "reach": weighed.reach,
        "score": weighed.value,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding as people see it: the row with its times, and the decision that stands on it."""

    row: FindingRow
    first_seen: datetime
    opened: datetime
    last_seen: datetime
    closed: datetime | None
    held: Mapping[str, Any]
    accepted: Decision | None = None
    ran_out: Decision | None = None

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return Severity.named(str(self.held["severity"]))

    @property
    def active(self) -> bool:
        """Whether somebody has to act: it is not gone, and nobody has accepted it."""
        return self.row.status is not Status.GONE and self.accepted is None

    def plain(self) -> dict[str, object]:
        """The finding as plain types, for JSON."""
        row, accepted = self.row, self.accepted
        return {
            "id": row.id,
            "rule": row.rule,
            "asset": row.asset,
            "status": "accepted" if accepted and row.status is not Status.GONE else row.status.value,
            "first_seen": self.first_seen.isoformat(),
            "opened": self.opened.isoformat(),
            "last_seen": self.last_seen.isoformat(),
            "closed": None if self.closed is None else self.closed.isoformat(),
            "accepted": None if accepted is None else plain_decision(accepted),
            "acceptance_ran_out": None if self.ran_out is None else plain_decision(self.ran_out),
            **self.held,
        }  # fmt: skip


def plain_decision(one: Decision) -> dict[str, object]:
    """A decision as plain types, for JSON."""
    return {
        "number": one.number,
        "made": one.made.isoformat(),
        "person": one.person,
        "subject": one.subject,
        "what": one.what,
        "value": one.value,
        "reason": one.reason,
        "expires": None if one.expires is None else one.expires.isoformat(),
    }


def findings_of(
    rows: Iterable[FindingRow],
    runs: Iterable[RunRecord],
    decisions: Iterable[Decision],
    *,
    now: datetime,
) -> tuple[Finding, ...]:
    """The findings with their times and decisions: the weightiest first, then by age, asset and id."""
    when = {run.id: run.started for run in runs}
    made = tuple(decisions)
    stands = standing(made, now=now)
    ended = expired(made, now=now)
    found = (
        Finding(
            row,
            when[row.first_run],
            when[row.opened_run],
            when[row.last_run],
            None if row.closed_run is None else when[row.closed_run],
            json.loads(row.payload),
            stands.get((row.id, What.ACCEPT)),
            ended.get(row.id),
        )
        for row in rows
    )
    return tuple(sorted(found, key=_weight))


def _weight(one: Finding) -> tuple[object, ...]:
    return (-one.severity, -int(one.held["score"]), one.opened, one.row.asset, one.row.id)


@dataclass(frozen=True, slots=True)
class Since:
    """What became of findings since a run: new, still open, gone, and what could not be confirmed."""

    new: tuple[Finding, ...]
    open: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    unconfirmed: tuple[Finding, ...]
    accepted: tuple[Finding, ...]  # counted apart wherever the others are counted


def since(found: Iterable[Finding], run: RunId | None) -> Since:
    """The findings by what became of them after this run; None compares with nothing, so that all are new."""
    sorted_: dict[str, list[Finding]] = defaultdict(list)
    for one in found:
        sorted_[_became(one, run)].append(one)
    parts = ("new", "open", "gone", "unconfirmed", "accepted")
    return Since(*(tuple(sorted_[part]) for part in parts))


def _became(one: Finding, run: RunId | None) -> str:
    row = one.row
    if row.status is Status.GONE:
        recent = run is not None and row.closed_run is not None and row.closed_run > run
        seen_before = run is not None and row.opened_run <= run
        return "gone" if recent and seen_before else "past"
    if one.accepted is not None:
        return "accepted"
    if row.status is Status.UNCONFIRMED:
        return "unconfirmed"
    return "new" if run is None or row.opened_run > run else "open"


def trend_of(audited: Audit, rows: Iterable[FindingRow]) -> dict[str, object]:
    """The counts of one version, to be kept beside it: findings by severity, shadow assets by reason, rules by answer."""
    severities: dict[str, int] = defaultdict(int)
    reasons: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.status is not Status.GONE:
            held = json.loads(row.payload)
            severities[held["severity"]] += 1
            if held["reason"]:
                reasons[held["reason"]].add(row.asset)
    return {
        "severity": dict(sorted(severities.items())),
        "reason": {name: len(assets) for name, assets in sorted(reasons.items())},
        "rules": [result.plain() for result in audited.results],
        "blind": {reason.value: count for reason, count in _blind(audited).items()},
    }


def _blind(audited: Audit) -> Mapping[Reason, int]:
    """Per reason of the shadow the assets that some rule could not assess, and none assessed otherwise."""
    blind: dict[Reason, set[NodeId]] = defaultdict(set)
    clear: dict[Reason, set[NodeId]] = defaultdict(set)
    for result in audited.results:
        if result.rule.reason is not None:
            for row in result.assessed:
                unknown = row.verdict is Verdict.NOT_ASSESSED
                (blind if unknown else clear)[result.rule.reason].add(row.asset)
    return {reason: len(blind[reason] - clear[reason]) for reason in Reason}


def broken(audited: Audit) -> tuple[Result, ...]:
    """The rules that could not be evaluated: each is a finding of its own."""
    return tuple(one for one in audited.results if one.failed)
