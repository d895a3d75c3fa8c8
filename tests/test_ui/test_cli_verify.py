"""`verify`: what it prints of a corpus, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from running import Run

DATA = Path(__file__).parents[1] / "data" / "aws"
DECISIONS = DATA / "decisions-benkehoe.jsonl"
LABS = DATA / "escalation-labs-dev.jsonl"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}  # fmt: skip
ROW: dict[str, Any] = {
    "id": "mine/1",
    "form": "concrete",
    "principal": "arn:aws:iam::111111111111:user/ana",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::claims/a",
    "resource_account": "111111111111",
    "context": {},
    "identity": [ALLOW],
    "expected": "allow",
    "scored": True,
}


def write(path: Path, *rows: object) -> Path:
    path.write_text(
        "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)
    )
    return path


def lab(name: str) -> dict[str, Any]:
    rows = (json.loads(line) for line in LABS.read_text().splitlines())
    return next(row for row in rows if name in row["id"])


def conditioned(operator: str, key: str, value: str, effect: str = "Allow") -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "s3:*", "Resource": "*", "Condition": {operator: {key: value}}}  # fmt: skip
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_the_measured_decisions_are_all_right(run: Run) -> None:
    ended = run("verify", "decisions", DECISIONS, "--format", "json")
    assert (ended.code, json.loads(ended.out)) == (0, {"total": 28, "right": 28, "wrong": []})


def test_the_table_counts_by_what_is_expected(run: Run) -> None:
    ended = run("verify", "decisions", DECISIONS)
    assert ended.out.splitlines()[:3] == [
        "28 of 28 right",
        "  allow: 15 of 15",
        "  implicit_deny: 13 of 13",
    ]


def test_a_wrong_row_is_told_with_our_reason(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "rows.jsonl", ROW, {**ROW, "id": "mine/2", "expected": "explicit_deny"})
    ended = run("verify", "decisions", file, "--format", "json")
    told = json.loads(ended.out)
    assert (ended.code, told["total"], told["right"]) == (1, 2, 1)
    (wrong,) = told["wrong"]
    assert set(wrong) == {"id", "expected", "got", "why"}
    assert (wrong["id"], wrong["expected"], wrong["got"]) == ("mine/2", "explicit_deny", "allow")
    assert "identity policy 1 statement 1" in wrong["why"]


def test_a_row_that_is_not_scored_is_run_and_not_counted(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "rows.jsonl", ROW, {**ROW, "expected": "conditional", "scored": False})
    ended = run("verify", "decisions", file)
    assert (ended.code, "1 row not scored: run, not counted" in ended.out) == (0, True)
    ended = run("verify", "decisions", file, "--format", "json")
    assert (json.loads(ended.out)["total"], "1 row not scored" in ended.err) == (1, True)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"identity": []}, "implicit_deny"),
        ({"session": {"Version": "2012-10-17", "Statement": []}}, "implicit_deny"),
        ({"boundaries": [ALLOW]}, "allow"),
        ({"boundaries": []}, "allow"),
        ({"scps": [[ALLOW], []]}, "implicit_deny"),
        ({"scps": [[ALLOW], [ALLOW]]}, "allow"),
        ({"rcps": [[]]}, "allow"),
        ({"endpoint": [ALLOW]}, "implicit_deny"),
        ({"principal": {"type": "Anonymous"}}, "implicit_deny"),
        ({"principal": "sagemaker.amazonaws.com"}, "implicit_deny"),
        ({"principal": "arn:aws:iam::111111111111:root"}, "allow"),
        ({"principal": "arn:aws:sts::111111111111:assumed-role/r/s"}, "allow"),
        ({"resource_account": "222222222222"}, "implicit_deny"),
        ({"identity": [conditioned("StringEquals", "aws:SourceVpc", "vpc-1")]}, "implicit_deny"),
        (
            {
                "identity": [conditioned("StringEquals", "aws:SourceVpc", "vpc-1")],
                "context": {"AWS:sourcevpc": "vpc-1"},
            },
            "allow",
        ),
        (
            {
                "identity": [conditioned("StringEquals", "aws:SourceVpc", "vpc-1")],
                "context_is_partial": True,
                "condition_keys": ["aws:sourceVpc"],
            },
            "conditional",
        ),
        (
            {"identity": [conditioned("StringEquals", "aws:PrincipalTag/team", "claims")]},
            "implicit_deny",
        ),
        (
            {
                "identity": [conditioned("StringEquals", "aws:PrincipalTag/team", "claims")],
                "context_is_partial": True,
            },
            "conditional",
        ),
        (
            {
                "identity": [ALLOW, conditioned("Bool", "aws:MultiFactorAuthPresent", "false", "Deny")],
                "context": {"aws:MultiFactorAuthPresent": False},
            },
            "explicit_deny",
        ),
        ({"form": "existential", "resource": "arn:aws:s3:::*/*"}, "allow"),
        (
            {
                "wildcard_only_action": True,
                "action": "s3:ListAllMyBuckets",
                "resource": "*",
                "identity": [
                    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::*"}]}
                ],
            },
            "implicit_deny",
        ),
    ],
)  # fmt: skip
def test_every_field_of_a_row_counts(
    run: Run, tmp_path: Path, more: dict[str, Any], expected: str
) -> None:
    file = write(tmp_path / "rows.jsonl", {**ROW, **more, "expected": expected})
    ended = run("verify", "decisions", file, "--format", "json")
    assert json.loads(ended.out)["wrong"] == []


def test_a_conditional_answer_must_name_the_keys(run: Run, tmp_path: Path) -> None:
    row = {
        **ROW,
        "identity": [conditioned("StringEquals", "aws:SourceVpc", "vpc-1")],
        "context_is_partial": True,
        "condition_keys": ["aws:SourceIp"],
        "expected": "conditional",
    }
    ended = run("verify", "decisions", write(tmp_path / "rows.jsonl", row), "--format", "json")
    (wrong,) = json.loads(ended.out)["wrong"]
    assert (ended.code, wrong["got"]) == (1, "conditional")
    assert wrong["why"].startswith("does not name aws:SourceIp; depends on aws:SourceVpc")


def test_labs_are_counted_and_so_are_labels(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "labs.jsonl", lab("effective-permissions"), lab("role-chain-to-s3"))
    ended = run("verify", "escalations", file)
    assert (ended.code, ended.out.splitlines()) == (
        0,
        [
            "1 of 1 right",
            "  escalates: 1 of 1",
            "  labels of administrators: 39 of 39",
            "1 row not scored: run, not counted",
        ],
    )


def test_a_wrong_label_makes_its_row_wrong(run: Run, tmp_path: Path) -> None:
    row = lab("effective-permissions")
    arn, label = next(iter(row["admin_labels"].items()))
    row["admin_labels"][arn] = "not-admin" if label == "admin" else "admin"
    ended = run("verify", "escalations", write(tmp_path / "l.jsonl", row), "--format", "json")
    told = json.loads(ended.out)
    assert (ended.code, told["total"], told["right"]) == (1, 1, 0)
    assert told["wrong"][0]["why"].endswith(f"labelled otherwise: {arn}")


def test_a_lab_that_should_not_escalate_and_does_is_wrong(run: Run, tmp_path: Path) -> None:
    row = {**lab("iam-007"), "expect": "not"}
    ended = run("verify", "escalations", write(tmp_path / "l.jsonl", row), "--format", "json")
    (wrong,) = json.loads(ended.out)["wrong"]
    assert (wrong["expected"], wrong["got"]) == ("not", "escalates")
    assert wrong["why"].startswith("definite: by iam-007 to ")


@pytest.mark.parametrize(
    ("part", "text", "said"),
    [
        ("decisions", "", "holds no row"),
        ("decisions", "{not json", "line 1: this is no JSON"),
        ("decisions", "[1]", "line 1: this is no JSON object"),
        ("decisions", "\n{}", "line 2: the row has no `id`"),
        ("decisions", '{"id": "x", "expected": "maybe"}', "`expected` of `x` is none of allow"),
        ("decisions", '{"id": "x", "expected": "allow"}', "line 1: `x` has no 'resource'"),
        ("escalations", '{"id": "x", "expect": "escalates"}', "line 1: `x` has no 'gaad'"),
        ("escalations", '{"id": "x", "expect": "not", "gaad": 3}', "line 1: `x` cannot be read"),
        ("escalations", '{"id": "x", "expect": "often"}', "`expect` of `x` is none of escalates, not"),
    ],
)  # fmt: skip
def test_unreadable_input_is_told_in_one_line(
    run: Run, tmp_path: Path, part: str, text: str, said: str
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(text)
    ended = run("verify", part, file)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
    assert said in ended.err
    assert str(file) in ended.err
    assert ";" in ended.err  # and what to do


def test_a_missing_file_and_bytes_that_are_no_text(run: Run, tmp_path: Path) -> None:
    assert run("verify", "decisions", tmp_path / "none.jsonl").code == 2
    assert run("verify", "decisions", tmp_path).code == 2
    odd = tmp_path / "odd.jsonl"
    odd.write_bytes(b'{"id": "x"\n\xff\xfe')
    ended = run("verify", "decisions", odd)
    assert (ended.code, "line 2: this is no UTF-8" in ended.err) == (2, True)


def test_another_part_is_wrong_use(run: Run) -> None:
    assert run("verify", "everything", DECISIONS).code == 2
