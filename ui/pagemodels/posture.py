"""The page of rules: which fail, where and since when, and what could not be assessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from queries.findings import Finding
from queries.frameworks import evidence_for
from queries.rule import FAMILIES, Rule, Verdict, rules
from ui.completeness import Completeness
from ui.pagemodels.filters import Filters
from ui.pagemodels.findings import counts, found, kept
from ui.pagemodels.links import Params
from ui.pagemodels.metric import Metric
from ui.reading import Reading
from ui.render.check import row_of
from ui.render.sheet import Sheet
from ui.render.text import plural

RULES = (
    "Rule",
    "Severity",
    "Family",
    "Title",
    "Fails",
    "Not assessed",
    "Passes",
    "Findings",
    "Accepted",
)
FINDINGS = ("Severity", "Rule", "Asset", "Kind", "Account", "Why", "Status", "First seen", "Owner", "What to do", "Id")  # fmt: skip
STATUSES = ("active", "accepted", "gone")
MOST = 500


@dataclass(frozen=True, slots=True)
class PostureModel:
    """Everything that the page shows; `chosen` is the rule that is looked at."""

    audited: bool
    metrics: tuple[Metric, ...]
    sheet: Sheet
    ids: tuple[str, ...]
    chosen: Rule | None
    evidence: tuple[tuple[str, str], ...]
    findings: Sheet
    found: tuple[Finding, ...]
    status: str
    left_out: int
    failed: tuple[str, ...]
    rests_on: Completeness
    command: str
    checked: str


def build_model(
    reading: Reading, params: Params, filters: Filters, *, now: datetime
) -> PostureModel:
    """The model of what the address asks: `rule` and `status`."""
    held = [one for one in found(reading, now=now) if kept(reading, filters, one)]
    told = counts(reading)
    results = {row["rule"]: row for row in (told or {}).get("rules", [])}
    known = {rule.id: rule for rule in rules()}
    chosen = known.get(params.get("rule", ""))
    status = params.get("status", "") if params.get("status") in STATUSES else "active"
    of_rule = [one for one in held if chosen is None or one.row.rule == chosen.id]
    listed = tuple(one for one in of_rule if _status(one) == status)
    rows = [_rule_row(rule, results.get(rule.id), held) for rule in known.values()]
    rows.sort(key=lambda row: (-int(str(row[7])), str(row[0])))
    return PostureModel(
        audited=told is not None,
        metrics=tuple(_metrics(held, results)),
        sheet=Sheet(RULES, tuple(rows)),
        ids=tuple(str(row[0]) for row in rows),
        chosen=chosen,
        evidence=() if chosen is None else tuple((name, ", ".join(ids)) for name, ids in evidence_for(chosen.family).items()),
        findings=Sheet(FINDINGS, tuple(map(row_of, listed[:MOST]))),
        found=listed,
        status=status,
        left_out=max(0, len(listed) - MOST),
        failed=tuple(f"{row['rule']}: {row['not_evaluated']}" for row in results.values() if row["not_evaluated"]),
        rests_on=reading.known,
        command=f"shadowgraph check --rule {chosen.id}" if chosen else "shadowgraph check --by-rule",
        checked=f"{plural(len(known), 'rule')} asked of every asset",
    )  # fmt: skip


def _status(one: Finding) -> str:
    if one.active:
        return "active"
    return "accepted" if one.accepted is not None else "gone"


def _metrics(held: list[Finding], results: dict[str, dict[str, object]]) -> list[Metric]:
    active = [one for one in held if one.active]
    urgent = sum(one.severity.label in {"critical", "high"} for one in active)
    failing = {one.row.rule for one in active}
    blind = sum(_count(row, Verdict.NOT_ASSESSED) > 0 for row in results.values())
    return [
        Metric("Findings", f"{len(active):,}", "Findings that stand and that nobody has accepted."),
        Metric("Critical or high", f"{urgent:,}", "Of these, the ones to look at first."),
        Metric(
            "Rules that fail", f"{len(failing):,}", "Rules with at least one of these findings."
        ),
        Metric(
            "Rules with gaps",
            f"{blind:,}",
            "Rules that could not assess some asset, because what they need was not read.",
        ),
    ]


def _count(row: dict[str, object] | None, verdict: Verdict) -> int:
    held = row["counts"] if row else {}
    return int(held.get(verdict.value, 0)) if isinstance(held, dict) else 0


def _rule_row(rule: Rule, row: dict[str, object] | None, held: list[Finding]) -> tuple[str | int, ...]:  # fmt: skip
    mine = [one for one in held if one.row.rule == rule.id]
    return (
        rule.id,
        rule.severity.label,
        FAMILIES[rule.family],
        rule.title,
        _count(row, Verdict.FAIL),
        _count(row, Verdict.NOT_ASSESSED),
        _count(row, Verdict.PASS),
        sum(one.active for one in mine),
        sum(_status(one) == "accepted" for one in mine),
    )
