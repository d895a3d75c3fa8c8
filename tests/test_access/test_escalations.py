"""The escalation corpus: every scored lab is found by its technique, and not once one thing about it is broken."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from access.aws.technique_names import aliases, steps_of
from access.technique import Ask, catalogue
from graph.model import NodeId
from ingest.files.escalations import facts_of
from ui.verifying import Verdict, _walked

Row: TypeAlias = dict[str, Any]
LABS = Path(__file__).parents[1] / "data" / "aws" / "escalation-labs-dev.jsonl"
ROWS: list[Row] = [json.loads(line) for line in LABS.read_text().splitlines()]
SCORED = [row for row in ROWS if row["scored"]]
NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
ROWS_OF = {row.id: row for row in catalogue("aws").techniques}
CAPABLE = {row.ref: row for row in catalogue("aws").capabilities if row.ref}
# By trust alone: no permission of the actor is needed where the trust names it.
BROKEN = [row for row in SCORED if row["technique"] and row["technique"] != "sts-001"]
PASSING = [row for row in BROKEN if row["technique"] in ROWS_OF and ROWS_OF[row["technique"]].passes and row["technique"] not in aliases()]  # fmt: skip


def short(row: Row) -> str:
    return "/".join(str(row["id"]).split("/")[-2:])


def walked(row: Row) -> Verdict:
    return _walked(row, NOW)


def needed(row: Row) -> list[str]:
    """The actions that our technique asks for and that nothing else can stand in for."""
    name = aliases().get(row["technique"], row["technique"])
    if name in CAPABLE:
        return [CAPABLE[name].action]
    parts = [need.any[0] for need in ROWS_OF[name].needs if len(need.any) == 1]
    asked = [part.action for part in parts if isinstance(part, Ask) and not part.trust]
    return list(dict.fromkeys(action for action in asked if action != "sts:AssumeRole"))


def identities(row: Row) -> Iterator[tuple[str, dict[str, Any]]]:
    for details in row["gaad"].values():
        for name in ("UserDetailList", "RoleDetailList"):
            for one in details[name]:
                yield name, one


def documents(row: Row) -> Iterator[dict[str, Any]]:
    """Every identity policy of the row."""
    for details in row["gaad"].values():
        for name in ("UserDetailList", "RoleDetailList", "GroupDetailList"):
            for one in details[name]:
                for kind in ("UserPolicyList", "RolePolicyList", "GroupPolicyList"):
                    yield from (policy["PolicyDocument"] for policy in one.get(kind, ()))
        for policy in details["Policies"]:
            yield from (version["Document"] for version in policy["PolicyVersionList"])


def actors(row: Row) -> set[str]:
    """The names of the identities that the attacker acts as: the start, and the role that it begins with."""
    names = {str(one["principal"]).rpartition("/")[2] for one in row["required"]}
    starting = {
        name
        for _kind, one in identities(row)
        if "starting" in (name := str(one["Arn"]).rpartition("/")[2])
    }
    return {*names, *starting, str(row["start"]).rpartition("/")[2]}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def without(row: Row, action: str) -> Row:
    """The row with the action taken out of every statement that names it."""
    broken = copy.deepcopy(row)
    for document in documents(broken):
        kept = []
        for statement in listed(document["Statement"]):
            if "Action" in statement:
                left = [one for one in listed(statement["Action"]) if one != action]
                if left:
                    kept.append({**statement, "Action": left})
            else:
                kept.append(statement)
        document["Statement"] = kept
    return broken


def changed(row: Row, change: Callable[[str, dict[str, Any]], None]) -> Row:
    """The row with the change made to every identity that acts in it."""
    broken = copy.deepcopy(row)
    acting = actors(row)
    for kind, one in identities(broken):
        if str(one["Arn"]).rpartition("/")[2] in acting:
            change(kind, one)
    return broken


def denied(row: Row, action: str) -> Row:
    def change(kind: str, one: dict[str, Any]) -> None:
        statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
        policy = {"PolicyName": "guard", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}  # fmt: skip
        name = "UserPolicyList" if kind == "UserDetailList" else "RolePolicyList"
        one[name] = [*one.get(name, ()), policy]

    return changed(row, change)


def bounded(row: Row) -> Row:
    arn = "arn:aws:iam::111111111111:policy/edge"
    statement = {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": {"Version": "2012-10-17", "Statement": [statement]}}  # fmt: skip
    broken = changed(
        row,
        lambda _kind, one: one.update(
            PermissionsBoundary={
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": arn,
            }
        ),
    )
    details = next(iter(broken["gaad"].values()))
    details["Policies"].append(
        {"Arn": arn, "PolicyName": "edge", "DefaultVersionId": "v1", "PolicyVersionList": [version]}
    )
    return broken


@pytest.mark.parametrize("row", SCORED, ids=short)
def test_every_scored_lab_is_found_by_its_technique(row: Row) -> None:
    found = walked(row)
    assert (found.got, found.right) == ("escalates", True), found.why


@pytest.mark.parametrize("row", [row for row in ROWS if not row["scored"]], ids=short)
def test_a_lab_that_is_not_scored_is_no_fault(row: Row) -> None:
    assert walked(row).scored is False


def test_the_labels_of_administrators_are_ours() -> None:
    (row,) = (row for row in SCORED if row.get("admin_labels"))
    assert walked(row).labels == (39, 39)


@pytest.mark.parametrize("row", BROKEN, ids=short)
def test_each_permission_of_the_technique_is_needed(row: Row) -> None:
    for action in needed(row):
        assert walked(without(row, action)).got == "not", action


@pytest.mark.parametrize("row", BROKEN, ids=short)
def test_a_deny_in_another_policy_stops_it(row: Row) -> None:
    for action in needed(row):
        assert walked(denied(row, action)).got == "not", action


@pytest.mark.parametrize("row", BROKEN, ids=short)
def test_a_boundary_around_those_who_act_stops_it(row: Row) -> None:
    assert walked(bounded(row)).got == "not"


@pytest.mark.parametrize("row", PASSING, ids=short)
def test_a_role_that_trusts_another_service_is_not_passed(row: Row) -> None:
    broken = copy.deepcopy(row)
    for kind, one in identities(broken):
        if kind == "RoleDetailList":
            for statement in listed(one["AssumeRolePolicyDocument"]["Statement"]):
                if "Service" in statement["Principal"]:
                    statement["Principal"]["Service"] = "backup.amazonaws.com"
    assert walked(broken).got == "not"


@pytest.mark.parametrize("row", PASSING, ids=short)
def test_the_right_to_pass_another_role_does_not_help(row: Row) -> None:
    broken = copy.deepcopy(row)
    for document in documents(broken):
        for statement in listed(document["Statement"]):
            if "iam:PassRole" in listed(statement.get("Action")):
                statement["Resource"] = "arn:aws:iam::111111111111:role/some-other-role"
    assert walked(broken).got == "not"


def lab(technique: str) -> Row:
    return copy.deepcopy(next(row for row in SCORED if row["technique"] == technique))


def test_an_unbounded_target_is_an_administrator_and_a_bounded_one_is_none() -> None:
    row = lab("iam-002")
    target = str(row["target"]["arn"]).rpartition("/")[2]
    row["required"] = [{"principal": target, "action": "iam:CreateAccessKey", "resource": "*"}]
    row["start"], start = f"arn:aws:iam::111111111111:user/{target}", row["start"]
    broken = bounded(row)
    broken["start"] = start
    assert walked(broken).got == "not"


def test_another_way_does_not_count_where_the_technique_is_named() -> None:
    row = lab("iam-002")
    row["technique"], row["required"] = "iam-004", []
    found = walked(row)
    assert found.got == "not"
    assert found.why.startswith("not by iam-004, but definite: by iam:CreateAccessKey")


def test_a_full_set_of_keys_is_no_room_for_another() -> None:
    row = lab("iam-002")
    for held in row["credentials"].values():
        held["access_keys"] = 2
    assert walked(row).got == "not"


def test_a_workload_without_a_role_is_no_way() -> None:
    for technique in ("bedrock-002", "glue-002", "cloudformation-002", "codebuild-003", "ssm-001"):
        row = lab(technique)
        for one in row["resources"]:
            for field in ("role_arn", "iam_role_arn", "service_role", "execution_role_arn", "iam_instance_profile"):  # fmt: skip
                one.pop(field, None)
        assert walked(row).got == "not", technique


def test_an_unresolved_role_is_an_unknown_one() -> None:
    row = lab("glue-002")
    for one in row["resources"]:
        if "role_arn" in one:
            one["role_arn"] = "<data.aws_iam_role.terraform_role.arn>"
    assert walked(row).got == "not"


def test_an_id_of_the_corpus_stands_for_ours() -> None:
    wanted = frozenset({"ec2-instance-connect:SendSSHPublicKey"})
    assert steps_of("ec2-003", wanted) == wanted
    assert steps_of("sts-001", ["sts:AssumeRole"]) == {"trust"}


def test_an_id_that_the_corpus_gave_to_something_else_goes_by_its_actions() -> None:
    required = ["iam:PassRole", "ec2:RequestSpotInstances"]
    assert steps_of("ec2-004", required) == {"ec2-003"}
    assert steps_of("no-such-id", ["iam:GetUser"]) == frozenset()


def test_a_workload_is_known_by_the_name_that_policies_give_it() -> None:
    row = next(row for row in ROWS if "lambda-invoke-update" in row["id"])
    ids = {node.id for node in facts_of(row).nodes if node.kind == "Function"}
    assert ids == {
        NodeId("arn:aws:lambda:us-west-2:111111111111:function:pl-prod-hello-world-111111111111-sfx01")
    }  # fmt: skip
