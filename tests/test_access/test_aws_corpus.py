"""The corpus of decisions about AI actions: every row is decided as the AWS documentation that it names says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from aws_asking import NOW
from decision_rows import MEASURED, answer, our_rows, rows_of
from oracle.aws_policy import Question, evaluate

from access.aws.catalogue import wildcard_only
from ingest.files.decisions import request_of

ROWS = our_rows()


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_row_is_decided_as_the_documentation_says(row: dict[str, Any]) -> None:
    explained, short = answer(row)
    assert (explained.effect, short) == (row["expected"], row["expected"])
    named = {condition.key.lower() for condition in explained.conditions}
    assert named == {key.lower() for key in row["condition_keys"]}
    if row["blocked_by"]:
        assert set(row["blocked_by"]) <= {layer.value for layer in explained.blocked_by}


def test_rows_have_the_fields_of_the_measured_corpus() -> None:
    fields = set(rows_of(MEASURED)[0]) - {"published"} | {"context_is_partial", "condition_keys"}
    assert [row["id"] for row in ROWS if set(row) != fields] == []


def test_rows_are_told_apart_by_their_ids_and_say_where_they_come_from() -> None:
    assert [name for name, count in Counter(row["id"] for row in ROWS).items() if count > 1] == []
    assert [row["id"] for row in ROWS if not row["source"].startswith("https://docs.aws.")] == []
    assert [row["id"] for row in ROWS if not row["note"]] == []


def test_a_conditional_row_names_its_keys_and_no_other_row_does() -> None:
    wrong = [
        row["id"]
        for row in ROWS
        if (row["expected"] == "conditional") is not bool(row["condition_keys"])
    ]
    assert wrong == []


def test_rows_agree_with_the_packaged_list_of_actions_without_resource() -> None:
    ours = ("sagemaker:", "bedrock:", "bedrock-agentcore:")
    wrong = [
        row["id"]
        for row in ROWS
        if row["action"].lower().startswith(ours)
        and row["wildcard_only_action"] is not wildcard_only(row["action"])
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "field",
    ["identity", "resource_policy", "boundaries", "session", "scps", "rcps", "endpoint"],
)
def test_every_kind_of_policy_has_rows_of_several_outcomes(field: str) -> None:
    outcomes = {row["expected"] for row in ROWS if row[field]}
    assert {"allow", "implicit_deny", "explicit_deny", "conditional"} - outcomes <= (
        {"conditional"} if field == "session" else {"implicit_deny"} if field == "rcps" else set()
    )


def test_most_rows_are_about_ai_services() -> None:
    services = Counter(row["action"].split(":")[0].lower() for row in ROWS)
    assert services["sagemaker"] > 100
    assert services["bedrock"] > 40
    assert services["bedrock-agentcore"] > 20


def asked_of_the_twin(row: dict[str, Any]) -> Question:
    """The row for the slow twin; a role is asked with the name of its session."""
    principal = request_of(row, instant=NOW).principal
    kind = {"session": "role"}.get(principal.kind.value, principal.kind.value)
    name = principal.arn.rpartition("/")[2]
    arn = principal.arn
    if kind == "role":
        role = arn.partition(":assumed-role/")[2].partition("/")[0]
        arn = principal.role_arn or f"arn:aws:iam::{principal.account}:role/{role}"
    context = {key.lower(): value for key, value in row["context"].items()}
    return Question(
        kind=kind,
        arn=arn,
        account=principal.account or "",
        action=row["action"],
        resource=row["resource"],
        resource_account=row["resource_account"],
        context={k: v if isinstance(v, list) else [v] for k, v in context.items()},
        session_name=name,
        identity=row["identity"],
        boundary=row["boundaries"],
        session=None if row["session"] is None else [row["session"]],
        scps=row["scps"],
        rcps=row["rcps"],
        endpoint=row["endpoint"],
        resource_policy=row["resource_policy"],
    )


TWO_VALUED = [row for row in ROWS if row["form"] == "concrete" and not row["context_is_partial"]]


def test_the_slow_twin_decides_the_rows_alike() -> None:
    assert len(TWO_VALUED) > len(ROWS) * 8 // 10
    differ = {
        row["id"]: got
        for row in TWO_VALUED
        if (got := evaluate(asked_of_the_twin(row))) != row["expected"]
    }
    assert differ == {}
