"""What the sample's plan put into the shadow is found, with its reasons, and nothing else is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sample_estate import ANSWERS, NOW, SAMPLE

from access.resolve import resolve
from graph.model import NodeId, Outcome
from graph.projection import view_of
from graph.stores import open_store
from ingest.load import load_snapshot
from queries.audit import Audit, audit
from queries.context import Context
from queries.inventory import Inventory
from queries.rule import Reason, Verdict, rules
from ui.auditing import inventory_of

PLANNED = ("unmanaged", "idle", "lineage-less")
TRUTHS: list[dict[str, Any]] = ANSWERS["shadow"]
SHADOW_RULES = tuple(rule for rule in rules() if rule.reason is not None)


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inventory]:
    place = tmp_path_factory.mktemp("shadow") / "estate.db"
    with open_store(str(place), create=True) as store:
        load_snapshot(SAMPLE / "snapshot", store, resolve=resolve, now=NOW)
        yield inventory_of(store, view_of(store, cache=None), Context())


def _verdicts(audited: Audit) -> dict[NodeId, dict[str, set[str]]]:
    """Per asset and verdict the reasons that some rule gives it."""
    found: dict[NodeId, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for result in audited.results:
        assert not result.failed, result.failed
        for row in result.assessed:
            assert result.rule.reason is not None
            found[row.asset][row.verdict.value].add(result.rule.reason.value)
    return found


def test_the_plan_is_found_exactly(inventory: Inventory) -> None:
    verdicts = _verdicts(audit(inventory, SHADOW_RULES))

    told = {
        row["asset"]: sorted(verdicts[row["asset"]][Verdict.FAIL] & set(PLANNED)) for row in TRUTHS
    }

    assert told == {row["asset"]: sorted(row["reasons"]) for row in TRUTHS}
    assert sum(1 for row in TRUTHS if row["reasons"]) >= 30
    assert sum(1 for row in TRUTHS if not row["reasons"] and not row["unknown"]) >= 30


def test_what_the_plan_hides_is_not_assessed_and_no_finding(inventory: Inventory) -> None:
    verdicts = _verdicts(audit(inventory, SHADOW_RULES))

    hidden = [row for row in TRUTHS if row["unknown"]]

    assert hidden
    for row in hidden:
        assert set(row["unknown"]) <= verdicts[row["asset"]][Verdict.NOT_ASSESSED]
        assert not set(row["unknown"]) & verdicts[row["asset"]][Verdict.FAIL]


CALLS = {
    "cloudwatch.get_metric_statistics": (Reason.IDLE, "sh-002"),
    "cloudtrail.lookup_events": (Reason.IDLE, "sh-003"),
    "cloudformation.describe_stacks": (Reason.UNMANAGED, "sh-001"),
    "cloudformation.list_stack_resources": (Reason.UNMANAGED, "sh-001"),
    "ec2.describe_volumes": (Reason.IDLE, "sh-004"),
    "efs.describe_file_systems": (Reason.IDLE, "sh-004"),
    "sagemaker.describe_model": (Reason.LINEAGE_LESS, "x-013"),
}


@pytest.mark.parametrize("call", sorted(CALLS))
def test_a_reason_whose_call_fails_is_not_assessed_for_what_it_concerned_and_nothing_else(
    inventory: Inventory, call: str
) -> None:
    _, name = CALLS[call]
    rule = next(one for one in rules() if one.id == name)
    before = {(row.asset, row.identity): row.verdict for row in rule.ask(inventory)}
    failing = [key for key in inventory.coverage if key.operation == call]
    held = dict(inventory.coverage)
    for key in failing:
        held[key] = replace(held[key], outcome=Outcome.DENIED)
    rows = replace(inventory.rows, coverage=tuple(held.values()))
    blind = Inventory(inventory.view, rows, now=inventory.now, context=inventory.context)

    after = {(row.asset, row.identity): row.verdict for row in rule.ask(blind)}

    found = [key for key, verdict in before.items() if verdict is Verdict.FAIL]
    assert found
    # what was found by the call's answers is no longer said, or is still shown by what was kept; nothing turns clean
    assert all(after.get(key) is not Verdict.PASS for key in found)
    assert not any(
        verdict is Verdict.FAIL and before.get(key) is not Verdict.FAIL
        for key, verdict in after.items()
    )
    assert any(verdict is Verdict.NOT_ASSESSED for verdict in after.values())
