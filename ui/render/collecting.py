"""A collection, told: what was asked, how it ended, and which permissions are missing."""

from __future__ import annotations

from collections import defaultdict

from graph.model import Coverage
from ui.collecting import Collection
from ui.completeness import plain_gap
from ui.render.sheet import Sheet
from ui.render.text import plural

COLUMNS = ("outcome", "account", "call", "times", "missing permission", "detail")


def plain_collection(collection: Collection) -> dict[str, object]:
    """The collection as plain types, for JSON."""
    done = collection.collected
    return {
        "snapshot": str(collection.folder),
        "accounts": list(collection.accounts),
        "regions": list(collection.regions),
        "complete": done.complete,
        "calls": {outcome.value: number for outcome, number in sorted(done.outcomes.items())},
        "made_now": done.made,
        "made_before": done.held,
        "not_answered": [plain_gap(row) for row in collection.unanswered],
    }


def collection_lines(collection: Collection) -> tuple[str, ...]:
    """The lines that sum up a collection."""
    done = collection.collected
    total = sum(done.outcomes.values())
    told = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(done.outcomes.items()))
    before = f" ({done.held:,} of them before an interruption)" if done.held else ""
    return (
        f"collected into `{collection.folder}`",
        f"read: {plural(len(collection.accounts), 'account')}, {plural(len(collection.regions), 'region')}",
        f"calls: {total:,}{before}: {told or 'none'}",
    )


def collection_sheet(collection: Collection) -> Sheet:
    """The collection as a table of what was not answered, equal refusals in one row."""
    groups: dict[tuple[str, str, str, str], list[Coverage]] = defaultdict(list)
    for row in collection.unanswered:
        missing = row.missing_permission or ""
        groups[row.outcome.value, row.key.scope, row.key.operation, missing].append(row)
    rows = tuple(
        (outcome, scope, operation, len(found), missing, found[0].detail)
        for (outcome, scope, operation, missing), found in sorted(groups.items())
    )
    return Sheet(COLUMNS, rows, collection_lines(collection))
