"""Writes `docs/rules.md`: every rule with what it looks at, what it reads, its cases, and what it is evidence for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from queries.frameworks import EVIDENCE, FRAMEWORKS, evidence_for
from queries.rule import FAMILIES, Rule, rules
from scripts.generated import ROOT, write_or_check

PAGE = ROOT / "docs" / "rules.md"
CASES = ROOT / "tests" / "cases" / "rules"


def written() -> dict[Path, str]:
    """Every file with what it should hold."""
    return {PAGE: "\n".join(_lines()) + "\n"}


def _lines() -> Iterator[str]:
    yield "# Rules"
    yield ""
    yield "Written from the declared rules and their cases by `make docs`. A rule answers `fail`, `pass`, `not applicable`, or"
    yield "`not assessed` where something that it needs was not read: unread is never a pass, and never a finding."
    yield "`shadowgraph check` asks all of them."
    yield ""
    yield "| rule | severity | family | what it finds | cases: fail, pass, not assessed |"
    yield "|---|---|---|---|---|"
    for rule in rules():
        counts = _cases(rule)
        told = ", ".join(str(counts[name]) for name in ("fail", "pass", "not assessed"))
        yield f"| [{rule.id}](#{rule.id}) | {rule.severity.label} | {rule.family} | {rule.title} | {told} |"
    for rule in rules():
        yield ""
        yield from _rule(rule)
    yield ""
    yield "## Families"
    yield ""
    yield "A rule inherits what its family is evidence for. Evidence is not a statement that a control is met."
    yield ""
    yield f"| family | about | {' | '.join(FRAMEWORKS.values())} |"
    yield f"|---|---|{'---|' * len(FRAMEWORKS)}"
    for family, about in FAMILIES.items():
        held = (", ".join(getattr(EVIDENCE[family], name)) for name in FRAMEWORKS)
        yield f"| {family} | {about} | {' | '.join(held)} |"


def _rule(rule: Rule) -> Iterator[str]:
    yield f"## {rule.id}"
    yield ""
    yield f"**{rule.title}** ({rule.severity.label}; {rule.family}, {FAMILIES[rule.family]}; {rule.kind.value} rule"
    yield f"{f', shows that an asset is {rule.reason.value}' if rule.reason else ''})"
    yield ""
    yield f"- fails when: {rule.signals}"
    yield f"- about: {', '.join(rule.on)}"
    yield f"- reads: {', '.join(f'`{name}`' for name in rule.needs)}"
    if rule.controls:
        yield f"- against false alarms: {'; '.join(rule.controls)}"
    yield f"- one finding per: {', '.join(('asset', *rule.identity))}"
    yield f"- what to do: {rule.fix}"
    told = "; ".join(f"{name} {', '.join(ids)}" for name, ids in evidence_for(rule.family).items())
    yield f"- evidence for: {told}"


def _cases(rule: Rule) -> Mapping[str, int]:
    """How many cases want each verdict."""
    found = {"fail": 0, "pass": 0, "not assessed": 0, "not applicable": 0}
    for path in sorted((CASES / rule.id).glob("*.json")):
        for verdict in {row["verdict"] for row in json.loads(path.read_text("utf-8"))["want"]}:
            found[verdict] += 1
    return found


if __name__ == "__main__":
    write_or_check(written(), "Write the page of rules.")
