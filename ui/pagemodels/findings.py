"""What pages read of findings: those that were kept, with the decisions that stand now, and how rules fared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from queries.findings import Finding
from ui.auditing import kept_counts, kept_findings
from ui.pagemodels.filters import Filters
from ui.reading import Reading


def found(reading: Reading, *, now: datetime) -> tuple[Finding, ...]:
    """The findings of this version; read anew where somebody decided since, or a day has passed."""
    made = reading.store.decisions()
    key = ("findings", made[-1].number if made else 0, now.date())
    return reading.remember(key, lambda: kept_findings(reading.store, now=now))


def counts(reading: Reading) -> Mapping[str, Any] | None:
    """What the audit of this version counted; None where it was not audited."""
    return reading.remember(
        "audit counts", lambda: kept_counts(reading.store, version=reading.view.version)
    )


def kept(reading: Reading, filters: Filters, one: Finding) -> bool:
    """Whether the finding passes the filters: by its asset where that is still there, else by its account."""
    if not filters.active:
        return True
    if reading.view.find(one.row.asset) is not None:
        return filters.keeps(reading.view, one.row.asset)
    same = not filters.account or filters.account == one.held["account"]
    return same and (not filters.environment or filters.environment == one.held["environment"])
