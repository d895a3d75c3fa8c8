"""The page of assets in the shadow: which, why, since when, who answers for them, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from graph.model import Status
from queries.findings import Finding
from queries.rule import Reason
from queries.shadow import ShadowAsset, shadow_assets
from ui.completeness import Completeness
from ui.pagemodels.filters import Filters
from ui.pagemodels.findings import counts, found, kept
from ui.pagemodels.links import Link, Params, link
from ui.pagemodels.metric import Metric
from ui.reading import Reading
from ui.render.check import day, status_words
from ui.render.sheet import Sheet
from ui.render.text import plural

COLUMNS = (
    "Severity", "Asset", "Kind", "Account", "Reasons", "Why", "Owner", "What to do", "Since", "Reached by", "Status",
)  # fmt: skip
ABOUT = {
    Reason.UNMANAGED: "in no system of record",
    Reason.UNSANCTIONED: "of a kind or place that nobody allowed",
    Reason.IDLE: "not used, where the use would show",
    Reason.ORPHANED: "nobody who is there answers for it",
    Reason.LINEAGE_LESS: "no run, data or registry stands behind it",
    Reason.COPIED: "data that lies a second time elsewhere",
}


@dataclass(frozen=True, slots=True)
class AssetDetail:
    """One asset looked at: what holds, with the evidence of each finding, and where else to look."""

    asset: ShadowAsset
    findings: tuple[tuple[Finding, Sheet], ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class AssetsModel:
    """Everything that the page shows; `audited` is whether the rules were asked of this version at all."""

    audited: bool
    metrics: tuple[Metric, ...]
    sheet: Sheet
    assets: tuple[ShadowAsset, ...]
    rows: int  # without filters
    reasons: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    reason: str
    kind: str
    unknown: str
    detail: AssetDetail | None
    rests_on: Completeness
    command: str
    checked: str


def build_model(
    reading: Reading, params: Params, filters: Filters, *, now: datetime
) -> AssetsModel:
    """The model of what the address asks: `reason`, `kind` and the asset `id`."""
    held = found(reading, now=now)
    told = counts(reading)
    everything = [one for one in shadow_assets(held, after=None) if one.became != "gone"]
    passing = {one.row.id for one in held if kept(reading, filters, one)}
    inside = [one for one in everything if any(each.row.id in passing for each in one.findings)]
    reason = params.get("reason", "") if params.get("reason") in set(Reason) else ""
    kinds = sorted({one.kind for one in inside})
    kind = params.get("kind", "") if params.get("kind") in kinds else ""
    shown = tuple(
        one
        for one in inside
        if (not reason or reason in one.reasons) and (not kind or one.kind == kind)
    )
    blind = (told or {}).get("blind", {})
    chosen = next((one for one in shown if one.asset == params.get("id")), None)
    return AssetsModel(
        audited=told is not None,
        metrics=tuple(_metrics(inside)),
        sheet=Sheet(COLUMNS, tuple(map(_row, shown))),
        assets=shown,
        rows=len(everything),
        reasons=tuple((one.value, f"{one.value}: {ABOUT[one]}") for one in Reason),
        kinds=tuple((one, one) for one in kinds),
        reason=reason,
        kind=kind,
        unknown=_unknown(blind),
        detail=None if chosen is None else _detail(chosen),
        rests_on=reading.known,
        command="shadowgraph report shadow",
        checked=f"{plural(len(reading.view.nodes.ids), 'node')} checked by every rule on shadow assets",
    )


def _metrics(inside: list[ShadowAsset]) -> list[Metric]:
    return [
        Metric(
            reason.value.capitalize(),
            f"{sum(reason in one.reasons for one in inside):,}",
            f"Assets that are {reason.value}: {ABOUT[reason]}.",
        )
        for reason in Reason
    ]


def _unknown(blind: dict[str, int]) -> str:
    """What could not be said, in one sentence; empty where everything could."""
    told = [f"{name} for {plural(count, 'asset')}" for name, count in blind.items() if count]
    return f"Not assessed, for lack of what would show it: {', '.join(told)}." if told else ""


def _row(one: ShadowAsset) -> tuple[str | int, ...]:
    first = one.findings[0]
    return (
        one.severity.label,
        one.name,
        one.kind,
        one.account,
        ", ".join(reason.value for reason in one.reasons),
        one.why,
        one.owner or "nobody",
        one.action,
        day(min(each.opened for each in one.findings)),
        int(first.held["reach"]),
        "accepted" if one.became == "accepted" else status_words(first),
    )


def _detail(one: ShadowAsset) -> AssetDetail:
    findings = tuple((each, _evidence(each)) for each in one.findings)
    links = [link("asset", "All about the asset", id=one.asset)]
    live = [each for each in one.findings if each.row.status is not Status.GONE]
    links += [
        link("posture", f"Rule {each.row.rule}", rule=each.row.rule)
        for each in (live or one.findings)
    ]
    return AssetDetail(one, findings, tuple(links))


def _evidence(one: Finding) -> Sheet:
    held = one.held
    rows = [("why", str(held["why"])), *((str(name), str(text)) for name, text in held["evidence"])]
    rows += [("missing", str(gap["call"])) for gap in held["unread"]]
    rows += [
        (
            "owner",
            f"{held['owner'] or 'nobody'} ({held['owner_basis'] or 'no basis'}, {held['owner_standing']})",
        ),
        ("reached by", plural(int(held["reach"]), "identity", "identities")),
        ("first seen", day(one.first_seen)),
        ("status", status_words(one)),
        ("what to do", str(held["action"])),
        ("finding", one.row.id),
    ]
    return Sheet(("What", "Told"), tuple(rows))
