"""What was granted and not used: never guessed, weighed in the open, and made smaller without denying a recorded call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from examples import share
from hypothesis import given
from hypothesis import strategies as st
from oracle.privilege import held
from rule_cases import Case

from graph.model import NodeId, Outcome
from queries.inventory import Inventory
from queries.privilege.excess import (
    WEIGHTS,
    Excess,
    Ledger,
    action_class,
    excess,
    peer_scores,
    table,
)
from queries.privilege.rightsize import right_sized
from queries.routes import is_technique
from queries.use import Answer

A, R = "111111111111", "eu-west-1"
AL = f"arn:aws:iam::{A}:user/al"
ENDPOINT = f"arn:aws:sagemaker:{R}:{A}:endpoint/churn"
LOOKUP = "cloudtrail.lookup_events"
OLD = "2026-01-10T00:00:00+00:00"
WHOLE = {"since": "2026-08-04T06:00:00+00:00", "until": "2026-11-02T05:00:00+00:00", "cut": "false"}
DETAILS = "iam.get_account_authorization_details"


def estate(
    statements: list[dict[str, Any]],
    used: dict[tuple[str, str], int] | None = None,
    *,
    coverage: dict[str, str] | None = None,
    window: dict[str, str] | None = None,
    user: dict[str, Any] | None = None,
) -> Inventory:
    """One user with these statements, one endpoint, a log that was read whole, and what the user did in it."""
    props = {
        "name": "al",
        "region": "global",
        "path": "/",
        "created": OLD,
        "tagged": False,
        **(user or {}),
    }
    nodes = [
        {
            "id": f"aws:account/{A}",
            "kind": "Account",
            "props": {"name": "prod", "region": "global"},
        },
        {"id": AL, "kind": "User", "props": props, "by": [DETAILS]},
        {
            "id": ENDPOINT,
            "kind": "Endpoint",
            "props": {"name": "churn", "created": OLD, "sensitivity": 3},
        },
    ]
    seen = [
        {"node": AL, "name": f"used|lookup|{action}|{asset}", "value": {"2026-10-20": str(count)}}
        for (action, asset), count in (used or {}).items()
    ]
    log = {"node": f"aws:account/{A}", "name": f"log_window|{LOOKUP}|{R}", "value": window or WHOLE}
    document = {"Version": "2012-10-17", "Statement": statements}
    given_: dict[str, Any] = {
        "nodes": nodes,
        "observations": [log, *seen],
        "documents": [{"holder": AL, "name": "work", "document": document}] if statements else [],
        "coverage": coverage or {DETAILS: "ok", LOOKUP: "ok"},
    }  # fmt: skip
    return Case("none", "none", {"given": given_, "want": []}).inventory()


def allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    return {"Sid": "Work", "Effect": "Allow", "Action": list(actions), "Resource": resource}


def of_al(inventory: Inventory) -> Excess:
    return excess(inventory, inventory.nodes[NodeId(AL)], Ledger(inventory), whole=True)


def test_the_index_is_the_weight_of_what_is_unused_over_all_that_is_granted() -> None:
    row = of_al(
        estate([allow("sagemaker:UpdateEndpoint", "sagemaker:InvokeEndpoint", resource=ENDPOINT)])
    )

    told = {pair.action: (pair.seen.answer, pair.weight) for pair in row.pairs}
    # one more than the sensitivity, 3, times the weight of the class
    assert told == {
        "sagemaker:UpdateEndpoint": (Answer.UNUSED, WEIGHTS["write"] * 4),
        "sagemaker:InvokeEndpoint": (Answer.NOT_OBSERVED, WEIGHTS["invoke"] * 4),
    }
    assert (row.index, row.bucket) == (round(100 * 12 / 20), "medium")
    assert (row.observability, row.unused_ratio) == (0.5, 1.0)


def test_the_weights_of_the_index_are_these() -> None:
    assert WEIGHTS == {
        "read": 1, "invoke": 2, "write": 3, "delete": 4, "permissions": 8, "escalation": 10
    }  # fmt: skip


def test_what_was_used_is_told_with_days_and_calls_and_weighs_nothing() -> None:
    action = "sagemaker:UpdateEndpoint"
    row = of_al(estate([allow(action, resource=ENDPOINT)], {(action, ENDPOINT): 7}))

    (pair,) = row.pairs
    assert (pair.seen.answer, pair.seen.days, pair.seen.calls, pair.seen.last) == (
        Answer.USED,
        1,
        7,
        "2026-10-20",
    )
    assert (row.index, row.used, row.unused) == (0, 1, 0)


@pytest.mark.parametrize(
    ("coverage", "window", "user"),
    [
        ({DETAILS: "ok", LOOKUP: "denied"}, None, None),
        ({DETAILS: "ok"}, None, None),
        (None, {**WHOLE, "since": "2026-10-25T00:00:00+00:00"}, None),
        (None, {**WHOLE, "until": "2026-10-25T00:00:00+00:00"}, None),
        (None, {"cut": "true"}, None),
        (None, None, {"created": "2026-10-01T00:00:00+00:00"}),
    ],
    ids=["denied", "never asked", "begins late", "ends early", "no window", "young identity"],
)
def test_what_no_log_would_show_is_not_observed(
    coverage: dict[str, str] | None, window: dict[str, str] | None, user: dict[str, Any] | None
) -> None:
    statements = [allow("sagemaker:UpdateEndpoint", "sagemaker:DeleteEndpoint", resource=ENDPOINT)]
    inventory = estate(statements, coverage=coverage, window=window, user=user)
    row = of_al(inventory)

    assert row.granted > 0
    assert (row.unused, row.index, row.hidden) == (0, 0, row.granted)
    assert right_sized(inventory, inventory.nodes[NodeId(AL)]).policies == ()


def test_the_access_advisor_shows_that_a_service_was_not_used_even_for_data_events() -> None:
    action = "sagemaker:InvokeEndpoint"
    advisor = "iam.get_service_last_accessed_details"
    inventory = estate(
        [allow(action, resource=ENDPOINT)], coverage={DETAILS: "ok", f"{advisor}/{AL}": "ok"}
    )
    told = Case(
        "none",
        "none",
        {"given": {"nodes": [], "observations": [{"node": AL, "name": "never_used", "value": ["sagemaker"]}]}, "want": []},
    ).inventory()  # fmt: skip
    rows = replace(inventory.rows, observations=(*inventory.rows.observations, *told.observations))
    shown = Inventory(inventory.view, rows, now=inventory.now, context=inventory.context)

    assert [pair.seen.answer for pair in of_al(inventory).pairs] == [Answer.NOT_OBSERVED]
    assert [pair.seen.answer for pair in of_al(shown).pairs] == [Answer.UNUSED]


OUTCOMES = st.sampled_from([None, *(outcome.value for outcome in Outcome)])
DAYS = st.integers(0, 120)


@share(0.1)
@given(OUTCOMES, OUTCOMES, DAYS, DAYS, st.booleans())
def test_nothing_is_unused_unless_the_log_was_read_for_the_whole_window(
    lookup: str | None, details: str | None, begins: int, ends: int, told: bool
) -> None:
    coverage = {name: one for name, one in ((LOOKUP, lookup), (DETAILS, details)) if one}
    window = {"since": _day(begins), "until": _day(ends)} if told else {"cut": "false"}
    row = of_al(
        estate(
            [allow("sagemaker:UpdateEndpoint", resource=ENDPOINT)], coverage=coverage, window=window
        )
    )

    whole = lookup == "ok" and told and begins >= 88 and ends <= 2
    assert (row.unused > 0) == (whole and row.granted > 0)


def _day(ago: int) -> str:
    from datetime import datetime, timedelta

    return (datetime.fromisoformat("2026-11-02T06:00:00+00:00") - timedelta(days=ago)).isoformat()


def test_identities_are_listed_by_index_and_peers_need_five() -> None:
    inventory = estate([allow("sagemaker:UpdateEndpoint", resource=ENDPOINT)])

    (row,) = table(inventory, (inventory.nodes[NodeId(AL)],))

    assert (row.index, row.peers) == (100, None)
    scores = peer_scores(_Many(inventory), {NodeId(f"u{n}"): n + 1 for n in range(5)})  # type: ignore[arg-type]  # only nodes and tags are asked
    assert scores[NodeId("u2")] == 0
    assert scores[NodeId("u4")] == pytest.approx(2 / 1.4826)


class _Many:
    """Five like the one, under other names."""

    def __init__(self, one: Inventory) -> None:
        self._one = one
        self.nodes = {NodeId(f"u{n}"): one.nodes[NodeId(AL)] for n in range(5)}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._one, name)


def test_an_action_is_weighed_as_what_it_does() -> None:
    from graph.model import Capability

    assert action_class("sagemaker:DeleteEndpoint", Capability.WRITE) == "delete"
    assert action_class("sagemaker-002", Capability.CONTROL) == "escalation"
    assert action_class("s3:PutBucketPolicy", Capability.ADMIN) == "permissions"


PATTERNS = ("sagemaker:*", "sagemaker:Update*", "sagemaker:UpdateEndpoint", "sagemaker:InvokeEndpoint", "kms:*", "iam:*")  # fmt: skip


@share(0.05)
@given(st.lists(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3), max_size=3))
def test_what_an_identity_holds_is_what_walking_the_edges_finds(patterns: list[list[str]]) -> None:
    inventory = estate([allow(*one) for one in patterns])
    ledger = Ledger(inventory)
    slow = held(inventory.rows.nodes, inventory.edges)

    for identity, pairs in slow.items():
        row = excess(inventory, inventory.nodes[identity], ledger, whole=True)
        assert {(pair.action, pair.asset) for pair in row.pairs} == pairs
        assert row.granted == len(pairs)
    assert not any(is_technique(action) for action in ("sagemaker:UpdateEndpoint",))
