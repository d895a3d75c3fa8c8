"""Whatever was not read: no rule finds more for it, and nothing that was found or unknown turns into a pass."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from examples import share
from hypothesis import given
from hypothesis import strategies as st
from rule_cases import Case, cases

from graph.model import Outcome
from queries.inventory import Inventory
from queries.rule import Reason, Verdict, rules

CASES = tuple(cases())
BY_ID = {rule.id: rule for rule in rules()}
BAD = st.sampled_from([outcome for outcome in Outcome if outcome is not Outcome.OK])


@cache
def inventory_of(at: int) -> Inventory:
    return CASES[at].inventory()


def verdicts(case: Case, inventory: Inventory) -> dict[tuple[str, tuple[str, ...]], Verdict]:
    found = BY_ID[case.rule].ask(inventory)
    return {(row.asset, row.identity): row.verdict for row in found}


@share(0.5)
@given(st.integers(0, len(CASES) - 1), st.data())
def test_a_call_that_fails_makes_no_finding_and_clears_none(at: int, data: st.DataObject) -> None:
    case, whole = CASES[at], inventory_of(at)
    rows = list(whole.rows.coverage)
    chosen = data.draw(st.sets(st.integers(0, len(rows) - 1))) if rows else set()
    for place in chosen:
        rows[place] = replace(rows[place], outcome=data.draw(BAD))
    if data.draw(st.booleans()):
        rows = [row for place, row in enumerate(rows) if place not in chosen]
    blind = Inventory(
        whole.view, replace(whole.rows, coverage=tuple(rows)), now=whole.now, context=whole.context
    )

    before, after = verdicts(case, whole), verdicts(case, blind)

    failing = {key for key, verdict in after.items() if verdict is Verdict.FAIL}
    assert failing <= {key for key, verdict in before.items() if verdict is Verdict.FAIL}
    for key, verdict in after.items():
        if verdict is Verdict.PASS:
            assert before.get(key, Verdict.PASS) in {Verdict.PASS, Verdict.NOT_APPLICABLE}
    assert {asset for asset, _ in after} == {asset for asset, _ in before}


@share(0.2)
@given(st.data())
def test_nothing_is_idle_whose_use_was_not_read(data: st.DataObject) -> None:
    """Without an answered metric, or log, there is no idle endpoint and no idle running notebook."""
    at = data.draw(
        st.sampled_from([n for n, one in enumerate(CASES) if one.rule in {"sh-002", "sh-003"}])
    )
    whole = inventory_of(at)
    reading = {"cloudwatch.get_metric_statistics", "cloudtrail.lookup_events"}
    rows = tuple(
        replace(row, outcome=data.draw(BAD)) if row.key.operation in reading else row
        for row in whole.rows.coverage
    )
    blind = Inventory(
        whole.view, replace(whole.rows, coverage=rows), now=whole.now, context=whole.context
    )

    rule = BY_ID[CASES[at].rule]
    assert rule.reason is Reason.IDLE
    found = [row for row in rule.ask(blind) if row.verdict is Verdict.FAIL]

    assert all("stopped" in row.why for row in found)
