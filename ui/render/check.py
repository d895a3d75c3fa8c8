"""Rules and their findings, as rows and sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from graph.errors import ConfigError, with_advice
from graph.model import Status
from queries.audit import Result
from queries.findings import Finding
from queries.rule import Severity, Verdict, rules
from ui.render.sheet import Sheet, Value
from ui.render.text import plural

COLUMNS = (
    "severity", "rule", "asset", "kind", "account", "why", "status", "first seen", "owner", "action", "id",
)  # fmt: skip


def chosen_rules(named: Iterable[str]) -> frozenset[str]:
    """The ids of these rules, or of all where none is named; one that is none is refused."""
    known = frozenset(rule.id for rule in rules())
    wanted = frozenset(name.lower() for name in named)
    for name in sorted(wanted - known):
        raise with_advice(
            ConfigError(f"no rule `{name}`"), "`shadowgraph check --by-rule` lists all"
        )
    return wanted or known


def check_sheet(found: Sequence[Finding], results: Sequence[Result]) -> Sheet:
    """A row per finding, the weightiest first; above it how many there are and what was not assessed."""
    counts = Counter(one.severity for one in found)
    words = ", ".join(f"{counts[level]:,} {level.label}" for level in sorted(Severity, reverse=True) if counts[level])  # fmt: skip
    head = [
        f"{plural(len(found), 'finding')} of {plural(len(results), 'rule')}{f': {words}' if words else ''}"
    ]
    head += list(unassessed(results))
    return Sheet(COLUMNS, tuple(map(row_of, found)), tuple(head))


def row_of(one: Finding) -> tuple[Value, ...]:
    """The row of a finding, as tables and spreadsheets show it."""
    held = one.held
    return (
        one.severity.label,
        one.row.rule,
        str(held["name"]),
        str(held["kind"]),
        str(held["account"]),
        str(held["why"]),
        status_words(one),
        day(one.first_seen),
        str(held["owner"]),
        str(held["action"]),
        one.row.id,
    )


def status_words(one: Finding) -> str:
    """Where the finding stands, with the day on which an acceptance ends, or has ended."""
    if one.row.status is Status.GONE:
        return f"gone since {day(one.closed)}" if one.closed else "gone"
    if one.accepted is not None and one.accepted.expires is not None:
        return f"accepted until {day(one.accepted.expires)}"
    if one.ran_out is not None and one.ran_out.expires is not None:
        return f"{one.row.status.value}, acceptance ran out on {day(one.ran_out.expires)}"
    return one.row.status.value


def unassessed(results: Iterable[Result]) -> Iterable[str]:
    """What the rules could not say, a line each for what was missing and for what broke."""
    blind = [one for one in results if one.count(Verdict.NOT_ASSESSED)]
    if blind:
        whole = sum(one.count(Verdict.NOT_ASSESSED) for one in blind)
        yield f"not assessed: {plural(whole, 'answer')} of {plural(len(blind), 'rule')}, for lack of what they read"
        missing = Counter(gap.call for one in blind for row in one.assessed if row.verdict is Verdict.NOT_ASSESSED for gap in row.unread)  # fmt: skip
        for call, count in missing.most_common(5):
            yield f"  missing: {call} ({plural(count, 'time')})"
    for one in results:
        if one.failed:
            yield f"rule not evaluated: {one.rule.id}: {one.failed}"


def rules_sheet(results: Sequence[Result]) -> Sheet:
    """A row per rule with its counts."""
    columns = (
        "rule",
        "severity",
        "family",
        "title",
        *(verdict.value for verdict in Verdict),
        "note",
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            one.rule.id,
            one.rule.severity.label,
            one.rule.family,
            one.rule.title,
            *(one.count(verdict) for verdict in Verdict),
            f"not evaluated: {one.failed}" if one.failed else "",
        )
        for one in results
    )
    return Sheet(columns, rows, tuple(unassessed(results)))


def day(when: datetime | None) -> str:
    """The day of an instant; empty for none."""
    return "" if when is None else f"{when:%Y-%m-%d}"
