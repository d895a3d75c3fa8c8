"""Every rule says of its cases what they want, and is declared whole."""

from __future__ import annotations

import pytest
from rule_cases import FOLDER, Case, cases, said

from graph.schema import schema
from ingest.source import by_operation
from queries.rule import FAMILIES, Rule, Verdict, rules

CASES = tuple(cases())
BY_ID = {rule.id: rule for rule in rules()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.name}")
def test_a_rule_says_of_a_case_what_it_wants(case: Case) -> None:
    assert said(BY_ID[case.rule], case) == case.want


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_every_rule_has_a_passing_a_failing_and_an_unknown_case(rule: Rule) -> None:
    told = {one["verdict"] for case in CASES if case.rule == rule.id for one in case.want}
    assert {Verdict.PASS, Verdict.FAIL, Verdict.NOT_ASSESSED} <= told


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_names_calls_kinds_and_a_family_that_exist(rule: Rule) -> None:
    known = set(by_operation("aws")) | {"files.inventory", "files.terraform_state"}
    assert set(rule.needs) <= known
    assert set(rule.on) <= set(schema().nodes)
    assert rule.family in FAMILIES
    assert rule.id == rule.ref.lower() or rule.id[:-1] == rule.ref.lower()


def test_no_case_is_about_a_rule_that_is_not_there() -> None:
    assert {path.name for path in FOLDER.iterdir()} <= set(BY_ID)
