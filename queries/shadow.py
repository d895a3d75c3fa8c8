"""Shadow assets: per asset the reasons that hold, what speaks for each, and what could not be assessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graph.model import NodeId, RunId, Status
from queries.findings import Finding, Since, since
from queries.rule import Reason, Severity

PARTS = ("new", "open", "gone", "unconfirmed", "accepted")


@dataclass(frozen=True, slots=True)
class ShadowAsset:
    """One asset in the shadow: its findings by reason, and what became of it since the run that was asked about.

    `became` is the part of its most telling finding: new where any is, gone only where all are. `owner` is who answers
    for it, `action` what would clear the weightiest finding.
    """

    asset: NodeId
    name: str
    kind: str
    account: str
    environment: str
    owner: str
    owner_standing: str
    reasons: tuple[Reason, ...]
    severity: Severity
    score: int
    became: str
    findings: tuple[Finding, ...]

    @property
    def action(self) -> str:
        """What would clear the weightiest finding."""
        return str(self.findings[0].held["action"])

    @property
    def why(self) -> str:
        """What holds, a clause for each finding."""
        return "; ".join(dict.fromkeys(str(one.held["why"]) for one in self.findings))

    def plain(self) -> dict[str, object]:
        """The asset as plain types, for JSON."""
        return {
            "asset": self.asset,
            "name": self.name,
            "kind": self.kind,
            "account": self.account,
            "environment": self.environment,
            "owner": self.owner,
            "owner_standing": self.owner_standing,
            "reasons": [reason.value for reason in self.reasons],
            "severity": self.severity.label,
            "score": self.score,
            "became": self.became,
            "why": self.why,
            "action": self.action,
            "first_seen": min(one.first_seen for one in self.findings).isoformat(),
            "findings": [one.plain() for one in self.findings],
        }


def shadow_assets(found: Iterable[Finding], *, after: RunId | None) -> tuple[ShadowAsset, ...]:
    """The assets with findings that show a state of the shadow, the weightiest first; those gone before `after` are past."""
    told = [one for one in found if one.held.get("reason")]
    parts: Since = since(told, after)
    became = {one.row.id: part for part in PARTS for one in getattr(parts, part)}
    grouped: dict[NodeId, list[Finding]] = defaultdict(list)
    for one in told:
        if one.row.id in became:
            grouped[one.row.asset].append(one)
    made = (_asset(asset, held, became) for asset, held in grouped.items())
    return tuple(sorted(made, key=lambda row: (-row.score, row.name, row.asset)))


def _asset(asset: NodeId, held: list[Finding], became: Mapping[str, str]) -> ShadowAsset:
    """The asset with its findings; what is gone of one that still has others is left out."""
    parts = {became[one.row.id] for one in held}
    part = next(
        name for name in ("new", "open", "unconfirmed", "accepted", "gone") if name in parts
    )
    live = [one for one in held if one.row.status is not Status.GONE] or held
    live.sort(key=lambda one: (-int(one.held["score"]), one.row.id))
    first = live[0].held
    return ShadowAsset(
        asset,
        str(first["name"]),
        str(first["kind"]),
        str(first["account"]),
        str(first["environment"]),
        str(first["owner"]),
        str(first["owner_standing"]),
        tuple(sorted({Reason(one.held["reason"]) for one in live})),
        max(one.severity for one in live),
        sum(int(one.held["score"]) for one in live),
        part,
        tuple(live),
    )
