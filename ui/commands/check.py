"""`shadowgraph check`: every rule asked, and the findings that stand."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption, StoreOption
from ui.desk import Desk
from ui.exits import Exit, worst

if TYPE_CHECKING:
    from queries.findings import Finding
    from ui.auditing import Audited


class Least(StrEnum):
    """The severities that may be asked for."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


RuleOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--rule", metavar="ID", help="Only this rule, e.g. sh-001; once for each."),
]
SeverityOption: TypeAlias = Annotated[
    Least, typer.Option("--severity", case_sensitive=False, help="Findings at least this severe.")
]
AllOption: TypeAlias = Annotated[
    bool, typer.Option("--all", help="Accepted findings and those that are gone as well.")
]
ByRuleOption: TypeAlias = Annotated[
    bool, typer.Option("--by-rule", help="A line per rule with its counts instead of findings.")
]


def check(
    context: typer.Context,
    *,
    rule: RuleOption = None,
    severity: SeverityOption = Least.INFO,
    everything: AllOption = False,
    by_rule: ByRuleOption = False,
    store: StoreOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """The rules for AI estates, asked of the newest version: what fails, since when, and what could not be assessed.

    Ends with 1 where a finding stands that nobody has accepted, with 3 where a rule could not assess everything.
    """
    from queries.rule import Severity
    from ui.answer import Answer, give
    from ui.auditing import keep_audit
    from ui.completeness import completeness
    from ui.render.check import check_sheet, chosen_rules, rules_sheet
    from ui.render.progress import progress

    desk = Desk.of(context)
    chosen = chosen_rules(rule or [])
    with desk.store(store) as opened, progress(desk) as told:
        view = desk.view(opened, store)
        made = keep_audit(opened, view, desk.settings.context, now=desk.now(), told=told)
        known = completeness(opened)
    listed = _listed(made, chosen, Severity.named(severity), everything=everything)
    results = [one for one in made.audit.results if one.rule.id in chosen]
    sheet = rules_sheet(results) if by_rule else check_sheet(listed, results)
    result = {
        "rules": [one.plain() for one in results],
        "findings": [one.plain() for one in listed],
    }
    exit_ = give(desk, Answer(result, sheet, known), form)
    return worst(exit_, *_ends(made, chosen, listed))


def _listed(
    made: Audited, chosen: frozenset[str], least: int, *, everything: bool
) -> tuple[Finding, ...]:
    return tuple(
        one
        for one in made.findings
        if one.row.rule in chosen and one.severity >= least and (everything or one.active)
    )


def _ends(made: Audited, chosen: frozenset[str], listed: tuple[Finding, ...]) -> tuple[Exit, ...]:
    """How the command ends by what was found, beside how complete the data was."""
    results = [one for one in made.audit.results if one.rule.id in chosen]
    found = any(one.active for one in listed) or any(one.failed for one in results)
    complete = type(made.audit)(tuple(results)).complete
    return (
        Exit.FINDINGS if found else Exit.CLEAN,
        Exit.CLEAN if complete else Exit.INCOMPLETE,
    )


COMMAND = Command("check", check, Panel.REVIEW, 1)
