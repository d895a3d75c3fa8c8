"""`verify decisions --against aws`: our decisions beside AWS's own simulator, asked over the wire."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running import Ended, Run
from wire.answers import Wired, answered
from wire.asking import signed
from wire.canned import HOME, REGION, Canned, Normal, error
from wire.requests import Asked
from wire.server import Wire, running
from wire.simulation import SIMULATE, Simulation, result

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

ANA = f"arn:aws:iam::{HOME}:user/ana"
BOB = f"arn:aws:iam::{HOME}:user/bob"
ROLE = f"arn:aws:iam::{HOME}:role/work/trainer"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/trainer/s1"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}  # fmt: skip
ROW: dict[str, Any] = {
    "id": "ana",
    "form": "concrete",
    "principal": ANA,
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::claims/a",
    "resource_account": HOME,
    "context": {},
    "identity": [ALLOW],
    "expected": "allow",
    "scored": True,
}
IN_VPC = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
        }
    ],
}
OPEN = {"context_is_partial": True, "identity": [IN_VPC], "expected": "conditional"}
DENIED = (
    f"User: arn:aws:iam::{HOME}:user/collector is not authorized to perform: "
    f"iam:SimulatePrincipalPolicy on resource: {ANA}"
)


@pytest.fixture
def estate() -> Canned:
    return Canned()


@pytest.fixture
def wire(estate: Canned, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """The account on the wire, and settings that lead to it."""
    for name in [name for name in os.environ if name.startswith("SHADOWGRAPH_AWS_")]:
        monkeypatch.delenv(name)
    with signed(), running(estate) as served:
        monkeypatch.setenv("SHADOWGRAPH_AWS_ENDPOINT_URL", served.url)
        monkeypatch.setenv("SHADOWGRAPH_AWS_REGIONS", REGION)
        monkeypatch.setenv("SHADOWGRAPH_AWS_TRIES", "1")
        yield served
    assert all(request.reads for request in served.log)


class Beside:
    """Runs `verify --against aws` on rows, against an account that answers so."""

    def __init__(self, run: Run, estate: Canned, folder: Path) -> None:
        self.run, self.estate, self.folder = run, estate, folder
        self.turns: list[dict[str, Any]] = []

    def written(self, *rows: dict[str, Any]) -> Path:
        path = self.folder / "rows.jsonl"
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        return path

    def __call__(
        self, answers: dict[str, Any], *rows: dict[str, Any], form: str = "json"
    ) -> tuple[Ended, dict[str, Any]]:
        simulation = Simulation(answers)
        self.estate.script(SIMULATE, simulation)
        self.turns = simulation.turns
        return self.asked(*rows, form=form)

    def asked(self, *rows: dict[str, Any], form: str = "json") -> tuple[Ended, dict[str, Any]]:
        """Ask whatever is scripted already."""
        ended = self.run(
            "verify", "decisions", self.written(*rows), "--against", "aws", "--format", form
        )
        return ended, json.loads(ended.out)["against_aws"] if form == "json" and ended.out else {}


@pytest.fixture
def beside(run: Run, estate: Canned, wire: Wire, tmp_path: Path) -> Beside:  # noqa: ARG001  # it leads there
    return Beside(run, estate, tmp_path)


def test_a_decision_that_aws_shares_agrees_and_ends_with_zero(beside: Beside) -> None:
    ended, told = beside({ANA: "allowed"}, ROW)

    assert ended.code == 0, ended
    assert told == {
        "asked": 1,
        "agree": 1,
        "differ": [],
        "undecided": [],
        "not_answered": {},
        "not_asked": {},
        "asked_as_roles": 0,
        "missing_permission": None,
    }


def test_a_decision_that_aws_does_not_share_is_told_with_both_reasons_and_ends_with_one(
    beside: Beside,
) -> None:
    said = {"decision": "explicitDeny", "by": ["no-claims"], "boundary": False, "organization": False}  # fmt: skip
    ended, told = beside({ANA: said}, ROW)

    whole = json.loads(ended.out)
    assert (ended.code, whole["right"], whole["wrong"]) == (1, 1, [])
    assert (told["asked"], told["agree"]) == (1, 0)
    (row,) = told["differ"]
    assert (row["id"], row["ours"], row["theirs"]) == ("ana", "allow", "explicit_deny")
    assert row["why"].startswith(
        "AWS by no-claims; the boundary does not allow it at AWS; "
        "a policy of the organisation does not allow it at AWS; ours: Allow identity policy 1"
    )


def test_missing_context_is_conditional_and_agrees_where_ours_depends_on_the_same_keys(
    beside: Beside,
) -> None:
    said = {"decision": "implicitDeny", "missing": ["aws:sourceVpc"]}
    ended, told = beside({ANA: said}, {**ROW, **OPEN})

    assert (ended.code, told["agree"], told["differ"]) == (0, 1, [])
    assert "aws:SourceVpc" not in beside.turns[0]["context"]


def test_missing_context_differs_from_a_decision_that_depends_on_another_key(
    beside: Beside,
) -> None:
    said = {"decision": "implicitDeny", "missing": ["aws:SourceIp"]}
    ended, told = beside({ANA: said}, {**ROW, **OPEN})

    (row,) = told["differ"]
    assert (ended.code, row["ours"], row["theirs"]) == (1, "conditional", "conditional")
    assert row["why"].startswith("AWS does not ask for aws:sourcevpc; ours: depends on")


def test_a_definite_decision_beside_missing_context_is_undecided_and_confirms_nothing(
    beside: Beside,
) -> None:
    said = {"decision": "allowed", "missing": ["aws:SourceIp"]}
    ended, told = beside({ANA: said}, {**ROW, "context_is_partial": True})

    (row,) = told["undecided"]
    assert (ended.code, told["asked"], told["agree"]) == (3, 1, 0)
    assert (row["ours"], row["theirs"]) == ("allow", "conditional")
    assert row["why"].startswith("AWS asks for aws:SourceIp, and does not say whether")


def test_a_key_that_the_row_says_is_absent_is_no_open_question(beside: Beside) -> None:
    said = {"decision": "implicitDeny", "missing": ["aws:SourceVpc"]}
    row = {**ROW, "identity": [IN_VPC], "expected": "implicit_deny"}
    ended, told = beside({ANA: said}, row)

    assert (ended.code, told["agree"]) == (0, 1)


def test_an_answer_in_pages_is_read_to_its_end(beside: Beside, estate: Canned, wire: Wire) -> None:
    def paged(asked: Asked, _told: Normal) -> Wired:
        if asked.params.get("Marker") == "second":
            page = {"EvaluationResults": [result(asked, "allowed")], "IsTruncated": False}
        else:
            page = {"EvaluationResults": [], "IsTruncated": True, "Marker": "second"}
        return answered(asked, page)

    estate.script(SIMULATE, paged)
    ended, told = beside.asked(ROW)

    assert (ended.code, told["agree"], len(wire.asked(SIMULATE))) == (0, 1, 2)


def test_a_denied_simulation_names_the_permission_once_and_stops(
    beside: Beside, estate: Canned, wire: Wire
) -> None:
    estate.script(SIMULATE, error(403, "AccessDenied", DENIED))
    rows = [ROW, {**ROW, "id": "bob", "principal": BOB}, {**ROW, "id": "s", "principal": ROLE}]
    ended, told = beside.asked(*rows, form="table")

    assert (ended.code, len(wire.asked(SIMULATE))) == (3, 1)
    assert ended.out.splitlines() == [
        "3 of 3 right",
        "  allow: 3 of 3",
        "against AWS, by the policies that the account has now: 1 row asked",
        "  agree: 0, differ: 0, undecided: 0, not answered: 1",
        "  not answered, denied: iam:SimulatePrincipalPolicy is missing: 1 row",
        "  not asked, AWS was not asked any more: 2 rows",
    ]
    ended, told = beside.asked(*rows)
    assert (ended.code, told["missing_permission"]) == (3, "iam:SimulatePrincipalPolicy")
    assert told["not_answered"] == {"denied: iam:SimulatePrincipalPolicy is missing": 1}


def test_a_wrong_row_beats_a_denied_simulation(beside: Beside, estate: Canned) -> None:
    estate.script(SIMULATE, error(403, "AccessDenied", DENIED))
    ended, _ = beside.asked({**ROW, "expected": "explicit_deny"})

    assert ended.code == 1


def test_a_principal_that_the_account_does_not_have_is_not_asked_about(beside: Beside) -> None:
    ended, told = beside({ANA: "allowed"}, ROW, {**ROW, "id": "bob", "principal": BOB})

    assert (ended.code, told["asked"], told["agree"]) == (0, 1, 1)
    assert told["not_asked"] == {"its caller is not in the account": 1}


def test_a_session_is_asked_as_its_role_and_told_so(beside: Beside) -> None:
    row = {**ROW, "principal": SESSION, "context": {"aws:PrincipalArn": ROLE}}
    ended, told = beside({ROLE: "allowed"}, row)

    assert (ended.code, told["agree"], told["asked_as_roles"]) == (0, 1, 1)
    assert beside.turns[0]["context"]["aws:PrincipalArn"] == ("string", [ROLE])
    ended, _ = beside({ROLE: "allowed"}, row, form="table")
    assert "  1 session asked as the role: AWS simulates no session" in ended.out.splitlines()


def test_nothing_that_could_be_compared_is_no_clean_answer(beside: Beside, wire: Wire) -> None:
    rows = [
        {**ROW, "principal": "sagemaker.amazonaws.com", "expected": "implicit_deny"},
        {**ROW, "principal": "sagemaker.amazonaws.com", "expected": "implicit_deny"},
        {**ROW, "principal": f"arn:aws:iam::{HOME}:root"},
        {**ROW, "scored": False},
        {**ROW, "principal": ANA.replace(HOME, "2" * 12), "resource_account": "2" * 12},
    ]
    ended, told = beside({ANA: "allowed"}, *rows)

    assert (ended.code, told["asked"], wire.asked(SIMULATE)) == (3, 0, [])
    assert told["not_asked"] == {
        "it is not scored": 1,
        "its caller is a root user": 1,
        "its caller is a service": 2,
        "its caller is of another account than our credentials": 1,
    }


def test_throttling_is_tried_again_by_the_client(
    beside: Beside, estate: Canned, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWGRAPH_AWS_TRIES", "3")
    slow = error(400, "Throttling", "Rate exceeded")
    estate.script(SIMULATE, slow, Simulation({ANA: "allowed"}))
    ended, told = beside.asked(ROW)

    assert (ended.code, told["agree"], len(wire.asked(SIMULATE))) == (0, 1, 2)


def test_throttling_to_the_end_is_not_answered_and_the_next_row_is_asked(
    beside: Beside, estate: Canned
) -> None:
    slow = error(400, "Throttling", "Rate exceeded")
    estate.script(SIMULATE, slow, Simulation({BOB: "allowed"}))
    ended, told = beside.asked(ROW, {**ROW, "id": "bob", "principal": BOB})

    assert (ended.code, told["asked"], told["agree"]) == (3, 2, 1)
    assert told["not_answered"] == {"throttled: Throttling: Rate exceeded": 1}


def test_an_account_that_goes_on_failing_is_left_alone(
    beside: Beside, estate: Canned, wire: Wire
) -> None:
    estate.script(SIMULATE, error(500, "ServiceFailure", "oops"))
    ended, told = beside.asked(*({**ROW, "action": f"s3:Get{n}"} for n in ("A", "B", "C", "D")))

    assert (ended.code, len(wire.asked(SIMULATE))) == (3, 3)
    assert told["not_answered"] == {"failed: ServiceFailure: oops": 3}
    assert told["not_asked"] == {"AWS was not asked any more": 1}


def test_a_question_that_aws_refuses_does_not_end_the_others(
    beside: Beside, estate: Canned
) -> None:
    odd = error(400, "InvalidInput", "Invalid Entity Arn")
    estate.script(SIMULATE, odd, odd, odd, Simulation({ANA: "allowed"}))
    ended, told = beside.asked(*({**ROW, "action": f"s3:Get{n}"} for n in ("A", "B", "C", "D")))

    assert (ended.code, told["agree"]) == (3, 1)
    assert told["not_answered"] == {"failed: InvalidInput: Invalid Entity Arn": 3}


def test_equal_questions_are_asked_once(beside: Beside, wire: Wire) -> None:
    ended, told = beside({ANA: "allowed"}, ROW, {**ROW, "id": "again"})

    assert (ended.code, told["agree"], len(wire.asked(SIMULATE))) == (0, 2, 1)


def test_no_credentials_are_told_and_end_with_two(
    beside: Beside, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    ended, _ = beside.asked(ROW)

    assert (ended.code, ended.out, wire.log) == (2, "", [])
    assert ended.err.splitlines() == [
        "shadowgraph: AWS does not say who we are: NoCredentialsError: Unable to locate credentials",
        "give credentials as for the AWS command line (profile, environment, instance role)",
    ]


def test_an_unreadable_file_is_told_before_anything_is_asked(beside: Beside, wire: Wire) -> None:
    ended, _ = beside({ANA: "allowed"}, ROW, {"id": "x", "expected": "allow"})

    assert (ended.code, wire.log) == (2, [])


def test_escalations_cannot_be_compared_with_aws(run: Run, wire: Wire, tmp_path: Path) -> None:
    ended = run("verify", "escalations", tmp_path / "none", "--against", "aws")

    assert (ended.code, wire.log) == (2, [])
    assert ended.err.startswith("shadowgraph: AWS simulates decisions, not escalations\n")


def test_another_cloud_is_wrong_use(run: Run, tmp_path: Path) -> None:
    assert run("verify", "decisions", tmp_path / "none", "--against", "azure").code == 2


def test_table_and_csv_show_what_aws_says_beside_every_row_that_needs_a_look(
    beside: Beside,
) -> None:
    rows = [
        ROW,
        {**ROW, "id": "bob", "principal": BOB},
        {**ROW, "id": "svc", "principal": "glue.amazonaws.com"},
    ]
    answers = {ANA: "allowed", BOB: "implicitDeny"}
    ended, _ = beside(answers, *rows, form="table")
    lines = ended.out.splitlines()
    assert (ended.code, lines[:6]) == (
        1,
        [
            "2 of 3 right",
            "  allow: 2 of 3",
            "against AWS, by the policies that the account has now: 2 rows asked",
            "  agree: 1, differ: 1, undecided: 0, not answered: 0",
            "  not asked, its caller is a service: 1 row",
            "",
        ],
    )
    assert [line.split()[:4] for line in lines[6:]] == [
        ["ID", "EXPECTED", "GOT", "AWS"],
        ["bob", "allow", "allow", "implicit_deny"],
        ["svc", "allow", "implicit_deny", "not"],
    ]

    ended, _ = beside(answers, *rows, form="csv")
    found = list(csv.DictReader(io.StringIO(ended.out)))
    assert [(row["id"], row["got"], row["aws"]) for row in found] == [
        ("bob", "allow", "implicit_deny"),
        ("svc", "implicit_deny", "not asked"),
    ]
    assert "2 rows asked" in ended.err


def test_without_the_option_nobody_is_asked_and_the_value_is_as_before(
    beside: Beside, wire: Wire
) -> None:
    ended = beside.run("verify", "decisions", beside.written(ROW), "--format", "json")

    assert (ended.code, json.loads(ended.out)) == (0, {"total": 1, "right": 1, "wrong": []})
    assert wire.log == []
