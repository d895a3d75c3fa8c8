"""Identities beyond their policies: what calls about credentials and use add, and what techniques then know."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from ingest_cases import CASES, answers_of, rows_of, seen

from access.aws.predicates import Predicates
from access.estate import Estate as Known
from access.technique import Predicate
from graph.merge import merge_nodes
from graph.model import Coverage, CoverageKey, Edge, Facts, Node, NodeId, Observation, Outcome
from ingest.aws.ai_images import PATTERNS, ai_image
from ingest.estate import Estate, closing
from ingest.link import linked
from ingest.source import Answer, by_operation, items_of, read_answer

ANN = NodeId("arn:aws:iam::111111111111:user/eng/ann")
PLACEBO = Path(__file__).parents[1] / "data" / "aws" / "c7n-placebo"


def _given(case: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CASES / case / "given.json").read_text(encoding="utf-8"))
    return found


def _facts(case: str) -> Facts:
    """The facts of a case as a store would give them, every answer of it read just now."""
    given = _given(case)
    held: dict[NodeId, list[Node]] = {}
    rows = rows_of(given)
    for row in rows:
        if isinstance(row, Node):
            held.setdefault(row.id, []).append(row)
    return Facts(
        nodes=tuple(map(merge_nodes, held.values())),
        edges=tuple(row for row in rows if isinstance(row, Edge)),
        coverage=tuple(
            Coverage(answer.key, Outcome.OK, last_ok=NOW) for answer in answers_of(given)
        ),
    )


def _holds(case: str, name: str, node: str = ANN) -> bool | None:
    known = Known(_facts(case), instant=NOW)
    return Predicates(known).holds(Predicate(name, ("$res",), negated=False), NodeId(node))


@pytest.mark.parametrize(
    ("case", "few_keys", "password"),
    [
        ("credentials/plain", False, True),
        ("credentials/minimal", True, False),
        ("credentials/wrong-types", None, None),
        ("credential-report/plain", None, True),
        ("credential-report/surer", None, False),
        ("credential-report/minimal", None, None),
    ],
)
def test_preconditions_about_users_read_what_their_credentials_say(
    case: str, *, few_keys: bool | None, password: bool | None
) -> None:
    assert _holds(case, "fewer_than_two_keys") is few_keys
    assert _holds(case, "has_console_password") is password


@pytest.mark.parametrize(
    ("case", "truth"), [("triggers/plain", True), ("triggers/switched-off", False)]
)
def test_a_function_has_a_trigger_where_a_mapping_is_on(case: str, *, truth: bool) -> None:
    function = "arn:aws:lambda:eu-west-1:111111111111:function:f"
    assert _holds(case, "has_trigger", function) is truth


def test_the_report_of_last_use_is_asked_by_its_job_and_kept_under_the_identity() -> None:
    call = by_operation("aws")["iam.get_service_last_accessed_details"].call
    feeder = "iam.generate_service_last_accessed_details"
    [item] = items_of(call, feeder, [{"JobId": "j-1"}], argument=ANN)
    assert (item.argument, dict(item.carried)) == (ANN, {"JobId": "j-1"})


def test_the_credential_report_is_fetched_only_once_it_is_there() -> None:
    call = by_operation("aws")["iam.get_credential_report"].call
    feeder = "iam.generate_credential_report"
    assert [i.argument for i in items_of(call, feeder, [{"State": "COMPLETE"}])] == ["latest"]
    assert items_of(call, feeder, [{"State": "STARTED"}]) == ()


def test_findings_of_the_older_form_are_read_from_the_listing() -> None:
    path = PLACEBO / "test_access_analyzer_finding" / "access-analyzer.ListFindings_1.json"
    page = json.loads(path.read_text(encoding="utf-8"))["data"]
    key = CoverageKey("aws", "644160558196", "us-east-1", "accessanalyzer.list_findings_v2/a")
    role = NodeId(page["findings"][0]["resource"])
    shaped = list(read_answer(Answer(key, "a", (page,))))
    told = linked(shaped, Estate(Facts(nodes=(_listed(role),)), shaped, frozenset()))
    found = [row for row in told if isinstance(row, Observation) and row.node == role]
    assert [(row.name, row.value) for row in found] == [
        (
            "finding:6d1a2533-bfac-4e07-82b2-7540f68cad26",
            ("ExternalAccess", "RESOLVED", "AWS::IAM::Role"),
        )
    ]


def _listed(role: NodeId) -> Node:
    key = CoverageKey("aws", "644160558196", "global", "iam.get_account_authorization_details")
    return Node(role, "Role", {"name": "r"}, asserted_by=frozenset({key}))


def test_a_role_keeps_its_permission_set_while_single_sign_on_is_refused() -> None:
    """The second run reads the account alone; what the first one read of the permission sets still names the role."""
    before = _facts("identity-center/plain")
    answers = answers_of(_given("identity-center/plain"))
    again = answers[0]
    known = [Coverage(answer.key, Outcome.OK) for answer in answers]
    closed = closing([Coverage(again.key, Outcome.OK)], known)
    shaped = list(read_answer(again))
    found = linked(shaped, Estate(before, shaped, closed))
    managed = [row for row in found if isinstance(row, Edge) and row.kind == "MANAGED_BY"]
    assert [row.target for row in managed] == ["arn:aws:sso:::permissionSet/ssoins-1/ps-1"]


def test_values_of_variables_are_in_no_row() -> None:
    for case in ("triggers/plain", "containers/plain"):
        text = json.dumps(seen(_given(case)))
        assert "not-kept" not in text
        assert "not-kept" in json.dumps(_given(case))


@pytest.mark.parametrize(
    ("image", "found"),
    [
        ("vllm/vllm-openai:v0.9", "vllm"),
        ("ghcr.io/huggingface/text-generation-inference:3", "text-generation-inference"),
        ("nvcr.io/nvidia/tritonserver:25.01-py3", "triton"),
        (
            "763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2",
            "aws-deep-learning-container",
        ),
        ("public.ecr.aws/nginx/nginx:1", None),
        ("Ollama/Ollama", "ollama"),
    ],
)
def test_an_image_is_known_by_its_name(image: str, found: str | None) -> None:
    assert ai_image(image) == found


def test_each_pattern_of_images_has_a_name_of_its_own() -> None:
    names = [name for name, _ in PATTERNS]
    assert len(set(names)) == len(names)
